"""The inbox: calls of targets are verified, kept as they came and applied, in one unit, before they are answered.

What cannot be applied yet is kept too, and tried again. What is not signed by its target is counted and leaves no other
trace: a flood of it must not fill the database. What does not belong here: sockets and HTTP (`bridge.api`).
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from bridge.clock import Clock, to_micros
from bridge.contract.remote import CallbackRequest, RemoteChange
from bridge.engine import border
from bridge.engine.hearing import Hearing
from bridge.engine.targets import Targets
from bridge.errors import AccessDenied, NotFound, StoreError
from bridge.model.ids import uuid7
from bridge.ports.inbox import Why
from bridge.ports.store import Store, UnitOfWork
from bridge.telemetry import logger

log = logger(__name__)

FIRST_AGAIN, LAST_AGAIN = 5_000_000, 3_600_000_000
"""Microseconds until a pending call is tried again: doubled with each try, at most the second."""

MAX_UNREADABLE = 1000
"""Pending calls of one target that its adapter cannot read: past that it does not understand its target at all."""

QUIET = 60_000_000
"""Microseconds between two log lines about denied calls of one target."""

NOT_KEPT = frozenset(
    {
        "accept",
        "accept-encoding",
        "connection",
        "content-length",
        "cookie",
        "forwarded",
        "host",
        "transfer-encoding",
        "user-agent",
    }
)
"""Headers that no signature of a message needs, and `x-forwarded-…`."""


class Answered(StrEnum):
    """What a caller is to be told."""

    TAKEN = "taken"
    """Applied, now or before."""
    PENDING = "pending"
    """Kept; it will be tried again."""
    DENIED = "denied"
    """Not signed by the target; nothing is kept."""
    LATER = "later"
    """It could not be kept: the caller must send it again."""


@dataclass(slots=True)
class _Denied:
    """Denied calls of one target."""

    count: int = 0
    said_at: int | None = None


class Inbox:
    """Takes calls. Every method may block on the store: never call one on an event loop."""

    def __init__(self, store: Store, hearing: Hearing, targets: Targets, clock: Clock) -> None:
        self._store, self._hearing, self._targets, self._clock = store, hearing, targets, clock
        self._denied: dict[str, _Denied] = {}  # by targets that there are, so it cannot grow
        self._lock = threading.Lock()

    @property
    def denied(self) -> Mapping[str, int]:
        """How many calls were denied since the start, by target."""
        with self._lock:
            return {target: one.count for target, one in self._denied.items()}

    def takes(self, target: str) -> bool:
        """Whether this is a target that calls us."""
        return target in self._targets and self._targets[target].adapter.manifest.abilities.callbacks

    def take(self, target: str, request: CallbackRequest) -> Answered:
        """Verify, keep and apply one call; all is durable when this returns. Raises NotFound for who does not call."""
        if not self.takes(target):
            raise NotFound("没有这个回调地址 (no target calls here)")
        if self._targets[target].unusable is not None:
            # Without its secret nothing can be verified: an empty one would take a forger's signature.
            log.error("callback_not_configured", target=target)
            return Answered.LATER
        request = replace(request, headers=_needed(request.headers))
        try:
            changes = self._read(target, request)
        except AccessDenied as error:
            self._note_denied(target, error)
            return Answered.DENIED
        try:
            return self._keep(target, request, changes)
        except StoreError:
            log.error("callback_not_kept", target=target)
            return Answered.LATER

    def retry(self, limit: int = 100) -> int:
        """Try pending calls again, at most `limit`; how many were applied. Raises StoreError."""
        now = self._now()
        due = self._store.read(lambda unit: unit.due_calls(now=now, limit=limit))
        return sum(self._retry_one(id_) for id_ in due)

    def _read(self, target: str, request: CallbackRequest) -> Sequence[RemoteChange] | None:
        """What a call says; None where it is signed and cannot be read. Raises AccessDenied."""
        try:
            return border.changes(self._targets[target].adapter.hear(request))
        except AccessDenied:
            raise
        except Exception as exc:  # noqa: BLE001 - a bug in one adapter must not lose what its target said
            log.error("callback_unreadable", target=target, error=type(exc).__name__)
            return None

    def _keep(self, target: str, request: CallbackRequest, changes: Sequence[RemoteChange] | None) -> Answered:
        """Keep a verified call with all that follows from it, in one transaction."""
        if changes is None:
            return self._keep_unreadable(target, request)
        try:
            return self._store.write(lambda unit: self._apply_new(unit, target, request, changes))
        except StoreError:
            raise
        except Exception as exc:  # noqa: BLE001 - what cannot be applied is kept, whatever the cause
            log.error("callback_not_applied", target=target, error=type(exc).__name__)
            return self._store.write(lambda unit: self._set_aside(unit, target, request, Why.NOT_APPLIED))

    def _keep_unreadable(self, target: str, request: CallbackRequest) -> Answered:
        """Keep what could not be read, as long as there is not too much of it."""

        def keep(unit: UnitOfWork) -> Answered:
            if unit.pending_calls(target, Why.UNREADABLE) >= MAX_UNREADABLE:
                return Answered.LATER
            return self._set_aside(unit, target, request, Why.UNREADABLE)

        return self._store.write(keep)

    def _apply_new(
        self, unit: UnitOfWork, target: str, request: CallbackRequest, changes: Sequence[RemoteChange]
    ) -> Answered:
        """Apply what a new call says, and keep the call."""
        if not all(self._hearing.knows(unit, target, one) for one in changes):
            self._hearing.apply(unit, target, changes, via="callback")  # what it says of other cases does not wait
            return self._set_aside(unit, target, request, Why.UNKNOWN_CASE)
        self._hearing.apply(unit, target, changes, via="callback")
        unit.keep_call(uuid7(self._now()), target, request, why=None, next_at=None)
        return Answered.TAKEN

    def _set_aside(self, unit: UnitOfWork, target: str, request: CallbackRequest, why: Why) -> Answered:
        """Keep a call for later."""
        now = self._now()
        unit.keep_call(uuid7(now), target, request, why=why, next_at=now + FIRST_AGAIN)
        return Answered.PENDING

    def _retry_one(self, id_: str) -> bool:
        """Try one pending call; whether it was applied. Raises StoreError where it can neither be read nor put off."""
        tries = 0
        why = Why.NOT_APPLIED
        try:
            kept = self._store.read(lambda unit: unit.call(id_))
            tries = kept.tries
            if kept.target not in self._targets or (changes := self._read(kept.target, kept.request)) is None:
                why = Why.UNREADABLE
            elif self._store.write(lambda unit: self._apply_kept(unit, id_, kept.target, changes)):
                return True
            else:
                why = Why.UNKNOWN_CASE
        except AccessDenied:  # it was signed when it came: its secret has changed since, or the adapter asks for now
            log.error("callback_denied_later")
        except Exception as exc:  # noqa: BLE001 - one call that cannot be applied must not keep the others waiting
            log.error("callback_not_applied", error=type(exc).__name__)
        again = self._now() + min(LAST_AGAIN, FIRST_AGAIN << min(tries + 1, 20))
        self._store.write(lambda unit: unit.put_off_call(id_, why, next_at=again))
        return False

    def _apply_kept(self, unit: UnitOfWork, id_: str, target: str, changes: Sequence[RemoteChange]) -> bool:
        """Apply what a kept call says; False where a case is still unknown."""
        if not all(self._hearing.knows(unit, target, one) for one in changes):
            return False
        self._hearing.apply(unit, target, changes, via="callback")
        unit.end_call(id_, now=self._now())
        return True

    def _note_denied(self, target: str, error: AccessDenied) -> None:
        """Count a denied call, and say so in the log once in a while."""
        now = self._now()
        with self._lock:
            denied = self._denied.setdefault(target, _Denied())
            denied.count += 1
            if denied.said_at is not None and 0 <= now - denied.said_at < QUIET:
                return
            denied.said_at = now
            count = denied.count
        log.warning("callback_denied", target=target, count=count, code=border.code(error.code))

    def _now(self) -> int:
        return to_micros(self._clock.now())


def _needed(headers: Mapping[str, str]) -> Mapping[str, str]:
    """The headers that an adapter may look at, and that are kept."""
    return {
        name: value for name, value in headers.items() if name not in NOT_KEPT and not name.startswith("x-forwarded-")
    }
