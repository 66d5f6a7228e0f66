"""Reading a source by pointer, compiled once: absolute (`/data/…`) or relative to an element of a list (`./…`).

What does not belong here: what is written with what was read (`writing`), and whether it fits (`fitting`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from bridge.kit.mapping.table import Row, When
from bridge.model.pointer import is_position, tokens

MISSING: Any = object()
"""There is no such value in the source."""

Getter = Callable[[Any, Any], Any]
"""(root, element) → value or MISSING."""

NOTHING: Mapping[str, Any] = {}


def is_relative(pointer: str) -> bool:
    """Whether a pointer starts at the element: `.` or `./…`."""
    return pointer.startswith(".")


def getter(pointer: str) -> Getter:
    """How to read a pointer."""
    relative = is_relative(pointer)
    steps = [(name, int(name) if is_position(name) else None) for name in tokens(pointer)]

    def get(root: Any, element: Any) -> Any:
        value = element if relative else root
        for name, place in steps:
            if isinstance(value, dict):
                value = value.get(name, MISSING)
            elif place is not None and isinstance(value, list):
                value = value[place] if place < len(value) else MISSING
            else:
                return MISSING
        return value

    return get


def near(pointer: str) -> str | None:
    """The name that a pointer reads straight off the element (`./name`), so that it needs no getter; else None."""
    names = tokens(pointer)
    return names[0] if is_relative(pointer) and len(names) == 1 and not is_position(names[0]) else None


def wanted(row: Row) -> Getter | None:
    """Whether a row applies; None where it always does."""
    return None if row.when is None else holds(row.when)


def holds(when: When) -> Getter:
    """Whether a condition on the source holds."""
    get, values = getter(when.pointer), when.values
    if not values:
        return lambda root, element: get(root, element) is not MISSING
    return lambda root, element: get(root, element) in values
