from __future__ import annotations

import asyncio
import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.clock import CHINA, SystemClock, from_micros, parse_rfc3339, rfc3339, to_micros

INSTANTS = st.integers(min_value=0, max_value=7 * 10**15).map(from_micros)
"""From 1970 to 2191, to the microsecond."""


@given(INSTANTS)
def test_micros_lose_nothing(instant: dt.datetime) -> None:
    """An instant goes to the store and comes back the same."""
    assert from_micros(to_micros(instant)) == instant
    assert instant.tzinfo is dt.UTC


@given(INSTANTS, INSTANTS)
def test_micros_keep_the_order(one: dt.datetime, other: dt.datetime) -> None:
    """Earlier is less."""
    assert (one < other) == (to_micros(one) < to_micros(other))


@given(INSTANTS)
def test_what_is_shown_reads_back_to_the_millisecond(instant: dt.datetime) -> None:
    """RFC 3339 with +08:00 and milliseconds, and back."""
    text = rfc3339(instant)
    assert text.endswith("+08:00")
    assert dt.timedelta() <= instant - parse_rfc3339(text) < dt.timedelta(milliseconds=1)


def test_a_time_without_a_zone_is_chinas() -> None:
    """What a person types is Beijing time."""
    assert parse_rfc3339("2026-11-24T08:00") == dt.datetime(2026, 11, 24, 8, tzinfo=CHINA)
    assert parse_rfc3339("2026-11-24") == dt.datetime(2026, 11, 23, 16, tzinfo=dt.UTC)


@pytest.mark.parametrize("text", ["", "yesterday", "2026-13-01", "1700000000x"])
def test_what_is_no_time_is_refused(text: str) -> None:
    """ValueError, never a guess."""
    with pytest.raises(ValueError, match=r"."):
        parse_rfc3339(text)


def test_the_machines_clock_is_aware_and_moves_on() -> None:
    """`now` carries its zone; `monotonic` never runs backwards, across a sleep of nothing too."""
    clock = SystemClock()
    before = clock.monotonic()
    asyncio.run(clock.sleep(0))
    assert clock.monotonic() >= before
    assert clock.now().tzinfo is dt.UTC
