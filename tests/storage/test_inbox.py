"""Calls at our door, as the store keeps them."""

from __future__ import annotations

import pytest
from sqlalchemy import create_engine, text

from bridge.contract.remote import CallbackRequest
from bridge.errors import NotFound
from bridge.ports.inbox import Why

SECOND = 1_000_000
BODY = '{"opinion":"材料不齐"}\n\x00'.encode()
HEADERS = {"sign": "abc", "timestamp": "1"}


def request(body=BODY, at=7):
    """A call."""
    return CallbackRequest("POST", "/callbacks/municipal", HEADERS, body, at)


def keep(store, id_, *, why, next_at=None, body=BODY):
    """Keep a call."""
    return store.write(lambda unit: unit.keep_call(id_, "municipal", request(body), why=why, next_at=next_at))


def due(store, now):
    """What is to be tried again."""
    return list(store.read(lambda unit: unit.due_calls(now=now, limit=10)))


def test_a_call_is_given_back_as_it_came(store):
    """Method, path, headers, body and time come back unchanged, line ends and all."""
    assert keep(store, "a", why=Why.UNREADABLE, next_at=5)
    kept = store.read(lambda unit: unit.call("a"))
    assert (kept.target, kept.request, kept.tries) == ("municipal", request(), 0)


def test_a_call_is_sealed(store, url):
    """Nothing of its body or headers stands in the database in clear."""
    keep(store, "a", why=None)
    engine = create_engine(url)
    with engine.connect() as sql:
        (row,) = sql.execute(text("SELECT * FROM inbox")).mappings().all()
    engine.dispose()
    assert row["state"] == "done"
    assert b"abc" not in row["sealed"]
    assert "材料".encode() not in row["sealed"] + row["body_key"]


def test_the_same_body_is_kept_once(store):
    """A body that was kept before is not kept again; one that is applied now is no longer pending."""
    assert keep(store, "a", why=Why.UNKNOWN_CASE, next_at=5)
    assert not keep(store, "b", why=Why.UNKNOWN_CASE, next_at=5)
    assert due(store, 5) == ["a"]
    assert not keep(store, "c", why=None)
    assert due(store, 5) == []
    with pytest.raises(NotFound):
        store.read(lambda unit: unit.call("b"))


def test_a_done_call_stays_done(store):
    """A later failure over the same body does not make a call pending that was applied."""
    keep(store, "a", why=None)
    assert not keep(store, "b", why=Why.NOT_APPLIED, next_at=5)
    store.write(lambda unit: unit.put_off_call("a", Why.NOT_APPLIED, next_at=5))
    assert due(store, 10) == []


def test_pending_calls_come_when_their_time_has_come(store, clock):
    """Oldest first, none before its time; put off it waits again, ended it is gone."""
    keep(store, "late", why=Why.UNREADABLE, next_at=9 * SECOND, body=b"1")
    keep(store, "soon", why=Why.UNREADABLE, next_at=5 * SECOND, body=b"2")
    assert due(store, 4 * SECOND) == []
    assert due(store, 9 * SECOND) == ["soon", "late"]
    store.write(lambda unit: unit.put_off_call("soon", Why.UNKNOWN_CASE, next_at=20 * SECOND))
    assert due(store, 9 * SECOND) == ["late"]
    assert store.read(lambda unit: unit.call("soon")).tries == 1
    assert store.read(lambda unit: unit.pending_calls("municipal", Why.UNREADABLE)) == 1
    store.write(lambda unit: unit.end_call("late", now=clock.micros))
    assert store.read(lambda unit: unit.pending_calls("municipal", Why.UNREADABLE)) == 0
    assert due(store, 30 * SECOND) == ["soon"]
