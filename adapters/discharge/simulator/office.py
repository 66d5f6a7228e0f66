"""The office behind the simulated platform: what the side door's `decide`, `tamper` and `born` do there.

The simulator plays the issuer: what the caller leaves out of `items`, `reason`, `licence` and `document` is made here
and marked 模拟; what the caller gives as null, or as an empty list, the office does not say. An officer and an opinion
are told only where the caller gives them: the platform does not always tell them. The platform has no status of its own
for 审查, 特别程序, 制证 and 送达 (TARGETS 8.6): these acts are told by a stage beside the status that stands.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from adapters.discharge.codes import (
    APPLY_TYPES,
    CANCELLATIONS,
    CHANGES,
    CORRECTION,
    GRANTED,
    LICENCE,
    NOT_ACCEPTED,
    RECEIPT,
    REFUSED,
    REGISTER_TYPES,
    REVIEWING,
    STAGES,
    SUBMITTED,
)
from adapters.discharge.simulator.papers import MARK, pdf
from adapters.discharge.simulator.platform import WITHDRAWABLE, Case, Platform
from adapters.discharge.simulator.rules import number_before
from bridge.clock import CHINA, Clock
from bridge.testing.simulator.server import Illegal
from bridge.testing.simulator.store import Store

MOVES: dict[str, tuple[tuple[str, ...], str]] = {
    "accept": ((SUBMITTED,), REVIEWING),
    "correct": ((SUBMITTED,), CORRECTION),
    "not_accept": ((SUBMITTED,), NOT_ACCEPTED),
    "return": ((REVIEWING,), CORRECTION),
    "grant": ((REVIEWING,), GRANTED),
    "refuse": ((REVIEWING,), REFUSED),
}
"""Act → the statuses in which it is legal, and the status that it leads to."""

SAYING = ("review", "suspend", "resume", "extend", "issue", "close", "serve", "revoke", "cancel")
"""Acts that change no status of the platform: they are told as a stage beside the status that stands."""

WITHDRAW = "withdraw"
"""The applicant takes it back on the platform itself."""

PAPERS = {
    "accept": "受理通知书",
    "correct": "补正告知书",
    "not_accept": "不予受理决定书",
    "grant": "准予许可决定书",
    "refuse": "不予许可决定书",
}
"""The 文书 that this office issues with an act (行政许可法 Art 32, 38, 39)."""

WITH_ITEMS = ("correct", "return")
WITH_REASON = ("correct", "return", "not_accept", "refuse", "revoke", "cancel", "suspend", "extend")
WITH_LICENCE = ("grant", "issue")

ITEMS = ({"content": f"{MARK}：请核对单位名称", "field": "1.单位名称"}, {"content": f"{MARK}：请补正附件"})
REASON = f"{MARK}：未给出原因"

TERM_YEARS = 5
"""排污许可管理条例 Art 14."""

KEEPING_TERM = (*CHANGES, APPLY_TYPES["reissue"])
"""Types by which a permit's term does not change."""

PERMIT_NAMES = {
    "PWXKZBH": ("number", "no"),
    "XKYXQXQ": ("valid_from", "from"),
    "XKYXQXZ": ("valid_to", "to"),
    "HFRQ": ("issued_on", "issued"),
    "HFHBJGMC": ("issuer",),
}
"""The permit's fields (TARGETS 2.6), and what the side door calls them."""


def decide(platform: Platform, clock: Clock, case: Case, act: str, words: Mapping[str, Any]) -> Case:
    """Do one act. Raises Illegal."""
    _check_legal(case, act)
    if act == WITHDRAW:
        return platform.withdraw(case, reason=words.get("reason"), at=None)
    said = _said(act, words)
    case.reason = said.get("reason", case.reason)
    if act in PAPERS or words.get("document"):
        said["documents"] = _documents(platform, clock, case, act, words)
    if permit := _permit(platform, clock, case, act, words):
        said["permit"] = permit
    said = {name: value for name, value in said.items() if value not in (None, [])}
    status = MOVES[act][1] if act in MOVES else case.status
    return platform.move(case, status, stage=act if act in STAGES else None, **said)


def _check_legal(case: Case, act: str) -> None:
    """Raises Illegal."""
    if act in MOVES:
        legal: tuple[str, ...] = MOVES[act][0]
    elif act in SAYING:
        legal = STAGES[act].statuses
    elif act == WITHDRAW:
        legal = WITHDRAWABLE
    else:
        raise Illegal(f"此平台没有该操作 (means nothing here): {act}")
    if case.status not in legal:
        raise Illegal(f"{case.status} 时不能 {act} (not legal now)")


def _said(act: str, words: Mapping[str, Any]) -> dict[str, Any]:
    """Officer, opinion, reason and items, each only where it was given or is the office's own to say."""
    said = {name: words[name] for name in ("officer", "opinion", "reason") if name in words}
    if act in WITH_REASON:
        said.setdefault("reason", REASON)
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


def _documents(
    platform: Platform, clock: Clock, case: Case, act: str, words: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """The 文书 of an act; `document` says what the caller wants to stand in it, null that there is none."""
    told = words.get("document", {})
    if told is None:
        return []
    given = _object(told)
    today = _today(clock)
    type_ = given.get("type", PAPERS.get(act, "其他文书"))
    title = given.get("title", f"{type_}（{MARK}）")
    number = _named(given, ("number", "no"), f"{MARK}〔{today.year}〕{uuid.uuid4().hex[:8].upper()}号")
    date = _plain(given.get("date", f"{today:%Y%m%d}"))
    lines = [f"文号：{number}", f"日期：{date}", f"申请编号：{case.dataid}"]
    file = platform.keep_document(case, pdf(title, lines), given.get("name", f"{type_}.pdf"))
    document = {"type": type_, "title": title, "number": number, "date": date, **file}
    return [{name: value for name, value in document.items() if value is not None}]


def _permit(platform: Platform, clock: Clock, case: Case, act: str, words: Mapping[str, Any]) -> dict[str, Any] | None:
    """The permit, where this act gives one: at 准予, or, where it was held back there, at 制证."""
    told = words.get("licence", {})
    if act not in WITH_LICENCE or told is None or (act == "issue" and case.permit and "licence" not in words):
        return None
    fields = permit(case, clock, _object(told))
    platform.issue(case, fields["PWXKZBH"], fields)
    number = fields["PWXKZBH"]
    if case.apply_type in CANCELLATIONS:  # the permit that ended is named, and there is no file of it
        return fields
    file = platform.keep_document(case, pdf(f"{LICENCE}（{MARK}）", [f"编号：{number}"]), f"{LICENCE}-{number}.pdf")
    return {**fields, "file": {"title": f"{LICENCE}（{MARK}）", **file}}


def permit(case: Case, clock: Clock, given: Mapping[str, Any]) -> dict[str, str]:
    """The permit that this office issues: number by HJ 608-2017, five years; what is given as null is left out.

    A permit keeps its number for life (736号 Art 14, 15): one that is changed, renewed or replaced has that of before.
    """
    today = _today(clock)
    account, before = case.content["account"], case.content.get("变更", {})
    term = before.get("原有效期限起"), before.get("原有效期限止")
    if case.apply_type not in KEEPING_TERM or None in term:
        term = _term(today)
    made = {
        "PWXKZBH": number_before(case.content) or f"{account['SocietyCode']}{account['SiteSeq']}P",
        "XKYXQXQ": term[0],
        "XKYXQXZ": term[1],
        "HFRQ": f"{today:%Y%m%d}",
        "HFHBJGMC": f"{MARK}审批机关",
    }
    fields = {name: _named(given, PERMIT_NAMES[name], value) for name, value in made.items()}
    dates = {name: _plain(fields[name]) for name in ("XKYXQXQ", "XKYXQXZ", "HFRQ")}
    if case.apply_type in CANCELLATIONS and not given:  # what ended has no term, and is issued by nobody today
        dates = dict.fromkeys(dates)
        fields["HFHBJGMC"] = None
    told = {name: value for name, value in {**fields, **dates}.items() if value is not None}
    if "PWXKZBH" not in told:
        raise Illegal("许可证应有编号 (a licence has a number)")
    return {**told, "note": MARK}


def register(platform: Platform, clock: Clock, case: Case) -> dict[str, Any]:
    """What is told of a 排污登记 as it is handed in: number (HJ 608-2017, `W`), five years, and its receipt.

    A change keeps number and term; a cancellation has a receipt, and ends the term. Nobody decides, so nobody is named.
    """
    today, before = _today(clock), case.content.get("变更", {})
    account = case.content["account"]
    number = number_before(case.content) or f"{account['SocietyCode']}{account['SiteSeq']}W"
    fields: dict[str, str | None] = {"PWDJBH": number, "DJRQ": f"{today:%Y%m%d}"}
    if case.apply_type == REGISTER_TYPES["change"]:
        fields |= {"YXQXQ": _plain(before.get("原有效期限起")), "YXQXZ": _plain(before.get("原有效期限止"))}
    elif case.apply_type not in CANCELLATIONS:
        fields |= dict(zip(("YXQXQ", "YXQXZ"), _term(today), strict=True))
    told = {name: value for name, value in fields.items() if value is not None}
    platform.issue(case, number, {**told, "note": MARK})
    lines = [f"登记编号：{number}", f"登记日期：{told['DJRQ']}"]
    file = platform.keep_document(case, pdf(f"{RECEIPT}（{MARK}）", lines), f"{RECEIPT}-{number}.pdf")
    return {"registration": {**told, "file": {"title": f"{RECEIPT}（{MARK}）", **file}}}


def _object(told: Any) -> Mapping[str, Any]:
    """What was told of a paper: an object, or only its number."""
    if isinstance(told, Mapping):
        return told
    return {"number": told} if isinstance(told, str) else {}


def _named(given: Mapping[str, Any], names: tuple[str, ...], made: str) -> Any:
    """What was given under one of the names, else what is made."""
    return next((given[name] for name in names if name in given), made)


def _plain(day: Any) -> str | None:
    """A date as the platform writes it, yyyyMMdd."""
    return None if day is None else str(day).replace("-", "")


def _today(clock: Clock) -> dt.date:
    return clock.now().astimezone(CHINA).date()


def _term(begin: dt.date) -> tuple[str, str]:
    """First and last day of a term that begins on a day."""
    return f"{begin:%Y%m%d}", f"{_years_on(begin, TERM_YEARS) - dt.timedelta(days=1):%Y%m%d}"


def _years_on(day: dt.date, years: int) -> dt.date:
    """The same day some years later; 29 February becomes 1 March."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return dt.date(day.year + years, 3, 1)


def copy(platform: Platform, case: Case) -> Case:
    """A second case with the same content, under another key."""
    return platform.keep(replace(case, dataid=str(uuid.uuid4())))


def swap_material(platform: Platform, store: Store, case: Case) -> None:
    """Other bytes under the name of its first file. Raises Illegal where it has none."""
    if not case.files():
        raise Illegal("没有附件 (it has no file)")
    old = case.files()[0]
    swapped = replace(old, digest=store.keep_file(uuid.uuid4().bytes))
    case.uploads = [swapped if upload is old else upload for upload in case.uploads]
    platform.keep(case)


def swap_document(platform: Platform, case: Case, file_id: str) -> None:
    """Other bytes under the id of a 文书 that was told. Raises Illegal where there is none."""
    if platform.document(case, file_id) is None:
        raise Illegal("没有这份文书 (no such document)")
    platform.keep_document(case, pdf(f"被替换（{MARK}）", [uuid.uuid4().hex]), "swapped.pdf", file_id=file_id)


def set_fields(platform: Platform, case: Case, values: Mapping[str, Any]) -> None:
    """Other values, by the field names of `records`; `status` is the status. Raises Illegal for a field it has not."""
    for path, value in values.items():
        if path == "status":
            case.status = value
        else:
            _put(case.content, path.replace("[", ".").replace("]", "").split("."), value)
    platform.keep(case)


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
