"""Form schemas: read with their parts, refused outside the subset that every validator reads alike.

The subset of JSON Schema 2020-12 (schemas/README.md): decimals are strings, patterns are anchored and plain
(`patterns`), every list and string has a bound, every object is closed; no float, no null, no combinators. `$ref` leads
to a file below the schemas folder, or to a place in one (`file.json#/$defs/x`), never to the network.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from bridge.catalogue.patterns import BadPattern, check_pattern
from bridge.errors import SettingsError
from bridge.model.pointer import Unresolved, resolve

DIALECT = "https://json-schema.org/draft/2020-12/schema"
KEYWORDS: dict[str, frozenset[str]] = {
    "object": frozenset({"properties", "required", "additionalProperties"}),
    "array": frozenset({"items", "minItems", "maxItems", "uniqueItems"}),
    "string": frozenset({"enum", "const", "pattern", "minLength", "maxLength", "format"}),
    "integer": frozenset({"enum", "const", "minimum", "maximum"}),
    "boolean": frozenset({"const"}),
}
ALWAYS = frozenset({"type", "title", "description", "x-ui", "$schema", "$id", "$defs"})

Found = Iterator[tuple[str, str]]
"""(place in the form, what is wrong there)."""


def load(root: Path, path: Path, formats: frozenset[str]) -> dict[str, Any]:
    """The schema at `path` with every `$ref` put in its place. Raises SettingsError naming file and place."""
    schema = _Files(root).inline(path.resolve(), _Files(root).read(path.resolve()), ())
    if not isinstance(schema, dict) or schema.get("type") != "object":
        raise SettingsError(_name(root, path), "表单须是 object (a form is an object)")
    for place, problem in _outside(schema, "", formats):
        raise SettingsError(_name(root, path), f"{place or '/'}: {problem}")
    return schema


def leaves(node: Any, place: str = "") -> Iterator[str]:
    """Pointers of all leaves, with `*` for positions."""
    if node["type"] == "object":
        for name, part in node.get("properties", {}).items():
            yield from leaves(part, f"{place}/{name}")
    elif node["type"] == "array":
        yield from leaves(node["items"], f"{place}/*")
    else:
        yield place


def shared(root: Path, path: Path) -> dict[str, str]:
    """Places of a form that are parts shared by several: pointer → name of the part (`schemas/common/<name>.json`).

    A list whose elements are such a part is one, too. Raises SettingsError.
    """
    found: dict[str, str] = {}
    for name, node in _Files(root).read(path.resolve()).get("properties", {}).items():
        reference = node.get("$ref") or node.get("items", {}).get("$ref") or ""
        target = (path.parent / reference.partition("#")[0]).resolve()
        if reference and target.parent == (root / "common").resolve():
            found[f"/{name}"] = target.stem
    return found


class _Files:
    """Schema files below a root, and references between them."""

    def __init__(self, root: Path) -> None:
        self._root = root.resolve()

    def read(self, path: Path) -> Any:
        """A JSON file below the root. Raises SettingsError."""
        if not path.is_relative_to(self._root):
            raise SettingsError(path.name, "引用超出 schemas 目录 (a $ref leads out of the schemas folder)")
        try:
            return json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as exc:
            raise SettingsError(_name(self._root, path), f"无法读取 (cannot be read): {exc}") from exc

    def inline(self, path: Path, node: Any, trail: tuple[str, ...]) -> Any:
        """The node with what is referenced in place of each `$ref`; what stands beside a `$ref` overrides."""
        if isinstance(node, list):
            return [self.inline(path, one, trail) for one in node]
        if not isinstance(node, dict):
            return node
        beside = {name: self.inline(path, part, trail) for name, part in node.items() if name not in {"$ref", "$defs"}}
        if not isinstance(node.get("$ref"), str):
            return beside
        made = self._referenced(path, node["$ref"], trail)
        return {**made, **beside}

    def _referenced(self, path: Path, reference: str, trail: tuple[str, ...]) -> dict[str, Any]:
        """What a `$ref` leads to, inlined itself."""
        file, _, fragment = reference.partition("#")
        if "://" in file or file.startswith("/"):
            raise SettingsError(_name(self._root, path), f"只能引用本目录下的文件 (only files below): {reference}")
        target = (path.parent / file).resolve() if file else path
        mark = f"{target}#{fragment}"
        if mark in trail:
            raise SettingsError(_name(self._root, path), f"循环引用 (circular $ref): {reference}")
        try:
            part = resolve(self.read(target), fragment)
        except Unresolved:
            part = None
        if not isinstance(part, dict):
            raise SettingsError(_name(self._root, path), f"引用没有所指 ($ref leads nowhere): {reference}")
        made: dict[str, Any] = self.inline(target, part, (*trail, mark))
        return {name: one for name, one in made.items() if name not in {"$schema", "$id"}}


def _name(root: Path, path: Path) -> str:
    """A file as a message names it: below the root."""
    full = path.resolve()
    return str(full.relative_to(root.resolve())) if full.is_relative_to(root.resolve()) else path.name


def _outside(node: Any, place: str, formats: frozenset[str]) -> Found:
    """What of a schema is outside the subset."""
    kind = node.get("type") if isinstance(node, dict) else None
    if not isinstance(kind, str) or kind not in KEYWORDS:
        yield place, "缺少类型，或类型不在 object array string integer boolean 中 (no type of the subset)"
        return
    if unknown := set(node) - KEYWORDS[kind] - ALWAYS:
        yield place, f"不允许的关键字 (keyword outside the subset): {', '.join(sorted(unknown))}"
    if node.get("$schema", DIALECT) != DIALECT:
        yield place, f"$schema 须为 (must be) {DIALECT}"
    if not _is_text(node.get("title")):
        yield place, "缺少中文标题 (no title)"
    ui = node.get("x-ui", {})
    if not isinstance(ui, dict) or not _is_text(ui.get("title_en")):
        yield place, "缺少英文标题 (no x-ui.title_en)"
    yield from _BOUNDS[kind](node, place, formats)


def _object(node: Any, place: str, formats: frozenset[str]) -> Found:
    if node.get("additionalProperties") is not False:
        yield place, "对象必须封闭 (additionalProperties must be false)"
    parts = node.get("properties")
    if not isinstance(parts, dict) or not parts:
        yield place, "对象必须有 properties (an object has properties)"
        return
    required = node.get("required", [])
    if not isinstance(required, list) or not all(isinstance(one, str) and one in parts for one in required):
        yield place, "required 中有未定义的字段 (required but not defined)"
    for name, part in parts.items():
        yield from _outside(part, f"{place}/{name}", formats)


def _array(node: Any, place: str, formats: frozenset[str]) -> Found:
    if not _is_count(node.get("maxItems")) or not isinstance(node.get("items"), dict):
        yield place, "列表必须有 items 和 maxItems (a list needs items and maxItems)"
        return
    if not _is_count(node.get("minItems", 0)) or node.get("minItems", 0) > node["maxItems"]:
        yield place, "minItems 不正确 (wrong minItems)"
    unique = node.get("uniqueItems", False)
    if not isinstance(unique, bool) or (unique and node["items"].get("type") != "string"):
        yield place, "uniqueItems 只用于文字列表 (uniqueItems is for lists of strings)"
    yield from _outside(node["items"], f"{place}/*", formats)


def _string(node: Any, place: str, formats: frozenset[str]) -> Found:
    bounded = {"enum", "const", "format"} & set(node)
    if not bounded and not _is_count(node.get("maxLength")):
        yield place, "文字必须有 maxLength (a string needs maxLength)"
    lengths = [node[name] for name in ("minLength", "maxLength") if name in node]
    if not all(_is_count(one) for one in lengths) or lengths != sorted(lengths):
        yield place, "长度界限不正确 (wrong bounds of length)"
    if "format" in node and node["format"] not in formats:
        yield place, f"未知格式 (unknown format): {node['format']}"
    yield from _choices(node, place, str)
    if "pattern" in node:
        try:
            check_pattern(node["pattern"] if isinstance(node["pattern"], str) else "")
        except BadPattern as exc:
            yield place, f"pattern: {exc}"


def _integer(node: Any, place: str, _formats: frozenset[str]) -> Found:
    bounds = [node[name] for name in ("minimum", "maximum") if name in node]
    if not all(isinstance(one, int) and not isinstance(one, bool) for one in bounds) or bounds != sorted(bounds):
        yield place, "界限必须是整数 (bounds are whole numbers)"
    yield from _choices(node, place, int)


def _boolean(node: Any, place: str, _formats: frozenset[str]) -> Found:
    yield from _choices(node, place, bool)


def _choices(node: Any, place: str, kind: type) -> Found:
    """`enum` and `const` hold values of the node's own type."""
    values = node.get("enum", [])
    if "enum" in node and (not isinstance(values, list) or not values):
        yield place, "enum 不能为空 (enum is a list and not empty)"
    elif any(type(one) is not kind for one in [*values, *([node["const"]] if "const" in node else [])]):
        yield place, "enum 或 const 的类型不符 (enum or const of another type)"


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


_BOUNDS: dict[str, Callable[[Any, str, frozenset[str]], Found]] = {
    "object": _object,
    "array": _array,
    "string": _string,
    "integer": _integer,
    "boolean": _boolean,
}
