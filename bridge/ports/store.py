"""The store as the engine sees it: units of work, each one transaction, with the acts of the engine as methods.

A unit is handed to a function that runs inside it (`store.write(work)`): on return it is committed with its ledger
events, on an exception it is rolled back and nothing has happened. Personal values go in and come out in clear; they
are sealed by the store. All methods are plain calls; whoever has an event loop runs a whole unit on another thread.
Instants are microseconds since the epoch. Every method may raise StoreError.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from bridge.model.application import Application, MaterialRef, Revision
from bridge.model.counterpart import Counterpart
from bridge.model.delivery import Delivery, DeliveryState, Kind, Reason
from bridge.model.lifecycle import ApplicationState
from bridge.model.signature import NamedFile, SignatureRequest
from bridge.ports.events import Event, StoredEvent
from bridge.ports.inbox import InboxUnit
from bridge.ports.machine import MachineUnit
from bridge.ports.signatures import SignaturesUnit
from bridge.ports.words import WordsUnit

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class NewApplication:
    """All that is stored when a submission is taken in; its deliveries and events go with it."""

    application: Application
    revision: Revision
    facts: Mapping[str, Any]
    """What is fixed with the revision (the item's codes, the body's names); sealed with it, for `revision_facts`."""
    content_digest: str
    """Digest of the canonical content; stored keyed."""
    applicant: str
    """Certificate number; stored as a keyed digest only."""
    site: str
    """Site identity; stored as a keyed digest only, together with the applicant."""


@dataclass(frozen=True, slots=True)
class Claimed:
    """A delivery that this worker holds now, with what is needed to send it."""

    delivery: Delivery
    worker: str
    """The worker that holds it: only under this lease may it be sent."""
    fence: int
    """The settle must carry it."""
    application: Application
    applicant: str
    """Certificate number, from the sealed revision."""
    site: str
    materials: tuple[MaterialRef, ...]
    """The files of its revision."""
    payload: bytes | None
    """The payload of the first attempt, canonical JSON; None where none has been made."""
    memo: Mapping[str, object]
    target_number: str | None
    attempt_ended_at: int | None
    """When the last attempt ended; for questions about unknown outcomes."""
    signed: SignatureRequest | None = None
    """The form that the applicant signed for it, where it asked for one and has it."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A payload, made once."""

    delivery: str
    fence: int
    payload: bytes
    mapping_version: int
    target_schema: str


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why a delivery does not go on, for a person; kept sealed. Chinese, then English."""

    reason: str
    reason_en: str
    remedy: str
    remedy_en: str
    where: str
    """Where to go: an office, an address of a page, a setting."""
    pointer: str | None = None
    label: str | None = None
    label_en: str | None = None
    code: str | None = None
    who: str = "operator"
    """Who must act: `applicant`, `clerk`, `operator`, `target`, `decider`, `nobody`."""


@dataclass(frozen=True, slots=True)
class Settle:
    """The end of one attempt or of one question, with all that follows from it, applied in one transaction."""

    delivery: str
    fence: int
    state: DeliveryState
    reason: Reason | None
    next_at: int | None
    failures: int
    memo: Mapping[str, object]
    started_at: int
    ended_at: int
    via: str
    """`send` or `find`; only `send` counts as an attempt. `release`: it was claimed but not tried."""
    outcome: str
    """One word for the record: `receipt`, `try_later`, `refused`, `access_denied`, `unknown`, `bug`, `absent`, …"""
    code: str | None = None
    raw: bytes = b""
    trouble: Trouble | None = None
    counterpart: Counterpart | None = None
    """What the target now holds, where it said so."""
    facts: Mapping[str, str] | None = None
    """Facts that it gave."""
    to_sign: NamedFile | None = None
    """The form that the applicant must sign, kept already."""


@dataclass(frozen=True, slots=True)
class DeliveryFilter:
    """Which deliveries an operator means; all given conditions together."""

    ids: Sequence[str] = ()
    """Ids of deliveries, or any number of an application."""
    target: str | None = None
    states: Sequence[DeliveryState] = ()
    reason: Reason | None = None
    matter: str | None = None
    limit: int | None = None
    after: str | None = None
    """Read on behind this delivery id."""


@dataclass(frozen=True, slots=True)
class AttemptRow:
    """One try, for the record."""

    delivery: str
    number: int
    started_at: int
    ended_at: int | None
    via: str
    outcome: str | None
    code: str | None
    raw: bytes


class UnitOfWork(WordsUnit, MachineUnit, InboxUnit, SignaturesUnit, Protocol):
    """One transaction. Methods that write are refused in a unit made by `Store.read`."""

    # -- applications
    def next_serial(self, day: str, count: int = 1) -> int:
        """The first of `count` serial numbers of the day `YYYYMMDD`, from 1, never given twice."""
        ...

    def add_application(self, new: NewApplication, deliveries: Sequence[Delivery], events: Sequence[Event]) -> None:
        """Store an application with its first revision, its deliveries and its events."""
        ...

    def amend_application(self, new: NewApplication, deliveries: Sequence[Delivery], events: Sequence[Event]) -> None:
        """Store a further revision, with its deliveries and events; the application goes by its form from now on."""
        ...

    def application(self, id_: str) -> Application:
        """One by its id. Raises NotFound."""
        ...

    def find_application(self, number: str) -> Application:
        """One by our id, our number, the sender's reference, or any number that a target gave. Raises NotFound."""
        ...

    def by_reference(self, reference: str) -> Application | None:
        """The application with this reference of the sender."""
        ...

    def by_content(self, content_digest: str) -> Application | None:
        """The earliest application with this content."""
        ...

    def same_content(self, application: str, content_digest: str) -> bool:
        """Whether the application's first revision had this content."""
        ...

    def is_case_of(self, application: str, applicant: str, site: str) -> bool:
        """Whether the application was entered for this applicant and site."""
        ...

    def open_application(self, applicant: str, site: str, matter: str, type_: str) -> Application | None:
        """An application of the same applicant, site, matter and type that has not ended."""
        ...

    def applications(
        self,
        *,
        matter: str | None = None,
        state: ApplicationState | None = None,
        after: str | None = None,
        limit: int = 200,
    ) -> Sequence[Application]:
        """Some applications by id, read on behind `after`."""
        ...

    def applications_of(self, applicant: str, *, limit: int = 50) -> Sequence[Application]:
        """The latest applications of one applicant, by the certificate number, newest first."""
        ...

    def latest_applications(self, matter: str, *, before: str | None = None, limit: int) -> Sequence[Application]:
        """Applications of a matter, newest first, read on behind the id `before`."""
        ...

    def move_application(self, id_: str, state: ApplicationState, event: Event) -> None:
        """Change its state; the move has been found legal by the engine."""
        ...

    def revision(self, application: str, number: int) -> Revision:
        """One revision, unsealed. Raises NotFound."""
        ...

    def revision_facts(self, application: str, number: int) -> Mapping[str, Any]:
        """The facts that were fixed when the revision was taken in (the item's codes, the body's names)."""
        ...

    def facts(self, application: str) -> Mapping[str, str]:
        """Facts that targets gave since: name → value."""
        ...

    def put_facts(self, application: str, target: str, facts: Mapping[str, str], *, at: int, via: str) -> None:
        """Keep facts that a target gave of its own accord; each belongs to the target that gave it first."""
        ...

    # -- deliveries
    def add_deliveries(self, deliveries: Sequence[Delivery], form_version: int) -> None:
        """Store further deliveries of an application."""
        ...

    def rekind(self, delivery: str, kind: Kind) -> None:
        """Tell something else: a correction of what the target never held is the application itself."""
        ...

    def keep_order(self, application: str, *, via: str) -> None:
        """Let go and hold back what must be, after facts or deliveries came."""
        ...

    def deliveries(self, application: str) -> Sequence[Delivery]:
        """All of one application, by target and order."""
        ...

    def select_deliveries(self, wanted: DeliveryFilter) -> Sequence[tuple[Delivery, str]]:
        """Deliveries with their application's 收件编号, by id."""
        ...

    def trouble(self, delivery: str) -> Trouble | None:
        """Why it does not go on, if it does not."""
        ...

    def attempts(self, delivery: str) -> Sequence[AttemptRow]:
        """Its tries, oldest first."""
        ...

    def operate(
        self,
        delivery: str,
        state: DeliveryState,
        reason: Reason | None,
        event: Event,
        *,
        next_at: int | None = None,
        trouble: Trouble | None = None,
    ) -> bool:
        """An act outside an attempt (retry, park, cancel, release, mode). False where it moved meanwhile.

        Clears `failures` on a move to `due`. Followers are released or held as `DeliveryState` says.
        """
        ...

    def counts(self) -> Mapping[DeliveryState, int]:
        """How many deliveries stand in each state (every state is a key)."""
        ...

    def oldest_open(self) -> int | None:
        """When the oldest delivery that has not ended was made."""
        ...

    # -- the pump
    def claim(self, target: str, *, limit: int, worker: str, now: int) -> Sequence[Claimed]:
        """Take up to `limit` ready deliveries of a target, by rank: `due` without `next_at` → `sending`."""
        ...

    def claim_unknown(self, target: str, *, limit: int, worker: str, now: int) -> Sequence[Claimed]:
        """Take up to `limit` unknown ones whose time to be asked about has come; they stay `unknown`."""
        ...

    def prepare(self, prepared: Sequence[Prepared]) -> None:
        """Keep the payloads of first attempts, sealed with their digests."""
        ...

    def settle(self, settled: Sequence[Settle], *, worker: str, now: int) -> Sequence[bool]:
        """Record the ends of attempts, each with its event; False where the lease or the fence was lost.

        Also: writes counterpart, facts and numbers; releases followers whose predecessor now stands in
        RELEASES_FOLLOWERS, and deliveries of the application that waited for a fact that now exists
        (their needs were given to `wait_for_facts`).
        """
        ...

    def wait_for_facts(self, delivery: str, fence: int, needs: Sequence[str], *, worker: str, event: Event) -> bool:
        """Put a claimed delivery to `waiting` for facts by name; `settle` releases it when they exist."""
        ...

    def promote(self, target: str, *, now: int) -> int:
        """Make those `due` whose `next_at` has come ready now; how many."""
        ...

    def next_time(self, target: str) -> int | None:
        """The earliest `next_at` among `due` and `unknown` ones of the target that no worker holds, or None."""
        ...

    def ready(self, target: str, *, now: int) -> bool:
        """Whether `claim`, `promote` or `claim_unknown` would find anything now."""
        ...

    # -- counterparts
    def counterparts(self, application: str) -> Sequence[Counterpart]:
        """What each target holds of one application."""
        ...

    def application_at(self, target: str, *, number: str | None, key: str | None) -> Application | None:
        """The application that a target means by its number, or by the key that we gave it."""
        ...

    def hear_once(self, target: str, message: str, *, now: int) -> bool:
        """Remember a message of a target by its own id; False where it was heard before."""
        ...

    def put_counterpart(self, counterpart: Counterpart, event: Event | None) -> None:
        """Remember what a target holds; with an event where it is news."""
        ...

    # -- the ledger
    def append(self, events: Sequence[Event]) -> None:
        """Write events that tell of nothing else in this unit."""
        ...

    def events(self, application: str) -> Sequence[StoredEvent]:
        """The history of one application, in order."""
        ...


class Store(Protocol):
    """Our own database."""

    def write(self, work: Callable[[UnitOfWork], T]) -> T:
        """Run `work` in one write transaction and commit it. Safe from any thread; writers wait for each other."""
        ...

    def read(self, work: Callable[[UnitOfWork], T]) -> T:
        """Run `work` in one short read transaction."""
        ...

    def pages(self, work: Callable[[UnitOfWork, str | None], Sequence[T]], key: Callable[[T], str]) -> Iterator[T]:
        """A long list, page by page, each page its own read transaction: `work(unit, after)` until it gives nothing."""
        ...

    def changed(self) -> int:
        """A number that changes when any process has committed; cheap enough to ask many times a second."""
        ...

    def changed_elsewhere(self) -> int:
        """The same for commits of other processes only; one that falls together with ours may go unnoticed."""
        ...

    def close(self) -> None:
        """Let go of connections."""
        ...
