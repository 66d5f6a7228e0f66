"""Resolving: a delivery whose answer was lost is asked about at the target before anything is sent again.

'Absent' counts only when asked at least `settle_seconds` after the attempt ended (`retry` sees to it); until then the
question is asked again. Nothing here ever sends.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from bridge.clock import Clock, to_micros
from bridge.contract.adapter import answer_came, still_ours
from bridge.contract.outcome import Found
from bridge.engine import border
from bridge.engine.breaker import Breaker
from bridge.engine.deliver import Pumped, hold_for_access, is_held, outgoing, put_back
from bridge.engine.retry import Judge
from bridge.engine.settling import Settler
from bridge.engine.targets import Target
from bridge.engine.units import Units
from bridge.engine.worker import Worker
from bridge.errors import AccessDenied, LeaseLost, OutcomeUnknown, TargetError
from bridge.model.delivery import DeliveryState
from bridge.ports.materials import Materials
from bridge.ports.store import Claimed, Settle
from bridge.telemetry import logger

log = logger(__name__)

CLAIM = 50
"""Questions per claim, at most."""


class Resolver:
    """Asks one target about its unknown outcomes."""

    def __init__(
        self,
        *,
        target: Target,
        units: Units,
        judge: Judge,
        breaker: Breaker,
        settler: Settler,
        materials: Materials,
        worker: Worker,
        clock: Clock,
        stopping: asyncio.Event,
    ) -> None:
        self._target, self._units, self._judge, self._breaker = target, units, judge, breaker
        self._settler, self._materials, self._worker, self._clock = settler, materials, worker, clock
        self._stopping = stopping

    async def turn(self) -> Pumped:
        """Ask about all whose time has come. Raises StoreError; everything else ends as a state."""
        pumped = Pumped()
        while not self._stopping.is_set() and (claimed := await self._claim()):
            gate = asyncio.Semaphore(self._target.adapter.manifest.limits.concurrency)
            ends = await asyncio.gather(*(self._ask(one, gate) for one in claimed))
            pumped.moved += sum(end.state is not DeliveryState.UNKNOWN for end in ends)
            await self._settler.settle(ends, worker=self._worker.id)
        return pumped

    async def _claim(self) -> Sequence[Claimed]:
        """Those to be asked about now; one while the target is silent, none while it is held."""
        now = to_micros(self._clock.now())
        target, worker = self._target.id, self._worker.id
        generation = self._breaker.generation
        row, ready = await self._units.read(lambda unit: (unit.target(target), unit.ready(target, now=now)))
        self._breaker.load(row, generation)
        if not ready or self._target.unusable or is_held(row, now) or self._breaker.resting(now):
            return ()
        limit = 1 if self._breaker.is_open else CLAIM
        return await self._units.write(lambda unit: unit.claim_unknown(target, limit=limit, worker=worker, now=now))

    async def _ask(self, claimed: Claimed, gate: asyncio.Semaphore) -> Settle:
        """One question, or none where the target has fallen silent or the lease was lost."""
        async with gate:
            started, began = to_micros(self._clock.now()), self._clock.monotonic()
            if claimed.payload is None:
                # The payload is stored before anything is sent: without one nothing was.
                return replace(put_back(claimed, started), via="find", outcome="absent")
            if not self._judge.can_find:
                return self._judge.cannot_ask(claimed, started)
            if self._stopping.is_set() or self._breaker.resting(started):
                return put_back(claimed, started, DeliveryState.UNKNOWN, claimed.delivery.reason)
            probing = self._breaker.is_open
            try:
                found = await self._find(claimed)
            except LeaseLost:
                return put_back(claimed, started, DeliveryState.UNKNOWN, claimed.delivery.reason)
            ended = to_micros(self._clock.now())
            await self._breaker.judge(found, started=began, probing=probing)
            if isinstance(found, AccessDenied):
                await hold_for_access(self._units, self._target, found, ended)
            return self._judge.after_find(claimed, found, started=started, ended=ended)

    async def _find(self, claimed: Claimed) -> Found | TargetError:
        """The adapter's answer; a bug of ours counts as an answer that was not understood."""
        still_ours.set(partial(self._worker.may_send, claimed.worker))
        answer_came.set(self._breaker.note_answer)
        try:
            return border.found(await self._target.adapter.find(outgoing(claimed, self._materials)))
        except TargetError as error:
            error.code, error.memo = border.code(error.code), None  # a question leaves no memo
            return error
        except LeaseLost:
            raise
        except Exception as exc:  # noqa: BLE001 - whatever it raises, the delivery stays unknown and is counted
            log.error("find_failed", target=self._target.id, delivery=claimed.delivery.id, error=type(exc).__name__)
            return OutcomeUnknown(code=type(exc).__name__)
