"""RFC 6901 pointers into JSON values, and patterns of them with `*` for every position of a list."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any


class Unresolved(LookupError):
    """The pointer leads nowhere."""


def escape(name: str) -> str:
    """A name as one reference token."""
    return name.replace("~", "~0").replace("/", "~1")


def tokens(pointer: str) -> list[str]:
    """The names and positions of a pointer."""
    return [token.replace("~1", "/").replace("~0", "~") for token in pointer.split("/")[1:]]


def resolve(value: Any, pointer: str) -> Any:
    """The value at `pointer`. Raises Unresolved."""
    for token in tokens(pointer):
        if isinstance(value, Mapping) and token in value:
            value = value[token]
        elif isinstance(value, list) and token.isascii() and token.isdigit() and int(token) < len(value):
            value = value[int(token)]
        else:
            raise Unresolved(pointer)
    return value


def select(value: Any, pattern: str) -> Iterator[tuple[str, Any]]:
    """Each (pointer, value) that the pattern means; none where it leads nowhere."""
    yield from _select(value, tokens(pattern), "")


def _select(value: Any, rest: list[str], at: str) -> Iterator[tuple[str, Any]]:
    if not rest:
        yield at, value
        return
    first, *others = rest
    if first == "*":
        for place, item in enumerate(value if isinstance(value, list) else ()):
            yield from _select(item, others, f"{at}/{place}")
    elif isinstance(value, Mapping):
        if first in value:
            yield from _select(value[first], others, f"{at}/{escape(first)}")
    elif isinstance(value, list) and first.isdigit() and int(first) < len(value):
        yield from _select(value[int(first)], others, f"{at}/{first}")
