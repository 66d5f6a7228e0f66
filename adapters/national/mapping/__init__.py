"""Which of our fields becomes which column of the platform: one set of tables for every matter, by installation.

`rows` has the columns, `words` what is done to single values, `fitted` the check against the front-end database. A
further matter is one more line of `MATTERS` or `FILINGS`: the columns use only what all forms have.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import orjson

from adapters.national.client.tables import Tables
from adapters.national.mapping.fitted import FittedMapping
from adapters.national.mapping.rows import ACCEPTED, FILED, Options, filing_tables_of, tables_of
from bridge.kit.exchange.rules import Rules
from bridge.kit.mapping.table import Table
from bridge.model.delivery import Kind

MATTERS: Mapping[str, Sequence[str]] = {
    "discharge-permit": (
        "/data/site",
        "/data/current_licence",
        "/data/change",
        "/data/reapply",
        "/data/reissue",
        "/data/cancellation",
        "/data/permit",
    ),
    "radiation-licence": (
        "/data/site",
        "/data/current_licence",
        "/data/reapply",
        "/data/change",
        "/data/termination",
        "/data/permit",
    ),
    "isotope-transfer": ("/data/site", "/data/licence", "/data/counterpart", "/data/transfer", "/data/items"),
}
"""Each matter, and the parts of its form that are the deciding system's business: they are not told here."""

FILINGS: Mapping[str, Sequence[str]] = {
    "isotope-transfer-filing": (
        "/data/site",
        "/data/licence",
        "/data/approval",
        "/data/counterpart",
        "/data/filing",
        "/data/items",
    ),
    "isotope-offsite-filing": ("/data/site", "/data/licence", "/data/offsite", "/data/ending", "/data/items"),
    "waste-source-filing": ("/data/site", "/data/licence", "/data/counterpart", "/data/waste", "/data/items"),
}
"""The same of matters that are filed, neither accepted nor decided upon."""

SCHEMAS = Path(__file__).parent.parent / "schemas"


def all_tables(options: Options) -> tuple[Table, ...]:
    """The mapping tables of all matters, oldest first: a delivery keeps the version it was made with."""
    return (
        *(table for matter, parts in MATTERS.items() for table in tables_of(matter, parts, options)),
        *(table for matter, parts in FILINGS.items() for table in filing_tables_of(matter, parts, options)),
    )


TABLES: tuple[Table, ...] = all_tables(Options())
"""As an installation without settings has them; what the laws and the documents go by."""


@cache
def schema(name: str) -> Mapping[str, Any]:
    """A target schema of this adapter, by its name without `.json`."""
    read: dict[str, Any] = orjson.loads((SCHEMAS / f"{name}.json").read_bytes())
    return read


@cache
def mappings(options: Options, rules: Rules) -> Mapping[tuple[str, Kind, int | None], FittedMapping]:
    """All mappings, compiled once, by matter, kind and version; version None is the newest."""
    tables = Tables(v3=options.v3)
    compiled: dict[tuple[str, Kind, int | None], FittedMapping] = {}
    for table in all_tables(options):
        made = FittedMapping(
            table,
            schema(table.target_schema),
            tables,
            rules,
            begun=FILED if table.matter in FILINGS else ACCEPTED,
        )
        compiled[table.matter, table.kind, table.version] = compiled[table.matter, table.kind, None] = made
    return compiled
