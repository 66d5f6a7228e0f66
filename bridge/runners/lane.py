"""The lanes of one target: pump, resolver and listener side by side, so that none waits for another (promise 4)."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from bridge.clock import Clock, to_micros
from bridge.engine.deliver import Pump, Pumped, is_held
from bridge.engine.fetch import Fetcher
from bridge.engine.hear import Listener
from bridge.engine.resolve import Resolver
from bridge.engine.targets import Target
from bridge.engine.units import Units
from bridge.ports.store import UnitOfWork
from bridge.runners.board import Board
from bridge.telemetry import logger

log = logger(__name__)

Step = Callable[[], Awaitable[Pumped]]
NextTime = Callable[[], Awaitable[int | None]]

FAILURE_REST = 1.0
"""Seconds that a lane for ever rests after a step failed."""

NOW = -1
"""Instead of an instant: go on at once."""


@dataclass(slots=True)
class Lane:
    """One loop: do what is to be done, then rest until there is more."""

    name: str
    step: Step
    next_time: NextTime
    board: Board
    clock: Clock
    deadline: int | None
    """Times later than this are not waited for; None: for ever."""
    recover: Callable[[str], Awaitable[None]] | None = None
    """For ever: what to do after a step failed, with the lease that was in force when it began."""
    lease: Callable[[], str] = str
    """The lease in force."""
    failed: Exception | None = None
    """Why this lane gave up; while draining only."""

    async def run(self) -> None:
        """Run until cancelled. A step that fails is begun anew for ever; while draining its lane rests for good."""
        self.board.enter(self.name)
        while self.failed is None:
            version, lease = self.board.version(self.name), self.lease()
            try:
                until = await self._once()
            except Exception as error:  # noqa: BLE001 - one lane's failure must not stop the others
                log.error("lane_failed", lane=self.name, error=type(error).__name__)
                if self.recover is None:
                    self.failed = error
                    break
                await self.clock.sleep(FAILURE_REST)
                await self.recover(lease)
                continue
            if until != NOW:
                await self.board.rest(self.name, version, until)
        self.board.leave(self.name)
        await asyncio.Event().wait()

    async def _once(self) -> int | None:
        """One step, and until when to rest after it; NOW where there may be more to do."""
        if (await self.step()).moved:
            self.board.bump()
            return NOW
        until = await self.next_time()
        return None if self.deadline is not None and until is not None and until > self.deadline else until


@dataclass(slots=True)
class TargetLanes:
    """The steps and times of one target's three lanes."""

    target: Target
    pump: Pump
    resolver: Resolver
    listener: Listener
    fetcher: Fetcher
    units: Units
    clock: Clock
    poll_micros: int
    """Between two polls when nothing happens; 0 while draining: then polls follow changes."""
    deadline: int | None
    """While draining: files wanted later than this are left to the next run."""
    board: Board
    stopping: asyncio.Event
    ask_accounts: Callable[[], int]
    """Asks again for accounts that were not open to us, where it is time to; how many."""
    _polled_news: int = -1
    _polled_at: int = 0

    async def send(self) -> Pumped:
        """Deliver what is ready."""
        return Pumped() if self.stopping.is_set() else await self.pump.turn()

    async def ask(self) -> Pumped:
        """Ask about unknown outcomes."""
        return Pumped() if self.stopping.is_set() else await self.resolver.turn()

    async def poll(self) -> Pumped:
        """Hear what the target says, where it is time to, and fetch the files that it named."""
        if self.stopping.is_set():
            return Pumped()
        heard = 0
        if self._now() >= self._poll_due():
            self._polled_news, self._polled_at = self.board.news, self._now()
            heard = await self.listener.turn()
            if self.poll_micros:
                heard += await self.units.call(self.ask_accounts)
        return Pumped(moved=heard + await self.fetcher.turn())

    async def send_time(self) -> int | None:
        """When there may be something to send or to ask again; None where nothing is waiting for its time."""
        now = self._now()

        def look(unit: UnitOfWork) -> int | None:
            row = unit.target(self.target.id)
            if self.target.unusable:
                return None
            at = now if unit.ready(self.target.id, now=now) else unit.next_time(self.target.id)
            if is_held(row, now):
                return row.held_until if at is not None else None
            if at is not None and row.open_until is not None:
                return max(at, row.open_until)
            return at

        return await self.units.read(look)

    async def poll_time(self) -> int | None:
        """When to poll next: at the interval, or, while draining, soon after something changed; or to fetch a file."""
        due = self._poll_due() if self.poll_micros or self._polled_news != self.board.news else None
        wanted = None if self.target.unusable else await self.fetcher.next_time()
        if wanted is not None and self.deadline is not None and wanted > self.deadline:
            wanted = None
        times = [at for at in (due, wanted) if at is not None]
        return min(times) if times else None

    def _poll_due(self) -> int:
        """The next instant at which a poll is wanted."""
        if self.poll_micros:
            return self._polled_at + self.poll_micros
        return self._polled_at + DRAIN_POLL if self._polled_news != self.board.news else 1 << 62

    def _now(self) -> int:
        return to_micros(self.clock.now())


DRAIN_POLL = 300_000
"""Microseconds between two polls while draining and things change."""
