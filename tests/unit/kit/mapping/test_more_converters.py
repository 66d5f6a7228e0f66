"""Units, joined codes, renamed rows; and of every converter: what it gives is what it says that it gives."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bridge.errors import AdapterBug
from bridge.kit.mapping import converters as c
from bridge.kit.mapping.shapes import Anything, Choice, Either, Group, Items, Text, Whole

PAIRS = [(ours, theirs) for scale in (c.UNITS, c.MASSES) for ours in scale for theirs in scale]
PAIRS = [(ours, theirs) for ours, theirs in PAIRS if ours.endswith("/a") == theirs.endswith("/a")]
DECIMALS = st.from_regex(r"(0|[1-9][0-9]{0,15})(\.[0-9]{1,8})?", fullmatch=True)


@pytest.mark.parametrize(("ours", "theirs"), PAIRS)
@given(value=DECIMALS)
def test_units_there_and_back(ours, theirs, value):
    """Exactly the same number, or no answer where it has no end in the other unit."""
    one = c.unit(ours, theirs)
    try:
        told = one.to(value)
    except c.OutsideDomain:
        assert "Ci" in theirs  # 37 divides nothing exactly but its own
        return
    assert one.back(told) == one.canonical(value)
    assert Decimal(one.canonical(value)) == Decimal(value)
    assert one.to(one.back(told)) == told


def test_units_by_hand():
    """The factors are those of the SI: a pair that is wrong both ways would pass the law above."""
    assert c.unit("Bq", "MBq").to("370000000000") == "370000"
    assert c.unit("Bq", "GBq").to("370000000000") == "370"
    assert c.unit("Bq", "TBq").to("370000000000") == "0.37"
    assert c.unit("Bq", "kBq").to("5") == "0.005"
    assert c.unit("Bq", "Ci").to("370000000000") == "10"
    assert c.unit("mCi", "MBq").to("1") == "37"
    assert c.unit("Ci", "Bq").to("1") == "37000000000"
    assert c.unit("t/a", "kg/a").to("1.25") == "1250"
    assert c.unit("kg", "t").to("0") == "0"


@pytest.mark.parametrize(("ours", "theirs"), [("Bq", "kg"), ("t", "t/a"), ("Bq", "bq"), ("", "")])
def test_units_of_two_kinds_are_a_bug(ours, theirs):
    """An adapter's author hears of it when the table is made."""
    with pytest.raises(AdapterBug):
        c.unit(ours, theirs)


@pytest.mark.parametrize("value", ["1/3", "１", "1e3", "", None, 1, 1.5, True, "9" * 41, "NaN"])
def test_what_is_no_decimal_has_no_unit(value):
    """Nothing but a plain decimal string, of a length that a person may enter."""
    for way in (c.unit("Bq", "MBq").to, c.unit("Bq", "MBq").back):
        with pytest.raises(c.OutsideDomain):
            way(value)


def test_a_third_of_a_curie_has_no_answer():
    """Nothing is rounded."""
    with pytest.raises(c.OutsideDomain, match="除不尽"):
        c.unit("Bq", "Ci").to("100")


CODES = c.codes_joined({"A": "甲", "B": "乙", "C": "丙"}, "、")


@given(st.lists(st.sampled_from("ABC"), unique=True))
def test_joined_codes_there_and_back(value):
    """A list of codes is one text, and the text is that list."""
    assert CODES.back(CODES.to(value)) == value


@given(st.lists(st.fixed_dictionaries({"text": st.text()}, optional={"field": st.text()})))
def test_renamed_rows_there_and_back(value):
    """Every part that goes along comes back under its own name; what does not is left out."""
    both = c.renamed({"content": "text", "at": "field"})
    assert both.back(both.to(value)) == value
    assert c.renamed({"content": "text"}).to(value) == [{"content": one["text"]} for one in value]


@given(st.lists(st.text(min_size=1).filter(lambda text: "~" not in text), min_size=2, max_size=2))
def test_parts_there_and_back(value):
    """A fixed number of parts: fewer or more have no answer, either way."""
    one = c.parts_joined("~", 2)
    assert one.back(one.to(value)) == value
    for way, wrong in ((one.to, value[:1]), (one.to, [*value, "x"]), (one.back, "a~b~c"), (one.back, "a")):
        with pytest.raises(c.OutsideDomain):
            way(wrong)


# -- what comes out is what is said to come out

DATES = Text(("^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$",))
INSTANTS = Text(
    (
        "^(19|20)[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|1[0-9])T(0[0-9]|1[0-9]):[0-5][0-9]:[0-5][0-9](\\.[0-9]{1,6})?(Z|\\+08:00)$",
    )
)
DEGREES = Text(("^(0|[1-9][0-9]?|1[0-7][0-9]|180)(\\.[0-9]{1,5})?$",))
PLAIN = Text((), 1, 9)
LETTERS = Items(Choice(("A", "B", "C")), 0, 3, unique=True)
IMAGES = {
    "same": (c.SAME, PLAIN),
    "text": (c.text(), PLAIN),
    "codes": (c.codes({"A": "1", "B": "2", "C": "1"}), Choice(("A", "B"))),
    "codes of a text": (c.codes({"A": "1", "B": "2"}), Text(("^[AB]$",))),
    "date": (c.date("%Y%m%d"), DATES),
    "date with slashes": (c.date("%d/%m/%Y"), DATES),
    "date in words": (c.date("%Y年%m月%d日"), DATES),
    "date by name": (c.date("%d %B %Y"), DATES),
    "instant": (c.instant("%Y-%m-%d %H:%M:%S"), INSTANTS),
    "dms": (c.dms(), DEGREES),
    "dms with a sign": (c.dms(), Text(("^-?[0-9]{1,2}(\\.[0-9]{1,5})?$",))),
    "yes_no": (c.yes_no("是", "否"), Choice((True, False))),
    "contains": (c.contains("A", "1", "0"), LETTERS),
    "joined": (c.joined("；"), Items(PLAIN, 1, 4)),
    "joined, perhaps none": (c.joined("、、"), Items(PLAIN, 0, 3)),
    "codes joined": (CODES, LETTERS),
    "codes joined, some": (CODES, Items(Choice(("A", "C")), 2, 3)),
    "decimal": (c.decimal(), Text(("^[0-9]{1,3}(\\.[0-9])?$",), 1, 5)),
    "number": (c.number(), Text(("^[1-9][0-9]{0,3}$",))),
    "number with a sign": (c.number(), Text(("^-?[0-9]{1,2}$",))),
    "number of a number": (c.number(), Whole(-3, 70)),
    "upper": (c.upper(), Text(("^[0-9A-Z]{5}$",))),
    "upper of anything": (c.upper(), PLAIN),
    "present": (c.present("是", "否"), PLAIN),
    "unit": (c.unit("Bq", "MBq"), Text(("^[1-9][0-9]{0,17}$",))),
    "unit with a sign": (c.unit("t/a", "kg/a"), Text(("^-?[0-9]{1,3}\\.[0-9]$",))),
    "renamed": (c.renamed({"x": "y", "w": "z"}), Items(Group({"y": PLAIN, "z": PLAIN}, frozenset({"y"})), 0, 2)),
    "parts": (c.parts_joined("~", 2), Items(PLAIN, 2, 2)),
}


def members(shape):
    """Values of a shape, as a strategy."""
    match shape:
        case Choice(values):
            return st.sampled_from(values)
        case Whole(least, most):
            return st.integers(least, most)
        case Text((), least, most):
            return st.text(min_size=least, max_size=most)
        case Text((pattern,), least, most):
            return st.from_regex(pattern.replace("$", "\\Z"), fullmatch=True).filter(
                lambda text: least <= len(text) <= (most or 99)
            )
        case Items(of, least, most, unique):
            return st.lists(members(of), min_size=least, max_size=most, unique=unique)
        case Group(parts, always):
            named = {name: members(one) for name, one in parts.items()}
            fixed = {name: one for name, one in named.items() if name in always}
            return st.fixed_dictionaries(fixed, optional={n: one for n, one in named.items() if n not in always})
    raise AssertionError(shape)


def is_in(value, shape):  # noqa: PLR0911 - one line per kind of shape
    """Whether a value is one of a shape."""
    match shape:
        case Anything():
            return True
        case Choice(values):
            return value in values
        case Either(shapes):
            return any(is_in(value, one) for one in shapes)
        case Whole(least, most):
            return isinstance(value, int) and (least is None or least <= value) and (most is None or value <= most)
        case Text(patterns, least, most):
            sized = isinstance(value, str) and least <= len(value) and (most is None or len(value) <= most)
            return sized and all(re.search(one, value) for one in patterns)
        case Items(of, least, most, _):
            sized = isinstance(value, list) and least <= len(value) and (most is None or len(value) <= most)
            return sized and all(is_in(one, of) for one in value)
        case Group(parts, always):
            return set(value) <= set(parts) and always <= set(value) and all(is_in(value[n], parts[n]) for n in value)
    raise AssertionError(shape)


@pytest.mark.parametrize("name", IMAGES)
@given(data=st.data())
def test_what_comes_out_is_in_the_image(name, data):
    """Of any value of a shape the converter makes one of the image of the shape: the static proof counts on it."""
    one, shape = IMAGES[name]
    value = data.draw(members(shape))
    assert is_in(value, shape)
    assert one.image is not None
    try:
        told = one.to(value)
    except c.OutsideDomain:
        assume(condition=False)
    assert is_in(told, one.image(shape))
    if one.lossless:
        assert one.back(told) == one.canonical(value)
        assert one.to(one.back(told)) == told
