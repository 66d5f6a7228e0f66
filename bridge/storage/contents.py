"""Contents with their salts, as the ledger names them: what was entered, sent and answered, for an evidence pack.

What does not belong here: the pack (`evidence`).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from sqlalchemy import bindparam, select

from bridge.storage import tables as t
from bridge.storage.deliveries import raw_place
from bridge.storage.part import Part
from bridge.storage.pump import payload_place
from bridge.storage.revisions import place as revision_place
from bridge.storage.sealing import SALT_BYTES, salted_digest

_REVISIONS = (
    select(t.revisions.c.number, t.revisions.c.sealed)
    .where(t.revisions.c.application == bindparam("application"))
    .order_by(t.revisions.c.number)
)
_PAYLOAD = select(t.payloads.c.sealed).where(t.payloads.c.delivery == bindparam("delivery"))
_ANSWERS = (
    select(t.attempts.c.number, t.attempts.c.raw)
    .where((t.attempts.c.delivery == bindparam("delivery")) & t.attempts.c.raw.is_not(None))
    .order_by(t.attempts.c.number)
)
_EVENTS = (
    select(t.ledger_events.c.position, t.ledger_events.c.bytes)
    .where(t.ledger_events.c.application == bindparam("application"))
    .order_by(t.ledger_events.c.sequence)
)


class Salted(NamedTuple):
    """A content with the salt of its digest."""

    salt: bytes
    content: bytes

    @property
    def digest(self) -> str:
        """As the ledger names it."""
        return salted_digest(self.salt + self.content)


class ContentsPart(Part):
    """What the unit of work says about contents and their salts."""

    def salted_revisions(self, application: str) -> Iterator[tuple[int, Salted]]:
        """Each revision: canonical JSON of data, materials and facts."""
        for row in self._run(_REVISIONS, {"application": application}).all():
            yield row.number, self._salted(row.sealed, revision_place("sealed", application, row.number))

    def salted_payload(self, delivery: str) -> Salted | None:
        """What a delivery sends; None before it was mapped."""
        sealed = self._run(_PAYLOAD, {"delivery": delivery}).scalar_one_or_none()
        return None if sealed is None else self._salted(sealed, payload_place(delivery))

    def salted_answers(self, delivery: str) -> Iterator[tuple[int, Salted]]:
        """What its target answered, by the number of the try."""
        for row in self._run(_ANSWERS, {"delivery": delivery}).all():
            yield row.number, self._salted(row.raw, raw_place(delivery, row.number))

    def event_contents(self, application: str) -> list[tuple[int, bytes]]:
        """The events of an application as they are hashed, each with its position."""
        return [(row.position, row.bytes) for row in self._run(_EVENTS, {"application": application}).all()]

    def _salted(self, sealed: Any, where: str) -> Salted:
        salted = self._keyring.unseal(sealed, where)
        return Salted(salted[:SALT_BYTES], salted[SALT_BYTES:])
