"""What a target requires is written: looked at under every combination of the conditions that a table's rows have.

A scene says of each pointer that a condition asks for which value it has, or that there is none. Under a scene it is
known which rows apply; a row is then written wherever all that its source lies in is there. What does not belong here:
whether the values fit (`fits`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from math import prod
from typing import Any, Literal

from bridge.kit.mapping.converters import OutsideDomain
from bridge.kit.mapping.fits import resolved
from bridge.kit.mapping.places import place_at
from bridge.kit.mapping.reading import is_relative
from bridge.kit.mapping.shapes import Anything, Choice, Group, Items, Shape
from bridge.kit.mapping.table import OMIT, AnyRow, Constant, Each, Row, Table, When

Said = tuple[Literal["hole", "unproven", "preflight"], str, str, str]
"""Kind, path, source and words of a finding."""

MOST_SCENES = 20_000


class _Mark:
    """A value that is none of JSON's."""


TYPE = "/facts/type"
"""What most rules of forms depend on."""
ABSENT, OTHER = _Mark(), _Mark()
"""No value; a value that no condition names."""

Scene = Mapping[str, Any]

NEVER: None = None


@dataclass(frozen=True, slots=True)
class FormRule:
    """What a rule of the form says of one place of the source, under conditions that all hold."""

    pointer: str
    present: bool
    """It must be there, or must not be."""
    when: tuple[When, ...] = ()


@dataclass(frozen=True, slots=True)
class _Writer:
    """A row under a scene: it is written where all of `optional` is there; None: never."""

    names: tuple[str, ...]
    optional: frozenset[str] | None
    row: AnyRow


@dataclass(frozen=True, slots=True)
class _Level:
    """The rows of a table, or of one list in it."""

    rows: Sequence[AnyRow]
    root: Mapping[str, Any]
    source: Group
    element: Shape
    known: frozenset[str]
    needs_when: Mapping[str, When]
    rules: Sequence[FormRule]
    base: str
    within: str
    of_form: bool

    def at(self, pointer: str) -> Shape:
        return self.element if is_relative(pointer) else self.source

    def absolute(self, pointer: str) -> str:
        return self.base + pointer[1:] if is_relative(pointer) else pointer

    def optional(self, pointer: str, known: frozenset[str]) -> frozenset[str] | None:
        """What may be missing of the way to a pointer; None where nothing can stand there."""
        place = place_at(self.at(pointer), pointer)
        if place is None:
            return None
        return frozenset(one for one in place.optional if not any(_lies_in(there, one) for there in known))


def requirements(
    table: Table, schema: Mapping[str, Any], source: Group, known: frozenset[str], rules: Sequence[FormRule] = ()
) -> Iterator[Said]:
    """What may be missing though the target requires it, and what pre-flight asks for; `known` facts are there."""
    level = _Level(table.rows, schema, source, Anything(), known, table.needs_when, rules, "", "", of_form=False)
    yield from _level(level, schema)


def _level(level: _Level, node: Mapping[str, Any]) -> Iterator[Said]:
    node = resolved(node, level.root)
    pointers = _pointers(level, node)
    if prod(len(values) for values in pointers.values()) > MOST_SCENES:
        yield "unproven", level.within.rstrip("."), "", "条件组合太多 (too many combinations of conditions)"
        return
    for values in product(*pointers.values()):
        yield from _scene(level, node, dict(zip(pointers, values, strict=True)))
    for row in level.rows:
        if isinstance(row, Each):
            yield from _inside(level, node, row)


def _inside(level: _Level, node: Mapping[str, Any], row: Each) -> Iterator[Said]:
    """The elements of a list."""
    place = place_at(level.at(row.source), row.source)
    if place is None or not isinstance(place.shape, Items):
        return
    leaf = node
    for name in row.target.split("."):
        leaf = resolved(leaf.get("properties", {}).get(name, {}), level.root)
    pointer = level.absolute(row.source)
    inside = _Level(
        row.rows,
        level.root,
        level.source,
        place.shape.of,
        level.known,
        {},
        (),
        f"{pointer}/*",
        f"{level.within}{row.target}[].",
        of_form=level.of_form if is_relative(row.source) else row.source.startswith("/data"),
    )
    yield from _level(inside, leaf.get("items", {}))


def _pointers(level: _Level, node: Mapping[str, Any]) -> dict[str, list[Any]]:
    """What the scenes differ in: each pointer that a condition asks for, with all that may be there."""
    asked: dict[str, set[Any]] = {}
    for when in [*(row.when for row in level.rows if isinstance(row, Row) and row.when), *level.needs_when.values()]:
        asked.setdefault(when.pointer, set()).update(when.values)
    deciding = set(_deciding(node, level.root, ""))
    for row in level.rows:
        if isinstance(row, Row) and row.target in deciding:
            asked.setdefault(row.source, set())
    if any(when.pointer == TYPE for rule in level.rules for when in rule.when):
        asked.setdefault(TYPE, set())
    return {pointer: _values(level, pointer, values) for pointer, values in asked.items()}


def _values(level: _Level, pointer: str, named: set[Any]) -> list[Any]:
    """What may stand at a pointer, as far as conditions tell it apart."""
    place, optional = place_at(level.at(pointer), pointer), level.optional(pointer, level.known)
    if place is None or optional is None:
        return [ABSENT]
    values = list(place.shape.values) if isinstance(place.shape, Choice) else [*sorted(named, key=str), OTHER]
    return [*values, *([ABSENT] if optional else [])]


def _deciding(node: Mapping[str, Any], root: Mapping[str, Any], within: str) -> Iterator[str]:
    """Paths of the fields that conditions of a target's schema look at."""
    node = resolved(node, root)
    for part in (node, *node.get("allOf", ())):
        inner: Any = part
        while isinstance(inner, Mapping) and "if" in inner:
            yield from (f"{within}{name}" for name in inner["if"].get("properties", {}))
            inner = inner.get("else", {})
    for name, part in node.get("properties", {}).items():
        yield from _deciding(part, root, f"{within}{name}.")


def _scene(level: _Level, node: Mapping[str, Any], scene: Scene) -> Iterator[Said]:
    """What is missing under one scene. A scene that pre-flight stops has nothing missing."""
    ruled = [rule for rule in level.rules if all(w.pointer in scene and _holds(w, scene) for w in rule.when)]
    there = {pointer for pointer, value in scene.items() if value is not ABSENT}
    there |= {rule.pointer for rule in ruled if rule.present}
    missing = {pointer for pointer, value in scene.items() if value is ABSENT}
    missing |= {rule.pointer for rule in ruled if not rule.present}
    if any(_lies_in(one, other) for one in there for other in missing):
        return  # the form refuses it
    needed = {f"/facts/{name}" for name, when in level.needs_when.items() if _holds(when, scene)}
    known = level.known | there | needed
    writers: list[_Writer] = []
    for row in level.rows:
        if isinstance(row, Row) and row.when is not None and not _holds(row.when, scene):
            continue
        writer = _writer(level, row, missing, known)
        if isinstance(row, Row) and row.required and row.absent is OMIT and _is_of_form(level, row.source):
            if writer.optional is None:
                return
            if writer.optional:
                why = "必须填写 (must be filled in)"
                yield "preflight", level.within + row.target, level.absolute(row.source), why
                writer = _Writer(writer.names, frozenset(), row)
        writers.append(writer)
    written = [one for one in writers if one.optional is not None]
    yield from _group(level, node, scene, written, at=(), triggers=[frozenset()])


def _is_of_form(level: _Level, pointer: str) -> bool:
    return level.of_form if is_relative(pointer) else pointer.startswith("/data")


def _writer(level: _Level, row: AnyRow, missing: set[str], known: frozenset[str]) -> _Writer:
    """When a row that applies is written."""
    names = tuple(row.target.split("."))
    if isinstance(row, Constant) or (isinstance(row, Row) and row.absent is not OMIT):
        return _Writer(names, frozenset(), row)
    if any(_lies_in(row.source, pointer) for pointer in missing):
        return _Writer(names, NEVER, row)
    return _Writer(names, level.optional(row.source, known), row)


def _holds(when: When, scene: Scene) -> bool:
    value = scene[when.pointer]
    return value is not ABSENT and (not when.values or value in when.values)


def _lies_in(pointer: str, above: str) -> bool:
    return pointer == above or pointer.startswith(f"{above}/")


def _group(
    level: _Level,
    node: Mapping[str, Any],
    scene: Scene,
    writers: Sequence[_Writer],
    *,
    at: tuple[str, ...],
    triggers: Sequence[frozenset[str]],
) -> Iterator[Said]:
    """What a group lacks, wherever one of `triggers` makes that it is there."""
    node = resolved(node, level.root)
    depth = len(at)
    parts: dict[str, list[_Writer]] = {}
    for one in writers:
        parts.setdefault(one.names[depth], []).append(one)
    always = {name: {one.optional or frozenset() for one in several} for name, several in parts.items()}
    path = level.within + ".".join(at)
    required, doubts = _required(node, parts, depth, scene)
    for name in required:
        surely = always.get(name, set())
        if not all(any(one <= trigger for one in surely) for trigger in triggers):
            rows = [one.row for one in parts.get(name, []) if not isinstance(one.row, Constant)]
            pointer = level.absolute(rows[0].source) if rows else ""
            where = f"{path}.{name}" if path and not path.endswith(".") else f"{path}{name}"
            yield "hole", where, pointer, "对方必填而可能没有 (required by the target, and may be missing)"
    for doubt in doubts:
        yield "unproven", path, "", doubt
    least, most = node.get("minProperties", 0), node.get("maxProperties", len(parts))
    if sum(any(one <= triggers[0] for one in surely) for surely in always.values()) < least or len(parts) > most:
        yield "hole", path, "", "部分的个数不合 (too few or too many parts)"
    for name, several in parts.items():
        child = resolved(node.get("properties", {}).get(name, {}), level.root)
        if all(len(one.names) > depth + 1 for one in several):
            yield from _group(level, child, scene, several, at=(*at, name), triggers=sorted(always[name], key=sorted))


def _required(
    node: Mapping[str, Any], parts: Mapping[str, Sequence[_Writer]], depth: int, scene: Scene
) -> tuple[list[str], list[str]]:
    """What a group requires under a scene, and which of its conditions are not understood."""
    required, doubts = list(node.get("required", ())), []
    todo: list[Any] = [node, *node.get("allOf", ())]
    while todo:
        part = todo.pop()
        if part is not node:
            required += part.get("required", ())
            if set(part) - {"if", "then", "else", "required"}:
                doubts.append("不认识的条件 (condition not understood)")
        if "if" in part:
            holds = _decided(part["if"], parts, depth, scene)
            todo += [part.get("then", {})] if holds is not False else []
            todo += [part.get("else", {})] if holds is not True else []
    return required, doubts


def _decided(
    condition: Mapping[str, Any], parts: Mapping[str, Sequence[_Writer]], depth: int, scene: Scene
) -> bool | None:
    """Whether a condition of the target's schema holds; None where the scene does not tell."""
    if set(condition) - {"properties"}:
        return None
    for name, wanted in condition["properties"].items():
        if set(wanted) - {"const", "enum"}:
            return None
        value = _told(parts.get(name, ()), depth, scene)
        if value is OTHER:
            return None
        if value is not ABSENT and value not in wanted.get("enum", [wanted.get("const")]):
            return False
    return True


def _told(writers: Sequence[_Writer], depth: int, scene: Scene) -> Any:
    """The value of a field under a scene; OTHER where it is not known."""
    if not writers:
        return ABSENT
    row = writers[0].row
    if len(writers) > 1 or len(writers[0].names) != depth + 1 or isinstance(row, Each):
        return OTHER
    return row.value if isinstance(row, Constant) else _converted(row, scene.get(row.source, OTHER))


def _converted(row: Row, value: Any) -> Any:
    """What a row makes of a value of a scene."""
    if value is ABSENT or value is OTHER:
        return row.absent if value is ABSENT and row.absent is not OMIT else value
    try:
        return row.convert.to(value)
    except OutsideDomain:
        return OTHER
