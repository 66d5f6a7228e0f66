"""Writing workbooks: the template, and rows into it. Every text stays a text: nothing in it can become a formula.

What belongs here: how a workbook looks. What does not: which box is in which column (`layout`), and which rows are
written (`laying`, `errorfile`).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, Any

import xlsxwriter

from bridge.sheets.cell import Cell, letters
from bridge.sheets.laying import lay
from bridge.sheets.layout import CHOICES, GUIDE, META, NONE, PROBLEMS, Box, Layout, Table
from bridge.sheets.tables import HEADER_ROWS, MARK, VERSION

FILLED = 5_000
"""Rows with drop-downs in a template."""
WIDE, NARROW = 40, 14
"""Widths of columns, in characters."""
MAX_HINT = 250
"""Characters of a prompt; Excel takes 255."""


@dataclass(frozen=True)
class Column:
    """A column to be written."""

    name: str
    title: str
    box: Box | None = None


def columns_of(table: Table) -> list[Column]:
    """The columns of a table in a template."""
    boxes = {box.pattern: box for box in table.boxes}
    return [Column(name, title, boxes.get(name)) for name, title in table.columns()]


class Writer:
    """Writes one workbook; the sheets' rows in order, each sheet before the next."""

    def __init__(self, out: IO[bytes], layout: Layout, *, type_: str | None = None) -> None:
        options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
        self._book: Any = xlsxwriter.Workbook(out, options)
        self._layout = layout
        self._formats = {
            "text": self._book.add_format({"num_format": "@", "valign": "top"}),
            "bad": self._book.add_format({"num_format": "@", "bg_color": "#FFC7CE", "valign": "top"}),
            "bad_number": self._book.add_format({"bg_color": "#FFC7CE", "valign": "top"}),
            "bad_date": self._book.add_format({"num_format": "yyyy-mm-dd", "bg_color": "#FFC7CE", "valign": "top"}),
            "percent": self._book.add_format({"num_format": "0%", "valign": "top"}),
            "bad_percent": self._book.add_format({"num_format": "0%", "bg_color": "#FFC7CE", "valign": "top"}),
            "number": self._book.add_format({"valign": "top"}),
            "date": self._book.add_format({"num_format": "yyyy-mm-dd", "valign": "top"}),
            "title": self._book.add_format({"bold": True, "bg_color": "#DDEBF7", "text_wrap": True, "valign": "top"}),
            "needed": self._book.add_format({"bold": True, "bg_color": "#FCE4D6", "text_wrap": True, "valign": "top"}),
            "words": self._book.add_format({"text_wrap": True, "valign": "top", "num_format": "@"}),
        }
        self._choices: dict[tuple[str, ...], str] = {}
        self._guide()
        self._sheet: Any = None
        self._row = 0
        self._type = type_

    def sheet(self, name: str, columns: Sequence[Column]) -> None:
        """Begin a sheet with its two header rows."""
        self._sheet = self._book.add_worksheet(name)
        self._row = HEADER_ROWS
        self._sheet.freeze_panes(HEADER_ROWS, 1)
        for place, column in enumerate(columns):
            wide = column.name == PROBLEMS or (column.box is not None and len(column.title) > NARROW)
            self._sheet.set_column(place, place, WIDE if wide else NARROW, self._formats["text"])
        self._sheet.set_row(1, None, self._formats["text"], {"hidden": True})
        for place, column in enumerate(columns):
            needed = column.box is None or column.box.required
            title = f"{column.title} *" if needed and column.name != PROBLEMS else column.title
            self._sheet.write_string(0, place, title, self._formats["needed" if needed else "title"])
            if note := _note(column.box):
                self._sheet.write_comment(0, place, note, {"x_scale": 2, "y_scale": 1.5})
            if column.box is not None:
                self._choose(place, column.box)
        for place, column in enumerate(columns):
            self._sheet.write_string(1, place, column.name, self._formats["text"])

    def row(self, texts: Mapping[int, str]) -> None:
        """A row of texts, by column."""
        for place in sorted(texts):
            self._put(place, texts[place], "text")
        self._row += 1

    def cells(self, cells: Iterable[tuple[int, Cell, bool]], problems: str) -> None:
        """A row as it stood in a file, with its problems in column 0; (column, cell, whether it is bad)."""
        if problems:
            self._put(0, problems, "words")
        for place, cell, bad in cells:
            self._cell(place, cell, bad=bad)
        self._row += 1

    def _put(self, place: int, text: str, style: str) -> None:
        """A text. Raises ValueError where it does not fit a cell: it would be cut, or left out without a word."""
        if self._sheet.write_string(self._row, place, text, self._formats[style]):
            raise ValueError(f"a text at {letters(place)}{self._row + 1} does not fit a cell")

    def _cell(self, place: int, cell: Cell, *, bad: bool) -> None:
        """A cell as it stood. A formula's result is not ours to give: it becomes one that is refused again."""
        at = (self._row, place)
        if cell.kind == "text" or (bad and not cell.value and cell.kind != "formula"):
            self._put(place, cell.value, "bad" if bad else "text")
        elif cell.kind == "bool":
            self._sheet.write_boolean(*at, cell.value == "1", self._formats["bad_number" if bad else "number"])
        elif cell.kind in {"formula", "error"}:
            self._sheet.write_formula(*at, "=NA()", self._formats["bad_number"], "#N/A")
        else:
            style = f"bad_{cell.kind}" if bad else cell.kind
            self._sheet.write_number(*at, float(cell.value), self._formats[style])

    def close(self) -> None:
        """Write the hidden sheets and the end of the file."""
        told = [("format", MARK), ("version", VERSION), ("matter", self._layout.matter.name)]
        told.append(("form", str(self._layout.form)))
        if self._type is not None:
            told.append(("type", self._type))
        meta = self._book.add_worksheet(META)
        for row, (name, value) in enumerate(told):
            meta.write_string(row, 0, name)
            meta.write_string(row, 1, value)
        meta.very_hidden()
        sheet = self._book.add_worksheet(CHOICES)
        longest = max((len(one) for one in self._choices), default=0)
        for row in range(longest):
            for place, words in enumerate(self._choices):
                if row < len(words):
                    sheet.write_string(row, place, words[row], self._formats["text"])
        sheet.hide()
        self._book.close()

    def abandon(self) -> None:
        """Let go of what was begun: xlsxwriter would write it all the same when it is forgotten."""
        self._book.fileclosed = True
        for sheet in self._book.worksheets():
            sheet.row_data_fh.close()

    def _choose(self, place: int, box: Box) -> None:
        """The drop-down of a box; codes and, in a list, several lines are taken all the same."""
        words = tuple(box.shown.values())
        if box.node["type"] == "boolean":
            words = ("是", "否")
        if not words:
            return
        if words not in self._choices:
            column = letters(len(self._choices))
            self._choices[words] = f"='{CHOICES}'!${column}$1:${column}${len(words)}"
        rule = {"validate": "list", "source": self._choices[words], "show_error": False}
        self._sheet.data_validation(HEADER_ROWS, place, HEADER_ROWS + FILLED - 1, place, rule)

    def _guide(self) -> None:
        """The first sheet: how to fill in the others."""
        matter = self._layout.matter
        sheet = self._book.add_worksheet(GUIDE)
        sheet.set_column(0, 0, 110, self._formats["words"])
        lines = [
            f"{matter.title} ({matter.title_en})，表单第 {self._layout.form} 版 (form version {self._layout.form})",
            *_LINES,
        ]
        if matter.guidance:
            lines.append(matter.guidance)
        for row, line in enumerate(lines):
            sheet.write_string(row, 0, line, self._formats["title" if row == 0 else "words"])


@contextmanager
def writing(out: IO[bytes], layout: Layout, type_: str | None) -> Iterator[Writer]:
    """A writer, closed at the end; nothing is left of it where something goes wrong."""
    writer = Writer(out, layout, type_=type_)
    try:
        yield writer
    except BaseException:
        writer.abandon()
        raise
    writer.close()


def write_template(out: IO[bytes], layout: Layout, *, type_: str | None = None) -> None:
    """An empty template; with `type_` a row need not name the type."""
    _write(out, layout, (), type_)


def write_documents(out: IO[bytes], layout: Layout, documents: Iterable[Mapping[str, Any]]) -> None:
    """A template that holds documents. Each is laid out once per sheet: give a list, or a view that can begin again."""
    _write(out, layout, documents, None)


def _write(out: IO[bytes], layout: Layout, documents: Iterable[Mapping[str, Any]], type_: str | None) -> None:
    with writing(out, layout, type_) as writer:
        for table in layout.tables:
            columns = columns_of(table)
            places = {column.name: place for place, column in enumerate(columns)}
            writer.sheet(table.sheet, columns)
            for number, document in enumerate(documents, 1):
                for of, texts in lay(document, layout, str(number)):
                    if of is table:
                        writer.row({places[name]: text for name, text in texts.items()})


def write_csv_template(out: IO[bytes], layout: Layout) -> None:
    """An empty CSV file: titles, then machine names; with a mark, so that Excel reads it as UTF-8."""
    header = csv_header(layout)
    with io.TextIOWrapper(out, encoding="utf-8-sig", newline="", write_through=True) as text:
        rows = csv.writer(text)
        rows.writerow([f"{one.title} *" if one.box and one.box.required else one.title for one in header])
        rows.writerow([one.name for one in header])


def csv_header(layout: Layout) -> list[Column]:
    """The columns of a CSV file: the applications', and of each list that must have rows the first ones."""
    made = [column for column in columns_of(layout.tables[0]) if column.box is not None]
    for table in layout.tables[1:]:
        rows = 1 if table.pattern == "/materials" else _least(layout, table)
        for place in range(rows):
            for box in table.boxes:
                name = box.pattern.replace("/*", f"/{place}", 1)
                title = f"{table.title} {place + 1} · {box.title}"
                made.append(Column(name, title, box))
    return made


def _least(layout: Layout, table: Table) -> int:
    """How many rows every application has in a list."""
    if table.parent is not None:
        return 0
    node: Any = layout.schema
    needed = True
    for step in table.pattern.split("/")[1:]:
        needed = needed and step in node.get("required", ())
        node = node["properties"][step]
    return int(node.get("minItems", 0)) if needed else 0


def _note(box: Box | None) -> str:
    """What a person should know of a box before filling it in."""
    if box is None:
        return ""
    ui = box.node.get("x-ui", {})
    lines = [box.title_en]
    if hint := ui.get("hint"):
        lines.append(f"{hint} ({ui.get('hint_en', '')})")
    if "maxLength" in box.node:
        lines.append(f"最长 {box.node['maxLength']} 个字符 (characters, at most)")
    if box.many:
        lines.append(f"可填多项，每项一行（Alt+Enter），没有则填{NONE} (one a line; none: {NONE})")
    return "\n".join(lines)[:MAX_HINT]


_LINES = (
    "每件申请在《主表》占一行，序号自定，不可重复；其他表用同一序号说明该行属于哪一件。",
    "One row per application in the main sheet, numbered as you like; the other sheets refer to the number.",
    "带 * 的列必须填写；其余是否必填由申请类型决定，提交时会一次告知全部问题。",
    "Columns with * must be filled in; submitting tells all problems at once.",
    "所有单元格均为文本格式。证件号码、统一社会信用代码等长数字请勿改为数值格式，否则后几位会丢失。",
    "All cells are text. A long number that is kept as a number loses its last digits.",
    "请勿改动隐藏的第 2 行；列的顺序和标题可以调整。粘贴时请用“粘贴为数值”。",
    "Leave the hidden second row as it is; columns may be moved. Paste as values.",
    f"下拉选项可填中文，也可填代码。选填的清单若要明确写“没有”，请在其首列填{NONE}。",
    f"Choices are taken by word or by code. A list that is there and empty has {NONE} in its first column.",
    "《材料》中的路径相对于本文件所在目录。",
    "Paths of files are below the folder of this workbook.",
)
