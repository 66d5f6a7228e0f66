"""Checking a row before it is written: types, what is required, lengths and characters as the database counts them.

What does not belong here: what a value means (code tables, check digits: the target's).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from bridge.errors import AdapterBug, FieldRefusal
from bridge.kit.exchange.columns import Column, ExchangeTable, Row
from bridge.kit.exchange.rules import LengthUnit, Rules

WALL = "%Y-%m-%d %H:%M:%S"
"""An instant in a row: wall time of China, whole seconds."""

FIRST = "1000-01-01 00:00:00"
"""Years of four digits, so that every writer has them alike."""

UNITS: dict[LengthUnit, tuple[str, str]] = {
    "characters": ("个字符", "characters"),
    "utf8": ("字节（UTF-8，汉字多按三个计）", "bytes of UTF-8"),
    "gb18030": ("字节（GB 18030，汉字多按两个计）", "bytes of GB 18030"),
}

WHOLE_MAX = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Misfit:
    """One value that the database cannot take. The words never hold the value."""

    table: str
    column: str
    message: str
    message_en: str
    remedy: str
    remedy_en: str

    def refusal(self, path: str) -> FieldRefusal:
        """The same as a refused field; `path` is the row's place in the payload (`accept`, `process[0]`)."""
        return FieldRefusal(f"{path}.{self.column}", f"{self.table}.{self.column}：{self.message} ({self.message_en})")


def measure(value: str, unit: LengthUnit) -> int:
    """The length of a text in a unit."""
    if unit == "characters":
        return len(value)
    return len(value.encode("utf-8" if unit == "utf8" else "gb18030", "replace"))


def misfits(table: ExchangeTable, row: Row, rules: Rules) -> Iterator[Misfit]:
    """All that a row's table cannot take. Raises AdapterBug for a column that the table does not have."""
    if unknown := set(row) - set(table.by_name):
        raise AdapterBug(f"{table.name}: 没有这些列 (no such columns): {sorted(unknown)}")
    for column in table.columns:
        value = row.get(column.name)
        if value in (None, ""):
            if column.required and not column.given:
                yield _misfit(table, column, "必须有值", "a value is required", "请补充此项。", "Give it.")
        elif column.type == "text":
            yield from _of_text(table, column, value, rules)
        elif column.type == "whole":
            if not isinstance(value, int) or isinstance(value, bool) or abs(value) > WHOLE_MAX:
                words = ("应为整数", "a whole number is wanted", "请核对此项。", "Check it.")
                yield _misfit(table, column, *words)
        elif not is_wall(value):
            words = ("应为时间", "a date with time is wanted", "请核对此项。", "Check it.")
            yield _misfit(table, column, *words)


def is_wall(value: object) -> bool:
    """Whether a value is an instant as rows have it."""
    try:
        return isinstance(value, str) and value >= FIRST and dt.datetime.fromisoformat(value).isoformat(" ") == value
    except ValueError:
        return False


def wall(value: str) -> dt.datetime:
    """An instant of a row as the database gets it: without a zone, for its columns have none. Raises ValueError."""
    return dt.datetime.strptime(value, WALL)  # noqa: DTZ007 - wall time of China, which such a column means


def _of_text(table: ExchangeTable, column: Column, value: object, rules: Rules) -> Iterator[Misfit]:
    """What may be wrong with a text."""
    if not isinstance(value, str):
        yield _misfit(table, column, "应为文字", "a text is wanted", "请核对此项。", "Check it.")
        return
    if rules.charset == "utf8" and not value.isascii() and len(value.encode("utf-16-le", "replace")) > 2 * len(value):
        rare = next(place for place, one in enumerate(value, 1) if ord(one) > 0xFFFF)
        yield _misfit(
            table,
            column,
            f"第 {rare} 个字是前置库无法保存的生僻字",
            f"the front-end database cannot keep character {rare}",
            "请换用通用规范汉字，或按证照上的替代写法填写；也可请运维将前置库改为 utf8mb4。",
            "Use a common character, or have the database made utf8mb4.",
        )
    if column.size is not None and measure(value, rules.length_unit) > column.size:
        unit, unit_en = UNITS[rules.length_unit]
        yield _misfit(
            table,
            column,
            f"最长 {column.size} {unit}",
            f"at most {column.size} {unit_en}",
            "请缩短此项。",
            "Shorten it.",
        )


def _misfit(table: ExchangeTable, column: Column, *words: str) -> Misfit:
    """The words are the message in both languages, then the remedy in both."""
    return Misfit(table.name, column.name, *words)
