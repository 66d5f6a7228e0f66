"""排污许可 → the cards of the platform's 申请表 (TARGETS 2.4, 8.3): what is told, where, and what is left out.

Field names are the platform's, as far as they are known; which are ours is in this adapter's README.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from adapters.discharge.codes import APPLY_TYPES, FILE_TYPE, WITHOUT_CARDS
from adapters.discharge.mapping.cards import AIR, DMS, LIST, OTHERS, PRODUCTION, WATER, YES_NO
from bridge.kit.mapping.converters import (
    Converter,
    OutsideDomain,
    codes,
    contains,
    instant,
    joined,
    present,
)
from bridge.kit.mapping.images import of_one
from bridge.kit.mapping.table import AnyRow, Constant, Each, Row, Table, When
from bridge.model.delivery import Kind

TIER = codes({"KEY": "重点管理", "SIMPLE": "简化管理"})
EIA = codes({"REPORT": "环境影响报告书批复", "FORM": "环境影响报告表批复", "REGISTRATION": "登记表备案"})
AIR_FORM = codes({"ORGANISED": "有组织", "FUGITIVE": "无组织", "BOTH": "有组织，无组织"})

HAS = present("是", "否")
HAS_LOSS = "只说明有无，内容在相邻各栏 (says only whether there is one)"
TO_THE_SECOND = "只到秒，一律北京时间 (whole seconds, in China's time)"
BY_ROLE = "平台只有一栏，按角色取一人 (one box: one person is taken by role)"

FOR_THE_CARD = ("TECH", "CONTACT", "AGENT", "ENV")
"""Whose telephone card 1 gets: 技术负责人 before anybody else (TARGETS 8.3)."""
FOR_THE_UNIT = ("CONTACT", "AGENT", "ENV", "TECH")
"""Whose telephone the account gets."""


def list_of_codes(table: dict[str, str], separator: str) -> Converter:
    """A list of our codes as one text of theirs."""
    code, text = codes(table), joined(separator)
    return Converter(
        f"{code.name}，{text.name}",
        lambda value: text.to([code.to(one) for one in value]),
        lambda value: [code.back(one) for one in text.back(value)],
    )


CATEGORIES = list_of_codes({"AIR": "废气", "WATER": "废水"}, "；")
GROUNDS = list_of_codes(
    {
        "PROJECT": "新建、改建、扩建排放污染物的项目",
        "PLACE": "场所、排放口位置或排放方式、去向变化",
        "INCREASE": "排放口数量或排放种类、量、浓度增加",
    },
    "；",
)
LOST = codes({"LOST": "遗失", "DAMAGED": "损毁"})
CAUSE = codes(
    {
        "EXPIRED": "有效期届满未延续",
        "CLOSED": "依法终止",
        "STOPPED": "停止排放污染物",
        "EXEMPT": "不再需要持证或登记",
        "OTHER": "其他",
    }
)

WITH_CARDS = When("/facts/type", tuple(type_ for type_, code in APPLY_TYPES.items() if code not in WITHOUT_CARDS))
"""补领 and 注销 hand in no cards; the platform holds them."""


def of_role(roles: tuple[str, ...], name: str) -> Converter:
    """One value of the first contact that has it, by role; `/`, the platform's blank, where nobody has it."""

    def to(value: Any) -> str:
        if not isinstance(value, list):
            raise OutsideDomain("应为联系人列表 (a list of contacts is wanted)")
        for role in roles:
            for contact in value:
                if contact.get("role") == role and contact.get(name):
                    return str(contact[name])
        return "/"

    way = f"按角色 {'、'.join(roles)} 取 {name}"
    return Converter(way, to, lambda value: value, lossless=False, image=of_one(name, "/", roles=roles))


ENVELOPE: tuple[AnyRow, ...] = (
    Row("外部编号", "/facts/number", required=True, max_length=50),
    Row("apply type", "/facts/type", codes(APPLY_TYPES), required=True),
    Row("版本", "/facts/revision", required=True),
    Row("account.SocietyCode", "/data/applicant/id_no", required=True),
    Row("account.SiteSeq", "/data/site/seq", required=True),
    Row("account.EnterName", "/data/applicant/name", required=True, max_length=100),
    Row("account.EnterAddress", "/data/applicant/registered_address", required=True, max_length=200),
    Row("account.counties", "/data/site/region_code", required=True),
    Row("account.ZipCode", "/data/applicant/zip"),
    Row("account.Telephone", "/data/contacts", of_role(FOR_THE_UNIT, "mobile"), required=True, loss=BY_ROLE),
)

CHANGED: tuple[AnyRow, ...] = (
    Row("变更.变更原因", "/data/change/reason", max_length=1000),
    Row("变更.变更日期", "/data/change/changed_on"),
    Each(
        "变更.变更事项",
        "/data/change/items",
        (
            Row("变更项目", "./field", required=True, max_length=100),
            Row("变更前", "./old", max_length=1000),
            Row("变更后", "./new", required=True, max_length=1000),
        ),
        max_items=100,
    ),
)
"""What changes."""

CANCELLED: tuple[AnyRow, ...] = (
    Row("变更.注销原因", "/data/cancellation/cause", CAUSE),
    Row("变更.停止排污日期", "/data/cancellation/stopped_on"),
    Row("变更.注销理由", "/data/cancellation/reason", max_length=1000),
)

CHANGE: tuple[AnyRow, ...] = (
    Row("变更.原排污许可证编号", "/data/current_licence/no", max_length=50),
    Row("变更.原发证机关", "/data/current_licence/issuer", max_length=100),
    Row("变更.原有效期限起", "/data/current_licence/from"),
    Row("变更.原有效期限止", "/data/current_licence/to"),
    *CHANGED,
    Row("变更.重新申请情形", "/data/reapply/grounds", GROUNDS, max_length=100),
    Row("变更.重新申请理由", "/data/reapply/reason", max_length=1000),
    Row("变更.补领原因", "/data/reissue/cause", LOST),
    Row("变更.遗失或损毁日期", "/data/reissue/happened_on"),
    Row("变更.补领说明", "/data/reissue/reason", max_length=1000),
    *CANCELLED,
)

CARD_1: tuple[AnyRow, ...] = (
    Row("1.单位名称", "/data/applicant/name", required=True, max_length=100),
    Row("1.统一社会信用代码", "/data/applicant/id_no", required=True),
    Row("1.注册地址", "/data/applicant/registered_address", required=True, max_length=200),
    Row("1.生产经营场所地址", "/data/site/address", required=True, max_length=200),
    Row("1.邮编", "/data/site/zip"),
    Row("1.行业类别", "/data/applicant/industry_code", required=True),
    Row("1.行业类别名称", "/data/applicant/industry_name", max_length=100),
    Row("1.是否投产", "/data/permit/production_started", YES_NO, required=True, when=WITH_CARDS),
    Row("1.投产日期", "/data/permit/start_date"),
    Row("1.中心经度", "/data/site/lon", DMS, required=True),
    Row("1.中心纬度", "/data/site/lat", DMS, required=True),
    Row("1.法定代表人", "/data/applicant/legal_rep/name", required=True, max_length=100),
    Row("1.技术负责人", "/data/contacts", of_role(("TECH",), "name"), required=True, max_length=100, loss=BY_ROLE),
    Row("1.固定电话", "/data/contacts", of_role(FOR_THE_CARD, "phone"), max_length=30, loss=BY_ROLE),
    Row("1.移动电话", "/data/contacts", of_role(FOR_THE_CARD, "mobile"), required=True, loss=BY_ROLE),
    Row("1.管理类别", "/data/permit/tier", TIER, required=True, when=WITH_CARDS),
    Row("1.是否需改正", "/data/permit/is_rectify", YES_NO, required=True, when=WITH_CARDS),
    Row("1.大气重点控制区", "/data/site/area_flags", contains("AIR_KEY", "是", "否"), required=True),
    Row("1.总磷控制区", "/data/site/area_flags", contains("TP", "是", "否"), required=True),
    Row("1.总氮控制区", "/data/site/area_flags", contains("TN", "是", "否"), required=True),
    Row("1.重金属特别排放限值实施区", "/data/site/area_flags", contains("HEAVY_METAL", "是", "否"), required=True),
    Row("1.是否位于工业园区", "/data/site/park/in_park", YES_NO, required=True),
    Row("1.工业园区名称", "/data/site/park/name", max_length=100),
    Row("1.是否有环评审批文件", "/data/permit/eia_docs", HAS, absent="否", when=WITH_CARDS, loss=HAS_LOSS),
    Row("1.环评批复文号", "/data/permit/eia_docs/0/no", max_length=100),
    Row(
        "1.是否有违规项目认定或备案文件",
        "/data/permit/violation_doc_no",
        HAS,
        absent="否",
        when=WITH_CARDS,
        loss=HAS_LOSS,
    ),
    Row("1.是否有总量分配文件", "/data/permit/total_control", HAS, absent="否", when=WITH_CARDS, loss=HAS_LOSS),
    Row("1.违规项目认定或备案文号", "/data/permit/violation_doc_no", max_length=100),
    Row("1.主要污染物类别", "/data/permit/main_pollutant_categories", CATEGORIES, required=True, when=WITH_CARDS),
    Row("1.大气污染物排放形式", "/data/permit/air_form", AIR_FORM),
    Row("1.废水污染物排放规律", "/data/permit/water_form", max_length=200),
    Row("1.执行标准名称", "/data/permit/standards_names", LIST, max_length=8000),
    Each(
        "1.环评文件",
        "/data/permit/eia_docs",
        (
            Row("文号或备案编号", "./no", required=True, max_length=100),
            Row("日期", "./date"),
            Row("文件类型", "./kind", EIA),
        ),
        max_items=50,
    ),
    Each(
        "1.总量分配计划",
        "/data/permit/total_control",
        (
            Row("污染物", "./pollutant", required=True, max_length=100),
            Row("总量指标", "./amount", required=True),
            Row("文号", "./doc_no", max_length=100),
        ),
        max_items=50,
    ),
)

FILES: tuple[AnyRow, ...] = (
    Each(
        "18",
        "/materials",
        (
            Constant("type", FILE_TYPE, "TARGETS 2.4: card 18 names every attachment so"),
            Row("材料编码", "./code", required=True, max_length=50),
            Row("name", "./name", required=True, max_length=200),
            Row("摘要", "./digest", required=True),
            Row("大小", "./size", required=True),
        ),
        max_items=200,
    ),
)
"""Card 18."""

COMMITMENT: tuple[AnyRow, ...] = (
    Row("19.守法承诺", "/data/consent/commitment", YES_NO, required=True),
    Row("19.承诺书版本", "/data/consent/text_version", max_length=100),
    Row("19.承诺时间", "/data/consent/at", instant("%Y-%m-%d %H:%M:%S"), loss=TO_THE_SECOND),
    Row("19.承诺人", "/data/consent/by", max_length=100),
)
"""Card 19, as far as every form has it."""

CLOSING: tuple[AnyRow, ...] = (
    *FILES,
    *COMMITMENT,
    Row("19.是否涉及商业秘密", "/data/permit/confidential/yes", YES_NO),
    Row("19.商业秘密说明", "/data/permit/confidential/reason", max_length=1000),
    Row("19.申请前信息公开起", "/data/permit/publicity/from"),
    Row("19.申请前信息公开止", "/data/permit/publicity/to"),
)
"""Cards 18 and 19."""

NO_BOX = "平台申请表没有这一栏 (the platform's form has no box for it)"

OF_EVERY_FORM = {
    "/data/applicant/kind": NO_BOX,
    "/data/applicant/id_type": "平台只接收统一社会信用代码 (the platform takes nothing but the USCC)",
    "/data/applicant/region_code": NO_BOX,
    "/data/applicant/legal_rep/id_type": NO_BOX,
    "/data/applicant/legal_rep/id_no": "平台申请表没有这一栏，不多传个人信息 (no box for it, so no personal data)",
    "/data/applicant/legal_rep/phone": "同上 (the same)",
    "/data/contacts/*/id_type": NO_BOX,
    "/data/contacts/*/id_no": NO_BOX,
    "/data/contacts/*/email": NO_BOX,
    "/data/applicant/principal": "平台一栏即“法定代表人(主要负责人)” (one box: legal representative or principal)",
    "/data/applicant/sso_id": "政务一网通账号，与平台无关 (an account of another system)",
    "/data/site/name": "平台按单位名称和场所地址识别 (the platform knows the site by its address)",
    "/data/authorization": "授权委托书作为附件上传 (goes along as a file)",
}
LEFT_OUT = {
    **OF_EVERY_FORM,
    "/data/delivery": "结果由政务一网通送达 (the result is handed over by the city's system)",
}

APPLY_1 = Table(
    matter="discharge-permit",
    kind=Kind.APPLY,
    version=1,
    target_schema="discharge-permit-v1",
    length_unit="characters",
    rows=(*ENVELOPE, *CHANGE, *CARD_1, *PRODUCTION, *AIR, *WATER, *OTHERS, *CLOSING),
    left_out=LEFT_OUT,
)

AMEND_1 = replace(APPLY_1, kind=Kind.AMEND)
"""A correction is the whole application again, under its later 版本."""

ONLY_WITHDRAWN = "撤回只告知编号、原因和时间 (a withdrawal tells number, reason and time, nothing of the form)"

WITHDRAW_1 = Table(
    matter="discharge-permit",
    kind=Kind.WITHDRAW,
    version=1,
    target_schema="discharge-permit-withdraw-v1",
    length_unit="characters",
    rows=(
        Row("外部编号", "/facts/number", required=True, max_length=50),
        Row("撤回原因", "/facts/withdrawal/reason", max_length=1000),
        Row("撤回时间", "/facts/withdrawal/at", instant("%Y-%m-%d %H:%M:%S"), required=True, loss=TO_THE_SECOND),
    ),
    needs=frozenset({"withdrawal"}),
    left_out={"/data": ONLY_WITHDRAWN},
)
"""撤回 (INVENTED, as the whole wire)."""

TABLES: tuple[Table, ...] = (APPLY_1, AMEND_1, WITHDRAW_1)
"""All tables of the matter, oldest first."""
