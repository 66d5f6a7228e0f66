"""辐射安全许可 → LICENSE_APPLY of the system (TARGETS 3.5, 8.4): what is told, under which name, and what is left out.

Field names are the system's (`registed…` is its own spelling), as far as they are known; which are ours is in this
adapter's README.
"""

from __future__ import annotations

from dataclasses import replace

from adapters.radiation.codes import (
    ACTIVITIES,
    BUSINESS_TYPES,
    DEVICE_LEVELS,
    SITE_LEVELS,
    SOURCE_LEVELS,
)
from adapters.radiation.mapping.shared import ACTIVITY, CLOSING, COMPANY, DELIVERY, LEFT_OUT, withdrawal
from bridge.kit.mapping.converters import Converter, codes, contains, joined
from bridge.kit.mapping.table import AnyRow, Each, Row, Table
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

APPLY_1 = Table(
    matter="radiation-licence",
    kind=Kind.APPLY,
    version=1,
    target_schema="radiation-licence-v1",
    length_unit="characters",
    rows=(TYPE, *COMPANY, *RANGES, *CLOSING),
    left_out={**LEFT_OUT, **DELIVERY},
)

AMEND_1 = replace(APPLY_1, kind=Kind.AMEND)
"""A correction is the whole application again, under its later dataVersion."""

WITHDRAW_1 = withdrawal("radiation-licence")
