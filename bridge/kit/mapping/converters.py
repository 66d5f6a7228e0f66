"""Converters: pairs (to the target, from the target), each with the domain on which from(to(x)) == x.

What does not belong here: a code table or a date form of one target; these are arguments in the target's own table.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Context, Decimal, DivisionByZero, Inexact, InvalidOperation
from typing import Any

from bridge.clock import CHINA, parse_rfc3339
from bridge.errors import AdapterBug
from bridge.kit.mapping import images
from bridge.kit.mapping.shapes import Shape

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


def _same(value: Any) -> Any:
    return value


@dataclass(frozen=True, slots=True)
class Converter:
    """A pair. `to` and `back` raise OutsideDomain."""

    name: str
    """What it does, for the documentation of a mapping."""
    to: Callable[[Any], Any]
    back: Callable[[Any], Any]
    lossless: bool = True
    """Whether back(to(x)) == x on the whole domain, `canonical` forms of x apart."""
    image: Callable[[Shape], Shape] | None = None
    """What comes out for what goes in, for the static proof; None: found by trying where there are few values."""
    canonical: Callable[[Any], Any] = _same
    """The form in which x comes back, where several forms mean the same."""
    table: Mapping[Any, Any] | None = None
    """Ours → theirs, of a code table: several rows with such tables may tell one source together."""
    member: str | None = None
    """Whose place in a list it tells: several such rows may tell the list together."""
    units: tuple[str, str] | None = None
    """Ours and theirs, of a change of unit."""


def _shaped(value: str, shape: re.Pattern[str]) -> str:
    """The value, where it has the shape; Python's own readers take more than a form does. Raises ValueError."""
    if not shape.fullmatch(value):
        raise ValueError
    return value


SAME = Converter("原样", _same, _same, image=_same)
"""The value as it is."""


def text() -> Converter:
    """A text as it is."""

    def check(value: Any) -> str:
        if not isinstance(value, str):
            raise OutsideDomain("应为文字 (a text is wanted)")
        return value

    return Converter("文字", check, check, image=images.text)


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

    name = "代码表 " + "、".join(f"{a}→{b}" for a, b in there.items())
    return Converter(name, to, from_, len(back) == len(there), images.codes(there), table=there)


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

    return Converter(f"日期 {form}", to, back, image=images.clock(form))


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

    return Converter(f"时间 {form}（北京时间）", to, back, lossless=False, image=images.clock(form))


def _five_decimals(value: Any) -> Any:
    """`117.2` → `117.20000`."""
    whole, _, fraction = str(value).partition(".")
    return f"{whole}.{fraction.ljust(5, '0')}"


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

    return Converter("十进制度→度分秒", to, back, image=images.dms, canonical=_five_decimals)


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

    return Converter(f"{yes}/{no}", to, back, yes != no, images.one_of(yes, no))


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

    return Converter(f"含 {member}: {yes}/{no}", to, back, lossless=False, image=images.one_of(yes, no), member=member)


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

    return Converter(f"以“{separator}”连接", to, back, image=images.joined(separator))


def decimal() -> Converter:
    """A decimal string as it is."""

    def check(value: Any) -> str:
        if not isinstance(value, str) or not DECIMAL.fullmatch(value):
            raise OutsideDomain("应为十进制数 (a decimal number is wanted)")
        return value

    return Converter("十进制数", check, check, image=images.decimal)


def number() -> Converter:
    """A whole number, or a decimal string without decimals, as a JSON integer, up to 15 digits; back as it came."""

    def to(value: Any) -> int:
        digits = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
        if not isinstance(digits, str) or not WHOLE.fullmatch(digits):
            raise OutsideDomain("应为整数 (a whole number is wanted)")
        return int(digits)

    return Converter("整数", to, _same, lossless=False, image=images.number)


def upper() -> Converter:
    """A text in upper case."""

    def to(value: Any) -> str:
        if not isinstance(value, str):
            raise OutsideDomain("应为文字 (a text is wanted)")
        return value.upper()

    return Converter("大写", to, _same, lossless=False, image=images.upper)


def present(yes: Any, no: Any) -> Converter:
    """Whether there is a value at all; with `absent=no` in the row for where there is none."""
    return Converter(
        f"有/无 {yes}/{no}", lambda value: yes if value else no, _same, lossless=False, image=images.one_of(yes, no)
    )


def renamed(names: Mapping[str, str]) -> Converter:
    """A list of groups with their parts under other names, theirs → ours; other parts of ours are left out.

    For a list that is written under a condition, which an `Each` has not. Left out parts are a `loss` of the row.
    """

    def to(value: Any) -> list[dict[str, Any]]:
        if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
            raise OutsideDomain("应为列表 (a list is wanted)")
        return [{theirs: one[ours] for theirs, ours in names.items() if ours in one} for one in value]

    def back(value: Any) -> list[dict[str, Any]]:
        if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
            raise OutsideDomain("应为列表 (a list is wanted)")
        return [{ours: one[theirs] for theirs, ours in names.items() if theirs in one} for one in value]

    told = "、".join(f"{ours}→{theirs}" for theirs, ours in names.items())
    return Converter(f"逐行 {told}", to, back, image=images.items(names))


def codes_joined(table: Mapping[str, str], separator: str) -> Converter:
    """A list of our codes as one text of theirs with the separator between."""
    code, text = codes(table), joined(separator)
    return Converter(
        f"{code.name}，{text.name}",
        lambda value: text.to([code.to(one) for one in _listed(value)]),
        lambda value: [code.back(one) for one in text.back(value)],
        code.lossless,
        images.each_coded(images.codes(table), separator),
    )


def _listed(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise OutsideDomain("应为列表 (a list is wanted)")
    return value


UNITS: Mapping[str, Decimal] = {
    "Bq": Decimal(1),
    "kBq": Decimal("1E3"),
    "MBq": Decimal("1E6"),
    "GBq": Decimal("1E9"),
    "TBq": Decimal("1E12"),
    "mCi": Decimal("3.7E7"),
    "Ci": Decimal("3.7E10"),
}
"""Becquerels (SI; 1 Ci = 3.7E10 Bq exactly)."""
MASSES: Mapping[str, Decimal] = {"kg": Decimal(1), "t": Decimal(1000), "kg/a": Decimal(1), "t/a": Decimal(1000)}
"""Kilograms, also by the year."""
EXACT = Context(prec=60, traps=[Inexact, InvalidOperation, DivisionByZero])
MOST_DIGITS = 40


def unit(ours: str, theirs: str) -> Converter:
    """A decimal string in another unit, exactly: where that has no end (a third of a curie) it is outside the domain.

    Both units are of one kind, `UNITS` or `MASSES`. Raises AdapterBug where they are not.
    """
    scale = next((one for one in (UNITS, MASSES) if ours in one and theirs in one), None)
    if scale is None or ours.endswith("/a") != theirs.endswith("/a"):
        raise AdapterBug(f"{ours}→{theirs}: 不是同类单位 (not units of one kind)")

    def changed(value: Any, by: Decimal, per: Decimal) -> str:
        if not isinstance(value, str) or not DECIMAL.fullmatch(value) or len(value) > MOST_DIGITS:
            raise OutsideDomain("应为十进制数 (a decimal number is wanted)")
        try:
            return plain(EXACT.divide(EXACT.multiply(Decimal(value), by), per))
        except (Inexact, InvalidOperation):
            raise OutsideDomain(f"换算为 {theirs} 除不尽 (has no exact value in the other unit)") from None

    return Converter(
        f"{ours}→{theirs}",
        lambda value: changed(value, scale[ours], scale[theirs]),
        lambda value: changed(value, scale[theirs], scale[ours]),
        image=images.decimal_of_any_length,
        canonical=lambda value: plain(Decimal(value)),
        units=(ours, theirs),
    )


def plain(value: Decimal) -> str:
    """`3.70E+1` → `37`: without exponent, and without zeros that say nothing."""
    text = f"{value:f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text == "-0" else text


def parts_joined(separator: str, count: int) -> Converter:
    """A list of exactly `count` texts as one text (a date range, a number in parts), none with the separator in it."""
    text = joined(separator)

    def check(value: Any) -> list[str]:
        if not isinstance(value, list) or len(value) != count:
            raise OutsideDomain(f"应为 {count} 项 ({count} items are wanted)")
        return value

    return Converter(
        f"{count} 项，{text.name}",
        lambda value: text.to(check(value)),
        lambda value: check(text.back(value)),
        image=text.image,
    )
