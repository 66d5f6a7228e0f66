"""What every part of a unit of work stands on: the connection, the keys, the clock, and the events of this unit.

Events are kept until the unit ends (or reads them) and then chained and written in one go, so that a group of fifty
settles costs a handful of statements. What does not belong here: any one table's statements.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any, TypeAlias, cast

from sqlalchemy import ClauseElement, Connection, Dialect, Executable, Row
from sqlalchemy.engine import CursorResult
from sqlalchemy.sql.compiler import SQLCompiler

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

    def _run_all(self, statement: ClauseElement, rows: Sequence[Mapping[str, Any]]) -> None:
        """One statement for many rows, all with the same names; nothing where there are none.

        The statement is compiled once and the rows go to the driver as they are: for plain texts, integers and bytes
        SQLAlchemy's own handling of each row costs more than the database's.
        """
        if not rows:
            return
        text, fixed, order = _compiled(statement, self._sql.dialect, tuple(sorted(rows[0])))
        named = [{**fixed, **row} for row in rows] if fixed else rows
        if order is None:
            self._sql.exec_driver_sql(text, list(named))
        else:
            self._sql.exec_driver_sql(text, [tuple([row[name] for name in order]) for row in named])

    def _now(self) -> int:
        """Now, in microseconds since the epoch."""
        return to_micros(self._clock.now())


@lru_cache(maxsize=256)
def _compiled(
    statement: ClauseElement, dialect: Dialect, names: tuple[str, ...]
) -> tuple[str, Mapping[str, Any], tuple[str, ...] | None]:
    """The statement as text, its fixed values, and the order of all; no order where the driver takes them by name."""
    compiled = cast("SQLCompiler", statement.compile(dialect=dialect, column_keys=list(names)))
    fixed = {name: value for name, value in compiled.params.items() if name not in names}
    return str(compiled), fixed, None if compiled.positiontup is None else tuple(compiled.positiontup)


def listed(values: Iterable[str]) -> list[str]:
    """Distinct values in a steady order, for an `IN`."""
    return sorted(set(values))
