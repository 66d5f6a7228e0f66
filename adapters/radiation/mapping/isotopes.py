"""放射性同位素 transfers and filings → NUCLIDE_* of the system (TARGETS 3.5, 8.4): one table per matter.

out…, in…, strangeUse… and detailNuclideList are the system's names; which fields are ours is said in the schemas. In a
转让备案 the unit that files stands in company…, so that only the other side is told as out… or in….
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from adapters.radiation.codes import (
    CAT_I_TRANSFER_RECORD,
    END_OF_LIFE,
    OFFSITE_TYPES,
    SIDES,
    TRANSFER,
    TRANSFER_REASONS,
    TRANSFER_RECORD,
    WASTE_KINDS,
    WASTE_TYPES,
)
from adapters.radiation.mapping.shared import (
    ACTIVITY,
    BY_ROLE,
    CLOSING,
    COMPANY,
    DELIVERY,
    FOR_THE_BOX,
    LEFT_OUT,
    of_role,
    withdrawal,
)
from bridge.kit.mapping.converters import Converter, OutsideDomain, codes
from bridge.kit.mapping.images import one_of
from bridge.kit.mapping.table import AnyRow, Constant, Each, Row, Table, When
from bridge.model.delivery import Kind

BY_CATEGORY = "由各枚放射源的类别得出 (follows from the categories of the sources)"
WITH_KIND = "交回和返回同一业务类型，见 takebackKind (one type for two ways; takebackKind tells which)"

LICENCE: tuple[AnyRow, ...] = (
    Row("licenseNo", "/data/licence/no", required=True, max_length=16),
    Row("licenseStartDate", "/data/licence/from", required=True),
    Row("licenseEndDate", "/data/licence/to", required=True),
    Row("licenseIssueOrg", "/data/licence/issuer", required=True, max_length=100),
)
"""The unit's own licence."""

ITEMS: tuple[AnyRow, ...] = (
    Each(
        "detailNuclideList",
        "/data/items",
        (
            Row("code", "./source_code", required=True),
            Row("tab", "./tag", max_length=50),
            Row("nuclide", "./nuclide", required=True, max_length=20),
            Row("category", "./category", required=True),
            Row("leaveFactoryActivity", "./factory_activity_bq", ACTIVITY, required=True),
            Row("leaveFactoryDate", "./factory_date", required=True),
            Row("useType", "./use", required=True, max_length=50),
            Row("site", "./site", max_length=100),
        ),
        max_items=200,
    ),
)


def party(side: str, when: When | None = None, *, licensed: bool = True) -> tuple[AnyRow, ...]:
    """对方单位 as `out…` or `in…`; `licensed`: it must have a licence number."""
    other = "/data/counterpart"
    return (
        Row(f"{side}CompanyName", f"{other}/name", required=True, max_length=100, when=when),
        Row(f"{side}LicenseNo", f"{other}/licence_no", required=licensed, max_length=16, when=when),
        Row(f"{side}ContactAddr", f"{other}/address", required=True, max_length=200, when=when),
        Row(f"{side}CompanyPost", f"{other}/zip", when=when),
        Row(f"{side}PhoneFax", f"{other}/phone", required=True, max_length=30, when=when),
        Row(f"{side}DoPerson", f"{other}/contact", required=True, max_length=100, when=when),
    )


def _record_type() -> Converter:
    """Which kind of 转让备案 it is: one source of category Ⅰ is enough."""

    def to(value: Any) -> str:
        if not isinstance(value, list):
            raise OutsideDomain("应为列表 (a list is wanted)")
        first = any(one.get("category") == "1" for one in value)
        return CAT_I_TRANSFER_RECORD if first else TRANSFER_RECORD

    image = one_of(CAT_I_TRANSFER_RECORD, TRANSFER_RECORD)
    return Converter("有Ⅰ类放射源的另有业务类型", to, lambda value: value, lossless=False, image=image)


def tables(matter: str, rows: tuple[AnyRow, ...], *, delivery: bool = False) -> tuple[Table, ...]:
    """What is told of one matter: the application, a correction (all of it again), a withdrawal."""
    apply = Table(
        matter=matter,
        kind=Kind.APPLY,
        version=1,
        target_schema=f"{matter}-v1",
        length_unit="characters",
        rows=(*rows, *ITEMS, *CLOSING),
        left_out={**LEFT_OUT, **(DELIVERY if delivery else {})},
    )
    return apply, replace(apply, kind=Kind.AMEND), withdrawal(matter)


TRANSFER_1 = tables(
    "isotope-transfer",
    (
        Constant("businessType", TRANSFER, "转让审批只有一种业务类型 (the only type of this matter)"),
        *COMPANY,
        *LICENCE,
        *party("out"),
        Row("inCompanyName", "/data/applicant/name", required=True, max_length=100),
        Row("inLicenseNo", "/data/licence/no", required=True, max_length=16),
        Row("inContactAddr", "/data/applicant/registered_address", required=True, max_length=200),
        Row("inCompanyPost", "/data/applicant/zip", required=True),
        Row("inPhoneFax", "/data/contacts", of_role(FOR_THE_BOX, "mobile"), required=True, loss=BY_ROLE),
        Row("inDoPerson", "/data/contacts", of_role(FOR_THE_BOX, "name"), required=True, max_length=100, loss=BY_ROLE),
        Row("transferReason", "/data/transfer/reason", codes(TRANSFER_REASONS), required=True),
        Row("transferReasonOther", "/data/transfer/reason_other", max_length=200),
        Row("agreementNo", "/data/transfer/agreement_no", required=True, max_length=50),
        Row("agreementDate", "/data/transfer/agreement_date", required=True),
        Row("planTransferDate", "/data/transfer/planned_on"),
        Row("endOfLifeWay", "/data/transfer/end_of_life", codes(END_OF_LIFE), required=True),
        Row("endOfLifePlan", "/data/transfer/end_of_life_plan", required=True, max_length=500),
    ),
    delivery=True,
)

TRANSFER_FILING_1 = tables(
    "isotope-transfer-filing",
    (
        Row("businessType", "/data/items", _record_type(), required=True, loss=BY_CATEGORY),
        *COMPANY,
        *LICENCE,
        Row("recordSide", "/facts/type", codes(SIDES), required=True),
        Row("passNo", "/data/approval/no", required=True, max_length=100),
        Row("passDate", "/data/approval/date", required=True),
        Row("passOrg", "/data/approval/issuer", max_length=100),
        *party("out", When("/facts/type", ("in",))),
        *party("in", When("/facts/type", ("out",))),
        Row("transferDate", "/data/filing/done_on", required=True),
        Row("transferCarrier", "/data/filing/carrier", max_length=100),
        Row("transferDoPerson", "/data/filing/handler", required=True, max_length=100),
    ),
)

_USE = When("/facts/type", ("move-in", "move-out"))
_END = When("/facts/type", ("move-in-cancel", "move-out-cancel"))

OFFSITE_FILING_1 = tables(
    "isotope-offsite-filing",
    (
        Row("businessType", "/facts/type", codes(OFFSITE_TYPES), required=True),
        *COMPANY,
        *LICENCE,
        Row("inCompanyName", "/data/offsite/host", required=True, max_length=100, when=_USE),
        Row("inDistrict", "/data/offsite/region_code", required=True, when=_USE),
        Row("inDetailAddr", "/data/offsite/address", required=True, max_length=200, when=_USE),
        Row("inStartDate", "/data/offsite/from", required=True, when=_USE),
        Row("inEndDate", "/data/offsite/to", required=True, when=_USE),
        Row("projectPrincipal", "/data/offsite/project_principal/name", required=True, max_length=100, when=_USE),
        Row("projectPrincipalPhone", "/data/offsite/project_principal/phone", required=True, max_length=30, when=_USE),
        Row("radialSafePrincipal", "/data/offsite/safety_principal/name", required=True, max_length=100, when=_USE),
        Row(
            "radialSafePrincipalPhone", "/data/offsite/safety_principal/phone", required=True, max_length=30, when=_USE
        ),
        Row("strangeUseContent", "/data/offsite/content", required=True, max_length=500, when=_USE),
        Row("strangeUseStorage", "/data/offsite/storage", required=True, max_length=500, when=_USE),
        Row("strangeUseTransport", "/data/offsite/transport", max_length=500, when=_USE),
        Row("backupNo", "/data/ending/filing_no", required=True, max_length=100, when=_END),
        Row("backupDate", "/data/ending/filing_date", required=True, when=_END),
        Row("logoutDate", "/data/ending/ended_on", required=True, when=_END),
        Row("nuclideWhereabouts", "/data/ending/whereabouts", required=True, max_length=200, when=_END),
    ),
)

WASTE_FILING_1 = tables(
    "waste-source-filing",
    (
        Row("businessType", "/facts/type", codes(WASTE_TYPES), required=True, loss=WITH_KIND),
        *COMPANY,
        *LICENCE,
        Row("takebackKind", "/facts/type", codes(WASTE_KINDS), required=True),
        *party("in", licensed=False),
        Row("takebackDate", "/data/waste/done_on", required=True),
        Row("agreementNo", "/data/waste/agreement_no", max_length=50),
        Row("agreementDate", "/data/waste/agreement_date"),
        Row("takebackCarrier", "/data/waste/carrier", max_length=100),
        Row("takebackReason", "/data/waste/reason", required=True, max_length=200),
    ),
)

TABLES: tuple[Table, ...] = (*TRANSFER_1, *TRANSFER_FILING_1, *OFFSITE_FILING_1, *WASTE_FILING_1)
"""All tables of these matters, oldest first."""
