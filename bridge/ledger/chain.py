"""The event chain: how an event becomes bytes, how bytes are chained, and how an event comes back from its row.

Each event is hashed (SHA-256, GB/T 18238.3 / FIPS 180-4) as canonical JSON together with its place in the whole ledger,
its place in its application's chain, and the digest of the event before it there. So an edited, deleted, inserted or
moved row is found. Events of no one application form a chain of their own, named by the empty string. What does not
belong here: where rows are kept, and how a kept ledger is checked (`audit`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from bridge.ports.events import Event, StoredEvent

FORM = 1
"""Version of the canonical form; part of what is hashed."""

GENESIS = "sha256:" + "0" * 64
"""What stands as `previous` in the first event of a chain."""


@dataclass(frozen=True, slots=True)
class Row:
    """One kept event, as it lies in the database."""

    position: int
    application: str
    """Empty for events of no one application."""
    sequence: int
    previous: str
    digest: str
    content: bytes
    at: int
    recorded_at: int
    act: str


def digest(content: bytes) -> str:
    """The digest of canonical bytes."""
    return "sha256:" + hashlib.sha256(content).hexdigest()


def canonical(event: Event, *, position: int, sequence: int, previous: str, recorded_at: int) -> bytes:
    """The bytes of an event that are hashed and kept: JSON, keys sorted, no spaces, UTF-8.

    Raises TypeError where `data` holds anything but strings, integers, booleans, None, lists and mappings of these.
    """
    _check(event.data)
    return orjson.dumps(
        {
            "act": event.act,
            "actor": event.actor,
            "application": event.application,
            "at": event.at,
            "data": dict(event.data),
            "delivery": event.delivery,
            "form": FORM,
            "position": position,
            "previous": previous,
            "recorded_at": recorded_at,
            "sequence": sequence,
            "target": event.target,
            "via": event.via,
        },
        option=orjson.OPT_SORT_KEYS,
    )


def chained(event: Event, *, position: int, sequence: int, previous: str, recorded_at: int) -> Row:
    """The row that an event becomes behind `previous`."""
    content = canonical(event, position=position, sequence=sequence, previous=previous, recorded_at=recorded_at)
    return Row(
        position=position,
        application=event.application or "",
        sequence=sequence,
        previous=previous,
        digest=digest(content),
        content=content,
        at=event.at,
        recorded_at=recorded_at,
        act=event.act,
    )


def restored(row: Row) -> StoredEvent:
    """The event that a row keeps."""
    kept = orjson.loads(row.content)
    event = Event(
        act=kept["act"],
        at=kept["at"],
        actor=kept["actor"],
        application=kept["application"],
        target=kept["target"],
        delivery=kept["delivery"],
        via=kept["via"],
        data=kept["data"],
    )
    return StoredEvent(
        event=event,
        recorded_at=row.recorded_at,
        position=row.position,
        sequence=row.sequence if row.application else None,
        digest=row.digest,
    )


def _check(value: Any) -> None:
    """Refuse what has no one canonical form (floats), or no JSON form at all."""
    if value is None or isinstance(value, str | int):
        return
    if isinstance(value, Mapping):
        for name, inner in value.items():
            if not isinstance(name, str):
                raise TypeError("event data: keys are strings")
            _check(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            _check(inner)
    else:
        raise TypeError(f"event data: no {type(value).__name__} may be in it")
