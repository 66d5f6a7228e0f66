"""Polling: what targets say of their own accord is fetched page by page and handed to `hearing`.

A target that cannot be heard now is asked again at the next round.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from functools import partial

from bridge.clock import Clock, to_micros
from bridge.contract.adapter import answer_came
from bridge.contract.remote import Page, RemoteChange
from bridge.engine import border
from bridge.engine.breaker import Breaker
from bridge.engine.deliver import hold_for_access, is_held
from bridge.engine.hearing import Heard, Hearing
from bridge.engine.targets import Target
from bridge.engine.units import Units
from bridge.errors import AccessDenied, TargetError
from bridge.ports.store import UnitOfWork
from bridge.telemetry import logger

log = logger(__name__)


MAX_PAGES = 500
"""Pages of one turn: a target that never ends its stream must not keep the lane for ever."""


class Listener:
    """Polls one target's changes."""

    def __init__(
        self,
        *,
        target: Target,
        units: Units,
        hearing: Hearing,
        breaker: Breaker,
        clock: Clock,
        stopping: asyncio.Event,
    ) -> None:
        self._target, self._units, self._hearing = target, units, hearing
        self._breaker, self._clock, self._stopping = breaker, clock, stopping
        self.delivered = 0
        """Lodged deliveries that were delivered by a verdict heard here so far."""

    async def turn(self) -> int:
        """Read on from the kept cursor, at most MAX_PAGES; how many changes were news. Raises StoreError."""
        manifest = self._target.adapter.manifest
        generation = self._breaker.generation
        row = await self._units.read(lambda unit: unit.target(self._target.id))
        now = to_micros(self._clock.now())
        self._breaker.load(row, generation)
        if not manifest.abilities.changes or self._target.unusable or is_held(row, now) or self._breaker.resting(now):
            return 0
        news, cursor = 0, row.cursor
        for _ in range(MAX_PAGES):
            page = await self._page(cursor)
            if page is None:
                break
            if page.items or page.cursor != cursor:
                heard = await self._units.write(partial(self._apply, changes=page.items, cursor=page.cursor))
                news += heard.news
                self.delivered += heard.delivered
            if not page.more or page.cursor == cursor or self._stopping.is_set():
                break
            cursor = page.cursor
        return news

    async def _page(self, cursor: str | None) -> Page[RemoteChange] | None:
        """One page; None where it cannot be had now."""
        began, probing = self._clock.monotonic(), self._breaker.is_open
        answer_came.set(self._breaker.note_answer)
        try:
            page = border.page(await self._target.adapter.changes(cursor))
        except TargetError as error:
            log.warning("changes_not_heard", target=self._target.id, error=type(error).__name__)
            await self._breaker.judge(error, started=began, probing=probing)
            if isinstance(error, AccessDenied):
                await hold_for_access(self._units, self._target, error, to_micros(self._clock.now()))
            return None
        except Exception as exc:  # noqa: BLE001 - a bug in reading must not stop the sending
            log.error("changes_failed", target=self._target.id, error=type(exc).__name__)
            return None
        await self._breaker.judge(page, started=began, probing=probing)
        return page

    def _apply(self, unit: UnitOfWork, changes: Sequence[RemoteChange], cursor: str | None) -> Heard:
        """Apply a page and keep where it ended, in one unit."""
        heard = self._hearing.apply(unit, self._target.id, changes, via="poll")
        unit.note_poll(self._target.id, cursor=cursor, now=to_micros(self._clock.now()))
        return heard
