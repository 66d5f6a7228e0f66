"""What the side door does at the simulated platform: bear cases, spoil them, load many. Made-up values say 模拟."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from typing import Any

from adapters.national.simulator.desk import INSERT, Desk, Row
from adapters.national.simulator.spec import PARTS
from bridge.model.identity import uscc_check
from bridge.testing.simulator.server import Illegal

PATH = re.compile(r"(accept|result|process|material|special)(?:\[([0-9]+)\])?\.(\w+)", re.ASCII)

TASK = "11120116MB011600144000116001000"
USCC = "91120116MAEE00000"
"""First 17 characters of an invented company; the check character is computed."""


def tamper(desk: Desk, words: Mapping[str, Any]) -> str:
    """Change what is held and tell nobody; the number that now matters. Raises NoSuchCase, Illegal."""
    if number := words.get("remove"):
        desk.remove(number)
        return str(number)
    if number := words.get("copy"):
        made = {**desk.accept_row(number), "row_guid": str(uuid.uuid4())}
        desk.keep("accept", made)
        return str(made["row_guid"])
    if "set" not in words:
        raise Illegal("国家平台只有文件名，没有文件 (the platform has names of files, and no files)")
    accept = desk.accept_row(words["number"])
    for path, value in words["set"].items():
        part, row, column = _leaf(desk, accept, path)
        desk.keep(part, {**row, column: value})
    return str(words["number"])


def born(desk: Desk, now: str, words: Mapping[str, Any]) -> Row:
    """A case that another system reported: `fields` as told, the rest made up. Raises Illegal."""
    return _made(desk, now, words.get("key"), words.get("number"), words)


def load(desk: Desk, now: str, words: Mapping[str, Any]) -> int:
    """`records` as told (`key`, `number`, `fields`, `status`), or `count` made up; told to nobody. Raises Illegal."""
    records = words.get("records") or [{} for _ in range(int(words.get("count", 0)))]
    for record in records:
        _made(desk, now, record.get("key"), record.get("number"), record)
    return len(records)


def _made(desk: Desk, now: str, key: str | None, number: str | None, words: Mapping[str, Any]) -> Row:
    """A small case; everything in it that is not told is invented."""
    guid = number or str(uuid.uuid4())
    project_no = key or f"{TASK}{now[:10].replace('-', '')}{uuid.uuid4().int % 10**6:06d}"
    tail = {"cd_operation": INSERT, "cd_time": now, "cd_batch": f"模拟{uuid.uuid4().hex[:18]}", "data_source": "112"}
    accept: Row = {
        "row_guid": guid,
        "project_no": project_no,
        "catalog_code": TASK[19:],
        "task_code": TASK,
        "task_name": "排污许可",
        "task_version": 1,
        "applyer_name": "模拟化工有限公司",
        "applyer_type": "2",
        "applyer_page_type": "001",
        "applyer_page_code": USCC + uscc_check(USCC),
        "apply_date": now,
        "apply_type": "1",
        "org_name": "模拟审批机关",
        "org_code": TASK[:18],
        "accept_date": now,
        "project_name": "模拟窗口办件",
        "project_type": "2",
        **tail,
    }
    desk.keep("accept", accept)
    fields = dict(words.get("fields", {}))
    status = str(words.get("status", "2"))
    if status.startswith("3/"):
        fields.setdefault("result.result_type", status.removeprefix("3/"))
    if any(path.startswith("result.") for path in fields):
        result = {
            "row_guid": str(uuid.uuid4()),
            "project_no": project_no,
            "result_date": now,
            "is_delivery_results": "0",
        }
        desk.keep("result", {**result, "result_type": "0", **tail})
    for path, value in fields.items():
        part, row, column = _leaf(desk, desk.accept_row(guid), path)
        desk.keep(part, {**row, column: value})
    return desk.accept_row(guid)


def _leaf(desk: Desk, accept: Row, path: str) -> tuple[str, Row, str]:
    """The row and column that a path of `records` names. Raises Illegal where there is none."""
    found = PATH.fullmatch(path)
    part, place, column = found.groups() if found else ("", None, "")
    rows = [accept] if part == "accept" else desk.held.of_case(part, accept["project_no"]) if part else []
    if not part or column not in PARTS[part][1] or int(place or 0) >= len(rows) or column in ("row_guid", "project_no"):
        raise Illegal(f"没有这个字段 (no such field): {path}")
    return part, rows[int(place or 0)], column
