"""A counterpart (对方办件): what a target holds of an application, as far as it has told us."""

from __future__ import annotations

from dataclasses import dataclass

from bridge.model.lifecycle import ApplicationState


@dataclass(frozen=True, slots=True)
class Counterpart:
    """What one target last said of one application. Instants are microseconds since the epoch."""

    application: str
    target: str
    number: str | None
    """The target's own number."""
    status: ApplicationState | None
    """The canonical state that the target's code means; None where it has none."""
    status_raw: str | None
    """The target's own code."""
    last_contact: int | None
    """When the target last answered about this application."""
    said_at: int | None = None
    """When what it says happened, by the target's own clock; None where it gave no time (a receipt)."""
