"""What every case at the gateway has, whatever its matter: number, case, applicant, files.

Paths are those of the left column of TARGETS 8.5: `projid/apply.…` is the call for the number, `receive.…` the call
that hands the case in. What changes from attempt to attempt (file paths, signatures) is not here but in `client`.
"""

from __future__ import annotations

from dataclasses import replace

from adapters.municipal.codes import (
    APPLICANT_TYPES,
    BUSINESS_TYPES,
    CERTIFICATES,
    CONTACT_ROLES,
    DELIVERY_METHODS,
    LIMIT_UNITS,
    ORIGINS,
    PROJECT_TYPES,
    UPLOADED,
)
from bridge.kit.mapping.converters import codes, instant
from bridge.kit.mapping.table import AnyRow, Constant, Each, Row

WALL = instant("%Y-%m-%d %H:%M:%S")
CERTIFICATE = codes(CERTIFICATES)

NUMBERING: tuple[AnyRow, ...] = (
    Row("projid/apply.bizNo", "/facts/number", required=True, max_length=50),
    Row("projid/apply.taskCode", "/facts/item/task_code", required=True),
    Row("projid/apply.areaCode", "/data/site/region_code", required=True),
)
"""办件统一赋码: the same bizNo gives the same number."""

BIZ_TYPE = Row(
    "receive.bizType",
    "/facts/type",
    codes(BUSINESS_TYPES),
    required=True,
    loss="见 affFormInfo.changeType (that says which)",
)
"""Of permits; a matter whose types are all of one kind has a constant in its place (`case_of_kind`)."""

CASE: tuple[AnyRow, ...] = (
    Row("receive.bizNo", "/facts/number", required=True, max_length=50),
    Row("receive.version", "/facts/revision", required=True),
    Row("receive.matterCode", "/facts/item/task_code", required=True),
    Row("receive.matterName", "/facts/item/task_name", required=True, max_length=200),
    Row("receive.taskHandleItem", "/facts/item/task_handle_item", max_length=50),
    Row("receive.taskVersion", "/facts/item/task_version"),
    BIZ_TYPE,
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


def case_of_kind(code: str, reason: str) -> tuple[AnyRow, ...]:
    """`CASE` where every type of the matter has one bizType."""
    constant = Constant("receive.bizType", code, reason)
    return tuple(constant if row is BIZ_TYPE else row for row in CASE)


def case_of_types(types: dict[str, str]) -> tuple[AnyRow, ...]:
    """`CASE` where the matter has types of its own: our type → bizType."""
    return tuple(replace(row, convert=codes(types)) if row is BIZ_TYPE else row for row in CASE)


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
)

RESULT: tuple[AnyRow, ...] = (
    Row("receive.resultVO.method", "/data/delivery/method", codes(DELIVERY_METHODS)),
    Row("receive.resultVO.recipient", "/data/delivery/recipient", max_length=100),
    Row("receive.resultVO.phone", "/data/delivery/phone", max_length=20),
    Row("receive.resultVO.address", "/data/delivery/address", max_length=200),
)
"""结果送达, of forms that ask for it."""

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
