"""The office behind the simulated system: what the side door's `decide`, `tamper` and `born` do there.

The simulator plays the issuer: what the caller leaves out of `items`, `reason`, `licence` and `document` is made here
and marked 模拟; what the caller gives as null, or as an empty list, the office does not say. An officer and an opinion
are told only where the caller gives them. The system has no state of its own for 特别程序, 延长, 办结 and 送达 (TARGETS
8.6): these acts mean nothing here.
"""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import uuid
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from adapters.radiation.codes import (
    ACCEPTED,
    APPROVED,
    BUSINESS_TYPES,
    CANCELLED,
    CORRECTION,
    FILINGS,
    IN_WORKFLOW,
    ISSUED,
    NOT_ACCEPTED,
    NOT_APPROVED,
    NOT_RECORDED,
    NOT_RESPONDED,
    PAPERS,
    RECORDED,
    RETURNED,
    REVOKED,
    TRANSFER,
    WITHDRAWN,
)
from adapters.radiation.simulator.system import WITHDRAWABLE, Case, System
from bridge.clock import CHINA, Clock
from bridge.testing.samples import people
from bridge.testing.simulator.server import Illegal

MOVES: dict[str, tuple[tuple[str, ...], str]] = {
    "accept": ((NOT_RESPONDED,), ACCEPTED),
    "correct": ((NOT_RESPONDED,), CORRECTION),
    "not_accept": ((NOT_RESPONDED,), NOT_ACCEPTED),
    "return": ((ACCEPTED, IN_WORKFLOW), RETURNED),
    "grant": ((ACCEPTED, IN_WORKFLOW), APPROVED),
    "refuse": ((ACCEPTED, IN_WORKFLOW), NOT_APPROVED),
    "issue": ((APPROVED,), ISSUED),
    "file": ((NOT_RESPONDED,), RECORDED),
    "not_file": ((NOT_RESPONDED,), NOT_RECORDED),
    "withdraw": (WITHDRAWABLE, WITHDRAWN),
    "revoke": ((APPROVED, ISSUED), REVOKED),
    "cancel": ((APPROVED, ISSUED, RECORDED), CANCELLED),
}
"""Act → the states in which it is legal, and the state that it leads to."""

OF_FILINGS = frozenset({"file", "not_file"})
"""Acts that mean nothing for what is decided upon."""
OF_ANY = frozenset({"correct", "withdraw", "cancel"})
"""Acts that mean something for both; all others mean nothing for a filing."""

WITH_REASON = ("correct", "return", "not_accept", "not_file", "refuse", "revoke", "cancel")
WITH_ITEMS = ("correct", "return")
WITH_LICENCE = ("grant", "issue")

MARK = "模拟"
REASON = f"{MARK}：未给出原因"
ITEMS = (
    {"content": f"{MARK}：请核对单位名称", "field": "companyName"},
    {"content": f"{MARK}：请补正附件"},
)

DOCUMENTS = {
    "accept": ("ACCEPT_NOTICE", "津环辐受"),
    "correct": ("CORRECT_NOTICE", "津环辐补"),
    "not_accept": ("NOT_ACCEPT_NOTICE", "津环辐不受"),
    "grant": ("DECISION", "津环辐许"),
    "refuse": ("DECISION", "津环辐不许"),
    "file": ("RECORD_RECEIPT", "津环辐备"),
    "not_file": ("NOT_RECORD_NOTICE", "津环辐退"),
}
"""Act → fileType and series of the document that goes with it."""

LICENCE_NAMES = {
    "licenseNo": ("number", "no"),
    "licenseStartDate": ("valid_from", "from"),
    "licenseEndDate": ("valid_to", "to"),
    "licenseIssueOrg": ("issuer",),
    "licenseIssueDate": ("issued_on", "issued"),
}
"""The licence's fields, and what the side door calls them."""

APPROVAL_NAMES = {"passNo": ("number", "no"), "passDate": ("issued_on", "issued"), "passOrg": ("issuer",)}
"""The same of the approval of a transfer."""

TERM_YEARS = 5
"""449号 Art 13."""

CANCELLATION = BUSINESS_TYPES["cancel"]
KEEPING_TERM = frozenset({BUSINESS_TYPES["change"], BUSINESS_TYPES["part-end"]})
"""Types after which the licence ends when it ended before (MEDIUM: 31号令)."""

ISSUER = "天津市生态环境局"


def decide(system: System, clock: Clock, case: Case, act: str, words: Mapping[str, Any]) -> Case:
    """Do one act. Raises Illegal."""
    filing = case.content["businessType"] in FILINGS
    if act not in MOVES or (act not in OF_ANY and filing != (act in OF_FILINGS)):
        raise Illegal(f"此系统没有该操作 (means nothing here): {act}")
    legal, state = MOVES[act]
    if case.state not in legal:
        raise Illegal(f"{case.state} 时不能 {act} (not legal now)")
    said = _said(act, words)
    papers = _documents(system, clock, case, act, words)
    if licence := _licence(system, clock, case, act, words):
        case.licence = licence
        said["passInfo" if case.content["businessType"] == TRANSFER else "licenseInfo"] = licence
        if case.content["businessType"] != CANCELLATION:  # there is no file of a licence that ended
            papers.append(_licence_file(system, licence))
    said = {name: value for name, value in said.items() if value not in (None, [])}
    return system.move(case, state, **said, **({"papers": papers} if papers else {}))


def _said(act: str, words: Mapping[str, Any]) -> dict[str, Any]:
    """Officer, opinion, reason and items, each only where it was given or is the office's own to say."""
    said = {"doPerson": words.get("officer"), "opinion": words.get("opinion"), "reason": words.get("reason")}
    if act in WITH_REASON and "reason" not in words:
        said["reason"] = REASON
    if act in WITH_ITEMS:
        said["items"] = [_item(one) for one in words.get("items", ITEMS) or ()]
    return said


def _item(told: Any) -> dict[str, str]:
    """One thing to correct: a text, or `{"content","field"}`. Raises Illegal."""
    one = {"content": told} if isinstance(told, str) else told
    if not isinstance(one, Mapping) or not isinstance(content := one.get("content", one.get("text")), str):
        raise Illegal("items 应为文字或 {content, field} (a text, or content and field)")
    field = one.get("field")
    return {"content": content, **({"field": field} if isinstance(field, str) else {})}


def _documents(system: System, clock: Clock, case: Case, act: str, words: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The document of an act; `document` says what the caller wants to stand in it, null that there is none."""
    told = words.get("document", {})
    if told is None or act not in DOCUMENTS:
        return []
    given = _object(told)
    kind, series = DOCUMENTS[act]
    today = clock.now().astimezone(CHINA).date()
    title = given.get("title", f"{PAPERS[kind][1]}（{MARK}）")
    name = given.get("name", f"{PAPERS[kind][1]}.pdf")
    file_id, digest = system.issue(name, _bytes(given, f"SIMULATED {act} {case.company_id}"))
    document = {
        "fileType": kind,
        "title": title,
        "docNo": _named(given, ("number", "no"), f"{MARK}-{series}〔{today.year}〕{system.serial(series)}号"),
        "docDate": given.get("date", today.isoformat()),
        "fileName": name,
        "fileId": file_id,
        "digest": digest,
    }
    return [{name: value for name, value in document.items() if value is not None}]


def _licence(system: System, clock: Clock, case: Case, act: str, words: Mapping[str, Any]) -> dict[str, str] | None:
    """The licence, where this act gives one: at 准予, or, where it was held back there, at 制证.

    津环辐证[NNNNN], five years (449号 Art 13). A licence that there was before keeps its number, and by 变更 and
    部分终止 its term too; by 注销 the one that ended is named, without a term. The number is well-formed; that it is
    simulated is said by issuer and file (TARGETS 9, 5). What is given as null is left out. Raises Illegal.
    """
    told = words.get("licence", {})
    if case.content["businessType"] == TRANSFER:
        return _approval(system, clock, act, told)
    if act not in WITH_LICENCE or told is None or (act == "issue" and case.licence and "licence" not in words):
        return None
    given = _object(told)
    today = clock.now().astimezone(CHINA).date()
    last = _years_on(today, TERM_YEARS) - dt.timedelta(days=1)
    before = case.content
    kept = before["businessType"] in KEEPING_TERM
    number = before.get("licenseNo") or f"津环辐证[{90_000 + system.serial('licence'):05d}]"
    made = {
        "licenseNo": number,
        "licenseStartDate": before["licenseStartDate"] if kept else today.isoformat(),
        "licenseEndDate": before["licenseEndDate"] if kept else last.isoformat(),
        "licenseIssueOrg": f"{ISSUER}（{MARK}）",
        "licenseIssueDate": today.isoformat(),
    }
    if before["businessType"] == CANCELLATION and not given:
        return {"licenseNo": number}
    fields = {name: _named(given, LICENCE_NAMES[name], value) for name, value in made.items()}
    licence = {name: value for name, value in fields.items() if value is not None}
    if "licenseNo" not in licence:
        raise Illegal("许可证应有编号 (a licence has a number)")
    return licence


def _approval(system: System, clock: Clock, act: str, told: Any) -> dict[str, str] | None:
    """批准文件 of a transfer, at 准予: a number and a day; no term is named in 449号. Raises Illegal."""
    if act != "grant" or told is None:
        return None
    given = _object(told)
    today = clock.now().astimezone(CHINA).date()
    made = {
        "passNo": f"{MARK}-津环辐转审〔{today.year}〕{system.serial('approval')}号",
        "passDate": today.isoformat(),
        "passOrg": f"{ISSUER}（{MARK}）",
    }
    fields = {name: _named(given, APPROVAL_NAMES[name], value) for name, value in made.items()}
    if fields["passNo"] is None:
        raise Illegal("批准文件应有文号 (an approval has a number)")
    return {name: value for name, value in fields.items() if value is not None}


def _licence_file(system: System, licence: Mapping[str, str]) -> dict[str, str]:
    """The licence, or the approval of a transfer, as a file."""
    kind = "LICENSE" if "licenseNo" in licence else "TRANSFER_APPROVAL"
    number = licence.get("licenseNo") or licence["passNo"]
    issued = licence.get("licenseIssueDate") or licence.get("passDate")
    name = f"{PAPERS[kind][1]}.pdf"
    digits = "".join(one for one in number if one.isascii() and one.isalnum())
    file_id, digest = system.issue(name, _bytes({}, f"SIMULATED LICENCE {digits}"))
    paper = {
        "fileType": kind,
        "title": f"{PAPERS[kind][1]}（{MARK}）",
        "docNo": number,
        "fileName": name,
        "fileId": file_id,
        "digest": digest,
    }
    return paper | ({"docDate": issued} if issued else {})


def _object(told: Any) -> Mapping[str, Any]:
    """What was told of a paper: an object, or only its number."""
    if isinstance(told, Mapping):
        return told
    return {"number": told} if isinstance(told, str) else {}


def _named(given: Mapping[str, Any], names: tuple[str, ...], made: str) -> Any:
    """What was given under one of the names, else what is made."""
    return next((given[name] for name in names if name in given), made)


def _bytes(given: Mapping[str, Any], text: str) -> bytes:
    """The bytes that were given in base64, or a page that says that it is simulated. Raises Illegal."""
    try:
        return base64.b64decode(given.get("content") or people.pdf(text), validate=True)
    except (TypeError, binascii.Error):
        raise Illegal("content 应为 base64 (base64 is wanted)") from None


def _years_on(day: dt.date, years: int) -> dt.date:
    """The same day some years later; 29 February becomes 1 March."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return dt.date(day.year + years, 3, 1)


# -- behind everybody's back


def copy(system: System, case: Case) -> Case:
    """A second case with the same content, under another key."""
    return system.keep(replace(case, company_id=str(uuid.uuid4())))


def swap_material(system: System, case: Case) -> None:
    """Other bytes under the name of its first file. Raises Illegal where it has none."""
    if not case.files:
        raise Illegal("没有附件 (it has no file)")
    case.files = [replace(case.files[0], digest=system.keep_file(uuid.uuid4().bytes)), *case.files[1:]]
    system.keep(case)


def set_fields(system: System, case: Case, values: Mapping[str, Any]) -> None:
    """Other values, by the field names of `records`; `status` is the state. Raises Illegal for a field it has not."""
    for path, value in values.items():
        if path == "status":
            case.state = value
        else:
            _put(case.content, path.replace("[", ".").replace("]", "").split("."), value)
    system.keep(case)


def _put(tree: Any, steps: list[str], value: Any) -> None:
    """Set one leaf of the content."""
    *way, last = steps
    try:
        for step in way:
            tree = tree[int(step)] if isinstance(tree, list) else tree.setdefault(step, {})
        if isinstance(tree, list):
            tree[int(last)] = value
        else:
            tree[last] = value
    except (AttributeError, IndexError, TypeError, ValueError):
        raise Illegal(f"没有该字段 (no such field): {'.'.join(steps)}") from None
