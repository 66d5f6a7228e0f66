"""What a box makes of a cell: the value that a person meant, or why it is not taken.

What belongs here: the difference between what a cell shows and what it holds. Taken is only what cannot have been
changed by the spreadsheet on the way; a number that may have lost digits is refused, with the cure. What does not:
whether the value is right (the form says so).
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from bridge.catalogue.words import Words
from bridge.sheets.cell import Cell, Kind
from bridge.sheets.layout import NONE, Box

DIGITS = 15
"""Significant digits that a spreadsheet keeps (IEEE 754 double); what comes after them is lost."""

TRUE = frozenset({"是", "true", "TRUE", "1", "√"})
FALSE = frozenset({"否", "false", "FALSE", "0", "×"})

EXPONENT = re.compile(r"[0-9](\.[0-9]+)?E\+?[0-9]+", re.IGNORECASE)
"""How a spreadsheet writes a long number into a CSV file."""
WHOLE = re.compile(r"-?(0|[1-9][0-9]*)")
PARTS = re.compile(r"[\n、；;]")
"""What parts the values of a list in one cell; a line end always does, the others where every part is a value."""

Takes = Callable[[str, Any], bool]
"""(pattern of a box, value) → whether the form takes the value there."""


Why = tuple[str, Words]
"""Code and words of a cell that is not taken."""


class Bad(Exception):
    """A cell that is not taken."""

    def __init__(self, code: str, words: Words) -> None:
        super().__init__(code)
        self.code, self.words = code, words


class Reader:
    """Reads cells for the boxes of one form."""

    def __init__(self, takes: Takes, *, from_1904: bool = False, from_text: bool = False) -> None:
        self._takes = takes
        self._epoch = dt.datetime(1904, 1, 1) if from_1904 else dt.datetime(1899, 12, 30)  # noqa: DTZ001 - a sheet has no zone
        self._first_day = 0 if from_1904 else 61
        """Before 1 March 1900 Excel counts a day that never was."""
        self._from_text = from_text

    def value(self, cell: Cell, box: Box) -> Any:
        """The value of a box, as the document holds it. Raises Bad."""
        if box.many:
            return self._many(cell, box)
        if cell.kind == "text":
            return self._text(cell.value, box)
        return self._other(cell, box)

    def plain(self, cell: Cell) -> str:
        """A text that is no box: the number of an application or of a row. Raises Bad."""
        if cell.kind == "text":
            return cell.value.strip()
        if cell.kind == "number":
            return _digits(cell.value)
        raise Bad(*_BY_KIND[cell.kind])

    def _text(self, text: str, box: Box) -> Any:
        """A text: a choice by its word or its code, a truth value, a whole number, or itself."""
        kind = box.node["type"]
        if kind == "boolean":
            return _truth(text.strip())
        if kind == "integer":
            if not WHOLE.fullmatch(text.strip()) or len(text.strip()) > DIGITS:
                raise Bad(*_NOT_WHOLE)
            return int(text.strip())
        if "enum" in box.node:
            return box.words.get(text.strip(), text.strip())
        if self._from_text and EXPONENT.fullmatch(text) and not self._takes(box.pattern, text):
            raise Bad(*_EXPONENT)
        return text

    def _many(self, cell: Cell, box: Box) -> list[Any]:
        """A list in one cell."""
        if cell.kind != "text":
            return [self._other(cell, box)]
        if cell.value.strip() == NONE:
            return []
        lines = [line.strip() for line in cell.value.split("\n") if line.strip()]
        found: list[Any] = []
        for line in lines:
            parts = [part.strip() for part in PARTS.split(line) if part.strip()]
            whole = self._text(line, box)
            found += (
                [whole] if len(parts) < 2 or self._takes_one(box, whole) else [self._text(one, box) for one in parts]
            )
        return found

    def _takes_one(self, box: Box, value: Any) -> bool:
        return self._takes(f"{box.pattern}/*", value)

    def _other(self, cell: Cell, box: Box) -> Any:
        """A cell that is no text."""
        kind = box.node["type"]
        if cell.kind == "bool" and kind == "boolean":
            return cell.value == "1"
        if cell.kind == "number":
            return self._number(cell.value, box)
        if cell.kind == "date" and box.node.get("format") in {"date", "date-time"}:
            return self._date(cell.value, box)
        raise Bad(*_BY_KIND[cell.kind])

    def _number(self, raw: str, box: Box) -> Any:
        """A number: taken where the box takes its digits, and could not have taken them with a zero before them."""
        text = _digits(raw)
        kind = box.node["type"]
        if kind == "boolean" and text in {"0", "1"}:
            return text == "1"
        if kind == "integer":
            if not WHOLE.fullmatch(text):
                raise Bad(*_NOT_WHOLE)
            return int(text)
        place = f"{box.pattern}/*" if box.many else box.pattern
        if kind == "string" and self._takes(place, text) and not self._takes(place, f"0{text}"):
            return text
        raise Bad(*_NUMBER)

    def _date(self, raw: str, box: Box) -> str:
        """A date cell as ISO 8601; a time is Beijing's, as everything on the form is."""
        try:
            days = float(raw)
            if not self._first_day <= days < 2_958_466:
                raise Bad(*_NO_DATE)
            instant = self._epoch + dt.timedelta(seconds=round(days * 86_400))
        except (ValueError, OverflowError):
            raise Bad(*_NO_DATE) from None
        if box.node["format"] == "date-time":
            return instant.isoformat() + "+08:00"
        if instant.time() != dt.time():
            raise Bad(*_NO_DATE)
        return instant.date().isoformat()


def _truth(text: str) -> bool:
    if text in TRUE or text in FALSE:
        return text in TRUE
    raise Bad(*_NO_TRUTH)


def _digits(raw: str) -> str:
    """A number as a person typed it: no exponent, no more digits than a spreadsheet keeps. Raises Bad."""
    try:
        shortest = Decimal(repr(float(raw)))
    except (ValueError, InvalidOperation):
        raise Bad(*_NUMBER) from None
    if not shortest.is_finite():
        raise Bad(*_NUMBER)
    if abs(shortest) >= 10**DIGITS or len(shortest.normalize().as_tuple().digits) > DIGITS:
        raise Bad(*_TOO_LONG)
    text = f"{shortest:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


_AS_TEXT = "请将单元格格式设为“文本”，再重新输入。"
_AS_TEXT_EN = "Format the cell as Text, then type it again."
_TOO_LONG: Why = (
    "long_number",
    (
        "长数字按数值保存，后几位已被表格软件改动",
        "a long number is kept as a number; the spreadsheet has changed its last digits",
        f"{_AS_TEXT}不要只改格式。",
        f"{_AS_TEXT_EN} Changing the format alone does not bring the digits back.",
    ),
)
_NUMBER: Why = (
    "number_cell",
    (
        "此项是文字，单元格却是数值，前面的 0 或末尾的 0 可能已丢失",
        "a text is wanted, but the cell is a number; zeros at its ends may be lost",
        _AS_TEXT,
        _AS_TEXT_EN,
    ),
)
_EXPONENT: Why = (
    "long_number",
    (
        "长数字已被表格软件改写为科学计数法",
        "the spreadsheet has written a long number with an exponent",
        "请在表格中将该列设为“文本”，重新输入后再另存为 CSV，或使用 .xlsx 模板。",
        "Format the column as Text and type it again before saving as CSV, or use the .xlsx template.",
    ),
)
_NOT_WHOLE: Why = ("whole_number", ("应为整数", "a whole number is wanted", "请填写整数。", "Write a whole number."))
_NO_DATE: Why = (
    "date_cell",
    (
        "单元格的日期不能识别",
        "the date in the cell cannot be read",
        "请将单元格格式设为“文本”，按 2026-11-23 的格式填写。",
        "Format the cell as Text and write it as 2026-11-23.",
    ),
)
_NO_TRUTH: Why = ("yes_or_no", ("应为“是”或“否”", "yes or no is wanted", "请填写“是”或“否”。", "Write 是 or 否."))
_BY_KIND: Mapping[Kind, Why] = {
    "date": (
        "date_cell",
        (
            "此项不是日期，单元格却是日期格式",
            "no date is wanted, but the cell is a date",
            _AS_TEXT,
            _AS_TEXT_EN,
        ),
    ),
    "percent": (
        "percent_cell",
        ("单元格是百分比格式", "the cell is a percentage", _AS_TEXT, _AS_TEXT_EN),
    ),
    "bool": (
        "bool_cell",
        ("单元格是逻辑值", "the cell is TRUE or FALSE", _AS_TEXT, _AS_TEXT_EN),
    ),
    "number": _NUMBER,
    "error": (
        "error_cell",
        (
            "单元格是错误值（如 #N/A）",
            "the cell is an error such as #N/A",
            "请填写正确的内容，或清空。",
            "Fill it in, or empty it.",
        ),
    ),
    "formula": (
        "formula_cell",
        (
            "单元格是公式，不能确定其结果",
            "the cell is a formula; its result is not certain",
            "请复制后“选择性粘贴 - 数值”。",
            "Copy it and paste it as values.",
        ),
    ),
}
