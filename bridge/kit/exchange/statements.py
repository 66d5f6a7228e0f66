"""Rows in and out of one transaction: statements built once per table, values turned into what the database wants.

What does not belong here: when a transaction begins and ends (`database`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

from sqlalchemy import (
    BigInteger,
    Connection,
    DateTime,
    Insert,
    Integer,
    MetaData,
    Select,
    String,
    Table,
    bindparam,
    insert,
    select,
)
from sqlalchemy import Column as SqlColumn
from sqlalchemy.dialects.sqlite import DATETIME
from sqlalchemy.exc import SQLAlchemyError

from bridge.errors import Refused
from bridge.kit.exchange.columns import Column, ExchangeTable, Row, Value
from bridge.kit.exchange.failures import not_done
from bridge.kit.exchange.fitting import WALL, misfits, wall
from bridge.kit.exchange.rules import Rules

VALUES_AT_ONCE = 500
"""Values of one IN list: Oracle takes 1000."""


WHOLE_SECONDS: Any = cast("Any", DATETIME)(truncate_microseconds=True)
"""SQLite has no dates: it keeps their text, which shall be as short as other databases show it."""


class Statements:
    """The statements of one database, each built when it is first wanted. Safe from any thread."""

    def __init__(self, rules: Rules) -> None:
        self.rules = rules
        self._tables: dict[str, Table] = {}
        self._made: dict[tuple[str, ...], Any] = {}

    def table(self, table: ExchangeTable) -> Table:
        """A table as the database spells it."""
        if table.name not in self._tables:
            columns = [_sql_column(self.rules.column(one), one) for one in table.columns]
            self._tables[table.name] = Table(self.rules.table(table.name), MetaData(), *columns)
        return self._tables[table.name]

    def insert(self, table: ExchangeTable) -> Insert:
        """Insert whole rows."""

        def build() -> Insert:
            names: dict[str, Any] = {
                self.rules.column(one): bindparam(one.name) for one in table.columns if not one.given
            }
            return insert(self.table(table)).values(names)

        made: Insert = self._once(("insert", table.name), build)
        return made

    def where(self, table: ExchangeTable, column: str) -> Select[Any]:
        """Rows whose column is among `values`."""

        def build() -> Select[Any]:
            made = self._select(table)
            return made.where(made.selected_columns[column].in_(bindparam("values", expanding=True)))

        made: Select[Any] = self._once(("where", table.name, column), build)
        return made

    def after(self, table: ExchangeTable, column: str) -> Select[Any]:
        """Rows whose column is above `place`, by that column, `most` of them."""

        def build() -> Select[Any]:
            made = self._select(table)
            by = made.selected_columns[column]
            return made.where(by > bindparam("place")).order_by(by).limit(bindparam("most"))

        made: Select[Any] = self._once(("after", table.name, column), build)
        return made

    def _select(self, table: ExchangeTable) -> Select[Any]:
        """All columns, by our names."""
        sql = self.table(table)
        return select(*(sql.c[self.rules.column(one)].label(one.name) for one in table.columns))

    def _once(self, key: tuple[str, ...], build: Callable[[], Any]) -> Any:
        if key not in self._made:
            self._made[key] = build()
        return self._made[key]


class Transaction:
    """What may be done inside one transaction. Every method raises a TargetError that says 'not done'."""

    def __init__(self, connection: Connection, statements: Statements) -> None:
        self._connection, self._statements = connection, statements

    def insert(self, table: ExchangeTable, rows: Sequence[Row], *, path: str | None = None) -> None:
        """Write rows. Raises Refused, by column, where one does not fit, before anything of them is written.

        `path` is the place of the rows in the payload, for the words of a refusal.
        """
        rules, path = self._statements.rules, path or table.name
        fields = [
            misfit.refusal(path if len(rows) == 1 else f"{path}[{place}]")
            for place, row in enumerate(rows)
            for misfit in misfits(table, row, rules)
        ]
        if fields:
            raise Refused(fields[0].reason, fields=fields)
        columns = [one for one in table.columns if not one.given]
        written = [{one.name: _to_sql(one, row.get(one.name), rules) for one in columns} for row in rows]
        if written:
            self._run(self._statements.insert(table), written, table, path)

    def where(self, table: ExchangeTable, column: str, values: Sequence[Value]) -> list[dict[str, Value]]:
        """Rows whose column has one of the values, in no order."""
        found: list[dict[str, Value]] = []
        for start in range(0, len(values), VALUES_AT_ONCE):
            some = [
                _to_sql(table.by_name[column], one, self._statements.rules) for one in values[start:][:VALUES_AT_ONCE]
            ]
            found += self._read(table, self._statements.where(table, column), {"values": some})
        return found

    def after(self, table: ExchangeTable, column: str, place: int, most: int) -> list[dict[str, Value]]:
        """At most `most` rows whose column is above `place`, in its order."""
        return self._read(table, self._statements.after(table, column), {"place": place, "most": most})

    def _read(self, table: ExchangeTable, statement: Select[Any], values: Mapping[str, Any]) -> list[dict[str, Value]]:
        result = self._run(statement, values, table, table.name)
        return [{name: _from_sql(value) for name, value in row.items()} for row in result.mappings()]

    def _run(self, statement: Any, values: Any, table: ExchangeTable, path: str) -> Any:
        """Execute; what the database says against it is ours from here on."""
        try:
            return self._connection.execute(statement, values)
        except SQLAlchemyError as exc:
            rules = self._statements.rules
            raise not_done(exc, {rules.column(one): one.name for one in table.columns}, path) from None


def _sql_column(name: str, column: Column) -> SqlColumn[Any]:
    """A column's type. A serial number may be a long one."""
    if column.type == "text":
        return SqlColumn(name, String(column.size))
    if column.type == "whole":
        return SqlColumn(name, BigInteger() if column.given else Integer())
    return SqlColumn(name, DateTime().with_variant(WHOLE_SECONDS, "sqlite"))


def _to_sql(column: Column, value: Value, rules: Rules) -> Any:
    """A value as the database gets it."""
    if value is None or value == "":
        return "" if column.type == "text" and rules.empty == "text" else None
    return wall(str(value)) if column.type == "instant" else value


def _from_sql(value: Any) -> Value:
    """A value as rows have it: NULL and an empty text are one, a date with time is a text."""
    if isinstance(value, dt.datetime):
        return value.replace(microsecond=0, tzinfo=None).strftime(WALL)
    if value is None or value == "":
        return None
    return value if isinstance(value, int) else str(value)
