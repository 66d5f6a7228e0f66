"""Which of our fields becomes which field of the gateway: a file per family of matters, a table per version and kind.

What every case has is `shared`, what is told of it later `messages`.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import orjson

from adapters.municipal.mapping import discharge_permit, isotopes, radiation_licence
from bridge.kit.mapping.compiled import CompiledMapping
from bridge.kit.mapping.table import Table
from bridge.model.delivery import Kind

SCHEMAS = Path(__file__).parent.parent / "schemas"

TABLES: tuple[Table, ...] = (*discharge_permit.TABLES, *radiation_licence.TABLES, *isotopes.TABLES)
"""All tables, oldest first: a delivery keeps the version it was made with."""


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
