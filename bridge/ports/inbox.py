"""What the unit of work says about calls that came to our door. The rest of it is `store`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from bridge.contract.remote import CallbackRequest


class CallState(StrEnum):
    """What became of a call that was kept."""

    PENDING = "pending"
    """It could not be applied yet, and is tried again."""
    DONE = "done"
    """Applied; kept as evidence."""


class Why(StrEnum):
    """Why a call is pending."""

    UNREADABLE = "unreadable"
    """Signed, and not understood by its adapter."""
    UNKNOWN_CASE = "unknown_case"
    """About a case that is not ours, or not yet."""
    NOT_APPLIED = "not_applied"
    """Understood, but applying it failed."""


@dataclass(frozen=True, slots=True)
class KeptCall:
    """One call as it came, and how often it was tried since."""

    id: str
    target: str
    request: CallbackRequest
    tries: int


class InboxUnit(Protocol):
    """One transaction, as far as calls go. Instants are microseconds since the epoch."""

    def keep_call(
        self, id_: str, target: str, request: CallbackRequest, *, why: Why | None, next_at: int | None
    ) -> bool:
        """Keep a call, sealed: `done` where there is no `why`, else `pending` until `next_at`.

        False where the same body of this target was kept before; then a pending one that has no `why` now is done.
        """
        ...

    def due_calls(self, *, now: int, limit: int) -> Sequence[str]:
        """Ids of pending calls whose time has come, oldest first."""
        ...

    def call(self, id_: str) -> KeptCall:
        """One call, unsealed. Raises NotFound."""
        ...

    def end_call(self, id_: str, *, now: int) -> None:
        """It has been applied."""
        ...

    def put_off_call(self, id_: str, why: Why, *, next_at: int) -> None:
        """It could still not be applied: try again then."""
        ...

    def pending_calls(self, target: str, why: Why) -> int:
        """How many calls of a target are pending for one cause."""
        ...
