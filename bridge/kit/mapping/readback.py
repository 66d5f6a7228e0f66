"""The way back: what a payload tells of the source that it was made from, by the same rows that wrote it.

A row is read where it is lossless: its converter is, and it has no `loss`. Rows that are lossy alone but not together
are read together (`_derived`): a code told in two boxes, a list told as one box per member. What is not told is not
there; nothing is made up. What does not belong here: merging with what was known before (the caller's).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from bridge.contract.mapping import Disagreement, Readback, Unreadable
from bridge.kit.mapping.converters import OutsideDomain
from bridge.kit.mapping.reading import MISSING, is_relative
from bridge.kit.mapping.table import OMIT, AnyRow, Each, Row
from bridge.model.pointer import is_position, join, tokens

Place = tuple[str | int, ...]
"""Steps from the root of the source; list positions are numbers."""

Reader = Callable[[Mapping[str, Any]], Readback]

NOT_A_LIST = "应为列表 (a list is wanted)"
NOT_A_GROUP = "应为一组字段 (a group of fields is wanted)"
UNREADABLE = "不能还原 (cannot be read back)"
GAPS = "列表中间缺项，不能还原 (positions of the list are missing)"


@dataclass(slots=True)
class _Found:
    """What has been read so far."""

    values: dict[Place, tuple[Any, str]] = field(default_factory=dict)
    """Leaf → value and the target's field that told it first."""
    unreadable: list[Unreadable] = field(default_factory=list)
    disputed: dict[Place, list[str]] = field(default_factory=dict)
    elements: dict[Place, str] = field(default_factory=dict)
    """Elements of lists, also those of which nothing is told: a list keeps its length."""

    def put(self, place: Place, value: Any, path: str) -> None:
        """Every leaf of a value; an empty list or group is its own leaf."""
        if isinstance(value, dict) and value:
            for name, part in value.items():
                self.put((*place, name), part, path)
        elif isinstance(value, list) and value:
            for position, part in enumerate(value):
                self.put((*place, position), part, path)
        else:
            known = self.values.setdefault(place, (value, path))
            if type(known[0]) is not type(value) or known[0] != value:
                self.disputed.setdefault(place, [known[1]]).append(path)

    def refuse(self, path: str, why: str) -> None:
        """A field that tells nothing."""
        self.unreadable.append(Unreadable(path, why))


Step = Callable[[Mapping[str, Any], str, Place, _Found], None]
"""(object of the payload, its path, place of the element in the source, where to add)."""


def is_lossless(row: Row) -> bool:
    """Whether a row is read back by itself."""
    return row.convert.lossless and row.loss is None


def is_derived(rows: Sequence[Row]) -> bool:
    """Whether rows that are lossy alone, all of one source, tell that source together."""
    return len(rows) > 1 and (
        all(row.convert.member is not None for row in rows) or all(row.convert.table is not None for row in rows)
    )


def reader(rows: Sequence[AnyRow]) -> Reader:
    """All rows of a table, compiled once."""
    steps = _steps(rows)

    def read(payload: Mapping[str, Any]) -> Readback:
        found = _Found()
        for step in steps:
            step(payload, "", (), found)
        for place in found.disputed:
            del found.values[place]
        made = _closed(_nested(found), found)
        return Readback(
            made if isinstance(made, dict) else {},
            tuple(found.unreadable),
            tuple(Disagreement(join(*place), tuple(paths)) for place, paths in found.disputed.items()),
        )

    return read


def _steps(rows: Sequence[AnyRow]) -> list[Step]:
    """What is done for the rows of a table, or of one list in it."""
    lossless: dict[str, list[Row]] = {}
    lossy: dict[str, list[Row]] = {}
    steps: list[Step] = []
    for row in rows:
        if isinstance(row, Each):
            steps.append(_each(row))
        elif isinstance(row, Row):
            (lossless.setdefault(row.target, []) if is_lossless(row) else lossy.setdefault(row.source, [])).append(row)
    steps += [_value(by_turns) for by_turns in lossless.values()]
    told = {row.source for by_turns in lossless.values() for row in by_turns}
    steps += [step for source, several in lossy.items() if source not in told and (step := _derived(several))]
    return steps


def _value(rows: Sequence[Row]) -> Step:
    """One field. Rows that write it by turns read the same source: the first that can read the value does."""
    get, target, steps = _getter(rows[0].target), rows[0].target, _source(rows[0].source)
    ways = [(row.convert.back, () if row.absent is OMIT else (row.absent,)) for row in rows]

    def read(own: Mapping[str, Any], path: str, place: Place, found: _Found) -> None:
        value = get(own, path, found)
        if value is MISSING:
            return
        why = ""
        for back, absent in ways:
            if value in absent:
                return
            try:
                found.put(steps(place), back(value), path + target)
            except OutsideDomain as exc:
                why = why or str(exc)
            except (TypeError, ValueError, LookupError, AttributeError, ArithmeticError):
                why = why or UNREADABLE  # a record may hold anything
            else:
                return
        found.refuse(path + target, why)

    return read


def _derived(rows: Sequence[Row]) -> Step | None:
    """What several lossy rows of one source say together; None where that is nothing certain."""
    if not is_derived(rows):
        return None
    return _from_members(rows) if rows[0].convert.member is not None else _from_codes(rows)


def _from_members(rows: Sequence[Row]) -> Step:
    """A list that is told as one box per member: its members in the order of the boxes, once all boxes are there."""
    reads = [(_getter(row.target), row, row.convert.member or "") for row in rows]
    steps = _source(rows[0].source)

    def read(own: Mapping[str, Any], path: str, place: Place, found: _Found) -> None:
        told: list[str] = []
        for get, row, member in reads:
            value = get(own, path, found)
            if value is MISSING:
                return
            try:
                told += [member] if row.convert.back(value) else []
            except OutsideDomain as exc:
                found.refuse(path + row.target, str(exc))
                return
        found.put(steps(place), told, path + rows[0].target)

    return read


def _from_codes(rows: Sequence[Row]) -> Step:
    """A code that is told in several boxes: the only one of ours that has all of these; nothing where several have."""
    reads = [(_getter(row.target), row.target) for row in rows]
    tables = [row.convert.table or {} for row in rows]
    together: dict[tuple[Any, ...], list[Any]] = {}
    for ours in tables[0]:
        if all(ours in table for table in tables):
            together.setdefault(tuple(table[ours] for table in tables), []).append(ours)
    steps = _source(rows[0].source)

    def read(own: Mapping[str, Any], path: str, place: Place, found: _Found) -> None:
        told = tuple(get(own, path, found) for get, _ in reads)
        if any(one is MISSING for one in told):
            return
        try:
            ours = together.get(told, [])
        except TypeError:  # a list where a code should be
            ours = []
        if len(ours) == 1:
            found.put(steps(place), ours[0], path + reads[0][1])
        elif not ours:
            found.refuse(path + reads[0][1], "各栏合起来不在代码表中 (together they are no code)")

    return read


def _each(row: Each) -> Step:
    """A list, element by element."""
    get, steps, within = _getter(row.target), _source(row.source), _steps(row.rows)

    def read(own: Mapping[str, Any], path: str, place: Place, found: _Found) -> None:
        items = get(own, path, found)
        if items is MISSING:
            return
        here, above = path + row.target, steps(place)
        if not isinstance(items, list):
            found.refuse(here, NOT_A_LIST)
            return
        if not items:
            found.put(above, [], here)
        for position, item in enumerate(items):
            if not isinstance(item, dict):
                found.refuse(f"{here}[{position}]", NOT_A_GROUP)
                continue
            found.elements[*above, position] = here
            for step in within:
                step(item, f"{here}[{position}].", (*above, position), found)

    return read


def _getter(target: str) -> Callable[[Mapping[str, Any], str, _Found], Any]:
    """How to read a field off an object of the payload; JSON's null is as good as nothing."""
    *within, name = target.split(".")

    def get(own: Mapping[str, Any], path: str, found: _Found) -> Any:
        for place, part in enumerate(within):
            inner = own.get(part)
            if inner is None:
                return MISSING
            if not isinstance(inner, dict):
                found.refuse(path + ".".join(within[: place + 1]), NOT_A_GROUP)
                return MISSING
            own = inner
        value = own.get(name)
        return MISSING if value is None else value

    return get


def _source(pointer: str) -> Callable[[Place], Place]:
    """Where a row's source stands, given the element."""
    steps = tuple(int(step) if is_position(step) else step for step in tokens(pointer))
    if is_relative(pointer):
        return lambda place: (*place, *steps)
    return lambda _place: steps


class _Positions(dict[str | int, Any]):
    """A list as it is put together; its keys are positions."""

    path: str = ""


def _nested(found: _Found) -> dict[str | int, Any]:
    """All leaves at their places."""
    source: dict[str | int, Any] = {}
    for place, path in found.elements.items():
        _above(source, place, path).setdefault(place[-1], {})
    for place, (value, path) in found.values.items():
        above = _above(source, place, path)
        known = above.get(place[-1])
        if not (isinstance(known, dict) and known):
            above[place[-1]] = value
    return source


def _above(source: dict[str | int, Any], place: Place, path: str) -> dict[str | int, Any]:
    """What a place lies in, made where it is not there."""
    node = source
    for step, after in pairwise(place):
        inner = node.get(step)
        if not isinstance(inner, dict):
            inner = node[step] = _Positions() if isinstance(after, int) else {}
            if isinstance(inner, _Positions):
                inner.path = path
        node = inner
    return node


def _closed(node: Any, found: _Found) -> Any:
    """Positions as lists; a list with gaps tells nothing certain."""
    if isinstance(node, _Positions):
        parts = [_closed(node[position], found) for position in sorted(node) if isinstance(position, int)]
        if sorted(node, key=str) != sorted(range(len(parts)), key=str):
            found.refuse(node.path, GAPS)
            return MISSING
        return parts if MISSING not in parts else MISSING
    if not isinstance(node, dict):
        return node
    closed = {name: _closed(part, found) for name, part in node.items()}
    return {name: part for name, part in closed.items() if part is not MISSING}
