"""Lineage: which box of the form becomes which field of a target, as data for documents, traces and laws.

Form pointers have `*` for each list position (`/data/permit/air_outlets/*/no`), target paths `[]`
(`6[].排放口编号`). What does not belong here: values; a single application's trace is `CompiledMapping`'s.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from bridge.contract.lineage import Coverage, Line, Lineage
from bridge.kit.mapping.reading import is_relative
from bridge.kit.mapping.table import AnyRow, Constant, Each, Row, Table, When

POSITION = re.compile(r"/[0-9]+(?=/|$)", re.ASCII)


def lines(table: Table) -> list[Line]:
    """All rows of a table, in order."""
    return list(_lines(table.rows, "", ""))


def lineage(table: Table, schema: Mapping[str, Any]) -> Lineage:
    """A table and its target schema, as people are told of them."""
    needs = {*table.needs, *table.needs_when}
    return Lineage(tuple(lines(table)), table.left_out, table.length_unit, table.charset, tuple(sorted(needs)), schema)


def _lines(rows: Sequence[AnyRow], base: str, within: str) -> Iterator[Line]:
    for row in rows:
        target = within + row.target
        if isinstance(row, Constant):
            yield Line(None, target, str(row.value), loss=row.reason)
            continue
        source = absolute(row.source, base)
        if isinstance(row, Each):
            yield Line(source, target, "逐行 (row by row)", limit=row.max_items, many=True)
            yield from _lines(row.rows, f"{source}/*", f"{target}[].")
        else:
            yield _line(row, source, target, base)


def _line(row: Row, source: str, target: str, base: str) -> Line:
    return Line(
        source,
        target,
        row.convert.name,
        required=row.required,
        limit=row.max_length,
        when=_condition(row.when, base) if row.when else None,
        loss=row.loss,
    )


def _condition(when: When, base: str) -> str:
    """A condition in words."""
    pointer = absolute(when.pointer, base)
    return f"{pointer} ∈ {'、'.join(map(str, when.values))}" if when.values else f"{pointer} 有值 (is there)"


def absolute(pointer: str, base: str) -> str:
    """A row's pointer from the root; `base` is the pointer of the list's elements."""
    return base + pointer[1:] if is_relative(pointer) else pointer


def pairs(table: Table) -> Iterator[tuple[str, str]]:
    """Each (source, target), of lists and of their elements too: what a trace goes by."""
    for line in lines(table):
        if line.source is not None:
            yield line.source, line.target
            if line.many:
                yield f"{line.source}/*", f"{line.target}[]"


def coverage(table: Table, leaves: Sequence[str]) -> Coverage:
    """What becomes of the form's leaves (pointers with `*`), as `Catalogue.leaves` gives them.

    A row that reads a whole list or object carries all leaves in it that are not left out; one that reads a fixed
    position (`…/0/no`) carries the leaf: whether other positions are lost is for the row's `loss` to say.
    """
    read = {POSITION.sub("/*", line.source) for line in lines(table) if line.source is not None and not line.many}
    reasons: dict[str, str] = {}
    mapped: list[str] = []
    lost: list[str] = []
    for leaf in leaves:
        above = _parts(leaf)
        entry = next((part for part in above if part in table.left_out), None)
        if leaf in read:
            mapped.append(leaf)
        elif entry is not None:
            reasons[leaf] = table.left_out[entry]
        else:
            (mapped if any(part in read for part in above) else lost).append(leaf)
    left = {part for leaf in reasons for part in _parts(leaf)}
    stale = tuple(entry for entry in table.left_out if entry not in left)
    return Coverage(tuple(mapped), reasons, tuple(lost), stale)


def _parts(leaf: str) -> list[str]:
    """A leaf and everything that it lies in, nearest first: `/a/*/b` → `/a/*/b`, `/a/*`, `/a`."""
    names = leaf.split("/")
    return ["/".join(names[:size]) for size in range(len(names), 1, -1)]
