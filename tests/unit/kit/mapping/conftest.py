"""A small target with everything that a table can say."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bridge.kit.mapping.compiled import CompiledMapping
from bridge.kit.mapping.converters import SAME, codes, contains, dms, joined, yes_no
from bridge.kit.mapping.table import Constant, Each, Row, Table, When
from bridge.model.delivery import Kind

TABLE = Table(
    matter="bees",
    kind=Kind.APPLY,
    version=3,
    target_schema="bees-v3",
    length_unit="characters",
    needs=frozenset({"case_number"}),
    rows=(
        Row("number", "/facts/number", required=True, max_length=10),
        Constant("source", "112", "agreed with the target"),
        Row("keeper.name", "/data/keeper/name", required=True, max_length=5),
        Row("keeper.kind", "/data/keeper/kind", codes({"PERSON": "1", "COMPANY": "2"}), required=True),
        Row("keeper.licence", "/data/keeper/licence", when=When("/data/keeper/kind", ("COMPANY",))),
        Row("keeper.note", "/data/keeper/note", absent="/", max_length=5),
        Row("phone", "/data/contacts/0/phone", loss="the first only"),
        Row("organic", "/data/labels", contains("ORGANIC", "Y", "N"), absent="N", loss="one of several boxes"),
        Each(
            "hives",
            "/data/hives",
            (
                Row("no", "./no", required=True, max_length=4),
                Row("lon", "./place/lon", dms()),
                Row("keeper", "/data/keeper/name"),
                Row("queens", "./queens", joined("、"), when=When("./queens")),
                Constant("type", "HIVE", "one type only"),
                Each("frames", "./frames", (Row("wax", "./wax", yes_no("是", "否"), required=True),), max_items=2),
            ),
            max_items=3,
        ),
        Each("tags", "/data/labels", (Row("tag", ".", SAME),)),
        Each("files", "/materials", (Row("name", "./name", required=True, max_length=8),)),
    ),
    left_out={"/data/keeper/age": "the target has no box for it", "/data/garden": "stays here"},
)

SCHEMA: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["number", "keeper", "source"],
    "properties": {
        "number": {"type": "string"},
        "source": {"const": "112"},
        "phone": {"type": "string", "pattern": "^[0-9]+$"},
        "organic": {"enum": ["Y", "N"]},
        "tags": {"type": "array"},
        "files": {"type": "array"},
        "keeper": {
            "type": "object",
            "required": ["name", "kind"],
            "properties": {"name": {"type": "string", "maxLength": 5}, "note": {"not": {"const": "no"}}},
        },
        "hives": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["no"],
                "properties": {
                    "no": {"type": "string", "pattern": "^H"},
                    "frames": {"type": "array", "items": {"required": ["wax"]}},
                },
            },
        },
    },
}


@pytest.fixture
def table() -> Table:
    """The table."""
    return TABLE


@pytest.fixture
def mapping() -> CompiledMapping:
    """The table, compiled."""
    return CompiledMapping(TABLE, SCHEMA)


@pytest.fixture
def make() -> Any:
    """A mapping like it, changed: `make(rows=…, schema=…)`."""

    def changed(schema: Any = SCHEMA, **changes: Any) -> CompiledMapping:
        return CompiledMapping(replace(TABLE, **changes), schema)

    return changed


@pytest.fixture
def source() -> Any:
    """A source that fills most of it."""
    return {
        "data": {
            "keeper": {"name": "蜂农", "kind": "COMPANY", "licence": "L1"},
            "contacts": [{"phone": "1"}, {"phone": "2"}],
            "labels": ["ORGANIC", "LOCAL"],
            "hives": [
                {"no": "H1", "place": {"lon": "117.5"}, "frames": [{"wax": True}, {"wax": False}]},
                {"no": "H2", "queens": ["a", "b"], "frames": []},
            ],
        },
        "materials": [{"name": "plan.pdf"}],
        "facts": {"number": "N1"},
    }
