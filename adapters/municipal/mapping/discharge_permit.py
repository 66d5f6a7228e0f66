"""排污许可 at the gateway: the summary of its form that goes along, and what is left out with which reason."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from adapters.municipal.codes import CATEGORIES, CHANGE_TYPES, TIERS
from adapters.municipal.mapping.messages import message_tables
from adapters.municipal.mapping.shared import APPLICANT, CASE, FILES, NUMBERING, RESULT
from bridge.kit.mapping.converters import Converter, codes, contains, joined, yes_no
from bridge.kit.mapping.table import AnyRow, Row, Table, When
from bridge.model.delivery import Kind

MATTER = "discharge-permit"

ONE_OF_FOUR = "四栏合起来才是整个列表 (only the four boxes together are the list)"
FLAG = yes_no("1", "0")
WITH_CARDS = When("/facts/type", ("new", "reapply", "change-basic", "change-other", "renew"))
"""补领 and 注销 hand in no cards."""


def _list_of_codes(table: dict[str, str]) -> Converter:
    """A list of our codes as one text of theirs, separated by 、."""
    code, text = codes(table), joined("、")
    return Converter(
        f"{code.name}，{text.name}",
        lambda value: text.to([code.to(one) for one in value]),
        lambda value: [code.back(one) for one in text.back(value)],
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
    Row("receive.affFormInfo.manageType", "/data/permit/tier", codes(TIERS), required=True, when=WITH_CARDS),
    Row("receive.affFormInfo.rectify", "/data/permit/is_rectify", FLAG, required=True, when=WITH_CARDS),
    Row("receive.affFormInfo.started", "/data/permit/production_started", FLAG, required=True, when=WITH_CARDS),
    Row("receive.affFormInfo.startDate", "/data/permit/start_date"),
    Row(
        "receive.affFormInfo.pollutantTypes",
        "/data/permit/main_pollutant_categories",
        _list_of_codes(CATEGORIES),
        required=True,
        when=WITH_CARDS,
    ),
    Row("receive.affFormInfo.changeType", "/facts/type", codes(CHANGE_TYPES), required=True),
    Row("receive.affFormInfo.oldLicenceNo", "/data/current_licence/no", max_length=50),
    Row("receive.affFormInfo.oldLicenceIssuer", "/data/current_licence/issuer", max_length=100),
    Row("receive.affFormInfo.oldLicenceFrom", "/data/current_licence/from"),
    Row("receive.affFormInfo.oldLicenceTo", "/data/current_licence/to"),
    Row("receive.affFormInfo.changeReason", "/data/change/reason", max_length=500),
    Row("receive.affFormInfo.changeDate", "/data/change/changed_on"),
    Row("receive.affFormInfo.reapplyReason", "/data/reapply/reason", max_length=500),
    Row("receive.affFormInfo.reissueReason", "/data/reissue/reason", max_length=500),
    Row("receive.affFormInfo.cancelReason", "/data/cancellation/reason", max_length=500),
)
"""The form's summary only: the cards stay with the decider."""

CARDS = (
    *("air_form", "water_form", "standards_names", "eia_docs", "violation_doc_no", "total_control", "products"),
    *("facilities", "raw_materials", "fuels", "nodes", "air_outlets", "air_limits", "fugitive", "air_total"),
    *("water_outlets", "water_limits", "solid_waste", "noise", "monitoring", "ledger", "confidential", "publicity"),
)
"""Parts of the permit form that are the decider's business."""

WITH_DECIDER = "由审批业务系统保存，此处只告知理由 (stays with the decider; here only the reason is told)"
NO_BOX = "网关没有这一栏 (the gateway has no field for it)"

LEFT_OUT: Mapping[str, str] = {
    **{f"/data/permit/{card}": "申请表各卡片由审批业务系统保存 (the cards stay with the decider)" for card in CARDS},
    "/data/applicant/legal_rep/id_type": NO_BOX,
    "/data/applicant/legal_rep/id_no": "网关没有这一栏，不多传个人信息 (no field for it, so no personal data)",
    "/data/applicant/legal_rep/phone": "同上 (the same)",
    "/data/applicant/principal": NO_BOX,
    "/data/contacts/*/email": NO_BOX,
    "/data/authorization": "授权委托书作为附件上传 (goes along as a file)",
    "/data/reapply/grounds": WITH_DECIDER,
    "/data/reissue/cause": WITH_DECIDER,
    "/data/reissue/happened_on": WITH_DECIDER,
    "/data/cancellation/cause": WITH_DECIDER,
    "/data/cancellation/stopped_on": WITH_DECIDER,
    "/data/change/items": "变更前后的内容由审批业务系统保存 (what changes stays with the decider)",
    "/data/consent": "承诺书作为附件上传 (the letter of commitment goes along as a file)",
}

APPLY_1 = Table(
    matter=MATTER,
    kind=Kind.APPLY,
    version=1,
    target_schema="discharge-permit-v1",
    length_unit="utf16",
    rows=(*NUMBERING, *CASE, *APPLICANT, *RESULT, *SUMMARY, *FILES),
    left_out=LEFT_OUT,
)

AMEND_1 = replace(APPLY_1, kind=Kind.AMEND)
"""A corrected revision is the whole case again, under a higher version."""

TABLES: tuple[Table, ...] = (APPLY_1, AMEND_1, *message_tables(MATTER))
"""All tables of the matter, oldest first."""
