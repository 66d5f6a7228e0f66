"""辐射安全许可 at the gateway: the summary of its form that goes along, and what is left out with which reason."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from adapters.municipal.codes import RADIATION_CHANGES, RADIATION_TYPES
from adapters.municipal.mapping.messages import message_tables
from adapters.municipal.mapping.shared import APPLICANT, FILES, NUMBERING, RESULT, case_of_types
from bridge.kit.mapping.converters import Converter, codes, contains, joined, yes_no
from bridge.kit.mapping.table import AnyRow, Row, Table, When
from bridge.model.delivery import Kind

MATTER = "radiation-licence"

ONE_OF_FOUR = "四栏合起来才是整个列表 (only the four boxes together are the list)"
FLAG = yes_no("1", "0")
LEVELS = "ⅠⅡⅢⅣⅤ"
AREAS = {"AIR_KEY": "airKeyArea", "TP": "tpArea", "TN": "tnArea", "HEAVY_METAL": "heavyMetalArea"}
ACTIVITIES = {"PRODUCE": "生产", "SELL": "销售", "USE": "使用"}
WORKPLACES = {"A": "甲级", "B": "乙级", "C": "丙级"}


def _list_of_codes(table: dict[str, str]) -> Converter:
    """A list of our codes as one text of theirs, separated by 、."""
    code, text = codes(table), joined("、")
    return Converter(
        f"{code.name}，{text.name}",
        lambda value: text.to([code.to(one) for one in value]),
        lambda value: [code.back(one) for one in text.back(value)],
    )


def _levels(activity: str, count: int) -> Converter:
    """`USE-2` → Ⅱ类, for one activity."""
    return _list_of_codes({f"{activity}-{place + 1}": f"{LEVELS[place]}类" for place in range(count)})


SITE: tuple[AnyRow, ...] = (
    Row("receive.affFormInfo.siteName", "/data/site/name", max_length=100),
    Row("receive.affFormInfo.siteAddress", "/data/site/address", required=True, max_length=200),
    Row("receive.affFormInfo.siteZip", "/data/site/zip"),
    Row("receive.affFormInfo.siteSeq", "/data/site/seq", required=True),
    Row("receive.affFormInfo.longitude", "/data/site/lon", required=True),
    Row("receive.affFormInfo.latitude", "/data/site/lat", required=True),
    Row("receive.affFormInfo.inPark", "/data/site/park/in_park", FLAG, required=True),
    Row("receive.affFormInfo.parkName", "/data/site/park/name", max_length=100),
    *(
        Row(
            f"receive.affFormInfo.{theirs}",
            "/data/site/area_flags",
            contains(ours, "1", "0"),
            absent="0",
            loss=ONE_OF_FOUR,
        )
        for ours, theirs in AREAS.items()
    ),
    Row("receive.affFormInfo.industryCode", "/data/applicant/industry_code", required=True),
    Row("receive.affFormInfo.industryName", "/data/applicant/industry_name", required=True, max_length=100),
)

HAS_PERMIT = When("/facts/type", ("new", "reapply", "renew"))
"""Types that hand in a scope."""

SCOPE: tuple[AnyRow, ...] = (
    *(
        Row(
            f"receive.affFormInfo.{activity.lower()}{kind.title()}",
            f"/data/permit/kind_scope/{activity.lower()}_{kind}",
            _levels(activity, count),
            required=True,
            when=HAS_PERMIT,
        )
        for kind, count in (("sources", 5), ("devices", 3))
        for activity in ACTIVITIES
    ),
    Row(
        "receive.affFormInfo.nonsealActivities",
        "/data/permit/kind_scope/nonseal_activities",
        _list_of_codes(ACTIVITIES),
        required=True,
        when=HAS_PERMIT,
    ),
    Row(
        "receive.affFormInfo.nonsealLevels",
        "/data/permit/kind_scope/nonseal_levels",
        _list_of_codes(WORKPLACES),
        required=True,
        when=HAS_PERMIT,
    ),
    Row("receive.affFormInfo.changeType", "/facts/type", codes(RADIATION_CHANGES), required=True),
)
"""种类和范围: what the licence will state (TARGETS 3.2); the lists behind it stay with the decider."""

BEFORE: tuple[AnyRow, ...] = (
    Row("receive.affFormInfo.oldLicenceNo", "/data/current_licence/no", max_length=50),
    Row("receive.affFormInfo.oldLicenceIssuer", "/data/current_licence/issuer", max_length=100),
    Row("receive.affFormInfo.oldLicenceFrom", "/data/current_licence/from"),
    Row("receive.affFormInfo.oldLicenceTo", "/data/current_licence/to"),
    Row("receive.affFormInfo.changeReason", "/data/change/reason", max_length=500),
    Row("receive.affFormInfo.changeDate", "/data/change/changed_on"),
    Row("receive.affFormInfo.reapplyReason", "/data/reapply/reason", max_length=500),
    Row("receive.affFormInfo.endReason", "/data/termination/reason", max_length=500),
    Row("receive.affFormInfo.endDate", "/data/termination/ended_on"),
)
"""The licence of before, and why it is to be another; what it was and what ends stays with the decider."""

NO_BOX = "网关没有这一栏 (the gateway has no field for it)"

WITH_DECIDER = "由审批业务系统保存 (it stays with the decider)"
PARTS = (
    *("departments", "sources", "devices", "nonseal", "exceptions"),
    *("management", "workers", "instruments", "protect_goods", "waste_capability"),
)
"""Parts of the permit form that are the decider's business."""

LEFT_OUT: Mapping[str, str] = {
    **{f"/data/permit/{part}": WITH_DECIDER for part in PARTS},
    "/data/change/old": WITH_DECIDER,
    "/data/reapply/grounds": WITH_DECIDER,
    **{f"/data/termination/{part}": WITH_DECIDER for part in ("whereabouts", "decommissioning", "scope")},
    "/data/applicant/legal_rep/id_type": NO_BOX,
    "/data/applicant/legal_rep/id_no": "网关没有这一栏，不多传个人信息 (no field for it, so no personal data)",
    "/data/applicant/legal_rep/phone": "同上 (the same)",
    "/data/applicant/principal": NO_BOX,
    "/data/contacts/*/email": NO_BOX,
    "/data/authorization": "授权委托书作为附件上传 (goes along as a file)",
    "/data/consent": WITH_DECIDER,
}

APPLY_1 = Table(
    matter=MATTER,
    kind=Kind.APPLY,
    version=1,
    target_schema="radiation-licence-v1",
    length_unit="utf16",
    rows=(*NUMBERING, *case_of_types(RADIATION_TYPES), *APPLICANT, *RESULT, *SITE, *SCOPE, *BEFORE, *FILES),
    left_out=LEFT_OUT,
)

AMEND_1 = replace(APPLY_1, kind=Kind.AMEND)
"""A corrected revision is the whole case again, under a higher version."""

TABLES: tuple[Table, ...] = (APPLY_1, AMEND_1, *message_tables(MATTER))
"""All tables of the matter, oldest first."""
