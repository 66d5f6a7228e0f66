"""Paths of a target's fields: `receive.suffInfoList[2].attachName` and its parts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

POSITION = re.compile(r"\[([0-9]+)\]", re.ASCII)
DOTTED = re.compile(r"\.([0-9]+)(?=\.|$)", re.ASCII)


def flatten(payload: Mapping[str, Any]) -> dict[str, Any]:
    """The leaves of a payload by their paths, in order; an empty list or object is its own leaf."""
    found: dict[str, Any] = {}
    _add_leaves(payload, "", found)
    return found


def _add_leaves(value: Any, path: str, found: dict[str, Any]) -> None:
    if isinstance(value, Mapping) and value:
        for name, part in value.items():
            _add_leaves(part, f"{path}.{name}" if path else str(name), found)
    elif isinstance(value, list) and value:
        for place, part in enumerate(value):
            _add_leaves(part, f"{path}[{place}]", found)
    else:
        found[path] = value


def readings(path: str) -> Iterator[tuple[str, tuple[int, ...]]]:
    """`a[2].b` → (`a[].b`, (2,)): the path without positions, and the positions.

    A path without brackets may write positions as names (`a.2.b`); that is its second reading, for names may be digits.
    """
    yield _split(path)
    if "[" not in path and DOTTED.search(path):
        yield _split(DOTTED.sub(r"[\1]", path))


def _split(path: str) -> tuple[str, tuple[int, ...]]:
    places = tuple(int(found) for found in POSITION.findall(path))
    return POSITION.sub("[]", path), places
