"""The laws of the kept ledger: written with what it tells, whole, and any tampering by SQL is found."""

from __future__ import annotations

import sqlite3

import pytest
from sqlalchemy import make_url

from bridge.model.delivery import DeliveryState, Reason
from bridge.ports.events import Event

TAMPERING = {
    "edit": "UPDATE ledger_events SET bytes = replace(bytes, 'entry', 'ENTRY') WHERE position = 4",
    "edit of a column": "UPDATE ledger_events SET act = 'nothing' WHERE position = 4",
    "delete": "DELETE FROM ledger_events WHERE position = 4",
    "delete at the end": "DELETE FROM ledger_events WHERE position = (SELECT max(position) FROM ledger_events)",
    "insert": """INSERT INTO ledger_events
        SELECT 99, application, 99, previous, digest, bytes, at, recorded_at, act
        FROM ledger_events WHERE position = 2""",
    "reorder": """UPDATE ledger_events SET position = CASE position WHEN 3 THEN -4 ELSE -3 END
        WHERE position IN (3, 4)""",
}


@pytest.fixture
def history(store, make, clock):
    """A small ledger of three applications and of the house itself."""
    worker = make.worker()
    applications = [make.application(("municipal", "discharge"))[0] for _ in range(3)]
    claimed = make.claim(worker)
    make.prepare(claimed)
    make.settle([make.end(one) for one in claimed], worker)
    event = Event("target_held", clock.micros, "boss", target="discharge", data={"reason": "维护"})
    store.write(lambda unit: unit.hold_target("discharge", held=True, reason="维护", until=None, event=event))
    return applications


def tamper(url: str, *statements: str) -> None:
    """Behind the bridge's back."""
    connection = sqlite3.connect(make_url(url).database)
    with connection:
        for statement in statements:
            connection.execute(statement)
    connection.close()


def test_the_ledger_is_whole(store, keeper, history):
    """Every event has its place in the whole and in its application's own chain."""
    verdict = keeper.verify()
    assert (verdict.ok, verdict.events) == (True, 3 * 5 + 1)
    for application in history:
        events = store.read(lambda unit, application=application: unit.events(application.id))
        assert [one.sequence for one in events] == [1, 2, 3, 4, 5]
        assert events[0].event.act == "submitted"


@pytest.mark.usefixtures("history")
@pytest.mark.parametrize("how", TAMPERING)
def test_tampering_is_found(keeper, url, how):
    """An edit, a deletion, an insertion or a swap by SQL is found, and the first bad row named."""
    repair = ["UPDATE ledger_events SET position = -position WHERE position < 0"] if how == "reorder" else []
    tamper(url, TAMPERING[how], *repair)
    verdict = keeper.verify()
    assert verdict.first_bad is not None
    assert verdict.first_bad.position >= 3


def test_what_was_entered_and_sent_is_named_by_salted_digests(store, history):
    """The events of entering and preparing name the content by a digest that two equal contents do not share."""
    digests = set()
    for application in history:
        for stored in store.read(lambda unit, application=application: unit.events(application.id)):
            digests.update(stored.event.data.get(name) for name in ("content_digest", "payload_digest"))
    assert len(digests - {None}) == 6


def test_events_read_in_their_own_unit_are_there(store, keeper, history, clock):
    """A unit that reads the history sees what it has just told."""
    (application, *_) = history

    def tell(unit):
        unit.append([Event("noted", clock.micros, application=application.id)])
        return [stored.event.act for stored in unit.events(application.id)]

    assert store.write(tell)[-1] == "noted"
    assert keeper.verify().ok


def test_a_released_follower_is_told_behind_its_cause(make):
    """What follows from an act stands behind it in the history."""
    application, _ = make.application(each=2)
    worker = make.worker()
    make.settle([make.end(one) for one in make.claim(worker)], worker)
    assert make.acts(application.id)[-2:] == ["delivery_delivered", "delivery_released"]
    (claimed,) = make.claim(worker)
    make.settle([make.end(claimed, DeliveryState.PARKED, reason=Reason.REFUSED, outcome="refused")], worker)
    assert make.acts(application.id)[-1] == "delivery_parked"
