"""What every business of the system has, whatever its matter: company, site, files, commitment, withdrawal.

Field names are the system's (`registed…` is its own spelling), as far as they are known; which are ours is in this
adapter's README. What does not belong here: what one business type alone has.
"""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation
from typing import Any

from adapters.radiation.codes import COMPANY_KINDS, ID_TYPES
from bridge.kit.mapping.converters import Converter, OutsideDomain, codes, instant, yes_no
from bridge.kit.mapping.images import of_one
from bridge.kit.mapping.shapes import Text
from bridge.kit.mapping.table import AnyRow, Each, Row, Table
from bridge.model.delivery import Kind

BECQUERELS = re.compile(r"[1-9][0-9]{0,17}", re.ASCII)
SCIENTIFIC = re.compile(r"[1-9](\.[0-9]{1,17})?E\+[0-9]{1,2}", re.ASCII)

TO_THE_SECOND = "系统只记到秒 (the system keeps whole seconds)"

BY_ROLE = "系统只有一栏，按角色取一人 (one box: one person is taken by role)"

FOR_THE_BOX = ("AGENT", "CONTACT", "TECH", "ENV")
"""Whose name and telephone the system gets: the agent before anybody else, as at 国家政务服务平台 (TARGETS 8.1)."""


def of_role(roles: tuple[str, ...], name: str) -> Converter:
    """One value of the first contact that has it, by role."""

    def to(value: Any) -> str:
        for role in roles if isinstance(value, list) else ():
            for contact in value:
                if contact.get("role") == role and contact.get(name):
                    return str(contact[name])
        raise OutsideDomain("应有联系人 (a contact is wanted)")

    return Converter(
        f"按角色 {'、'.join(roles)} 取 {name}", to, lambda value: value, lossless=False, image=of_one(name)
    )


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


ACTIVITY = Converter(
    "Bq 整数→科学计数",
    _to_scientific,
    _from_scientific,
    image=lambda _shape: Text((rf"^{SCIENTIFIC.pattern}$",)),
)

COMPANY: tuple[AnyRow, ...] = (
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
"""After businessType, which each matter has its own way to tell."""

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
    Row("commitTime", "/data/consent/at", instant("%Y-%m-%d %H:%M:%S"), loss=TO_THE_SECOND),
    Row("commitPerson", "/data/consent/by", max_length=100),
)

NO_BOX = "系统申请表没有这一栏 (the system's form has no box for it)"

LEFT_OUT: dict[str, str] = {
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
}
"""Boxes that all forms have and the system is not told."""

DELIVERY = {"/data/delivery": "结果由政务一网通送达 (the result is handed over by the city's system)"}
"""The same, of forms that ask for it."""

ONLY_WITHDRAWN = "撤回只告知编号、原因和时间 (a withdrawal tells id, reason and time, nothing of the form)"


def withdrawal(matter: str) -> Table:
    """撤回 (INVENTED, as the whole wire): alike for every matter."""
    return Table(
        matter=matter,
        kind=Kind.WITHDRAW,
        version=1,
        target_schema="radiation-licence-withdraw-v1",
        length_unit="characters",
        rows=(
            Row("instanceId", "/facts/id", required=True, max_length=36),
            Row("withdrawReason", "/facts/withdrawal/reason", max_length=1000),
            Row(
                "withdrawTime",
                "/facts/withdrawal/at",
                instant("%Y-%m-%d %H:%M:%S"),
                required=True,
                loss=TO_THE_SECOND,
            ),
        ),
        needs=frozenset({"withdrawal"}),
        left_out={"/data": ONLY_WITHDRAWN},
    )
