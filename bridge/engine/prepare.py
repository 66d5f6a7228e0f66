"""Preparing: the payload of a delivery is made once, at its first attempt, and kept; later attempts carry the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import orjson

from bridge.catalogue.catalogue import Catalogue
from bridge.clock import Clock, to_micros
from bridge.contract.mapping import PayloadMapping
from bridge.engine import words
from bridge.engine.source import source
from bridge.engine.targets import Target
from bridge.errors import Problem, Refused
from bridge.model.delivery import Delivery, DeliveryState, Kind, Reason
from bridge.model.lifecycle import ApplicationState
from bridge.ports.events import Event
from bridge.ports.store import Claimed, Prepared, Settle, Store, Trouble, UnitOfWork
from bridge.telemetry import logger

log = logger(__name__)

PAGE = 25
"""Deliveries read in one transaction: a few milliseconds, in which nobody can write."""

FOLLOWING = frozenset({Kind.AMEND, Kind.WITHDRAW})
"""Kinds that mean something only where the target holds the application."""


@dataclass(slots=True)
class Batch:
    """What became of a claim: ready to send, parked before sending, or put back to wait for facts."""

    ready: list[Claimed] = field(default_factory=list)
    parked: list[Settle] = field(default_factory=list)
    waiting: int = 0


@dataclass(slots=True)
class _Work:
    """A batch on its way: what is to be stored of it."""

    batch: Batch
    made: list[Prepared] = field(default_factory=list)
    waits: list[tuple[Claimed, Sequence[str]]] = field(default_factory=list)


class Preparer:
    """Makes payloads for one target."""

    def __init__(self, target: Target, catalogue: Catalogue, store: Store, clock: Clock) -> None:
        self._target, self._catalogue, self._store, self._clock = target, catalogue, store, clock

    def prepare(self, claimed: Sequence[Claimed], *, worker: str) -> Batch:
        """Map and check those without a payload, and keep the payloads. Blocking: run it off the loop."""
        claimed, void = (
            self._store.write(lambda unit: self._sort_out(unit, claimed)) if _unsure(claimed) else (claimed, [])
        )
        work = _Work(Batch(ready=[one for one in claimed if one.payload is not None], parked=void))
        fresh = [one for one in claimed if one.payload is None]
        for start in range(0, len(fresh), PAGE):
            for one, tree in self._sources(fresh[start : start + PAGE]):
                self._make_one(one, tree, work)
        if work.made or work.waits:
            self._store.write(lambda unit: self._keep(unit, work, worker))
        return work.batch

    def prepare_within(self, unit: UnitOfWork, claimed: Sequence[Claimed], *, worker: str) -> Batch:
        """The same for a few, inside the unit that claimed them: one transaction less before they are sent."""
        claimed, void = self._sort_out(unit, claimed) if _unsure(claimed) else (claimed, [])
        work = _Work(Batch(ready=[one for one in claimed if one.payload is not None], parked=void))
        for one in claimed:
            if one.payload is None:
                self._make_one(one, source_of(unit, one), work)
        self._keep(unit, work, worker)
        return work.batch

    def _make_one(self, one: Claimed, tree: Mapping[str, Any], work: _Work) -> None:
        """The payload of one delivery, or why there is none."""
        parked = work.batch.parked
        try:
            mapping = self._mapping(one)
            if mapping is None:
                parked.append(self._park(one, Reason.BUG, words.no_mapping(self._title)))
            elif missing := mapping.missing(tree):
                work.waits.append((one, missing))
                work.batch.waiting += 1
            else:
                ready, prepared = self._make(one, tree, mapping)
                work.made.append(prepared)
                work.batch.ready.append(ready)
        except Refused as refusal:
            parked.append(self._park(one, Reason.PREFLIGHT, self._why_not(one, refusal)))
        except Exception as exc:  # noqa: BLE001 - a mapping's bug must park one delivery, not stop the others
            log.error("mapping_failed", delivery=one.delivery.id, target=self._target.id, error=type(exc).__name__)
            parked.append(self._park(one, Reason.BUG, words.bug(self._title)))

    def _sources(self, page: Sequence[Claimed]) -> list[tuple[Claimed, Mapping[str, Any]]]:
        """A few deliveries with their source trees, read in one unit; they are let go before the next are read."""
        return self._store.read(lambda unit: [(one, source_of(unit, one)) for one in page])

    def _make(self, one: Claimed, tree: Mapping[str, Any], mapping: PayloadMapping) -> tuple[Claimed, Prepared]:
        """The payload of one delivery. Raises Refused; whatever a mapping raises."""
        payload = orjson.dumps(mapping.write(tree))
        prepared = Prepared(
            delivery=one.delivery.id,
            fence=one.fence,
            payload=payload,
            mapping_version=mapping.version,
            target_schema=mapping.target_schema,
        )
        delivery = replace(one.delivery, mapping_version=mapping.version)
        return replace(one, payload=payload, delivery=delivery), prepared

    def in_words(self, claimed: Claimed, refusal: Refused) -> Trouble:
        """A refusal in the words of the entry form, as far as the mapping can trace its field."""
        return words.refused(self._title, refusal, self._box(claimed, refusal))

    def _why_not(self, claimed: Claimed, refusal: Refused) -> Trouble:
        """Why no payload can be made: by what was entered, or by what a body said, which cannot be told on."""
        box = self._box(claimed, refusal)
        of_the_form = box is not None or claimed.delivery.event is None
        return (words.refused if of_the_form else words.untellable)(self._title, refusal, box)

    def _box(self, claimed: Claimed, refusal: Refused) -> Problem | None:
        """The box of the form that a refusal means."""
        try:
            return words.box(self._catalogue, claimed.application, self._mapping(claimed), refusal)
        except Exception as exc:  # noqa: BLE001 - a target may name any field: what cannot be traced is told as it came
            log.error("refusal_not_traced", delivery=claimed.delivery.id, error=type(exc).__name__)
            return None

    @property
    def _title(self) -> str:
        return self._target.adapter.manifest.title

    def _mapping(self, claimed: Claimed) -> PayloadMapping | None:
        """The mapping that the delivery was made with, or the one in force where it has none yet."""
        delivery = claimed.delivery
        return self._target.adapter.mapping(claimed.application.matter, delivery.kind, delivery.mapping_version)

    def _sort_out(self, unit: UnitOfWork, claimed: Sequence[Claimed]) -> tuple[Sequence[Claimed], list[Settle]]:
        """Those that are still to be told, and the ends of those that are not: a claim means that nothing took effect.

        What a newer revision or a withdrawal overtook is cancelled. The correction of what the target never held is
        told as the application itself; what it never held is not withdrawn.
        """
        void = [(one, reason) for one in claimed if (reason := _overtaken(one)) is not None]
        gone = {one.delivery.id for one, _ in void}
        left, unheld = _against_what_is_held(unit, [one for one in claimed if one.delivery.id not in gone])
        void += [(one, Reason.WITHDRAWN) for one in unheld]
        return left, [self._cancel(one, reason) for one, reason in void]

    def _keep(self, unit: UnitOfWork, work: _Work, worker: str) -> None:
        """Store the payloads, and put back what must wait for facts."""
        now = to_micros(self._clock.now())
        unit.prepare(work.made)
        for one, missing in work.waits:
            event = Event(
                act="delivery_waits",
                at=now,
                application=one.application.id,
                target=self._target.id,
                delivery=one.delivery.id,
                via="send",
                data={"needs": list(missing)},
            )
            unit.wait_for_facts(one.delivery.id, one.fence, missing, worker=worker, event=event)

    def _park(self, one: Claimed, reason: Reason, trouble: Trouble) -> Settle:
        """Parked before anything was sent."""
        now = to_micros(self._clock.now())
        return Settle(
            delivery=one.delivery.id,
            fence=one.fence,
            state=DeliveryState.PARKED,
            reason=reason,
            next_at=None,
            failures=one.delivery.failures,
            memo=one.memo,
            started_at=now,
            ended_at=now,
            via="send",
            outcome=reason.value,
            trouble=trouble,
        )

    def _cancel(self, one: Claimed, reason: Reason) -> Settle:
        """Not to be told any more."""
        now = to_micros(self._clock.now())
        return Settle(
            delivery=one.delivery.id,
            fence=one.fence,
            state=DeliveryState.CANCELLED,
            reason=reason,
            next_at=None,
            failures=0,
            memo=one.memo,
            started_at=now,
            ended_at=now,
            via="release",
            outcome="put_back",
        )


def source_of(unit: UnitOfWork, one: Claimed) -> Mapping[str, Any]:
    """The source tree of a delivery, with the steps that it may tell of."""
    application, revision = one.application, one.delivery.revision
    tells = one.delivery.kind is not Kind.APPLY or one.delivery.event is not None
    return source(
        application,
        unit.revision(application.id, revision),
        unit.revision_facts(application.id, revision),
        unit.facts(application.id),
        steps=unit.steps(application.id) if tells else (),
        event=one.delivery.event,
    )


def _unsure(claimed: Sequence[Claimed]) -> bool:
    """Whether any may have been overtaken, or follows what may not be held."""
    return any(one.delivery.kind in FOLLOWING or _overtaken(one) is not None for one in claimed)


def _overtaken(one: Claimed) -> Reason | None:
    """Why an application or a correction is not to be told any more, if so."""
    if one.delivery.kind not in (Kind.APPLY, Kind.AMEND):
        return None
    if one.application.state is ApplicationState.WITHDRAWN:
        return Reason.WITHDRAWN
    return Reason.SUPERSEDED if one.delivery.revision < one.application.revision else None


def _against_what_is_held(unit: UnitOfWork, claimed: Sequence[Claimed]) -> tuple[list[Claimed], list[Claimed]]:
    """Corrections of nothing become the application itself; withdrawals of nothing are handed back apart."""
    left: list[Claimed] = []
    unheld: list[Claimed] = []
    for one in claimed:
        if one.delivery.kind in FOLLOWING and not _holds_something(unit.deliveries(one.application.id), one.delivery):
            if one.delivery.kind is Kind.WITHDRAW:
                # a draft that was to be signed is no application, but it is dropped there, too
                drafts = {request.target for request in unit.signature_requests(one.application.id)}
                (left if one.delivery.target in drafts else unheld).append(one)
                continue
            unit.rekind(one.delivery.id, Kind.APPLY)
            left.append(replace(one, delivery=replace(one.delivery, kind=Kind.APPLY)))
        else:
            left.append(one)
    return left, unheld


def _holds_something(deliveries: Sequence[Delivery], later: Delivery) -> bool:
    """Whether the target took the application in, in any revision, before this delivery."""
    return any(
        one.target == later.target
        and one.order < later.order
        and one.kind in (Kind.APPLY, Kind.AMEND)
        and one.state is not DeliveryState.CANCELLED
        for one in deliveries
    )
