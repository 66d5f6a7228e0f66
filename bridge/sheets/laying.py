"""From documents to rows: the reverse of `assembly`, for whoever wants existing applications in a template.

What belongs here: which value goes into which column. What does not: writing a file (`writing`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from bridge.model.pointer import tokens
from bridge.sheets.layout import NONE, PARENT, ROW, Box, Layout, Table, node_at

Laid = tuple[Table, Mapping[str, str]]
"""A table, and the texts of one of its rows by machine name."""


def lay(document: Mapping[str, Any], layout: Layout, key: str) -> Iterator[Laid]:
    """The rows of one document, the application's own first.

    Raises ValueError where a file is not given by its `path`: a cell holds no content.
    """
    if any("path" not in one for one in document.get("materials", ())):
        raise ValueError("a file without a path cannot be laid out")
    yield from _Laying(layout, key).rows(document)


class _Laying:
    """Lays out one document."""

    def __init__(self, layout: Layout, key: str) -> None:
        self._layout, self._key = layout, key
        self._numbers: dict[str, int] = {}

    def rows(self, document: Mapping[str, Any]) -> Iterator[Laid]:
        """All rows."""
        yield from self._row(self._layout.tables[0], document, None)

    def _row(self, table: Table, value: Any, above: str | None) -> Iterator[Laid]:
        """One row and those below it."""
        texts = self._head(table, above)
        own = None
        if table.has_rows_below and table.pattern:
            self._numbers[table.pattern] = self._numbers.get(table.pattern, 0) + 1
            own = texts[ROW] = str(self._numbers[table.pattern])
        for box in table.boxes:
            found = _below(value, box.pattern[len(table.item) :])
            if found is not None:
                texts[box.pattern] = _text(box, found)
        yield table, texts
        for below in self._layout.tables:
            if below.pattern and (below.parent or "") == table.pattern:
                rows = _below(value, below.pattern[len(table.item) :])
                if rows == [] and not self._is_empty_anyway(table, below):
                    yield below, {**self._head(below, own), below.boxes[0].pattern: NONE}
                for row in rows or ():
                    yield from self._row(below, row, own)

    def _head(self, table: Table, above: str | None) -> dict[str, str]:
        """The columns that are no boxes."""
        return {table.key: self._key} | ({PARENT: above} if table.parent is not None and above is not None else {})

    def _is_empty_anyway(self, table: Table, below: Table) -> bool:
        """Whether the list is there and empty where it has no rows: it must be there, and may be empty."""
        steps = tokens(below.pattern[len(table.item) :])
        group = node_at(self._layout.schema, below.pattern.rpartition("/")[0]) or {}
        node = node_at(self._layout.schema, below.pattern) or {}
        return steps[-1] in group.get("required", ()) and not node.get("minItems", 0)


def _below(value: Any, rest: str) -> Any:
    """What stands so far below a value; None where nothing does."""
    for step in tokens(rest):
        if not isinstance(value, Mapping) or step not in value:
            return None
        value = value[step]
    return value


def _text(box: Box, value: Any) -> str:
    """A value as a cell shows it."""
    if box.many:
        return "\n".join(_one(box, one) for one in value) or NONE
    return _one(box, value)


def _one(box: Box, value: Any) -> str:
    if isinstance(value, bool):
        return "是" if value else "否"
    return box.shown.get(value, str(value)) if isinstance(value, str) else str(value)
