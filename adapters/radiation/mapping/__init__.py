"""Which of our fields becomes which field of the system: a file per family of matters, a table per version and kind."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import orjson

from adapters.radiation.mapping import isotopes, radiation_licence
from bridge.kit.mapping.compiled import CompiledMapping
from bridge.kit.mapping.table import Table
from bridge.model.delivery import Kind

TABLES: tuple[Table, ...] = (
    radiation_licence.APPLY_1,
    radiation_licence.AMEND_1,
    radiation_licence.WITHDRAW_1,
    *isotopes.TABLES,
)
"""All tables, oldest first: a delivery keeps the version it was made with."""

SCHEMAS = Path(__file__).parent.parent / "schemas"


@cache
def schema(name: str) -> Mapping[str, Any]:
    """A target schema of this adapter, by its name without `.json`."""
    read: dict[str, Any] = orjson.loads((SCHEMAS / f"{name}.json").read_bytes())
    return read


@cache
def mappings() -> Mapping[tuple[str, Kind, int | None], CompiledMapping]:
    """All mappings, compiled once, by matter, kind and version; version None is the newest."""
    compiled: dict[tuple[str, Kind, int | None], CompiledMapping] = {}
    for table in TABLES:
        made = CompiledMapping(table, schema(table.target_schema))
        compiled[table.matter, table.kind, table.version] = compiled[table.matter, table.kind, None] = made
    return compiled
