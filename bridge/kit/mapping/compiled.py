"""A table and its target schema, ready to run: the payload, the pre-flight and the trace, all from the one table.

What a table says is `table`, how values are converted `converters`, how rows run `writing` and `fitting`, what the
table tells people `lineage`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any, Final

import jsonschema_rs
import orjson

from bridge.contract.lineage import Coverage, Lineage
from bridge.contract.manifest import LengthUnit
from bridge.contract.mapping import Payload, Readback, Source, Unfit
from bridge.errors import AdapterBug, FieldRefusal, Refused
from bridge.kit.mapping.fitting import fitter
from bridge.kit.mapping.lineage import coverage, lineage, pairs
from bridge.kit.mapping.paths import readings
from bridge.kit.mapping.proven import unproven
from bridge.kit.mapping.readback import Reader, reader
from bridge.kit.mapping.reading import holds
from bridge.kit.mapping.table import Table
from bridge.kit.mapping.writing import Unwritable, writer

BY_SCHEMA: Final = frozenset[LengthUnit]({"characters", "utf16"})
"""Units in which a text without rare ideographs is as long as a schema counts it."""


class CompiledMapping:
    """One mapping. Raises AdapterBug where rows of the table contradict each other."""

    def __init__(self, table: Table, schema: Mapping[str, Any]) -> None:
        self.table, self._schema = table, schema
        self._write, self._fit = writer(table.rows), fitter(table)
        self._fit_unproven = fitter(table, unproven(table.rows, schema))
        self._valid = jsonschema_rs.validator_for(dict(schema))
        self._needed_when = {name: holds(when) for name, when in table.needs_when.items()}
        self._forward, self._backward = _trace(table)

    @property
    def version(self) -> int:
        """The table's version."""
        return self.table.version

    @property
    def target_schema(self) -> str:
        """The target schema's name, with its version."""
        return self.table.target_schema

    def missing(self, source: Source) -> Sequence[str]:
        """Facts that must exist first and do not yet."""
        facts = source["facts"]
        needed = self.table.needs | {name for name, is_so in self._needed_when.items() if is_so(source, source)}
        return sorted(name for name in needed if name not in facts)

    def write(self, source: Source) -> Payload:
        """The payload for `source`. Raises Refused, by field, where a value is outside a row's domain or the schema."""
        try:
            payload = self._write(source, source)
        except Unwritable as exc:
            raise Refused(str(exc), fields=[FieldRefusal(exc.path, str(exc))]) from exc
        if not self._valid.is_valid(payload):
            fields = self.check(payload)
            raise Refused(fields[0].reason if fields else "", fields=fields)
        return payload

    def read(self, payload: Payload) -> Readback:
        """The way back: the source as far as a payload, or a record's part of one, tells it (`readback`)."""
        return self._read(payload)

    def check(self, payload: Payload) -> list[FieldRefusal]:
        """What of a payload the target schema refuses, by field; without values."""
        if self._valid.is_valid(payload):
            return []
        return [_field_refusal(error, payload) for error in self._valid.iter_errors(payload)]

    def preflight(self, source: Source) -> Sequence[Unfit]:
        """All values that the target cannot take: too long in its own unit, outside a domain, too many, missing.

        Where the rows find nothing the payload is made and held against the target's schema, so that what passes here
        is taken there; facts that do not exist yet are nobody's fault.
        """
        if self._is_taken(source):
            return []
        found: list[Unfit] = []
        self._fit(source, source, "", found)
        return found or list(self._against_schema(source))

    def _is_taken(self, source: Source) -> bool:
        """Whether the payload can be made and the target takes it beyond doubt: then no value need be looked at."""
        try:
            payload = self._write(source, source)
        except Unwritable:
            return False
        if not self._valid.is_valid(payload) or not self._is_kept(payload):
            return False
        found: list[Unfit] = []
        self._fit_unproven(source, source, "", found)
        return not found

    def _is_kept(self, payload: Payload) -> bool:
        """Whether each character is one of the target's, and counts there as one, as the schema counts it."""
        charset, unit = self.table.charset, self.table.length_unit
        if charset == "utf-8" and unit == "characters":
            return True
        try:
            text = orjson.dumps(payload).decode()
            rare = len(text.encode("utf-16-le")) > 2 * len(text)
            return unit in BY_SCHEMA and not rare and bool(text.encode(charset))
        except (TypeError, UnicodeEncodeError):  # a lone surrogate is the one thing that a source may have and JSON not
            return False

    def to_form(self, path: str) -> str | None:
        """The form pointer that feeds the target's field, or the nearest field above it; None where none does."""
        found = list(readings(path))
        for bare, places in found:
            if pointer := self._backward.get(bare):
                return _place(pointer, places)
        for bare, places in reversed(found):
            names = bare.split(".")
            for size in range(len(names) - 1, 0, -1):
                if pointer := self._backward.get(".".join(names[:size])):
                    return _place(pointer, places)
        return None

    def to_target(self, pointer: str) -> Sequence[str]:
        """The target's fields that the form pointer feeds."""
        parts = pointer.split("/")
        places = tuple(int(part) for part in parts if part.isdecimal())
        starred = _starred(parts, self._forward)
        paths = [*self._forward.get(starred, ()), *(self._forward.get(pointer, ()) if starred != pointer else ())]
        return [_place_target(path, places) for path in paths]

    def lineage(self) -> Lineage:
        """The whole table, for people."""
        return lineage(self.table, self._schema)

    def coverage(self, leaves: Sequence[str]) -> Coverage:
        """What becomes of the form's leaves (pointers with `*`)."""
        return coverage(self.table, leaves)

    @cached_property
    def _read(self) -> Reader:
        return reader(self.table.rows)

    def _against_schema(self, source: Source) -> Iterator[Unfit]:
        """What the target's schema refuses of what people entered."""
        try:
            payload = self._write(source, source)
        except Unwritable:
            return  # of a fact: pre-flight has seen everything that people entered
        seen: set[str] = set()
        for refusal in self.check(payload):
            bare, places = next(readings(refusal.path))
            pointer = self._backward.get(bare)
            if pointer is not None and not pointer.startswith("/facts") and pointer not in seen:
                seen.add(pointer)
                yield Unfit(
                    _place(pointer, places),
                    "不符合对方字段要求",
                    "not what the target's field takes",
                    "请核对此项的写法。",
                    "Check how it is written.",
                )


def _trace(table: Table) -> tuple[dict[str, list[str]], dict[str, str]]:
    """Form pointer with `*` → target paths with `[]`, and the other way."""
    forward: dict[str, list[str]] = {}
    backward: dict[str, str] = {}
    for pointer, path in pairs(table):
        forward.setdefault(pointer, []).append(path)
        if backward.setdefault(path, pointer) != pointer:
            raise AdapterBug(f"{path}: 两行写同一字段 (two rows write one field)")
    return forward, backward


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
        pointer = starred if part.isdecimal() and starred in known else f"{pointer}/{part}"
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
