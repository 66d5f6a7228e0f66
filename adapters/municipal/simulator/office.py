"""What the side door does at the simulated gateway: play the office, bear cases, spoil them, load many.

What the caller leaves out (reason, items, licence) is made up and marked 模拟: the simulator plays the issuer.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from typing import Any

import orjson

from adapters.municipal.simulator.desk import Case, Desk, File
from bridge.kit.signing import sm3_hex
from bridge.model.identity import uscc_check
from bridge.testing.simulator.server import Illegal, NoSuchCase
from bridge.testing.simulator.store import Store

OPEN = ("00", "02", "03", "04", "05")

MOVES: dict[str, tuple[tuple[str, ...], str, str]] = {
    "accept": (("00", "03"), "02", "SLJG"),
    "correct": (("00", "03"), "03", "BZGZ"),
    "not_accept": (("00", "03"), "07", "SLJG"),
    "return": (("02", "04"), "03", "BZGZ"),
    "suspend": (("02", "04"), "05", "TBCX"),
    "resume": (("05",), "04", "TBCX"),
    "extend": (("02", "04"), "04", "TBCX"),
    "grant": (("02", "04"), "10", "BJJG"),
    "refuse": (("02", "04"), "12", "BJJG"),
    "file": (("00", "03"), "14", "BJJG"),
    "not_file": (("00", "03"), "15", "BJJG"),
    "issue": (("10",), "10", "ZZSC"),
    "serve": (("10", "12"), "11", "SDJG"),
    "withdraw": (OPEN, "13", "BJJG"),
    "revoke": (("10", "11"), "09", "BJJG"),
    "cancel": (("10", "11", "14"), "09", "BJJG"),
}
"""Act → the statuses in which it is legal, the status that it leads to, and the kind of message that tells it."""

REASONED = frozenset(
    {"not_accept", "not_file", "return", "suspend", "extend", "refuse", "withdraw", "revoke", "cancel"}
)

STEP = re.compile(r"([^.\[\]]+)|\[([0-9]+)\]")

BORN_TASK = "11120116MB011600144000116001000"
BORN_USCC = "91120116MAEE00000"
"""First 17 characters of an invented company; the check character is computed."""


def decide(desk: Desk, number: str, act: str, words: Mapping[str, Any]) -> Case:
    """Do one act. Raises NoSuchCase, Illegal."""
    case = _case(desk, number)
    if act not in MOVES:
        raise Illegal(f"此系统没有该操作 (means nothing here): {act}")
    legal, status, kind = MOVES[act]
    if case.status not in legal:
        raise Illegal(f"{case.status} 时不能 {act} (not legal now)")
    case.status = status
    desk.keep(case)
    data: dict[str, Any] = {"act": act}
    if act in ("correct", "return"):
        data["items"] = words.get("items") or [{"content": "模拟：请补正申请材料"}]
    if act in REASONED:
        data["reason"] = words.get("reason") or "模拟：未给出原因"
    if act == "issue":
        data["licence"] = words.get("licence") or {"no": f"模拟-{case.project_no[-12:]}", "name": "排污许可证"}
    for name, theirs in (("officer", "handleUser"), ("opinion", "opinion")):
        if name in words:
            data[theirs] = words[name]
    if document := words.get("document"):
        data["documents"] = [document]
    desk.tell(case, kind, **data)
    return case


def tamper(desk: Desk, store: Store, words: Mapping[str, Any]) -> str:
    """Change what is held and tell nobody; the number that now matters. Raises NoSuchCase, Illegal."""
    if number := words.get("remove"):
        case = _case(desk, number)
        desk.drop(case)
    elif number := words.get("copy"):
        case = _case(desk, number)
        case.project_no = desk.new_number(case.apply["taskCode"])
        desk.keep(case)
    elif number := words.get("swap_material"):
        case = _case(desk, number)
        if not case.files:
            raise Illegal("此办件没有附件 (the case has no file)")
        old = case.files[0]
        data = f"swapped {uuid.uuid4()}".encode()
        case.files[0] = File(old.file_id, old.project_no, old.name, store.keep_file(data), sm3_hex(data), len(data))
        desk.keep(case)
    else:
        case = _case(desk, words["number"])
        for path, value in words["set"].items():
            if path == "status":
                case.status = value
            else:
                _put({"projid/apply": case.apply, "receive": case.receive}, path, value)
        desk.keep(case)
    return case.project_no


def born(desk: Desk, now: str, words: Mapping[str, Any]) -> Case:
    """A case that came in elsewhere: `fields` and `status` as told, the rest made up. It has no bizNo of ours."""
    task_code = words.get("fields", {}).get("receive.matterCode", BORN_TASK)
    case = _made(desk.new_number(task_code), None, now, words.get("fields", {}))
    case.status = words.get("status", case.status)
    desk.keep(case)
    desk.tell(case, "SBSL")
    return case


def load(desk: Desk, now: str, words: Mapping[str, Any]) -> int:
    """`records` as told (`key`, `fields`, `status`), or `count` made up; told to nobody."""
    records = words.get("records") or [{"key": f"LOAD{place:09d}"} for place in range(int(words.get("count", 0)))]
    for record in records:
        fields = record.get("fields", {})
        number = record.get("number") or desk.new_number(fields.get("receive.matterCode", BORN_TASK))
        case = _made(number, record.get("key"), now, fields)
        case.status = record.get("status", case.status)
        desk.keep(case)
    return len(records)


def _made(project_no: str, key: str | None, now: str, fields: Mapping[str, Any]) -> Case:
    """A small case; everything in it is invented."""
    task_code = fields.get("receive.matterCode", BORN_TASK)
    tree: dict[str, Any] = {
        "projid/apply": {"taskCode": task_code, "areaCode": "120116"},
        "receive": {
            "version": 1,
            "matterCode": task_code,
            "matterName": "排污许可",
            "bizType": "1",
            "affairType": "2",
            "applyOrigin": "1",
            "projectName": "模拟窗口办件",
            "gmtApply": now,
            "areaCode": "120116",
            "deptCode": task_code[:18],
            "deptName": "模拟审批机关",
            "applicantVO": {
                "name": "模拟化工有限公司",
                "type": "2",
                "certType": "001",
                "certNo": BORN_USCC + uscc_check(BORN_USCC),
                "legal": "模拟法人",
                "address": "天津市滨海新区模拟路1号",
                "zip": "300450",
                "areaCode": "120116",
            },
            "suffInfoList": [],
        },
    }
    if key is not None:
        tree["projid/apply"]["bizNo"] = tree["receive"]["bizNo"] = key
    for path, value in fields.items():
        _put(tree, path, value)
    receive = tree["receive"]
    sign = sm3_hex(orjson.dumps(receive, option=orjson.OPT_SORT_KEYS))
    return Case(project_no, key, tree["projid/apply"], receive, sign, receive["version"], f"SJ{project_no[-12:]}")


def _case(desk: Desk, number: str) -> Case:
    case = desk.case(number)
    if case is None:
        raise NoSuchCase
    return case


def _put(tree: Any, path: str, value: Any) -> None:
    """Set one leaf by its path, `receive.suffInfoList[0].attachName`. Raises Illegal where the path leads nowhere."""
    steps: list[str | int] = [int(place) if place else name for name, place in STEP.findall(path)]
    if not steps or steps[0] not in ("projid/apply", "receive"):
        raise Illegal(f"没有这个字段 (no such field): {path}")
    try:
        for step in steps[:-1]:
            tree = tree[step] if isinstance(step, int) else tree.setdefault(step, {})
        tree[steps[-1]] = value
    except (TypeError, IndexError, AttributeError) as exc:
        raise Illegal(f"没有这个字段 (no such field): {path}") from exc
