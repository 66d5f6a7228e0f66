"""Reading .xlsx row by row: memory does not grow with the file, and nothing but values is understood.

What belongs here: the parts of SpreadsheetML (ECMA-376 part 1, clause 18) that hold values. What does not: what the
values mean (`cells`), and the zip (`package`).

Why not a library: texts that Excel saves stand once in a table that all sheets share, and readers keep all of it in
memory; ours lies in a file.
"""

from __future__ import annotations

import os
import re
import tempfile
from array import array
from collections.abc import Generator, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from functools import lru_cache
from pathlib import Path
from typing import IO

from bridge.sheets.cell import Cell, Kind, Row
from bridge.sheets.package import Package, opened
from bridge.sheets.parts import elements, parse, related
from bridge.sheets.refused import RefusedFile, damaged, too_much

MAX_SHEETS = 100
MAX_ROWS = 300_000
"""Rows of one sheet that hold something."""
MAX_COLUMNS = 2_000
MAX_EMPTY_ROWS = 1_100_000
"""Row elements of one sheet, empty ones too: more than Excel has rows."""
MAX_TEXT = 32_767
"""Characters of a cell; Excel's limit."""
MAX_TEXTS = 8_000_000
"""Entries of the shared table."""
RELATION_IDS = (
    "http://schemas.openxmlformats.org/officeDocument/2006/relationships id",
    "http://purl.oclc.org/ooxml/officeDocument/relationships id",
)

DATES = frozenset({*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)})
"""Built-in number formats that are dates or times (18.8.30), those of Chinese versions too."""
PERCENTS = frozenset({9, 10})
PLAIN_PART = re.compile(r'"[^"]*"|\\.|_.|\*.|\[[^\]]*\]')
"""Of a number format: what is no symbol of its own."""
ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
"""A character that XML cannot hold (ST_Xstring, 22.9.2.19)."""


def _unescape(text: str) -> str:
    """A text as it was typed."""
    return ESCAPED.sub(_character, text) if "_x" in text else text


def _character(escaped: re.Match[str]) -> str:
    """The character of an escape; half of a pair is none, and becomes one that no box takes."""
    code = int(escaped[1], 16)
    return chr(code) if not 0xD800 <= code < 0xE000 else "\N{REPLACEMENT CHARACTER}"


class _Texts:
    """The table of shared texts, in a file without a name."""

    def __init__(self, package: Package, part: str, file: IO[bytes]) -> None:
        self._file = file
        self._ends = array("Q", [0])
        self._read_all(package, part)
        file.flush()
        self.get = lru_cache(maxsize=4096)(self._get)

    def _get(self, place: int) -> str:
        """A text by its place in the table."""
        if not 0 <= place < len(self._ends) - 1:
            raise damaged("sharedStrings.xml")
        begin = self._ends[place]
        return os.pread(self._file.fileno(), self._ends[place + 1] - begin, begin).decode()

    def _read_all(self, package: Package, part: str) -> None:
        """Keep every text of the table."""
        reader = _TextReader()
        for _ in parse(package, part, reader.start, reader.end, reader.text):
            if len(self._ends) + len(reader.done) > MAX_TEXTS:
                raise too_much("文字总数", "texts", MAX_TEXTS)
            for one in reader.done:
                data = _unescape(one).encode()
                self._file.write(data)
                self._ends.append(self._ends[-1] + len(data))
            reader.done.clear()


class _TextReader:
    """The handlers for the table of shared texts; a text in several fonts is one text, its reading aid none."""

    def __init__(self) -> None:
        self.done: list[str] = []
        self._parts: list[str] = []
        self._size = 0
        self._taking = self._phonetic = False

    def start(self, name: str, _: dict[str, str]) -> None:
        """An element begins."""
        if name == "t":
            self._taking = not self._phonetic
        elif name == "rPh":
            self._phonetic = True

    def text(self, data: str) -> None:
        """Characters."""
        if self._taking:
            self._size += len(data)
            if self._size > MAX_TEXT:
                raise too_much("一个单元格的字符数", "characters in one cell", MAX_TEXT)
            self._parts.append(data)

    def end(self, name: str) -> None:
        """An element ends."""
        if name == "t":
            self._taking = False
        elif name == "rPh":
            self._phonetic = False
        elif name == "si":
            self.done.append("".join(self._parts))
            self._parts.clear()
            self._size = 0


def _kinds(package: Package, part: str) -> list[Kind]:
    """What a number is by each cell style."""
    formats: dict[int, str] = {}
    kinds: list[Kind] = []
    inside = False
    for name, attributes in elements(package, part):
        if name == "numFmt":
            formats[_number(attributes.get("numFmtId"))] = attributes.get("formatCode", "")
        elif name in {"cellXfs", "cellStyles", "dxfs", "cellStyleXfs"}:
            inside = name == "cellXfs"
        elif name == "xf" and inside:
            kinds.append(_kind(_number(attributes.get("numFmtId")), formats))
    return kinds


def _kind(number: int, formats: Mapping[int, str]) -> Kind:
    """What a number format shows."""
    if number in formats:
        code = PLAIN_PART.sub("", formats[number].lower().replace("general", ""))
        if "%" in code:
            return "percent"
        return "date" if set(code) & set("ymdhs") else "number"
    if number in DATES:
        return "date"
    return "percent" if number in PERCENTS else "number"


def _number(text: str | None) -> int:
    return int(text) if text is not None and text.isascii() and text.isdecimal() and len(text) < 10 else 0


class Workbook:
    """A workbook whose sheets can be read one after the other."""

    def __init__(self, package: Package, texts: _Texts | None, kinds: list[Kind], sheets: Mapping[str, str]) -> None:
        self._package, self._texts, self._kinds = package, texts, kinds
        self._parts = sheets
        self.from_1904 = False
        """Whether days are counted from 1904, as Excel for Mac once did."""

    @property
    def sheets(self) -> list[str]:
        """Names of the sheets, hidden ones too."""
        return list(self._parts)

    def rows(self, sheet: str) -> Generator[Row]:
        """The rows that are not empty. Raises RefusedFile, also where cells below the second row are merged."""
        reader = _SheetReader(sheet, self._texts, self._kinds)
        with closing(parse(self._package, self._parts[sheet], reader.start, reader.end, reader.text)) as steps:
            for _ in steps:
                yield from reader.done
                reader.done.clear()
        yield from reader.done


class _SheetReader:
    """The handlers for one sheet; rows that have ended wait in `done`."""

    def __init__(self, sheet: str, texts: _Texts | None, kinds: list[Kind]) -> None:
        self._sheet, self._texts, self._kinds = sheet, texts, kinds
        self.done: list[Row] = []
        self._count = self._elements = self._row = self._size = 0
        self._column = -1
        self._cells: list[Cell] = []
        self._cell: dict[str, str] = {}
        self._parts: list[str] = []
        self._taking = self._formula = self._phonetic = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """An element begins."""
        if name == "c":
            self._cell, self._formula = attributes, False
            self._parts.clear()
            self._size = 0
            self._column = _column(attributes["r"]) if "r" in attributes else self._column + 1
            if self._column >= MAX_COLUMNS:
                raise too_much("列数", "columns", MAX_COLUMNS)
        elif name in {"v", "t"}:
            self._taking = not self._phonetic
        elif name == "f":
            self._formula = True
        elif name == "row":
            self._begin_row(attributes)
        elif name == "rPh":
            self._phonetic = True
        elif name == "mergeCell":
            self._merged(attributes.get("ref", ""))

    def text(self, data: str) -> None:
        """Characters."""
        if self._taking:
            self._size += len(data)
            if self._size > MAX_TEXT:
                raise too_much("一个单元格的字符数", "characters in one cell", MAX_TEXT)
            self._parts.append(data)

    def end(self, name: str) -> None:
        """An element ends."""
        if name in {"v", "t"}:
            self._taking = False
        elif name == "c":
            self._end_cell()
        elif name == "rPh":
            self._phonetic = False
        elif name == "row" and self._cells:
            self._count += 1
            if self._count > MAX_ROWS:
                raise too_much("一张表的行数", "rows in one sheet", MAX_ROWS)
            self.done.append(Row(self._row, self._cells))
            self._cells = []

    def _begin_row(self, attributes: dict[str, str]) -> None:
        self._elements += 1
        if self._elements > MAX_EMPTY_ROWS:
            raise too_much("一张表的行数", "rows in one sheet", MAX_EMPTY_ROWS)
        number = _number(attributes.get("r")) or self._row + 1
        if number <= self._row:
            raise damaged(self._sheet)
        self._row, self._column = number, -1

    def _end_cell(self) -> None:
        if self._cells and self._cells[-1].column >= self._column:
            raise damaged(self._sheet)
        kind = self._cell.get("t", "n")
        value = "".join(self._parts)
        if self._formula:
            self._cells.append(Cell(self._column, "formula", ""))
        elif kind == "s":
            if self._texts is None or not value.isascii() or not value.isdecimal():
                raise damaged(self._sheet)
            self._add("text", self._texts.get(int(value)))
        elif kind in {"str", "inlineStr"}:
            self._add("text", _unescape(value))
        elif kind == "d":
            self._add("text", value)
        elif kind == "b":
            self._add("bool", value)
        elif kind == "e":
            self._add("error", value)
        elif value:
            style = _number(self._cell.get("s"))
            self._add(self._kinds[style] if style < len(self._kinds) else "number", value)

    def _add(self, kind: Kind, value: str) -> None:
        """A cell; one with nothing but space looks empty to everybody, and is."""
        if value and not value.isspace():
            self._cells.append(Cell(self._column, kind, value))

    def _merged(self, reference: str) -> None:
        """Of merged cells only the first holds what all seem to hold."""
        last = re.search(r"[0-9]+$", reference)
        if last and int(last[0][:9]) > 2:
            raise RefusedFile(
                "merged_cells",
                (
                    f"有合并的单元格：{self._sheet}!{reference[:30]}",
                    f"cells are merged: {self._sheet}!{reference[:30]}",
                    "请取消合并，在每个单元格中分别填写。",
                    "Unmerge them and fill in each one.",
                ),
                cell=f"{self._sheet}!{reference[:30]}",
            )


@lru_cache(maxsize=4096)
def _column_of(letters: str) -> int:
    number = 0
    for one in letters:
        number = number * 26 + ord(one) - 64
    return number - 1


def _column(reference: str) -> int:
    """The column of a reference such as `AB12`, from 0. Raises ValueError."""
    letters = reference.rstrip("0123456789")
    if not (letters.isascii() and letters.isalpha() and letters.isupper() and len(letters) <= 3):
        raise ValueError(reference[:10])
    return _column_of(letters)


@contextmanager
def reading(path: Path) -> Iterator[Workbook]:
    """The workbook at `path`. Raises RefusedFile, OSError."""
    with ExitStack() as stack:
        package = stack.enter_context(opened(path))
        root = related(package, "")
        book_part = next((target for kind, target in root.values() if kind == "officeDocument"), None)
        if book_part is None:
            raise damaged("_rels/.rels")
        leads = related(package, book_part)
        by_kind = dict(leads.values())
        texts = None
        if "sharedStrings" in by_kind:
            texts = _Texts(package, by_kind["sharedStrings"], stack.enter_context(tempfile.TemporaryFile()))
        kinds = _kinds(package, by_kind["styles"]) if "styles" in by_kind else []
        sheets: dict[str, str] = {}
        from_1904 = False
        for name, attributes in elements(package, book_part):
            if name == "sheet":
                relation = next((attributes[one] for one in RELATION_IDS if one in attributes), "")
                kind, target = leads.get(relation, ("", ""))
                if kind == "worksheet":
                    sheets[attributes.get("name", "")] = target
            elif name == "workbookPr":
                from_1904 = attributes.get("date1904") in {"1", "true"}
        if len(sheets) > MAX_SHEETS:
            raise too_much("工作表数", "sheets", MAX_SHEETS)
        book = Workbook(package, texts, kinds, sheets)
        book.from_1904 = from_1904
        yield book
