"""放射性同位素 transfers and filings at the gateway: a summary of each form, and what is left out with which reason."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from adapters.municipal.codes import FILING, FILING_TYPES, TRANSFER, TRANSFER_REASONS
from adapters.municipal.mapping.messages import message_tables
from adapters.municipal.mapping.radiation_licence import NO_BOX, SITE
from adapters.municipal.mapping.shared import APPLICANT, FILES, NUMBERING, RESULT, case_of_kind
from bridge.kit.mapping.converters import codes
from bridge.kit.mapping.table import AnyRow, Row, Table
from bridge.model.delivery import Kind

FORM = "receive.affFormInfo"
WITH_DECIDER = "由审批业务系统保存 (it stays with the decider)"

LICENCE: tuple[AnyRow, ...] = (
    Row(f"{FORM}.licenceNo", "/data/licence/no", required=True, max_length=50),
    Row(f"{FORM}.licenceIssuer", "/data/licence/issuer", required=True, max_length=100),
    Row(f"{FORM}.licenceFrom", "/data/licence/from", required=True),
    Row(f"{FORM}.licenceTo", "/data/licence/to", required=True),
)

KIND = Row(f"{FORM}.filingType", "/facts/type", codes(FILING_TYPES), required=True)


def other(*, licensed: bool = True) -> tuple[AnyRow, ...]:
    """Who the other party is; how to reach it stays with the decider."""
    return (
        Row(f"{FORM}.otherName", "/data/counterpart/name", required=True, max_length=100),
        Row(f"{FORM}.otherLicenceNo", "/data/counterpart/licence_no", required=licensed, max_length=50),
    )


LEFT_OUT: Mapping[str, str] = {
    "/data/items": WITH_DECIDER,
    "/data/applicant/legal_rep/id_type": NO_BOX,
    "/data/applicant/legal_rep/id_no": "网关没有这一栏，不多传个人信息 (no field for it, so no personal data)",
    "/data/applicant/legal_rep/phone": "同上 (the same)",
    "/data/applicant/principal": NO_BOX,
    "/data/contacts/*/email": NO_BOX,
    "/data/authorization": "授权委托书作为附件上传 (goes along as a file)",
    "/data/consent": WITH_DECIDER,
}

OF_OTHER = tuple(f"/data/counterpart/{name}" for name in ("address", "zip", "contact", "phone"))


def tables(
    matter: str, summary: tuple[AnyRow, ...], kept: tuple[str, ...], *, case: tuple[AnyRow, ...]
) -> tuple[Table, ...]:
    """What is told of one matter; `kept` are boxes of its own that stay with the decider."""
    apply = Table(
        matter=matter,
        kind=Kind.APPLY,
        version=1,
        target_schema=f"{matter}-v1",
        length_unit="utf16",
        rows=(*NUMBERING, *case, *APPLICANT, *SITE, *LICENCE, *summary, *FILES),
        left_out={**LEFT_OUT, **dict.fromkeys(kept, WITH_DECIDER)},
    )
    return apply, replace(apply, kind=Kind.AMEND), *message_tables(matter)


AS_FILING = case_of_kind(FILING, "备案是一种业务类型 (all its types are filings)")
AS_PERMIT = case_of_kind(TRANSFER, "转让审批只有新办 (there is no other type)")

TABLES: tuple[Table, ...] = (
    *tables(
        "isotope-transfer",
        (
            *RESULT,
            *other(),
            Row(f"{FORM}.transferReason", "/data/transfer/reason", codes(TRANSFER_REASONS), required=True),
            Row(f"{FORM}.agreementNo", "/data/transfer/agreement_no", required=True, max_length=50),
            Row(f"{FORM}.agreementDate", "/data/transfer/agreement_date", required=True),
        ),
        (
            *OF_OTHER,
            *(f"/data/transfer/{name}" for name in ("reason_other", "planned_on", "end_of_life", "end_of_life_plan")),
        ),
        case=AS_PERMIT,
    ),
    *tables(
        "isotope-transfer-filing",
        (
            KIND,
            *other(),
            Row(f"{FORM}.approvalNo", "/data/approval/no", required=True, max_length=100),
            Row(f"{FORM}.approvalDate", "/data/approval/date", required=True),
            Row(f"{FORM}.doneDate", "/data/filing/done_on", required=True),
        ),
        (*OF_OTHER, "/data/approval/issuer", "/data/filing/carrier", "/data/filing/handler"),
        case=AS_FILING,
    ),
    *tables(
        "isotope-offsite-filing",
        (
            KIND,
            Row(f"{FORM}.placeName", "/data/offsite/host", max_length=100),
            Row(f"{FORM}.placeAreaCode", "/data/offsite/region_code"),
            Row(f"{FORM}.placeAddress", "/data/offsite/address", max_length=200),
            Row(f"{FORM}.useFrom", "/data/offsite/from"),
            Row(f"{FORM}.useTo", "/data/offsite/to"),
            Row(f"{FORM}.oldFilingNo", "/data/ending/filing_no", max_length=100),
            Row(f"{FORM}.oldFilingDate", "/data/ending/filing_date"),
            Row(f"{FORM}.endDate", "/data/ending/ended_on"),
        ),
        (
            *(f"/data/offsite/{name}" for name in ("project_principal", "safety_principal", "content", "storage")),
            "/data/offsite/transport",
            "/data/ending/whereabouts",
        ),
        case=AS_FILING,
    ),
    *tables(
        "waste-source-filing",
        (
            KIND,
            *other(licensed=False),
            Row(f"{FORM}.doneDate", "/data/waste/done_on", required=True),
        ),
        (*OF_OTHER, *(f"/data/waste/{name}" for name in ("agreement_no", "agreement_date", "carrier", "reason"))),
        case=AS_FILING,
    ),
)
"""All tables of these matters, oldest first."""
