"""A store per test, a clock that is moved by hand, and a maker of applications; PostgreSQL may join `STORES` later."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from bridge.clock import EPOCH, to_micros
from bridge.model.application import Application, MaterialRef, Revision
from bridge.model.delivery import Delivery, DeliveryState, Kind, Reason
from bridge.model.ids import digest, receipt_number, uuid7
from bridge.model.lifecycle import ApplicationState
from bridge.ports.events import Event
from bridge.ports.store import Claimed, NewApplication, Prepared, Settle
from bridge.storage.engine import SqlStore
from bridge.storage.keeper import Keeper
from bridge.storage.migrate import migrate
from bridge.storage.sealing import Keyring
from bridge.storage.signing import create_signing_key

STORES = ("sqlite",)
START = dt.datetime(2026, 11, 23, 1, 30, tzinfo=dt.UTC)
SECOND = 1_000_000


@dataclass
class HandClock:
    """Time that stands still until it is moved."""

    at: dt.datetime = START

    def now(self) -> dt.datetime:
        """The instant it was set to."""
        return self.at

    def monotonic(self) -> float:
        """The same, in seconds."""
        return (self.at - EPOCH).total_seconds()

    async def sleep(self, seconds: float) -> None:
        """Time passes at once."""
        self.move(seconds)

    def move(self, seconds: float) -> None:
        """Let time pass."""
        self.at += dt.timedelta(seconds=seconds)

    @property
    def micros(self) -> int:
        """Now, as the store keeps it."""
        return to_micros(self.at)


@dataclass
class Maker:
    """Makes applications, and takes their deliveries through the pump."""

    store: SqlStore
    clock: HandClock
    made: int = 0
    workers: list[str] = field(default_factory=list)

    def application(
        self,
        targets: Sequence[str] = ("municipal",),
        *,
        each: int = 1,
        reference: str | None = None,
        content: str | None = None,
        applicant: str | None = None,
        data: dict[str, Any] | None = None,
    ) -> tuple[Application, list[Delivery]]:
        """Store an application; to each target `each` deliveries in order, all but the first behind the one before."""
        self.made += 1
        now = self.clock.micros + self.made
        id_ = uuid7(now)
        application = Application(
            id=id_,
            number=receipt_number(self.clock.at.date(), self.made),
            case_number=None,
            reference=reference,
            matter="discharge-permit",
            type="new",
            state=ApplicationState.SUBMITTED,
            revision=1,
            form_version=1,
            body="tj-bhxq",
            district="120116",
            hall=None,
            channel="web",
            origin="entered",
            entered_by="clerk",
            at=now,
            recorded_at=now,
        )
        revision = Revision(
            application=id_,
            number=1,
            form_version=1,
            data=data or {"applicant": {"name": f"示例公司{self.made}"}},
            materials=(MaterialRef("licence", "营业执照.pdf", digest(id_.encode()), 1234, "application/pdf"),),
            at=now,
            recorded_at=now,
            entered_by="clerk",
            reason=None,
        )
        deliveries = [self.delivery(id_, target, order, now) for target in targets for order in range(1, each + 1)]
        new = NewApplication(
            application=application,
            revision=revision,
            facts={"title": "示例", "item": {"task_code": "T1", "promise_days": 20}},
            content_digest=content or digest(id_.encode()),
            applicant=applicant or f"91120116MA{self.made:08d}",
            site="津南区示例路1号",
        )
        events = [
            Event("submitted", now, "clerk", id_, via="entry", data={"number": application.number}),
            *(Event("delivery_made", now, "system", id_, one.target, one.id, "entry") for one in deliveries),
        ]
        self.store.write(lambda unit: unit.add_application(new, deliveries, events))
        return application, deliveries

    def delivery(self, application: str, target: str, order: int, now: int) -> Delivery:
        """A delivery: due, or behind the one before it."""
        behind = order > 1
        return Delivery(
            id=uuid7(now),
            application=application,
            revision=1,
            target=target,
            kind=Kind.AMEND if behind else Kind.APPLY,
            order=order,
            event=None,
            state=DeliveryState.WAITING if behind else DeliveryState.DUE,
            reason=Reason.BEHIND if behind else None,
            next_at=None,
            attempts=0,
            failures=0,
            mapping_version=None,
            made_at=now,
            changed_at=now,
        )

    def worker(self, name: str = "w1") -> str:
        """Register a worker."""
        self.store.write(
            lambda unit: unit.register_worker(name, host="here", pid=1, lease_until=self.clock.micros + 10 * SECOND)
        )
        return name

    def claim(self, worker: str, target: str = "municipal", limit: int = 200) -> Sequence[Claimed]:
        """Claim what is ready."""
        return self.store.write(lambda unit: unit.claim(target, limit=limit, worker=worker, now=self.clock.micros))

    def ask(self, worker: str, target: str = "municipal", limit: int = 200) -> Sequence[Claimed]:
        """Claim what is to be asked about."""
        return self.store.write(
            lambda unit: unit.claim_unknown(target, limit=limit, worker=worker, now=self.clock.micros)
        )

    def prepare(self, claimed: Sequence[Claimed], payload: bytes = b'{"a":1}') -> None:
        """Keep a payload for each."""
        prepared = [Prepared(one.delivery.id, one.fence, payload, 3, "schema-1") for one in claimed]
        self.store.write(lambda unit: unit.prepare(prepared))

    def end(self, claimed: Claimed, state: DeliveryState = DeliveryState.DELIVERED, **changes: Any) -> Settle:
        """The settle of a claimed delivery."""
        now = self.clock.micros
        end = Settle(
            delivery=claimed.delivery.id,
            fence=claimed.fence,
            state=state,
            reason=None,
            next_at=None,
            failures=0,
            memo={},
            started_at=now,
            ended_at=now,
            via="send",
            outcome="receipt",
        )
        return replace(end, **changes)

    def settle(self, ends: Sequence[Settle], worker: str) -> Sequence[bool]:
        """Settle in one unit."""
        return self.store.write(lambda unit: unit.settle(ends, worker=worker, now=self.clock.micros))

    def states(self, application: str) -> list[tuple[str, str | None]]:
        """State and reason of each delivery, by target and order."""
        return [
            (one.state.value, one.reason.value if one.reason else None)
            for one in self.store.read(lambda unit: unit.deliveries(application))
        ]

    def acts(self, application: str) -> list[str]:
        """What the ledger tells of an application."""
        return [stored.event.act for stored in self.store.read(lambda unit: unit.events(application))]


@pytest.fixture
def clock() -> HandClock:
    """A clock that is moved by hand."""
    return HandClock()


@pytest.fixture
def keyring() -> Keyring:
    """Fresh keys."""
    return Keyring.generate()


@pytest.fixture(params=STORES)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty, migrated database of each kind."""
    address = {"sqlite": f"sqlite:///{tmp_path / 'data' / 'bridge.db'}"}[request.param]
    migrate(address)
    return address


@pytest.fixture
def store(url: str, keyring: Keyring, clock: HandClock) -> Iterator[SqlStore]:
    """An open store."""
    opened = SqlStore(url, keyring, clock)
    yield opened
    opened.close()


@pytest.fixture
def keeper(store: SqlStore, clock: HandClock, tmp_path: Path) -> Keeper:
    """The keeper of the store's ledger, with a key of its own."""
    create_signing_key(tmp_path / "keys" / "ledger.pem")
    return Keeper(store, tmp_path / "keys" / "ledger.pem", clock)


@pytest.fixture
def make(store: SqlStore, clock: HandClock) -> Maker:
    """A maker of applications in the store."""
    return Maker(store, clock)
