"""What the unit of work says about the machine: workers and their leases, targets as a whole. The rest is `store`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from bridge.ports.events import Event


@dataclass(frozen=True, slots=True)
class TargetRow:
    """What is kept about a target as a whole."""

    target: str
    held: bool
    held_reason: str | None
    held_by: str | None
    held_at: int | None
    held_until: int | None
    silent: int
    """Attempts in a row to which it gave no answer at all."""
    open_until: int | None
    """While later than now, only one probe may go (the breaker is open)."""
    cursor: str | None
    last_answer: int | None
    last_poll: int | None


class MachineUnit(Protocol):
    """One transaction, as far as workers and targets go. Instants are microseconds since the epoch."""

    # -- workers and their leases
    def register_worker(self, worker: str, *, host: str, pid: int, lease_until: int) -> None:
        """A worker begins."""
        ...

    def renew_worker(self, worker: str, *, lease_until: int) -> bool:
        """Prolong its lease; False where it has already been ended."""
        ...

    def workers(self) -> Sequence[tuple[str, str, int, int]]:
        """Living ones: id, host, process id, lease end."""
        ...

    def end_worker(self, worker: str, *, ask_at: Mapping[str, int], now: int) -> int:
        """End a worker's lease: what it was sending becomes `unknown`, to be asked about at `ask_at[target]`.

        What it held as unknown is let go. How many it had held. An event is written for each.
        """
        ...

    # -- targets
    def target(self, target: str) -> TargetRow:
        """What is kept about a target; a fresh row where nothing is."""
        ...

    def hold_target(self, target: str, *, held: bool, reason: str, until: int | None, event: Event) -> None:
        """Hold a target, or release it."""
        ...

    def note_target(
        self,
        target: str,
        *,
        silent: int | None = None,
        open_until: int | None = None,
        last_answer: int | None = None,
    ) -> None:
        """Remember how the target answers. `silent=0` also closes the breaker."""
        ...

    def note_poll(self, target: str, *, cursor: str | None, now: int) -> None:
        """Remember how far the target's changes have been read."""
        ...
