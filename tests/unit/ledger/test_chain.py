"""The laws of the event chain."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.ledger.chain import GENESIS, Row, canonical, chained, digest, restored, verify
from bridge.ports.events import Event

PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["a", "b", "号"]), inner),
    max_leaves=6,
)


def ledger(*applications: str | None) -> list[Row]:
    """A whole ledger with one event for each name, in this order."""
    rows: list[Row] = []
    heads: dict[str, Row] = {}
    for place, application in enumerate(applications, start=1):
        head = heads.get(application or "")
        event = Event("noted", 1000 + place, application=application, data={"n": place})
        rows.append(
            chained(
                event,
                position=place,
                sequence=head.sequence + 1 if head else 1,
                previous=head.digest if head else GENESIS,
                recorded_at=2000 + place,
            )
        )
        heads[application or ""] = rows[-1]
    return rows


def heads(rows: list[Row]) -> dict[str, tuple[int, str]]:
    """Where each chain of a ledger ends."""
    return {row.application: (row.sequence, row.digest) for row in rows}


WHOLE = ledger("a", "b", None, "a", "b", "a", None)


def test_a_whole_ledger_is_found_whole():
    """A ledger that nobody touched passes, and its events are counted."""
    verdict = verify(WHOLE, heads(WHOLE))
    assert (verdict.ok, verdict.events) == (True, 7)
    assert verify([]).ok


@given(st.dictionaries(st.text(st.characters(exclude_categories=["Cs"]), max_size=4), PLAIN, max_size=4))
def test_an_event_comes_back_from_its_row(data):
    """What a row keeps is the event, whole."""
    event = Event("noted", 5, "me", "a", "t", "d", "poll", data)
    row = chained(event, position=3, sequence=1, previous=GENESIS, recorded_at=6)
    kept = restored(row)
    assert kept.event == event
    assert (kept.position, kept.sequence, kept.recorded_at, kept.digest) == (3, 1, 6, digest(row.content))


def test_equal_events_have_equal_bytes():
    """The canonical form does not depend on the order in which data was written."""
    place = {"position": 1, "sequence": 1, "previous": GENESIS, "recorded_at": 1}
    one = canonical(Event("x", 1, data={"a": 1, "b": [True, None]}), **place)
    other = canonical(Event("x", 1, data={"b": [True, None], "a": 1}), **place)
    assert one == other


@pytest.mark.parametrize("data", [{"a": 1.5}, {"a": [0.0]}, {"a": b"x"}, {1: "a"}, {"a": {2: 1}}])
def test_what_has_no_canonical_form_is_refused(data):
    """Floats, bytes and keys that are no strings are refused before anything is hashed."""
    with pytest.raises(TypeError):
        canonical(Event("x", 1, data=data), position=1, sequence=1, previous=GENESIS, recorded_at=1)


def _edited_with_digest(rows: list[Row]) -> list[Row]:
    """An edit by somebody who also wrote the new digest, but not those that build on it."""
    content = rows[3].content.replace(b'"n":4', b'"n":9')
    return [*rows[:3], replace(rows[3], content=content, digest=digest(content)), *rows[4:]]


TAMPERED: dict[str, tuple[Callable[[list[Row]], list[Row]], int]] = {
    "edited": (lambda rows: [*rows[:3], replace(rows[3], content=rows[3].content + b" "), *rows[4:]], 4),
    "edited with digest": (_edited_with_digest, 6),
    "deleted": (lambda rows: [*rows[:2], *rows[3:]], 4),
    "inserted": (lambda rows: [*rows[:3], rows[0], *rows[3:]], 1),
    "inserted at the end": (lambda rows: [*rows, replace(rows[6], position=8)], 8),
    "reordered": (lambda rows: [rows[0], rows[2], rows[1], *rows[3:]], 3),
    "renumbered": (
        lambda rows: [rows[0], replace(rows[2], position=2), replace(rows[1], position=3), *rows[3:]],
        2,
    ),
    "moved to another application": (lambda rows: [*rows[:1], replace(rows[1], application="c"), *rows[2:]], 2),
    "backdated": (lambda rows: [*rows[:4], replace(rows[4], at=1), *rows[5:]], 5),
    "renamed": (lambda rows: [*rows[:4], replace(rows[4], act="other"), *rows[5:]], 5),
    "cut short": (lambda rows: rows[:-1], 7),
}


@pytest.mark.parametrize("how", TAMPERED)
def test_every_tampering_is_found_and_the_first_bad_row_named(how):
    """An edited, deleted, inserted, moved or cut-off row is found, and the first that does not fit is named."""
    tamper, first_bad = TAMPERED[how]
    verdict = verify(tamper(WHOLE), heads(WHOLE))
    assert verdict.first_bad is not None
    assert verdict.first_bad.position == first_bad


@given(st.data())
def test_no_single_byte_can_change(data):
    """Whichever byte of whichever row changes, the check fails."""
    place = data.draw(st.integers(0, len(WHOLE) - 1))
    row = WHOLE[place]
    at = data.draw(st.integers(0, len(row.content) - 1))
    flip = data.draw(st.integers(1, 255))
    content = row.content[:at] + bytes([row.content[at] ^ flip]) + row.content[at + 1 :]
    rows = [*WHOLE[:place], replace(row, content=content), *WHOLE[place + 1 :]]
    assert not verify(rows, heads(WHOLE)).ok
    forged = [*WHOLE[:place], replace(row, content=content, digest=digest(content)), *WHOLE[place + 1 :]]
    assert not verify(forged, heads(WHOLE)).ok
