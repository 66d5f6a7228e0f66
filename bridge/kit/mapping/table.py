"""The mapping table, data only: which field of the form becomes which field of the target, and how.

Paths on our side are RFC 6901 pointers into the source (`/data/…`, `/materials/…`, `/facts/…`); inside an `Each` a path
that begins with `./` is relative to the element. Paths on the target's side are field names joined by `.`
(`receive.applicantVO.name`, `1.单位名称`); the payload nests by them, and an `Each` makes a list at its path.
Compiling and running a table is in `compiled`; converters are in `converters`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from bridge.contract.manifest import LengthUnit
from bridge.kit.mapping.converters import SAME, Converter
from bridge.model.delivery import Kind


class _Omit:
    """The mark of `OMIT`."""

    def __repr__(self) -> str:
        return "OMIT"


OMIT: Final = _Omit()
"""An absent source value leaves the target field out."""


@dataclass(frozen=True, slots=True)
class When:
    """Write the row only where the source at `pointer` is one of `values` (or, with no values, exists)."""

    pointer: str
    values: tuple[Any, ...] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """One source value to one target field."""

    target: str
    source: str
    convert: Converter = SAME
    required: bool = False
    """The target refuses a payload without it."""
    max_length: int | None = None
    """In the table's length unit."""
    absent: Any = OMIT
    """What is written where the source has no value."""
    when: When | None = None
    loss: str | None = None
    """Why reading it back does not give the source value, for a one-way row."""


@dataclass(frozen=True, slots=True)
class Constant:
    """A target field that is always the same, with the reason why it may be."""

    target: str
    value: Any
    reason: str


@dataclass(frozen=True, slots=True)
class Each:
    """A list at our side to a list at the target's, element by element, in order."""

    target: str
    source: str
    rows: tuple[AnyRow, ...]
    max_items: int | None = None


AnyRow = Row | Constant | Each


@dataclass(frozen=True, slots=True)
class Table:
    """One matter and kind of one target."""

    matter: str
    kind: Kind
    version: int
    target_schema: str
    """File under the adapter's `schemas/`, without `.json`; carries its own version."""
    length_unit: LengthUnit
    rows: tuple[AnyRow, ...]
    needs: frozenset[str] = frozenset()
    """Facts that must exist first."""
    needs_when: Mapping[str, When] = field(default_factory=dict)
    """Facts that must exist first only where a condition on the source holds."""
    charset: str = "utf-8"
    """What the target can keep, as a Python codec (`gbk`, `gb18030`): other characters are found at entry."""
    left_out: Mapping[str, str] = field(default_factory=dict)
    """Form pointers (a part stands for all below it) that this target does not get, each with the reason."""
