"""What the engine hands to an adapter: one delivery with all that is needed to send or to find it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, BinaryIO

import orjson

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
class SignedForm:
    """The form that the applicant signed for this very delivery."""

    of: str
    """`sha256:` and hex of the form as the target generated it: which form was signed."""
    file: MaterialFile
    """The signed form; its `code` is empty."""


@dataclass(frozen=True, init=False)
class Outgoing:
    """One delivery on its way."""

    delivery: str
    kind: Kind
    revision: int
    event: str | None
    payload: Payload
    """As JSON values; read out of the kept bytes when it is first asked for."""
    key: BusinessKey
    materials: tuple[MaterialFile, ...]
    memo: Mapping[str, object]
    """What this adapter noted in earlier attempts of this delivery (draft number, file ids by digest). JSON values.

    A memo that changed is progress, and starts the count of failures anew; names that begin with `_` do not count.
    """
    signed: SignedForm | None
    """What the applicant signed since `NeedsSignature` was the outcome; None where nothing was."""

    def __init__(  # noqa: PLR0917 - the fields of the record, in their order
        self,
        delivery: str,
        kind: Kind,
        revision: int,
        event: str | None,
        payload: Payload | bytes,
        key: BusinessKey,
        materials: tuple[MaterialFile, ...],
        memo: Mapping[str, object],
        signed: SignedForm | None = None,
    ) -> None:
        given = {"_body": payload} if isinstance(payload, bytes) else {"payload": payload}
        values = {"delivery": delivery, "kind": kind, "revision": revision, "event": event, "key": key}
        self.__dict__.update(values, materials=materials, memo=memo, signed=signed, **given)

    @property
    def body(self) -> bytes:
        """The payload as JSON in UTF-8, exactly as it is kept: to be sent as it is, or embedded (`orjson.Fragment`)."""
        kept: bytes | None = self.__dict__.get("_body")
        return orjson.dumps(self.payload) if kept is None else kept

    def __getattr__(self, name: str) -> Any:
        """`payload`, where only its bytes were given."""
        if name != "payload":
            raise AttributeError(name)
        payload = self.__dict__["payload"] = orjson.loads(self.__dict__["_body"])
        return payload
