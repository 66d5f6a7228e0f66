"""A form that an applicant signs (签字盖章) so that a target goes on: which one, for which delivery, what came back.

What does not belong here: when it is asked for (the adapter's outcome says so), and the bytes (they lie with the
materials, by digest).
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class NamedFile:
    """A kept file under the name that people know it by."""

    name: str
    digest: str
    """`sha256:` and hex of the bytes in clear."""
    size: int
    """Bytes."""


@dataclass(frozen=True, slots=True)
class SignatureRequest:
    """One form of one delivery, to be signed or signed. Instants are microseconds since the epoch."""

    delivery: str
    application: str
    target: str
    revision: int
    form: NamedFile
    """As the target generated it."""
    asked_at: int
    signed: NamedFile | None = None
    """As the applicant signed it; None until then."""
    signed_at: int | None = None
