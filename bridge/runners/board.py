"""The board: lanes rest on it until something has changed or their next time has come, and it knows when all rest."""

from __future__ import annotations

import asyncio

from bridge.clock import Clock, to_micros


class Board:
    """Shared by the lanes of one event loop. `version` grows with every change that may concern another lane."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._condition = asyncio.Condition()
        self._resting: dict[str, tuple[int, bool]] = {}
        self._lanes: set[str] = set()
        self.version = 0
        self.all_rest = asyncio.Event()

    async def until_everyone_rests(self) -> None:
        """Return once no lane is at work."""
        async with self._condition:
            await self._condition.wait_for(lambda: len(self._resting) == len(self._lanes))

    def enter(self, lane: str) -> None:
        """A lane begins: nobody is finished before it rests."""
        self._lanes.add(lane)

    async def bump(self) -> None:
        """Something has changed: wake everybody."""
        async with self._condition:
            self.version += 1
            self._resting.clear()
            self._condition.notify_all()

    async def rest(self, lane: str, version: int, until: int | None) -> None:
        """Rest until `version` is old or the instant `until` (microseconds) has come; None: nothing to wait for.

        When all lanes rest on the same version with nothing to wait for, `all_rest` is set.
        """
        async with self._condition:
            if self.version != version:
                return
            self._resting[lane] = (version, until is None)
            self._condition.notify_all()
            if len(self._resting) == len(self._lanes) and all(done for _, done in self._resting.values()):
                self.all_rest.set()
            seconds = None if until is None else max((until - to_micros(self._clock.now())) / 1_000_000, 0.01)
            try:
                await asyncio.wait_for(self._condition.wait_for(lambda: self.version != version), seconds)
            except TimeoutError:
                pass
            finally:
                self._resting.pop(lane, None)
