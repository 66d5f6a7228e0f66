"""An event (留痕): one act of a person or of the machine, as the engine hands it to the unit of work.

The store chains it into the ledger in the same transaction as what it tells. No personal value may be in `data`: what
lies in sealed tables is named by a salted digest that the store adds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

MACHINE = "system"
"""The actor of what nobody did by hand."""


@dataclass(frozen=True, slots=True)
class Event:
    """One act. Instants are microseconds since the epoch."""

    act: str
    """Past tense, `snake_case`: `submitted`, `delivered`, `target_held`, …"""
    at: int
    """When it happened, by its source."""
    actor: str = MACHINE
    application: str | None = None
    target: str | None = None
    delivery: str | None = None
    via: str = ""
    """How we know: `entry`, `send`, `find`, `poll`, `callback`, `operator`, `recovery`."""
    data: Mapping[str, Any] = field(default_factory=dict)
    """Strings, integers, booleans, None and lists of these; nothing personal."""
    private: Mapping[str, str] = field(default_factory=dict)
    """A person's own words, such as an operator's reason: the store seals them into the event."""


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """An event as the ledger holds it."""

    event: Event
    recorded_at: int
    position: int
    """Place in the whole ledger, from 1."""
    sequence: int | None
    """Place among the events of its application, from 1."""
    digest: str
