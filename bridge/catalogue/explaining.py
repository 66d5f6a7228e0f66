"""The validator that says why: `jsonschema` with our own reading of every keyword of the subset.

The usual readings let bad data in (`$` before a line end, formats ignored, `1` taken for `1.0` or `true`) and put the
value into the error's text. Here patterns match whole, formats count, and an error names its keyword and nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError
from jsonschema.validators import extend

from bridge.catalogue.formats import Format

Test = Callable[[Any, Any], bool]
"""(the keyword's value, the instance) → whether it passes."""


def explainer(schema: Mapping[str, Any], formats: Mapping[str, Format]) -> Any:
    """A validator of `schema` whose `iter_errors` gives every failure.

    An error's `message` is the name that is missing or unknown, for `required` and `additionalProperties`; else empty.
    """
    keywords: dict[str, Any] = {
        name: _keyword(types, test)
        for name, (types, test) in {
            **TESTS,
            "pattern": (str, whole_match),
            "format": (str, lambda name, one: formats[name].check(one)),
        }.items()
    }
    keywords |= {"required": _required, "additionalProperties": _closed, "type": _type}
    made: Any = extend(Draft202012Validator, keywords)  # type: ignore[no-untyped-call] # jsonschema's own lack
    return made(dict(schema))


def _is(kind: str, value: Any) -> bool:
    """Whether a value is of a type of the subset, exactly: `true` is no integer, nor is `1.0`."""
    return type(value) is {"object": dict, "array": list, "string": str, "integer": int, "boolean": bool}[kind]


def _same(value: Any, other: Any) -> bool:
    return type(value) is type(other) and value == other


TESTS: Mapping[str, tuple[type, Test]] = {
    "minLength": (str, lambda least, one: len(one) >= least),
    "maxLength": (str, lambda most, one: len(one) <= most),
    "minItems": (list, lambda least, one: len(one) >= least),
    "maxItems": (list, lambda most, one: len(one) <= most),
    "uniqueItems": (list, lambda wanted, one: not wanted or _all_different(one)),
    "minimum": (int, lambda least, one: isinstance(one, bool) or one >= least),
    "maximum": (int, lambda most, one: isinstance(one, bool) or one <= most),
    "enum": (object, lambda values, one: any(_same(value, one) for value in values)),
    "const": (object, _same),
}


def _all_different(items: list[Any]) -> bool:
    """By hash, for texts; what is no text is the type's business."""
    texts = [one for one in items if isinstance(one, str)]
    return len(set(texts)) == len(texts)


@lru_cache(maxsize=1024)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern.removeprefix("^").removesuffix("$"), re.ASCII)


def whole_match(pattern: str, text: str) -> bool:
    """Whether a text is of a pattern of the subset, from its first character to its last."""
    return _compiled(pattern).fullmatch(text) is not None


def _keyword(types: type, test: Test) -> Any:
    """A keyword that passes or not; a value of another type is left to `type`."""

    def check(_validator: Any, wanted: Any, instance: Any, schema: Mapping[str, Any]) -> Iterator[ValidationError]:
        if isinstance(instance, types) and _is(schema["type"], instance) and not test(wanted, instance):
            yield ValidationError("")

    return check


def _type(_validator: Any, wanted: str, instance: Any, _schema: Any) -> Iterator[ValidationError]:
    if not _is(wanted, instance):
        yield ValidationError("")


def _required(_validator: Any, names: list[str], instance: Any, _schema: Any) -> Iterator[ValidationError]:
    for name in names if isinstance(instance, dict) else ():
        if name not in instance:
            yield ValidationError(name)


def _closed(_validator: Any, _closed: bool, instance: Any, schema: Mapping[str, Any]) -> Iterator[ValidationError]:
    for name in instance if isinstance(instance, dict) else ():
        if name not in schema["properties"]:
            yield ValidationError(str(name))
