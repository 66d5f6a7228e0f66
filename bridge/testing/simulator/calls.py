"""A call as a simulated target sees it, its answer, and the table of its routes. No HTTP library shows here."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import orjson

CallKind = Literal["write", "read", "auth"]
"""What a call does: change what the target holds, read it, or get a credential. Faults choose by it."""


@dataclass(frozen=True, slots=True)
class Call:
    """One request, read whole."""

    method: str
    path: str
    """As it came, percent-encoded."""
    query: Mapping[str, str]
    """Decoded; of a repeated name the first."""
    raw_query: str
    headers: Mapping[str, str]
    """Names in lower case."""
    body: bytes
    place: Mapping[str, str] = field(default_factory=dict)
    """What the names in the route's path stand for."""

    def json(self) -> Any:
        """The body as JSON. Raises ValueError."""
        return orjson.loads(self.body)


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes back."""

    status: int
    body: bytes
    media_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)


def json_answer(document: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Answer:
    """An answer in JSON."""
    return Answer(status, orjson.dumps(document), headers=headers or {})


class Denied(Exception):
    """The target says no: what the handler has put so far is undone, and `answer` goes back."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(str(answer.status))
        self.answer = answer


Handler = Callable[[Call], Answer]
"""Does a call and answers it, at once and as a whole: the base decides whether, when and how the answer goes back."""


@dataclass(frozen=True, slots=True)
class Route:
    """One method and path (`/cases/{number}`) of the target."""

    method: str
    path: str
    kind: CallKind
    handler: Handler


class Routes:
    """Finds the route of a call."""

    def __init__(self, routes: list[Route]) -> None:
        self._fixed = {(one.method, one.path): one for one in routes if "{" not in one.path}
        self._open = [(re.compile(_pattern(one.path)), one) for one in routes if "{" in one.path]

    def find(self, method: str, path: str) -> tuple[Route, Mapping[str, str]] | None:
        """The route and what its names stand for, or None."""
        if fixed := self._fixed.get((method, path)):
            return fixed, {}
        for pattern, route in self._open:
            if route.method == method and (found := pattern.fullmatch(path)):
                return route, found.groupdict()
        return None


def _pattern(path: str) -> str:
    """`/cases/{number}` as a pattern with a group for each name."""
    return re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^/]+)", re.escape(path))
