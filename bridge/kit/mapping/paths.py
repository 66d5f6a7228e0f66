"""Paths of a target's fields: `receive.suffInfoList[2].attachName` and its parts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

POSITION = re.compile(r"\[([0-9]+)\]", re.ASCII)


def flatten(payload: Mapping[str, Any]) -> dict[str, Any]:
    """The leaves of a payload by their paths, in order; an empty list or object is its own leaf."""
    return dict(_leaves(payload, ""))


def _leaves(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping) and value:
        for name, part in value.items():
            yield from _leaves(part, f"{path}.{name}" if path else str(name))
    elif isinstance(value, list) and value:
        for place, part in enumerate(value):
            yield from _leaves(part, f"{path}[{place}]")
    else:
        yield path, value


def split(path: str) -> tuple[str, tuple[int, ...]]:
    """`a[2].b` or `a.2.b` → (`a[].b`, (2,)): the path without positions, and the positions."""
    dotted = re.sub(r"\.([0-9]+)(?=\.|$)", r"[\1]", path) if "[" not in path else path
    places = tuple(int(found) for found in POSITION.findall(dotted))
    return POSITION.sub("[]", dotted), places
