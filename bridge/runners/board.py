"""The board: lanes rest on it until something has changed or their next time has come, and it knows when all rest."""

from __future__ import annotations

import asyncio
from collections import Counter

from bridge.clock import Clock, to_micros


class Board:
    """Shared by the lanes of one event loop. A lane's version grows with every change that may concern it."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lanes: set[str] = set()
        self._resting: dict[str, asyncio.Event] = {}
        self._for_good: set[str] = set()
        self._everyone_rests = asyncio.Event()
        self._versions: Counter[str] = Counter()
        self.news = 0
        """Grows with what our own lanes moved, not with what another process wrote: polls follow this one."""
        self.all_rest = asyncio.Event()

    def enter(self, lane: str) -> None:
        """A lane begins: nobody is finished before it rests."""
        self._lanes.add(lane)

    def version(self, lane: str) -> int:
        """What a lane has seen when it looks now; `rest` is told it again."""
        return self._versions[lane]

    def leave(self, lane: str) -> None:
        """A lane has given up: nobody waits for it any more."""
        self._lanes.discard(lane)
        self._look()

    def bump(self, *, news: bool = True, only: str = "") -> None:
        """Something has changed: wake everybody, or those only whose names begin so."""
        self.news += news
        for lane in self._lanes:
            if lane.startswith(only):
                self._versions[lane] += 1
                if wake := self._resting.get(lane):
                    wake.set()

    async def until_everyone_rests(self) -> None:
        """Return once no lane is at work."""
        while len(self._resting) < len(self._lanes):
            self._everyone_rests.clear()
            await self._everyone_rests.wait()

    def _look(self) -> None:
        """Whether all rest, and whether for good."""
        if len(self._resting) == len(self._lanes):
            self._everyone_rests.set()
            if self._for_good == self._lanes:
                self.all_rest.set()

    async def rest(self, lane: str, version: int, until: int | None) -> None:
        """Rest until `version` is old or the instant `until` (microseconds) has come; None: nothing to wait for.

        When all lanes rest with nothing to wait for, and nothing has changed, `all_rest` is set.
        """
        if self._versions[lane] != version:
            return
        wake = self._resting[lane] = asyncio.Event()
        if until is None:
            self._for_good.add(lane)
        self._look()
        seconds = None if until is None else max((until - to_micros(self._clock.now())) / 1_000_000, 0.01)
        try:
            async with asyncio.timeout(seconds):
                await wake.wait()
        except TimeoutError:
            pass
        finally:
            del self._resting[lane]
            self._for_good.discard(lane)
