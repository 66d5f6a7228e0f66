"""What the platform answers: an application as it holds it, and its errors as ours, by the table in `codes`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from adapters.discharge.client.word import number_of, stage_of
from adapters.discharge.codes import ERRORS, ErrorCode, Means
from bridge.errors import AccessDenied, FieldRefusal, OutcomeUnknown, Refused, TargetError, TryLater


class Gone(TryLater):
    """平台上没有所指的账户或申请 (what we named is not there): to be begun anew, what was noted is void."""


class NotOurs(Refused):
    """账户未授权本系统 (the company's account is not bound to us): its people must authorise us there."""


@dataclass(frozen=True, slots=True)
class Application:
    """One application as the platform holds it."""

    dataid: str
    """The platform's own key."""
    account: str
    external_number: str | None
    """外部编号: our number; None where the case was born there."""
    status: str
    """审核状态."""
    stage: str | None
    """What the office did last where 审核状态 has no code for it."""
    revision: int
    """版本 of the newest content that lies there, handed in or not."""
    submitted: int | None
    """版本 that was handed in last; None for a draft that never was."""
    withdrawn: bool
    files: Mapping[str, str]
    """`file_key` → the platform's file id, of everything uploaded."""
    materials: Sequence[tuple[str, str]]
    """Name and digest of each file that was handed in, or, before that, uploaded."""
    registration: str | None
    """登记编号, where it is a registration that has one."""
    publicity: bool
    """What was told is yet to be made public there before it may be handed in."""
    signature: bool
    """It may be handed in only with its 申请表, signed."""
    signed: str | None
    """File id of the signed 申请表 of the newest content, where it has one."""
    fields: Mapping[str, Any]
    """Flat, `1.单位名称` → value; empty where only a status was asked for."""
    raw: bytes


def file_key(digest: str, name: str) -> str:
    """What makes a file the same file to the platform: its bytes and its name."""
    return f"{digest} {name}"


def application(item: Mapping[str, Any], raw: bytes) -> Application:
    """One entry of the platform's answer. Raises OutcomeUnknown where it is not of the known form."""
    try:
        uploaded, files, submitted = item["uploaded"], item["files"], item["submittedRevision"]
        if not isinstance(item["revision"], int) or not isinstance(submitted, int | None):
            raise not_understood(raw)
        return Application(
            dataid=item["dataid"],
            account=item["accountId"],
            external_number=item["externalNo"],
            status=item["status"],
            stage=stage_of(item),
            revision=item["revision"],
            submitted=submitted,
            withdrawn=item["withdrawn"] is True,
            files={file_key(file["digest"], file["name"]): file["fileId"] for file in uploaded},
            materials=[(file["name"], file["digest"]) for file in files],
            registration=number_of(item, "registrationNo"),
            publicity=item.get("publicity") is True,
            signature=item.get("signature") is True,
            signed=number_of(item, "signedForm"),
            fields=item.get("fields", {}),
            raw=raw,
        )
    except (KeyError, TypeError, AttributeError) as exc:
        raise not_understood(raw) from exc


def change(item: Mapping[str, Any], raw: bytes) -> Mapping[str, Any]:
    """One entry of the stream of changes. Raises OutcomeUnknown where it is not of the known form."""
    if not all(isinstance(item.get(name), str) for name in ("id", "dataid", "status", "at")):
        raise not_understood(raw)
    return item


def body(raw: bytes) -> Mapping[str, Any]:
    """The JSON object of an answer. Raises OutcomeUnknown where it is none (a login page, half a text)."""
    try:
        value = orjson.loads(raw)
    except orjson.JSONDecodeError as exc:
        raise not_understood(raw) from exc
    if not isinstance(value, dict):
        raise not_understood(raw)
    return value


def not_understood(raw: bytes, code: str | None = None) -> OutcomeUnknown:
    """An answer that is not of the known form."""
    return OutcomeUnknown("平台答复无法识别 (the platform's answer is not understood)", code=code, raw=raw)


def error(status: int, raw: bytes, *, after: float | None = None) -> TargetError:
    """The error that an answer means, by its code and not by its HTTP status alone.

    `after` are the seconds of Retry-After. An answer without a known code is an outcome that is not understood, but for
    429 and 503, which say 'not done' in HTTP itself (RFC 6585, RFC 9110).
    """
    try:
        answer = body(raw)
    except OutcomeUnknown as exc:
        if status not in (429, 503):
            return exc
        answer = {}
    code = str(answer.get("code", status))
    known = ERRORS.get(code)
    if known is not None and known.status == status:
        return _meant(code, known, answer, raw, after)
    if status in (429, 503):
        return TryLater(f"平台暂不办理 (HTTP {status})", after=after, code=str(status), raw=raw)
    return not_understood(raw, code)


def _meant(code: str, known: ErrorCode, answer: Mapping[str, Any], raw: bytes, after: float | None) -> TargetError:
    """The error for a code of the table."""
    text = f"{known.meaning} ({code})"
    made: TargetError
    match known.means:
        case Means.REFUSED:
            made = Refused(_reason(known.meaning, answer), fields=_fields(answer), code=code, raw=raw)
        case Means.DENIED | Means.REFRESH:
            made = AccessDenied(text, code=code, raw=raw)
        case Means.ABSENT:
            made = Gone(text, code=code, raw=raw)
        case Means.LATER:
            made = TryLater(text, after=after, code=code, raw=raw)
        case Means.UNKNOWN:
            made = OutcomeUnknown(text, code=code, raw=raw)
    return made


def _reason(meaning: str, answer: Mapping[str, Any]) -> str:
    """The platform's own message where it has one, else what the code means."""
    message = answer.get("message")
    return message if isinstance(message, str) and message else meaning


def _fields(answer: Mapping[str, Any]) -> list[FieldRefusal]:
    """The fields that it names, in its own paths."""
    fields = answer.get("fields")
    if not isinstance(fields, list):
        return []
    return [
        FieldRefusal(str(one["path"]), str(one.get("reason", "")))
        for one in fields
        if isinstance(one, dict) and "path" in one
    ]
