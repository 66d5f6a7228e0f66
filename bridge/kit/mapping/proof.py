"""The static proof of a table: every source that passes form and pre-flight gives a payload that the schema takes.

Row by row: what may stand at the source, through the converter, cut by what pre-flight finds, against the target's
field. Then each group of the target: what it requires is written whenever the group is, under every combination of the
rows' conditions (`scenes`). Pure: a table, the shape of its sources (`facts`) and the target's schema go in, findings
come out. What cannot be decided is said to be unproven: boundary values and random documents cover it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from bridge.kit.mapping.converters import SAME, OutsideDomain
from bridge.kit.mapping.fits import Gap, Measure, gaps, resolved, sizes
from bridge.kit.mapping.places import Place, place_at
from bridge.kit.mapping.readback import is_derived, is_lossless
from bridge.kit.mapping.reading import is_relative
from bridge.kit.mapping.scenes import FormRule, requirements
from bridge.kit.mapping.shapes import Anything, Choice, Either, Group, Items, Shape, Text, values_of
from bridge.kit.mapping.table import OMIT, AnyRow, Constant, Each, Row, Table

FindingKind = Literal["hole", "unproven", "said", "never", "preflight"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that the proof says of a table."""

    kind: FindingKind
    """`hole`: a valid entry may make an invalid payload, or be lost. `unproven`: not decided. `said`: what another
    system said may not fit, which nobody can mend at entry; the delivery is parked then. `never`: no source
    meets the row's condition, so it is not written. `preflight`: it is found at entry, in the form's words."""
    path: str
    """The target's field, lists as `[]`."""
    source: str
    """The row's pointer from the root, lists as `*`; empty where no row is meant."""
    why: str
    """`中文 (English)`."""


def prove(
    table: Table,
    schema: Mapping[str, Any],
    source: Group,
    *,
    present: Collection[str] = (),
    rules: Sequence[FormRule] = (),
) -> tuple[Finding, ...]:
    """All findings, in the table's order.

    `present` are pointers of facts that the mapping waits for by its own code, `rules` what rules across fields say of
    what must or must not be there. An empty answer, `preflight` apart, means: the law holds.
    """
    known = frozenset({*present, *(f"/facts/{name}" for name in table.needs)})
    scope = _Scope(table, schema, source, source, "", "", of_form=False)
    missing = (_missing(*one) for one in requirements(table, schema, source, known, rules))
    return tuple(dict.fromkeys([*_rows(table.rows, schema, scope), *missing]))


def _missing(kind: FindingKind, path: str, pointer: str, why: str) -> Finding:
    """What may be missing; where another system should have said it, it is not the table's fault."""
    return Finding("said" if kind == "hole" and _is_said(pointer) else kind, path, pointer, why)


def _is_said(pointer: str) -> bool:
    """Whether other systems, or a person later than the form, say what stands there."""
    return any(pointer.startswith(one) for one in SAID)


@dataclass(frozen=True, slots=True)
class _Scope:
    """Where the rows stand that are looked at."""

    table: Table
    root: Mapping[str, Any]
    source: Group
    element: Shape
    base: str
    """Pointer of the element."""
    within: str
    """The target's path so far."""
    of_form: bool

    def place(self, pointer: str) -> Place | None:
        """What stands at a row's source."""
        return place_at(self.element if is_relative(pointer) else self.source, pointer)

    def absolute(self, pointer: str) -> str:
        """A row's pointer from the root."""
        return self.base + pointer[1:] if is_relative(pointer) else pointer

    def is_of_form(self, pointer: str) -> bool:
        """Whether a person entered it."""
        return self.of_form if is_relative(pointer) else pointer.startswith("/data")


def _rows(rows: Sequence[AnyRow], node: Mapping[str, Any], scope: _Scope) -> Iterator[Finding]:
    """What is to be said of each row of a table, or of one list in it."""
    node = resolved(node, scope.root)
    for row in rows:
        path = scope.within + row.target
        leaf = _leaf(node, row.target, scope.root)
        if leaf is None:
            pointer = "" if isinstance(row, Constant) else scope.absolute(row.source)
            yield Finding("hole", path, pointer, "对方没有这一栏 (the target has no such field)")
        elif isinstance(row, Constant):
            for gap in gaps(Choice((row.value,)), leaf, scope.root, Measure(scope.table.length_unit)):
                yield Finding("hole" if gap.certain else "unproven", path, "", gap.why)
        elif isinstance(row, Each):
            yield from _each(row, leaf, scope, path)
        else:
            yield from _row(row, leaf, scope, path)
            yield from _way_back(row, rows, scope, path)


def _leaf(node: Mapping[str, Any], target: str, root: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The target's schema at a path; None where it has no such field."""
    for name in target.split("."):
        parts = node.get("properties", {})
        if name in parts:
            node = resolved(parts[name], root)
        elif node.get("additionalProperties") is False:
            return None
        else:
            return {}
    return node


def _each(row: Each, leaf: Mapping[str, Any], scope: _Scope, path: str) -> Iterator[Finding]:
    """A list: its size, then its elements."""
    pointer, place = scope.absolute(row.source), scope.place(row.source)
    shape = place.shape if place is not None else Anything()
    if not isinstance(shape, Items):
        yield Finding("hole", path, pointer, "来源不是列表 (the source is no list)")
        return
    of_form = scope.is_of_form(row.source)
    if row.max_items is not None and (shape.most is None or shape.most > row.max_items):
        yield Finding("preflight", path, pointer, f"最多 {row.max_items} 行 (at most {row.max_items} elements)")
        shape = replace(shape, most=row.max_items)
    if "type" in leaf and leaf["type"] != "array":
        yield Finding("hole", path, pointer, "对方不收列表 (the target takes no list)")
    for gap in sizes(shape, leaf):
        yield _finding(gap, path, pointer)
    inside = replace(
        scope,
        element=shape.of,
        base=f"{pointer}/*",
        within=f"{path}[].",
        of_form=of_form,
    )
    yield from _rows(row.rows, leaf.get("items", {}), inside)


def _row(row: Row, leaf: Mapping[str, Any], scope: _Scope, path: str) -> Iterator[Finding]:
    """A value: what may come out of the converter against what the target takes."""
    pointer, place = scope.absolute(row.source), scope.place(row.source)
    if row.when is not None and scope.place(row.when.pointer) is None:
        yield Finding("never", path, pointer, "条件不会成立，从不写 (its condition never holds)")
        return
    if place is None:
        yield Finding("hole", path, pointer, "来源中没有 (nothing can stand at this source)")
        return
    given = narrowed(row, place.shape)
    made, lost = written(row, given)
    if lost:
        yield Finding("hole", path, pointer, f"{lost} 个取值无法转换 (values that the converter has no answer for)")
    if row.max_length is not None and not pointer.startswith("/facts"):
        measure = Measure(scope.table.length_unit, row.max_length)
        if (longest := _longest(made, Measure(scope.table.length_unit))) is None or longest > row.max_length:
            words = f"最长 {row.max_length} (at most {row.max_length} {scope.table.length_unit})"
            yield Finding("preflight", path, pointer, words)
    else:
        measure = Measure(scope.table.length_unit)
    if row.absent is not OMIT:
        made = Either((made, Choice((row.absent,))))
    for gap in gaps(made, leaf, scope.root, measure):
        yield _finding(gap, path, pointer)
    if row.convert.units is not None:
        yield from _units(row, leaf, path, pointer)


def _longest(shape: Shape, measure: Measure) -> int | None:
    match shape:
        case Text():
            return measure.longest(shape)
        case Either(shapes):
            found = [_longest(one, measure) for one in shapes]
            return None if None in found else max(one or 0 for one in found)
        case Anything():
            return None
    return 0


def narrowed(row: Row, shape: Shape) -> Shape:
    """What may stand at a row's source where its own condition is about that source."""
    if row.when is None or row.when.pointer != row.source or not row.when.values:
        return shape
    if isinstance(shape, Choice):
        return Choice(tuple(one for one in shape.values if one in row.when.values))
    return Choice(row.when.values)


def written(row: Row, shape: Shape) -> tuple[Shape, int]:
    """What a converter makes of a shape, and how many of a few values it has no answer for."""
    if row.convert is SAME:
        return shape, 0
    values = values_of(shape)
    if values is None:
        return (Anything() if row.convert.image is None else row.convert.image(shape)), 0
    made: list[Any] = []
    lost = 0
    for one in values:
        try:
            made.append(row.convert.to(one))
        except OutsideDomain:
            lost += 1
    return Choice(tuple(made)), lost


def _finding(gap: Gap, path: str, pointer: str) -> Finding:
    """A gap of a row; what another system said is nobody's fault here."""
    if gap.certain and _is_said(pointer):
        return Finding("said", path, pointer, gap.why)
    return Finding("hole" if gap.certain else "unproven", path, pointer, gap.why)


SAID = (
    "/facts/case_number",
    "/facts/licence",
    "/facts/step",
    "/facts/states/",
    "/facts/withdrawal/reason",
    "/facts/promise_at",
)
"""Facts that come from other systems, or from a person later than the form."""


def _way_back(row: Row, rows: Sequence[AnyRow], scope: _Scope, path: str) -> Iterator[Finding]:
    """A row that is said to be lossless is; one that is not says why."""
    pointer, place = scope.absolute(row.source), scope.place(row.source)
    if place is None or row.loss is not None or (row.when and scope.place(row.when.pointer) is None):
        return
    if not is_lossless(row):
        others = [one for one in rows if isinstance(one, Row) and one.source == row.source]
        if not is_derived(others):
            yield Finding("hole", path, pointer, "不能还原而未说明 (lossy, and no reason is given)")
        return
    shape = narrowed(row, place.shape)
    for one in values_of(shape) or []:
        try:
            same = row.convert.back(row.convert.to(one)) == row.convert.canonical(one)
        except OutsideDomain:
            continue  # told by `_row`
        if not same:
            yield Finding("hole", path, pointer, "声明可还原而不能 (said to be lossless, and is not)")
            return
    made, _ = written(row, shape)
    if row.absent is not OMIT and isinstance(made, Choice) and row.absent in made.values:
        yield Finding("hole", path, pointer, "空缺的写法也是一个取值 (what stands for nothing is also a value)")


def _units(row: Row, leaf: Mapping[str, Any], path: str, pointer: str) -> Iterator[Finding]:
    """The unit that a box is named after, and the one that the target's schema names, are those of the converter."""
    ours, theirs = row.convert.units or ("", "")
    box = pointer.rpartition("_")[2]
    if box.lower() in KNOWN_UNITS and box.lower() != ours.lower():
        yield Finding("hole", path, pointer, f"表单以 {box} 计，转换器以 {ours} 计 (the box and the converter differ)")
    if leaf.get("x-unit", theirs) != theirs:
        yield Finding("hole", path, pointer, "对方的单位与转换器不同 (the target's unit and the converter's differ)")


KNOWN_UNITS = frozenset({"bq", "kbq", "mbq", "gbq", "tbq", "ci", "mci", "kg", "t"})
"""Ends of names of boxes that tell a unit."""
