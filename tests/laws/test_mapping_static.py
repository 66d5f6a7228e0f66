"""Static totality: what passes form and pre-flight gives a payload that its target takes, proven table by table."""

from __future__ import annotations

import time
from collections import Counter
from pathlib import Path

import pytest

from adapters.discharge import mapping as discharge
from adapters.municipal import mapping as municipal
from adapters.national import mapping as national
from adapters.national.mapping.rows import Options
from adapters.radiation import mapping as radiation
from bridge.catalogue.catalogue import Catalogue
from bridge.contract.manifest import read_manifest
from bridge.kit.exchange.rules import Rules
from bridge.kit.mapping.compiled import CompiledMapping
from bridge.kit.mapping.facts import BODY, NAME, source_shape
from bridge.kit.mapping.fits import Measure, gaps
from bridge.kit.mapping.images import within
from bridge.kit.mapping.proof import Finding
from bridge.kit.mapping.shapes import FORMATS, Choice, Text, part
from bridge.testing.proving import proven
from bridge.testing.samples import people

CATALOGUE = Catalogue(Path("schemas"))
SYSTEMS = {
    "discharge": (discharge, discharge.mappings),
    "municipal": (municipal, municipal.mappings),
    "national": (national, lambda: national.mappings(Options(), Rules())),
    "radiation": (radiation, radiation.mappings),
}
NAMES = [
    f"{target} {matter} {kind}"
    for target, (_, mappings) in SYSTEMS.items()
    for matter, kind, version in mappings()
    if version is None
]

KNOWN_HOLES: set[tuple[str, str, str]] = set()
"""Holes that are known and not yet mended (target, path, why): this set only ever shrinks."""

UNPROVEN: set[tuple[str, str]] = set()
"""What is not decided statically (target, path), each with its reason: boundary values cover it."""


def found(name: str) -> tuple[Finding, ...]:
    """What the static proof says of one mapping."""
    target, matter, kind = name.split()
    module, mappings = SYSTEMS[target]
    mapping = next(
        one for (of, what, version), one in mappings().items() if (of, what, version) == (matter, kind, None)
    )
    assert isinstance(mapping, CompiledMapping)
    manifest = read_manifest(Path("adapters") / target / "manifest.toml")
    waits = mapping.missing({"data": {}, "materials": [], "facts": {}})
    return proven(CATALOGUE, manifest, mapping.table, module.schema(mapping.table.target_schema), waits)


@pytest.mark.parametrize("name", NAMES)
def test_every_entry_that_passes_makes_a_valid_payload(name):
    """No hole; what is not decided is in the list above, with its reason."""
    target = name.split()[0]
    holes = [one for one in found(name) if one.kind == "hole" and (target, one.path, one.why) not in KNOWN_HOLES]
    assert holes == []
    assert {(target, one.path) for one in found(name) if one.kind == "unproven"} <= UNPROVEN


def test_the_lists_hold_nothing_that_is_mended():
    """What is proven now leaves the lists of holes and of what is unproven."""
    everything = [(name.split()[0], one) for name in NAMES for one in found(name)]
    assert {(target, one.path) for target, one in everything if one.kind == "unproven"} == UNPROVEN
    assert {(target, one.path, one.why) for target, one in everything if one.kind == "hole"} >= KNOWN_HOLES


def test_what_others_said_is_the_only_thing_that_may_not_fit():
    """A refusal that nobody can prevent at entry is about words or numbers of another system, or a withdrawal."""
    said = {one.source for name in NAMES for one in found(name) if one.kind == "said"}
    assert all(
        one.startswith(("/facts/case_number", "/facts/licence", "/facts/st", "/facts/withdrawal")) for one in said
    )


def test_rows_that_are_never_written_are_known():
    """特别程序 at 国家政务服务平台 waits for its end, which no system gives yet; no other row is dead."""
    dead = Counter(
        (name.split()[0], one.path.split(".")[0]) for name in NAMES for one in found(name) if one.kind == "never"
    )
    assert set(dead) == {("national", "special")}


def test_it_is_quick():
    """All tables in a few seconds, so that an adapter's author runs it at every change."""
    began = time.perf_counter()
    for name in NAMES:
        found(name)
    assert time.perf_counter() - began < 10


def test_every_system_is_looked_at():
    """Each adapter with tables is in the laws above."""
    folders = {path.parent.name for path in Path("adapters").glob("*/manifest.toml")}
    assert folders - {"demo", "_template"} == set(SYSTEMS)


# -- what the proof counts on


def test_registered_items_are_what_the_proof_counts_on():
    """Each item and body in our registers has the codes, units and lengths of `facts`."""
    matter = CATALOGUE.matter("discharge-permit")
    shape = part(part(source_shape(CATALOGUE.form(matter.name, 1).schema, ["new"]), "facts"), "item")
    items = [item.facts for several in CATALOGUE._items.values() for item in several]
    assert len(items) > 100
    for facts in items:
        for name, value in facts.items():
            wanted = part(shape, name)
            assert list(_misfits(value, wanted)) == [], name
    assert all(within(Choice((one.name,)), BODY.patterns[0]) for one in CATALOGUE._bodies)
    assert all(within(Choice((one["task_name"],)), NAME.patterns[0]) for one in items)


def _misfits(value, shape):
    """Why a value is not of a shape."""
    if isinstance(shape, Choice):
        return [] if value in shape.values else ["not a choice"]
    schema = {"pattern": shape.patterns[0]} if isinstance(shape, Text) and shape.patterns else {}
    bounds = {} if isinstance(shape, Text) else {"minimum": shape.least, "maximum": shape.most}
    return gaps(Choice((value,)), {**schema, **bounds}, {}, Measure())


def test_formats_let_no_more_through_than_the_proof_counts_on():
    """The pattern of each format is an upper bound of its check: texts at its edge that the check takes are in it."""
    uscc = people.uscc("120101", 1, 1)
    assert set(CATALOGUE._formats) == set(FORMATS)
    samples = {
        "decimal-lon": ["0", "0.00001", "9.9", "10", "99.99999", "100", "179.99999", "180", "180.00000", "1"],
        "decimal-lat": ["0", "9", "10", "89.99999", "90", "90.0"],
        "date": ["2026-02-28", "2024-02-29", "0001-01-01", "9999-12-31"],
        "date-time": ["2026-11-23T09:30:00+08:00", "2026-11-23T09:30:00.123456Z", "0001-01-01T00:00:00-12:00"],
        "phone": ["13800000000", "022-1234567", "0755-12345678-123456"],
        "email": ["a@b.c", "%+-_@a-.b-"],
        "zip": ["000000", "300000"],
        "mobile": ["13000000000", "19999999999"],
        "region": ["120000", "810000"],
        "district": ["120116", "120101"],
        "uscc": [uscc],
        "permit-number": [f"{uscc}001P"],
        "id-card": ["11010519491231002X"],
    }
    assert set(samples) == set(FORMATS)
    for name, texts in samples.items():
        taken = [one for one in texts if CATALOGUE._formats[name].check(one)]
        assert taken, name
        assert all(within(Choice((one,)), FORMATS[name].patterns[0]) for one in taken), name
