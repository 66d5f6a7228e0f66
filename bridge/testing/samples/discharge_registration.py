"""Samples of 固定污染源排污登记: small plants that need no permit, with what a 登记表 asks of them."""

from __future__ import annotations

import datetime as dt
import random
from typing import Any

from bridge.testing.samples import people
from bridge.testing.samples.discharge_permit import applicant, cancellation, change, consent, contacts, site
from bridge.testing.samples.industries import INDUSTRIES, Industry
from bridge.testing.samples.known import sample_registration_number

TYPES = ("register", "change", "renew", "cancel")
APART = 250_000
"""Units of this matter lie so far from those of 排污许可, and before those of 辐射安全许可."""


def make(dice: random.Random, kind: str, seed: int, index: int) -> dict[str, Any]:
    """One application."""
    district = dice.choice(list(people.PLACES))
    industry = dice.choice(INDUSTRIES)
    agent = dice.random() < 0.2
    uscc = people.uscc(district, seed * len(TYPES) + TYPES.index(kind), APART + index)
    unit = applicant(dice, district, industry, uscc)
    data: dict[str, Any] = {
        "applicant": unit,
        "site": site(dice, district, unit["name"]),
        "contacts": contacts(dice, district, agent=agent),
        "consent": consent(dice, unit["legal_rep"]["name"]),
    }
    if agent:
        data["authorization"] = {"from": "2026-07-01", "to": "2026-12-31", "scope": "办理固定污染源排污登记"}
    if kind != "register":
        data["current_registration"] = _registered(dice, uscc, index)
    if kind == "change":
        data["change"] = change(dice, ("生产工艺", "喷漆", "喷粉"), most_days=10)
    if kind == "cancel":
        data["cancellation"] = cancellation(dice)
    else:
        data["registration"] = _table(dice, industry)
    return {
        "matter": "discharge-registration",
        "type": kind,
        "form": 1,
        "reference": f"SAMPLE-DJ-{seed}-{kind}-{index}",
        "data": data,
        "materials": _materials(dice, kind, agent=agent, mark=f"{seed} {kind} {index}"),
    }


def _registered(dice: random.Random, uscc: str, index: int) -> dict[str, str]:
    """The registration of before."""
    begin = dt.date(2023, dice.randint(1, 12), dice.randint(1, 28))
    end = begin.replace(year=begin.year + 5) - dt.timedelta(days=1)
    return {"no": sample_registration_number(uscc, index), "from": begin.isoformat(), "to": end.isoformat()}


def _table(dice: random.Random, industry: Industry) -> dict[str, Any]:
    """The 登记表 of a small plant."""
    product, unit = industry.product
    lines = dice.choice((1, 1, 2, 3))
    organised = dice.random() < 0.7
    table: dict[str, Any] = {
        "products": [
            {
                "process": industry.process,
                "name": f"{product}{line or ''}",
                "capacity": f"{dice.randint(1, 90)}.{dice.randint(1, 9)}",
                "unit": unit,
            }
            for line in range(lines)
        ],
        "fuels": [],
        "voc_materials": [],
        "air_forms": ["ORGANISED", "FUGITIVE"] if organised else dice.choice(([], ["FUGITIVE"])),
        "air_measures": [],
        "air_outlets": [],
        "water_measures": [],
        "water_outlets": [],
        "solid_waste": [{"name": "废包装材料", "hazardous": False, "to": "外售综合利用"}],
        "noise_measures": dice.sample(("厂房隔声", "基础减振", "消声器", "合理布局"), dice.randint(0, 3)),
    }
    if dice.random() < 0.4:
        table["fuels"] = [{"kind": "GAS", "name": "天然气", "amount": f"{dice.randint(1, 99)}.5", "unit": "万m3/a"}]
    if dice.random() < 0.3:
        paint = {"kind": "涂料", "name": "水性漆", "amount": f"{dice.randint(1, 20)}.2", "unit": "t/a"}
        table["voc_materials"] = [paint]
    if organised:
        table["air_measures"] = [{"name": "废气处理设施", "process": "袋式除尘", "count": str(lines)}]
        table["air_outlets"] = [
            {"no": f"DA{line:03d}", "name": f"{line}号排气筒", "standard": industry.standard}
            for line in range(1, lines + 1)
        ]
    if dice.random() < 0.6:
        table["water_measures"] = [{"name": "化粪池", "process": "沉淀", "count": "1"}]
        drain = {"no": "DW001", "name": "厂区总排口", "standard": "污水综合排放标准 DB12/356-2018"}
        table["water_outlets"] = [{**drain, "to": "进入城市污水处理厂"}]
    if table["noise_measures"]:
        table["noise_standard"] = "工业企业厂界环境噪声排放标准 GB 12348-2008"
    if dice.random() < 0.2:
        table["solid_waste"].append({"name": "废活性炭", "hazardous": True, "to": "委托有资质单位处置"})
    if dice.random() < 0.2:
        table["remark"] = "夜间不生产"
    return table


def _materials(dice: random.Random, kind: str, *, agent: bool, mark: str) -> list[dict[str, Any]]:
    """Files: mostly none, for a registration asks for none."""
    wanted = {}
    if agent:
        wanted["PD-M02"] = "授权委托书.pdf"
    if dice.random() < 0.4:
        wanted["PD-M01"] = "营业执照.pdf"
    if kind == "cancel" and dice.random() < 0.5:
        wanted["PD-M03"] = "停产情况说明.pdf"
    return [{"code": code, "name": name, "content": people.pdf(f"{code} {mark}")} for code, name in wanted.items()]
