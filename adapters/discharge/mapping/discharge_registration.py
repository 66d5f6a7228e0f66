"""固定污染源排污登记 → cards 1, 16, 18 and 19 of the platform: what is told, where, and what is left out.

That a registration is 补充登记信息 on card 16 is the platform's (TARGETS 2.4); the fields on it are those of the
登记表 as guides describe it (MEDIUM), and where they stand in the payload is INVENTED with the rest of the wire.
"""

from __future__ import annotations

from dataclasses import replace

from adapters.discharge.codes import REGISTER_TYPES, WITHOUT_CARDS
from adapters.discharge.mapping.cards import DMS, LIST, YES_NO
from adapters.discharge.mapping.discharge_permit import (
    BY_ROLE,
    CANCELLED,
    CHANGED,
    COMMITMENT,
    ENVELOPE,
    FILES,
    FOR_THE_CARD,
    OF_EVERY_FORM,
    list_of_codes,
    of_role,
)
from adapters.discharge.mapping.discharge_permit import (
    WITHDRAW_1 as PERMIT_WITHDRAW_1,
)
from bridge.kit.mapping.converters import codes
from bridge.kit.mapping.table import AnyRow, Each, Row, Table, When
from bridge.model.delivery import Kind

MATTER = "discharge-registration"

WITH_TABLE = When("/facts/type", tuple(type_ for type_, code in REGISTER_TYPES.items() if code not in WITHOUT_CARDS))
"""注销 hands in no 登记表."""

FUEL = codes({"SOLID": "固体燃料", "LIQUID": "液体燃料", "GAS": "气体燃料", "OTHER": "其他"})
AIR_FORMS = list_of_codes({"ORGANISED": "有组织", "FUGITIVE": "无组织"}, "；")
NO_FLAGS = "登记表没有这些栏 (the registration form has no box for these)"

BEFORE: tuple[AnyRow, ...] = (
    Row("变更.原登记编号", "/data/current_registration/no", max_length=50),
    Row("变更.原有效期限起", "/data/current_registration/from"),
    Row("变更.原有效期限止", "/data/current_registration/to"),
    *CHANGED,
    *CANCELLED,
)
"""The registration that is changed, renewed or cancelled, and why."""

UNIT: tuple[AnyRow, ...] = (
    Row("1.单位名称", "/data/applicant/name", required=True, max_length=100),
    Row("1.统一社会信用代码", "/data/applicant/id_no", required=True),
    Row("1.注册地址", "/data/applicant/registered_address", required=True, max_length=200),
    Row("1.生产经营场所地址", "/data/site/address", required=True, max_length=200),
    Row("1.邮编", "/data/site/zip"),
    Row("1.行业类别", "/data/applicant/industry_code", required=True),
    Row("1.行业类别名称", "/data/applicant/industry_name", max_length=100),
    Row("1.中心经度", "/data/site/lon", DMS, required=True),
    Row("1.中心纬度", "/data/site/lat", DMS, required=True),
    Row("1.法定代表人", "/data/applicant/legal_rep/name", required=True, max_length=100),
    Row("1.技术负责人", "/data/contacts", of_role(("TECH",), "name"), max_length=100, loss=BY_ROLE),
    Row("1.固定电话", "/data/contacts", of_role(FOR_THE_CARD, "phone"), max_length=30, loss=BY_ROLE),
    Row("1.移动电话", "/data/contacts", of_role(FOR_THE_CARD, "mobile"), required=True, loss=BY_ROLE),
)
"""Card 1, as far as a registration asks for it."""


def _facilities(card: str, source: str) -> Each:
    """治理设施 of air or water."""
    return Each(
        card,
        source,
        (
            Row("污染治理设施名称", "./name", required=True, max_length=100),
            Row("治理工艺", "./process", required=True, max_length=200),
            Row("数量", "./count", required=True),
        ),
        max_items=500,
    )


def _amounts(card: str, source: str, kind: Row) -> Each:
    """What is used, with how much of it."""
    return Each(
        card,
        source,
        (
            kind,
            Row("名称", "./name", required=True, max_length=100),
            Row("使用量", "./amount", required=True),
            Row("计量单位", "./unit", required=True, max_length=20),
        ),
        max_items=500,
    )


TABLE: tuple[AnyRow, ...] = (
    Each(
        "16.主要产品及产能",
        "/data/registration/products",
        (
            Row("生产工艺名称", "./process", required=True, max_length=100),
            Row("主要产品名称", "./name", required=True, max_length=100),
            Row("主要产品产能", "./capacity", required=True),
            Row("计量单位", "./unit", required=True, max_length=20),
        ),
        max_items=500,
    ),
    _amounts("16.燃料使用信息", "/data/registration/fuels", Row("类别", "./kind", FUEL, required=True)),
    _amounts(
        "16.涉VOCs辅料使用信息",
        "/data/registration/voc_materials",
        Row("类别", "./kind", required=True, max_length=100),
    ),
    Row("16.废气排放形式", "/data/registration/air_forms", AIR_FORMS, required=True, when=WITH_TABLE),
    _facilities("16.废气污染治理设施", "/data/registration/air_measures"),
    Each(
        "16.废气排放口",
        "/data/registration/air_outlets",
        (
            Row("排放口编号", "./no", required=True),
            Row("排放口名称", "./name", required=True, max_length=100),
            Row("执行标准名称", "./standard", required=True, max_length=200),
        ),
        max_items=500,
    ),
    _facilities("16.废水污染治理设施", "/data/registration/water_measures"),
    Each(
        "16.废水排放口",
        "/data/registration/water_outlets",
        (
            Row("排放口编号", "./no", required=True),
            Row("排放口名称", "./name", required=True, max_length=100),
            Row("执行标准名称", "./standard", required=True, max_length=200),
            Row("排放去向", "./to", required=True, max_length=200),
        ),
        max_items=500,
    ),
    Each(
        "16.工业固体废物",
        "/data/registration/solid_waste",
        (
            Row("工业固体废物名称", "./name", required=True, max_length=100),
            Row("是否属于危险废物", "./hazardous", YES_NO, required=True),
            Row("去向", "./to", required=True, max_length=200),
        ),
        max_items=500,
    ),
    Row(
        "16.工业噪声防治措施",
        "/data/registration/noise_measures",
        LIST,
        required=True,
        max_length=4000,
        when=WITH_TABLE,
    ),
    Row("16.厂界噪声执行标准名称", "/data/registration/noise_standard", max_length=200),
    Row("16.其他需要说明的信息", "/data/registration/remark", max_length=1000),
)
"""Card 16."""

ENVELOPE_HERE: tuple[AnyRow, ...] = tuple(
    replace(row, convert=codes(REGISTER_TYPES)) if isinstance(row, Row) and row.target == "apply type" else row
    for row in ENVELOPE
)

APPLY_1 = Table(
    matter=MATTER,
    kind=Kind.APPLY,
    version=1,
    target_schema="discharge-registration-v1",
    length_unit="characters",
    rows=(*ENVELOPE_HERE, *BEFORE, *UNIT, *TABLE, *FILES, *COMMITMENT),
    left_out={**OF_EVERY_FORM, "/data/site/park": NO_FLAGS, "/data/site/area_flags": NO_FLAGS},
)

AMEND_1 = replace(APPLY_1, kind=Kind.AMEND)
"""A correction before it was handed in; what is registered is changed by a 变更."""

WITHDRAW_1 = replace(PERMIT_WITHDRAW_1, matter=MATTER)
"""The same call; the platform refuses it once the registration has its number."""

TABLES: tuple[Table, ...] = (APPLY_1, AMEND_1, WITHDRAW_1)
"""All tables of the matter, oldest first."""
