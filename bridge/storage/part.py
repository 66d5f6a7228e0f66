"""What every part of a unit of work stands on: the connection, the keys, the clock, and the events of this unit.

Events are kept until the unit ends (or reads them) and then chained and written in one go, so that a group of fifty
settles costs a handful of statements. What does not belong here: any one table's statements.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeAlias

from sqlalchemy import Connection, Executable, Row
from sqlalchemy.engine import CursorResult

from bridge.clock import Clock, to_micros
from bridge.errors import StoreError
from bridge.ports.events import Event
from bridge.storage.sealing import Keyring

AnyRow: TypeAlias = "Row[*tuple[Any, ...]]"
"""A row of whatever columns its statement names."""


class Part:
    """The ground that the parts of a unit share."""

    def __init__(self, sql: Connection, keyring: Keyring, clock: Clock, *, writes: bool) -> None:
        self._sql, self._keyring, self._clock, self._writes = sql, keyring, clock, writes
        self._unwritten: list[Event] = []
        self._contents: dict[tuple[str, int], Mapping[str, Any]] = {}

    def _record(self, *events: Event) -> None:
        """Keep events for the end of this unit. Every act that writes comes by here, or by `_must_write`."""
        self._must_write()
        self._unwritten.extend(events)

    def _must_write(self) -> None:
        """Refuse writing in a unit that only reads."""
        if not self._writes:
            raise StoreError("只读单元不能写入 (a unit made by `read` may not write)")

    def _run(self, statement: Executable, values: Mapping[str, Any] | None = None) -> CursorResult[*tuple[Any, ...]]:
        """One statement."""
        return self._sql.execute(statement, values or {})

    def _run_all(self, statement: Executable, rows: Sequence[Mapping[str, Any]]) -> None:
        """One statement for many rows; nothing where there are none."""
        if rows:
            self._sql.execute(statement, rows)

    def _now(self) -> int:
        """Now, in microseconds since the epoch."""
        return to_micros(self._clock.now())


def listed(values: Iterable[str]) -> list[str]:
    """Distinct values in a steady order, for an `IN`."""
    return sorted(set(values))
