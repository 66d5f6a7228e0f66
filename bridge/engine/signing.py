"""Signing: the form that a target generated goes to the applicant, and the signed one comes back and on its way.

A target's adapter says that a form must be signed (`NeedsSignature`); it is kept, and the delivery waits. Here are the
two things that a person does: take the form, hand the signed one in. Which form was signed is part of what is
handed on, so that a form of an earlier revision never goes with a later one. Nothing here judges a signature: that is
the office's. What does not belong here: sending (`deliver`).
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial
from typing import Any, BinaryIO

from bridge.clock import Clock, to_micros
from bridge.contract.outcome import NeedsSignature
from bridge.contract.outgoing import MaterialFile, SignedForm
from bridge.engine import refusals
from bridge.engine.checking import Rejected
from bridge.engine.files import PDF, measure
from bridge.engine.targets import Targets
from bridge.errors import NotFound, Problem
from bridge.model.delivery import Delivery, DeliveryState, Reason
from bridge.model.signature import NamedFile, SignatureRequest
from bridge.ports.events import Event
from bridge.ports.materials import Materials
from bridge.ports.store import Store, UnitOfWork

Opener = Callable[[], AbstractContextManager[BinaryIO]]
"""Opens a file, again and again; may raise OSError."""

PIECE = 1 << 20
"""Bytes read at a time."""

PDF_HEAD = b"%PDF-"
"""What a PDF begins with (ISO 32000-1, 7.5.2)."""


def keep_form(materials: Materials, needed: NeedsSignature) -> None:
    """Keep the form that is to be signed, before anything says that it is. Raises StoreError."""
    materials.put(io.BytesIO(needed.form), limit=len(needed.form))


def signed_form(request: SignatureRequest | None, materials: Materials) -> SignedForm | None:
    """What was signed, as the adapter is handed it."""
    if request is None or request.signed is None:
        return None
    kept = request.signed
    file = MaterialFile("", kept.name, kept.digest, kept.size, PDF, partial(materials.open, kept.digest))
    return SignedForm(request.form.digest, file)


@dataclass(frozen=True, slots=True)
class Signed:
    """A signed form that was taken in."""

    request: SignatureRequest
    number: str
    state: DeliveryState

    def json(self) -> dict[str, Any]:
        """The answer as the doors give it."""
        signed = self.request.signed
        return {
            "application": self.request.application,
            "number": self.number,
            "target": self.request.target,
            "delivery": self.request.delivery,
            "state": self.state.value,
            "form": shown(self.request.form),
            "signed": shown(signed) if signed else None,
        }


class Signing:
    """What a person does about forms that are to be signed."""

    def __init__(self, store: Store, materials: Materials, targets: Targets, clock: Clock) -> None:
        self._store, self._materials, self._targets, self._clock = store, materials, targets, clock

    def wanted(self, number: str, target: str | None = None) -> SignatureRequest:
        """The form that is to be signed now. Raises NotFound where there is none, or which is not said."""
        return self._store.read(lambda unit: self._wanted(unit, number, target)[0])

    def write_form(self, request: SignatureRequest, into: BinaryIO) -> None:
        """The form's bytes, as the target generated them. Raises NotFound, StoreError, OSError."""
        with self._materials.open(request.form.digest) as stream:
            while piece := stream.read(PIECE):
                into.write(piece)

    def hand_in(
        self, number: str, name: str, opener: Opener, *, actor: str, target: str | None = None, of: str | None = None
    ) -> Signed | Rejected:
        """Take the signed form in; its delivery goes on. `of`: the digest of the form that was signed, if it is said.

        Raises NotFound, StoreError.
        """
        request, known, _ = self._store.read(lambda unit: self._wanted(unit, number, target))
        if of is not None and of != request.form.digest:
            return Rejected(name, [other_form()])
        signed, problems = self._look(request, known, name, opener)
        if signed is None or problems:
            return Rejected(name, problems)
        with opener() as stream:
            kept = self._materials.put(stream, limit=signed.size)
        if kept.digest != signed.digest:
            return Rejected(name, [unreadable()])
        return self._store.write(lambda unit: self._take(unit, request, signed, actor))

    def _look(
        self, request: SignatureRequest, known: Sequence[SignatureRequest], name: str, opener: Opener
    ) -> tuple[NamedFile | None, list[Problem]]:
        """Size and digest of the signed file, and what is wrong with it."""
        limit = self._targets[request.target].adapter.manifest.limits.file_bytes
        sizes = {one.form.size for one in known}
        try:
            with opener() as stream:
                size, head, digest, locked = measure(stream)
            starts = _starts(opener, sizes) if size <= limit else {}
        except OSError:
            return None, [unreadable()]
        if not size or not head.startswith(PDF_HEAD):
            return None, [not_a_pdf()]
        if size > limit:
            return None, [too_big(limit)]
        problems = [refusals.file_encrypted()] if locked else []
        if digest in {one.form.digest for one in known}:
            problems.append(not_signed())
        elif _is_earlier(request, known, digest, starts):
            problems.append(other_form())
        return NamedFile(name, digest, size), problems

    def _take(self, unit: UnitOfWork, request: SignatureRequest, signed: NamedFile, actor: str) -> Signed | Rejected:
        """Keep it and let its delivery go on, inside one unit."""
        now = to_micros(self._clock.now())
        application = unit.application(request.application)
        event = Event(
            act="form_signed",
            at=now,
            actor=actor,
            application=request.application,
            target=request.target,
            delivery=request.delivery,
            via="entry",
            data={"form": request.form.digest, "signed": signed.digest, "revision": request.revision},
        )
        current = unit.signature_requests(request.application)
        is_open = any(one == request for one in _open(unit.deliveries(request.application), current))
        released = Event(
            act="delivery_released",
            at=now,
            actor=actor,
            application=request.application,
            target=request.target,
            delivery=request.delivery,
            via="entry",
            data={"reason": Reason.SIGNATURE.value},
        )
        if not is_open:
            return Rejected(signed.name, [other_form()])
        unit.keep_signed(request, signed, event, at=now)
        unit.operate(request.delivery, DeliveryState.DUE, None, released)
        request = next(
            one
            for one in unit.signature_requests(request.application)
            if (one.delivery, one.form) == (request.delivery, request.form)
        )
        return Signed(request, application.number, DeliveryState.DUE)

    def _wanted(
        self, unit: UnitOfWork, number: str, target: str | None
    ) -> tuple[SignatureRequest, Sequence[SignatureRequest], str]:
        """The open request, and all of its application. Raises NotFound."""
        application = unit.find_application(number)
        known = unit.signature_requests(application.id)
        found = [one for one in _open(unit.deliveries(application.id), known) if target in {None, one.target}]
        if not found:
            raise NotFound("现在没有待签字的表单 (no form of this application is waiting for a signature)")
        if len(found) > 1:
            names = "、".join(sorted(one.target for one in found))
            raise NotFound(f"有几个系统要求签字，请用 --target 指明 (several targets ask; name one): {names}")
        return found[0], known, application.number


def _open(deliveries: Sequence[Delivery], known: Sequence[SignatureRequest]) -> list[SignatureRequest]:
    """Requests that deliveries wait for now: of each the one asked for last."""
    waiting = {one.id for one in deliveries if (one.state, one.reason) == (DeliveryState.WAITING, Reason.SIGNATURE)}
    last = {one.delivery: one for one in known}
    return [one for delivery, one in last.items() if delivery in waiting]


def to_sign(unit: UnitOfWork, delivery: Delivery | None) -> dict[str, Any] | None:
    """The form that a delivery waits to have signed, as the doors show it."""
    if delivery is None:
        return None
    found = _open([delivery], unit.signature_requests(delivery.application))
    return shown(found[0].form) if found else None


def shown(file: NamedFile) -> dict[str, Any]:
    """A file as the doors show it."""
    return {"name": file.name, "digest": file.digest, "size": file.size}


def _starts(opener: Opener, sizes: set[int]) -> dict[int, str]:
    """Digests of the file's first bytes, as many as each size says. Raises OSError."""
    found: dict[int, str] = {}
    sha, read = hashlib.sha256(), 0
    with opener() as stream:
        for size in sorted(sizes):
            while read < size and (piece := stream.read(min(PIECE, size - read))):
                sha.update(piece)
                read += len(piece)
            if read == size:
                found[size] = f"sha256:{sha.hexdigest()}"
    return found


def _is_earlier(
    request: SignatureRequest, known: Sequence[SignatureRequest], digest: str, starts: dict[int, str]
) -> bool:
    """Whether this is surely another form that was signed: one handed in before, or one built upon an earlier form.

    A form that was signed electronically begins with the form itself (ISO 32000-1, 7.5.6, incremental updates).
    """
    for one in known:
        if one.form.digest == request.form.digest:
            continue
        if one.signed is not None and one.signed.digest == digest:
            return True
        if starts.get(one.form.size) == one.form.digest:
            return True
    return False


def _problem(code: str, message: str, message_en: str, remedy: str, remedy_en: str) -> Problem:
    return Problem(
        pointer="",
        label="签字表单",
        label_en="Signed form",
        message=message,
        message_en=message_en,
        remedy=remedy,
        remedy_en=remedy_en,
        code=code,
    )


def other_form() -> Problem:
    """What was signed is not the form that is to be signed now."""
    return _problem(
        "other_form",
        "签字的不是现在要签的这份表单（申请更正后表单会重新生成）",
        "what was signed is not the form to be signed now: each correction makes a new one",
        "请用 bridge sign 编号 --get 重新取出表单，签字后再交回。",
        "Take the form anew with bridge sign ID --get, have it signed, and hand it in.",
    )


def not_signed() -> Problem:
    """It is the generated form itself."""
    return _problem(
        "not_signed",
        "交回的就是未签字的表单本身",
        "this is the generated form itself, unsigned",
        "请打印、签字盖章、扫描为 PDF（或电子签名）后再交回。",
        "Print it, sign it, scan it as a PDF (or sign it electronically), then hand it in.",
    )


def not_a_pdf() -> Problem:
    """It is no PDF."""
    return _problem(
        "not_a_pdf",
        "签字表单应为 PDF 文件",
        "a signed form is handed in as a PDF",
        "请扫描或另存为 PDF 后再交回。",
        "Scan it, or save it, as a PDF.",
    )


def too_big(limit: int) -> Problem:
    """More bytes than the target takes."""
    return _problem(
        "too_big",
        f"签字表单超过对方系统的上限 {limit >> 20} MiB",
        f"the file has more than {limit >> 20} MiB, which the target does not take",
        "请降低扫描分辨率后再交回。",
        "Scan it with a lower resolution.",
    )


def unreadable() -> Problem:
    """It cannot be read, or changed while it was read."""
    return _problem(
        "unreadable",
        "文件无法读取，或在读取时被改动",
        "the file cannot be read, or changed while it was read",
        "请核对文件后再交回。",
        "Check the file, and hand it in again.",
    )
