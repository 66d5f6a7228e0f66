"""Running a table: compiled once into closures, so that a payload of 600 leaves costs a fraction of a millisecond.

One table gives the payload, the pre-flight and the trace. What does not belong here: what a table says (`table`), and
how a value is converted (`converters`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import jsonschema_rs

from bridge.contract.manifest import LengthUnit
from bridge.contract.mapping import Payload, Source, Unfit
from bridge.errors import AdapterBug, FieldRefusal, Refused
from bridge.kit.mapping.converters import OutsideDomain
from bridge.kit.mapping.paths import split
from bridge.kit.mapping.table import OMIT, AnyRow, Constant, Each, Row, Table

MISSING: Any = object()

Getter = Callable[[Any, Any], Any]
"""(root, element) → value or MISSING."""

Writer = Callable[[Any, Any, dict[str, Any]], None]
"""(root, element, where to write)."""


class CompiledMapping:
    """A table and its target schema, ready to run."""

    def __init__(self, table: Table, schema: Mapping[str, Any]) -> None:
        self.table = table
        self._writers = [_writer(row) for row in table.rows]
        self._valid = jsonschema_rs.validator_for(dict(schema))
        self._forward, self._backward = _trace(table.rows)

    @property
    def version(self) -> int:
        """The table's version."""
        return self.table.version

    @property
    def target_schema(self) -> str:
        """The target schema's name, with its version."""
        return self.table.target_schema

    @property
    def needs(self) -> frozenset[str]:
        """Facts that must exist first."""
        return self.table.needs

    def write(self, source: Source) -> Payload:
        """The payload for `source`. Raises Refused, by field, where a value is outside a row's domain or the schema."""
        payload: Payload = {}
        try:
            for write in self._writers:
                write(source, source, payload)
        except _Unwritable as exc:
            raise Refused(str(exc), fields=[FieldRefusal(exc.path, str(exc))]) from exc
        if not self._valid.is_valid(payload):
            fields = self.check(payload)
            raise Refused(fields[0].reason if fields else "", fields=fields)
        return payload

    def check(self, payload: Payload) -> list[FieldRefusal]:
        """What of a payload the target schema refuses, by field; without values."""
        if self._valid.is_valid(payload):
            return []
        return [_field_refusal(error, payload) for error in self._valid.iter_errors(payload)]

    def preflight(self, source: Source) -> Sequence[Unfit]:
        """All values that the target cannot take: too long in its own unit, outside a domain, too many, missing."""
        return list(_preflight(self.table.rows, source, source, "", self.table.length_unit))

    def to_form(self, path: str) -> str | None:
        """The form pointer that feeds the target's field, or None where none does."""
        bare, places = split(path)
        while bare:
            if pointer := self._backward.get(bare):
                return _place(pointer, places)
            bare = bare.rpartition(".")[0]
        return None

    def to_target(self, pointer: str) -> Sequence[str]:
        """The target's fields that the form pointer feeds."""
        parts = pointer.split("/")
        places = tuple(int(part) for part in parts if part.isdigit())
        for star in (_starred(parts, self._forward), pointer):
            if star in self._forward:
                return [_place_target(path, places) for path in self._forward[star]]
        return []


class _Unwritable(Exception):
    """A value that a row has no answer for, with its path at the target."""

    def __init__(self, path: str, why: str) -> None:
        super().__init__(why)
        self.path = path


# -- reading a source


def _getter(pointer: str) -> Getter:
    """How to read a pointer, absolute or relative (`./`)."""
    relative = pointer.startswith("./") or pointer == "."
    keys = [part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:]]

    def get(root: Any, element: Any) -> Any:
        value = element if relative else root
        for key in keys:
            if isinstance(value, Mapping):
                value = value.get(key, MISSING)
            elif isinstance(value, list) and key.isdigit():
                place = int(key)
                value = value[place] if place < len(value) else MISSING
            else:
                return MISSING
            if value is MISSING:
                return MISSING
        return value

    return get


def _wanted(row: Row) -> Callable[[Any, Any], bool]:
    """Whether a row applies."""
    if row.when is None:
        return lambda _root, _element: True
    get, values = _getter(row.when.pointer), row.when.values
    if not values:
        return lambda root, element: get(root, element) is not MISSING
    return lambda root, element: get(root, element) in values


# -- writing


def _writer(row: AnyRow, within: str = "") -> Writer:
    """The closure of one row."""
    if isinstance(row, Constant):
        return _constant(row)
    return _each(row, within) if isinstance(row, Each) else _row(row, within)


def _slot(target: str) -> Callable[[dict[str, Any]], tuple[dict[str, Any], str]]:
    """Where a target path writes: the object, made if need be, and the last name."""
    *names, last = target.split(".")

    def slot(out: dict[str, Any]) -> tuple[dict[str, Any], str]:
        for name in names:
            out = out.setdefault(name, {})
        return out, last

    return slot


def _constant(row: Constant) -> Writer:
    slot = _slot(row.target)

    def write(_root: Any, _element: Any, out: dict[str, Any]) -> None:
        where, name = slot(out)
        where[name] = row.value

    return write


def _row(row: Row, within: str) -> Writer:
    get, wanted, slot, convert = _getter(row.source), _wanted(row), _slot(row.target), row.convert.to
    path = f"{within}{row.target}"

    def write(root: Any, element: Any, out: dict[str, Any]) -> None:
        if not wanted(root, element):
            return
        value = get(root, element)
        if value is MISSING:
            value = row.absent
            if value is OMIT:
                return
        else:
            try:
                value = convert(value)
            except OutsideDomain as exc:
                raise _Unwritable(path, str(exc)) from exc
        where, name = slot(out)
        where[name] = value

    return write


def _each(row: Each, within: str) -> Writer:
    get, slot = _getter(row.source), _slot(row.target)
    writers = [_writer(one, f"{within}{row.target}[].") for one in row.rows]

    def write(root: Any, element: Any, out: dict[str, Any]) -> None:
        items = get(root, element)
        if items is MISSING:
            return
        where, name = slot(out)
        made = []
        for place, item in enumerate(items):
            part: dict[str, Any] = {}
            try:
                for one in writers:
                    one(root, item, part)
            except _Unwritable as exc:
                exc.path = exc.path.replace("[]", f"[{place}]", 1)
                raise
            made.append(part)
        where[name] = made

    return write


# -- pre-flight


def _preflight(rows: Sequence[AnyRow], root: Any, element: Any, base: str, unit: LengthUnit) -> Iterator[Unfit]:
    """What does not fit, row by row; `base` is the pointer of the element."""
    for row in rows:
        if isinstance(row, Constant):
            continue
        value = _getter(row.source)(root, element)
        pointer = base + row.source[1:] if row.source.startswith(".") else row.source
        if isinstance(row, Each):
            if value is not MISSING:
                yield from _preflight_each(row, root, value, pointer, unit)
        elif _wanted(row)(root, element):
            yield from _preflight_row(row, value, pointer, unit)


def _preflight_each(row: Each, root: Any, items: Sequence[Any], pointer: str, unit: LengthUnit) -> Iterator[Unfit]:
    """Too many elements, and what does not fit in each."""
    if row.max_items is not None and len(items) > row.max_items:
        yield Unfit(
            pointer,
            f"最多 {row.max_items} 行",
            f"at most {row.max_items} rows",
            "请合并或删去多余的行。",
            "Merge rows, or leave some out.",
        )
    for place, item in enumerate(items):
        yield from _preflight(row.rows, root, item, f"{pointer}/{place}", unit)


def _preflight_row(row: Row, value: Any, pointer: str, unit: LengthUnit) -> Iterator[Unfit]:
    """One value."""
    if value is MISSING:
        if row.required and row.absent is OMIT and pointer.startswith("/data"):
            yield Unfit(pointer, "必须填写", "it must be filled in", "请填写此项。", "Fill it in.")
        return
    try:
        written = row.convert.to(value)
    except OutsideDomain as exc:
        yield Unfit(pointer, str(exc), str(exc), "请按要求修改此项。", "Change it as is asked.")
        return
    if not isinstance(written, str):
        return
    if row.max_length is not None and length(written, unit) > row.max_length:
        counted, counted_en = UNITS[unit]
        yield Unfit(
            pointer,
            f"最长 {row.max_length} 个{counted}",
            f"at most {row.max_length} {counted_en}",
            "请缩短此项。",
            "Shorten it.",
        )


UNITS: dict[LengthUnit, tuple[str, str]] = {
    "characters": ("字符", "characters"),
    "utf16": ("字符（生僻字按两个计）", "UTF-16 units"),
    "gbk": ("字节（汉字按两个计）", "bytes in GB 18030"),
}


def length(text: str, unit: LengthUnit) -> int:
    """The length of a text as a target counts it."""
    if unit == "utf16":
        return len(text.encode("utf-16-le", "surrogatepass")) // 2
    return len(text.encode("gb18030")) if unit == "gbk" else len(text)


# -- tracing


def _trace(rows: Sequence[AnyRow]) -> tuple[dict[str, list[str]], dict[str, str]]:
    """Form pointer with `*` → target paths with `[]`, and the other way; the first row of a target path wins."""
    forward: dict[str, list[str]] = {}
    backward: dict[str, str] = {}
    for pointer, path in _pairs(rows, "", ""):
        forward.setdefault(pointer, []).append(path)
        if backward.setdefault(path, pointer) != pointer:
            raise AdapterBug(f"{path}: 两行写同一字段 (two rows write one field)")
    return forward, backward


def _pairs(rows: Sequence[AnyRow], base: str, within: str) -> Iterator[tuple[str, str]]:
    """Each row's source and target, and each list's."""
    for row in rows:
        if isinstance(row, Constant):
            continue
        pointer = base + row.source[1:] if row.source.startswith(".") else row.source
        path = within + row.target
        yield pointer, path
        if isinstance(row, Each):
            yield f"{pointer}/*", f"{path}[]"
            yield from _pairs(row.rows, f"{pointer}/*", f"{path}[].")


def _place(pointer: str, places: Sequence[int]) -> str:
    """Stars replaced by positions, as far as there are any."""
    for place in places:
        pointer = pointer.replace("*", str(place), 1)
    return pointer.removesuffix("/*")


def _place_target(path: str, places: Sequence[int]) -> str:
    """Empty brackets replaced by positions."""
    for place in places:
        path = path.replace("[]", f"[{place}]", 1)
    return path


def _starred(parts: Sequence[str], known: Mapping[str, Any]) -> str:
    """The pointer with each position as `*` where the table has a list there, and as it is where it has a fixed one."""
    pointer = ""
    for part in parts[1:]:
        starred = f"{pointer}/*"
        pointer = starred if part.isdigit() and starred in known else f"{pointer}/{part}"
    return pointer


def _field_refusal(error: jsonschema_rs.ValidationError, payload: Payload) -> FieldRefusal:
    """What the target schema refuses, at the field itself also where that is missing."""
    path = _dotted(error.instance_path, payload)
    missing = error.kind.as_dict().get("property") if error.kind.name == "required" else None
    if missing:
        path = f"{path}.{missing}" if path else str(missing)
    return FieldRefusal(path, f"不符合对方字段要求 ({error.kind.name})")


def _dotted(instance_path: Sequence[str | int], payload: Any) -> str:
    """`["6", 2, "排放口编号"]` → `6[2].排放口编号`, walking the payload: a name of digits alone comes as a number."""
    path, value = "", payload
    for part in instance_path:
        if isinstance(value, list):
            path, value = f"{path}[{part}]", value[int(part)]
        else:
            path, value = (f"{path}.{part}" if path else str(part)), value[str(part)]
    return path
