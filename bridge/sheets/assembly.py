"""From rows to documents: each application with its rows of all sheets, and where in them each box is.

What belongs here: joining rows, and completing what a table cannot show (a group that must be there, a list without
rows). What does not: whether the document is right (the entry door's), and reading files.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from bridge.catalogue.catalogue import Catalogue
from bridge.catalogue.text import Sourced
from bridge.catalogue.words import REQUIRED, Words, problem
from bridge.errors import Problem
from bridge.model.pointer import join, tokens
from bridge.sheets.cell import Cell, Row, address
from bridge.sheets.cells import Bad, Reader
from bridge.sheets.header import Columns, pattern_of
from bridge.sheets.layout import KEY_TITLE, NONE, PARENT, PARENT_TITLE, ROW, ROW_TITLE, Layout, Node
from bridge.sheets.spool import Spool

MOST = 500
"""Bad cells told of one application."""

ITSELF = ""
"""Stands for the value where a row is a value and no group."""

KEY_LABEL, ROW_LABEL, PARENT_LABEL = (KEY_TITLE, "No."), (ROW_TITLE, "Row no."), (PARENT_TITLE, "Row no. above")


@dataclass
class Draft:
    """One application while it is put together."""

    tree: dict[str, Any] = field(default_factory=dict)
    """The document so far; lists are kept by position, as `{"0": …}`."""
    places: dict[str, tuple[Columns, int]] = field(default_factory=dict)
    """Pointer of the document or of a row of a list → its sheet and row."""
    numbered: dict[tuple[str, str], str] = field(default_factory=dict)
    """Pattern of a list and a row's number → the pointer of the row."""
    problems: list[Problem] = field(default_factory=list)

    def bad(self, pointer: str, label: tuple[str, str], words: Words, code: str, cell: str) -> None:
        """Something that is wrong with a cell."""
        if len(self.problems) < MOST:
            self.problems.append(replace(problem(pointer, label, words, code), cell=cell))


class Assembler:
    """Puts the applications of one file together."""

    def __init__(
        self, catalogue: Catalogue, layout: Layout, columns: Mapping[str, Columns], reader: Reader, spool: Spool
    ) -> None:
        self._catalogue, self._reader = catalogue, reader
        self.layout, self.columns, self.spool = layout, columns, spool
        self._below = [columns[one.pattern] for one in layout.tables if one.pattern and one.pattern in columns]

    def sourced(self, file: str, key: str | None, row: Row, type_: str | None) -> Sourced:
        """One application, as far as its cells can be read; what cannot be is among its problems."""
        columns = self.columns[""]
        draft = Draft(places={"": (columns, row.number)})
        self._key(draft, columns, key, row)
        self._fill(draft, columns, row, "", draft.tree)
        if key is not None and self.spool.owners(key) == 1:
            self._rows_below(draft, key)
        document = self._document(draft, type_)
        source = f"{file}!{columns.sheet}:{row.number}"
        return Sourced(source, document, tuple(draft.problems), Locator(draft.places))

    def orphan(self, file: str, table: str, row: Row) -> Sourced:
        """A row of a list that belongs to no application."""
        columns = self.columns[table]
        where = address(columns.sheet, columns.key or 0, row.number)
        found = replace(problem("", KEY_LABEL, _ORPHAN, "no_such_key"), cell=where)
        return Sourced(f"{file}!{columns.sheet}:{row.number}", None, (found,))

    def _key(self, draft: Draft, columns: Columns, key: str | None, row: Row) -> None:
        """The number of the application within the file; a CSV file needs none."""
        if columns.key is None:
            return
        where = address(columns.sheet, columns.key, row.number)
        if not key:
            draft.bad("", KEY_LABEL, REQUIRED, "required", where)
        elif self.spool.owners(key) > 1:
            draft.bad("", KEY_LABEL, _KEY_TWICE, "key_twice", where)

    def _rows_below(self, draft: Draft, key: str) -> None:
        """The rows of every list; a list comes after the one that holds it."""
        for columns in self._below:
            for row in self.spool.below(columns.table.pattern, key):
                try:
                    above = self._above(draft, columns, row)
                except Bad as bad:
                    where = address(columns.sheet, columns.own.get(PARENT, 0), row.number)
                    draft.bad("", PARENT_LABEL, bad.words, bad.code, where)
                else:
                    self._row_below(draft, columns, row, above)

    def _above(self, draft: Draft, columns: Columns, row: Row) -> str:
        """The pointer of the row that a row belongs to; "" for the application. Raises Bad."""
        parent = columns.table.parent
        if parent is None:
            return ""
        cell = row.at(columns.own.get(PARENT))
        found = draft.numbered.get((parent, self._reader.plain(cell))) if cell else None
        if found is None:
            raise Bad("no_such_row", _NO_SUCH_ROW) if cell else Bad("required", REQUIRED)
        return found

    def _row_below(self, draft: Draft, columns: Columns, row: Row, above: str) -> None:
        """One row of a list, below the row (or the document) at `above`."""
        table = columns.table
        at = above + table.pattern[len(f"{table.parent}/*") if table.parent else 0 :]
        rows: dict[str, Any] = draft.tree
        for step in tokens(at):
            rows = rows.setdefault(step, {})
        boxes = [cell for cell in row.cells if cell.column in columns.boxes]
        if len(boxes) == 1 and boxes[0].value == NONE and not rows:
            return
        pointer = f"{at}/{len(rows)}"
        draft.places[pointer] = (columns, row.number)
        group: dict[str, Any] = {}
        self._fill(draft, columns, row, pointer, group)
        values = not any(one.steps for one in columns.boxes.values())
        rows[str(len(rows))] = group.get(ITSELF) if values else group
        cell = row.at(columns.own.get(ROW))
        if cell is not None:
            self._number_row(draft, columns, cell, row, pointer)

    def _number_row(self, draft: Draft, columns: Columns, cell: Cell, row: Row, pointer: str) -> None:
        """The number by which rows of other sheets refer to this one."""
        where = address(columns.sheet, cell.column, row.number)
        try:
            name = (columns.table.pattern, self._reader.plain(cell))
        except Bad as bad:
            draft.bad(pointer, ROW_LABEL, bad.words, bad.code, where)
            return
        if name in draft.numbered:
            draft.bad(pointer, ROW_LABEL, _ROW_TWICE, "row_twice", where)
        draft.numbered[name] = pointer

    def _fill(self, draft: Draft, columns: Columns, row: Row, at: str, tree: dict[str, Any]) -> None:
        """The boxes of one row, into the group that it is."""
        for cell in row.cells:
            place = columns.boxes.get(cell.column)
            if place is None:
                continue
            try:
                value = self._reader.value(cell, place.box)
            except Bad as bad:
                pointer = at + join(*place.steps)
                where = address(columns.sheet, cell.column, row.number)
                draft.bad(pointer, self._label(pointer), bad.words, bad.code, where)
                continue
            group = tree
            for step in place.steps[:-1]:
                group = group.setdefault(step, {})
            group[place.steps[-1] if place.steps else ITSELF] = value

    def _document(self, draft: Draft, type_: str | None) -> dict[str, Any]:
        """The document of a draft."""
        gaps: list[str] = []
        made = _finish(self.layout.schema, draft.tree, "", gaps)
        for pointer in gaps:
            where = Locator(draft.places)(pointer)
            draft.bad(pointer, self._label(pointer), _GAP, "gap", where)
        for file in made.get("materials", ()):
            if "name" not in file and isinstance(file.get("path"), str):
                file["name"] = file["path"].rpartition("/")[2]
        head: dict[str, Any] = {"matter": self.layout.matter.name}
        kind = made.pop("type", type_)
        if kind is not None:
            head["type"] = kind
        head["form"] = self.layout.form
        return {**head, **made}

    def _label(self, pointer: str) -> tuple[str, str]:
        return self._catalogue.label(self.layout.matter.name, self.layout.form, pointer)


def _finish(node: Node, value: Any, at: str, gaps: list[str]) -> Any:
    """A part of a draft as the document has it, in the form's order; lists with a gap are told in `gaps`.

    A group that must be there is there, so that every box missing in it is told; a list that must be there and may be
    empty is empty where it has no rows, as a table without rows says.
    """
    if node["type"] == "array" and isinstance(value, dict):
        if any(str(place) not in value for place in range(len(value))):
            gaps.append(at)
        ordered = sorted(value.items(), key=lambda one: int(one[0]))
        return [_finish(node["items"], one, f"{at}/{place}", gaps) for place, one in ordered]
    if node["type"] != "object":
        return value
    needed = node.get("required", ())
    made = {}
    for name, part in node["properties"].items():
        if name in value or (name in needed and part["type"] == "object"):
            made[name] = _finish(part, value.get(name, {}), at + join(name), gaps)
        elif name in needed and part["type"] == "array" and not part.get("minItems", 0):
            made[name] = []
    return made


class Locator:
    """Tells where in the file a place of one document is."""

    def __init__(self, places: Mapping[str, tuple[Columns, int]]) -> None:
        self._places = places

    def __call__(self, pointer: str) -> str:
        """The address of the cell, or of what comes nearest to it."""
        item = next(at for at in _ways_up(pointer) if at in self._places)
        columns, row = self._places[item]
        column = self._column(columns, item, pointer)
        if column is None:
            column = columns.key if columns.key is not None else 0
        return address(columns.sheet, column, row)

    def _column(self, columns: Columns, item: str, pointer: str) -> int | None:
        """The column of a box, or of the box around it, or of the first in it."""
        for at in _ways_up(pointer):
            if len(at) <= len(item) and columns.table.pattern and at != item:
                return None
            for name in (at, pattern_of(at)):
                if (found := columns.find(name)) is not None:
                    return found
            if at == pointer and at and (found := columns.first_below(pattern_of(at))) is not None:
                return found
            if at == pointer and at and (found := columns.first_below(at)) is not None:
                return found
        return None


def _ways_up(pointer: str) -> Iterator[str]:
    """A pointer and those above it."""
    yield pointer
    while pointer:
        pointer = pointer.rpartition("/")[0]
        yield pointer


_ORPHAN: Words = (
    "主表中没有这个序号，此行不属于任何申请",
    "no application of the main sheet has this number",
    "请改为主表中的序号，或删去此行。",
    "Write the number of an application, or take the row away.",
)
_KEY_TWICE: Words = (
    "主表中序号重复，不能确定各表的行属于哪一件",
    "the number is there twice in the main sheet",
    "请为每件申请填写不同的序号，并相应改正其他表。",
    "Give each application its own number, in the other sheets too.",
)
_ROW_TWICE: Words = (
    "同一件申请中行号重复",
    "the row number is there twice in one application",
    "请填写不同的行号。",
    "Give each row its own number.",
)
_NO_SUCH_ROW: Words = (
    "没有这个行号的上级行",
    "no row above has this number",
    "请填写上级表中同一件申请的行号。",
    "Write the row number of a row of the same application.",
)
_GAP: Words = (
    "前一项是空的，后一项却有内容",
    "an item is empty and one after it is not",
    "请从第 0 项起连续填写。",
    "Fill in the items one after the other, from position 0 on.",
)
