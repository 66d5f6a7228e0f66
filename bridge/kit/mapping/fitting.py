"""Pre-flight of a table: which values of a source the target cannot take, found before anything is sent.

Lengths are counted in the target's own unit. What does not belong here: limits that no row has, such as those of files
(the engine's pre-flight).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from bridge.contract.manifest import LengthUnit, length
from bridge.contract.mapping import Unfit
from bridge.kit.mapping.converters import SAME, OutsideDomain
from bridge.kit.mapping.reading import MISSING, NOTHING, Getter, getter, is_relative, near, wanted
from bridge.kit.mapping.table import OMIT, AnyRow, Constant, Each, Row, Table

Fitter = Callable[[Any, Any, str, list[Unfit]], None]
"""(root, element, pointer of the element, where to add what does not fit)."""

Words = tuple[str, str, str, str]
"""What is wrong and what to do, as in `Unfit`."""

Complaint = Callable[[Any], Words | None]
"""What is wrong with a value."""

UNITS: dict[LengthUnit, tuple[str, str]] = {
    "characters": ("字符", "characters"),
    "utf16": ("字符（生僻字按两个计）", "UTF-16 units"),
    "gbk": ("字节（汉字按两个计）", "bytes in GB 18030"),
}

WIDEST: dict[LengthUnit, int] = {"characters": 1, "utf16": 2, "gbk": 4}
"""Units that one character takes at most."""


MISSES: Words = ("必须填写", "it must be filled in", "请填写此项。", "Fill it in.")


class _Step(NamedTuple):
    """One row, ready to run."""

    relative: bool
    place: str
    """The pointer, from the element where it is relative."""
    key: str
    get: Getter | None
    """None: `key` is read straight off the element."""
    wanted: Getter | None = None
    complain: Complaint | None = None
    required: bool = False
    each: Callable[[Any, Any, str, list[Unfit]], None] | None = None


def fitter(table: Table, rows: Sequence[AnyRow] | None = None) -> Fitter:
    """All rows of a table, or some of them."""
    return _fitter(table.rows if rows is None else rows, table, of_form=False)


def _fitter(rows: Sequence[AnyRow], table: Table, *, of_form: bool) -> Fitter:
    """The rows of a table, or of one list in it; `of_form` says whether its elements are a person's."""
    steps = [_step(row, table, of_form=of_form) for row in rows if not isinstance(row, Constant)]

    def fit(root: Any, element: Any, base: str, found: list[Unfit]) -> None:
        own = element if isinstance(element, dict) else NOTHING
        for relative, place, key, get, is_wanted, complain, required, each in steps:
            if is_wanted is not None and not is_wanted(root, element):
                continue
            value = own.get(key, MISSING) if get is None else get(root, element)
            if value is MISSING:
                words = MISSES if required else None
            elif each is not None:
                each(root, value, base + place if relative else place, found)
                continue
            else:
                words = complain(value) if complain is not None else None
            if words is not None:
                found.append(Unfit(base + place if relative else place, *words))

    return fit


def _step(row: Row | Each, table: Table, *, of_form: bool) -> _Step:
    """One row. What a person cannot fill in is never asked for: facts come by themselves, materials have rules."""
    relative = is_relative(row.source)
    place = row.source[1:] if relative else row.source
    of_form = of_form if relative else row.source.startswith("/data")
    key = near(row.source)
    step = _Step(relative, place, key or "", None if key is not None else getter(row.source))
    if isinstance(row, Each):
        return step._replace(each=_each(row, table, of_form=of_form))
    return step._replace(
        wanted=wanted(row),
        complain=_complaint(row, table),
        required=row.required and row.absent is OMIT and of_form,
    )


def _each(row: Each, table: Table, *, of_form: bool) -> Callable[[Any, Any, str, list[Unfit]], None]:
    """A list: too many elements, and what does not fit in each."""
    fit, most = _fitter(row.rows, table, of_form=of_form), row.max_items

    def each(root: Any, items: Any, pointer: str, found: list[Unfit]) -> None:
        if most is not None and len(items) > most:
            found.append(
                Unfit(
                    pointer,
                    f"最多 {most} 行",
                    f"at most {most} rows",
                    "请合并或删去多余的行。",
                    "Merge rows, or leave some out.",
                )
            )
        for place, item in enumerate(items):
            fit(root, item, f"{pointer}/{place}", found)

    return each


def _complaint(row: Row, table: Table) -> Complaint | None:
    """What may be wrong with a value: its domain, then, as written, its characters and its length."""
    convert = None if row.convert is SAME else row.convert.to
    of_text: list[Complaint] = []
    if table.charset != "utf-8":
        of_text.append(_character(table.charset))
    if row.max_length is not None:
        of_text.append(_length(row.max_length, table.length_unit))
    if convert is None and not of_text:
        return None

    def complain(value: Any) -> Words | None:
        if convert is not None:
            try:
                value = convert(value)
            except OutsideDomain as exc:
                return exc.zh, exc.en, "请按要求修改此项。", "Change it as is asked."
        if isinstance(value, str):
            for one in of_text:
                if words := one(value):
                    return words
        return None

    return complain


def _character(charset: str) -> Complaint:
    """A character outside the target's character set, named by its place: a text may hold many that look alike."""

    def complain(text: str) -> Words | None:
        try:
            text.encode(charset)
        except UnicodeEncodeError as exc:
            return (
                f"第 {exc.start + 1} 个字对方系统无法保存",
                f"the target cannot keep character {exc.start + 1}",
                "请换用通用规范汉字，或按证照上的替代写法填写。",
                "Use a common character, or write it as the certificate does.",
            )
        return None

    return complain


def _length(most: int, unit: LengthUnit) -> Complaint:
    """A text that is too long in the target's unit; counted exactly only where it might be."""
    counted, counted_en = UNITS[unit]
    surely = most // WIDEST[unit]
    words = (f"最长 {most} 个{counted}", f"at most {most} {counted_en}", "请缩短此项。", "Shorten it.")

    def complain(text: str) -> Words | None:
        return words if len(text) > surely and length(text, unit) > most else None

    return complain
