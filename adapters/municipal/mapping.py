"""Which of our fields becomes which field of the gateway, and what is left out with which reason.

Paths are those of the left column of TARGETS 8.5: `projid/apply.…` is the call for the number, `receive.…` the call
that hands the case in. What changes from attempt to attempt (file paths, signatures) is not here but in `client`.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import orjson

from adapters.municipal.codes import (
    APPLICANT_TYPES,
    BUSINESS_TYPES,
    CATEGORIES,
    CERTIFICATES,
    CHANGE_TYPES,
    CONTACT_ROLES,
    DELIVERY_METHODS,
    LIMIT_UNITS,
    ORIGINS,
    PROJECT_TYPES,
    TIERS,
    UPLOADED,
)
from bridge.kit.mapping.compiled import CompiledMapping
from bridge.kit.mapping.converters import Converter, codes, contains, instant, joined, yes_no
from bridge.kit.mapping.table import AnyRow, Constant, Each, Row, Table
from bridge.model.delivery import Kind

SCHEMAS = Path(__file__).parent / "schemas"

ONE_OF_FOUR = "四栏合起来才是整个列表 (only the four boxes together are the list)"
FLAG = yes_no("1", "0")
WALL = instant("%Y-%m-%d %H:%M:%S")
CERTIFICATE = codes(CERTIFICATES)


def _list_of_codes(table: dict[str, str]) -> Converter:
    """A list of our codes as one text of theirs, separated by 、."""
    code, text = codes(table), joined("、")
    return Converter(
        f"{code.name}，{text.name}",
        lambda value: text.to([code.to(one) for one in value]),
        lambda value: [code.back(one) for one in text.back(value)],
    )


NUMBERING: tuple[AnyRow, ...] = (
    Row("projid/apply.bizNo", "/facts/number", required=True, max_length=50),
    Row("projid/apply.taskCode", "/facts/item/task_code", required=True),
    Row("projid/apply.areaCode", "/data/site/region_code", required=True),
)
"""办件统一赋码: the same bizNo gives the same number."""

CASE: tuple[AnyRow, ...] = (
    Row("receive.bizNo", "/facts/number", required=True, max_length=50),
    Row("receive.version", "/facts/revision", required=True),
    Row("receive.matterCode", "/facts/item/task_code", required=True),
    Row("receive.matterName", "/facts/item/task_name", required=True, max_length=200),
    Row("receive.taskHandleItem", "/facts/item/task_handle_item", max_length=50),
    Row("receive.taskVersion", "/facts/item/task_version"),
    Row(
        "receive.bizType",
        "/facts/type",
        codes(BUSINESS_TYPES),
        required=True,
        loss="见 affFormInfo.changeType (that says which)",
    ),
    Row("receive.affairType", "/facts/item/project_type", codes(PROJECT_TYPES), required=True),
    Row(
        "receive.applyOrigin",
        "/facts/channel",
        codes(ORIGINS),
        required=True,
        loss="批量等没有代码，按网上 (no code for batches)",
    ),
    Row("receive.projectName", "/facts/title", required=True, max_length=1000),
    Row("receive.gmtApply", "/facts/submitted_at", WALL, required=True, loss="只到秒 (whole seconds)"),
    Row("receive.areaCode", "/data/site/region_code", required=True),
    Row("receive.deptCode", "/facts/item/org_code", required=True),
    Row("receive.deptName", "/facts/item/org_name", required=True, max_length=100),
    Row("receive.promiseTime", "/facts/item/promise_days", required=True),
    Row("receive.promiseTimeUnit", "/facts/item/promise_unit", codes(LIMIT_UNITS), required=True),
)

APPLICANT: tuple[AnyRow, ...] = (
    Row("receive.applicantVO.name", "/data/applicant/name", required=True, max_length=100),
    Row("receive.applicantVO.type", "/data/applicant/kind", codes(APPLICANT_TYPES), required=True),
    Row("receive.applicantVO.certType", "/data/applicant/id_type", CERTIFICATE, required=True),
    Row("receive.applicantVO.certNo", "/data/applicant/id_no", required=True),
    Row("receive.applicantVO.legal", "/data/applicant/legal_rep/name", required=True, max_length=100),
    Row("receive.applicantVO.address", "/data/applicant/registered_address", required=True, max_length=200),
    Row("receive.applicantVO.zip", "/data/applicant/zip", required=True),
    Row("receive.applicantVO.areaCode", "/data/applicant/region_code", required=True),
    Row("receive.applicantVO.userId", "/data/applicant/sso_id", max_length=200),
    Each(
        "receive.contactVOList",
        "/data/contacts",
        (
            Row("role", "./role", codes(CONTACT_ROLES), required=True),
            Row("name", "./name", required=True, max_length=100),
            Row("certType", "./id_type", CERTIFICATE),
            Row("certNo", "./id_no", max_length=20),
            Row("mobile", "./mobile", required=True),
            Row("phone", "./phone", max_length=20),
        ),
        max_items=10,
    ),
    Row("receive.resultVO.method", "/data/delivery/method", codes(DELIVERY_METHODS)),
    Row("receive.resultVO.recipient", "/data/delivery/recipient", max_length=100),
    Row("receive.resultVO.phone", "/data/delivery/phone", max_length=20),
    Row("receive.resultVO.address", "/data/delivery/address", max_length=200),
)

SUMMARY: tuple[AnyRow, ...] = (
    Row("receive.affFormInfo.siteName", "/data/site/name", max_length=100),
    Row("receive.affFormInfo.siteAddress", "/data/site/address", required=True, max_length=200),
    Row("receive.affFormInfo.siteZip", "/data/site/zip"),
    Row("receive.affFormInfo.siteSeq", "/data/site/seq", required=True),
    Row("receive.affFormInfo.longitude", "/data/site/lon", required=True),
    Row("receive.affFormInfo.latitude", "/data/site/lat", required=True),
    Row("receive.affFormInfo.inPark", "/data/site/park/in_park", FLAG, required=True),
    Row("receive.affFormInfo.parkName", "/data/site/park/name", max_length=100),
    Row(
        "receive.affFormInfo.airKeyArea",
        "/data/site/area_flags",
        contains("AIR_KEY", "1", "0"),
        absent="0",
        loss=ONE_OF_FOUR,
    ),
    Row("receive.affFormInfo.tpArea", "/data/site/area_flags", contains("TP", "1", "0"), absent="0", loss=ONE_OF_FOUR),
    Row("receive.affFormInfo.tnArea", "/data/site/area_flags", contains("TN", "1", "0"), absent="0", loss=ONE_OF_FOUR),
    Row(
        "receive.affFormInfo.heavyMetalArea",
        "/data/site/area_flags",
        contains("HEAVY_METAL", "1", "0"),
        absent="0",
        loss=ONE_OF_FOUR,
    ),
    Row("receive.affFormInfo.industryCode", "/data/applicant/industry_code", required=True),
    Row("receive.affFormInfo.industryName", "/data/applicant/industry_name", required=True, max_length=100),
    Row("receive.affFormInfo.manageType", "/data/permit/tier", codes(TIERS), required=True),
    Row("receive.affFormInfo.rectify", "/data/permit/is_rectify", FLAG, required=True),
    Row("receive.affFormInfo.started", "/data/permit/production_started", FLAG, required=True),
    Row("receive.affFormInfo.startDate", "/data/permit/start_date"),
    Row(
        "receive.affFormInfo.pollutantTypes",
        "/data/permit/main_pollutant_categories",
        _list_of_codes(CATEGORIES),
        required=True,
    ),
    Row("receive.affFormInfo.changeType", "/facts/type", codes(CHANGE_TYPES), required=True),
    Row("receive.affFormInfo.oldLicenceNo", "/data/current_licence/no", max_length=50),
    Row("receive.affFormInfo.oldLicenceIssuer", "/data/current_licence/issuer", max_length=100),
    Row("receive.affFormInfo.oldLicenceFrom", "/data/current_licence/from"),
    Row("receive.affFormInfo.oldLicenceTo", "/data/current_licence/to"),
    Row("receive.affFormInfo.changeReason", "/data/change/reason", max_length=500),
    Row("receive.affFormInfo.changeDate", "/data/change/changed_on"),
)
"""The form's summary only: the cards stay with the decider."""

FILES: tuple[AnyRow, ...] = (
    Each(
        "receive.suffInfoList",
        "/materials",
        (
            Row("stuffUniId", "./code", required=True, max_length=50),
            Constant("fetchMode", UPLOADED, "every material is handed in as a file"),
            Row("attachName", "./name", required=True, max_length=200),
            Row("attachDigest", "./digest", required=True),
            Row("attachSize", "./size", required=True),
        ),
        max_items=200,
    ),
)

CARDS = (
    *("air_form", "water_form", "standards_names", "eia_docs", "violation_doc_no", "total_control", "products"),
    *("facilities", "raw_materials", "fuels", "nodes", "air_outlets", "air_limits", "fugitive", "air_total"),
    *("water_outlets", "water_limits", "solid_waste", "noise", "monitoring", "ledger", "confidential", "publicity"),
)
"""Parts of the permit form that are the decider's business."""

NO_BOX = "网关没有这一栏 (the gateway has no field for it)"

LEFT_OUT: Mapping[str, str] = {
    **{f"/data/permit/{card}": "申请表各卡片由审批业务系统保存 (the cards stay with the decider)" for card in CARDS},
    "/data/applicant/legal_rep/id_type": NO_BOX,
    "/data/applicant/legal_rep/id_no": "网关没有这一栏，不多传个人信息 (no field for it, so no personal data)",
    "/data/applicant/legal_rep/phone": "同上 (the same)",
    "/data/applicant/principal": NO_BOX,
    "/data/contacts/*/email": NO_BOX,
    "/data/authorization": "授权委托书作为附件上传 (goes along as a file)",
    "/data/change/items": "变更前后的内容由审批业务系统保存 (what changes stays with the decider)",
    "/data/consent": "承诺书作为附件上传 (the letter of commitment goes along as a file)",
}

APPLY_1 = Table(
    matter="discharge-permit",
    kind=Kind.APPLY,
    version=1,
    target_schema="discharge-permit-v1",
    length_unit="utf16",
    rows=(*NUMBERING, *CASE, *APPLICANT, *SUMMARY, *FILES),
    left_out=LEFT_OUT,
)

TABLES: tuple[Table, ...] = (APPLY_1,)
"""All tables, oldest first: a delivery keeps the version it was made with."""


@cache
def schema(name: str) -> Mapping[str, Any]:
    """A target schema of this adapter, by its name without `.json`."""
    read: dict[str, Any] = orjson.loads((SCHEMAS / f"{name}.json").read_bytes())
    return read


@cache
def mappings() -> Mapping[tuple[str, Kind, int | None], CompiledMapping]:
    """All mappings, compiled once, by matter, kind and version; version None is the newest."""
    compiled: dict[tuple[str, Kind, int | None], CompiledMapping] = {}
    for table in TABLES:
        made = CompiledMapping(table, schema(table.target_schema))
        compiled[table.matter, table.kind, table.version] = compiled[table.matter, table.kind, None] = made
    return compiled
