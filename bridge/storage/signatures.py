"""Forms that applicants sign: which was asked for by which delivery, and what was handed in. The bytes are materials.

A form that is asked for anew is a row of its own; names are sealed. What does not belong here: moves of deliveries.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    Text,
    bindparam,
    delete,
    insert,
    select,
    update,
)

from bridge.model.signature import NamedFile, SignatureRequest
from bridge.ports.events import Event
from bridge.storage.part import AnyRow, Part, listed
from bridge.storage.tables import metadata

signatures = Table(
    "signatures",
    metadata,
    Column("delivery", Text, ForeignKey("deliveries.id"), nullable=False),
    Column("form_digest", Text, nullable=False),  # of the form as the target generated it
    Column("application", Text, ForeignKey("applications.id"), nullable=False),
    Column("target", Text, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("form", LargeBinary, nullable=False),  # sealed: name, digest, size
    Column("asked_at", BigInteger, nullable=False),
    Column("signed", LargeBinary),  # sealed: name, digest, size
    Column("signed_at", BigInteger),
    PrimaryKeyConstraint("delivery", "form_digest"),
    Index("ix_signatures_application", "application"),
    sqlite_with_rowid=False,
)
"""Forms to be signed and signed."""

_s = signatures.c
_ORDER = (_s.asked_at, _s.form_digest)
_OF = select(signatures).where(_s.application == bindparam("application_")).order_by(*_ORDER)
_OF_DELIVERIES = select(signatures).where(_s.delivery.in_(bindparam("deliveries", expanding=True))).order_by(*_ORDER)
_FORGET = delete(signatures).where(_s.delivery == bindparam("delivery_"), _s.form_digest == bindparam("form_digest_"))
_ADD = insert(signatures)
_SIGN = (
    update(signatures)
    .where(_s.delivery == bindparam("delivery_"), _s.form_digest == bindparam("form_digest_"))
    .values(signed=bindparam("signed_"), signed_at=bindparam("signed_at_"))
)


class SignaturesPart(Part):
    """What the unit of work says about signatures."""

    def signature_requests(self, application: str) -> Sequence[SignatureRequest]:
        """All forms that targets asked to have signed, signed or not, oldest first; the last of a delivery counts."""
        return [self._request(row) for row in self._run(_OF, {"application_": application})]

    def keep_signed(self, request: SignatureRequest, signed: NamedFile, event: Event, *, at: int) -> None:
        """Remember the signed form of a request."""
        self._record(event)
        sealed = self._keyring.seal_json(asdict(signed), _place("signed", request.delivery, request.form.digest))
        self._run(
            _SIGN,
            {
                "delivery_": request.delivery,
                "form_digest_": request.form.digest,
                "signed_": sealed,
                "signed_at_": at,
            },
        )

    def _ask_to_sign(self, request: SignatureRequest) -> None:
        """A form is asked for, or asked for again: then what was signed of it before does not count any more."""
        self._must_write()
        keys = {"delivery_": request.delivery, "form_digest_": request.form.digest}
        self._run(_FORGET, keys)
        self._run(
            _ADD,
            {
                "delivery": request.delivery,
                "form_digest": request.form.digest,
                "application": request.application,
                "target": request.target,
                "revision": request.revision,
                "form": self._keyring.seal_json(
                    asdict(request.form), _place("form", request.delivery, request.form.digest)
                ),
                "asked_at": request.asked_at,
            },
        )

    def _signed(self, deliveries: Iterable[str]) -> Mapping[str, SignatureRequest]:
        """What was signed for each of these deliveries: of the form that was asked for last."""
        names = listed(deliveries)
        if not names:
            return {}
        last = {row.delivery: row for row in self._run(_OF_DELIVERIES, {"deliveries": names})}
        return {delivery: self._request(row) for delivery, row in last.items() if row.signed is not None}

    def _request(self, row: AnyRow) -> SignatureRequest:
        def opened(column: str, sealed: bytes) -> NamedFile:
            return NamedFile(**self._keyring.unseal_json(sealed, _place(column, row.delivery, row.form_digest)))

        return SignatureRequest(
            delivery=row.delivery,
            application=row.application,
            target=row.target,
            revision=row.revision,
            form=opened("form", row.form),
            asked_at=row.asked_at,
            signed=None if row.signed is None else opened("signed", row.signed),
            signed_at=row.signed_at,
        )


def _place(column: str, delivery: str, form: str) -> str:
    return f"signatures.{column}.{delivery}/{form}"
