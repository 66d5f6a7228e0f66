"""An application (申请): what a person entered once, and its revisions. Instants are microseconds since the epoch.

What does not belong here: the legal moves of its state (`lifecycle`), and its deliveries (`delivery`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bridge.model.lifecycle import ApplicationState


@dataclass(frozen=True, slots=True)
class MaterialRef:
    """An attached file (申请材料) as a revision names it; the bytes are stored once by `digest`."""

    code: str
    name: str
    digest: str
    """`sha256:` and 64 hexadecimal digits of the bytes."""
    size: int
    """Bytes."""
    media_type: str


@dataclass(frozen=True, slots=True)
class Revision:
    """What was entered, once: form data and materials. A correction makes the next revision, never edits this one."""

    application: str
    number: int
    """From 1."""
    form_version: int
    data: Mapping[str, Any]
    materials: tuple[MaterialRef, ...]
    at: int
    recorded_at: int
    entered_by: str
    reason: str | None
    """Why there is a correction; None for the first."""


@dataclass(frozen=True, slots=True)
class Application:
    """What stands in clear about an application: no personal value is here."""

    id: str
    number: str
    """收件编号, ours, given at once."""
    case_number: str | None
    """办件编号, given later by the target that owns it."""
    reference: str | None
    """The sender's own key."""
    matter: str
    type: str
    state: ApplicationState
    revision: int
    form_version: int
    body: str
    """审批机关: the code of the competent body."""
    district: str
    """GB/T 2260 code of the district that rules the competent body."""
    hall: str | None
    """Where it was taken in, if at a counter."""
    channel: str
    """办理形式: `window`, `web`, `mobile`, `mail`, `batch`, `other`."""
    origin: str
    """`entered`, or the target where the case was born."""
    entered_by: str
    at: int
    """When the person submitted it."""
    recorded_at: int
    """When we stored it."""
