"""辐射安全许可 → LICENSE_* of the system (TARGETS 3.5, 8.4): what is told, under which name, and what is left out.

Field names are the system's (`registed…` is its own spelling), as far as they are known; which are ours is in this
adapter's README.
"""

from __future__ import annotations

from dataclasses import replace

from adapters.radiation.codes import (
    ACTIVITIES,
    BUSINESS_TYPES,
    DEGREES,
    DEVICE_LEVELS,
    DEVICE_STATES,
    EXAMS,
    GROUNDS,
    ID_TYPES,
    INSTRUMENT_STATES,
    SEXES,
    SITE_LEVELS,
    SOURCE_LEVELS,
)
from adapters.radiation.mapping.shared import ACTIVITY, CLOSING, COMPANY, DELIVERY, LEFT_OUT, withdrawal
from bridge.kit.mapping.converters import Converter, codes, contains, joined, yes_no
from bridge.kit.mapping.table import AnyRow, Each, Row, Table, When
from bridge.model.delivery import Kind

IN_TWO = "活动种类和类别在系统中是相邻两栏 (activity and category are two boxes there)"
DERIVED = "由销售射线装置类别得出 (follows from the categories of devices to sell)"


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


TYPE = Row("businessType", "/facts/type", codes(BUSINESS_TYPES), required=True)

HAS_PERMIT = When("/facts/type", ("new", "reapply", "renew"))
"""Types that hand in scope, lists and staff."""
HAS_CHANGE = When("/data/change")
REAPPLIES = When("/facts/type", ("reapply",))
ENDS = When("/facts/type", ("part-end", "cancel"))
ENDS_PART = When("/facts/type", ("part-end",))

LICENCE: tuple[AnyRow, ...] = tuple(
    Row(theirs, f"/data/current_licence/{ours}", required=True, max_length=most, when=When("/data/current_licence"))
    for theirs, ours, most in (
        ("licenseNo", "no", 16),
        ("licenseStartDate", "from", None),
        ("licenseEndDate", "to", None),
        ("licenseIssueOrg", "issuer", 100),
    )
)
"""The licence of before, of all types but the first."""

OLD = "/data/change/old"
NAMED, MOVED, REPLACED = When(f"{OLD}/name"), When(f"{OLD}/address"), When(f"{OLD}/legal_rep")
NOW = "/data/applicant"

CHANGE: tuple[AnyRow, ...] = (
    Row("reapplyGrounds", "/data/reapply/grounds", list_of_codes(GROUNDS), required=True, when=REAPPLIES),
    Row("reapplyReason", "/data/reapply/reason", required=True, max_length=500, when=REAPPLIES),
    Row("changeReason", "/data/change/reason", required=True, max_length=500, when=HAS_CHANGE),
    Row("changeDate", "/data/change/changed_on", required=True, when=HAS_CHANGE),
    Row("oldCompanyName", f"{OLD}/name", max_length=100),
    Row("newCompanyName", f"{NOW}/name", max_length=100, when=NAMED),
    Row("oldAddress", f"{OLD}/address/text", max_length=200),
    Row("newAddress", f"{NOW}/registered_address", max_length=200, when=MOVED),
    Row("oldDistrict", f"{OLD}/address/region_code"),
    Row("newDistrict", f"{NOW}/region_code", when=MOVED),
    Row("oldLegalPerson", f"{OLD}/legal_rep/name", max_length=100),
    Row("newLegalPerson", f"{NOW}/legal_rep/name", max_length=100, when=REPLACED),
    Row("oldLegalPersonIdType", f"{OLD}/legal_rep/id_type", codes(ID_TYPES)),
    Row("newLegalPersonIdType", f"{NOW}/legal_rep/id_type", codes(ID_TYPES), when=REPLACED),
    Row("oldLegalPersonId", f"{OLD}/legal_rep/id_no", max_length=20),
    Row("newLegalPersonId", f"{NOW}/legal_rep/id_no", max_length=20, when=REPLACED),
)
"""Why it is applied for again, and the pairs of what has changed: 变更后 is what stands in 申请人."""

SCOPE = "/data/permit/kind_scope"
NAMES = {"produce": "producible", "sell": "saleable", "use": "usable"}


def scope(base: str, when: When, *, ended: bool = False) -> tuple[AnyRow, ...]:
    """The kind and scope at `base`: what may be produced, sold and used, or, where it has `ended`, no longer."""

    def name(text: str) -> str:
        return f"terminated{text[0].upper()}{text[1:]}" if ended else text

    parts = (("sources", "NuclideCategories", SOURCE_LEVELS), ("devices", "RadialsetCategories", DEVICE_LEVELS))
    return (
        *(
            Row(
                name(f"{theirs}{theirs_part}"),
                f"{base}/{ours}_{part}",
                list_of_codes(levels(ours.upper(), count)),
                required=True,
                when=when,
            )
            for part, theirs_part, count in parts
            for ours, theirs in NAMES.items()
        ),
        Row(name("nonsealCategories"), f"{base}/nonseal_levels", list_of_codes(SITE_LEVELS), required=True, when=when),
        Row(
            name("nonsealActiveType"),
            f"{base}/nonseal_activities",
            list_of_codes(ACTIVITIES),
            required=True,
            when=when,
        ),
    )


END: tuple[AnyRow, ...] = (
    Row("terminateDate", "/data/termination/ended_on", required=True, when=ENDS),
    Row("terminateReason", "/data/termination/reason", required=True, max_length=500, when=ENDS),
    Row("terminateWhereabouts", "/data/termination/whereabouts", required=True, max_length=500, when=ENDS),
    Row("terminateDocNo", "/data/termination/decommissioning", max_length=100),
    *scope("/data/termination/scope", ENDS_PART, ended=True),
)
"""部分终止 and 注销."""

RANGES: tuple[AnyRow, ...] = (
    *scope(SCOPE, HAS_PERMIT),
    Row(
        "radialProduceSaleI",
        f"{SCOPE}/sell_devices",
        contains("SELL-1", "1", "0"),
        required=True,
        when=HAS_PERMIT,
        loss=DERIVED,
    ),
    Row("medicalUseI", "/data/permit/exceptions/medical_use", max_length=200),
    Row("petOwnUse", "/data/permit/exceptions/pet_own_use", max_length=200),
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
            Row("useType", "./use", max_length=50),
            Row("voltage", "./kv"),
            Row("amperemeter", "./ma"),
            Row("power", "./power_kw"),
            Row("particleEnergy", "./energy_mev"),
            Row("state", "./state", codes(DEVICE_STATES)),
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

STAFF: tuple[AnyRow, ...] = (
    Row("departName", "/data/permit/management/department", required=True, max_length=100, when=HAS_PERMIT),
    Each(
        "managers",
        "/data/permit/management/managers",
        (
            Row("name", "./name", required=True, max_length=100),
            Row("sex", "./sex", codes(SEXES), required=True),
            Row("job", "./job", required=True, max_length=50),
            Row("major", "./major", required=True, max_length=50),
            Row("duty", "./duty", required=True, max_length=100),
            Row("fullOrPart", "./full_time", yes_no("专职", "兼职"), required=True),
            Row("nuclearEngeer", "./nuclear_engineer", yes_no("1", "0"), required=True),
        ),
        max_items=50,
    ),
    Each(
        "radialWorkers",
        "/data/permit/workers",
        (
            Row("name", "./name", required=True, max_length=100),
            Row("personIdType", "./id_type", codes(ID_TYPES), required=True),
            Row("personIdCode", "./id_no", required=True, max_length=20),
            Row("degree", "./degree", codes(DEGREES), required=True),
            Row("major", "./major", required=True, max_length=50),
            Row("workPosition", "./post", required=True, max_length=50),
            Row("examKind", "./exam/kind", codes(EXAMS), required=True),
            Row("examCategory", "./exam/category", max_length=50),
            Row("trainNo", "./exam/report_no", max_length=50),
            Row("beginTrainDate", "./exam/passed_on", required=True),
            Row("endTrainDate", "./exam/valid_to", required=True),
            Row("doseRecord", "./dose_record", yes_no("1", "0"), required=True),
        ),
        max_items=500,
    ),
    Each(
        "instruments",
        "/data/permit/instruments",
        (
            Row("name", "./name", required=True, max_length=60),
            Row("model", "./model", required=True, max_length=60),
            Row("amount", "./count", required=True),
            Row("buyDate", "./bought_on"),
            Row("state", "./state", codes(INSTRUMENT_STATES), required=True),
        ),
        max_items=200,
    ),
    Each(
        "protectGoods",
        "/data/permit/protect_goods",
        (
            Row("name", "./name", required=True, max_length=60),
            Row("model", "./model", max_length=60),
            Row("amount", "./count", required=True),
        ),
        max_items=200,
    ),
    Row("wasteCapability", "/data/permit/waste_capability", max_length=1000),
)
"""Who is in charge, who works there, and what they measure and protect themselves with."""

APPLY_1 = Table(
    matter="radiation-licence",
    kind=Kind.APPLY,
    version=1,
    target_schema="radiation-licence-v1",
    length_unit="characters",
    rows=(TYPE, *COMPANY, *LICENCE, *CHANGE, *END, *RANGES, *STAFF, *CLOSING),
    left_out={**LEFT_OUT, **DELIVERY},
)

AMEND_1 = replace(APPLY_1, kind=Kind.AMEND)
"""A correction is the whole application again, under its later dataVersion."""

WITHDRAW_1 = withdrawal("radiation-licence")
