"""The lane that keeps the ledger: lets its tree follow, signs checkpoints, writes them outside; delays nobody.

What does not belong here: what upkeep is (`bridge.storage.keeper`, `bridge.storage.outside`).
"""

from __future__ import annotations

import asyncio
import threading
from functools import partial

from bridge.clock import to_micros
from bridge.engine.deliver import Pumped
from bridge.errors import BridgeError
from bridge.telemetry import logger
from bridge.wiring import Bridge

log = logger(__name__)

EVERY = 5_000_000
"""Microseconds between two looks at whether there are new events."""

AFTER_FAILURE = 60_000_000


class LedgerLane:
    """Upkeep in a thread of its own: a share that hangs, or a ledger that was changed, stops no delivery."""

    def __init__(self, bridge: Bridge) -> None:
        self._bridge = bridge
        self._busy = threading.Lock()
        self._failed = False

    async def step(self) -> Pumped:
        """Upkeep while running."""
        await asyncio.get_running_loop().run_in_executor(None, self._keep)
        return Pumped()

    async def next_time(self) -> int | None:
        """When to look again."""
        return to_micros(self._bridge.clock.now()) + (AFTER_FAILURE if self._failed else EVERY)

    async def end(self) -> None:
        """Upkeep at the end of a run: everything is in the tree and signed."""
        await asyncio.get_running_loop().run_in_executor(None, partial(self._keep, end=True))

    def _keep(self, *, end: bool = False) -> None:
        """What fails is said and tried again; `bridge doctor` and `bridge audit status` tell how old the last is."""
        with self._busy:
            try:
                self._bridge.outside.upkeep(end=end)
                self._failed = False
            except BridgeError as error:
                self._failed = True
                log.error("ledger_not_kept", error=type(error).__name__)
