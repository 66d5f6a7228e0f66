"""Converters: there and back is where one was, on the domain that each states; outside it, it says so."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.clock import parse_rfc3339
from bridge.kit.mapping import converters as c

TYPES = {"NEW": "首次申请", "CHANGE": "XZXKTYPE_A,TYPEC", "7": 7}
DATES = st.dates(min_value=dt.date(1000, 1, 1)).map(dt.date.isoformat)
DEGREES = st.integers(-999_99999, 999_99999).map(
    lambda units: f"{'-' if units < 0 else ''}{abs(units) // 10**5}.{abs(units) % 10**5:05d}"
)
DECIMALS = st.from_regex(c.DECIMAL, fullmatch=True)
LISTS = st.lists(st.text(min_size=1).filter(lambda text: "、" not in text))

LOSSLESS = {
    "same": (c.SAME, st.none() | st.booleans() | st.integers() | st.text() | st.lists(st.text())),
    "text": (c.text(), st.text()),
    "codes": (c.codes(TYPES), st.sampled_from(sorted(TYPES))),
    "date": (c.date("%Y%m%d"), DATES),
    "date in words": (c.date("%Y年%m月%d日"), DATES),
    "dms": (c.dms(), DEGREES),
    "yes_no": (c.yes_no("是", "否"), st.booleans()),
    "yes_no digits": (c.yes_no("1", "0"), st.booleans()),
    "joined": (c.joined("、"), LISTS),
    "decimal": (c.decimal(), DECIMALS),
}
"""Each with values of its whole domain, as they are spelled."""

ANYTHING = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.lists(st.text() | st.integers())
    | st.dictionaries(st.text(), st.text())
)

EVERY = {
    **{name: one for name, (one, _) in LOSSLESS.items()},
    "instant": c.instant("%Y-%m-%d %H:%M:%S"),
    "contains": c.contains("TP", "1", "0"),
    "number": c.number(),
    "upper": c.upper(),
    "present": c.present("是", "否"),
    "lossy codes": c.codes({"A": "1", "B": "1"}),
}


@pytest.mark.parametrize("name", LOSSLESS)
@given(data=st.data())
def test_there_and_back(name, data):
    """back(to(x)) == x on the whole domain."""
    one, domain = LOSSLESS[name]
    value = data.draw(domain)
    assert one.lossless
    assert one.back(one.to(value)) == value


def outside(way, value):
    """What a conversion says where it has no answer."""
    try:
        way(value)
    except c.OutsideDomain as exc:
        return exc
    return None


@pytest.mark.parametrize("name", EVERY)
@given(value=ANYTHING)
def test_nothing_but_outside_domain(name, value):
    """Whatever comes in, and whatever a target sends back, is converted or is outside the domain, by that name."""
    for way in (EVERY[name].to, EVERY[name].back):
        if said := outside(way, value):
            assert re.search("[一-鿿]", said.zh)
            assert said.en.isascii()


@pytest.mark.parametrize(
    ("one", "value"),
    [
        (c.text(), 1),
        (c.codes(TYPES), "RENEW"),
        (c.codes(TYPES), ["NEW"]),
        (c.date("%Y%m%d"), "20240101"),
        (c.date("%Y%m%d"), "2024-W01-1"),
        (c.date("%Y%m%d"), "2024-02-30"),
        (c.date("%Y%m%d"), "0999-01-01"),
        (c.date("%Y%m%d"), "２０２４-01-01"),
        (c.date("%Y%m%d"), "2024-01-01\n"),
        (c.instant("%Y%m%d"), "2024-01-01"),
        (c.instant("%Y%m%d"), "9999-12-31T23:59:59-23:59"),
        (c.dms(), "117.123456"),
        (c.dms(), "1000.0"),
        (c.dms(), "117."),
        (c.dms(), "0117.1"),
        (c.dms(), 117.1),
        (c.yes_no("是", "否"), "是"),
        (c.yes_no("是", "否"), 1),
        (c.contains("TP", "1", "0"), "TP"),
        (c.joined("、"), ["a、b"]),
        (c.joined("、"), [""]),
        (c.joined("、"), [1]),
        (c.joined("、"), "a"),
        (c.joined("--"), ["a-", "b"]),
        (c.decimal(), "1e3"),
        (c.decimal(), "01"),
        (c.decimal(), "１"),
        (c.decimal(), 1.5),
        (c.number(), "1.5"),
        (c.number(), True),
        (c.number(), 10**15),
        (c.number(), "9" * 5000),
        (c.upper(), 1),
    ],
)
def test_outside_the_domain(one, value):
    """What the converter has no answer for is refused, in both languages, and never with the value."""
    with pytest.raises(c.OutsideDomain) as caught:
        one.to(value)
    assert caught.value.zh != caught.value.en
    assert not isinstance(value, str) or len(value) < 3 or value not in str(caught.value)


@pytest.mark.parametrize(
    ("one", "value"),
    [
        (c.codes(TYPES), "unknown"),
        (c.codes(TYPES), {}),
        (c.date("%Y%m%d"), "2024111"),
        (c.date("%Y-%m-%d"), "2024-1-1"),
        (c.instant("%Y-%m-%d %H:%M:%S"), "2024-1-1 1:2:3"),
        (c.dms(), "117°60′00.00″"),
        (c.dms(), "117°00′60.00″"),
        (c.dms(), "117.5"),
        (c.yes_no("是", "否"), "未知"),
        (c.contains("TP", "1", "0"), "2"),
        (c.joined("、"), None),
    ],
)
def test_what_a_target_never_writes_is_not_read(one, value):
    """The way back guesses nothing: a spelling that we would not have written is outside the domain."""
    with pytest.raises(c.OutsideDomain):
        one.back(value)


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("117.70123", "117°42′04.43″"),
        ("39.0", "39°00′00.00″"),
        ("39", "39°00′00.00″"),
        ("0.99999", "0°59′59.96″"),
        ("-0.5", "-0°30′00.00″"),
    ],
)
def test_degrees_are_written_to_the_hundredth_of_a_second(value, written):
    """Decimal degrees become degrees, minutes and seconds, and come back as the same number."""
    assert c.dms().to(value) == written
    assert Decimal(c.dms().back(written)) == Decimal(value)


@given(st.datetimes(dt.datetime(1001, 1, 1), dt.datetime(9998, 1, 1)), st.integers(-12, 14))  # noqa: DTZ001 - zone below
def test_instants_keep_their_second(wall, hours):
    """An instant in any zone comes back as the same instant, but for parts of a second."""
    instant = wall.replace(tzinfo=dt.timezone(dt.timedelta(hours=hours)))
    one = c.instant("%Y-%m-%d %H:%M:%S")
    back = parse_rfc3339(one.back(one.to(instant.isoformat())))
    assert back == instant.replace(microsecond=0)


def test_instants_are_told_in_chinas_time():
    """What the wall clock says in China."""
    assert c.instant("%Y-%m-%d %H:%M:%S").to("2026-11-23T01:30:00.999Z") == "2026-11-23 09:30:00"


def test_codes_that_share_one_of_theirs_are_lossy():
    """Two of ours with one of theirs read back as the first, and say that they lose."""
    both = c.codes({"A": "1", "B": "1"})
    assert (both.to("B"), both.back("1"), both.lossless) == ("1", "A", False)


@given(st.sets(st.sampled_from(["AIR_KEY", "TP", "TN"])))
def test_boxes_together_carry_a_list(flags):
    """A box says whether a list has one member; all boxes together give the list back."""
    boxes = [c.contains(flag, "是", "否") for flag in ("AIR_KEY", "TP", "TN")]
    assert {one for box in boxes for one in box.back(box.to(sorted(flags)))} == flags
    assert not any(box.lossless for box in boxes)


@pytest.mark.parametrize(("value", "written"), [(5, 5), ("5", 5), ("-12", -12), ("999999999999999", 10**15 - 1)])
def test_numbers(value, written):
    """A whole number, also one that is spelled as a text."""
    assert c.number().to(value) == written


def test_small_ones():
    """Upper case, and whether there is a value at all."""
    assert c.upper().to("co-60") == "CO-60"
    assert [c.present("有", "无").to(value) for value in ("x", "", [], [1])] == ["有", "无", "无", "有"]
