"""What an adapter hands back of a `send` and of a `find`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from bridge.errors import TargetError
from bridge.model.lifecycle import ApplicationState


@dataclass(frozen=True, slots=True)
class Receipt:
    """回执: the target holds this delivery and has said so."""

    number: str | None
    """The target's own number of the case."""
    status: ApplicationState | None
    """The canonical state that its code means; None where it says none."""
    status_raw: str | None
    """Its code as it came."""
    facts: Mapping[str, str] = field(default_factory=dict)
    """Facts that only it gives, by the names of `manifest.gives`."""
    raw: bytes = b""
    """The answer as it came, for the record; kept sealed."""
    memo: Mapping[str, object] = field(default_factory=dict)
    lodged: bool = False
    """True where the target has it but its verdict is still awaited."""


Outcome = Receipt | TargetError
"""One outcome per item of a batch: a receipt, or the error as a value."""


@dataclass(frozen=True, slots=True)
class Absent:
    """The target holds nothing of this delivery."""


@dataclass(frozen=True, slots=True)
class Partial:
    """The target holds a part: an attempt can go on from this memo."""

    memo: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Held:
    """The delivery has taken effect."""

    receipt: Receipt


@dataclass(frozen=True, slots=True)
class Unclear:
    """Several, or it cannot tell. Goes to a person, never to a re-send."""

    why: str


Found = Absent | Partial | Held | Unclear
