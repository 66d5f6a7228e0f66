"""What the platform says with a status, as a `Word`: exactly as far as it said it. INVENTED wire (README.md).

A part that has not the known form is left out here and stays in the change's `raw`: one wrong date must not hold up the
office's word. What a status or a stage means is `codes`.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import orjson

from adapters.discharge.codes import LICENCE, PAPERS, RECEIPT, raw_of, state_of
from bridge.clock import parse_rfc3339, to_micros
from bridge.contract.remote import RemoteChange
from bridge.model.word import CorrectionItem, Licence, Paper, PaperKind, Word

LICENCE_NUMBER = "licence_number"
REGISTRATION_NUMBER = "registration_number"
"""The facts of `manifest.gives`."""
REGISTERED_AS = "PWDJBH"
"""登记编号 on the wire (INVENTED, after PWXKZBH)."""

SHORT = 128
"""Characters of a number or name; a longer one is none."""

HANDLE = re.compile(r"([0-9A-Za-z-]{1,60})/([0-9A-Za-z-]{1,60})")
"""`Paper.file`: dataid and file id, both plain, so that they may stand in a path."""

DAY = re.compile(r"([0-9]{4})-?([0-9]{2})-?([0-9]{2})")
DIGEST = re.compile(r"[0-9a-f]{64}")


def change(item: Mapping[str, Any]) -> RemoteChange:
    """One entry of the stream, or one callback: the same message gives the same change by both ways."""
    status, stage = item["status"], stage_of(item)
    said = word(item)
    registered = number_of(_object(item, "registration"), REGISTERED_AS)
    facts = {LICENCE_NUMBER: said.licence.number} if said.licence else {}
    if registered:
        facts = {REGISTRATION_NUMBER: registered}
    return RemoteChange(
        number=item["dataid"],
        key=item.get("externalNo"),
        status=state_of(status, stage),
        status_raw=raw_of(status, stage),
        at=_instant(item["at"]),
        id=item["id"],
        facts=facts,
        word=said,
        raw=orjson.dumps(item, option=orjson.OPT_SORT_KEYS),
    )


def stage_of(item: Mapping[str, Any]) -> str | None:
    """The stage beside the status; `?` for one that cannot be read, so that the status alone is not believed."""
    return None if item.get("stage") is None else _short(item, "stage") or "?"


def word(item: Mapping[str, Any]) -> Word:
    """What was said with the status; `SILENT` where it came alone."""
    permit, registration = _object(item, "permit"), _object(item, "registration")
    return Word(
        officer=_text(item, "officer"),
        opinion=_text(item, "opinion"),
        reason=_text(item, "reason"),
        items=tuple(_items(item.get("items"))),
        papers=tuple(_papers(item, permit, registration)),
        licence=_licence(permit) or _registration(registration),
    )


def _items(told: Any) -> Iterator[CorrectionItem]:
    """补正 items; what has no words is none."""
    for one in _objects(told):
        if content := _text(one, "content"):
            yield CorrectionItem(content, _text(one, "field"))


def _papers(item: Mapping[str, Any], permit: Mapping[str, Any], registration: Mapping[str, Any]) -> Iterator[Paper]:
    """The 文书, then the file of the licence or the receipt of a registration."""
    for one in _objects(item.get("documents")):
        kind, title = _text(one, "type"), _text(one, "title")
        if kind or title:
            paper = Paper(
                kind=PAPERS.get(kind or "", PaperKind.OTHER),
                title=title or kind or "",
                number=_short(one, "number"),
                date=_day(one, "date"),
            )
            yield _with_file(paper, item["dataid"], one)
    for given, name, number, date in (
        (permit, LICENCE, "PWXKZBH", "HFRQ"),
        (registration, RECEIPT, REGISTERED_AS, "DJRQ"),
    ):
        file = given.get("file")
        if isinstance(file, Mapping):
            paper = Paper(
                kind=PaperKind.LICENCE,
                title=_text(file, "title") or name,
                number=_short(given, number),
                date=_day(given, date),
            )
            yield _with_file(paper, item["dataid"], file)


def _with_file(paper: Paper, dataid: str, told: Mapping[str, Any]) -> Paper:
    """A paper with its file, where there is one that can be fetched."""
    digest = (_text(told, "sha256") or "").lower()
    handle = f"{dataid}/{_text(told, 'fileId') or ''}"
    return replace(
        paper,
        name=_text(told, "fileName"),
        file=handle if HANDLE.fullmatch(handle) else None,
        digest=f"sha256:{digest}" if DIGEST.fullmatch(digest) else None,
    )


def _licence(permit: Mapping[str, Any]) -> Licence | None:
    """The permit, by the field names of the ministry's own exchange record (TARGETS 2.6); None without a number."""
    number = _short(permit, "PWXKZBH")
    if number is None:
        return None
    return Licence(
        number=number,
        name=LICENCE,
        issued_on=_day(permit, "HFRQ"),
        valid_from=_day(permit, "XKYXQXQ"),
        valid_to=_day(permit, "XKYXQXZ"),
        issuer=_text(permit, "HFHBJGMC"),
    )


def _registration(told: Mapping[str, Any]) -> Licence | None:
    """What a 排污登记 gave (field names INVENTED); None without a number. Nobody issues it: nobody decided."""
    number = number_of(told, REGISTERED_AS)
    if number is None:
        return None
    return Licence(
        number=number,
        name=RECEIPT,
        issued_on=_day(told, "DJRQ"),
        valid_from=_day(told, "YXQXQ"),
        valid_to=_day(told, "YXQXZ"),
    )


def number_of(told: Mapping[str, Any], name: str) -> str | None:
    """A number of the platform; None where there is none, or it has not the form of one."""
    return _short(told, name)


def _object(told: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """An object inside another; an empty one where there is none."""
    value = told.get(name)
    return value if isinstance(value, Mapping) else {}


def _objects(told: Any) -> Iterator[Mapping[str, Any]]:
    """The objects of a list."""
    for one in told if isinstance(told, list) else ():
        if isinstance(one, Mapping):
            yield one


def _text(told: Mapping[str, Any], name: str) -> str | None:
    """A text that says something, as it came."""
    value = told.get(name)
    return value if isinstance(value, str) and value.strip() else None


def _short(told: Mapping[str, Any], name: str) -> str | None:
    """A number or code: one line, not long."""
    value = _text(told, name)
    return value if value is not None and len(value) <= SHORT and value.isprintable() else None


def _instant(text: str) -> int | None:
    """Microseconds since the epoch; None where it is no instant, or one before it."""
    try:
        micros = to_micros(parse_rfc3339(text))
    except (ValueError, OverflowError):
        return None
    return micros if micros >= 0 else None


def _day(told: Mapping[str, Any], name: str) -> str | None:
    """`yyyyMMdd`, or `yyyy-MM-dd`, as `YYYY-MM-DD`; None where it is no day of the calendar."""
    match = DAY.fullmatch(_text(told, name) or "")
    if match is None:
        return None
    try:
        return dt.date(int(match[1]), int(match[2]), int(match[3])).isoformat()
    except ValueError:
        return None
