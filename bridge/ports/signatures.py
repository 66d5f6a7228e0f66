"""What the unit of work says about forms that applicants sign. The rest of it is `store`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from bridge.model.signature import NamedFile, SignatureRequest
from bridge.ports.events import Event


class SignaturesUnit(Protocol):
    """One transaction, as far as signatures go. Instants are microseconds since the epoch."""

    def signature_requests(self, application: str) -> Sequence[SignatureRequest]:
        """All forms that targets asked to have signed, signed or not, oldest first; the last of a delivery counts."""
        ...

    def keep_signed(self, request: SignatureRequest, signed: NamedFile, event: Event, *, at: int) -> None:
        """Remember the signed form of a request."""
        ...
