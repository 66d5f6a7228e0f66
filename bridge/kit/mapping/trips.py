"""The round trip: what was written is read back, and what was read back is written alike.

What belongs here: the comparison for one source, with what may differ by the rows' own word. What does not: where
sources come from (the laws').
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from bridge.contract.mapping import Source
from bridge.kit.mapping.compiled import CompiledMapping
from bridge.kit.mapping.readback import is_lossless
from bridge.kit.mapping.reading import MISSING, getter, is_relative, wanted
from bridge.kit.mapping.table import AnyRow, Constant, Each, Row


def differences(mapping: CompiledMapping, source: Source) -> list[str]:
    """What the round trip of one source loses or changes, by pointer or field; empty where the laws hold.

    Raises Refused where the source cannot be written.
    """
    payload = mapping.write(source)
    read = mapping.read(payload)
    found = [f"{one.path}: {one.why}" for one in read.unreadable]
    found += [f"{one.pointer}: 各字段不一致 (fields differ)" for one in read.disagreements]
    for pointer, row, value in _told(mapping.table.rows, source, source, ""):
        back = getter(pointer)(read.source, None)
        if row.convert.canonical(value) != back or (back is MISSING) != (value is MISSING):
            found.append(f"{pointer}: 读回不同 (read back differently)")
    merged = _merged(source, read.source)
    again = mapping.write(merged)
    if again != payload:
        found.append("读回后再写不同 (written differently after reading)")
    return found


def _told(rows: Sequence[AnyRow], root: Any, element: Any, base: str) -> Iterator[tuple[str, Row, Any]]:
    """Each value that a lossless row tells: where it stands in the source, the row, the value."""
    for row in rows:
        if isinstance(row, Constant):
            continue
        pointer = base + row.source[1:] if is_relative(row.source) else row.source
        value = getter(row.source)(root, element)
        if value is MISSING:
            continue
        if isinstance(row, Each):
            for place, item in enumerate(value):
                yield from _told(row.rows, root, item, f"{pointer}/{place}")
        elif is_lossless(row) and ((applies := wanted(row)) is None or applies(root, element)):
            yield pointer, row, value


def _merged(old: Any, new: Any) -> Any:
    """What was read laid over what was there: groups by name, lists by position."""
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        return {**old, **{name: _merged(old.get(name, part), part) for name, part in new.items()}}
    if isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        return [_merged(one, other) for one, other in zip(old, new, strict=True)]
    return new
