"""Samples of 排污许可: plants of several industries, built line by line so that every reference between cards holds."""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from bridge.testing.samples import people
from bridge.testing.samples.known import sample_permit_number

TYPES = ("new", "change-basic", "change-other")
ENTERED = dt.date(2026, 11, 20)
"""The day on which samples were written; their dates lie before it."""


@dataclass(frozen=True, slots=True)
class Industry:
    """An industry as the samples know it."""

    code: str
    name: str
    what: str
    """What its companies are called after."""
    process: str
    facility: str
    product: tuple[str, str]
    material: str
    air: tuple[str, ...]
    water: tuple[str, ...]
    standard: str


INDUSTRIES = (
    Industry(
        "C2614",
        "有机化学原料制造",
        "化工",
        "合成反应",
        "反应釜",
        ("有机溶剂", "t/a"),
        "甲醇",
        ("非甲烷总烃", "苯", "甲苯"),
        ("化学需氧量", "氨氮"),
        "石油化学工业污染物排放标准 GB 31571-2015",
    ),
    Industry(
        "C3130",
        "钢压延加工",
        "钢铁",
        "热轧",
        "加热炉",
        ("热轧板材", "万t/a"),
        "钢坯",
        ("颗粒物", "二氧化硫", "氮氧化物"),
        ("化学需氧量", "石油类"),
        "轧钢工业大气污染物排放标准 GB 28665-2012",
    ),
    Industry(
        "D4430",
        "热力生产和供应",
        "热力",
        "燃气锅炉供热",
        "燃气锅炉",
        ("热量", "万GJ/a"),
        "软化水",
        ("氮氧化物", "颗粒物"),
        ("化学需氧量",),
        "锅炉大气污染物排放标准 DB12/151-2020",
    ),
    Industry(
        "C1432",
        "速冻食品制造",
        "食品",
        "蒸煮速冻",
        "蒸煮线",
        ("速冻面米制品", "t/a"),
        "面粉",
        ("颗粒物", "氨"),
        ("化学需氧量", "氨氮", "总磷"),
        "污水综合排放标准 DB12/356-2018",
    ),
    Industry(
        "C3360",
        "金属表面处理及热处理加工",
        "电镀",
        "镀锌镀镍",
        "电镀槽",
        ("镀件", "万m2/a"),
        "锌板",
        ("氯化氢", "铬酸雾"),
        ("总镍", "总锌", "六价铬"),
        "电镀污染物排放标准 GB 21900-2008",
    ),
    Industry(
        "D4620",
        "污水处理及其再生利用",
        "水务",
        "生物处理",
        "生化池",
        ("处理后污水", "万t/a"),
        "聚合氯化铝",
        ("氨", "硫化氢"),
        ("化学需氧量", "氨氮", "总氮", "总磷"),
        "城镇污水处理厂污染物排放标准 DB12/599-2015",
    ),
    Industry(
        "C3670",
        "汽车零部件及配件制造",
        "汽车部件",
        "涂装",
        "喷漆室",
        ("保险杠", "万件/a"),
        "水性漆",
        ("非甲烷总烃", "二甲苯", "颗粒物"),
        ("化学需氧量", "石油类"),
        "工业企业挥发性有机物排放控制标准 DB12/524-2020",
    ),
)


CARDS = (
    "products",
    "facilities",
    "raw_materials",
    "fuels",
    "nodes",
    "air_outlets",
    "air_limits",
    "fugitive",
    "air_total",
    "water_outlets",
    "water_limits",
    "solid_waste",
    "noise",
    "monitoring",
    "ledger",
)


def make(dice: random.Random, kind: str, seed: int, index: int) -> dict[str, Any]:
    """One application."""
    district = dice.choice(list(people.PLACES))
    industry = dice.choice(INDUSTRIES)
    agent, key = dice.random() < 0.3, dice.random() < 0.5
    uscc = people.uscc(district, seed * 3 + TYPES.index(kind), index)
    applicant = _applicant(dice, district, industry, uscc)
    data: dict[str, Any] = {
        "applicant": applicant,
        "site": _site(dice, district, applicant["name"]),
        "contacts": _contacts(dice, district, agent=agent),
        "permit": _permit(dice, industry, kind=kind, key=key, lines=dice.choice((1, 1, 2, 2, 3, 5))),
        "consent": _consent(dice, applicant["legal_rep"]["name"]),
    }
    if agent:
        data["authorization"] = {"from": "2026-07-01", "to": "2026-12-31", "scope": "办理排污许可证申请及领取"}
    if kind != "new":
        data["current_licence"], data["change"] = _change(dice, uscc, index, kind)
    if dice.random() < 0.5:
        data["delivery"] = _delivery(dice, applicant)
    return {
        "matter": "discharge-permit",
        "type": kind,
        "form": 1,
        "reference": f"SAMPLE-{seed}-{kind}-{index}",
        "data": data,
        "materials": _materials(data, kind, key=key, agent=agent, mark=f"{seed} {kind} {index}"),
    }


def _applicant(dice: random.Random, district: str, industry: Industry, uscc: str) -> dict[str, Any]:
    place, street, postcode = people.PLACES[district]
    brand = "".join(dice.sample("津海滨泰恒瑞宏达盛华鑫源润隆康祥永兴", 2))
    form = dice.choice(("有限公司", "股份有限公司", "（集团）有限公司", "科技有限公司"))
    applicant = {
        "kind": dice.choice(("ENTERPRISE", "ENTERPRISE", "ENTERPRISE", "NONLEGAL")),
        "name": f"天津{brand}{industry.what}{form}",
        "id_type": "USCC",
        "id_no": uscc,
        "legal_rep": people.person(dice, district),
        "registered_address": f"天津市{place}{street}{dice.randint(1, 999)}号",
        "region_code": district,
        "zip": postcode,
        "industry_code": industry.code,
        "industry_name": industry.name,
    }
    if dice.random() < 0.3:
        applicant["principal"] = {"name": people.name(dice), "phone": people.landline(dice)}
    return applicant


def _site(dice: random.Random, district: str, company: str) -> dict[str, Any]:
    place, street, postcode = people.PLACES[district]
    in_park = dice.random() < 0.5
    return {
        "name": f"{company}{dice.choice(('厂区', '一分厂', '生产基地'))}",
        "address": f"天津市{place}{street}{dice.randint(1, 999)}号院{dice.choice(('', '东侧', '3号厂房'))}",
        "region_code": district,
        "zip": postcode,
        **_position(dice),
        "seq": f"{dice.randint(1, 9):03d}",
        "park": {"in_park": True, "name": f"{place}工业园区"} if in_park else {"in_park": False},
        "area_flags": [flag for flag in ("AIR_KEY", "TP", "TN", "HEAVY_METAL") if dice.random() < 0.3],
    }


def _position(dice: random.Random) -> dict[str, str]:
    """A place in Tianjin, to five decimals."""
    return {"lon": f"117.{dice.randint(0, 79_999):05d}", "lat": f"39.{dice.randint(0, 89_999):05d}"}


def _contacts(dice: random.Random, district: str, *, agent: bool) -> list[dict[str, Any]]:
    contacts: list[dict[str, Any]] = [
        {
            "role": "CONTACT",
            "name": people.name(dice),
            "id_type": "ID_CARD",
            "id_no": people.id_card(dice, district),
            "mobile": people.mobile(dice),
            "phone": people.landline(dice),
        },
        {"role": "TECH", "name": people.name(dice), "mobile": people.mobile(dice), "phone": people.landline(dice)},
    ]
    if agent:
        contacts.append(
            {
                "role": "AGENT",
                "name": people.name(dice),
                "id_type": "ID_CARD",
                "id_no": people.id_card(dice, district),
                "mobile": people.mobile(dice),
            }
        )
    if dice.random() < 0.4:
        mail = f"env{dice.randint(1, 9999)}@example.com"
        contacts.append({"role": "ENV", "name": people.name(dice), "mobile": people.mobile(dice), "email": mail})
    return contacts


def _permit(dice: random.Random, industry: Industry, *, kind: str, key: bool, lines: int) -> dict[str, Any]:
    """Cards 1 to 15, for a plant of so many lines."""
    started = kind != "new" or dice.random() < 0.7
    permit: dict[str, Any] = {
        "tier": "KEY" if key else "SIMPLE",
        "is_rectify": False,
        "production_started": started,
        "main_pollutant_categories": ["AIR", "WATER"],
        "air_form": "BOTH",
        "water_form": "间断排放，排放期间流量不稳定",
        "standards_names": [industry.standard],
        "eia_docs": [
            {
                "no": f"津环函〔{dice.randint(2010, 2025)}〕{dice.randint(1, 199)}号",
                "date": "2019-05-20",
                "kind": "REPORT",
            }
        ],
        "total_control": [],
        "confidential": {"yes": False},
        **{card: [] for card in CARDS},
    }
    if started:
        permit["start_date"] = f"20{dice.randint(10, 24)}-0{dice.randint(1, 9)}-15"
    if key and kind == "new":
        permit["publicity"] = {"from": "2026-08-03", "to": "2026-08-12"}
    for line in range(1, lines + 1):
        _add_line(dice, industry, permit, line)
    _add_water(dice, industry, permit)
    _add_totals(permit, industry)
    _add_rest(dice, industry, permit)
    return permit


def _add_line(dice: random.Random, industry: Industry, permit: dict[str, Any], line: int) -> None:
    """One production line: product, facility, materials, its node and its chimney."""
    mf, outlet = f"MF{line:04d}", f"DA{line:03d}"
    product, unit = industry.product
    permit["products"].append(
        {
            "line_name": f"{line}号生产线",
            "line_no": f"L{line:02d}",
            "product": product,
            "capacity": f"{dice.randint(1, 500)}.{dice.randint(1, 9)}",
            "unit": unit,
            "hours": str(dice.choice((2400, 4800, 7200, 8000))),
        }
    )
    permit["facilities"].append(
        {
            "unit": f"{industry.process}单元",
            "process": industry.process,
            "name": f"{line}号{industry.facility}",
            "mf_no": mf,
            "params": [{"name": "设计处理能力", "value": f"{dice.randint(1, 99)}.5", "unit": "t/h"}],
        }
    )
    material = {"kind": "RAW", "name": industry.material, "max_use": f"{dice.randint(10, 9000)}", "unit": "t/a"}
    if dice.random() < 0.3:
        material["sulfur"] = "0.02"
    permit["raw_materials"].append(material)
    permit["nodes"].append(
        {
            "mf_no": mf,
            "link": industry.process,
            "pollutant": industry.air[0],
            "form": "ORGANISED",
            "treatment": {"name": "废气处理设施", "no": f"TA{line:03d}", "process": "吸附浓缩+燃烧", "feasible": True},
            "outlet_no": outlet,
            "outlet_kind": "MAIN" if line == 1 else "GENERAL",
            "compliant": True,
        }
    )
    permit["air_outlets"].append(
        {
            "no": outlet,
            "name": f"{line}号排气筒",
            **_position(dice),
            "height_m": str(dice.choice((15, 25, 45))),
            "diameter_m": f"0.{dice.randint(3, 9)}",
            "temp_c": str(dice.choice((20, 60, 120))),
            "pollutants": list(industry.air),
            "main": line == 1,
            "standards": [{"name": industry.standard, "conc": str(dice.choice((20, 50, 100)))}],
        }
    )
    for pollutant in industry.air:
        permit["air_limits"].append(
            {
                "outlet_no": outlet,
                "pollutant": pollutant,
                "conc": str(dice.choice((10, 20, 50))),
                "rate": f"{dice.randint(0, 9)}.{dice.randint(1, 9)}",
                "yearly": _years(dice),
            }
        )
        permit["monitoring"].append(_monitoring(dice, "AIR", outlet, pollutant))


def _add_water(dice: random.Random, industry: Industry, permit: dict[str, Any]) -> None:
    """The outlet of the plant's water, direct or to a plant."""
    direct = industry.code == "D4620" or dice.random() < 0.2
    outlet: dict[str, Any] = {
        "no": "DW001",
        "name": "厂区总排口",
        **_position(dice),
        "direct": direct,
        "destination": "直接进入江河等水环境" if direct else "进入城市污水处理厂",
        "pattern": "间断排放",
    }
    if direct:
        outlet["receiving"] = {"name": "海河", "target": "Ⅴ类"}
        outlet["river_outlet_no"] = f"TJ-{dice.randint(1000, 9999)}"
    else:
        limits = [{"pollutant": one, "limit": str(dice.choice((1, 8, 30)))} for one in industry.water]
        outlet["plant"] = {"name": "津南污水处理厂", "limits": limits}
    permit["water_outlets"].append(outlet)
    node = {"mf_no": "MF0001", "link": "清洗", "pollutant": industry.water[0], "form": "WATER", "outlet_no": "DW001"}
    permit["nodes"].append(node)
    for pollutant in industry.water:
        limit = {"outlet_no": "DW001", "pollutant": pollutant, "conc": str(dice.choice((5, 30, 500)))}
        permit["water_limits"].append({**limit, "yearly": _years(dice)})
        permit["monitoring"].append(_monitoring(dice, "WATER", "DW001", pollutant))


def _add_totals(permit: dict[str, Any], industry: Industry) -> None:
    """The plant's totals: what its outlets add up to, so that card 9 agrees with card 7."""
    for pollutant in industry.air:
        rows = [one["yearly"] for one in permit["air_limits"] if one["pollutant"] == pollutant]
        sums = [sum((Decimal(row[year]) for row in rows if row[year] != "/"), Decimal(0)) for year in range(5)]
        years = ["/" if all(row[year] == "/" for row in rows) else str(sums[year]) for year in range(5)]
        permit["air_total"].append({"pollutant": pollutant, "yearly": years})
        permit["total_control"].append(
            {"pollutant": pollutant, "amount": str(sums[0]), "doc_no": "津环总量〔2024〕18号"}
        )


def _add_rest(dice: random.Random, industry: Industry, permit: dict[str, Any]) -> None:
    """Fugitive emissions, fuel, waste, noise, records."""
    permit["fugitive"].append(
        {
            "link": "厂界",
            "pollutant": industry.air[0],
            "measures": "车间密闭，负压收集",
            "standard": industry.standard,
            "limit": "2.0",
        }
    )
    if dice.random() < 0.5:
        permit["fuels"].append(
            {"name": "天然气", "sulfur": "0.01", "heat": "35.5", "max_use": str(dice.randint(1, 900)), "unit": "万m3/a"}
        )
    permit["solid_waste"].append(
        {
            "name": "废活性炭",
            "code": "900-039-49",
            "kind": "HAZARDOUS",
            "origin": "废气治理",
            "way": "ENTRUST",
            "destination": "委托有资质单位处置",
        }
    )
    permit["noise"] += [
        {"unit": "风机", "side": side, "day_db": "65", "night_db": "55"} for side in "ESWN"[: dice.randint(1, 4)]
    ]
    permit["ledger"].append(
        {"kind": "生产设施运行管理信息", "content": "运行参数、原辅料用量", "freq": "每日", "form": "电子台账+纸质台账"}
    )


def _monitoring(dice: random.Random, source: str, outlet: str, pollutant: str) -> dict[str, Any]:
    row: dict[str, Any] = {"source": source, "outlet_no": outlet, "content": "浓度、流量", "pollutant": pollutant}
    if dice.random() < 0.3:
        return {
            **row,
            "mode": "AUTO",
            "networked": True,
            "instrument": "在线监测仪",
            "place": "排放口",
            "compliant": True,
        }
    return {**row, "mode": "MANUAL", "sampling": "非连续采样 3个", "freq": "1次/季", "method": "按相应国家标准方法"}


def _years(dice: random.Random) -> list[str]:
    """Five years; some are not applied for."""
    amount = f"{dice.randint(0, 40)}.{dice.randint(1, 99):02d}"
    return [amount] * 3 + (["/"] * 2 if dice.random() < 0.2 else [amount] * 2)


def _change(dice: random.Random, uscc: str, index: int, kind: str) -> tuple[dict[str, Any], dict[str, Any]]:
    licence = {
        "no": sample_permit_number(uscc, index),
        "issuer": "天津市滨海新区行政审批局",
        "from": "2023-03-01",
        "to": "2028-02-29",
    }
    field, old, new = (
        ("法定代表人", "原法定代表人", "现法定代表人")
        if kind == "change-basic"
        else ("治理设施", "活性炭吸附", "吸附浓缩+燃烧")
    )
    day = ENTERED - dt.timedelta(days=dice.randint(1, 10))
    return licence, {
        "reason": "因经营需要",
        "changed_on": day.isoformat(),
        "items": [{"field": field, "old": old, "new": new}],
    }


def _delivery(dice: random.Random, applicant: dict[str, Any]) -> dict[str, Any]:
    if dice.random() < 0.5:
        return {"method": "DOWNLOAD"}
    return {
        "method": "EXPRESS",
        "recipient": people.name(dice),
        "phone": people.mobile(dice),
        "address": applicant["registered_address"],
    }


def _consent(dice: random.Random, by: str) -> dict[str, Any]:
    day = ENTERED - dt.timedelta(days=dice.randint(0, 60))
    return {"commitment": True, "text_version": "2024-07", "at": f"{day.isoformat()}T10:30:00+08:00", "by": by}


def _materials(data: dict[str, Any], kind: str, *, key: bool, agent: bool, mark: str) -> list[dict[str, Any]]:
    """The files that the matter asks of such an application, small and each different."""
    wanted = {"PW-M02": "营业执照.pdf", "PW-M03": "法定代表人身份证明.pdf"}
    if agent:
        wanted["PW-M03A"] = "授权委托书.pdf"
    if kind in ("new", "change-other"):
        wanted |= {
            "PW-M04": "环评批复.pdf",
            "PW-M05": "承诺书.pdf",
            "PW-M07": "自行监测方案.pdf",
            "PW-M13": "平面布置图.pdf",
        }
    if kind == "new":
        wanted["PW-M08"] = "许可排放量计算过程.pdf"
        if key:
            wanted["PW-M11"] = "信息公开情况说明表.pdf"
    if data["permit"]["confidential"]["yes"]:
        wanted["PW-M15"] = "商业秘密说明.pdf"
    return [{"code": code, "name": name, "content": people.pdf(f"{code} {mark}")} for code, name in wanted.items()]
