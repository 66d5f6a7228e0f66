"""The inbox over a real store: what cannot be applied is kept, what cannot be kept is not taken."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace

import pytest

from bridge.contract.remote import CallbackRequest, RemoteChange
from bridge.engine import inbox as room
from bridge.engine.hearing import Heard
from bridge.engine.inbox import Answered, Inbox
from bridge.errors import AccessDenied, NotFound, OutcomeUnknown, SettingsError, StoreError
from bridge.model.lifecycle import ApplicationState
from bridge.ports.inbox import Why
from bridge.storage.engine import SqlStore
from bridge.storage.migrate import migrate
from bridge.storage.sealing import Keyring

CHANGE = RemoteChange("N1", None, ApplicationState.RECEIVED, "00", 1, id="m")


class Clock:
    """Time that is moved by hand."""

    def __init__(self):
        self.at = dt.datetime(2026, 11, 23, tzinfo=dt.UTC)

    def now(self):
        """The instant it was set to."""
        return self.at


class Setting:
    """An inbox whose adapter and hearing do what a test tells them."""

    def __init__(self, store, clock):
        self.clock, self.store = clock, store
        self.says, self.known, self.fails, self.applied, self.headers = [CHANGE], True, None, 0, {}
        manifest = SimpleNamespace(abilities=SimpleNamespace(callbacks=True))
        self.target = SimpleNamespace(adapter=SimpleNamespace(manifest=manifest, hear=self.hear), unusable=None)
        self.inbox = Inbox(store, self, {"office": self.target}, clock)

    def hear(self, request):
        """What the adapter does."""
        self.headers = request.headers
        if isinstance(self.says, Exception):
            raise self.says
        return self.says

    def knows(self, _unit, _target, _change):
        """Whether the case is known."""
        return self.known

    def apply(self, unit, target, changes, *, via):
        """What the hearing does: here it remembers the message, so that a roll-back is seen."""
        assert via == "callback"
        unit.hear_once(target, "m", now=0)
        if self.fails:
            raise self.fails
        self.applied += len(changes)
        return Heard()

    def take(self, body=b"{}"):
        """One call."""
        headers = {"sign": "s", "cookie": "c", "x-forwarded-for": "f", "host": "h"}
        return self.inbox.take("office", CallbackRequest("POST", "/callbacks/office", headers, body, 5))

    def pending(self, why):
        """How many wait for one cause."""
        return self.store.read(lambda unit: unit.pending_calls("office", why))

    def retry(self, seconds=6.0):
        """Later, once more."""
        self.clock.at += dt.timedelta(seconds=seconds)
        return self.inbox.retry()


@pytest.fixture
def office(tmp_path):
    """One target, and an inbox."""
    url = f"sqlite:///{tmp_path / 'bridge.db'}"
    migrate(url)
    clock = Clock()
    store = SqlStore(url, Keyring.generate(), clock)
    yield Setting(store, clock)
    store.close()


def test_what_cannot_be_applied_is_kept_and_undone(office):
    """Applying fails: nothing of it stays, the call is kept, and is applied once that works."""
    office.fails = ValueError()
    assert office.take() is Answered.PENDING
    assert office.store.write(lambda unit: unit.hear_once("office", "m", now=0)), "what was half done stayed"
    assert office.pending(Why.NOT_APPLIED) == 1
    assert office.retry() == 0
    office.fails = None
    assert office.retry(5) == 0, "tried again before its time"
    assert office.retry(6) == 1
    assert (office.applied, office.pending(Why.NOT_APPLIED), office.retry(9999)) == (1, 0, 0)


def test_what_cannot_be_kept_is_not_taken(office, monkeypatch):
    """Without a database the caller is told to come again, never that it was taken."""

    def away(_work):
        raise StoreError

    monkeypatch.setattr(office.store, "write", away)
    assert office.take() is Answered.LATER


def test_an_unknown_case_waits(office):
    """A case that is not known yet: pending until it is, each time for longer."""
    office.known = False
    assert office.take() is Answered.PENDING
    assert office.retry() == 0
    office.known = True
    assert office.retry(8) == 0
    assert office.retry(3) == 1


def test_what_an_adapter_cannot_read_waits_for_a_better_one(office):
    """Unreadable, or not of the contract's shape: pending whole; read again once the adapter can."""
    for body, says in ((b"1", OutcomeUnknown()), (b"2", [CHANGE, "no change"]), (b"3", None), (b"4", KeyError("x"))):
        office.says = says
        assert office.take(body) is Answered.PENDING
    assert (office.pending(Why.UNREADABLE), office.applied) == (4, 0)
    office.says = [CHANGE]
    assert office.retry() == 4


def test_the_unreadable_is_bounded(office, monkeypatch):
    """A target that is not understood at all does not fill the database: past the bound it must send again."""
    monkeypatch.setattr(room, "MAX_UNREADABLE", 2)
    office.says = OutcomeUnknown()
    answers = [office.take(str(number).encode()) for number in range(3)]
    assert answers == [Answered.PENDING, Answered.PENDING, Answered.LATER]


def test_the_denied_are_counted(office):
    """Denied calls leave a count and nothing else; one that was kept and is denied later stays kept."""
    office.known = False
    assert office.take() is Answered.PENDING
    office.says = AccessDenied()
    assert office.take(b"x") is Answered.DENIED
    assert office.inbox.denied == {"office": 1}
    assert office.retry() == 0
    assert office.pending(Why.NOT_APPLIED) == 1
    office.says, office.known = [CHANGE], True
    assert office.retry(60) == 1


def test_only_needed_headers_are_kept(office):
    """What an adapter sees is what is kept: no cookie, nothing of the proxy."""
    office.take()
    assert office.headers == {"sign": "s"}


def test_who_does_not_call_is_not_heard(office):
    """A target without callbacks is not found; one without its settings cannot be verified."""
    with pytest.raises(NotFound):
        office.inbox.take("nobody", CallbackRequest("POST", "/", {}, b"", 1))
    office.target.unusable = SettingsError("BRIDGE_X", "missing")
    assert office.take() is Answered.LATER
    assert office.applied == 0
