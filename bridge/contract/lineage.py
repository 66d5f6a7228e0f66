"""What a mapping tells people of itself: which box becomes which field, what is left out, what the target asks for.

Form pointers have `*` for each list position (`/data/permit/air_outlets/*/no`), target paths `[]`
(`6[].排放口编号`). Texts for people are `中文 (English)`. What does not belong here: values; how a mapping comes to
know this (`kit.mapping.lineage` is one way), and what is counted of it (the engine's).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bridge.contract.manifest import LengthUnit


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a mapping, for people."""

    source: str | None
    """None: nothing of ours, the field is always the same."""
    target: str
    how: str
    """What the converter does; for a constant, the value."""
    required: bool = False
    limit: int | None = None
    """The longest text, in the mapping's unit, or the most elements of a list."""
    when: str | None = None
    """The condition under which it is written."""
    loss: str | None = None
    """Why reading it back does not give the source; for a constant, why it may be one."""
    many: bool = False
    """A list as such: what of its elements is told, the lines below it say."""


@dataclass(frozen=True, slots=True)
class Coverage:
    """What becomes of each form leaf at one target: exactly one of three."""

    mapped: tuple[str, ...]
    left_out: Mapping[str, str]
    """With the reason."""
    lost: tuple[str, ...]
    """Neither: the law is that there is none."""
    stale: tuple[str, ...] = ()
    """Entries of `left_out` that mean no leaf, or one that is mapped: the table contradicts itself."""


@dataclass(frozen=True, slots=True)
class Lineage:
    """All of one mapping, as data."""

    lines: tuple[Line, ...]
    """In the mapping's order."""
    left_out: Mapping[str, str]
    """Form pointers (a part stands for all below it) that the target does not get, each with the reason."""
    length_unit: LengthUnit
    charset: str
    """What the target can keep, as a Python codec."""
    needs: tuple[str, ...] = ()
    """Facts that must exist first, some of them perhaps only under a condition."""
    schema: Mapping[str, Any] | None = None
    """The target's JSON Schema, where there is one; what it requires is read from here."""
