"""Whether another worker of this machine still lives, told by an operating-system lock and not by a clock."""

from __future__ import annotations

from typing import Protocol


class Liveness(Protocol):
    """Locks that the operating system gives back when their process dies."""

    def take(self, worker: str) -> None:
        """Hold the lock of our own worker until `give_up` or death."""
        ...

    def give_up(self, worker: str) -> None:
        """Let our own lock go."""
        ...

    def is_dead(self, worker: str, host: str) -> bool:
        """True only where it is certain: the worker ran on this host and its lock is free."""
        ...
