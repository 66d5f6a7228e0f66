"""Shapes: which values may stand at a place, as far as a proof needs to know. Each is an upper bound, never too small.

What belongs here: the shapes and how they are read off a schema. What does not: what a converter makes of one
(`images`), and whether one fits into another (`fits`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice, permutations, product
from typing import Any

FEW = 5_000
"""Values that are tried one by one where nothing better is known."""


@dataclass(frozen=True, slots=True)
class Anything:
    """Nothing is known."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One of these values."""

    values: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Text:
    """A text that has all these patterns (anchored, as schemas have them), and a length in characters."""

    patterns: tuple[str, ...] = ()
    least: int = 0
    most: int | None = None


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole number; None: no bound."""

    least: int | None = None
    most: int | None = None


@dataclass(frozen=True, slots=True)
class Items:
    """A list."""

    of: Shape
    least: int = 0
    most: int | None = None
    unique: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """An object with these parts, some of them always there, and no others."""

    parts: Mapping[str, Shape]
    always: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Either:
    """A value of one of these shapes."""

    shapes: tuple[Shape, ...]


Shape = Anything | Choice | Text | Whole | Items | Group | Either

USCC = "[0-9A-HJ-NPQRTUWXY]"
FORMATS: Mapping[str, Text] = {
    "date": Text(("^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$",)),
    "date-time": Text(
        ("^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\\.[0-9]{1,6})?(Z|[+-][0-9]{2}:[0-9]{2})$",)
    ),
    "uscc": Text((f"^{USCC}{{18}}$",)),
    "id-card": Text(("^[1-9][0-9]{16}[0-9X]$",)),
    "mobile": Text(("^1[3-9][0-9]{9}$",)),
    "phone": Text(("^(1[3-9][0-9]{9}|0[0-9]{2,3}-[0-9]{7,8}(-[0-9]{1,6})?)$",)),
    "zip": Text(("^[0-9]{6}$",)),
    "email": Text(("^[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9.-]{1,576}$",)),
    "region": Text(("^[1-8][0-9]{5}$",)),
    "district": Text(("^[1-8][0-9]{5}$",)),
    "permit-number": Text((f"^{USCC}{{18}}[0-9]{{3}}[A-Z]$",)),
    "decimal-lon": Text(("^(0|[1-9][0-9]?|1[0-7][0-9]|180)(\\.[0-9]{1,5})?$",)),
    "decimal-lat": Text(("^(0|[1-9]|[1-8][0-9]|90)(\\.[0-9]{1,5})?$",)),
}
"""What the formats of forms let through, each an upper bound of its check (a law holds that it is one)."""


def of_schema(schema: Mapping[str, Any]) -> Shape:
    """The shape of a form's schema, or part of one, with references in place (the subset of schemas/README.md)."""
    if "const" in schema or "enum" in schema:
        return Choice((schema["const"],) if "const" in schema else tuple(schema["enum"]))
    made: Shape = Anything()
    match schema.get("type"):
        case "object":
            parts = {name: of_schema(one) for name, one in schema.get("properties", {}).items()}
            made = Group(parts, frozenset(schema.get("required", ())))
        case "array":
            least, most = schema.get("minItems", 0), schema.get("maxItems")
            made = Items(of_schema(schema["items"]), least, most, schema.get("uniqueItems", False))
        case "string":
            made = _text(schema)
        case "integer":
            made = Whole(schema.get("minimum"), schema.get("maximum"))
        case "boolean":
            made = Choice((True, False))
    return made


def _text(schema: Mapping[str, Any]) -> Text:
    known = FORMATS.get(schema.get("format", ""), Text())
    patterns = (*known.patterns, *([schema["pattern"]] if "pattern" in schema else []))
    return Text(patterns, schema.get("minLength", 0), schema.get("maxLength"))


def values_of(shape: Shape) -> list[Any] | None:
    """All values of a shape where there are few; None where there are not."""
    found = list(islice(_values(shape), FEW + 1))
    return found if len(found) <= FEW and _NEVER not in found else None


class _Never:
    """Stands for values that cannot be listed."""

    def __eq__(self, other: object) -> bool:
        return self is other

    __hash__ = object.__hash__


_NEVER = _Never()


def _values(shape: Shape) -> Iterator[Any]:
    match shape:
        case Choice(values):
            yield from values
        case Whole(least, most) if least is not None and most is not None:
            yield from range(least, most + 1)
        case Either(shapes):
            for one in shapes:
                yield from _values(one)
        case Items(of, least, most, unique) if most is not None:
            parts = list(islice(_values(of), FEW + 1))
            if _NEVER in parts or len(parts) > FEW:
                yield _NEVER
                return
            for size in range(least, most + 1):
                drawn = permutations(parts, size) if unique else product(parts, repeat=size)
                yield from (list(one) for one in drawn)
        case _:
            yield _NEVER


def part(shape: Shape, name: str) -> Shape:
    """The shape of a group's part."""
    return shape.parts.get(name, Anything()) if isinstance(shape, Group) else Anything()
