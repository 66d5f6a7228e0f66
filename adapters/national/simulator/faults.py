"""What the faults mean at a database: it is locked for a while, or its verdicts come late, twice or in another order.

Time is cut into slices; the dice say of each whether it is struck. What there is no connection for has no meaning here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from adapters.national.simulator.front import FrontDatabase
from bridge.clock import Clock
from bridge.testing.simulator.faults import Fault, Faults

SUPPORTED = frozenset(
    {
        Fault.REFUSE,
        Fault.MAINTENANCE,
        Fault.SLOW_COMMIT,
        Fault.LATE_STATUS,
        Fault.DOUBLE_STATUS,
        Fault.WRONG_ORDER,
    }
)

SLICE_SECONDS = 2.5
"""Longer than a caller waits for a lock (2 s), so that it sees one."""

GAP_SECONDS = 0.5
"""After a slow commit others get in before the next one."""


class PlannedFaults(Faults):
    """Faults that tell at once when their plan has changed: nobody calls this target, so nobody would ask."""

    def __init__(self, clock: Clock, changed: Callable[[], None]) -> None:
        super().__init__(clock, SUPPORTED)
        self._changed = changed

    def plan(self, body: Any) -> None:
        """Replace the plan. Raises ImpossibleFault, and leaves the old plan then."""
        super().plan(body)
        self._changed()


class Locks:
    """Locks the database as the plan will have it."""

    def __init__(self, front: FrontDatabase, faults: Faults, clock: Clock) -> None:
        self._front, self._faults, self._clock = front, faults, clock
        self._until = 0.0
        """Monotonic end of the slice."""
        self._free_next = False

    def anew(self) -> None:
        """The plan has changed: begin with a new slice."""
        self._front.release()
        self._until, self._free_next = 0.0, False
        self.obey()

    def obey(self) -> None:
        """Go on to the next slice where the last one is over."""
        now = self._clock.monotonic()
        if now < self._until:
            return
        if self._free_next:
            self._front.release()
            self._until, self._free_next = now + GAP_SECONDS, False
            return
        struck = self._faults.strike("write") or self._faults.strike("read")
        if struck is None:
            self._front.release()
            self._until = now + SLICE_SECONDS if self._faults.shown() else now
            return
        slow = struck.fault is Fault.SLOW_COMMIT
        lasts = struck.delay if slow else SLICE_SECONDS
        if self._front.lock("IMMEDIATE" if struck.on == "writes" else "EXCLUSIVE"):
            self._until = min(now + lasts, struck.until if struck.until is not None else now + lasts)
            self._free_next = slow
