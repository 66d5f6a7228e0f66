"""CSV as text: which encoding it is in, and its rows. A file that was saved wrongly is refused, not guessed at.

What belongs here: bytes to rows. What does not: which column is which box (`header`). A first character such as `=` is
content: nothing here runs formulas.
"""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Generator, Iterator
from pathlib import Path

from bridge.sheets.cell import Cell, Row
from bridge.sheets.refused import RefusedFile, Why, too_much
from bridge.sheets.workbook import MAX_COLUMNS, MAX_ROWS, MAX_TEXT

MAX_BYTES = 256 << 20
CHUNK = 1 << 20
SAMPLE = 1 << 16

ODD_SHARE = 5
"""Of so many characters past ASCII one may be outside the set of 1980, as rare names are; of Big5 taken for GB18030
more than half are."""

BINARY = frozenset(range(32)) - {9, 10, 12, 13}
"""Bytes that no text in UTF-8 or GB18030 has."""


def encoding_of(path: Path) -> str:
    """`utf-8-sig` (with or without its mark) or `gb18030`; decoded to the end, so that no half is found later.

    GB18030 has a place for nearly every pair of bytes, so that Big5 and others pass for it: it is taken only where what
    comes out are characters in daily use.
    Raises RefusedFile, OSError.
    """
    if path.stat().st_size > MAX_BYTES:
        raise too_much("文件字节数", "bytes", MAX_BYTES)
    with path.open("rb") as file:
        head = file.read(SAMPLE)
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or set(head) & BINARY:
        raise RefusedFile(*_ENCODING)
    for name in ("utf-8-sig", "gb18030"):
        if _is(path, name):
            return name
    raise RefusedFile(*_ENCODING)


def _is(path: Path, encoding: str) -> bool:
    """Whether a file is in an encoding from beginning to end."""
    decoder = codecs.getincrementaldecoder(encoding)()
    odd = total = 0
    try:
        with path.open("rb") as file:
            while data := file.read(CHUNK):
                text = decoder.decode(data)
                if encoding == "gb18030":
                    wide = [one for one in text if one > "\x7f"]
                    total += len(wide)
                    odd += sum(not _common(one) for one in wide)
            decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return odd * ODD_SHARE <= total


def _common(character: str) -> bool:
    """Whether a character is in the set of 1980, which holds what people write daily."""
    try:
        character.encode("gb2312")
    except UnicodeEncodeError:
        return False
    return True


def rows(path: Path, encoding: str) -> Generator[Row]:
    """The rows that are not empty, each by the number of its first line. Raises RefusedFile, OSError."""
    with path.open(encoding=encoding, newline="") as file:
        csv.field_size_limit(MAX_TEXT)
        reader = csv.reader(_without_nul(file), strict=True)
        line = 1
        try:
            for count, fields in enumerate(reader):
                if count >= MAX_ROWS:
                    raise too_much("行数", "rows", MAX_ROWS)
                if len(fields) > MAX_COLUMNS:
                    raise too_much("列数", "columns", MAX_COLUMNS)
                cells = [
                    Cell(place, "text", _lines(one)) for place, one in enumerate(fields) if one and not one.isspace()
                ]
                if cells:
                    yield Row(line, cells)
                line = reader.line_num + 1
        except csv.Error:
            raise _broken(line) from None


def _lines(text: str) -> str:
    """Line ends within a cell as every other door has them."""
    return text.replace("\r\n", "\n") if "\r" in text else text


def _without_nul(file: io.TextIOBase | Iterator[str]) -> Iterator[str]:
    for line in file:
        if "\0" in line:
            raise RefusedFile(*_ENCODING)
        yield line


def _broken(line: int) -> RefusedFile:
    return RefusedFile(
        "broken_csv",
        (
            f"第 {line} 行起的引号不配对，或一格过长",
            f"from line {line} on quotes do not pair, or a field is too long",
            "请用 Excel 或 WPS 重新另存为 CSV，或使用 .xlsx 模板。",
            "Save it as CSV again with Excel or WPS, or use the .xlsx template.",
        ),
    )


_ENCODING: Why = (
    "encoding",
    (
        "不是 UTF-8 或 GB18030 编码的文字",
        "not a text in UTF-8 or GB18030",
        "请另存为“CSV UTF-8”，或使用 .xlsx 模板。",
        "Save it as CSV UTF-8, or use the .xlsx template.",
    ),
)
