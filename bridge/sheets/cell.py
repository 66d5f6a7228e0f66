"""A cell as it stands in a file, before anybody asks which box it is for.

What belongs here: the record, its kinds and its address. What does not: what a box makes of it (`cells`).
"""

from __future__ import annotations

from typing import Literal, NamedTuple

Kind = Literal["text", "number", "date", "percent", "bool", "error", "formula"]

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


class Cell(NamedTuple):
    """One cell that is not empty."""

    column: int
    """From 0."""
    kind: Kind
    value: str
    """As it stands in the file: a number or a date as digits, a truth value as 0 or 1, of a formula nothing."""


class Row(NamedTuple):
    """One row that is not empty."""

    number: int
    """From 1, as people count."""
    cells: list[Cell]

    def at(self, column: int | None) -> Cell | None:
        """The cell in a column; None where it is empty, or there is no such column."""
        return next((one for one in self.cells if one.column == column), None)


def letters(column: int) -> str:
    """The letters of a column that is counted from 0."""
    made = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        made = LETTERS[rest] + made
    return made


def address(sheet: str, column: int, row: int) -> str:
    """Where a cell is, as people say it: `主表!C7`."""
    return f"{sheet}!{letters(column)}{row}"
