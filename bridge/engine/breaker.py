"""The breaker: a target that gives no answer at all is left in peace but for one probe at a time.

It opens on silence only; an answer of any kind, a refusal too, closes it. Its state is kept in the store, so that all
workers share it and `doctor` shows it.
"""

from __future__ import annotations

from bridge.clock import Clock, to_micros
from bridge.engine.retry import SILENCE_OPENS, RetryPolicy
from bridge.engine.units import Units
from bridge.ports.store import TargetRow


class Breaker:
    """One target's breaker, as this worker knows it."""

    def __init__(self, target: str, units: Units, policy: RetryPolicy, clock: Clock) -> None:
        self._target, self._units, self._policy, self._clock = target, units, policy, clock
        self._silent = 0
        self.open_until: int | None = None

    def load(self, row: TargetRow) -> None:
        """Take over what the store knows."""
        self._silent, self.open_until = row.silent, row.open_until

    @property
    def is_open(self) -> bool:
        """Whether the target counts as silent: nothing may go but a probe whose time has come."""
        return self._silent >= SILENCE_OPENS

    def resting(self, now: int) -> bool:
        """Whether not even a probe may go now."""
        return self.is_open and self.open_until is not None and self.open_until > now

    async def answered(self) -> None:
        """The target answered something."""
        if self._silent or self.open_until is not None:
            self._silent, self.open_until = 0, None
            now = to_micros(self._clock.now())
            await self._units.write(
                lambda unit: unit.note_target(self._target, silent=0, open_until=None, last_answer=now)
            )

    async def silent(self) -> None:
        """The target gave no answer at all."""
        self._silent += 1
        silent = self._silent
        if self.is_open:
            self.open_until = to_micros(self._clock.now()) + self._policy.probe(silent)
        open_until = self.open_until
        await self._units.write(lambda unit: unit.note_target(self._target, silent=silent, open_until=open_until))
