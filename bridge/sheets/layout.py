"""How a form lies in sheets: one row per application, and a sheet of its own for each list of groups.

What belongs here: which box is in which column of which sheet, under which machine name and which title. What does not:
reading cells (`cells`), and writing them (`writing`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from bridge.catalogue.catalogue import Catalogue
from bridge.catalogue.matters import Matter
from bridge.model.pointer import escape, tokens

MAIN, MATERIALS, GUIDE, CHOICES, META = "主表", "材料", "说明", "选项", "_meta"
"""Sheets that every template has; the last two are hidden."""

KEY, ROW, PARENT, PROBLEMS = "#key", "#row", "#parent", "#problems"
"""Machine names of columns that are no boxes. `#key` is followed by `:` and the pattern of the sheet's list."""

KEY_TITLE, ROW_TITLE, PARENT_TITLE, PROBLEMS_TITLE = "序号", "行号", "上级行号", "问题 (problems)"

NONE = "（无）"
"""In the first box of a row: the list is there and empty."""

LONGEST_SHEET_NAME = 31
"""Characters; Excel's limit."""

BAD_IN_SHEET_NAMES = re.compile(r"[\[\]:*?/\\']")

Node = Mapping[str, Any]


@dataclass(frozen=True)
class Box:
    """One column: a box of the form, or a list of short values that has room in a cell."""

    pattern: str
    """Of the document, `*` for the rows of lists: the machine name of the column."""
    node: Node
    """The schema of one value."""
    many: bool
    """Whether the cell holds a list, one value a line."""
    title: str
    title_en: str
    required: bool
    """Within its row: whether every group on the way to it must be there, too."""

    @cached_property
    def words(self) -> Mapping[str, str]:
        """The form's Chinese word of each choice → its code, where it means one code only and is no code itself."""
        codes = self.node.get("enum", ())
        options = self.node.get("x-ui", {}).get("options", {})
        found: dict[str, list[str]] = {}
        for code in codes:
            if code in options:
                found.setdefault(options[code][0], []).append(code)
        return {word: of[0] for word, of in found.items() if len(of) == 1 and word not in codes}

    @cached_property
    def shown(self) -> Mapping[str, str]:
        """Code → what a cell shows for it."""
        named = {code: word for word, code in self.words.items()}
        return {code: named.get(code, code) for code in self.node.get("enum", ()) if isinstance(code, str)}


@dataclass(frozen=True)
class Table:
    """One sheet: the applications themselves, or the rows of one list."""

    pattern: str
    """Of the list; "" for the applications."""
    sheet: str
    title: str
    parent: str | None
    """The pattern of the list whose rows hold this one; None where applications do."""
    boxes: tuple[Box, ...]
    has_rows_below: bool
    """Whether another sheet refers to its rows, so that they are numbered."""

    @property
    def item(self) -> str:
        """The pattern of one row."""
        return f"{self.pattern}/*" if self.pattern else ""

    @property
    def key(self) -> str:
        """The machine name of the column that says which application a row belongs to."""
        return f"{KEY}:{self.pattern}"

    def columns(self) -> list[tuple[str, str]]:
        """(machine name, title) of every column, in order."""
        made = [(self.key, KEY_TITLE)]
        if self.parent is not None:
            made.append((PARENT, PARENT_TITLE))
        if self.has_rows_below and self.pattern:
            made.append((ROW, ROW_TITLE))
        return made + [(box.pattern, box.title) for box in self.boxes]


@dataclass(frozen=True)
class Layout:
    """All sheets of one version of one matter's form."""

    matter: Matter
    form: int
    schema: Node
    """Of the whole document, without what the file itself says (matter and form)."""
    tables: tuple[Table, ...]
    """The applications first; a list comes after the one that holds it."""

    def table(self, pattern: str) -> Table | None:
        """The sheet of a list."""
        return next((one for one in self.tables if one.pattern == pattern), None)

    @cached_property
    def by_sheet(self) -> Mapping[str, Table]:
        """Each table by the name of its sheet."""
        return {one.sheet: one for one in self.tables}


def layout(catalogue: Catalogue, matter: str, form: int) -> Layout:
    """The sheets of a form. Raises NotFound (matter) and SettingsError (form)."""
    found = catalogue.matter(matter)
    schema = _document(found, catalogue.form(matter, form).schema)
    made = _Maker(catalogue, found, form)
    made.table("", schema, MAIN, found.title, None)
    return Layout(found, form, schema, tuple(made.tables))


def node_at(schema: Node, pattern: str) -> Node | None:
    """The schema at a pattern or pointer; None where the form has no such place."""
    node = schema
    for token in tokens(pattern):
        if node["type"] == "array" and (token == "*" or token.isdecimal()):  # noqa: S105 - a part of a pointer
            node = node["items"]
        elif node["type"] == "object" and token in node["properties"]:
            node = node["properties"][token]
        else:
            return None
    return node


def _document(matter: Matter, form: Node) -> Node:
    """The schema of a document as far as a table holds it."""
    types = {one.id: [one.title, one.title_en] for one in matter.types}
    codes = {one.code: [one.title, one.title_en] for one in matter.materials}
    reference_hint = "本单位的流水号，可不填；填写后全系统唯一"
    path_hint = "相对于本文件所在目录的路径，用 / 分隔"
    file = {
        "type": "object",
        "title": "申请材料",
        "properties": {
            "code": _text("材料", "material", enum=list(codes), options=codes),
            "name": _text(
                "文件名", "file name", hint="不填则用路径最后一段", hint_en="the last part of the path if empty"
            ),
            "path": _text("文件路径", "path", hint=path_hint, hint_en="below the folder of this file, with /"),
        },
        "required": ["code", "path"],
        "x-ui": {"title_en": "file"},
    }
    return {
        "type": "object",
        "properties": {
            "type": _text("申请类型", "Type", enum=list(types), options=types),
            "reference": _text(
                "业务流水号", "Reference", hint=reference_hint, hint_en="your own number; unique, may stay empty"
            ),
            "data": form,
            "materials": {"type": "array", "title": MATERIALS, "items": file, "x-ui": {"title_en": "Materials"}},
        },
        "required": ["type", "data"],
    }


def _text(title: str, title_en: str, *, enum: list[str] | None = None, **ui: Any) -> dict[str, Any]:
    node: dict[str, Any] = {"type": "string", "title": title, "x-ui": {"title_en": title_en, **ui}}
    return node if enum is None else {**node, "enum": enum}


def fits_a_cell(items: Node) -> bool:
    """Whether a list of such values is written into one cell: none of them may hold what parts them, a line end."""
    if items["type"] != "string" or "enum" in items or "format" in items:
        return items["type"] not in {"object", "array"}
    pattern = items.get("pattern", "")
    return bool(pattern) and "[^" not in pattern and not re.search(r"(?<!\\)(?:\\\\)*\.|\\[nsSDW]|\n", pattern)


class _Maker:
    """Walks through a schema and lays out its sheets."""

    def __init__(self, catalogue: Catalogue, matter: Matter, form: int) -> None:
        self._catalogue, self._matter, self._form = catalogue, matter, form
        self.tables: list[Table] = []
        self._names: set[str] = {MAIN, GUIDE, CHOICES, META}

    def table(self, pattern: str, node: Node, sheet: str, title: str, parent: str | None) -> None:
        """One sheet and those below it."""
        boxes: list[Box] = []
        lists: list[tuple[str, Node]] = []
        self._walk(f"{pattern}/*" if pattern else "", node, required=True, boxes=boxes, lists=lists)
        self.tables.append(Table(pattern, sheet, title, parent, tuple(boxes), has_rows_below=bool(lists)))
        for at, below in lists:
            self.table(at, below["items"], self._name(below), self._title(at)[0], pattern or None)
        if pattern == "":
            # Files come last: they are no part of the form.
            self.tables.sort(key=lambda one: one.pattern.startswith("/materials"))

    def _walk(
        self, at: str, node: Node, *, required: bool, boxes: list[Box], lists: list[tuple[str, Node]], top: bool = True
    ) -> None:
        """The boxes and lists of one row, in the form's order."""
        if node["type"] == "object":
            needed = node.get("required", ())
            for name, part in node["properties"].items():
                below = required and name in needed
                self._walk(f"{at}/{escape(name)}", part, required=below, boxes=boxes, lists=lists, top=False)
        elif node["type"] == "array" and not top:
            if fits_a_cell(node["items"]):
                needs_one = required and node.get("minItems", 0) > 0
                boxes.append(Box(at, node["items"], True, *self._title(at), needs_one))  # noqa: FBT003 - a record
            else:
                lists.append((at, node))
        else:
            boxes.append(Box(at, node, False, *self._title(at), required))  # noqa: FBT003 - a record

    def _title(self, pattern: str) -> tuple[str, str]:
        """A box as the form calls it; without the list that its sheet is named after."""
        if not pattern.startswith("/data"):
            node: Node = _document(self._matter, {"type": "object", "properties": {}})
            found = node_at(node, pattern) or node
            return found["title"], found["x-ui"]["title_en"]
        outer, _, inner = pattern.rpartition("/*")
        title, title_en = self._catalogue.label(self._matter.name, self._form, pattern)
        if outer and inner:
            skipped = [len(one.split(" · ")) for one in self._catalogue.label(self._matter.name, self._form, outer)]
            title = " · ".join(title.split(" · ")[skipped[0] :])
            title_en = " · ".join(title_en.split(" · ")[skipped[1] :])
        return title, title_en

    def _name(self, node: Node) -> str:
        """A name for a sheet that no other has."""
        wanted = BAD_IN_SHEET_NAMES.sub("", node["title"])[: LONGEST_SHEET_NAME - 3].strip() or "表"
        name, count = wanted, 1
        while name.lower() in {one.lower() for one in self._names}:
            count += 1
            name = f"{wanted} {count}"
        self._names.add(name)
        return name
