"""Hearing: what targets say of their own accord is brought in by polling, kept, and applied by its owner's word only.

Each change is kept with the counterpart; the same change heard again changes nothing. A target that cannot be heard now
is asked again at the next round.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from bridge.catalogue.catalogue import Catalogue
from bridge.clock import Clock, to_micros
from bridge.contract.remote import RemoteChange
from bridge.engine.breaker import Breaker
from bridge.engine.deliver import hold_for_access, is_held
from bridge.engine.settling import move_by_word
from bridge.engine.targets import Target
from bridge.engine.units import Units
from bridge.errors import AccessDenied, OutcomeUnknown, TargetError, TryLater
from bridge.model.counterpart import Counterpart
from bridge.ports.events import Event
from bridge.ports.store import UnitOfWork
from bridge.telemetry import logger

log = logger(__name__)


class Listener:
    """Polls one target's changes."""

    def __init__(self, *, target: Target, units: Units, catalogue: Catalogue, breaker: Breaker, clock: Clock) -> None:
        self._target, self._units, self._catalogue = target, units, catalogue
        self._breaker, self._clock = breaker, clock

    async def turn(self) -> int:
        """Read on from the kept cursor to the end; how many changes were news. Raises StoreError."""
        manifest = self._target.adapter.manifest
        row = await self._units.read(lambda unit: unit.target(self._target.id))
        now = to_micros(self._clock.now())
        self._breaker.load(row)
        if not manifest.abilities.changes or self._target.unusable or is_held(row, now) or self._breaker.resting(now):
            return 0
        news, cursor, more = 0, row.cursor, True
        while more:
            try:
                page = await self._target.adapter.changes(cursor)
            except TargetError as error:
                await self._not_heard(error)
                return news
            except Exception as exc:  # noqa: BLE001 - a bug in reading must not stop the sending
                log.error("changes_failed", target=self._target.id, error=type(exc).__name__)
                return news
            await self._breaker.answered()
            if page.items or page.cursor != cursor:
                news += await self._units.write(partial(self._apply, changes=page.items, cursor=page.cursor))
            more, cursor = page.more and page.cursor != cursor, page.cursor
        return news

    async def _not_heard(self, error: TargetError) -> None:
        """It could not be asked now."""
        if isinstance(error, AccessDenied):
            await hold_for_access(self._units, self._target, error, to_micros(self._clock.now()))
        elif isinstance(error, TryLater | OutcomeUnknown) and not error.answered:
            await self._breaker.silent()

    def _apply(self, unit: UnitOfWork, changes: Sequence[RemoteChange], cursor: str | None) -> int:
        """Apply a page and keep where it ended, in one unit."""
        now = to_micros(self._clock.now())
        news = sum(self._apply_one(unit, change, now) for change in changes)
        unit.note_poll(self._target.id, cursor=cursor, now=now)
        return news

    def _apply_one(self, unit: UnitOfWork, change: RemoteChange, now: int) -> bool:
        """Keep one change; True where it was news. A case we do not know is left to adoption."""
        target = self._target.id
        application = unit.application_at(target, number=change.number, key=change.key)
        if application is None:
            return False
        held = next((one for one in unit.counterparts(application.id) if one.target == target), None)
        if held and held.status_raw == change.status_raw and held.number == (change.number or held.number):
            return False
        counterpart = Counterpart(
            application=application.id,
            target=target,
            number=change.number or (held.number if held else None),
            status=change.status or (held.status if held else None),
            status_raw=change.status_raw,
            last_contact=now,
        )
        event = Event(
            act="status_heard",
            at=change.at or now,
            application=application.id,
            target=target,
            via="poll",
            data={"status_raw": change.status_raw, "status": change.status.value if change.status else None},
        )
        unit.put_counterpart(counterpart, event)
        if change.status:
            move_by_word(
                unit,
                self._catalogue,
                application=application.id,
                target=target,
                status=change.status,
                at=change.at or now,
                via="poll",
            )
        return True
