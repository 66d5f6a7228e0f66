"""Both validators of every form agree, and no document makes a check fall over: samples of all matters, damaged."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Iterator
from functools import cache
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.catalogue.catalogue import Catalogue
from bridge.catalogue.formats import formats
from bridge.catalogue.forms import Form
from bridge.errors import Problem
from bridge.testing.samples import generate
from bridge.testing.values import extremes

from .conftest import ROOT, FrozenClock, group, text
from .test_forms import ODD, places

CATALOGUE = Catalogue(ROOT, FrozenClock())
KINDS = [(matter.name, kind.id) for matter in CATALOGUE.matters() for kind in matter.types]
MATTERS = sorted({name for name, _ in KINDS})
SPOILERS = (
    lambda text: text.lower(),
    lambda text: text[:-1],
    lambda text: text + text,
    lambda text: f"{text[:1]} {text[1:]}",
    lambda text: f"{text}\n",
    lambda text: text.replace("0", "O"),
    lambda text: text.replace("0", "\N{FULLWIDTH DIGIT ZERO}"),
    lambda text: text.replace(".", ","),
    lambda text: text.replace("-", "/"),
    lambda text: text.replace("[", "(").replace("]", ")"),
    lambda text: f"-{text}",
    lambda text: f"0{text}",
    lambda text: f"{text}kg",
    lambda text: text * 200,
    lambda text: f"{text}\N{GRINNING FACE}\N{CJK UNIFIED IDEOGRAPH-20BB7}",
)
"""What turns a right text into an odd one."""


@cache
def samples(matter: str, kind: str) -> list[dict[str, Any]]:
    """Valid documents; never to be changed."""
    return list(generate(matter, type=kind, seed=23, count=6))


def spoil(value: Any, dice: random.Random) -> Any:
    """Another value in its place: of any type, out of range, or nearly right."""
    if isinstance(value, str) and dice.random() < 0.5:
        return dice.choice(SPOILERS)(value)
    if isinstance(value, int) and dice.random() < 0.5:
        return dice.choice((-1, 0, 10**6, 2**63, -(2**63) - 1))
    return copy.deepcopy(dice.choice(ODD))


def damage(document: Any, dice: random.Random) -> Any:
    """A copy with one to four parts spoilt, gone, doubled, added, or moved to where they do not belong."""
    made = copy.deepcopy(document)
    for _ in range(dice.randint(1, 4)):
        way = dice.choice([one for one in places(made) if one] or [()])
        if not way:
            return made
        *before, last = way
        holder = made
        for step in before:
            holder = holder[step]
        match dice.randint(0, 5):
            case 0:
                del holder[last]
            case 1 if isinstance(holder, list):
                holder.append(copy.deepcopy(dice.choice(holder)))
            case 1:
                holder[dice.choice(["extra", "nam", "a/b", "~", "", "\ud800", "x" * 300])] = holder[last]
            case 2 if isinstance(holder[last], str | int):
                holder[last] = {"a": holder[last]} if dice.random() < 0.5 else [holder[last]]
            case _:
                holder[last] = spoil(holder[last], dice)
    return made


def is_told_well(problem: Problem) -> bool:
    """Place, label, words and cure are there, in both languages, and can be sent."""
    words = (problem.label, problem.label_en, problem.message, problem.message_en, problem.remedy, problem.remedy_en)
    return all(words) and bool(problem.code) and bool(orjson.dumps([*words, problem.pointer]))


@pytest.mark.parametrize("matter", MATTERS)
@settings(max_examples=150, deadline=None)
@given(seed=st.integers(0, 1 << 32))
def test_both_validators_of_every_form_agree(matter: str, seed: int) -> None:
    """The fast one says yes exactly where the explaining one has nothing to say, whatever has been done to a sample."""
    dice = random.Random(seed)
    kind = dice.choice([kind for name, kind in KINDS if name == matter])
    data = damage(dice.choice(samples(matter, kind))["data"], dice)
    form = CATALOGUE.form(matter, 1)
    assert form.is_valid(data) == (not list(form._failures(data))) == (not form.problems(data))


def nodes(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Every list and leaf of a form's schema."""
    if node["type"] == "object":
        for part in node["properties"].values():
            yield from nodes(part)
        return
    yield node
    if node["type"] == "array":
        yield from nodes(node["items"])


def edges(node: dict[str, Any]) -> list[Any]:
    """Values of a list or leaf at its bounds and one beyond."""
    if node["type"] == "array":
        counts = {node.get("minItems", 0), node["maxItems"]}
        return [
            [f"{place}" for place in range(count + more)]
            for count in counts
            for more in (-1, 0, 1)
            if count + more >= 0
        ]
    values = extremes(node)
    texts = [one for one in values if isinstance(one, str)]
    whole = [one for one in values if type(one) is int]
    return [
        *values,
        *(one + one[-1:] for one in texts),
        *(one[:-1] for one in texts),
        *(one + 1 for one in whole),
        *(one - 1 for one in whole),
    ]


@pytest.mark.parametrize("matter", MATTERS)
def test_both_validators_agree_at_every_bound_of_every_box(matter: str) -> None:
    """Each list and leaf of each form by itself: at its least and greatest, and one beyond."""
    known = formats({"120101": None})
    seen: set[str] = set()
    for node in nodes(dict(CATALOGUE.form(matter, 1).schema)):
        if node["type"] == "array":
            node = {**node, "items": text("one", maxLength=9)}  # noqa: PLW2901 - its elements are tried by themselves
        bounds = json.dumps({name: one for name, one in node.items() if name not in {"title", "description", "x-ui"}})
        if bounds in seen:
            continue
        seen.add(bounds)
        form = Form(group("form", {"a": node}), known)
        for value in edges(node):
            assert form.is_valid({"a": value}) == (not list(form._failures({"a": value}))), bounds


@pytest.mark.parametrize("matter", MATTERS)
@settings(max_examples=150, deadline=None)
@given(seed=st.integers(0, 1 << 32))
def test_a_check_never_falls_over_and_always_tells_well(matter: str, seed: int) -> None:
    """A damaged document gives problems in words, never an exception; one that has errors has a refusal."""
    dice = random.Random(seed)
    kind = dice.choice([kind for name, kind in KINDS if name == matter])
    whole = dice.choice(samples(matter, kind))
    document = damage(whole, dice) if dice.random() < 0.5 else {**whole, "data": damage(whole["data"], dice)}
    checked = CATALOGUE.check(document, paths_allowed=dice.random() < 0.5)
    assert all(is_told_well(one) for one in checked.problems)
    assert checked.ok == (not [one for one in checked.problems if one.severity == "error"])


@pytest.mark.parametrize("odd", [1.5, " ", "a\x00b", {"b": 1.5}, [" x"]])
@pytest.mark.parametrize("where", ["", "applicant", "change"])
def test_a_name_that_no_text_can_hold_is_shown_without_it(where: str, odd: Any) -> None:
    """A lone surrogate in the name of a box may stand above any value; what is told of it can be sent."""
    document = copy.deepcopy(samples("discharge-permit", "new")[0])
    holder = document["data"].setdefault(where, {}) if where else document["data"]
    holder["\ud800"] = odd
    checked = CATALOGUE.check(document, paths_allowed=False)
    assert not checked.ok
    assert all(is_told_well(one) for one in checked.problems)


@pytest.mark.parametrize("matter", MATTERS)
@pytest.mark.parametrize("box", ["/data", "/data/applicant", "/data/site", "/data/contacts", "/materials"])
def test_no_odd_value_of_a_whole_part_falls_over(matter: str, box: str) -> None:
    """Rules look at documents whose parts are of any type."""
    kind = next(kind for name, kind in KINDS if name == matter)
    document = copy.deepcopy(samples(matter, kind)[0])
    *_, last = box.split("/")
    holder = document if box.count("/") == 1 else document["data"]
    for value in ODD:
        holder[last] = value
        assert all(is_told_well(one) for one in CATALOGUE.check(document).problems), value


@pytest.mark.parametrize(("matter", "kind"), KINDS, ids=["-".join(one) for one in KINDS])
def test_what_the_product_gives_as_examples_it_takes(matter: str, kind: str) -> None:
    """200 seeds of every matter and type: no error and no warning."""
    for seed in range(200):
        for document in generate(matter, type=kind, seed=seed):
            assert CATALOGUE.check(document).problems == (), seed
