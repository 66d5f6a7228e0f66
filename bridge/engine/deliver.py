"""Delivering: claim what is due for one target, map it once, send it within the target's limits, settle it in groups.

The pump is short and safe to run twice at once, in one process or in many: the store's claims keep them apart. What an
outcome means is decided in `retry`; asking about unknown outcomes is `resolve`.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from bridge.clock import Clock, to_micros
from bridge.contract.adapter import answer_came, still_ours
from bridge.contract.outcome import NeedsSignature, Outcome
from bridge.contract.outgoing import BusinessKey, MaterialFile, Outgoing
from bridge.engine import border
from bridge.engine.breaker import Breaker
from bridge.engine.prepare import Batch, Preparer
from bridge.engine.retry import SILENCE_OPENS, Judge
from bridge.engine.settling import GROUP, Settler
from bridge.engine.signing import keep_form, signed_form
from bridge.engine.targets import Mode, Target
from bridge.engine.units import Units
from bridge.engine.worker import Worker
from bridge.errors import AccessDenied, AdapterBug, LeaseLost, NotFound, StoreError, TargetError
from bridge.model.delivery import DeliveryState, Reason
from bridge.ports.events import Event
from bridge.ports.machine import TargetRow
from bridge.ports.materials import Materials
from bridge.ports.store import Claimed, Settle, UnitOfWork
from bridge.telemetry import logger

log = logger(__name__)

CLAIM = 200
"""Deliveries per claim, at most."""

FEW = 4
"""So many are mapped inside the transaction that claims them, so that they are sent sooner."""

LOW_WATER = 100
"""More is claimed when fewer than these are ready: the next group is mapped while the last one is being sent."""

LOOK_EVERY = 0.25
"""Seconds between two looks at whether the target is held, while there is something to send."""

SETTLE_EVERY = 0.05
"""Seconds after which a group is settled though it is not full."""


@dataclass(slots=True)
class Pumped:
    """What one turn of the pump did."""

    moved: int = 0
    """Deliveries whose state changed."""


class Pump:
    """Delivers what is due for one target."""

    def __init__(
        self,
        *,
        target: Target,
        units: Units,
        preparer: Preparer,
        judge: Judge,
        breaker: Breaker,
        settler: Settler,
        materials: Materials,
        worker: Worker,
        clock: Clock,
        stopping: asyncio.Event,
    ) -> None:
        self._target, self._units, self._preparer, self._judge = target, units, preparer, judge
        self._breaker, self._settler, self._materials = breaker, settler, materials
        self._worker, self._clock = worker, clock
        self._stopping = stopping
        self._held = False
        self._looked_at = 0.0

    async def turn(self) -> Pumped:
        """Deliver until nothing is ready any more. Raises StoreError; everything else ends as a state."""
        run = _Run()
        try:
            await self._deliver(run)
        finally:
            for task in run.flying:
                task.cancel()
            left = [task for task in (*run.flying, run.claiming, run.settling) if task is not None]
            await asyncio.gather(*left, return_exceptions=True)
        return run.pumped

    async def _deliver(self, run: _Run) -> None:
        """The turn itself, until all is dry. Claiming and settling go on beside the sending: none waits for another."""
        concurrency = self._target.adapter.manifest.limits.concurrency
        while True:
            seen = self._units.store.changed()
            if run.ready:
                await self._look_for_a_hold()
            if run.claiming is None and len(run.ready) < LOW_WATER and run.dry_at != seen:
                free = not run.flying and not run.ready and not run.ends and run.settling is None
                run.start_claim(self._claim(free=free), seen)
            while run.ready and len(run.flying) < concurrency:
                run.start_attempt(self._attempt(run.ready.popleft()))
            if run.ends and run.settling is None and run.should_settle(self._clock.monotonic()):
                run.start_settle(self._settler.settle(run.take_ends(), worker=self._worker.id))
            if run.nothing_under_way:
                if not run.ready and run.dry_at is not None:
                    return
                continue
            await run.until_something_ends()

    async def _look_for_a_hold(self) -> None:
        """Notice, a few times a second, that an operator has held the target: what is merely claimed is put back."""
        moment = self._clock.monotonic()
        if moment - self._looked_at >= LOOK_EVERY:
            self._looked_at = moment
            row = await self._units.read(lambda unit: unit.target(self._target.id))
            self._held = is_held(row, to_micros(self._clock.now()))

    async def _claim(self, *, free: bool) -> _Ready:
        """Claim and prepare what may go now: nothing while held, one probe while the target is silent."""
        now = to_micros(self._clock.now())
        if self._stopping.is_set() or self._target.unusable or self._breaker.resting(now):
            return _Ready()
        generation, silent, worker = self._breaker.generation, self._breaker.is_open, self._worker.id
        row, ready = await self._units.call(lambda: self._look_and_claim(now, worker, silent=silent, free=free))
        self._breaker.load(row, generation)
        self._held = is_held(row, now)
        return ready

    def _look_and_claim(self, now: int, worker: str, *, silent: bool, free: bool) -> tuple[TargetRow, _Ready]:
        """Look whether something may go, and take it: one way off the loop. Blocking.

        `silent`: our own breaker is open; the store may know of more, by other workers.
        """
        store, target = self._units.store, self._target.id
        row, is_ready = store.read(lambda unit: (unit.target(target), unit.ready(target, now=now)))
        silent = silent or row.silent >= SILENCE_OPENS
        resting = silent and row.open_until is not None and row.open_until > now
        if not is_ready or is_held(row, now) or resting or (silent and not free):
            return row, _Ready()
        return row, self._claim_and_prepare(1 if silent else CLAIM, worker, now)

    def _claim_and_prepare(self, limit: int, worker: str, now: int) -> _Ready:
        """Claim and prepare, in one transaction where there are few. Blocking: run it off the loop."""
        ended: list[Settle] = []

        def claim(unit: UnitOfWork) -> tuple[list[Claimed], Batch | None]:
            claimed = _claim(unit, self._target.id, limit=limit, worker=worker, now=now)
            allowed = [one for one in claimed if self._may_write(one)]
            forbidden = [one for one in claimed if not self._may_write(one)]
            ended.extend(put_back(one, now, DeliveryState.WAITING, Reason.MODE) for one in forbidden)
            few = len(allowed) <= FEW
            return allowed, self._preparer.prepare_within(unit, allowed, worker=worker) if few else None

        allowed, batch = self._units.store.write(claim)
        if batch is None:
            batch = self._preparer.prepare(allowed, worker=worker)
        return _Ready(ready=batch.ready, ended=[*batch.parked, *ended], waiting=batch.waiting)

    def _may_write(self, claimed: Claimed) -> bool:
        return self._target.mode(claimed.application.matter) is Mode.WRITE

    async def _attempt(self, claimed: Claimed) -> Settle:
        """One attempt, or none where we stop, or the target is held, silent, or refused our credential meanwhile."""
        started, began = to_micros(self._clock.now()), self._clock.monotonic()
        if self._stopping.is_set() or self._held or self._breaker.resting(started):
            return put_back(claimed, started, reason=claimed.delivery.reason)
        probing = self._breaker.is_open
        try:
            outcome = await self._send(claimed)
        except LeaseLost:
            # A part may have left before the lease was lost, so it must be asked about. Where another worker has taken
            # over, this settle has no effect.
            return self._judge.lost(claimed, started=started, ended=to_micros(self._clock.now()))
        except (StoreError, NotFound) as lost:
            log.error("material_unreadable", target=self._target.id, delivery=claimed.delivery.id)
            return self._judge.no_file(claimed, lost, started=started, ended=to_micros(self._clock.now()))
        except AdapterBug as bug:
            cause = bug.__cause__ or bug
            log.error(
                "adapter_failed", target=self._target.id, delivery=claimed.delivery.id, error=type(cause).__name__
            )
            return self._judge.after_bug(claimed, cause, started=started, ended=to_micros(self._clock.now()))
        ended = to_micros(self._clock.now())
        if isinstance(outcome, NeedsSignature):
            await self._units.call(partial(keep_form, self._materials, outcome))
        await self._breaker.judge(outcome, started=began, probing=probing)
        if isinstance(outcome, AccessDenied):
            self._held = True
            await hold_for_access(self._units, self._target, outcome, ended)
        return self._judge.after_send(
            claimed,
            outcome,
            started=started,
            ended=ended,
            silent=self._breaker.is_open,
            in_words=lambda refusal: self._preparer.in_words(claimed, refusal),
        )

    async def _send(self, claimed: Claimed) -> Outcome:
        """Hand it to the adapter. A TargetError comes back as a value; anything strange is raised as AdapterBug."""
        ours = partial(self._worker.may_send, claimed.worker)
        still_ours.set(ours)
        answer_came.set(self._breaker.note_answer)
        ours()
        try:
            return border.one_outcome(await self._target.adapter.send([outgoing(claimed, self._materials)]))
        except TargetError as error:
            return border.target_error(error)
        except (LeaseLost, StoreError, NotFound, AdapterBug):
            raise
        except Exception as exc:
            raise AdapterBug from exc


@dataclass(slots=True)
class _Run:
    """What is under way in one turn of the pump."""

    pumped: Pumped = field(default_factory=Pumped)
    ready: deque[Claimed] = field(default_factory=deque)
    """Claimed and prepared."""
    flying: set[asyncio.Task[Settle]] = field(default_factory=set)
    ends: list[Settle] = field(default_factory=list)
    """Ended, and not stored yet."""
    claiming: asyncio.Task[_Ready] | None = None
    settling: asyncio.Task[None] | None = None
    dry_at: int | None = None
    """The store's mark at which a claim found nothing; None while there may be more."""
    _seen: int = 0
    _settle_at: float = 0.0
    _ended: list[asyncio.Task[Settle]] = field(default_factory=list)
    _wake: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def nothing_under_way(self) -> bool:
        """Whether there is nothing to wait for."""
        return not self.flying and self.claiming is None and self.settling is None

    def start_attempt(self, attempt: Coroutine[Any, Any, Settle]) -> None:
        """Send one."""
        task = asyncio.create_task(attempt)
        self.flying.add(task)
        task.add_done_callback(self._attempt_ended)

    def start_claim(self, claim: Coroutine[Any, Any, _Ready], seen: int) -> None:
        """Claim more, while others are being sent."""
        self._seen = seen
        self.claiming = asyncio.create_task(claim)
        self.claiming.add_done_callback(lambda _: self._wake.set())

    def start_settle(self, settle: Coroutine[Any, Any, None]) -> None:
        """Store a group of ends, while others are being sent."""
        self.settling = asyncio.create_task(settle)
        self.settling.add_done_callback(lambda _: self._wake.set())

    def should_settle(self, now: float) -> bool:
        """Whether the group is full, has waited long enough, or has nothing to wait for."""
        if not self._settle_at:
            self._settle_at = now + SETTLE_EVERY
            asyncio.get_running_loop().call_later(SETTLE_EVERY, self._wake.set)
        return len(self.ends) >= GROUP or now >= self._settle_at or not (self.flying or self.ready)

    def take_ends(self) -> list[Settle]:
        """The group to be stored."""
        taken, self.ends, self._settle_at = self.ends, [], 0.0
        self.pumped.moved += len(taken)
        return taken

    async def until_something_ends(self) -> None:
        """Wait until an attempt, a claim or a settle has ended, or it is time to settle. Raises what they raise."""
        await self._wake.wait()
        self._wake.clear()
        ended, self._ended = self._ended, []
        self.flying.difference_update(ended)
        self.ends.extend(task.result() for task in ended)
        if self.settling is not None and self.settling.done():
            self.settling.result()
            self.settling = None
        if self.claiming is not None and self.claiming.done():
            claimed = self.claiming.result()
            self.claiming = None
            self.ready.extend(claimed.ready)
            self.ends.extend(claimed.ended)
            self.pumped.moved += claimed.waiting
            self.dry_at = self._seen if claimed.nothing else None

    def _attempt_ended(self, task: asyncio.Task[Settle]) -> None:
        self._ended.append(task)
        self._wake.set()


@dataclass(slots=True)
class _Ready:
    """A claim, prepared."""

    ready: Sequence[Claimed] = ()
    ended: Sequence[Settle] = ()
    waiting: int = 0

    @property
    def nothing(self) -> bool:
        """Whether there was nothing to claim."""
        return not (self.ready or self.ended or self.waiting)


def _claim(unit: UnitOfWork, target: str, *, limit: int, worker: str, now: int) -> Sequence[Claimed]:
    """Bring in those whose time has come, and take some."""
    unit.promote(target, now=now)
    return unit.claim(target, limit=limit, worker=worker, now=now)


def put_back(
    claimed: Claimed, now: int, state: DeliveryState = DeliveryState.DUE, reason: Reason | None = None
) -> Settle:
    """The settle of what was claimed but not tried."""
    return Settle(
        delivery=claimed.delivery.id,
        fence=claimed.fence,
        state=state,
        reason=reason,
        next_at=None,
        failures=claimed.delivery.failures,
        memo=claimed.memo,
        started_at=now,
        ended_at=now,
        via="release",
        outcome="put_back",
    )


def outgoing(claimed: Claimed, materials: Materials) -> Outgoing:
    """What the adapter is handed: the kept payload, the keys, the files as streams, the memo."""
    application = claimed.application
    if claimed.payload is None:
        raise AdapterBug
    return Outgoing(
        delivery=claimed.delivery.id,
        kind=claimed.delivery.kind,
        revision=claimed.delivery.revision,
        event=claimed.delivery.event,
        payload=claimed.payload,
        key=BusinessKey(
            application=application.id,
            number=application.number,
            case_number=application.case_number,
            target_number=claimed.target_number,
            matter=application.matter,
            type=application.type,
            applicant=claimed.applicant,
            site=claimed.site,
            submitted_at=application.at,
        ),
        materials=tuple(
            MaterialFile(
                code=ref.code,
                name=ref.name,
                digest=ref.digest,
                size=ref.size,
                media_type=ref.media_type,
                open=partial(materials.open, ref.digest),
            )
            for ref in claimed.materials
        ),
        memo=claimed.memo,
        signed=signed_form(claimed.signed, materials),
    )


def is_held(row: TargetRow, now: int) -> bool:
    """Whether an operator, or a refused credential, holds the target now."""
    return row.held and (row.held_until is None or row.held_until > now)


async def hold_for_access(units: Units, target: Target, error: AccessDenied, now: int) -> None:
    """Hold a target that does not accept our credential, once."""
    title = target.adapter.manifest.title
    reason = f"{title}不认可我方凭证 (our credential is not accepted); 请检查密钥设置后执行 bridge release {target.id}"

    def hold(unit: UnitOfWork) -> None:
        if not is_held(unit.target(target.id), now):
            event = Event(act="target_held", at=now, target=target.id, via="send", data={"code": error.code})
            unit.hold_target(target.id, held=True, reason=reason, until=None, event=event)

    await units.write(hold)
