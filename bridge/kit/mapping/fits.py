"""Whether every value of a shape is one that a place of a target's schema takes, lengths in the target's own unit.

What belongs here: one value at one place. What does not: which row writes it, and whether it is there (`proof`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import jsonschema_rs

from bridge.contract.manifest import LengthUnit, length
from bridge.kit.mapping.images import lengths, literal
from bridge.kit.mapping.languages import Unsupported, language, outside
from bridge.kit.mapping.shapes import Anything, Choice, Either, Group, Items, Shape, Text, Whole

SAYS_NOTHING = frozenset({"title", "description", "$schema", "$id", "$defs", "examples", "default", "$comment"})
UNDERSTOOD = SAYS_NOTHING | frozenset(
    {
        *("type", "enum", "const", "pattern", "minLength", "maxLength", "minimum", "maximum", "items", "minItems"),
        *("maxItems", "uniqueItems", "properties", "required", "additionalProperties", "$ref"),
        *("if", "then", "else", "allOf", "minProperties", "maxProperties"),
    }
)
TYPES: Mapping[type, tuple[str, ...]] = {
    Text: ("string",),
    Whole: ("integer", "number"),
    Items: ("array",),
    Group: ("object",),
}


@dataclass(frozen=True, slots=True)
class Gap:
    """Why a value may not be taken."""

    why: str
    certain: bool = True
    """False: it could not be decided."""


@dataclass(frozen=True, slots=True)
class Measure:
    """How the target counts the text of one row."""

    unit: LengthUnit = "characters"
    most: int | None = None
    """What pre-flight lets through, in that unit."""

    def longest(self, shape: Text) -> int | None:
        """The longest text that is sent, in the unit."""
        longest = lengths(shape)[1]
        counted = None if longest is None else longest * self._widest(shape)
        known = [one for one in (counted, self.most) if one is not None]
        return min(known, default=None)

    def _widest(self, shape: Text) -> int:
        """Units that one character of it takes at most: supplementary planes 2 in UTF-16, 4 bytes in GB 18030."""
        high = 0x10FFFF
        for pattern in shape.patterns:
            try:
                high = min(high, language(pattern).widest())
            except Unsupported:
                continue
        if self.unit == "characters" or high < 0x80:
            return 1
        if self.unit == "utf16":
            return 2 if high > 0xFFFF else 1
        return 4


def resolved(schema: Mapping[str, Any], root: Mapping[str, Any]) -> Mapping[str, Any]:
    """A schema with its `$ref` into `$defs` in place; what stands beside overrides."""
    reference = schema.get("$ref")
    if not isinstance(reference, str):
        return schema
    found = root.get("$defs", {}).get(reference.removeprefix("#/$defs/"), {"$ref?": reference})
    return {**resolved(found, root), **{name: one for name, one in schema.items() if name != "$ref"}}


def gaps(shape: Shape, schema: Mapping[str, Any], root: Mapping[str, Any], measure: Measure) -> Iterator[Gap]:
    """Why a value of the shape may not be taken at a place of a target's schema; nothing where each surely is."""
    schema = resolved(schema, root)
    if isinstance(shape, Either):
        for one in shape.shapes:
            yield from gaps(one, schema, root, measure)
    elif isinstance(shape, Choice):
        yield from _choice(shape, schema, root, measure)
    else:
        yield from _of_many(shape, schema, root, measure)


def _of_many(shape: Shape, schema: Mapping[str, Any], root: Mapping[str, Any], measure: Measure) -> Iterator[Gap]:
    """The same of a shape whose values cannot be tried."""
    if unknown := sorted(name for name in set(schema) - UNDERSTOOD if not name.startswith("x-")):
        yield Gap(f"不认识的约束 (constraint not understood): {', '.join(unknown)}", certain=False)
    if isinstance(shape, Anything):
        if set(schema) - SAYS_NOTHING:
            yield Gap("转换器没有说明其取值 (what the converter gives is not known)", certain=False)
        return
    if not _is_of_type(type(shape), schema):
        yield Gap(f"类型不符，应为 (another type is wanted): {schema['type']}")
        return
    match shape:
        case Text():
            yield from _text(shape, schema, measure)
        case Whole():
            yield from _whole(shape, schema)
        case Items():
            yield from _items(shape, schema, root, measure)
        case Group():
            yield from _group(shape, schema, root, measure)


def _is_of_type(kind: type[Shape], schema: Mapping[str, Any]) -> bool:
    wanted = schema.get("type")
    names = wanted if isinstance(wanted, list) else [wanted]
    return wanted is None or any(one in names for one in TYPES[kind])


def _choice(shape: Choice, schema: Mapping[str, Any], root: Mapping[str, Any], measure: Measure) -> Iterator[Gap]:
    """Each value is tried, whatever the schema says."""
    valid = jsonschema_rs.validator_for({**schema, "$defs": root.get("$defs", {})})
    bad = [one for one in shape.values if not valid.is_valid(one)]
    if bad:
        yield Gap(f"{len(bad)} 个取值对方不接受 (values that the target does not take)")
    most = schema.get("maxLength")
    if most is not None and any(isinstance(one, str) and length(one, measure.unit) > most for one in shape.values):
        yield Gap(f"超过 {most}（按对方计长） (too long as the target counts)")


def _text(shape: Text, schema: Mapping[str, Any], measure: Measure) -> Iterator[Gap]:
    least, most = lengths(shape)[0], measure.longest(shape)
    if least < schema.get("minLength", 0):
        yield Gap(f"可短于 {schema['minLength']} (may be shorter)")
    if "maxLength" in schema and (most is None or most > schema["maxLength"]):
        yield Gap(
            f"可长达 {most}，对方只收 {schema['maxLength']} (may be longer than the target takes: {measure.unit})"
        )
    patterns = [schema["pattern"]] if "pattern" in schema else []
    if "enum" in schema or "const" in schema:
        words = [str(one) for one in [*schema.get("enum", ()), *([schema["const"]] if "const" in schema else [])]]
        patterns.append("^(" + "|".join(literal(one) for one in words) + ")$")
    bound = shape.most if measure.most is None else min(measure.most, shape.most or measure.most)
    for pattern in patterns:
        try:
            if outside(shape.patterns, pattern, shape.least, bound) is not None:
                yield Gap(f"有的写法不合 (some texts are not): {pattern}")
        except Unsupported:
            yield Gap(f"无法判定 (cannot be decided): {pattern}", certain=False)


def _whole(shape: Whole, schema: Mapping[str, Any]) -> Iterator[Gap]:
    if "minimum" in schema and (shape.least is None or shape.least < schema["minimum"]):
        yield Gap(f"可小于 {schema['minimum']} (may be less)")
    if "maximum" in schema and (shape.most is None or shape.most > schema["maximum"]):
        yield Gap(f"可大于 {schema['maximum']} (may be more)")
    if "enum" in schema or "const" in schema:
        yield Gap("对方只收代码 (only codes are taken)")


def _items(shape: Items, schema: Mapping[str, Any], root: Mapping[str, Any], measure: Measure) -> Iterator[Gap]:
    yield from sizes(shape, schema)
    if schema.get("uniqueItems") and not shape.unique:
        yield Gap("可有重复 (may hold the same twice)")
    if "items" in schema:
        yield from gaps(shape.of, schema["items"], root, Measure(measure.unit))


def sizes(shape: Items, schema: Mapping[str, Any]) -> Iterator[Gap]:
    """What is wrong with the number of elements."""
    if shape.least < schema.get("minItems", 0):
        yield Gap(f"可少于 {schema['minItems']} 行 (may have fewer elements)")
    if "maxItems" in schema and (shape.most is None or shape.most > schema["maxItems"]):
        yield Gap(f"可多于 {schema['maxItems']} 行 (may have more elements)")


def _group(shape: Group, schema: Mapping[str, Any], root: Mapping[str, Any], measure: Measure) -> Iterator[Gap]:
    if missing := set(schema.get("required", ())) - shape.always:
        yield Gap(f"可缺少 (may lack): {', '.join(sorted(missing))}")
    parts = schema.get("properties", {})
    for name, one in shape.parts.items():
        if name in parts:
            yield from gaps(one, parts[name], root, Measure(measure.unit))
        elif schema.get("additionalProperties") is False:
            yield Gap(f"对方没有这一栏 (the target has no such field): {name}")
