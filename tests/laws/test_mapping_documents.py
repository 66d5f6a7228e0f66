"""Boundary values and random documents: what passes form and pre-flight is written, valid, and read back the same."""

from __future__ import annotations

import random
from collections.abc import Collection, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from adapters.discharge import mapping as discharge
from adapters.municipal import mapping as municipal
from adapters.national import mapping as national
from adapters.national.mapping.rows import Options
from adapters.radiation import mapping as radiation
from bridge.catalogue.catalogue import Catalogue
from bridge.errors import NotFound
from bridge.kit.exchange.rules import Rules
from bridge.kit.mapping.compiled import CompiledMapping
from bridge.kit.mapping.trips import differences
from bridge.model.delivery import Kind
from bridge.model.pointer import join
from bridge.testing.proving import told_states
from bridge.testing.samples import generate
from bridge.testing.sources import source_of
from bridge.testing.variations import Steps, edges, varied

CATALOGUE = Catalogue(Path("schemas"))
MATTERS = [one.name for one in CATALOGUE.matters()]
TYPES = [(matter, one.id) for matter in MATTERS for one in CATALOGUE.matter(matter).types]
SAMPLES = 8
LINKED = ("/id_no", "/outlet_no", "_outlets/*/no", "/mf_no", "/sites/*", "/work_site", "/offsite/to", "/done_on")
"""Boxes that other boxes must name or fit, so that none of them can be changed alone."""
EMPTY: dict[str, Any] = {"data": {}, "materials": [], "facts": {}}
ORDINARY, MANY = 200, 10_000
SEED = 20261123


@cache
def mappings(matter: str) -> list[tuple[str, Kind, CompiledMapping]]:
    """Every mapping of a matter, with its target and kind."""
    systems = {
        "discharge": discharge.mappings(),
        "municipal": municipal.mappings(),
        "national": national.mappings(Options(), Rules()),
        "radiation": radiation.mappings(),
    }
    return [
        (target, kind, mapping)
        for target, made in systems.items()
        for (of, kind, version), mapping in made.items()
        if of == matter and version is None
    ]


def sources(
    document: dict[str, Any], dice: random.Random | None, kinds: Collection[Kind]
) -> Iterator[tuple[str, Kind, CompiledMapping, dict[str, Any]]]:
    """What each mapping of the document's matter is given: once, or once for each state that it may tell of."""
    matter = CATALOGUE.matter(document["matter"])
    for target, kind, mapping in mappings(matter.name):
        if kind not in kinds:
            continue
        waits = mapping.missing(EMPTY)
        of_steps = kind in {Kind.PROGRESS, Kind.DECISION, Kind.WITHDRAW}
        states = told_states(matter, target, kind) if of_steps else [None]
        for state in states if dice is None or not of_steps else [dice.choice(states)] if states else []:
            revision = 2 if kind is Kind.AMEND else 1
            waited = () if of_steps else waits
            yield (
                target,
                kind,
                mapping,
                source_of(CATALOGUE, document, waits=waited, state=state, revision=revision, dice=dice),
            )


def held(document: dict[str, Any], dice: random.Random | None = None, kinds: Collection[Kind] = tuple(Kind)) -> int:
    """How many payloads of a document were written; each must be valid and read back the same."""
    written = 0
    try:
        given = list(sources(document, dice, kinds))
    except NotFound:  # no competent body for this place: it is not taken in
        return 0
    for target, kind, mapping, source in given:
        if mapping.preflight(source):
            continue
        assert list(mapping.missing(source)) == [], (target, kind)
        wrong = differences(mapping, source)  # writes, and raises Refused where the payload is not valid
        assert wrong == [], (target, kind, source["facts"].get("step", {}).get("state"))
        assert mapping.check(mapping.write(source)) == []
        written += 1
    return written


@pytest.mark.parametrize(("matter", "type_"), TYPES)
def test_samples_go_there_and_back(matter, type_):
    """Every kind of delivery of every type, for each state that may be told."""
    for document in generate(matter, type=type_, seed=SEED, count=10):
        assert held(document) >= len(mappings(matter)) - 1


@pytest.mark.parametrize("matter", MATTERS)
def test_extreme_values_are_taken_or_found_in_advance(matter):
    """One box at a time: as long as it may be in rare characters, the largest number, each choice, each list full.

    Only the application itself is made of it: what is told later has nothing of the form.
    """
    schema = CATALOGUE.form(matter, CATALOGUE.matter(matter).form).schema
    taken: set[Steps] = set()
    for type_ in CATALOGUE.matter(matter).types:
        for document in generate(matter, type=type_.id, seed=SEED, count=SAMPLES):
            for at, data in edges(schema, document["data"], frozenset(taken)):
                one = {**document, "data": data}
                if CATALOGUE.check(one).ok and held(one, random.Random(str(at)), {Kind.APPLY}):
                    taken.add(at)
    reached = {f"/data{join(*('*' if isinstance(step, int) else step for step in at))}" for at in taken}
    leaves = CATALOGUE.leaves(matter, CATALOGUE.matter(matter).form)
    left = [leaf for leaf in leaves if not {leaf, leaf.removesuffix("/*")} & reached and not leaf.endswith(LINKED)]
    assert left == []


def run(matter: str, count: int, seed: int) -> tuple[int, int]:
    """Random documents of all types of a matter; how many passed the form, and how many payloads were written."""
    schema = CATALOGUE.form(matter, CATALOGUE.matter(matter).form).schema
    types = [one.id for one in CATALOGUE.matter(matter).types]
    passed = written = 0
    for number in range(count * 4):
        dice = random.Random(f"{seed} {number}")
        sample = next(generate(matter, type=dice.choice(types), seed=dice.randrange(10_000)))
        document = {**sample, "data": varied(schema, sample["data"], dice)}
        if not CATALOGUE.check(document).ok:
            continue
        passed += 1
        try:
            written += held(document, dice)
        except Exception as exc:
            raise AssertionError(f"{matter}: seed {seed}, document {number}") from exc
        if passed == count:
            break
    return passed, written


@pytest.mark.parametrize("matter", MATTERS)
def test_random_documents_go_there_and_back(matter):
    """Some hundreds in the ordinary run, always the same."""
    passed, written = run(matter, ORDINARY, SEED)
    assert passed == ORDINARY
    assert written > passed


@pytest.mark.long
@pytest.mark.parametrize("matter", MATTERS)
def test_ten_thousand_random_documents_go_there_and_back(matter):
    """No exception, no invalid payload, nothing read back differently; a failure names the run's own seed."""
    seed = random.SystemRandom().randrange(2**32)
    passed, written = run(matter, MANY, seed)
    assert passed == MANY
    assert written > passed
