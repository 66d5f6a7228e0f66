"""What is kept about a target as a whole: held or not, how it answers, how far its changes have been read."""

from __future__ import annotations

import base64
from typing import Any

from sqlalchemy import bindparam, insert, select, update

from bridge.ports.events import Event
from bridge.ports.machine import TargetRow
from bridge.storage import tables as t
from bridge.storage.part import Part

_ONE = select(t.targets).where(t.targets.c.target == bindparam("target_"))
_ADD = insert(t.targets)


class TargetsPart(Part):
    """What the unit of work says about targets."""

    def target(self, target: str) -> TargetRow:
        """What is kept about a target; a fresh row where nothing is."""
        row = self._run(_ONE, {"target_": target}).first()
        if row is None:
            return TargetRow(target, **_FRESH)
        kept: dict[str, Any] = dict(row._mapping)  # noqa: SLF001 - SQLAlchemy's public name for a row by columns
        if kept["held_reason"] is not None:
            sealed = base64.b64decode(kept["held_reason"])
            kept["held_reason"] = self._keyring.unseal(sealed, _reason_place(target)).decode()
        return TargetRow(**kept)

    def hold_target(self, target: str, *, held: bool, reason: str, until: int | None, event: Event) -> None:
        """Hold a target, or release it."""
        self._record(event)
        self._set(
            target,
            held=held,
            held_reason=self._sealed_reason(target, reason) if held else None,
            held_by=event.actor if held else None,
            held_at=event.at if held else None,
            held_until=until if held else None,
        )

    def _sealed_reason(self, target: str, reason: str) -> str:
        """A person's own words, sealed, in base64."""
        return base64.b64encode(self._keyring.seal(reason.encode(), _reason_place(target))).decode()

    def note_target(
        self,
        target: str,
        *,
        silent: int | None = None,
        open_until: int | None = None,
        last_answer: int | None = None,
    ) -> None:
        """Remember how the target answers. `silent=0` also closes the breaker; what is None stays as it was."""
        self._must_write()
        said = {"silent": silent, "open_until": open_until, "last_answer": last_answer}
        changes: dict[str, int | None] = {name: value for name, value in said.items() if value is not None}
        if silent == 0:
            changes["open_until"] = open_until
        if changes:
            self._set(target, **changes)

    def note_poll(self, target: str, *, cursor: str | None, now: int) -> None:
        """Remember how far the target's changes have been read."""
        self._must_write()
        self._set(target, cursor=cursor, last_poll=now)

    def _set(self, target: str, **changes: object) -> None:
        """Change a target's row, or make it."""
        if not self._run(update(t.targets).where(t.targets.c.target == target).values(changes)).rowcount:
            self._run(_ADD, {"target": target, **_FRESH, **changes})


def _reason_place(target: str) -> str:
    return f"targets.held_reason.{target}"


_FRESH: dict[str, Any] = {
    "held": False,
    "held_reason": None,
    "held_by": None,
    "held_at": None,
    "held_until": None,
    "silent": 0,
    "open_until": None,
    "cursor": None,
    "last_answer": None,
    "last_poll": None,
}
