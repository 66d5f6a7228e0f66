"""Writing a payload: the rows of a table compiled once into one loop per list, a fraction of a microsecond per row.

What does not belong here: whether the result is what the target's schema wants (`compiled`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from bridge.errors import AdapterBug
from bridge.kit.mapping.converters import SAME, OutsideDomain
from bridge.kit.mapping.reading import MISSING, NOTHING, Getter, getter, near, wanted
from bridge.kit.mapping.table import OMIT, AnyRow, Constant, Each, Row

Writer = Callable[[Any, Any], dict[str, Any]]
"""(root, element) → the object that the rows make of it. Raises Unwritable."""


class Unwritable(Exception):
    """A value that a row has no answer for, with the row's path at the target."""

    def __init__(self, path: str, why: OutsideDomain) -> None:
        super().__init__(str(why))
        self.path = path


class _Step(NamedTuple):
    """One row, ready to run."""

    within: tuple[str, ...]
    name: str
    path: str
    """From the root, with `[]` for each list position."""
    key: str = ""
    get: Getter | None = None
    """None: `key` is read straight off the element."""
    wanted: Getter | None = None
    convert: Callable[[Any], Any] | None = None
    absent: Any = OMIT
    each: Callable[[Any, Any], list[dict[str, Any]]] | None = None


def writer(rows: Sequence[AnyRow], base: str = "") -> Writer:
    """The rows of a table, or of one list in it. Raises AdapterBug where two of them write over each other."""
    _no_overlap(rows, base)
    steps = [_step(row, base) for row in rows]

    def write(root: Any, element: Any) -> dict[str, Any]:
        out: dict[str, Any] = {}
        own = element if isinstance(element, dict) else NOTHING
        for within, name, path, key, get, is_wanted, convert, absent, each in steps:
            if is_wanted is not None and not is_wanted(root, element):
                continue
            value = own.get(key, MISSING) if get is None else get(root, element)
            if value is MISSING:
                if absent is OMIT:
                    continue
                value = absent
            elif convert is not None:
                try:
                    value = convert(value)
                except OutsideDomain as exc:
                    raise Unwritable(path, exc) from exc
            elif each is not None:
                value = each(root, value)
            where = out
            for part in within:
                where = where.setdefault(part, {})
            where[name] = value
        return out

    return write


def _step(row: AnyRow, base: str) -> _Step:
    """One row."""
    *within, name = row.target.split(".")
    step = _Step(tuple(within), name, base + row.target)
    if isinstance(row, Constant):
        value = row.value
        return step._replace(get=lambda _root, _element: value)
    key = near(row.source)
    step = step._replace(key=key or "", get=None if key is not None else getter(row.source))
    if isinstance(row, Each):
        return step._replace(each=_each(row, step.path))
    convert = None if row.convert is SAME else row.convert.to
    return step._replace(wanted=wanted(row), convert=convert, absent=row.absent)


def _each(row: Each, path: str) -> Callable[[Any, Any], list[dict[str, Any]]]:
    """A list, element by element."""
    write = writer(row.rows, f"{path}[].")

    def each(root: Any, items: Any) -> list[dict[str, Any]]:
        made: list[dict[str, Any]] = []
        try:
            for item in items:
                made.append(write(root, item))  # noqa: PERF401 - the place of a failure is how far it has come
        except Unwritable as exc:
            # the innermost list comes first, and its brackets stand last
            above, _, below = exc.path.rpartition("[]")
            exc.path = f"{above}[{len(made)}]{below}"
            raise
        return made

    return each


def _no_overlap(rows: Sequence[AnyRow], base: str) -> None:
    """Two rows may share a target only where both read the same source, by turns."""
    written: dict[str, AnyRow] = {}
    for row in rows:
        before = written.setdefault(row.target, row)
        by_turns = isinstance(row, Row) and isinstance(before, Row) and row.source == before.source
        if before is not row and not by_turns:
            raise AdapterBug(f"{base}{row.target}: 两行写同一字段 (two rows write one field)")
    for target in written:
        parts = target.split(".")
        if any(".".join(parts[:size]) in written for size in range(1, len(parts))):
            raise AdapterBug(f"{base}{target}: 上级字段已由另一行写入 (another row writes the field above it)")
