"""What the simulated system checks before it takes a business: its schema, and what holds between its fields.

Strict on purpose. The rules between fields are those of TARGETS 3.1, 3.2, 5.1 and 8.7, 9; which fields a type of
辐射安全许可 asks for is INVENTED with the wire. SOAP, sessions and duplicates are not here.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import jsonschema_rs

from adapters.radiation.codes import BUSINESS_TYPES, CAT_I_TRANSFER_RECORD, TRANSFER_RECORD
from bridge.model.identity import is_id_card, is_uscc

TOTAL_BYTES = 200 << 20

SCOPES = {"生产": "producible", "销售": "saleable", "使用": "usable"}
"""activeType → how the fields of the scope begin."""

REASONS = {
    "maxLength": "超过最大长度 {limit} 个字符",
    "maxItems": "超过最多 {limit} 行",
    "minItems": "至少填写 {limit} 行",
    "minLength": "不能为空",
    "enum": "不在代码表内",
    "pattern": "格式不正确",
    "type": "数据类型不正确",
}
"""What each rule of the schema says when it is broken."""

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Wrong:
    """One field that is not taken: its path in the payload, and why."""

    path: str
    reason: str


class Schema:
    """The system's schema of some business types, compiled."""

    def __init__(self, schema: Mapping[str, Any]) -> None:
        self._validator = jsonschema_rs.Draft202012Validator(dict(schema))
        self.types: Sequence[str] = schema["properties"]["businessType"]["enum"]

    def check(self, content: Any) -> list[Wrong]:
        """All that the schema forbids, each at its field."""
        return [_wrong(error, content) for error in self._validator.iter_errors(content)]


def _wrong(error: jsonschema_rs.ValidationError, content: Any) -> Wrong:
    """A schema error in the system's words; the value never goes into them."""
    at = ""
    for step in error.instance_path:
        if isinstance(content, list):
            at, content = f"{at}[{step}]", content[int(step)]
        else:
            at, content = below(at, str(step)), content[str(step)]
    kind = error.kind.as_dict()
    if error.kind.name == "required":
        return Wrong(below(at, kind["property"]), "必填项未填")
    if error.kind.name == "additionalProperties":
        return Wrong(below(at, kind["unexpected"][0]), "没有该数据项")
    return Wrong(at, REASONS.get(error.kind.name, "数据项不正确").format(limit=kind.get("limit", "")))


def below(path: str, name: str) -> str:
    """The path of a field inside what `path` names."""
    return f"{path}.{name}" if path else name


def check_business(content: Mapping[str, Any]) -> list[Wrong]:
    """All that contradicts itself in content that is valid under the schema."""
    if content["businessType"] in BUSINESS_TYPES.values():
        return list(_licence(content))
    return [*_unit(content), *_days(content), *_sides(content), *_sources(content), *_files(content)]


def _licence(content: Row) -> Iterator[Wrong]:
    """辐射安全许可: what its type asks for first, then what holds between the fields."""
    if wrong := list(_asked(content)):
        yield from wrong
        return
    yield from (*_unit(content), *_days(content), *_changed(content), *_files(content))
    if "radialDepartments" in content:
        yield from (*_scope(content), *_sites(content), *_people(content))
    if content["businessType"] == BUSINESS_TYPES["part-end"]:
        names = [_ended(name) for name in (*SCOPE_LISTS, "nonsealCategories")]
        if not any(content[name] for name in names):
            yield Wrong(names[0], "未选择终止的种类和范围")


SCOPE_LISTS = tuple(f"{begin}{kind}Categories" for begin in SCOPES.values() for kind in ("Nuclide", "Radialset"))
_NONSEAL = ("nonsealCategories", "nonsealActiveType")


def _ended(name: str) -> str:
    """What a field of the scope is called where it ends."""
    return f"terminated{name[0].upper()}{name[1:]}"


_BEFORE = ("licenseNo", "licenseStartDate", "licenseEndDate", "licenseIssueOrg")
_WHY = ("changeReason", "changeDate")
PAIRS = (
    *("CompanyName", "Address", "District"),
    *("LegalPerson", "LegalPersonIdType", "LegalPersonId"),
)
"""What may stand as old… and new… (TARGETS 3.5)."""
TOGETHER = (("Address", "District"), ("LegalPerson", "LegalPersonIdType", "LegalPersonId"))
"""Of which all are told, or none."""
_PAIRS = tuple(f"{side}{name}" for name in PAIRS for side in ("old", "new"))
_END = ("terminateDate", "terminateReason", "terminateWhereabouts")
_WHOLE = (
    *(*SCOPE_LISTS, *_NONSEAL, "radialProduceSaleI"),
    *("radialDepartments", "departName", "managers", "radialWorkers"),
)
_LISTS = (
    *("nuclideActiveRange", "radialActiveRange", "nonsealActiveRange", "instruments", "protectGoods"),
    *("medicalUseI", "petOwnUse", "wasteCapability"),
)
_AGAIN = ("reapplyGrounds", "reapplyReason")
_PART = tuple(map(_ended, (*SCOPE_LISTS, *_NONSEAL)))

ASKED: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "new": (_WHOLE, _LISTS),
    "reapply": ((*_WHOLE, *_BEFORE, *_AGAIN), (*_LISTS, *_WHY, *_PAIRS)),
    "change": ((*_BEFORE, *_WHY), _PAIRS),
    "renew": ((*_WHOLE, *_BEFORE), _LISTS),
    "part-end": ((*_BEFORE, *_END, *_PART), ("terminateDocNo",)),
    "cancel": ((*_BEFORE, *_END), ("terminateDocNo",)),
}
"""Type → what it must tell and what it may, of all that not every type tells."""
TYPED = frozenset(name for must, may in ASKED.values() for name in (*must, *may))


def _asked(content: Row) -> Iterator[Wrong]:
    """Each type tells what is its own, and nothing of another's."""
    must, may = ASKED[next(ours for ours, theirs in BUSINESS_TYPES.items() if theirs == content["businessType"])]
    for name in must:
        if name not in content:
            yield Wrong(name, "此业务类型应填写")
    for name in content:
        if name in TYPED and name not in must and name not in may:
            yield Wrong(name, "此业务类型不填写")


def _changed(content: Row) -> Iterator[Wrong]:
    """变更 names what was and what is, of at least one thing (449号 Art 11); the new is what the unit says it is."""
    if "changeDate" not in content:
        return
    if not any(f"old{name}" in content for name in PAIRS):
        yield Wrong("oldCompanyName", "至少填写一项变更前的内容")
    for name in PAIRS:
        if (f"old{name}" in content) != (f"new{name}" in content):
            yield Wrong(f"new{name}", "变更前后应成对填写")
    for names in TOGETHER:
        if len({f"old{name}" in content for name in names}) > 1:
            yield Wrong(f"old{names[-1]}", "应与同组各项一并填写")
    for name, own in (("CompanyName", "companyName"), ("Address", "registedAddr"), ("LegalPersonId", "legalIdCode")):
        if f"new{name}" in content and content[f"new{name}"] != content[own]:
            yield Wrong(f"new{name}", "与单位信息不一致")
        if f"new{name}" in content and content[f"new{name}"] == content.get(f"old{name}"):
            yield Wrong(f"new{name}", "变更前后相同")


def _people(content: Row) -> Iterator[Wrong]:
    """Each worker once, with a number that is right and days that there are, in their order; also of instruments."""
    seen: set[str] = set()
    for place, worker in enumerate(content["radialWorkers"]):
        at = f"radialWorkers[{place}]"
        number = worker["personIdCode"]
        if worker["personIdType"] == "111" and not is_id_card(number):
            yield Wrong(f"{at}.personIdCode", "校验码不正确")
        if number in seen:
            yield Wrong(f"{at}.personIdCode", "人员重复")
        seen.add(number)
        if worker["examKind"] == "网上考核" and "trainNo" not in worker:
            yield Wrong(f"{at}.trainNo", "网上考核应填写编号")
        days = [name for name in ("beginTrainDate", "endTrainDate") if not _is_day(worker[name])]
        yield from (Wrong(f"{at}.{name}", "日期不存在") for name in days)
        if not days and worker["beginTrainDate"] > worker["endTrainDate"]:
            yield Wrong(f"{at}.endTrainDate", "日期先后不正确")
    for place, instrument in enumerate(content.get("instruments", ())):
        if not _is_day(instrument.get("buyDate", "2000-01-01")):
            yield Wrong(f"instruments[{place}].buyDate", "日期不存在")


def _is_day(text: str) -> bool:
    try:
        dt.date.fromisoformat(text)
    except ValueError:
        return False
    return True


DAYS = (
    *("licenseStartDate", "licenseEndDate", "passDate", "agreementDate", "planTransferDate", "transferDate"),
    *("inStartDate", "inEndDate", "backupDate", "logoutDate", "takebackDate"),
    *("changeDate", "terminateDate"),
)
ORDERED = (("licenseStartDate", "licenseEndDate"), ("passDate", "transferDate"), ("inStartDate", "inEndDate"))
"""The first is not after the second (TARGETS 8.7, 13: a transfer is approved before it is filed)."""


def _days(content: Row) -> Iterator[Wrong]:
    """Days of the calendar, in their order."""
    for name in DAYS:
        if not _is_day(content.get(name, "2000-01-01")):
            yield Wrong(name, "日期不存在")
    for first, second in ORDERED:
        if first in content and second in content and content[first] > content[second]:
            yield Wrong(second, "日期先后不正确")


def _sides(content: Row) -> Iterator[Wrong]:
    """A 转让备案 names the other side, and not its own; both sides have a licence (TARGETS 8.4)."""
    side = content.get("recordSide")
    if side is None:
        return
    theirs, own = ("in", "out") if side == "转出" else ("out", "in")
    for name in ("CompanyName", "LicenseNo", "ContactAddr", "PhoneFax", "DoPerson"):
        if f"{theirs}{name}" not in content:
            yield Wrong(f"{theirs}{name}", "必填项未填")
        if f"{own}{name}" in content:
            yield Wrong(f"{own}{name}", "本单位不在此处填写")


def _sources(content: Row) -> Iterator[Wrong]:
    """Each source once; category Ⅰ has a business type of its own (TARGETS 3.5). A category that differs is taken."""
    sources = content["detailNuclideList"]
    codes = [one["code"] for one in sources]
    for place, code in enumerate(codes):
        if code in codes[:place]:
            yield Wrong(f"detailNuclideList[{place}].code", "放射源编码重复")
    if content["businessType"] in (TRANSFER_RECORD, CAT_I_TRANSFER_RECORD):
        first = any(one["category"] == "1" for one in sources)
        if first != (content["businessType"] == CAT_I_TRANSFER_RECORD):
            yield Wrong("businessType", "与放射源类别不一致")


def _unit(content: Row) -> Iterator[Wrong]:
    """Certificates, dates and position."""
    if not is_uscc(content["organizationCode"]):
        yield Wrong("organizationCode", "校验码不正确")
    if content["legalIdType"] == "111" and not is_id_card(content["legalIdCode"]):
        yield Wrong("legalIdCode", "校验码不正确")
    for name, low, high in (("longitude", 73, 136), ("latitude", 3, 54)):
        if not low <= Decimal(content[name]) < high:
            yield Wrong(name, "经纬度超出范围")
    if committed := content.get("commitTime"):
        try:
            dt.datetime.fromisoformat(committed)
        except ValueError:
            yield Wrong("commitTime", "日期不存在")


def _scope(content: Row) -> Iterator[Wrong]:
    """The scope is not empty and covers each source, device and workplace (TARGETS 8.7, 9)."""
    if not any(content[name] for name in (*SCOPE_LISTS, "nonsealCategories")):
        yield Wrong("usableNuclideCategories", "未申请任何种类和范围")
    for part, kind, level in (
        ("nuclideActiveRange", "Nuclide", "nuclideCategory"),
        ("radialActiveRange", "Radialset", "deviceType"),
    ):
        for place, row in enumerate(content.get(part, ())):
            if row[level] not in content[f"{SCOPES[row['activeType']]}{kind}Categories"].split(","):
                yield Wrong(f"{part}[{place}].{level}", "不在所申请的种类和范围内")
    for place, row in enumerate(content.get("nonsealActiveRange", ())):
        if row["siteLevel"] not in content["nonsealCategories"].split(","):
            yield Wrong(f"nonsealActiveRange[{place}].siteLevel", "不在所申请的种类和范围内")
    builds = "1" in content["saleableRadialsetCategories"].split(",")
    if content["radialProduceSaleI"] != ("1" if builds else "0"):
        yield Wrong("radialProduceSaleI", "与销售射线装置类别不一致")
    if bool(content["nonsealCategories"]) != bool(content["nonsealActiveType"]):
        yield Wrong("nonsealActiveType", "与非密封放射性物质工作场所等级不一致")


def _sites(content: Row) -> Iterator[Wrong]:
    """Each workplace belongs to a department."""
    known = {site for department in content["radialDepartments"] for site in department["workSite"]}
    for part in ("nuclideActiveRange", "radialActiveRange", "nonsealActiveRange"):
        for place, row in enumerate(content.get(part, ())):
            if row["workSite"] not in known:
                yield Wrong(f"{part}[{place}].workSite", "工作场所不属于任何部门")


def _files(content: Row) -> Iterator[Wrong]:
    """Attachments: all together within the limit."""
    if sum(file["size"] for file in content["attachments"]) > TOTAL_BYTES:
        yield Wrong("attachments", "附件总大小超过限制")


def given(attachments: Sequence[Row]) -> set[tuple[str, str]]:
    """Name and digest of each attachment of a business."""
    return {(one["fileName"], one["digest"]) for one in attachments}
