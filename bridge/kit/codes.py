"""Remote codes as a table: each code of a target with the target's own meaning, so that a clerk can review it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from bridge.model.lifecycle import ApplicationState


@dataclass(frozen=True, slots=True)
class Code:
    """One code."""

    meaning: str
    """As the target says it."""
    state: ApplicationState | None = None
    """The canonical state that it means; None where it means none of ours."""


class CodeTable(Mapping[str, Code]):
    """Codes of one kind of one target. An unknown code is no KeyError for the caller to forget: use `state`."""

    def __init__(self, codes: Mapping[str, Code]) -> None:
        self._codes = dict(codes)

    def __getitem__(self, code: str) -> Code:
        return self._codes[code]

    def __iter__(self) -> Iterator[str]:
        return iter(self._codes)

    def __len__(self) -> int:
        return len(self._codes)

    def state(self, code: str) -> ApplicationState | None:
        """The canonical state of a code, None where it is unknown: it is kept and shown, and moves nothing."""
        found = self._codes.get(code)
        return found.state if found else None
