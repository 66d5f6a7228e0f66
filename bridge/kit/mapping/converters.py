"""Converters: pairs (to the target, from the target), each with the domain on which from(to(x)) == x.

What does not belong here: a code table or a date form of one target; these are arguments in the target's own table.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from bridge.clock import CHINA, parse_rfc3339

DECIMAL = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?", re.ASCII)
WHOLE = re.compile(r"-?(0|[1-9][0-9]{0,14})", re.ASCII)
"""Whole numbers that every JSON reader keeps exactly (below 2^53)."""
DATE = re.compile(r"[1-9][0-9]{3}-[0-9]{2}-[0-9]{2}", re.ASCII)
"""Years of four digits, so that every strftime writes them alike."""
INSTANT = re.compile(r"[1-9][0-9]{3}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]+)?)?.*", re.ASCII)
DMS = re.compile(r"(-?)([0-9]{1,3})°([0-5]?[0-9])′([0-5]?[0-9]\.[0-9]{2})″", re.ASCII)
DEGREES = re.compile(r"(-?)(0|[1-9][0-9]{0,2})(?:\.([0-9]{1,5}))?", re.ASCII)


class OutsideDomain(ValueError):
    """A value that the converter has no answer for; the message names the domain, never the value: `中文 (English)`."""

    @property
    def zh(self) -> str:
        """The Chinese half."""
        return str(self).partition(" (")[0]

    @property
    def en(self) -> str:
        """The English half, or all where there is only one."""
        return str(self).partition(" (")[2].removesuffix(")") or str(self)


@dataclass(frozen=True, slots=True)
class Converter:
    """A pair. `to` and `back` raise OutsideDomain."""

    name: str
    """What it does, for the documentation of a mapping."""
    to: Callable[[Any], Any]
    back: Callable[[Any], Any]
    lossless: bool = True
    """Whether back(to(x)) == x on the whole domain."""


def _same(value: Any) -> Any:
    return value


def _shaped(value: str, shape: re.Pattern[str]) -> str:
    """The value, where it has the shape; Python's own readers take more than a form does. Raises ValueError."""
    if not shape.fullmatch(value):
        raise ValueError
    return value


SAME = Converter("原样", _same, _same)
"""The value as it is."""


def text() -> Converter:
    """A text as it is."""

    def check(value: Any) -> str:
        if not isinstance(value, str):
            raise OutsideDomain("应为文字 (a text is wanted)")
        return value

    return Converter("文字", check, check)


def codes(table: Mapping[str, Any]) -> Converter:
    """Our code → theirs. Two of ours with one of theirs read back as the first of them, and are then lossy."""
    there = dict(table)
    back: dict[Any, str] = {}
    for ours, theirs in there.items():
        back.setdefault(theirs, ours)

    def to(value: Any) -> Any:
        try:
            return there[value]
        except (KeyError, TypeError):
            raise OutsideDomain("不在代码表中 (not in the code table)") from None

    def from_(value: Any) -> str:
        try:
            return back[value]
        except (KeyError, TypeError):
            raise OutsideDomain("不在代码表中 (not in the code table)") from None

    return Converter("代码表 " + "、".join(f"{a}→{b}" for a, b in there.items()), to, from_, len(back) == len(there))


def date(form: str) -> Converter:
    """A date `YYYY-MM-DD` in another form, by strftime; from the year 1000 on, and read back only as it is written."""

    def to(value: Any) -> str:
        try:
            return dt.date.fromisoformat(_shaped(value, DATE)).strftime(form)
        except (TypeError, ValueError):
            raise OutsideDomain("应为日期 (a date is wanted)") from None

    def back(value: Any) -> str:
        try:
            read = dt.datetime.strptime(value, form).date()  # noqa: DTZ007 - a date has no zone
        except (TypeError, ValueError):
            raise OutsideDomain("应为日期 (a date is wanted)") from None
        if read.strftime(form) != value:
            raise OutsideDomain("应为日期 (a date is wanted)")
        return read.isoformat()

    return Converter(f"日期 {form}", to, back)


def instant(form: str) -> Converter:
    """An RFC 3339 instant as China Standard wall time, by strftime; fractions of a second are lost."""

    def to(value: Any) -> str:
        try:
            return parse_rfc3339(_shaped(value, INSTANT)).astimezone(CHINA).strftime(form)
        except (TypeError, ValueError, OverflowError):
            raise OutsideDomain("应为时间 (an instant is wanted)") from None

    def back(value: Any) -> str:
        try:
            wall = dt.datetime.strptime(value, form).replace(tzinfo=CHINA)
        except (TypeError, ValueError):
            raise OutsideDomain("应为时间 (an instant is wanted)") from None
        if wall.strftime(form) != value:
            raise OutsideDomain("应为时间 (an instant is wanted)")
        return wall.isoformat(timespec="milliseconds")

    return Converter(f"时间 {form}（北京时间）", to, back, lossless=False)


def dms() -> Converter:
    """Decimal degrees with up to 5 decimals → D°M′S.SS″. What comes back is the same number, with 5 decimals."""

    def to(value: Any) -> str:
        found = DEGREES.fullmatch(value) if isinstance(value, str) else None
        if not found:
            raise OutsideDomain("应为不超过 5 位小数的度 (degrees with up to 5 decimals)")
        sign, whole, fraction = found.groups(default="")
        # hundredths of a second, rounded half up: 1e-5 degrees are 3.6 of them, so rounding back is exact
        hundredths = (int(fraction.ljust(5, "0")) * 36 + 5) // 10
        degrees, rest = divmod(int(whole) * 360_000 + hundredths, 360_000)
        minutes, seconds = divmod(rest, 6_000)
        return f"{sign}{degrees}°{minutes:02d}′{seconds // 100:02d}.{seconds % 100:02d}″"

    def back(value: Any) -> str:
        found = DMS.fullmatch(value) if isinstance(value, str) else None
        if not found:
            raise OutsideDomain("应为度分秒 (degrees, minutes, seconds)")
        sign, degrees, minutes, seconds = found.groups()
        hundredths = int(minutes) * 6_000 + int(seconds.replace(".", ""))
        units = int(degrees) * 100_000 + (hundredths * 10 + 18) // 36
        return f"{sign}{units // 100_000}.{units % 100_000:05d}"

    return Converter("十进制度→度分秒", to, back)


def yes_no(yes: Any, no: Any) -> Converter:
    """A boolean in the target's words."""

    def to(value: Any) -> Any:
        if not isinstance(value, bool):
            raise OutsideDomain("应为是或否 (yes or no is wanted)")
        return yes if value else no

    def back(value: Any) -> bool:
        if value not in (yes, no):
            raise OutsideDomain("应为是或否 (yes or no is wanted)")
        return bool(value == yes)

    return Converter(f"{yes}/{no}", to, back)


def contains(member: str, yes: Any, no: Any) -> Converter:
    """Whether a list has a member; several rows together carry the list, one alone does not."""

    def to(value: Any) -> Any:
        if not isinstance(value, list):
            raise OutsideDomain("应为列表 (a list is wanted)")
        return yes if member in value else no

    def back(value: Any) -> list[str]:
        if value not in (yes, no):
            raise OutsideDomain("应为是或否 (yes or no is wanted)")
        return [member] if value == yes else []

    return Converter(f"含 {member}: {yes}/{no}", to, back, lossless=False)


def joined(separator: str) -> Converter:
    """A list of texts as one text, where it can be parted again: no text has the separator in it."""

    def to(value: Any) -> str:
        if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
            raise OutsideDomain("应为文字列表 (a list of texts is wanted)")
        text = separator.join(value)
        if back(text) != value:
            raise OutsideDomain(f"各项不得为空或含有“{separator}” (no item may be empty or hold the separator)")
        return text

    def back(value: Any) -> list[str]:
        if not isinstance(value, str):
            raise OutsideDomain("应为文字 (a text is wanted)")
        return value.split(separator) if value else []

    return Converter(f"以“{separator}”连接", to, back)


def decimal() -> Converter:
    """A decimal string as it is."""

    def check(value: Any) -> str:
        if not isinstance(value, str) or not DECIMAL.fullmatch(value):
            raise OutsideDomain("应为十进制数 (a decimal number is wanted)")
        return value

    return Converter("十进制数", check, check)


def number() -> Converter:
    """A whole number, or a decimal string without decimals, as a JSON integer, up to 15 digits; back as it came."""

    def to(value: Any) -> int:
        digits = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
        if not isinstance(digits, str) or not WHOLE.fullmatch(digits):
            raise OutsideDomain("应为整数 (a whole number is wanted)")
        return int(digits)

    return Converter("整数", to, _same, lossless=False)


def upper() -> Converter:
    """A text in upper case."""

    def to(value: Any) -> str:
        if not isinstance(value, str):
            raise OutsideDomain("应为文字 (a text is wanted)")
        return value.upper()

    return Converter("大写", to, _same, lossless=False)


def present(yes: Any, no: Any) -> Converter:
    """Whether there is a value at all; with `absent=no` in the row for where there is none."""
    return Converter(f"有/无 {yes}/{no}", lambda value: yes if value else no, _same, lossless=False)
