"""What the engine hands to an adapter: one delivery with all that is needed to send or to find it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import BinaryIO

from bridge.contract.mapping import Payload
from bridge.model.delivery import Kind


@dataclass(frozen=True, slots=True)
class BusinessKey:
    """Everything by which a target may know the application."""

    application: str
    """Our id."""
    number: str
    """收件编号, ours."""
    case_number: str | None
    """办件编号, where it has been given."""
    target_number: str | None
    """The target's own number, where it is known."""
    matter: str
    type: str
    applicant: str
    """统一社会信用代码, or the certificate number."""
    site: str
    """The site's identity within the applicant, as the matter defines it."""
    submitted_at: int
    """Microseconds since the epoch."""


@dataclass(frozen=True, slots=True)
class MaterialFile:
    """One attached file; `open()` gives its bytes as a stream, to be read piece by piece."""

    code: str
    name: str
    digest: str
    size: int
    media_type: str
    open: Callable[[], AbstractContextManager[BinaryIO]]


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One delivery on its way."""

    delivery: str
    kind: Kind
    revision: int
    event: str | None
    payload: Payload
    key: BusinessKey
    materials: tuple[MaterialFile, ...]
    memo: Mapping[str, object]
    """What this adapter noted in earlier attempts of this delivery (draft number, file ids by digest). JSON values.

    A memo that changed is progress, and starts the count of failures anew; names that begin with `_` do not count.
    """
