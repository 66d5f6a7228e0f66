"""辐射安全许可 → LICENSE_APPLY of the system (TARGETS 3.5, 8.4): what is told, under which name, and what is left out.

Field names are the system's (`registed…` is its own spelling), as far as they are known; which are ours is in this
adapter's README.
"""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from typing import Any

from adapters.radiation.codes import (
    ACTIVITIES,
    BUSINESS_TYPES,
    COMPANY_KINDS,
    DEVICE_LEVELS,
    ID_TYPES,
    SITE_LEVELS,
    SOURCE_LEVELS,
)
from bridge.kit.mapping.converters import Converter, OutsideDomain, codes, contains, instant, joined, yes_no
from bridge.kit.mapping.table import AnyRow, Each, Row, Table
from bridge.model.delivery import Kind

BECQUERELS = re.compile(r"[1-9][0-9]{0,17}", re.ASCII)
SCIENTIFIC = re.compile(r"[1-9](\.[0-9]{1,17})?E\+[0-9]{1,2}", re.ASCII)

BY_ROLE = "系统只有一栏，按角色取一人 (one box: one person is taken by role)"
IN_TWO = "活动种类和类别在系统中是相邻两栏 (activity and category are two boxes there)"
DERIVED = "由销售射线装置类别得出 (follows from the categories of devices to sell)"

FOR_THE_BOX = ("AGENT", "CONTACT", "TECH", "ENV")
"""Whose name and telephone the system gets: the agent before anybody else, as at 国家政务服务平台 (TARGETS 8.1)."""


def list_of_codes(table: dict[str, str]) -> Converter:
    """A list of our codes as their codes with commas between."""
    code, text = codes(table), joined(",")
    return Converter(
        f"{code.name}，{text.name}",
        lambda value: text.to([code.to(one) for one in value]),
        lambda value: [code.back(one) for one in text.back(value)],
    )


def levels(activity: str, count: int) -> dict[str, str]:
    """`USE-2` → `2`, for one activity."""
    return {f"{activity}-{level}": str(level) for level in range(1, count + 1)}


def every_level(count: int) -> dict[str, str]:
    """`USE-2` → `2`, for all activities."""
    return {code: level for activity in ACTIVITIES for code, level in levels(activity, count).items()}


def every_activity(count: int) -> dict[str, str]:
    """`USE-2` → 使用, for all levels."""
    return {code: ACTIVITIES[code.partition("-")[0]] for code in every_level(count)}


def of_role(roles: tuple[str, ...], name: str) -> Converter:
    """One value of the first contact that has it, by role."""

    def to(value: Any) -> str:
        for role in roles if isinstance(value, list) else ():
            for contact in value:
                if contact.get("role") == role and contact.get(name):
                    return str(contact[name])
        raise OutsideDomain("应有联系人 (a contact is wanted)")

    return Converter(f"按角色 {'、'.join(roles)} 取 {name}", to, lambda value: value, lossless=False)


def _to_scientific(value: Any) -> str:
    """`370000000000` → `3.7E+11`."""
    if not isinstance(value, str) or not BECQUERELS.fullmatch(value):
        raise OutsideDomain("应为以 Bq 计的整数 (a whole number of Bq)")
    digits = value.rstrip("0")
    return f"{digits[0]}{'.' if digits[1:] else ''}{digits[1:]}E+{len(value) - 1}"


def _from_scientific(value: Any) -> str:
    """`3.7E+11` → `370000000000`."""
    try:
        if not isinstance(value, str) or not SCIENTIFIC.fullmatch(value):
            raise OutsideDomain("应为科学计数 (scientific notation is wanted)")
        number = Decimal(value)
    except InvalidOperation:
        raise OutsideDomain("应为科学计数 (scientific notation is wanted)") from None
    if number != number.to_integral_value():
        raise OutsideDomain("应为以 Bq 计的整数 (a whole number of Bq)")
    return f"{number:f}".partition(".")[0]


ACTIVITY = Converter("Bq 整数→科学计数", _to_scientific, _from_scientific)

COMPANY: tuple[AnyRow, ...] = (
    Row("businessType", "/facts/type", codes(BUSINESS_TYPES), required=True),
    Row("instanceId", "/facts/id", required=True, max_length=36),
    Row("dataVersion", "/facts/revision", required=True),
    Row("requestNo", "/facts/number", required=True, max_length=50),
    Row("companyName", "/data/applicant/name", required=True, max_length=100),
    Row("companyKind", "/data/applicant/kind", codes(COMPANY_KINDS), required=True),
    Row("organizationCode", "/data/applicant/id_no", required=True),
    Row("industryType", "/data/applicant/industry_code", required=True),
    Row("registedAddr", "/data/applicant/registered_address", required=True, max_length=200),
    Row("registedDistrict", "/data/applicant/region_code", required=True),
    Row("registedPostcode", "/data/applicant/zip", required=True),
    Row("contactPerson", "/data/contacts", of_role(FOR_THE_BOX, "name"), required=True, max_length=100, loss=BY_ROLE),
    Row("contactPhone", "/data/contacts", of_role(FOR_THE_BOX, "mobile"), required=True, loss=BY_ROLE),
    Row("legalPerson", "/data/applicant/legal_rep/name", required=True, max_length=100),
    Row("legalIdType", "/data/applicant/legal_rep/id_type", codes(ID_TYPES), required=True),
    Row("legalIdCode", "/data/applicant/legal_rep/id_no", required=True, max_length=20),
    Row("legalPersonPhone", "/data/applicant/legal_rep/phone", required=True, max_length=30),
    Row("siteSeq", "/data/site/seq", required=True),
    Row("siteName", "/data/site/name", required=True, max_length=100),
    Row("siteAddr", "/data/site/address", required=True, max_length=200),
    Row("siteDistrict", "/data/site/region_code", required=True),
    Row("sitePostcode", "/data/site/zip", required=True),
    Row("longitude", "/data/site/lon", required=True),
    Row("latitude", "/data/site/lat", required=True),
)

SCOPE = "/data/permit/kind_scope"
NAMES = {"produce": "producible", "sell": "saleable", "use": "usable"}


def scope(part: str, name: str, count: int) -> tuple[AnyRow, ...]:
    """Three rows: what may be produced, sold and used."""
    return tuple(
        Row(f"{theirs}{name}", f"{SCOPE}/{ours}_{part}", list_of_codes(levels(ours.upper(), count)), required=True)
        for ours, theirs in NAMES.items()
    )


RANGES: tuple[AnyRow, ...] = (
    *scope("sources", "NuclideCategories", SOURCE_LEVELS),
    *scope("devices", "RadialsetCategories", DEVICE_LEVELS),
    Row("radialProduceSaleI", f"{SCOPE}/sell_devices", contains("SELL-1", "1", "0"), required=True, loss=DERIVED),
    Row("nonsealCategories", f"{SCOPE}/nonseal_levels", list_of_codes(SITE_LEVELS), required=True),
    Row("nonsealActiveType", f"{SCOPE}/nonseal_activities", list_of_codes(ACTIVITIES), required=True),
    Each(
        "radialDepartments",
        "/data/permit/departments",
        (
            Row("deptName", "./name", required=True, max_length=100),
            Row("address", "./address", required=True, max_length=200),
            Row("principal", "./principal", required=True, max_length=100),
            Row("workSite", "./sites", required=True),
        ),
        max_items=50,
    ),
    Each(
        "nuclideActiveRange",
        "/data/permit/sources",
        (
            Row("activeType", "./scope", codes(every_activity(SOURCE_LEVELS)), required=True, loss=IN_TWO),
            Row("nuclideName", "./nuclide", required=True, max_length=20),
            Row("nuclideCategory", "./scope", codes(every_level(SOURCE_LEVELS)), required=True, loss=IN_TWO),
            Row("totalActivity", "./total_bq", ACTIVITY, required=True),
            Row("nuclideCount", "./count", required=True),
            Row("workSite", "./work_site", required=True, max_length=100),
        ),
        max_items=200,
    ),
    Each(
        "radialActiveRange",
        "/data/permit/devices",
        (
            Row("activeType", "./scope", codes(every_activity(DEVICE_LEVELS)), required=True, loss=IN_TWO),
            Row("deviceName", "./name", required=True, max_length=100),
            Row("specAndModel", "./model", required=True, max_length=100),
            Row("deviceType", "./scope", codes(every_level(DEVICE_LEVELS)), required=True, loss=IN_TWO),
            Row("deviceCount", "./count", required=True),
            Row("workSite", "./work_site", required=True, max_length=100),
        ),
        max_items=200,
    ),
    Each(
        "nonsealActiveRange",
        "/data/permit/nonseal",
        (
            Row("nuclideName", "./nuclide", required=True, max_length=20),
            Row("siteLevel", "./site_level", codes(SITE_LEVELS), required=True),
            Row("dayMaxValue", "./day_max_bq", ACTIVITY, required=True),
            Row("yearMaxValue", "./year_max_bq", ACTIVITY, required=True),
            Row("workSite", "./work_site", required=True, max_length=100),
        ),
        max_items=200,
    ),
)

CLOSING: tuple[AnyRow, ...] = (
    Each(
        "attachments",
        "/materials",
        (
            Row("fileName", "./name", required=True, max_length=200),
            Row("fileType", "./code", required=True, max_length=50),
            Row("digest", "./digest", required=True),
            Row("size", "./size", required=True),
        ),
        max_items=200,
    ),
    Row("commitment", "/data/consent/commitment", yes_no("1", "0"), required=True),
    Row("commitVersion", "/data/consent/text_version", max_length=100),
    Row("commitTime", "/data/consent/at", instant("%Y-%m-%d %H:%M:%S")),
    Row("commitPerson", "/data/consent/by", max_length=100),
)

NO_BOX = "系统申请表没有这一栏 (the system's form has no box for it)"

LEFT_OUT = {
    "/data/applicant/id_type": "系统只接收统一社会信用代码 (the system takes nothing but the USCC)",
    "/data/applicant/industry_name": NO_BOX,
    "/data/applicant/principal": NO_BOX,
    "/data/applicant/sso_id": "政务一网通账号，与系统无关 (an account of another system)",
    "/data/contacts/*/id_type": NO_BOX,
    "/data/contacts/*/id_no": "系统没有这一栏，不多传个人信息 (no box for it, so no personal data)",
    "/data/contacts/*/phone": NO_BOX,
    "/data/contacts/*/email": NO_BOX,
    "/data/site/park": NO_BOX,
    "/data/site/area_flags": NO_BOX,
    "/data/authorization": "授权委托书作为附件上传 (goes along as a file)",
    "/data/delivery": "结果由政务一网通送达 (the result is handed over by the city's system)",
}

APPLY_1 = Table(
    matter="radiation-licence",
    kind=Kind.APPLY,
    version=1,
    target_schema="radiation-licence-v1",
    length_unit="characters",
    rows=(*COMPANY, *RANGES, *CLOSING),
    left_out=LEFT_OUT,
)

AMEND_1 = replace(APPLY_1, kind=Kind.AMEND)
"""A correction is the whole application again, under its later dataVersion."""

ONLY_WITHDRAWN = "撤回只告知编号、原因和时间 (a withdrawal tells id, reason and time, nothing of the form)"

WITHDRAW_1 = Table(
    matter="radiation-licence",
    kind=Kind.WITHDRAW,
    version=1,
    target_schema="radiation-licence-withdraw-v1",
    length_unit="characters",
    rows=(
        Row("instanceId", "/facts/id", required=True, max_length=36),
        Row("withdrawReason", "/facts/withdrawal/reason", max_length=1000),
        Row("withdrawTime", "/facts/withdrawal/at", instant("%Y-%m-%d %H:%M:%S"), required=True),
    ),
    needs=frozenset({"withdrawal"}),
    left_out={"/data": ONLY_WITHDRAWN},
)
"""撤回 (INVENTED, as the whole wire)."""
