"""What an adapter hands back of a `send` and of a `find`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

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


@dataclass(frozen=True, slots=True)
class NeedsSignature:
    """The target has prepared what it was told, and goes on only with a form that the applicant has signed.

    Nothing has been handed in. The engine keeps the form, asks the applicant, and sends again with
    `Outgoing.signed` once a signed one is there.
    """

    form: bytes
    """The form that the target generated: a PDF, as it is to be printed."""
    name: str
    """Its file name, in plain words."""
    memo: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class NeedsAccount:
    """The target keeps an account per company and site, and this one is not there or not bound to us yet.

    Nothing has been handed in. The engine asks again by itself, ever more slowly, and at once on a retry.
    """

    what: str
    """What is missing, in plain words."""
    what_en: str
    remedy: str
    """What the person does about it."""
    remedy_en: str
    who: Literal["applicant", "operator"] = "applicant"
    memo: Mapping[str, object] = field(default_factory=dict)


Outcome = Receipt | TargetError | NeedsSignature | NeedsAccount
"""One outcome per item of a batch: a receipt, the error as a value, or what a person must do first."""


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
