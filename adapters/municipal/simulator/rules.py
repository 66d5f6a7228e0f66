"""What the simulated gateway checks of a content: its schema, lengths in UTF-16 units, identities, dates, codes.

It knows matters by the 基本编码 in the 实施编码; one that it does not know is no matter (404). Where things are kept
and what may follow what is `desk`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema_rs
import orjson

from adapters.municipal.simulator.gate import denied
from bridge.kit.signing import sm3_hex
from bridge.model.identity import is_id_card, is_uscc

SCHEMAS = Path(__file__).parent.parent / "schemas"

MATTERS = {
    "000116001000": "discharge-permit-v1",
    "000116002000": "radiation-licence-v1",
    "000116004000": "isotope-transfer-v1",
    "001016003001": "isotope-transfer-filing-v1",
    "001016003002": "isotope-offsite-filing-v1",
    "001016003003": "waste-source-filing-v1",
}
"""基本编码 → the schema of what is handed in."""

FILING = "6"
"""bizType 备案."""

PERMIT = "000116001000"
"""排污许可."""
RADIATION = "000116002000"
"""辐射安全许可."""

KINDS = {"0": "1", "1": "2", "2": "2", "3": "1", "4": "3", "5": "4", "6": "5", "7": "2", "8": "2"}
"""affFormInfo.changeType → the bizType that it belongs to."""

_CARDS = ("manageType", "rectify", "started", "pollutantTypes")
_CHANGE = ("oldLicenceNo", "changeReason", "changeDate")
_SCOPE = (
    *("produceSources", "sellSources", "useSources", "produceDevices", "sellDevices", "useDevices"),
    *("nonsealActivities", "nonsealLevels"),
)
_END = ("oldLicenceNo", "endReason", "endDate")
_OF_PERMIT: Mapping[str, tuple[str, ...]] = {
    "0": _CARDS,
    "1": (*_CARDS, *_CHANGE),
    "2": (*_CARDS, *_CHANGE),
    "3": (*_CARDS, "oldLicenceNo", "reapplyReason"),
    "4": (*_CARDS, "oldLicenceNo"),
    "5": ("oldLicenceNo", "reissueReason"),
    "6": ("oldLicenceNo", "cancelReason"),
}
_OF_RADIATION: Mapping[str, tuple[str, ...]] = {
    "0": _SCOPE,
    "3": (*_SCOPE, "oldLicenceNo", "reapplyReason"),
    "4": (*_SCOPE, "oldLicenceNo"),
    "6": _END,
    "7": _CHANGE,
    "8": _END,
}
ASKED: Mapping[str, Mapping[str, tuple[str, ...]]] = {PERMIT: _OF_PERMIT, RADIATION: _OF_RADIATION}
"""Matter and changeType → what is asked of such an application."""

DAYS = (
    *("startDate", "oldLicenceFrom", "oldLicenceTo", "changeDate", "licenceFrom", "licenceTo", "agreementDate"),
    *("approvalDate", "doneDate", "useFrom", "useTo", "oldFilingDate", "endDate"),
)
"""Fields of affFormInfo that are dates."""

PERSON, ORGANISATION = "111", "001"
CITY = "1201"
"""Districts of Tianjin (GB/T 2260) begin with it."""

ADDED = frozenset({"projectNo", "dataSign"})
"""What a call adds to the content of a case."""

Wrong = dict[str, str]
"""`{"field", "reason"}`, never the value."""


class Rules:
    """The rules of one matter."""

    def __init__(self, schema: Mapping[str, Any]) -> None:
        self._parts = dict(schema["properties"])
        self._valid = {name: jsonschema_rs.validator_for(part) for name, part in self._parts.items()}

    def check(self, part: str, content: Mapping[str, Any]) -> None:
        """Raise Denied, naming every wrong field of `projid/apply` or `receive`."""
        wrong = list(self.shape(part, content))
        if not wrong:
            wrong = [*_too_long(self._parts[part], content, part), *_judged(part, content)]
        if wrong:
            raise denied("422", {"fields": wrong})

    def part(self, name: str) -> Mapping[str, Any]:
        """The schema of one part."""
        part: Mapping[str, Any] = self._parts[name]
        return part

    def shape(self, part: str, content: Mapping[str, Any]) -> Iterator[Wrong]:
        """Every field of a part that the schema refuses."""
        if self._valid[part].is_valid(content):
            return
        for error in self._valid[part].iter_errors(content):
            yield _wrong(part, list(error.instance_path), "格式或取值不符合要求")


def rules_of(task_code: Any) -> Rules:
    """The rules for a 实施编码. Raises Denied where it is malformed, or of no matter that is known."""
    if not isinstance(task_code, str) or len(task_code) != 31 or not is_uscc(task_code[:18]):
        raise denied("400", message="taskCode 不是有效的实施编码")
    name = MATTERS.get(task_code[19:])
    if name is None or task_code[18] not in "1234567":
        raise denied("404")
    return _rules(name)


@cache
def _rules(name: str) -> Rules:
    return Rules(orjson.loads((SCHEMAS / f"{name}.json").read_bytes()))


def check_message(call: str, content: Mapping[str, Any]) -> None:
    """Raise Denied, naming every wrong field of a message about a case."""
    rules = _rules("message-v1")
    wrong = list(rules.shape(call, content))
    wrong = wrong or list(_too_long(rules.part(call), content, call))
    if not wrong:
        for name in ("gmtAccept", "gmtEnd", "gmtStart", "gmtFinish", "gmtWithdraw"):
            if name in content and not _is(lambda name=name: dt.datetime.strptime(content[name], "%Y-%m-%d %H:%M:%S")):  # type: ignore[misc]  # noqa: DTZ007 - a wall time
                wrong.append(_wrong(call, [name], "不是有效的时间"))
    if wrong:
        raise denied("422", {"fields": wrong})


def signed_content(body: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """The content of a case without what the call adds, and the paths of its files.

    Raises Denied where `dataSign` is not the digest of the content, or a file has no path.
    """
    files = body.get("suffInfoList")
    if not isinstance(files, list) or not all(isinstance(file, dict) for file in files):
        raise denied("422", {"fields": [_wrong("receive", ["suffInfoList"], "应为列表")]})
    paths = [file.get("attachPath") for file in files]
    content = {name: value for name, value in body.items() if name not in ADDED}
    content["suffInfoList"] = [{name: file[name] for name in file if name != "attachPath"} for file in files]
    if body.get("dataSign") != sm3_hex(orjson.dumps(content, option=orjson.OPT_SORT_KEYS)):
        raise denied("400", message="dataSign 与内容不一致")
    wrong = [
        _wrong("receive", ["suffInfoList", place, "attachPath"], "应先上传附件")
        for place, path in enumerate(paths)
        if not isinstance(path, str) or not path
    ]
    if wrong:
        raise denied("422", {"fields": wrong})
    return content, [str(path) for path in paths]


def _judged(part: str, content: Mapping[str, Any]) -> Iterator[Wrong]:
    """What a schema cannot say."""
    if not content["areaCode"].startswith(CITY):
        yield _wrong(part, ["areaCode"], "不是本市的区划代码")
    if part == "receive":
        yield from _judged_identities(part, content)
        yield from _judged_dates(part, content)
        yield from _judged_kind(part, content)


def _judged_kind(part: str, content: Mapping[str, Any]) -> Iterator[Wrong]:
    """The two codes for the type agree, and what a type asks for is there."""
    form = content["affFormInfo"]
    if ("filingType" in form) != (content["bizType"] == FILING):
        yield _wrong(part, ["affFormInfo", "filingType"], "与业务类型不一致")
    change = form.get("changeType")
    if KINDS.get(change) not in (None, content["bizType"]):
        yield _wrong(part, ["affFormInfo", "changeType"], "与业务类型不一致")
    for name in ASKED.get(content["matterCode"][19:], {}).get(change, ()):
        if name not in form:
            yield _wrong(part, ["affFormInfo", name], "此业务类型应填写")


def _judged_identities(part: str, content: Mapping[str, Any]) -> Iterator[Wrong]:
    """Numbers with check digits."""
    applicant = content["applicantVO"]
    if not _identity(applicant["certType"], applicant["certNo"]):
        yield _wrong(part, ["applicantVO", "certNo"], "证件号码校验不通过")
    if not is_uscc(content["deptCode"]):
        yield _wrong(part, ["deptCode"], "部门编码校验不通过")
    for place, contact in enumerate(content["contactVOList"]):
        if not _identity(contact.get("certType"), contact.get("certNo")):
            yield _wrong(part, ["contactVOList", place, "certNo"], "证件号码校验不通过")


def _judged_dates(part: str, content: Mapping[str, Any]) -> Iterator[Wrong]:
    """Dates that there are."""
    if not _is(lambda: dt.datetime.strptime(content["gmtApply"], "%Y-%m-%d %H:%M:%S")):  # noqa: DTZ007 - a wall time
        yield _wrong(part, ["gmtApply"], "不是有效的时间")
    form = content["affFormInfo"]
    for name in DAYS:
        if name in form and not _is(lambda name=name: dt.date.fromisoformat(form[name])):  # type: ignore[misc]
            yield _wrong(part, ["affFormInfo", name], "不是有效的日期")


def _identity(kind: str | None, number: str | None) -> bool:
    """Whether the number passes the check of its kind; none at all is fine."""
    if number is None:
        return True
    if kind == ORGANISATION:
        return is_uscc(number)
    return is_id_card(number) if kind == PERSON else kind is not None


def _is(parse: Callable[[], object]) -> bool:
    try:
        parse()
    except ValueError:
        return False
    return True


def _too_long(schema: Mapping[str, Any], value: Any, path: str) -> Iterator[Wrong]:
    """Texts longer than the schema's maxLength in UTF-16 units: the gateway counts as Java does."""
    if isinstance(value, dict):
        for name, part in value.items():
            yield from _too_long(schema["properties"][name], part, f"{path}.{name}")
    elif isinstance(value, list):
        for place, part in enumerate(value):
            yield from _too_long(schema["items"], part, f"{path}[{place}]")
    elif isinstance(value, str) and "maxLength" in schema:
        longest = schema["maxLength"]
        if len(value.encode("utf-16-le")) // 2 > longest:
            yield {"field": path, "reason": f"超过 {longest} 个字符"}


def _wrong(part: str, steps: list[str | int], reason: str) -> Wrong:
    path = part
    for step in steps:
        path += f"[{step}]" if isinstance(step, int) else f".{step}"
    return {"field": path, "reason": reason}
