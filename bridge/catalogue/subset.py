"""Form schemas: read with their parts, refused outside the subset that every validator reads alike.

The subset (schemas/README.md): decimals are strings, patterns are anchored and use `[0-9]`, every list and string has a
bound, every object is closed; no float, no null, no combinators. A schema outside it is refused when it is loaded.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bridge.errors import SettingsError

KEYWORDS: dict[str, frozenset[str]] = {
    "object": frozenset({"properties", "required", "additionalProperties"}),
    "array": frozenset({"items", "minItems", "maxItems", "uniqueItems"}),
    "string": frozenset({"enum", "const", "pattern", "minLength", "maxLength", "format"}),
    "integer": frozenset({"enum", "const", "minimum", "maximum"}),
    "boolean": frozenset({"const"}),
}
ALWAYS = frozenset({"type", "title", "description", "x-ui", "$schema", "$id", "$defs"})
FORBIDDEN_IN_PATTERNS = re.compile(r"\\[dDwWsSbBpP]|\(\?|[+*}]\)?[+*{]|\([^()]*[+*][^()]*\)[+*{]")
"""Classes that engines read differently, look-arounds, and repetition of what repeats."""


def load(root: Path, path: Path, formats: frozenset[str]) -> dict[str, Any]:
    """The schema at `path` with every `$ref` put in its place. Raises SettingsError naming file and place."""
    schema: dict[str, Any] = _inline(root, path, _read(root, path), ())
    for place, problem in _outside(schema, "", formats):
        raise SettingsError(str(path.relative_to(root)), f"{place or '/'}: {problem}")
    return schema


def _read(root: Path, path: Path) -> Any:
    """A JSON file below the root."""
    if not path.resolve().is_relative_to(root.resolve()):
        raise SettingsError(str(path), "引用超出 schemas 目录 (a $ref leads out of the schemas folder)")
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as exc:
        raise SettingsError(str(path.relative_to(root)), f"无法读取 (cannot be read): {exc}") from exc


def _inline(root: Path, path: Path, node: Any, trail: tuple[Path, ...]) -> Any:
    """The node with referenced files in place of `$ref`; what stands beside a `$ref` overrides."""
    if isinstance(node, list):
        return [_inline(root, path, one, trail) for one in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        target = (path.parent / node["$ref"]).resolve()
        if target in trail:
            raise SettingsError(str(path.relative_to(root)), f"循环引用 (circular $ref): {node['$ref']}")
        made = _inline(root, target, _read(root, target), (*trail, target))
        made.pop("$schema", None)
        return {**made, **{name: part for name, part in node.items() if name != "$ref"}}
    return {name: _inline(root, path, part, trail) for name, part in node.items()}


def _outside(node: Any, place: str, formats: frozenset[str]) -> Iterator[tuple[str, str]]:
    """What of a schema is outside the subset."""
    kind = node.get("type") if isinstance(node, dict) else None
    if kind not in KEYWORDS:
        yield place, "缺少类型，或类型不在 object array string integer boolean 中 (no type of the subset)"
        return
    if unknown := set(node) - KEYWORDS[kind] - ALWAYS:
        yield place, f"不允许的关键字 (keyword outside the subset): {', '.join(sorted(unknown))}"
    if not node.get("title"):
        yield place, "缺少中文标题 (no title)"
    yield from _BOUNDS[kind](node, place, formats)


def _object(node: Any, place: str, formats: frozenset[str]) -> Iterator[tuple[str, str]]:
    if node.get("additionalProperties") is not False:
        yield place, "对象必须封闭 (additionalProperties must be false)"
    if unknown := set(node.get("required", ())) - set(node.get("properties", {})):
        yield place, f"required 中有未定义的字段 (required but not defined): {', '.join(sorted(unknown))}"
    for name, part in node.get("properties", {}).items():
        yield from _outside(part, f"{place}/{name}", formats)


def _array(node: Any, place: str, formats: frozenset[str]) -> Iterator[tuple[str, str]]:
    if not isinstance(node.get("maxItems"), int) or "items" not in node:
        yield place, "列表必须有 items 和 maxItems (a list needs items and maxItems)"
        return
    if node.get("uniqueItems") and node["items"].get("type") != "string":
        yield place, "uniqueItems 只用于文字列表 (uniqueItems is for lists of strings)"
    yield from _outside(node["items"], f"{place}/*", formats)


def _string(node: Any, place: str, formats: frozenset[str]) -> Iterator[tuple[str, str]]:
    if not {"enum", "const", "format"} & set(node) and not isinstance(node.get("maxLength"), int):
        yield place, "文字必须有 maxLength (a string needs maxLength)"
    if "format" in node and node["format"] not in formats:
        yield place, f"未知格式 (unknown format): {node['format']}"
    pattern = node.get("pattern")
    if pattern is None:
        return
    if not pattern.startswith("^") or not pattern.endswith("$"):
        yield place, "正则必须以 ^ 开头、以 $ 结尾 (a pattern is anchored)"
    if FORBIDDEN_IN_PATTERNS.search(pattern) or not pattern.isascii():
        yield place, "正则含有各实现读法不同或回溯过多的写法 (a pattern outside the subset)"


def _plain(node: Any, place: str, _formats: frozenset[str]) -> Iterator[tuple[str, str]]:
    if any(isinstance(node.get(name), float) for name in ("minimum", "maximum")):
        yield place, "界限必须是整数 (bounds are whole numbers)"


_BOUNDS = {"object": _object, "array": _array, "string": _string, "integer": _plain, "boolean": _plain}


def leaves(node: Any, place: str = "") -> Iterator[str]:
    """Pointers of all leaves, with `*` for positions."""
    if node["type"] == "object":
        for name, part in node["properties"].items():
            yield from leaves(part, f"{place}/{name}")
    elif node["type"] == "array":
        yield from leaves(node["items"], f"{place}/*")
    else:
        yield place
