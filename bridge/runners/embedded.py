"""The embedded runner: one asyncio loop, no server of any kind, any number of them side by side on one database.

`drain` works until a whole round changes nothing; `work` is the same for ever. What each step does is the engine's.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any

from bridge.clock import to_micros
from bridge.engine.breaker import Breaker
from bridge.engine.deliver import Pump, Pumped
from bridge.engine.fetch import Fetcher
from bridge.engine.hear import Listener
from bridge.engine.prepare import Preparer
from bridge.engine.resolve import Resolver
from bridge.engine.retry import Judge, RetryPolicy
from bridge.engine.settling import Settler
from bridge.engine.targets import Target
from bridge.engine.units import Units
from bridge.engine.worker import Worker
from bridge.errors import StoreError
from bridge.model.delivery import DeliveryState
from bridge.ports.store import UnitOfWork
from bridge.runners.board import Board
from bridge.runners.lane import FAILURE_REST, Lane, NextTime, Step, TargetLanes
from bridge.runners.ledger import LedgerLane
from bridge.telemetry import logger
from bridge.wiring import Bridge

log = logger(__name__)

TICK = 0.003
"""Seconds between two looks at whether another process has written: a look costs some microseconds."""

IDLE_TICK = 0.02
"""The same once no other process has written for QUIET seconds: an idle worker costs next to nothing."""

QUIET = 2.0

WHOLE_LOOK = 0.1
"""Seconds between two looks at whether anybody at all has written, which wake all lanes: a quick look wakes senders."""

SEND = "send:"
"""Names of the lanes that a submission concerns begin so."""

HOUSEKEEPING = 1_000_000
"""Microseconds between two looks for dead workers."""

GRACE = 25.0
"""Seconds that attempts under way have to end when the runner is stopped."""


async def drain(
    bridge: Bridge, *, seconds: float = 0.0, progress: Callable[[dict[str, int]], None] = lambda _: None
) -> dict[str, int]:
    """Deliver, ask, hear until nothing changes; wait for times that come within `seconds` of the start.

    Returns `delivered` in this run, and `due`, `lodged`, `waiting`, `unknown`, `parked` as they stand.
    Raises StoreError.
    """
    deadline = to_micros(bridge.clock.now()) + int(seconds * 1_000_000)
    runner = Runner(bridge, deadline=deadline)
    await runner.run(until=None, progress=progress)
    return runner.result()


async def work(
    bridge: Bridge, stop: asyncio.Event, *, progress: Callable[[dict[str, int]], None] = lambda _: None
) -> dict[str, int]:
    """The same for ever, until `stop` is set; what is under way then may end within GRACE seconds."""
    runner = Runner(bridge, deadline=None)
    await runner.run(until=stop, progress=progress)
    return runner.result()


def _note_stray(_loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """What nobody waits for, such as the rest of a body on a line that was cut, is a log line and no traceback."""
    log.info("stray_exception", error=type(context.get("exception")).__name__)


async def _go_on(_lease: str) -> None:
    """A lane that holds no deliveries has nothing to give up."""


class Runner:
    """One run of the embedded engine."""

    def __init__(self, bridge: Bridge, *, deadline: int | None) -> None:
        self._bridge, self._deadline = bridge, deadline
        self._for_ever = deadline is None
        self._board = Board(bridge.clock)
        self._stopping = asyncio.Event()
        self._lanes: list[Lane] = []
        self._worker = Worker(
            bridge.store,
            bridge.clock,
            bridge.liveness,
            lease_seconds=bridge.settings.lease_seconds,
            targets=list(bridge.targets),
        )
        self._recovering = asyncio.Lock()
        self._settlers: list[Settler] = []
        self._listeners: list[Listener] = []
        self._looked_at = 0
        self._ledger = LedgerLane(bridge)

    async def run(self, *, until: asyncio.Event | None, progress: Callable[[dict[str, int]], None]) -> None:
        """Run all lanes until they rest for good, or until `until` is set."""
        asyncio.get_running_loop().set_exception_handler(_note_stray)
        units = Units(self._bridge.store)
        await units.call(self._worker.start)
        try:
            await units.call(self._bridge.operators.follow_modes)
            await units.call(self._bridge.operators.follow_accounts)
            self._lanes = self._make_lanes(units)
            await self._run_lanes(until, progress)
        finally:
            await units.call(self._worker.stop)
            units.close()
            await self._ledger.end()
            for target in self._bridge.targets.values():
                await target.adapter.close()

    def result(self) -> dict[str, int]:
        """What was delivered in this run, and how things stand."""
        counts = self._bridge.store.read(lambda unit: unit.counts())
        return {
            "delivered": self._delivered(),
            "due": counts[DeliveryState.DUE] + counts[DeliveryState.SENDING],
            "lodged": counts[DeliveryState.LODGED],
            "waiting": counts[DeliveryState.WAITING],
            "unknown": counts[DeliveryState.UNKNOWN],
            "parked": counts[DeliveryState.PARKED],
        }

    def _delivered(self) -> int:
        """Deliveries that were delivered in this run: by an answer, or by a verdict."""
        by_answer = sum(one.delivered for one in self._settlers)
        return by_answer + sum(one.delivered for one in self._listeners)

    async def _run_lanes(self, until: asyncio.Event | None, progress: Callable[[dict[str, int]], None]) -> None:
        """All lanes at once; the first that fails ends the run."""
        tasks = [asyncio.create_task(lane.run(), name=lane.name) for lane in self._lanes]
        finished = asyncio.create_task((until or self._board.all_rest).wait())
        ticker = asyncio.create_task(self._tick(progress))
        try:
            done, _ = await asyncio.wait([finished, ticker, *tasks], return_when=asyncio.FIRST_COMPLETED)
            for task in done - {finished}:
                task.result()
            if until is not None:
                await self._let_finish(tasks)
            for failure in (lane.failed for lane in self._lanes if lane.failed):
                raise failure
        finally:
            for task in (finished, ticker, *tasks):
                task.cancel()
            await asyncio.gather(finished, ticker, *tasks, return_exceptions=True)

    async def _let_finish(self, tasks: list[asyncio.Task[None]]) -> None:
        """Claim nothing more, and give what is under way time to end."""
        self._stopping.set()
        self._board.bump()
        with suppress(TimeoutError):
            async with asyncio.timeout(GRACE):
                await asyncio.wait(
                    [asyncio.create_task(self._board.until_everyone_rests()), *tasks],
                    return_when=asyncio.FIRST_COMPLETED,
                )

    async def _tick(self, progress: Callable[[dict[str, int]], None]) -> None:
        """Wake the lanes when another process has written, and show how things stand."""
        store, clock = self._bridge.store, self._bridge.clock
        seen, elsewhere = store.changed(), store.changed_elsewhere()
        active_at = looked_at = clock.monotonic()
        while True:
            now = clock.monotonic()
            await asyncio.sleep(TICK if now - active_at < QUIET else IDLE_TICK)
            before, elsewhere = elsewhere, store.changed_elsewhere()
            if elsewhere != before:
                active_at = now
                self._board.bump(news=False, only=SEND)
            if now - looked_at >= WHOLE_LOOK:
                looked_at = now
                earlier, seen = seen, store.changed()
                if seen != earlier:
                    self._board.bump(news=False)
                progress({"delivered": self._delivered()})

    def _make_lanes(self, units: Units) -> list[Lane]:
        """Three lanes per target, the one that looks for dead workers, and for ever the one that keeps the ledger."""
        lanes = [self._lane("house", self._keep_house, self._house_time, self._deadline)]
        if self._for_ever:
            lanes.append(self._lane("ledger", self._ledger.step, self._ledger.next_time, None))
        for name, target in self._bridge.targets.items():
            steps = self._target_lanes(target, units)
            lanes += [
                self._lane(f"{SEND}{name}", steps.send, steps.send_time, self._deadline),
                self._lane(f"ask:{name}", steps.ask, steps.send_time, self._deadline),
                # A lane that hears follows changes, not times: the deadline does not bind it.
                self._lane(f"hear:{name}", steps.poll, steps.poll_time, None),
            ]
        return lanes

    def _lane(self, name: str, step: Step, next_time: NextTime, deadline: int | None) -> Lane:
        recover = None
        if self._for_ever:
            holds = name.startswith((SEND, "ask:"))
            recover = self._recover if holds else _go_on
        lease = lambda: self._worker.id  # noqa: E731 - the id of now, whenever it is asked for
        return Lane(name, step, next_time, self._board, self._bridge.clock, deadline, recover, lease)

    async def _recover(self, lease: str) -> None:
        """After a step failed: give up what was held under its lease, so that it is asked about; once for all lanes.

        Nothing is done under the old lease any more; while the store is away this waits for it.
        """
        async with self._recovering:
            while self._worker.id == lease and not self._stopping.is_set():
                try:
                    await asyncio.get_running_loop().run_in_executor(None, self._worker.begin_anew)
                except StoreError:
                    log.error("store_unavailable")
                    await self._bridge.clock.sleep(FAILURE_REST)

    def _target_lanes(self, target: Target, units: Units) -> TargetLanes:
        """The engine's parts for one target, each with what it needs."""
        bridge, manifest = self._bridge, target.adapter.manifest
        retry = bridge.settings.retry
        policy = RetryPolicy(retry.first_seconds, retry.cap_seconds, retry.attempts, random.Random())  # noqa: S311 - jitter
        judge = Judge(
            policy=policy,
            target=target.id,
            title=manifest.title,
            settle_micros=target.settle_micros,
            can_find=manifest.abilities.find,
            gives=frozenset(manifest.gives),
        )
        breaker = Breaker(target.id, units, policy, bridge.clock)
        settler = Settler(units, bridge.hearing, bridge.clock, self._board.bump)
        self._settlers.append(settler)
        pump = Pump(
            target=target,
            units=units,
            preparer=Preparer(target, bridge.catalogue, bridge.store, bridge.clock),
            judge=judge,
            breaker=breaker,
            settler=settler,
            materials=bridge.materials,
            worker=self._worker,
            clock=bridge.clock,
            stopping=self._stopping,
        )
        resolver = Resolver(
            target=target,
            units=units,
            judge=judge,
            breaker=breaker,
            settler=settler,
            materials=bridge.materials,
            worker=self._worker,
            clock=bridge.clock,
            stopping=self._stopping,
        )
        listener = Listener(
            target=target,
            units=units,
            hearing=bridge.hearing,
            breaker=breaker,
            clock=bridge.clock,
            stopping=self._stopping,
        )
        self._listeners.append(listener)
        fetcher = Fetcher(
            target=target,
            units=units,
            materials=bridge.materials,
            breaker=breaker,
            policy=policy,
            clock=bridge.clock,
            stopping=self._stopping,
        )
        poll = int(bridge.settings.poll.seconds * 1_000_000) if self._for_ever else 0
        return TargetLanes(
            target=target,
            pump=pump,
            resolver=resolver,
            listener=listener,
            fetcher=fetcher,
            units=units,
            clock=bridge.clock,
            poll_micros=poll,
            deadline=self._deadline,
            board=self._board,
            stopping=self._stopping,
            ask_accounts=partial(bridge.operators.follow_accounts, target.id),
        )

    async def _keep_house(self) -> Pumped:
        """End the leases of dead workers."""
        now = to_micros(self._bridge.clock.now())
        if now - self._looked_at < HOUSEKEEPING // 2:
            return Pumped()
        self._looked_at = now
        loop = asyncio.get_running_loop()
        return Pumped(moved=await loop.run_in_executor(None, self._worker.end_dead))

    async def _house_time(self) -> int | None:
        """When to look again: for ever at an interval; while draining, when another worker's lease would end."""
        now = to_micros(self._bridge.clock.now())
        if self._for_ever:
            return now + HOUSEKEEPING
        loop = asyncio.get_running_loop()
        others = await loop.run_in_executor(None, self._others)
        return max(min(others), now + HOUSEKEEPING) if others else None

    def _others(self) -> list[int]:
        """When the leases of others end, where they may hold something that we wait for."""

        def look(unit: UnitOfWork) -> list[int]:
            others = [lease_until for worker, _, _, lease_until in unit.workers() if worker != self._worker.id]
            if not others:
                return []
            counts = unit.counts()
            return others if counts[DeliveryState.SENDING] or counts[DeliveryState.UNKNOWN] else []

        return self._bridge.store.read(look)
