"""RFC 6901 pointers into JSON values, and patterns of them with `*` for every position of a list.

What does not belong here: what a pointer means to a person (`bridge.catalogue` knows the form's words).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

POSITION = re.compile(r"0|[1-9][0-9]{0,8}")


class Unresolved(LookupError):
    """The pointer leads nowhere."""


def escape(name: str) -> str:
    """A name as one reference token."""
    return name.replace("~", "~0").replace("/", "~1")


def tokens(pointer: str) -> list[str]:
    """The names and positions of a pointer; none for `""`, the whole value."""
    return [token.replace("~1", "/").replace("~0", "~") for token in pointer.split("/")[1:]]


def join(*names: str | int) -> str:
    """The pointer that goes through these names and positions."""
    return "".join(f"/{escape(str(name))}" for name in names)


def is_position(token: str) -> bool:
    """Whether a token may be a list position: digits without a leading zero (RFC 6901, section 4)."""
    return bool(POSITION.fullmatch(token))


def resolve(value: Any, pointer: str) -> Any:
    """The value at `pointer`. Raises Unresolved."""
    for token in tokens(pointer):
        if isinstance(value, Mapping) and token in value:
            value = value[token]
        elif isinstance(value, list) and is_position(token) and int(token) < len(value):
            value = value[int(token)]
        else:
            raise Unresolved(pointer)
    return value


def select(value: Any, pattern: str) -> Iterator[tuple[str, Any]]:
    """Each (pointer, value) that the pattern means, in order; none where it leads nowhere."""
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
    elif isinstance(value, list) and is_position(first) and int(first) < len(value):
        yield from _select(value[int(first)], others, f"{at}/{first}")


class Pattern:
    """A pattern read once, for values that are asked for many times; dicts and lists only, as JSON has them."""

    def __init__(self, pattern: str) -> None:
        self._steps = tokens(pattern)
        self._positions = frozenset(step for step in self._steps if is_position(step))
        self._names_only = not self._positions and "*" not in self._steps

    def values(self, value: Any) -> list[Any]:
        """The values that the pattern means, in order, without their pointers."""
        if self._names_only:
            for step in self._steps:
                if not isinstance(value, dict) or step not in value:
                    return []
                value = value[step]
            return [value]
        found = [value]
        for step in self._steps:
            if step == "*":
                found = [part for one in found if isinstance(one, list) for part in one]
            elif step in self._positions:
                found = [part for one in found for _, part in _select(one, [step], "")]
            else:
                found = [one[step] for one in found if isinstance(one, dict) and step in one]
        return found

    def places(self, value: Any) -> list[tuple[str, Any]]:
        """Each (pointer, value) that the pattern means, in order."""
        return list(_select(value, self._steps, ""))
