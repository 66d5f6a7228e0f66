"""The error file: the applications that were not taken, with all their rows as they stood, and what is wrong with each.

It is a template filled in: mended, it is submitted like any other. What belongs here: which rows, and which problem
stands beside which row. What does not: how a workbook looks (`writing`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from bridge.errors import Problem
from bridge.sheets.cell import Cell, Row, letters
from bridge.sheets.header import Columns
from bridge.sheets.layout import META, PROBLEMS, PROBLEMS_TITLE
from bridge.sheets.tables import Tables
from bridge.sheets.writing import Column, Writer, writing

LONGEST = 8_000
"""Characters of the problems of one row."""


def write_errors(path: Path, tables: Tables, rejected: Mapping[str, Sequence[Problem]]) -> int:
    """Write what was rejected, by its source; how many applications and stray rows. Raises OSError.

    A file that was refused as a whole has no rows, and makes no error file: 0.
    """
    start = f"{tables.name}!"
    wanted = {
        _place(source.removeprefix(start)): problems
        for source, problems in rejected.items()
        if source.startswith(start)
    }
    if not wanted:
        return 0
    with path.open("xb") as out:
        try:
            with writing(out, tables.layout, tables.type) as writer:
                _Errors(tables, wanted).write(writer)
        except BaseException:
            path.unlink(missing_ok=True)
            raise
    return len(wanted)


def _place(source: str) -> tuple[str, int]:
    """Sheet and row of a source such as `主表:7`."""
    sheet, _, row = source.rpartition(":")
    return sheet, int(row)


class _Errors:
    """The rejected rows of one file."""

    def __init__(self, tables: Tables, wanted: Mapping[tuple[str, int], Sequence[Problem]]) -> None:
        self._tables, self._wanted = tables, wanted
        self._main = tables.columns[""].sheet
        self._by_cell: dict[str, list[str]] = defaultdict(list)
        """Address → what is wrong there."""
        self._by_row: dict[tuple[str, int], list[str]] = defaultdict(list)
        for (sheet, row), problems in wanted.items():
            for one in problems:
                self._note(one, sheet, row)

    def write(self, writer: Writer) -> None:
        """Every sheet, whether it has rows or not."""
        for table in self._tables.layout.tables:
            columns = self._tables.columns.get(table.pattern)
            if columns is not None:
                self._sheet(writer, columns, self._rows(table.pattern, columns))

    def _note(self, problem: Problem, sheet: str, row: int) -> None:
        """A problem at its row: the one that its cell is in, else the application's own."""
        kind = "" if problem.severity == "error" else "提示 (note) "
        words = f"{kind}{problem.label}：{problem.message} {problem.remedy} ({problem.message_en} {problem.remedy_en})"
        at = problem.cell
        if at is not None:
            of, _, cell = at.rpartition("!")
            digits = cell.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
            if digits.isdecimal():
                sheet, row = of, int(digits)
                words = f"{cell} {words}"
            self._by_cell[at].append(words)
        self._by_row[sheet, row].append(words)

    def _rows(self, pattern: str, columns: Columns) -> Iterator[Row]:
        """The rows of one sheet that are written."""
        spool = self._tables.spool
        for key, row in spool.applications():
            if (self._main, row.number) in self._wanted:
                if not pattern:
                    yield row
                elif key is not None and spool.owners(key) == 1:
                    yield from spool.below(pattern, key)
        if pattern:
            yield from (row for of, _, row in spool.orphans() if of == pattern)
            yield from self._of_doubled(pattern)

    def _of_doubled(self, pattern: str) -> Iterator[Row]:
        """Rows whose number several applications have: once, although nobody knows whose they are."""
        spool = self._tables.spool
        seen: set[str] = set()
        for key, _ in spool.applications():
            if key is not None and spool.owners(key) > 1 and key not in seen:
                seen.add(key)
                yield from spool.below(pattern, key)

    def _sheet(self, writer: Writer, columns: Columns, rows: Iterable[Row]) -> None:
        """One sheet with its problems in front."""
        order = sorted([*columns.boxes, *(at for name, at in columns.own.items() if name != PROBLEMS)])
        boxes = columns.boxes
        own = {at: name for name, at in columns.own.items()}
        made = [Column(PROBLEMS, PROBLEMS_TITLE)]
        for column in order:
            place = boxes.get(column)
            name = place.name if place else self._own_name(columns, own[column])
            title = columns.titles.get(column) or (place.box.title if place else "")
            made.append(Column(name, title.removesuffix(" *"), place.box if place else None))
        writer.sheet(_sheet_name(columns), made)
        where = {column: place + 1 for place, column in enumerate(order)}
        for row in rows:
            writer.cells(self._cells(columns, row, where), self._problems(columns, row))

    def _own_name(self, columns: Columns, name: str) -> str:
        return columns.table.key if name == "#key" else name

    def _cells(self, columns: Columns, row: Row, where: Mapping[int, int]) -> Iterator[tuple[int, Cell, bool]]:
        """The cells of a row in their new columns; a bad one that is empty is there, to be seen."""
        held = {cell.column: cell for cell in row.cells}
        for column, place in where.items():
            bad = f"{columns.sheet}!{letters(column)}{row.number}" in self._by_cell
            if column in held or bad:
                yield place, held.get(column, Cell(column, "text", "")), bad

    def _problems(self, columns: Columns, row: Row) -> str:
        """What is said of a row; addresses are those of the file that it came from."""
        return "\n".join(self._by_row.get((columns.sheet, row.number), ()))[:LONGEST]


def _sheet_name(columns: Columns) -> str:
    """A sheet is called as the template calls it, whatever the file did."""
    assert columns.table.sheet != META  # noqa: S101 - no table is called so
    return columns.table.sheet
