"""Which rows the target's schema checks as well: where a payload is valid under it, these need no look of their own.

Pre-flight makes the payload anyway, so at entry only the rest is looked at, value by value. A row is proven where every
value that the row would find is one that the schema refuses. What does not belong here: the words for what is wrong
(`fitting`), and what holds for every form (the proofs).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from bridge.kit.mapping.table import OMIT, AnyRow, Constant, Each, Row

Schema = Mapping[str, Any]

TEXTLESS = frozenset({"integer", "number", "boolean", "null"})


def unproven(rows: Sequence[AnyRow], schema: Schema) -> tuple[AnyRow, ...]:
    """The rows that must be looked at beside a schema with lengths in characters; lists hold what is left of theirs."""
    return _unproven(rows, schema, schema)


def _unproven(rows: Sequence[AnyRow], node: Schema, root: Schema) -> tuple[AnyRow, ...]:
    left: list[AnyRow] = []
    for row in rows:
        if isinstance(row, Constant):
            continue
        part, is_required = _at(node, row.target, root)
        if isinstance(row, Each):
            inner = _unproven(row.rows, _resolved(part.get("items", {}), root), root)
            if inner or not _is_list_within(row, part):
                left.append(replace(row, rows=inner))
        elif not (_is_asked_for(row, is_required=is_required) and _is_length_within(row, part)):
            left.append(row)
    return tuple(left)


def _at(node: Schema, target: str, root: Schema) -> tuple[Schema, bool]:
    """The schema of a target field, `{}` where it has none, and whether an object without the field is refused."""
    is_required = True
    for name in target.split("."):
        is_required = is_required and name in node.get("required", ())
        node = _resolved(node.get("properties", {}).get(name, {}), root)
    return node, is_required


def _resolved(node: Schema, root: Schema) -> Schema:
    """A node in place of a reference to it within the same file."""
    reference = node.get("$ref", "")
    if not reference.startswith("#/"):
        return node
    found: Any = root
    for name in reference[2:].split("/"):
        found = found[name]
    return _resolved(found, root)


def _is_list_within(row: Each, part: Schema) -> bool:
    """Whether the schema refuses a list that is longer than the row allows."""
    return row.max_items is None or (
        part.get("type") == "array" and part.get("maxItems", row.max_items + 1) <= row.max_items
    )


def _is_asked_for(row: Row, *, is_required: bool) -> bool:
    """Whether the schema misses the field where the row would miss the value."""
    return not row.required or row.absent is not OMIT or is_required


def _is_length_within(row: Row, part: Schema) -> bool:
    """Whether the schema refuses a text that is longer than the row allows."""
    if row.max_length is None or part.get("type") in TEXTLESS:
        return True
    choices = part.get("enum", [part["const"]] if "const" in part else None)
    if choices is not None:
        return all(not isinstance(one, str) or len(one) <= row.max_length for one in choices)
    return part.get("type") == "string" and part.get("maxLength", row.max_length + 1) <= row.max_length
