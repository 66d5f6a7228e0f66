"""Tables of an exchange as data: columns in lower case with underscores, their types, and what they mean.

What does not belong here: how a database spells these names and types (`rules`, `statements`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

ColumnType = Literal["text", "whole", "instant"]
"""A text of limited length; a whole number of 32 bits; a date with time, wall time of China, whole seconds."""

Value = str | int | None
"""What a row holds here: an instant is a text `YYYY-MM-DD HH:MM:SS`; the database gets a real date with time."""

Row = Mapping[str, Value]
"""Values by column; a column that is left out is empty."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column."""

    name: str
    type: ColumnType
    meaning: str
    required: bool = False
    size: int | None = None
    """The longest text, in the database's own unit."""
    camel: str | None = None
    """Its CamelCase spelling where that is not the plain one (`detail_url` → `DetailURL`)."""
    given: bool = False
    """The database numbers it by itself."""


def text(name: str, size: int, meaning: str, *, required: bool = False, camel: str | None = None) -> Column:
    """A column of text."""
    return Column(name, "text", meaning, required=required, size=size, camel=camel)


def whole(name: str, meaning: str, *, required: bool = False) -> Column:
    """A column of whole numbers."""
    return Column(name, "whole", meaning, required=required)


def instant(name: str, meaning: str, *, required: bool = False) -> Column:
    """A column of dates with time."""
    return Column(name, "instant", meaning, required=required)


def serial(name: str, meaning: str) -> Column:
    """A column that the database numbers upwards by itself."""
    return Column(name, "whole", meaning, given=True)


@dataclass(frozen=True)
class ExchangeTable:
    """One table."""

    name: str
    columns: Sequence[Column]

    @cached_property
    def by_name(self) -> Mapping[str, Column]:
        """Columns by name."""
        return {column.name: column for column in self.columns}
