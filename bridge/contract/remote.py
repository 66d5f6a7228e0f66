"""What a target tells of its own accord: changes, records, callbacks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from bridge.errors import Refused
from bridge.model.lifecycle import ApplicationState
from bridge.model.word import SILENT, Word

Cursor = str
"""Where a target's stream of changes has been read to; opaque to everybody but its adapter."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Some of a stream, and how to go on."""

    items: Sequence[T]
    cursor: Cursor | None
    """Where to go on; kept by the engine once the items are stored."""
    more: bool
    """There is more to fetch now."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a target that had only taken a delivery in (`Receipt.lodged`) says of it at last."""

    delivery: str
    """Our delivery, `Outgoing.delivery`."""
    refusal: Refused | None = None
    """None: it is taken; else why not, by the target's own fields."""


@dataclass(frozen=True, slots=True)
class RemoteChange:
    """One thing that a target says about one case."""

    number: str | None
    """The target's own number."""
    key: str | None
    """What the target knows the application by (our number or id), where it was told."""
    status: ApplicationState | None
    """None where the code is unknown to us: it is kept and shown, and moves nothing."""
    status_raw: str
    at: int | None
    """When it happened, by the target's word; microseconds since the epoch."""
    id: str | None = None
    """The target's own id of this message, where it has one: the same id has its effect once."""
    facts: Mapping[str, str] = field(default_factory=dict)
    """Facts that only it gives, by the names of `manifest.gives`."""
    word: Word = SILENT
    """What it said with the status."""
    verdict: Verdict | None = None
    """Its verdict on a lodged delivery, where the change is one."""
    raw: bytes = b""


@dataclass(frozen=True, slots=True)
class RemoteRecord:
    """What a target holds of one case."""

    number: str
    key: str | None
    status: ApplicationState | None
    status_raw: str
    fields: Mapping[str, Any]
    """Flat, by the target's own field names."""
    materials: Sequence[tuple[str, str]]
    """Name and digest (`sha256:…`) of each file."""


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of time, by the target's own clock of last change. None: open. Microseconds since the epoch."""

    since: int | None = None
    until: int | None = None


@dataclass(frozen=True, slots=True)
class CallbackRequest:
    """A call that came to our door, as it came."""

    method: str
    path: str
    headers: Mapping[str, str]
    """Names in lower case."""
    body: bytes
    received_at: int
