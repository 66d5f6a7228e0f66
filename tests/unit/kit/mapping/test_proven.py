"""Pre-flight looks at fewer values where the target's schema says the same, and finds as much."""

from __future__ import annotations

import copy
import random
from importlib import import_module
from typing import Any

import pytest

from bridge.contract.manifest import LengthUnit
from bridge.contract.mapping import Source
from bridge.kit.mapping.compiled import CompiledMapping
from bridge.kit.mapping.converters import codes
from bridge.kit.mapping.proven import unproven
from bridge.kit.mapping.table import Constant, Each, Row, Table
from bridge.model.delivery import Kind
from bridge.testing.samples import generate

LONG = {"type": "string", "maxLength": 5}


def names(row: Row | Each, schema: dict[str, Any], *, required: tuple[str, ...] = ()) -> bool:
    """Whether a row is left to be looked at."""
    return bool(unproven([row], {"type": "object", "properties": {"a": schema}, "required": list(required)}))


@pytest.mark.parametrize(
    ("row", "schema", "required", "left"),
    [
        (Row("a", "/data/a", max_length=5), LONG, (), False),
        (Row("a", "/data/a", max_length=4), LONG, (), True),
        (Row("a", "/data/a", max_length=4), {"type": "string"}, (), True),
        (Row("a", "/data/a", max_length=4), {}, (), True),
        (Row("a", "/data/a", max_length=4), {"enum": ["1", "1234"]}, (), False),
        (Row("a", "/data/a", max_length=3), {"enum": ["1", "1234"]}, (), True),
        (Row("a", "/data/a", max_length=3), {"const": "1234"}, (), True),
        (Row("a", "/data/a", max_length=3), {"type": "integer"}, (), False),
        (Row("a", "/data/a", required=True), {}, (), True),
        (Row("a", "/data/a", required=True), {}, ("a",), False),
        (Row("a", "/data/a", required=True, absent="/"), {}, (), False),
        (Each("a", "/data/a", (), max_items=3), {"type": "array", "maxItems": 3}, (), False),
        (Each("a", "/data/a", (), max_items=3), {"type": "array", "maxItems": 4}, (), True),
        (Each("a", "/data/a", (), max_items=3), {"maxItems": 3}, (), True),
        (Each("a", "/data/a", (Row("b", "./b", max_length=5),)), {"items": {"properties": {"b": LONG}}}, (), False),
        (Each("a", "/data/a", (Row("b", "./b", max_length=4),)), {"items": {"properties": {"b": LONG}}}, (), True),
        (Each("a", "/data/a", (Row("b", "./b", max_length=4),)), {}, (), True),
    ],
)
def test_a_row_is_left_out_only_where_the_schema_says_the_same(
    row: Row | Each, schema: dict[str, Any], required: tuple[str, ...], left: bool
) -> None:
    """A bound that the schema lacks, or has wider, is still looked at."""
    assert names(row, schema, required=required) is left


def test_a_required_field_within_an_optional_part_is_looked_at() -> None:
    """An object that the target may go without does not prove what is required in it."""
    inner = {"type": "object", "properties": {"b": {}}, "required": ["b"]}
    row = Row("a.b", "/data/a", required=True)
    assert unproven([row], {"properties": {"a": inner}}) == (row,)
    assert unproven([row], {"properties": {"a": inner}, "required": ["a"]}) == ()


def test_references_within_the_file_are_followed_and_constants_need_nothing() -> None:
    """A bound behind a $ref counts as one beside it."""
    schema = {"properties": {"a": {"$ref": "#/$defs/short"}}, "$defs": {"short": LONG}}
    assert unproven([Row("a", "/data/a", max_length=5), Constant("c", 1, "always")], schema) == ()


class Slow(CompiledMapping):
    """Looks at every value."""

    def _is_taken(self, source: Source) -> bool:
        return False


@pytest.mark.parametrize("unit", ["characters", "utf16", "gbk"])
@pytest.mark.parametrize("charset", ["utf-8", "gbk"])
@pytest.mark.parametrize("text", ["abcde", "abcdef", "中文中文中", "𠀀𠀀𠀀", "𠀀𠀀", "\ud800", "é", ""])
def test_units_and_characters_are_those_of_the_target(unit: LengthUnit, charset: str, text: str) -> None:
    """A text of the schema's length that the target counts longer, or cannot keep, is found all the same."""
    table = Table(
        matter="m",
        kind=Kind.APPLY,
        version=1,
        target_schema="s",
        length_unit=unit,
        charset=charset,
        rows=(Row("a", "/data/a", max_length=5), Row("b", "/data/b", codes({"x": "1"}))),
    )
    schema = {"type": "object", "properties": {"a": LONG, "b": {"enum": ["1"]}}}
    for b in ("x", "y"):
        source = {"data": {"a": text, "b": b}, "materials": [], "facts": {}}
        assert CompiledMapping(table, schema).preflight(source) == Slow(table, schema).preflight(source)


@pytest.mark.parametrize("target", ["municipal", "discharge", "radiation"])
def test_the_quick_look_finds_what_the_long_one_finds(target: str) -> None:
    """Samples with values that are too long, rare, missing or of another kind: the same is told of each."""
    module, chance = import_module(f"adapters.{target}.mapping"), random.Random(7)
    tables = [one for one in module.TABLES if one.kind is Kind.APPLY]
    assert tables
    for table in tables:
        schema = module.schema(table.target_schema)
        quick, slow = CompiledMapping(table, schema), Slow(table, schema)
        told = 0
        for document in generate(table.matter, type=None, seed=3, count=3):
            for _ in range(40):
                source = {"data": copy.deepcopy(document["data"]), "materials": [], "facts": {}}
                spoil(source["data"], chance)
                found = list(quick.preflight(source))
                assert found == list(slow.preflight(source))
                told += bool(found)
        assert told


def spoil(data: dict[str, Any], chance: random.Random) -> None:
    """Change or take away one value of a form."""
    node: Any = data
    while node:
        place = chance.choice(list(node) if isinstance(node, dict) else list(range(len(node))))
        if isinstance(node[place], dict | list):
            node = node[place]
        elif isinstance(node, dict) and chance.random() < 0.3:
            del node[place]
            return
        else:
            node[place] = chance.choice(["", "中" * 5000, "𠀀" * 90, "x", "a" * 101])
            return
