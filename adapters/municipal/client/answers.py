"""What the gateway answers: its envelope, a case as it holds it, and its errors as ours, by the table in `codes`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from adapters.municipal.client.word import word
from adapters.municipal.codes import MESSAGES, RESULTS, STATUSES, TOKEN_ENDED, Means, Result
from bridge.clock import CHINA, to_micros
from bridge.contract.remote import RemoteChange, RemoteRecord
from bridge.errors import AccessDenied, FieldRefusal, OutcomeUnknown, Refused, TargetError, TryLater
from bridge.kit.http import Answer
from bridge.kit.mapping.paths import flatten

LATER_SECONDS = 5.0
"""Seconds until a conflict whose cause is gone is tried again."""


class TokenEnded(TryLater):
    """令牌已过期 (the token has ended): another one is asked for, once. Our credential itself is accepted."""


class NonceUsed(TryLater):
    """随机数已用 (the nonce was used before): the call is signed anew, once."""


class Conflict(TryLater):
    """办件编号重复且内容不一致 (the number is held with other content): what is held must be looked at."""


@dataclass(frozen=True, slots=True)
class Message:
    """One message that is held about a case."""

    call: str
    """`accept`, `process`, `special`, `finish`, `serve` or `withdraw`."""
    sn: str
    data_sign: str
    """SM3 of its content."""


@dataclass(frozen=True, slots=True)
class Affair:
    """One case that has been handed in."""

    project_no: str
    status: str
    version: int
    data_sign: str
    """SM3 of the content as it was handed in."""
    messages: tuple[Message, ...] = ()
    """What is held of it beside the application."""


@dataclass(frozen=True, slots=True)
class Held:
    """What the gateway holds under our number."""

    project_no: str | None
    """办件编号, where one has been given."""
    files: Mapping[str, str]
    """`file_key` → the gateway's file id."""
    affairs: Sequence[Affair]
    raw: bytes


def file_key(digest: str, name: str) -> str:
    """What makes a file the same file: its bytes and its name. `digest` is `sha256:…`."""
    return f"{digest} {name}"


def data(answer: Answer) -> Mapping[str, Any]:
    """`data` of a successful answer. Raises the error that any other answer means."""
    envelope = answer.json()
    if not isinstance(envelope, dict) or not isinstance(envelope.get("code"), str):
        raise not_understood(answer.body)
    code = envelope["code"]
    result = RESULTS.get(code)
    if result is None:
        raise not_understood(answer.body, code)
    if result.means is not Means.DONE:
        raise _meant(code, result, envelope, answer)
    found = envelope.get("data")
    if not isinstance(found, dict):
        raise not_understood(answer.body, code)
    return found


def text(found: Mapping[str, Any], name: str, raw: bytes) -> str:
    """One text of an answer. Raises OutcomeUnknown where there is none."""
    value = found.get(name)
    if not isinstance(value, str) or not value:
        raise not_understood(raw)
    return value


def held(found: Mapping[str, Any], raw: bytes) -> Held:
    """The answer to the question by our number. Raises OutcomeUnknown where it is not of the known form."""
    try:
        return Held(
            project_no=found["projectNo"],
            files={file_key(one["digest"], one["attachName"]): one["fileId"] for one in found["files"]},
            affairs=[
                Affair(
                    project_no=one["projectNo"],
                    status=one["status"],
                    version=one["version"],
                    data_sign=one["dataSign"],
                    messages=tuple(Message(told["msgType"], told["sn"], told["dataSign"]) for told in one["messages"]),
                )
                for one in found["affairs"]
            ],
            raw=raw,
        )
    except (KeyError, TypeError) as exc:
        raise not_understood(raw) from exc


def change(item: Any, raw: bytes) -> RemoteChange:
    """One message, of the stream or of a callback. Raises OutcomeUnknown where it is not of the known form."""
    try:
        status: str = item["status"]
        return RemoteChange(
            number=item["projectNo"],
            key=item.get("bizNo"),
            status=STATUSES.state(status),
            status_raw=status,
            at=instant(item["gmtOccur"]),
            id=item["msgId"],
            facts={"case_number": item["projectNo"]},
            word=word(item.get("data")),
            raw=raw,
        )
    except (KeyError, TypeError, ValueError, AttributeError) as exc:
        raise not_understood(raw) from exc


def record(item: Any, raw: bytes) -> RemoteRecord:
    """One case with its content and what was told of it. Raises OutcomeUnknown where it is not of the known form."""
    try:
        told = {call: item["messages"][call] for call in MESSAGES if call in item["messages"]}
        return RemoteRecord(
            number=item["projectNo"],
            key=item.get("bizNo"),
            status=STATUSES.state(item["status"]),
            status_raw=item["status"],
            fields=flatten({"projid/apply": item["apply"], "receive": item["receive"], **told}),
            materials=[(file["attachName"], file["digest"]) for file in item["files"]],
        )
    except (KeyError, TypeError, AttributeError) as exc:
        raise not_understood(raw) from exc


def instant(wall: str) -> int:
    """Microseconds since the epoch of a wall time `yyyy-MM-dd HH:mm:ss` in China. Raises ValueError."""
    return to_micros(dt.datetime.strptime(wall, "%Y-%m-%d %H:%M:%S").replace(tzinfo=CHINA))


def not_understood(raw: bytes, code: str | None = None) -> OutcomeUnknown:
    """An answer that is not of the known form."""
    return OutcomeUnknown("网关答复无法识别 (the gateway's answer is not understood)", code=code, raw=raw)


def _meant(code: str, result: Result, envelope: Mapping[str, Any], answer: Answer) -> TargetError:
    """The error of a code of the table."""
    words = f"{result.meaning} ({code})"
    hinted = f"{words}；{result.hint}" if result.hint else words
    raw, found = answer.body, envelope.get("data")
    details: Mapping[str, Any] = found if isinstance(found, dict) else {}
    made: TargetError
    match result.means:
        case Means.REFUSED:
            made = Refused(hinted, fields=_fields(details), code=code, raw=raw)
        case Means.DENIED if details.get("reason") == TOKEN_ENDED:
            made = TokenEnded("令牌已过期 (the token has ended)", code=code, raw=raw)
        case Means.DENIED:
            made = AccessDenied(hinted, code=code, raw=raw)
        case Means.AGAIN:
            made = NonceUsed(words, code=code, raw=raw)
        case Means.CONFLICT:
            made = Conflict(words, after=LATER_SECONDS, code=code, raw=raw)
        case Means.LATER:
            made = TryLater(words, after=answer.retry_after, code=code, raw=raw)
        case _:
            made = OutcomeUnknown(words, code=code, raw=raw)
    return made


def _fields(details: Mapping[str, Any]) -> list[FieldRefusal]:
    """The fields that it names. The gateway writes them as `receive.applicantVO.name`; values are not taken over."""
    fields = details.get("fields")
    if not isinstance(fields, list):
        return []
    return [
        FieldRefusal(str(one["field"]), str(one.get("reason", "")))
        for one in fields
        if isinstance(one, dict) and "field" in one
    ]
