"""Documents that differ from a sample in some boxes: one at its edge, or several at random, as a form's schema allows.

Whether a variation passes the rules across fields is for the catalogue to say; many do not. What does not belong here:
values of one box (`values`), and what the engine adds to a document (`sources`).
"""

from __future__ import annotations

import copy
import random
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from bridge.testing.values import extremes, some

Data = dict[str, Any]
Steps = tuple[str | int, ...]

MOST_CHANGES = 6


def places(
    node: Mapping[str, Any], data: Any, at: Steps = (), *, every: bool = False
) -> Iterator[tuple[Steps, Mapping[str, Any]]]:
    """Each box and list that there is room for in a form's data, with its schema.

    Of a list the first element is entered; with `every`, each.
    """
    if node["type"] == "object":
        for name, part in node["properties"].items():
            inner = data.get(name) if isinstance(data, Mapping) else None
            if inner is not None:
                yield from places(part, inner, (*at, name), every=every)
            elif part["type"] not in {"object", "array"}:
                yield (*at, name), part
    elif node["type"] == "array":
        yield at, node
        for place, one in enumerate(data if every else data[:1]):
            yield from places(node["items"], one, (*at, place), every=every)
    else:
        yield at, node


def edges(schema: Mapping[str, Any], data: Data, known: Collection[Steps] = ()) -> Iterator[tuple[Steps, Data]]:
    """The data with one box at an extreme value, one list at its least or most, or one part left out, each in turn.

    Groups that are not there are filled in first, each alone. Places in `known` are passed over.
    """
    yield from _of_places(places(schema, data), data, known)
    for at, node in _missing(schema, data):
        grown = copy.deepcopy(data)
        _put(grown, at, _filled(node))
        yield from _of_places(places(node, _read(grown, at), at), grown, known)
    for at in _optional(schema, data):
        if at not in known:
            changed = copy.deepcopy(data)
            _drop(changed, at)
            yield at, changed


def _of_places(
    found: Iterable[tuple[Steps, Mapping[str, Any]]], data: Data, known: Collection[Steps]
) -> Iterator[tuple[Steps, Data]]:
    """The data with each of the places at its extremes."""
    for at, node in found:
        if at in known:
            continue
        for value in _sizes(node, _read(data, at)) if node["type"] == "array" else extremes(node):
            changed = copy.deepcopy(data)
            _put(changed, at, value)
            yield at, changed


def varied(schema: Mapping[str, Any], data: Data, dice: random.Random) -> Data:
    """The data with up to `MOST_CHANGES` boxes changed, filled in, or left out, and lists longer or shorter."""
    changed = copy.deepcopy(data)
    for _ in range(dice.randint(1, MOST_CHANGES)):
        choices = list(places(schema, changed, every=True))
        at, node = dice.choice(choices)
        if node["type"] == "array":
            kept = _read(changed, at)
            if not kept or node["items"]["type"] not in {"object", "array"}:
                continue
            size = dice.randint(node.get("minItems", 0), min(node["maxItems"], len(kept) + 2))
            _put(changed, at, [copy.deepcopy(dice.choice(kept)) for _ in range(size)])
        else:
            _put(changed, at, some(node, dice))
        optional = list(_optional(schema, changed))
        if optional and dice.random() < 0.3:
            _drop(changed, dice.choice(optional))
    return changed


def _missing(node: Mapping[str, Any], data: Any, at: Steps = ()) -> Iterator[tuple[Steps, Mapping[str, Any]]]:
    """Groups that may be there and are not."""
    for name, part in node["properties"].items():
        if part["type"] == "object" and isinstance(data, Mapping):
            if name in data:
                yield from _missing(part, data[name], (*at, name))
            else:
                yield (*at, name), part


def _filled(node: Mapping[str, Any]) -> Any:
    """Something valid by the schema alone, with all its parts."""
    if node["type"] == "object":
        return {name: _filled(part) for name, part in node["properties"].items()}
    if node["type"] == "array":
        return [_filled(node["items"])] if node["maxItems"] else []
    return extremes(node)[0]


def _sizes(node: Mapping[str, Any], kept: list[Any]) -> list[list[Any]]:
    """A list as short and as long as it may be."""
    if node["items"].get("enum"):
        return [node["items"]["enum"][: node["maxItems"]], kept[: node.get("minItems", 0)]]
    longest = [copy.deepcopy(kept[place % len(kept)]) for place in range(node["maxItems"])] if kept else []
    return [kept[: node.get("minItems", 0)], longest]


def _optional(node: Mapping[str, Any], data: Any, at: Steps = ()) -> Iterator[Steps]:
    """What is there and need not be."""
    if node["type"] == "object" and isinstance(data, Mapping):
        for name, part in node["properties"].items():
            if name in data:
                if name not in node.get("required", ()):
                    yield (*at, name)
                yield from _optional(part, data[name], (*at, name))
    elif node["type"] == "array":
        for place, one in enumerate(data[:1]):
            yield from _optional(node["items"], one, (*at, place))


def _read(data: Any, at: Steps) -> Any:
    for step in at:
        data = data[step]
    return data


def _put(data: Any, at: Steps, value: Any) -> None:
    _read(data, at[:-1])[at[-1]] = value


def _drop(data: Any, at: Steps) -> None:
    del _read(data, at[:-1])[at[-1]]
