"""What a cell gives back: rows, each a figure with its unit, and the target that the project set for it, if any."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured figure."""

    name: str
    value: float
    unit: str

    def __str__(self) -> str:
        digits = 0 if self.value >= 100 else 1 if self.value >= 10 else 2
        return f"{self.value:,.{digits}f} {self.unit}"


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a cell's table."""

    cell: str
    case: str
    """What was measured, in words."""
    figures: Sequence[Figure]
    note: str = ""
    skipped: bool = False
    """It was not measured; the note says why."""

    def __str__(self) -> str:
        if self.skipped:
            return f"{self.cell:10} {self.case}: 未测 (skipped): {self.note}"
        told = " · ".join(f"{figure.name} {figure}" for figure in self.figures)
        return f"{self.cell:10} {self.case}: {told}" + (f"  ({self.note})" if self.note else "")

    def value(self, name: str) -> float | None:
        """A figure by its name; None where there is none."""
        return next((figure.value for figure in self.figures if figure.name == name), None)

    def json(self) -> dict[str, Any]:
        """The row as JSON values."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Goal:
    """What the project wants of a figure; `measured` is None where a cell was left out."""

    text: str
    wanted: float
    measured: float | None
    unit: str
    at_most: bool = False

    @property
    def met(self) -> bool | None:
        """Whether it is reached; None where nothing was measured."""
        if self.measured is None:
            return None
        return self.measured <= self.wanted if self.at_most else self.measured >= self.wanted


@dataclass(slots=True)
class Results:
    """All rows of a run."""

    machine: Mapping[str, str]
    rows: list[Row] = field(default_factory=list)

    def find(self, cell: str, case: str, name: str) -> float | None:
        """A figure of a row whose case begins with `case`."""
        for row in self.rows:
            if row.cell == cell and row.case.startswith(case):
                return row.value(name)
        return None

    def best(self, cell: str, case: str, name: str, choose: Callable[[list[float]], float] = max) -> float | None:
        """The best figure of all rows whose case begins with `case`."""
        rows = [row for row in self.rows if row.cell == cell and row.case.startswith(case)]
        values = [value for row in rows if (value := row.value(name)) is not None]
        return choose(values) if values else None


def percentile(values: Sequence[float], share: float) -> float:
    """The nearest-rank percentile: the smallest value that at least `share` of all do not exceed."""
    ordered = sorted(values)
    return ordered[max(0, -int(-share * len(ordered) // 1) - 1)]
