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
from bridge.model.delivery import DeliveryState, Reason
from bridge.ports.events import Event
from bridge.ports.store import Claimed, Prepared, Settle, Store, Trouble, UnitOfWork
from bridge.telemetry import logger

log = logger(__name__)


@dataclass(slots=True)
class Batch:
    """What became of a claim: ready to send, parked before sending, or put back to wait for facts."""

    ready: list[Claimed] = field(default_factory=list)
    parked: list[Settle] = field(default_factory=list)
    waiting: int = 0


class Preparer:
    """Makes payloads for one target."""

    def __init__(self, target: Target, catalogue: Catalogue, store: Store, clock: Clock) -> None:
        self._target, self._catalogue, self._store, self._clock = target, catalogue, store, clock

    def prepare(self, claimed: Sequence[Claimed], *, worker: str) -> Batch:
        """Map and check those without a payload, and keep the payloads in one unit. Blocking: run it off the loop."""
        batch = Batch(ready=[one for one in claimed if one.payload is not None])
        fresh = [one for one in claimed if one.payload is None]
        if not fresh:
            return batch
        made: list[Prepared] = []
        waits: list[tuple[Claimed, Sequence[str]]] = []
        for one, tree in self._sources(fresh):
            try:
                mapping = self._mapping(one)
                if mapping is None:
                    batch.parked.append(self._park(one, Reason.BUG, words.no_mapping(self._title)))
                elif missing := mapping.missing(tree):
                    waits.append((one, missing))
                else:
                    ready, prepared = self._make(one, tree, mapping)
                    made.append(prepared)
                    batch.ready.append(ready)
            except Refused as refusal:
                batch.parked.append(self._park(one, Reason.PREFLIGHT, self.in_words(one, refusal)))
            except Exception as exc:  # noqa: BLE001 - a mapping's bug must park one delivery, not stop the others
                log.error("mapping_failed", delivery=one.delivery.id, target=self._target.id, error=type(exc).__name__)
                batch.parked.append(self._park(one, Reason.BUG, words.bug(self._title)))
        self._keep(made, waits, worker)
        batch.waiting = len(waits)
        return batch

    def _make(self, one: Claimed, tree: Mapping[str, Any], mapping: PayloadMapping) -> tuple[Claimed, Prepared]:
        """The payload of one delivery. Raises Refused; whatever a mapping raises."""
        payload = orjson.dumps(mapping.write(tree), option=orjson.OPT_SORT_KEYS)
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
        try:
            box = self._box(claimed, refusal)
        except Exception as exc:  # noqa: BLE001 - a target may name any field: what cannot be traced is told as it came
            log.error("refusal_not_traced", delivery=claimed.delivery.id, error=type(exc).__name__)
            box = None
        return words.refused(self._title, refusal, box)

    def _box(self, claimed: Claimed, refusal: Refused) -> Problem | None:
        """The first box of the form that a refusal means."""
        mapping, application = self._mapping(claimed), claimed.application
        for one in refusal.fields if mapping else ():
            pointer = mapping.to_form(one.path) if mapping else None
            if pointer is not None:
                label, label_en = self._catalogue.label(application.matter, application.form_version, pointer)
                return Problem(pointer, label, label_en, message="", message_en="", remedy="", remedy_en="")
        return None

    @property
    def _title(self) -> str:
        return self._target.adapter.manifest.title

    def _mapping(self, claimed: Claimed) -> PayloadMapping | None:
        """The mapping that the delivery was made with, or the newest where it has none yet."""
        delivery = claimed.delivery
        return self._target.adapter.mapping(claimed.application.matter, delivery.kind, delivery.mapping_version)

    def _sources(self, fresh: Sequence[Claimed]) -> list[tuple[Claimed, Mapping[str, Any]]]:
        """Each delivery with its source tree, read in one unit."""
        return self._store.read(
            lambda unit: [
                (
                    one,
                    dict(
                        source(
                            one.application,
                            unit.revision(one.application.id, one.delivery.revision),
                            unit.revision_facts(one.application.id, one.delivery.revision),
                            unit.facts(one.application.id),
                        )
                    ),
                )
                for one in fresh
            ]
        )

    def _keep(self, made: list[Prepared], waits: list[tuple[Claimed, Sequence[str]]], worker: str) -> None:
        """Store the payloads, and put back what must wait for facts."""
        if not made and not waits:
            return
        now = to_micros(self._clock.now())

        def keep(unit: UnitOfWork) -> None:
            unit.prepare(made)
            for one, missing in waits:
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

        self._store.write(keep)

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
