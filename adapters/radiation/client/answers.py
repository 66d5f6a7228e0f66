"""What the system answers: a business as it holds it, a change with its words, and its faults as our errors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from adapters.radiation.client.messages import FAULT, FAULT_DETAIL, NAMESPACE
from adapters.radiation.codes import FAULTS, PAPERS, STATES, Means
from bridge.clock import parse_rfc3339, to_micros
from bridge.contract.remote import RemoteChange
from bridge.errors import AccessDenied, FieldRefusal, OutcomeUnknown, Refused, TargetError, TryLater
from bridge.kit.mapping.paths import flatten
from bridge.kit.soap.envelope import SoapFault
from bridge.kit.soap.literal import value
from bridge.model.lifecycle import ApplicationState
from bridge.model.word import CorrectionItem, Licence, Paper, PaperKind, Word


class SessionEnded(AccessDenied):
    """会话已失效 (the session has ended): log in anew, then ask once more."""


@dataclass(frozen=True, slots=True)
class Business:
    """One business as the system holds it."""

    company_id: str
    """The system's own key, one per application."""
    instance_id: str | None
    """Our application id; None where the business was born there."""
    state: str
    data_version: int
    attachments: Mapping[str, str]
    """`file_key` → the system's attachment id."""
    materials: Sequence[tuple[str, str]]
    """Name and digest of each file."""
    fields: Mapping[str, Any]
    """Flat, `companyName` → value; empty where only a state was asked for."""
    raw: bytes


def file_key(digest: str, name: str) -> str:
    """What makes a file the same file to the system: its bytes and its name."""
    return f"{digest} {name}"


def not_understood(raw: bytes, code: str | None = None) -> OutcomeUnknown:
    """An answer that is not of the known form."""
    return OutcomeUnknown("系统答复无法识别 (the system's answer is not understood)", code=code, raw=raw)


def canonical(state: str) -> ApplicationState | None:
    """The canonical state; None for a code that we do not know, which is kept and moves nothing."""
    known = STATES.get(state)
    return known.state if known else None


def business(item: Any, raw: bytes) -> Business:
    """One entry of the system's answer. Raises OutcomeUnknown where it is not of the known form."""
    try:
        files = item.get("attachments", ())
        return Business(
            company_id=item["companyId"],
            instance_id=item.get("instanceId"),
            state=item["state"],
            data_version=_whole(item["dataVersion"]),
            attachments=attachments(files, raw),
            materials=[(file["fileName"], file["digest"]) for file in files],
            fields=flatten(item.get("business", {})),
            raw=raw,
        )
    except (KeyError, TypeError, AttributeError, ValueError) as exc:
        raise not_understood(raw) from exc


def attachments(files: Any, raw: bytes) -> dict[str, str]:
    """Attachment ids by `file_key`. Raises OutcomeUnknown."""
    try:
        return {file_key(file["digest"], file["fileName"]): file["attachmentId"] for file in files}
    except (KeyError, TypeError) as exc:
        raise not_understood(raw) from exc


def change(item: Any, raw: bytes) -> RemoteChange:
    """One entry of the stream of changes. Raises OutcomeUnknown where it is not of the known form."""
    try:
        state = item["state"]
        word = _word(item)
        return RemoteChange(
            number=item["companyId"],
            key=item.get("instanceId"),
            status=canonical(state),
            status_raw=state,
            at=to_micros(parse_rfc3339(item["at"])),
            id=item["id"],
            facts={"licence_number": word.licence.number} if word.licence else {},
            word=word,
        )
    except (KeyError, TypeError, AttributeError, ValueError) as exc:
        raise not_understood(raw) from exc


def error(fault: SoapFault) -> TargetError:
    """The error that a fault means, by the code in its detail and not by its SOAP name alone."""
    raw = fault.raw or b""
    told = _detail(fault)
    code = told.get("code")
    known = FAULTS.get(code) if isinstance(code, str) else None
    if known is None or not isinstance(code, str) or known.name != fault.name:
        return not_understood(raw, code if isinstance(code, str) else fault.name)
    text = f"{known.meaning} ({code})"
    made: TargetError
    match known.means:
        case Means.REFUSED:
            made = Refused(told.get("message") or known.meaning, fields=_fields(told), code=code, raw=raw)
        case Means.DENIED:
            made = AccessDenied(text, code=code, raw=raw)
        case Means.REFRESH:
            made = SessionEnded(text, code=code, raw=raw)
        case Means.LATER:
            after = told.get("retryAfter")
            made = TryLater(text, after=float(after) if isinstance(after, int) else None, code=code, raw=raw)
        case Means.UNKNOWN:
            made = OutcomeUnknown(text, code=code, raw=raw)
    return made


def _detail(fault: SoapFault) -> Mapping[str, Any]:
    """What the fault's detail says; empty where it is none of this system's."""
    found = None if fault.detail is None else fault.detail.find(f"{{{NAMESPACE}}}{FAULT_DETAIL}")
    told = {} if found is None else value(found, FAULT)
    return told if isinstance(told, Mapping) else {}


def _fields(told: Mapping[str, Any]) -> list[FieldRefusal]:
    """The fields that it names, in its own paths."""
    return [
        FieldRefusal(str(one["path"]), str(one.get("reason", "")))
        for one in told.get("fields", ())
        if isinstance(one, Mapping) and "path" in one
    ]


def _whole(number: Any) -> int:
    """A whole number. Raises TypeError where it stayed a text."""
    if not isinstance(number, int):
        raise TypeError
    return number


def _word(item: Mapping[str, Any]) -> Word:
    """What was said with a state, exactly as far as it was said."""
    told = item.get("licenseInfo")
    licence = None
    if told is not None:
        licence = Licence(
            number=told["licenseNo"],
            name=PAPERS["LICENSE"][1],
            issued_on=told.get("licenseIssueDate"),
            valid_from=told.get("licenseStartDate"),
            valid_to=told.get("licenseEndDate"),
            issuer=told.get("licenseIssueOrg"),
        )
    if (passed := item.get("passInfo")) is not None:
        licence = Licence(
            number=passed["passNo"],
            name=PAPERS["TRANSFER_APPROVAL"][1],
            issued_on=passed.get("passDate"),
            issuer=passed.get("passOrg"),
        )
    return Word(
        officer=item.get("doPerson"),
        opinion=item.get("opinion"),
        reason=item.get("reason"),
        items=tuple(CorrectionItem(one["content"], one.get("field")) for one in item.get("items", ())),
        papers=tuple(_paper(one) for one in item.get("papers", ())),
        licence=licence,
    )


def _paper(told: Mapping[str, Any]) -> Paper:
    """A document or a licence's file, as the system names it."""
    kind, title = PAPERS.get(told["fileType"], (PaperKind.OTHER, told["fileType"]))
    return Paper(
        kind=kind,
        title=told.get("title") or title,
        number=told.get("docNo"),
        date=told.get("docDate"),
        name=told.get("fileName"),
        file=told.get("fileId"),
        digest=told.get("digest"),
    )
