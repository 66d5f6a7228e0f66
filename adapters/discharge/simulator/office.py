"""The office behind the simulated platform: what the side door's `decide`, `tamper` and `born` do there.

What the caller leaves out (reason, items, permit number and dates) is made up here and marked 模拟: the simulator plays
the issuer. The platform has no status of its own for 特别程序, 制证 and 送达 (TARGETS 8.6): these acts are told in the
stream only.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from adapters.discharge.codes import (
    CORRECTION,
    DRAFT,
    GRANTED,
    NOT_ACCEPTED,
    REFUSED,
    REVIEWING,
    SUBMITTED,
)
from adapters.discharge.simulator.platform import Case, Platform
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
    "withdraw": ((SUBMITTED, REVIEWING, CORRECTION), DRAFT),
}
"""Act → the statuses in which it is legal, and the status that it leads to."""

SAYING: dict[str, tuple[str, ...]] = {
    "suspend": (REVIEWING,),
    "resume": (REVIEWING,),
    "extend": (REVIEWING,),
    "issue": (GRANTED,),
    "close": (GRANTED, REFUSED),
    "serve": (GRANTED, REFUSED),
    "revoke": (GRANTED,),
    "cancel": (GRANTED,),
}
"""Acts that change no status of the platform: they are told in the stream with the status that stands."""

TERM_YEARS = 5
"""排污许可管理条例 Art 14."""


def decide(platform: Platform, clock: Clock, case: Case, act: str, words: Mapping[str, Any]) -> Case:
    """Do one act. Raises Illegal."""
    if act not in MOVES and act not in SAYING:
        raise Illegal(f"此平台没有该操作 (means nothing here): {act}")
    legal = MOVES[act][0] if act in MOVES else SAYING[act]
    if case.status not in legal:
        raise Illegal(f"{case.status} 时不能 {act} (not legal now)")
    detail: dict[str, Any] = {"act": act}
    if act in ("correct", "return"):
        detail["items"] = words.get("items") or [{"content": "模拟：请补正附件"}]
    if act in ("correct", "return", "not_accept", "refuse", "revoke", "cancel", "suspend", "extend"):
        case.reason = detail["reason"] = words.get("reason") or "模拟：未给出原因"
    if act == "grant":
        detail["permit"] = permit(case, clock, words.get("licence") or {})
        platform.issue(case, detail["permit"])
    if document := words.get("document"):
        detail["document"] = document
    return platform.move(case, MOVES[act][1] if act in MOVES else case.status, **detail)


def permit(case: Case, clock: Clock, given: Mapping[str, str]) -> dict[str, str]:
    """The permit that this office issues: number by HJ 608-2017, five years."""
    today = clock.now().astimezone(CHINA).date()
    account = case.content["account"]
    return {
        "PWXKZBH": given.get("no") or f"{account['SocietyCode']}{account['SiteSeq']}P",
        "XKYXQXQ": given.get("from") or f"{today:%Y%m%d}",
        "XKYXQXZ": given.get("to") or f"{_years_on(today, TERM_YEARS) - dt.timedelta(days=1):%Y%m%d}",
        "HFRQ": given.get("issued") or f"{today:%Y%m%d}",
        "HFHBJGMC": given.get("issuer") or "模拟审批机关",
        "note": "模拟",
    }


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
