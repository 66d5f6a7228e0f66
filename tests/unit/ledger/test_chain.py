"""The laws of the event chain."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.ledger.chain import GENESIS, canonical, chained, digest, restored
from bridge.ports.events import Event

PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["a", "b", "号"]), inner),
    max_leaves=6,
)


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
