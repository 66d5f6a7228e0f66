"""The delivery table against a simple model: whatever workers, deaths and operators do in whatever order."""

from __future__ import annotations

import datetime as dt
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, multiple, rule

from bridge.clock import to_micros
from bridge.model.application import Application, Revision
from bridge.model.delivery import (
    ENDED,
    RELEASES_FOLLOWERS,
    Delivery,
    DeliveryState,
    Kind,
    Reason,
    may_move,
)
from bridge.model.ids import digest
from bridge.model.lifecycle import ApplicationState
from bridge.ports.events import Event
from bridge.ports.store import Claimed, NewApplication, Settle
from bridge.storage.engine import SqlStore
from bridge.storage.keeper import Keeper
from bridge.storage.migrate import migrate
from bridge.storage.sealing import Keyring

D = DeliveryState
TARGETS = ("municipal", "discharge")
WORKERS = ("w1", "w2")
SECOND = 1_000_000


@dataclass
class Known:
    """What the model knows of one delivery."""

    application: str
    target: str
    order: int
    state: DeliveryState
    worker: str | None = None
    fence: int = 0
    history: list[DeliveryState] = field(default_factory=list)


class Hand:
    """A clock that goes on by a microsecond whenever it is asked, and further by hand."""

    def __init__(self):
        self.at = dt.datetime(2026, 11, 23, tzinfo=dt.UTC)

    def now(self):
        """The next instant."""
        self.at += dt.timedelta(microseconds=1)
        return self.at

    def monotonic(self):
        """Not asked for here."""
        return 0.0

    async def sleep(self, seconds):
        """Time passes at once."""
        self.at += dt.timedelta(seconds=seconds)


class Deliveries(RuleBasedStateMachine):
    """Claims, settles, deaths and operators' acts in any order."""

    claims: Bundle[tuple[str, Claimed]] = Bundle("claims")

    @initialize()
    def open(self):
        """A fresh store with two applications with two deliveries to each of two targets."""
        self.folder = tempfile.TemporaryDirectory()
        url = f"sqlite:///{Path(self.folder.name) / 'bridge.db'}"
        migrate(url)
        self.clock = Hand()
        self.store = SqlStore(url, Keyring.generate(), self.clock)
        self.known: dict[str, Known] = {}
        self.alive: set[str] = set()
        self.begin("w1")
        self.begin("w2")
        for number in range(2):
            self.store.write(lambda unit, number=number: unit.add_application(*self.new(number)))

    def now(self) -> int:
        """Now, in microseconds."""
        return to_micros(self.clock.now())

    def new(self, number: int) -> tuple[NewApplication, list[Delivery], list[Event]]:
        """An application with its deliveries."""
        now = self.now()
        id_ = f"application-{number}"
        values: dict[str, Any] = {
            "id": id_, "number": f"N{number}", "case_number": None, "reference": None, "matter": "m", "type": "new",
            "state": ApplicationState.SUBMITTED, "revision": 1, "form_version": 1, "body": "b", "district": "120116",
            "hall": None, "channel": "web", "origin": "entered", "entered_by": "me", "at": now, "recorded_at": now,
        }  # fmt: skip
        revision = Revision(id_, 1, 1, {}, (), now, now, "me", None)
        deliveries = []
        for target in TARGETS:
            for order in (1, 2):
                state, reason = (D.DUE, None) if order == 1 else (D.WAITING, Reason.BEHIND)
                one = Delivery(
                    f"delivery-{len(self.known):02d}",
                    id_,
                    1,
                    target,
                    Kind.APPLY,
                    order,
                    None,
                    state,
                    reason,
                    None,
                    0,
                    0,
                    None,
                    now,
                    now,
                )
                deliveries.append(one)
                self.known[one.id] = Known(id_, target, order, state)
        new = NewApplication(Application(**values), revision, {}, digest(id_.encode()), id_, "s")
        return new, deliveries, [Event("submitted", now, application=id_)]

    # -- what happens

    @rule(worker=st.sampled_from(WORKERS))
    def begin(self, worker):
        """A worker begins, if it is not there."""
        if worker not in self.alive:
            self.store.write(lambda unit: unit.register_worker(worker, host="h", pid=1, lease_until=self.now()))
            self.alive.add(worker)

    @rule(worker=st.sampled_from(WORKERS))
    def die(self, worker):
        """A worker's lease is ended, by whomever."""
        self.store.write(lambda unit: unit.end_worker(worker, ask_at={}, now=self.now()))
        self.alive.discard(worker)
        for one in self.known.values():
            if one.worker == worker:
                one.worker = None
                if one.state is D.SENDING:
                    self.move(one, D.UNKNOWN)

    @rule(target=claims, worker=st.sampled_from(WORKERS), system=st.sampled_from(TARGETS), limit=st.integers(1, 4))
    def claim(self, worker, system, limit):
        """A worker claims what is ready."""

        def work(unit):
            unit.promote(system, now=self.now())
            return unit.claim(system, limit=limit, worker=worker, now=self.now())

        return self.take(work, worker, system, limit, unknown=False)

    @rule(target=claims, worker=st.sampled_from(WORKERS), system=st.sampled_from(TARGETS), limit=st.integers(1, 4))
    def ask(self, worker, system, limit):
        """A worker claims what is to be asked about."""
        return self.take(
            lambda unit: unit.claim_unknown(system, limit=limit, worker=worker, now=self.now()),
            worker,
            system,
            limit,
            unknown=True,
        )

    def take(self, work, worker, system, limit, *, unknown):
        """It gets only what nobody holds, and nothing that stands behind another."""
        self.clock.at += dt.timedelta(seconds=2)
        claimed = self.store.write(work)
        state = D.UNKNOWN if unknown else D.DUE
        free = [one for one in self.known.values() if one.target == system and one.state is state and not one.worker]
        assert len(claimed) == (min(limit, len(free)) if worker in self.alive else 0)
        for got in claimed:
            one = self.known[got.delivery.id]
            assert one.worker is None
            assert one.state is state
            assert got.fence > one.fence
            if not unknown:
                assert all(before.state in RELEASES_FOLLOWERS for before in self.line(one) if before.order < one.order)
                self.move(one, D.SENDING)
            one.worker, one.fence = worker, got.fence
        return multiple(*((worker, got) for got in claimed))

    @rule(
        claim=claims,
        state=st.sampled_from([D.DELIVERED, D.LODGED, D.DUE, D.UNKNOWN, D.PARKED]),
        later=st.booleans(),
        impostor=st.sampled_from([None, None, *WORKERS]),
    )
    def settle(self, claim, state, later, impostor):
        """A worker settles what it claimed, perhaps long ago, perhaps what another holds by now."""
        holder, claimed = claim
        worker = impostor or holder
        one = self.known[claimed.delivery.id]
        now = self.now()
        end = Settle(
            delivery=claimed.delivery.id, fence=claimed.fence, state=state, reason=None,
            next_at=now + SECOND if later and state in {D.DUE, D.UNKNOWN} else None,
            failures=0, memo={}, started_at=now, ended_at=now, via="send", outcome="x",
        )  # fmt: skip
        (taken,) = self.store.write(lambda unit: unit.settle([end], worker=worker, now=now))
        assert taken == (one.worker == worker and one.fence == claimed.fence and worker in self.alive)
        if taken:
            one.worker = None
            self.move(one, state)
            self.follow(one)

    @rule(place=st.integers(0, 7), state=st.sampled_from([D.DUE, D.PARKED, D.CANCELLED, D.UNKNOWN]))
    def operate(self, place, state):
        """A person retries, parks or cancels whichever."""
        id_ = sorted(self.known)[place]
        one = self.known[id_]
        event = Event("operated", self.now(), "op", one.application, one.target, id_, "operator")
        done = self.store.write(lambda unit: unit.operate(id_, state, Reason.OPERATOR, event))
        again = one.state is state and state in {D.DUE, D.UNKNOWN}
        assert done == (one.worker is None and (again or may_move(one.state, state)))
        if done:
            self.move(one, state)
            self.follow(one)

    # -- the model

    def line(self, one: Known) -> list[Known]:
        """The deliveries of the same application to the same target, in order."""
        same = [
            other for other in self.known.values() if (other.application, other.target) == (one.application, one.target)
        ]
        return sorted(same, key=lambda other: other.order)

    def move(self, one: Known, state: DeliveryState) -> None:
        """Move, and remember that it was."""
        if one.state is not state:
            assert may_move(one.state, state)
            one.history.append(state)
        one.state = state

    def follow(self, moved: Known) -> None:
        """Let go, or hold, whoever stands behind."""
        held = False
        for one in self.line(moved):
            if one.state is D.WAITING and not held:
                one.state = D.DUE
            elif one.state is D.DUE and held:
                one.state = D.WAITING
            held = held or one.state not in RELEASES_FOLLOWERS

    # -- what always holds

    @invariant()
    def agrees(self):
        """The store stands where the model stands, and nothing is held by two."""
        if not hasattr(self, "store"):
            return
        applications = sorted({one.application for one in self.known.values()})
        held = self.store.read(
            lambda unit: [one for application in applications for one in unit.deliveries(application)]
        )
        assert {one.id: one.state for one in held} == {id_: one.state for id_, one in self.known.items()}
        counts = self.store.read(lambda unit: unit.counts())
        assert sum(counts.values()) == len(self.known)
        open_ = [one.made_at for one in held if one.state not in ENDED]
        assert self.store.read(lambda unit: unit.oldest_open()) == min(open_, default=None)

    def teardown(self):
        """The history is whole, whatever happened."""
        if hasattr(self, "store"):
            assert Keeper(self.store, Path("no-key"), self.clock).verify().ok
            self.store.close()
            self.folder.cleanup()


TestDeliveries = Deliveries.TestCase
TestDeliveries.settings = settings(max_examples=30, stateful_step_count=50, deadline=None)
