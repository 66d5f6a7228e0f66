"""The quality check of one row: what the real one would refuse (TARGETS 1.2, 1.4, 1.5, 8.1, 8.2)."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from typing import Any

from adapters.national.simulator.spec import PARTS, Want
from bridge.model.identity import is_id_card, is_uscc

Row = Mapping[str, Any]
Flaw = tuple[str, str]
"""Column and reason."""

CODES: Mapping[str, frozenset[str]] = {
    "cd_operation": frozenset("IUD"),
    "applyer_type": frozenset("1234569"),
    "apply_type": frozenset("12349"),
    "project_type": frozenset("12"),
    "event_name": frozenset("123"),
    "result_type": frozenset("012456"),
    "is_delivery_results": frozenset("01"),
    "get_type": frozenset("1234"),
    "special_type": frozenset("12"),
    "apply_channel": frozenset("12"),
    "applyer_page_type": frozenset(("001", "01", "111", "112", "114", "414", "511", "516", "553")),
    "contact_type": frozenset(("001", "01", "111", "112", "114", "414", "511", "516", "553")),
}

SHAPES: Mapping[str, re.Pattern[str]] = {
    "catalog_code": re.compile(r"[0-9]{12}"),
    "task_code": re.compile(r"[0-9A-HJ-NPQRTUWXY]{18}[1-7][0-9]{12}"),
    "task_handle_item": re.compile(r"[0-9A-HJ-NPQRTUWXY]{18}[1-7][0-9]{14}"),
    "contact_mobile": re.compile(r"1[3-9][0-9]{9}"),
    "zip_code": re.compile(r"[0-9]{6}"),
    "data_source": re.compile(r"1[0-9]{2}"),
    "get_num": re.compile(r"[0-9]{1,5}"),
}

UNIT_TYPES = frozenset(("001", "01"))
PERSON_TYPE = "111"
GRANTED = "0"
OTHER, OTHER_AT = "10", slice(21, 23)
"""事项类型 其他行政权力, and where it stands in a 办件编号, which begins with the 实施编码 (TARGETS 1.5)."""


def flaws(part: str, row: Row) -> list[Flaw]:
    """All that is wrong with a row by itself."""
    found = list(_columns(part, row))
    return found or list(_CROSS.get(part, _nothing)(row))


def _columns(part: str, row: Row) -> Iterator[Flaw]:
    """Column by column."""
    for name, want in PARTS[part][1].items():
        value = row.get(name)
        if value is None or value == "":
            reason = "必填" if want.required else ""
        elif want.type == "n":
            reason = "" if isinstance(value, int) else "应为整数"
        else:
            reason = _text(name, want, value) if isinstance(value, str) else "应为文字"
        if reason:
            yield name, reason


def _text(name: str, want: Want, value: str) -> str:
    """What is wrong with a text or a date, `""` where nothing is."""
    if want.type == "d":
        return "" if _is_wall(value) else "时间格式应为 yyyy-MM-dd HH:mm:ss"
    if len(value) > want.size:
        return f"超过 {want.size} 个字符"
    if name in CODES and value not in CODES[name]:
        return "代码不在代码表中"
    return "格式不正确" if name in SHAPES and not SHAPES[name].fullmatch(value) else ""


def _accept(row: Row) -> Iterator[Flaw]:
    """Numbers that must fit each other, and check digits."""
    if row["task_code"][19:31] != row["catalog_code"]:
        yield "task_code", "与基本编码不一致"
    if row.get("task_handle_item") and row["task_handle_item"][:31] != row["task_code"]:
        yield "task_handle_item", "与实施编码不一致"
    if not is_uscc(row["org_code"]):
        yield "org_code", "统一社会信用代码校验位不正确"
    if row["applyer_page_type"] in UNIT_TYPES and not is_uscc(row["applyer_page_code"]):
        yield "applyer_page_code", "统一社会信用代码校验位不正确"
    if row["applyer_page_type"] == PERSON_TYPE and not is_id_card(row["applyer_page_code"]):
        yield "applyer_page_code", "身份证号码校验位不正确"
    if row.get("contact_type") == PERSON_TYPE and not is_id_card(row.get("contact_code") or ""):
        yield "contact_code", "身份证号码校验位不正确"
    if row.get("promise_date") and row["promise_date"] < row["accept_date"]:
        yield "promise_date", "早于受理时间"


def _process(row: Row) -> Iterator[Flaw]:
    if row["event_end_time"] < row["event_start_time"]:
        yield "event_end_time", "早于开始时间"


def _result(row: Row) -> Iterator[Flaw]:
    """A licence where a permit is granted, a reason where it is not; what is only filed has no licence."""
    filed = row["project_no"][OTHER_AT] == OTHER
    if row["result_type"] == GRANTED and not row.get("result_cetr_no") and not filed:
        yield "result_cetr_no", "准予许可时必填"
    if row["result_type"] != GRANTED and not row.get("result_explain"):
        yield "result_explain", "未准予许可时必填"


def _special(row: Row) -> Iterator[Flaw]:
    if row["end_time"] < row["special_time"]:
        yield "end_time", "早于开始时间"


def _nothing(_row: Row) -> Iterator[Flaw]:
    return iter(())


_CROSS = {"accept": _accept, "process": _process, "result": _result, "special": _special}


def _is_wall(text: str) -> bool:
    """Whether a text is wall time to the second."""
    form = "%Y-%m-%d %H:%M:%S"
    try:
        return dt.datetime.strptime(text, form).strftime(form) == text  # noqa: DTZ007 - wall time of China
    except ValueError:
        return False
