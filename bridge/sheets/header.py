"""Which column holds which box: by the machine names in the second row, whatever the order and the titles.

What belongs here: recognising the sheets and columns of a file. What does not: the rows below (`assembly`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from bridge.catalogue.characters import shown
from bridge.model.pointer import is_position, tokens
from bridge.sheets.cell import Cell, Row, letters
from bridge.sheets.layout import KEY, PARENT, PROBLEMS, ROW, Box, Layout, Table
from bridge.sheets.refused import RefusedFile


@dataclass(frozen=True)
class Place:
    """A column of a box."""

    box: Box
    name: str
    """The machine name; below the applications it may have positions: `/data/contacts/0/name`."""
    steps: tuple[str, ...]
    """The way to the box from the document or, in the sheet of a list, from the row."""


@dataclass
class Columns:
    """The columns of one sheet."""

    table: Table
    sheet: str
    """As the file calls it."""
    boxes: dict[int, Place] = field(default_factory=dict)
    own: dict[str, int] = field(default_factory=dict)
    """Columns that are no boxes, by machine name without what follows a colon."""
    titles: dict[int, str] = field(default_factory=dict)

    def find(self, name: str) -> int | None:
        """The column of a box by its machine name."""
        return next((column for column, place in self.boxes.items() if place.name == name), None)

    def first_below(self, name: str) -> int | None:
        """The first column whose box lies below a place."""
        return next((column for column, place in self.boxes.items() if place.name.startswith(f"{name}/")), None)

    @cached_property
    def known(self) -> frozenset[int]:
        """Columns that have a machine name; asked for once all of them are there."""
        return frozenset([*self.boxes, *self.own.values()])

    @property
    def key(self) -> int | None:
        """The column of the application's number."""
        return self.own.get(KEY)


def pattern_of(pointer: str) -> str:
    """A pointer with `*` for every position."""
    return "".join(f"/{'*' if is_position(token) else token}" for token in pointer.split("/")[1:])


def is_header(row: Row) -> bool:
    """Whether a row holds machine names and nothing else."""
    return all(cell.kind == "text" and cell.value.startswith(("/", "#")) for cell in row.cells)


def read_header(layout: Layout, sheet: str, rows: Iterable[Row]) -> Columns | None:
    """The columns of a sheet by its first two rows; None where it is no sheet of ours. Raises RefusedFile."""
    first_two = list(rows)
    names = next((row for row in first_two if row.cells and is_header(row)), None)
    titles = next((row for row in first_two if row is not names), None)
    table = _table_of(layout, names.cells) if names else None
    if names is None or table is None:
        if sheet in layout.by_sheet:
            raise _without_names(sheet)
        return None
    found = Columns(table, sheet, titles={one.column: one.value for one in titles.cells} if titles else {})
    for cell in names.cells:
        _add(layout, found, cell)
    return found


def require_known(columns: Columns, row: Row) -> None:
    """Refuse a file with something in a column that has no machine name: it would be lost. Raises RefusedFile."""
    for cell in row.cells:
        if cell.column not in columns.known:
            where = f"{columns.sheet}!{letters(cell.column)}{row.number}"
            raise RefusedFile(
                "unknown_column",
                (
                    f"{where} 有内容，但该列第 2 行没有字段标识",
                    f"there is something at {where}, but row 2 of the column has no machine name",
                    "请删去该列，或在新的模板中填写。",
                    "Take the column away, or fill in a new template.",
                ),
                cell=where,
            )


def _table_of(layout: Layout, names: Iterable[Cell]) -> Table | None:
    """The table that a row of machine names is of."""
    for cell in names:
        if cell.value.startswith(f"{KEY}:"):
            return layout.table(cell.value.removeprefix(f"{KEY}:"))
    known = {box.pattern for table in layout.tables for box in table.boxes}
    return layout.tables[0] if any(pattern_of(cell.value) in known for cell in names) else None


def _add(layout: Layout, found: Columns, cell: Cell) -> None:
    """One column by its machine name. Raises RefusedFile."""
    name = cell.value
    own = name.partition(":")[0]
    if own in {KEY, ROW, PARENT, PROBLEMS}:
        if own in found.own:
            raise _bad_column(found.sheet, cell, "重复", "there twice")
        found.own[own] = cell.column
        return
    table = found.table
    box = _boxes(layout).get(pattern_of(name) if not table.pattern else name)
    inside = name.startswith(table.item) and "*" not in name[len(table.item) :]
    if box is None or not inside or (table.pattern and box not in table.boxes):
        raise _bad_column(found.sheet, cell, "不认识", "not known")
    if found.find(name) is not None:
        raise _bad_column(found.sheet, cell, "重复", "there twice")
    found.boxes[cell.column] = Place(box, name, tuple(tokens(name[len(table.item) :])))


def _boxes(layout: Layout) -> Mapping[str, Box]:
    return {box.pattern: box for table in layout.tables for box in table.boxes}


def _bad_column(sheet: str, cell: Cell, what: str, what_en: str) -> RefusedFile:
    where = f"{sheet}!{letters(cell.column)}2"
    return RefusedFile(
        "bad_column",
        (
            f"{where} 的字段标识{what}：{shown(cell.value, 80)}",
            f"the machine name at {where} is {what_en}",
            "请使用 bridge template 生成的模板，不要改动第 2 行。",
            "Use the template that `bridge template` makes, and leave its second row as it is.",
        ),
        cell=where,
    )


def _without_names(sheet: str) -> RefusedFile:
    return RefusedFile(
        "no_machine_names",
        (
            f"表《{sheet}》没有字段标识（模板中隐藏的第 2 行）",
            f"there are no machine names in {sheet} (the hidden second row of the template)",
            "请使用 bridge template 生成的模板，不要删除第 2 行。",
            "Use the template that `bridge template` makes, and leave its second row as it is.",
        ),
    )
