"""Writing a payload: the rows of a table compiled once into plain Python, a tenth of a microsecond per row.

Each list of rows becomes one function of straight-line code: what lies above several rows is looked up once, each row
is one look-up and one assignment. The source text is made of the rows' places only; names and values come in as
constants. What does not belong here: whether the result is what the target's schema wants (`compiled`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from bridge.errors import AdapterBug
from bridge.kit.mapping.converters import SAME, OutsideDomain
from bridge.kit.mapping.reading import MISSING, NOTHING, getter, is_relative, wanted
from bridge.kit.mapping.table import OMIT, AnyRow, Constant, Each, Row
from bridge.model.pointer import is_position, tokens

Writer = Callable[[Any, Any], dict[str, Any]]
"""(root, element) → the object that the rows make of it. Raises Unwritable."""


class Unwritable(Exception):
    """A value that a row has no answer for, with the row's path at the target."""

    def __init__(self, path: str, why: OutsideDomain) -> None:
        super().__init__(str(why))
        self.path = path


def writer(rows: Sequence[AnyRow], base: str = "") -> Writer:
    """The rows of a table, or of one list in it. Raises AdapterBug where two of them write over each other."""
    _no_overlap(rows, base)
    code = _Code()
    for row in rows:
        _row(code, row, base)
    return code.function()


class _Code:
    """The source text of one writer, and the constants that it names."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.names: dict[str, Any] = {"MISSING": MISSING, "NOTHING": NOTHING, "Outside": OutsideDomain}
        self.names["Unwritable"] = Unwritable
        self._above: dict[tuple[bool, tuple[str, ...]], str] = {}
        self._heads: list[str] = []

    def name(self, value: Any) -> str:
        """A name for a constant."""
        name = f"c{len(self.names)}"
        self.names[name] = value
        return name

    def above(self, steps: tuple[str, ...], *, relative: bool) -> str:
        """A local variable with the object at `steps`; an empty one where there is no object."""
        if not steps:
            return "own" if relative else "root"
        known = self._above.get((relative, steps))
        if known is None:
            parent = self.above(steps[:-1], relative=relative)
            known = self._above[relative, steps] = f"a{len(self._above)}"
            self._heads += [
                f"{known} = {parent}.get({self.name(steps[-1])}, NOTHING)",
                f"if {known}.__class__ is not dict: {known} = NOTHING",
            ]
        return known

    def function(self) -> Writer:
        """The compiled writer."""
        body = ["own = element if element.__class__ is dict else NOTHING", *self._heads, "out = {}", *self.lines]
        text = "def write(root, element):\n" + "".join(f"    {line}\n" for line in [*body, "return out"])
        exec(compile(text, "<mapping>", "exec"), self.names)  # noqa: S102 - our own text, made of places only
        made: Writer = self.names["write"]
        return made


def _row(code: _Code, row: AnyRow, base: str) -> None:
    """The lines of one row."""
    put = _put(code, row.target)
    if isinstance(row, Constant):
        code.lines.append(f"{put} = {code.name(row.value)}")
        return
    read = _read(code, row.source)
    path = base + row.target
    if isinstance(row, Each):
        each = code.name(_each(row, path))
        code.lines += [f"v = {read}", f"if v is not MISSING: {put} = {each}(root, v)"]
        return
    indent = ""
    if (is_wanted := wanted(row)) is not None:
        code.lines.append(f"if {code.name(is_wanted)}(root, element):")
        indent = "    "
    code.lines += [indent + line for line in _value(code, row, read, put, path)]


def _value(code: _Code, row: Row, read: str, put: str, path: str) -> list[str]:
    """Read, convert and put one value."""
    lines = [f"v = {read}"]
    if row.convert is SAME:
        lines.append(f"if v is not MISSING: {put} = v")
    else:
        where = code.name(path)
        lines += [
            "if v is not MISSING:",
            f"    try: v = {code.name(row.convert.to)}(v)",
            f"    except Outside as exc: raise Unwritable({where}, exc) from exc",
            f"    {put} = v",
        ]
    if row.absent is not OMIT:
        lines.append(f"else: {put} = {code.name(row.absent)}")
    return lines


def _read(code: _Code, pointer: str) -> str:
    """The expression that reads a pointer: MISSING where there is nothing."""
    steps = tuple(tokens(pointer))
    if not steps or any(is_position(step) for step in steps):
        return f"{code.name(getter(pointer))}(root, element)"
    return f"{code.above(steps[:-1], relative=is_relative(pointer))}.get({code.name(steps[-1])}, MISSING)"


def _put(code: _Code, target: str) -> str:
    """The place that a row writes; what lies above it is made when it is needed."""
    *within, name = target.split(".")
    place = "out"
    for part in within:
        place = f"{place}.setdefault({code.name(part)}, {{}})"
    return f"{place}[{code.name(name)}]"


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
