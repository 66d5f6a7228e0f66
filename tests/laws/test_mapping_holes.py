"""Planted holes: each way in which a table can be wrong is found by the proof that is there for it, in seconds."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

import pytest

from bridge.kit.mapping.compiled import CompiledMapping
from bridge.kit.mapping.converters import (
    Converter,
    codes,
    codes_joined,
    contains,
    date,
    dms,
    instant,
    joined,
    unit,
    upper,
    yes_no,
)
from bridge.kit.mapping.facts import source_shape
from bridge.kit.mapping.lineage import coverage
from bridge.kit.mapping.proof import prove
from bridge.kit.mapping.table import Constant, Each, Row, Table, When
from bridge.kit.mapping.trips import differences
from bridge.model.delivery import Kind

LIMIT_SECONDS = 10


def text(most: int, **more: Any) -> dict[str, Any]:
    """A text box."""
    return {"type": "string", "minLength": 1, "maxLength": most, **more}


def group(required: list[str], **parts: Any) -> dict[str, Any]:
    """A closed group."""
    return {"type": "object", "properties": parts, "required": required, "additionalProperties": False}


FORM = group(
    ["name", "kind", "on", "at", "count", "lon", "areas", "activity_bq", "rows", "yes"],
    name=text(20),
    nick=text(10),
    kind={"type": "string", "enum": ["A", "B", "C"]},
    on={"type": "string", "format": "date"},
    at={"type": "string", "format": "date-time"},
    count={"type": "integer", "minimum": 0, "maximum": 500},
    lon={"type": "string", "format": "decimal-lon"},
    activity_bq=text(18, pattern="^[1-9][0-9]{0,17}$"),
    areas={
        "type": "array",
        "items": {"type": "string", "enum": ["X", "Y"]},
        "minItems": 0,
        "maxItems": 2,
        "uniqueItems": True,
    },
    rows={
        "type": "array",
        "items": group(["no"], no=text(4, pattern="^H[0-9]{3}$"), note=text(10)),
        "minItems": 1,
        "maxItems": 9,
    },
    yes={"type": "boolean"},
)
LEAVES = [
    f"/data/{name}"
    for name in (
        "name",
        "nick",
        "kind",
        "on",
        "at",
        "count",
        "lon",
        "activity_bq",
        "areas/*",
        "rows/*/no",
        "rows/*/note",
        "yes",
    )
]
DAY, WALL = {"type": "string", "pattern": "^[0-9]{8}$"}, {"type": "string", "pattern": "^[0-9-]{10} [0-9:]{8}$"}
SCHEMA = group(
    ["name", "kind", "on", "at", "count", "lon", "activity", "areas", "rows", "yes"],
    name=text(20),
    nick=text(10),
    kind={"enum": ["1", "2", "3"]},
    on=DAY,
    at=WALL,
    count={"type": "integer", "minimum": 0, "maximum": 500},
    lon={"type": "string", "pattern": "^[0-9]{1,3}°[0-9]{2}′[0-9]{2}\\.[0-9]{2}″$"},
    activity={"type": "string", "pattern": "^[0-9]+(\\.[0-9]+)?$", "x-unit": "MBq"},
    areas={"type": "string", "pattern": "^((东|西)(、(东|西))?)?$"},
    rows={
        "type": "array",
        "minItems": 1,
        "maxItems": 9,
        "items": group(["no"], no=text(4, pattern="^H"), note=text(10)),
    },
    yes={"enum": ["是", "否"]},
)
ROWS = {
    "name": Row("name", "/data/name", required=True, max_length=20),
    "nick": Row("nick", "/data/nick", max_length=10),
    "kind": Row("kind", "/data/kind", codes({"A": "1", "B": "2", "C": "3"}), required=True),
    "on": Row("on", "/data/on", date("%Y%m%d"), required=True),
    "at": Row("at", "/data/at", instant("%Y-%m-%d %H:%M:%S"), required=True, loss="whole seconds"),
    "count": Row("count", "/data/count", required=True),
    "lon": Row("lon", "/data/lon", dms(), required=True),
    "activity": Row("activity", "/data/activity_bq", unit("Bq", "MBq"), required=True),
    "areas": Row("areas", "/data/areas", codes_joined({"X": "东", "Y": "西"}, "、"), required=True),
    "rows": Each("rows", "/data/rows", (Row("no", "./no", required=True), Row("note", "./note")), max_items=9),
    "yes": Row("yes", "/data/yes", yes_no("是", "否"), required=True),
}
SOURCE: dict[str, Any] = {
    "data": {
        "name": "甲乙",
        "nick": "丙",
        "kind": "B",
        "on": "2026-11-23",
        "at": "2026-11-23T09:30:00+08:00",
        "count": 3,
        "lon": "117.20123",
        "activity_bq": "3700000",
        "areas": ["Y", "X"],
        "rows": [{"no": "H001"}, {"no": "H002", "note": "注"}],
        "yes": False,
    },
    "materials": [],
    "facts": {"type": "new"},
}


def planted(schema: dict[str, Any] | None = None, form: dict[str, Any] | None = None, **changes: Any) -> Any:
    """The sound table with some rows, fields or boxes changed; None takes one away."""
    rows = {**ROWS, **{name: one for name, one in changes.items() if name not in {"unit", "charset"}}}
    fields = {**SCHEMA["properties"], **(schema or {})}
    table = Table(
        matter="bees",
        kind=Kind.APPLY,
        version=1,
        target_schema="bees-v1",
        length_unit=changes.get("unit", "characters"),
        rows=tuple(row for row in rows.values() if row is not None),
    )
    boxes = {**FORM, "properties": {**FORM["properties"], **(form or {})}}
    return table, {**SCHEMA, "properties": fields}, source_shape(boxes, ["new", "old"])


def holes(table: Table, schema: dict[str, Any], shape: Any) -> set[str]:
    """The fields at which the static proof finds a hole, or cannot decide."""
    return {one.path for one in prove(table, schema, shape) if one.kind in {"hole", "unproven"}}


def test_the_sound_table_has_no_hole():
    """Else the tests below would prove nothing."""
    table, schema, shape = planted()
    assert [one for one in prove(table, schema, shape) if one.kind != "preflight"] == []
    mapping = CompiledMapping(table, schema)
    assert (list(mapping.preflight(SOURCE)), differences(mapping, SOURCE)) == ([], [])
    assert coverage(table, LEAVES).lost == ()


STATIC = {
    "a name longer than the column": (
        {"schema": {"name": text(19)}, "name": replace(ROWS["name"], max_length=None)},
        "name",
    ),
    "a row's limit above the column's": ({"schema": {"name": text(19)}}, "name"),
    "too long in bytes of GBK only": ({"unit": "gbk", "name": replace(ROWS["name"], max_length=None)}, "name"),
    "too long in UTF-16 only": ({"unit": "utf16", "nick": replace(ROWS["nick"], max_length=None)}, "nick"),
    "a code missing from a code table": (
        {"kind": Row("kind", "/data/kind", codes({"A": "1", "B": "2"}), required=True)},
        "kind",
    ),
    "a code that the target does not know": ({"schema": {"kind": {"enum": ["1", "2"]}}}, "kind"),
    "two codes to one": (
        {"kind": Row("kind", "/data/kind", codes({"A": "1", "B": "2", "C": "2"}), required=True)},
        "kind",
    ),
    "a required field fed by an optional box": ({"schema": {"nick": text(10)}, "need": "nick"}, "nick"),
    "a required field that nothing feeds": ({"on": None}, "on"),
    "a required field fed under a condition only": (
        {"yes": replace(ROWS["yes"], when=When("/facts/type", ("new",)))},
        "yes",
    ),
    "a text that may be too short": ({"schema": {"name": {"type": "string", "minLength": 2}}}, "name"),
    "an element that is required and optional": (
        {"schema": {"rows": {"type": "array", "items": group(["no", "note"], no=text(4), note=text(10))}}},
        "rows[].note",
    ),
    "a range too wide": ({"schema": {"count": {"type": "integer", "minimum": 0, "maximum": 499}}}, "count"),
    "a range that begins too low": ({"schema": {"count": {"type": "integer", "minimum": 1}}}, "count"),
    "a number for a text": ({"schema": {"count": text(9)}}, "count"),
    "a pattern that is too narrow": ({"schema": {"lon": {"type": "string", "pattern": "^[0-9]{1,2}°.*$"}}}, "lon"),
    "a date in another form": ({"on": Row("on", "/data/on", date("%Y-%m-%d"), required=True)}, "on"),
    "a date form that loses the time": (
        {"at": Row("at", "/data/at", instant("%Y-%m-%d"), required=True), "schema": {"at": text(10)}},
        "at",
    ),
    "a lossy converter not declared": (
        {"name": Row("name", "/data/name", upper(), required=True, max_length=20)},
        "name",
    ),
    "one box of a list not declared": (
        {"areas": Row("areas", "/data/areas", contains("X", "东", "西"), required=True)},
        "areas",
    ),
    "said to be lossless and is not": (
        {"yes": Row("yes", "/data/yes", Converter("", lambda _: "是", lambda _: True), required=True)},
        "yes",
    ),
    "a blank that is also a value": ({"yes": replace(ROWS["yes"], absent="否")}, "yes"),
    "a list longer than the target's": (
        {"rows": replace(ROWS["rows"], max_items=None), "schema": {"rows": {"type": "array", "maxItems": 8}}},
        "rows",
    ),
    "a list shorter than the target's": ({"schema": {"rows": {"type": "array", "minItems": 2}}}, "rows"),
    "an element that is too long": (
        {
            "rows": Each("rows", "/data/rows", (Row("no", "./no"), Row("note", "./note"))),
            "schema": {"rows": {"type": "array", "items": group(["no"], no=text(4), note=text(9))}},
        },
        "rows[].note",
    ),
    "a wrong unit": ({"activity": Row("activity", "/data/activity_bq", unit("kBq", "MBq"), required=True)}, "activity"),
    "a unit that the target does not count in": (
        {"activity": Row("activity", "/data/activity_bq", unit("Bq", "GBq"), required=True)},
        "activity",
    ),
    "a field that the target does not have": ({"more": Row("more", "/data/nick")}, "more"),
    "a box that the form does not have": ({"nick": Row("nick", "/data/neck")}, "nick"),
    "a constant that the target does not take": ({"yes": Constant("yes", "maybe", "agreed")}, "yes"),
    "a converter that says nothing of itself": (
        {"name": Row("name", "/data/name", Converter("", str, str), required=True)},
        "name",
    ),
    "a separator in the texts": ({"areas": Row("areas", "/data/areas", joined("、"), required=True)}, "areas"),
}
"""What is planted, and the field at which it must be found."""


@pytest.mark.parametrize("hole", STATIC)
def test_a_planted_hole_is_found_statically(hole):
    """By the field that it is at, in seconds, without a single document."""
    changes, path = dict(STATIC[hole][0]), STATIC[hole][1]
    need = changes.pop("need", None)
    table, schema, shape = planted(**changes)
    if need:
        schema = {**schema, "required": [*schema["required"], need]}
    began = time.perf_counter()
    assert path in holes(table, schema, shape)
    assert time.perf_counter() - began < LIMIT_SECONDS


def test_a_dropped_box_is_found():
    """No silent loss: the box is named."""
    table, _, _ = planted(nick=None)
    assert coverage(table, LEAVES).lost == ("/data/nick",)


def swapped(value: str) -> str:
    """A reading that changes what it reads."""
    return value[::-1]


TRIPS = {
    "a scale of one way only": Converter("Bq→MBq", unit("Bq", "MBq").to, unit("Bq", "GBq").back),
    "a unit by the wrong factor back": Converter("Bq→MBq", unit("Bq", "MBq").to, unit("kBq", "MBq").back),
    "a text that is cut": Converter("cut", lambda value: value[:3], lambda value: value),
    "a text read in another way": Converter("swap", lambda value: value, swapped),
}


@pytest.mark.parametrize("hole", TRIPS)
def test_a_wrong_pair_is_found_by_the_round_trip(hole):
    """A converter that is said to be lossless and is not, where the values are too many to try: the first document."""
    table, schema, _ = planted(activity=Row("activity", "/data/activity_bq", TRIPS[hole], required=True))
    began = time.perf_counter()
    assert differences(CompiledMapping(table, schema), SOURCE)
    assert time.perf_counter() - began < LIMIT_SECONDS


def test_rows_that_say_different_things_are_found_by_the_round_trip():
    """A box that is read back from two fields by two ways."""
    other = Row("nick", "/data/name", Converter("cut", lambda value: value[:1], lambda value: value))
    table, schema, _ = planted(nick=other)
    assert any("name" in one for one in differences(CompiledMapping(table, schema), SOURCE))
