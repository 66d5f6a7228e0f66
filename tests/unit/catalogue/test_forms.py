from __future__ import annotations

import copy
import random
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.catalogue.catalogue import Catalogue
from bridge.catalogue.formats import formats
from bridge.catalogue.forms import MOST, Form
from bridge.catalogue.tidy import is_tidy, untidy
from bridge.testing.samples import generate

from .conftest import FORM, ROOT, group, rows, text

ODD: list[Any] = [
    None,
    True,
    False,
    0,
    1,
    -1,
    10,
    1.0,
    1.5,
    2**63,
    float("nan"),
    "",
    " ",
    "x",
    " x",
    "x\n",
    "１２３",
    "12\n",
    "DA001\n",
    "DА001",
    "a\u200bb",
    "\u202eabc",
    "\ud800",
    "\x00",
    "x" * 300,
    "2026-02-30",
    "2026-02-28",
    "120107",
    "120101",
    "RED",
    "red",
    "001",
    [],
    {},
    ["a", "a"],
    [1, True],
    [[]],
    {"no": "H01"},
    {"x": 1},
]


def small() -> Form:
    """The form of the tests."""
    return Form(FORM, formats({"120101": None, "120107": "120101"}))


def places(value: Any, way: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Ways to every place of a value."""
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [way, *(one for name, part in parts for one in places(part, (*way, name)))]


def mutate(data: Any, dice: random.Random) -> Any:
    """The data with one to three odd values, missing or additional parts."""
    data = copy.deepcopy(data)
    for _ in range(dice.randint(1, 3)):
        way = dice.choice(places(data))
        if not way:
            continue
        holder = data
        for step in way[:-1]:
            holder = holder[step]
        match dice.randint(0, 3):
            case 0:
                del holder[way[-1]]
            case 1 if isinstance(holder, list):
                holder.append(copy.deepcopy(dice.choice(holder)))
            case 1:
                holder[dice.choice(["extra", "nam", "a/b", "~"])] = 1
            case _:
                holder[way[-1]] = copy.deepcopy(dice.choice(ODD))
    return data


@settings(max_examples=300, deadline=None)
@given(st.integers(0, 1 << 32))
def test_both_validators_agree_on_the_small_form(seed: int) -> None:
    """The fast validator says yes exactly where the slow one has nothing to say."""
    form = small()
    data = {
        "name": "n",
        "seq": "001",
        "district": "120101",
        "flags": ["a"],
        "hives": [{"no": "H01"}],
        "count": 3,
        "sworn": True,
        "day": "2026-01-01",
        "colour": "RED",
    }
    changed = mutate(data, random.Random(seed))
    assert form.is_valid(changed) == (not list(form._failures(changed)))


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 1 << 32))
def test_both_validators_agree_on_the_real_form(seed: int) -> None:
    """The same for the form of 排污许可, with samples that are damaged at random."""
    dice = random.Random(seed)
    form = Catalogue(ROOT).form("discharge-permit", 1) if not CACHE else CACHE[0]
    CACHE[:] = [form]
    changed = mutate(dice.choice(SAMPLES)["data"], dice)
    assert form.is_valid(changed) == (not list(form._failures(changed)))


CACHE: list[Form] = []
SAMPLES = list(generate("discharge-permit", seed=3, count=5))


@pytest.mark.parametrize("value", [one for one in ODD if isinstance(one, str)])
@pytest.mark.parametrize(
    "schema",
    [
        text("a", pattern="^(DA[0-9]{3})?$", maxLength=9),
        text("a", format="date"),
        text("a", minLength=1, maxLength=2),
        text("a", enum=["RED", "x"]),
        text("a", const="x"),
    ],
)
def test_both_validators_agree_on_every_keyword(schema: dict[str, Any], value: str) -> None:
    """Keyword by keyword: full match, own formats, code points, exact choices."""
    form = Form(group("form", {"a": schema}), formats({}))
    assert form.is_valid({"a": value}) == (not list(form._failures({"a": value})))


def test_a_text_that_ends_a_line_is_no_full_match() -> None:
    """HARDENING finding 11: `$` never means 'before the last line end'."""
    form = Form(group("form", {"a": text("a", pattern="^[0-9]{2}$", maxLength=9)}), formats({}))
    assert form.is_valid({"a": "12"})
    assert not form.is_valid({"a": "12\n"})
    assert not form.is_valid({"a": "１２"})


@pytest.mark.parametrize("value", [1.0, True, "1", 2**64])
def test_an_integer_is_a_whole_number_and_nothing_else(value: Any) -> None:
    """JSON Schema takes 1.0 for an integer; we do not, nor true."""
    assert not small().is_valid({"name": "n", "seq": "001", "district": "120101", "count": value})


def test_problems_are_told_at_their_boxes_all_at_once() -> None:
    """Missing, unknown, wrong and doubled: each at its own box, each box once."""
    data = {
        "nam": "x",
        "seq": "1",
        "district": "120107",
        "day": None,
        "count": 10,
        "sworn": False,
        "flags": ["a", "a"],
        "hives": [{"no": "H01"}, {"no": "h1"}, {}],
    }
    found = {one.pointer: one.code for one in small().problems(data)}
    assert found == {
        "/data/nam": "unknown_field",
        "/data/name": "required",
        "/data/seq": "pattern",
        "/data/district": "format",
        "/data/day": "type",
        "/data/count": "maximum",
        "/data/sworn": "const",
        "/data/flags": "uniqueItems",
        "/data/hives/1/no": "pattern",
        "/data/hives/2/no": "required",
    }


def test_labels_name_card_row_and_box() -> None:
    """A label is made of the form's own titles, with the row of each list counted from one."""
    form = small()
    assert form.label("/hives/1/no") == ("hives 第 2 行 · no", "HIVES row 2 · NO")
    assert form.label("/hives/*/no") == ("hives · no", "HIVES · NO")
    assert form.label("/hives/1/other/x") == ("hives 第 2 行", "HIVES row 2")
    assert form.label("") == ("申请内容", "Data")
    assert form.label("/nothing") == ("申请内容", "Data")


def test_an_unknown_field_is_told_with_the_nearest_known_one() -> None:
    """A slip of the pen is cured by the name that was meant."""
    [one] = small().problems({"name": "n", "seq": "001", "distrct": "x", "district": "120101"})
    assert "district" in one.remedy
    assert "district" in one.remedy_en


def test_so_many_problems_are_cut() -> None:
    """A document of rubbish does not make an endless answer, nor take long."""
    form = Form(group("form", {"a": rows("a", text("b", maxLength=1))}), formats({}))
    begun = time.perf_counter()
    found = form.problems({"a": [1] * 200_000, **{f"x{place}": 1 for place in range(20_000)}})
    assert len(found) == MOST
    assert time.perf_counter() - begun < 5


def test_ten_thousand_items_are_compared_quickly() -> None:
    """HARDENING A14: uniqueItems on 10,000 texts, and why not, in far less than a second."""
    form = Form(
        group("form", {"a": rows("a", text("b", maxLength=9), uniqueItems=True) | {"maxItems": 20_000}}), formats({})
    )
    many = [str(place) for place in range(10_000)]
    begun = time.perf_counter()
    assert form.is_valid({"a": many})
    assert [one.code for one in form.problems({"a": [*many, "7"]})] == ["uniqueItems"]
    assert time.perf_counter() - begun < 1


def test_depth_does_no_harm() -> None:
    """A value 100,000 levels deep that no text check has seen is refused, not crashed over."""
    deep: Any = []
    for _ in range(100_000):
        deep = [deep]
    form = small()
    assert [one.code for one in form.problems({"name": deep, "seq": "001", "district": "120101"})] == ["type"]


@given(
    st.recursive(
        st.sampled_from(ODD),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("ab/~"), inner, max_size=3),
    )
)
def test_tidiness_is_the_same_quick_and_slow(value: Any) -> None:
    """A value is tidy exactly where nothing untidy is found in it."""
    assert is_tidy(value) == (not list(untidy(value)))


def test_a_valid_document_of_600_boxes_takes_well_under_a_millisecond(real: Catalogue) -> None:
    """The yes costs little: the limit here is ten times what it takes, so that only a blunder fails it."""
    big = max(generate("discharge-permit", seed=1, count=40), key=lambda one: len(str(one["data"])))
    real.check(big)
    took = []
    for _ in range(20):
        begun = time.perf_counter()
        assert real.check(big).ok
        took.append(time.perf_counter() - begun)
    assert min(took) < 0.005
