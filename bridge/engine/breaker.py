"""The breaker: a target that gives no answer at all is left in peace but for one probe at a time.

It opens on silence only; an answer of any kind, a refusal too, closes it. Its state is kept in the store, so that all
workers share it and `doctor` shows it.
"""

from __future__ import annotations

from bridge.clock import Clock, to_micros
from bridge.engine.retry import SILENCE_OPENS, RetryPolicy
from bridge.engine.units import Units
from bridge.errors import OutcomeUnknown, TryLater
from bridge.ports.machine import TargetRow


class Breaker:
    """One target's breaker, as this process knows it; its lanes share it."""

    def __init__(self, target: str, units: Units, policy: RetryPolicy, clock: Clock) -> None:
        self._target, self._units, self._policy, self._clock = target, units, policy, clock
        self._silent = 0
        self._heard_at = float("-inf")
        self.generation = 0
        """Grows with every change of ours: a row that was read before it is old."""
        self.open_until: int | None = None

    def load(self, row: TargetRow, read_at: int) -> None:
        """Take over what the store knew when our `generation` was `read_at`."""
        if read_at == self.generation:
            self._silent, self.open_until = row.silent, row.open_until

    @property
    def is_open(self) -> bool:
        """Whether the target counts as silent: nothing may go but a probe whose time has come."""
        return self._silent >= SILENCE_OPENS

    def resting(self, now: int) -> bool:
        """Whether not even a probe may go now."""
        return self.is_open and self.open_until is not None and self.open_until > now

    def note_answer(self) -> None:
        """Something came back from the target, to whomever; called from the wire."""
        self._heard_at = self._clock.monotonic()

    async def judge(self, outcome: object, *, started: float, probing: bool) -> None:
        """Learn from the end of a call that began at `started` (monotonic), `probing` where the breaker was open then.

        It was silence only where nothing at all came back since: an attempt is many calls.
        """
        unanswered = isinstance(outcome, TryLater | OutcomeUnknown) and not outcome.answered
        if unanswered and self._heard_at < started:
            await self._silence(probing=probing)
        else:
            self.note_answer()
            await self._answer()

    async def _answer(self) -> None:
        """It lives: close, where we were not."""
        if self._silent or self.open_until is not None:
            self.generation += 1
            self._silent, self.open_until = 0, None
            now = to_micros(self._clock.now())
            await self._units.write(
                lambda unit: unit.note_target(self._target, silent=0, open_until=None, last_answer=now)
            )

    async def _silence(self, *, probing: bool) -> None:
        """Nothing came back. Once open, only a failed probe makes the pause longer: what was in flight does not."""
        if self.is_open and not probing:
            return
        self.generation += 1
        self._silent += 1
        silent = self._silent
        if self.is_open:
            self.open_until = to_micros(self._clock.now()) + self._policy.probe(silent)
        open_until = self.open_until
        await self._units.write(lambda unit: unit.note_target(self._target, silent=silent, open_until=open_until))
