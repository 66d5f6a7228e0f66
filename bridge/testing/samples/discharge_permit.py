"""Samples of 排污许可: plants of several industries, built line by line so that every reference between cards holds."""

from __future__ import annotations

import datetime as dt
import random
from typing import Any

from bridge.testing.samples import people
from bridge.testing.samples.industries import INDUSTRIES, Industry
from bridge.testing.samples.known import sample_permit_number
from bridge.testing.samples.plants import permit, position

TYPES = ("new", "reapply", "change-basic", "change-other", "renew", "reissue", "cancel")
WITHOUT_CARDS = ("reissue", "cancel")
"""Types that hand in no cards."""
ENTERED = dt.date(2026, 11, 20)
"""The day on which samples were written; their dates lie before it."""


def make(dice: random.Random, kind: str, seed: int, index: int) -> dict[str, Any]:
    """One application."""
    district = dice.choice(list(people.PLACES))
    industry = dice.choice(INDUSTRIES)
    agent, key = dice.random() < 0.3, dice.random() < 0.5
    uscc = people.uscc(district, seed * len(TYPES) + TYPES.index(kind), index)
    unit = applicant(dice, district, industry, uscc)
    data: dict[str, Any] = {
        "applicant": unit,
        "site": site(dice, district, unit["name"]),
        "contacts": contacts(dice, district, agent=agent),
        "permit": permit(dice, industry, kind=kind, key=key, lines=dice.choice((1, 1, 2, 2, 3, 5))),
        "consent": consent(dice, unit["legal_rep"]["name"]),
    }
    if kind in WITHOUT_CARDS:
        del data["permit"]
    if agent:
        data["authorization"] = {"from": "2026-07-01", "to": "2026-12-31", "scope": "办理排污许可证申请及领取"}
    if kind != "new":
        data["current_licence"] = _licence(dice, uscc, index)
        data.update(_why(dice, kind))
    if dice.random() < 0.5:
        data["delivery"] = _delivery(dice, unit)
    return {
        "matter": "discharge-permit",
        "type": kind,
        "form": 1,
        "reference": f"SAMPLE-{seed}-{kind}-{index}",
        "data": data,
        "materials": _materials(data, kind, key=key, agent=agent, mark=f"{seed} {kind} {index}"),
    }


def applicant(dice: random.Random, district: str, industry: Industry, uscc: str) -> dict[str, Any]:
    """A company of an industry."""
    place, street, postcode = people.PLACES[district]
    brand = "".join(dice.sample("津海滨泰恒瑞宏达盛华鑫源润隆康祥永兴", 2))
    form = dice.choice(("有限公司", "股份有限公司", "（集团）有限公司", "科技有限公司"))
    unit = {
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
        unit["principal"] = {"name": people.name(dice), "phone": people.landline(dice)}
    return unit


def site(dice: random.Random, district: str, company: str) -> dict[str, Any]:
    """Where it produces."""
    place, street, postcode = people.PLACES[district]
    in_park = dice.random() < 0.5
    return {
        "name": f"{company}{dice.choice(('厂区', '一分厂', '生产基地'))}",
        "address": f"天津市{place}{street}{dice.randint(1, 999)}号院{dice.choice(('', '东侧', '3号厂房'))}",
        "region_code": district,
        "zip": postcode,
        **position(dice),
        "seq": f"{dice.randint(1, 9):03d}",
        "park": {"in_park": True, "name": f"{place}工业园区"} if in_park else {"in_park": False},
        "area_flags": [flag for flag in ("AIR_KEY", "TP", "TN", "HEAVY_METAL") if dice.random() < 0.3],
    }


def contacts(dice: random.Random, district: str, *, agent: bool) -> list[dict[str, Any]]:
    """Who is called: always a contact and a technician."""
    known: list[dict[str, Any]] = [
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
        known.append(
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
        known.append({"role": "ENV", "name": people.name(dice), "mobile": people.mobile(dice), "email": mail})
    return known


def _licence(dice: random.Random, uscc: str, index: int) -> dict[str, str]:
    """The permit of before, in force for more than a year yet."""
    begin = dt.date(2023, dice.randint(2, 12), dice.randint(1, 28))
    end = begin.replace(year=begin.year + 5) - dt.timedelta(days=1)
    return {
        "no": sample_permit_number(uscc, index),
        "issuer": "天津市滨海新区行政审批局",
        "from": begin.isoformat(),
        "to": end.isoformat(),
    }


def _why(dice: random.Random, kind: str) -> dict[str, Any]:
    """What each type but the first says of itself; a renewal says nothing."""
    day = (ENTERED - dt.timedelta(days=dice.randint(1, 90))).isoformat()
    match kind:
        case "change-basic":
            return {"change": change(dice, ("法定代表人", "原法定代表人", "现法定代表人"), most_days=10)}
        case "change-other":
            return {"change": change(dice, ("治理设施", "活性炭吸附", "吸附浓缩+燃烧"), most_days=10)}
        case "reapply":
            grounds = dice.sample(("PROJECT", "PLACE", "INCREASE"), dice.randint(1, 2))
            return {"reapply": {"grounds": grounds, "reason": "扩建一条生产线，排放口增加"}}
        case "reissue":
            cause = dice.choice(("LOST", "DAMAGED"))
            return {"reissue": {"cause": cause, "happened_on": day, "reason": "搬迁办公室时遗失或受潮"}}
        case "cancel":
            return {"cancellation": cancellation(dice)}
    return {}


def change(dice: random.Random, what: tuple[str, str, str], *, most_days: int) -> dict[str, Any]:
    """A change of one thing, at most so many days old: its name, before and after."""
    field, old, new = what
    day = ENTERED - dt.timedelta(days=dice.randint(1, most_days))
    items = [{"field": field, "old": old, "new": new}]
    return {"reason": "因经营需要", "changed_on": day.isoformat(), "items": items}


def cancellation(dice: random.Random) -> dict[str, Any]:
    """Why nothing is discharged any more."""
    cause = dice.choice(("CLOSED", "STOPPED", "EXEMPT", "OTHER"))
    told = {"cause": cause, "reason": "企业关停搬迁，不再排放污染物"}
    if cause in ("CLOSED", "STOPPED"):
        told["stopped_on"] = (ENTERED - dt.timedelta(days=dice.randint(1, 200))).isoformat()
    return told


def _delivery(dice: random.Random, applicant: dict[str, Any]) -> dict[str, Any]:
    if dice.random() < 0.5:
        return {"method": "DOWNLOAD"}
    return {
        "method": "EXPRESS",
        "recipient": people.name(dice),
        "phone": people.mobile(dice),
        "address": applicant["registered_address"],
    }


def consent(dice: random.Random, by: str) -> dict[str, Any]:
    """守法承诺."""
    day = ENTERED - dt.timedelta(days=dice.randint(0, 60))
    return {"commitment": True, "text_version": "2024-07", "at": f"{day.isoformat()}T10:30:00+08:00", "by": by}


def _materials(data: dict[str, Any], kind: str, *, key: bool, agent: bool, mark: str) -> list[dict[str, Any]]:
    """The files that the matter asks of such an application, small and each different."""
    wanted = {"PW-M02": "营业执照.pdf", "PW-M03": "法定代表人身份证明.pdf"}
    if agent:
        wanted["PW-M03A"] = "授权委托书.pdf"
    if kind in ("new", "reapply", "change-other", "reissue", "cancel"):
        wanted["PW-M05"] = "承诺书.pdf"
    if kind in ("new", "reapply", "change-other", "renew"):
        wanted |= {"PW-M04": "环评批复.pdf", "PW-M07": "自行监测方案.pdf", "PW-M13": "平面布置图.pdf"}
    if kind in ("new", "reapply", "renew"):
        wanted["PW-M08"] = "许可排放量计算过程.pdf"
    if kind in ("new", "reapply") and key:
        wanted["PW-M11"] = "信息公开情况说明表.pdf"
    if kind == "reissue":
        wanted["PW-M14"] = "遗失损毁说明.pdf"
    if kind not in WITHOUT_CARDS and data["permit"]["confidential"]["yes"]:
        wanted["PW-M15"] = "商业秘密说明.pdf"
    return [{"code": code, "name": name, "content": people.pdf(f"{code} {mark}")} for code, name in wanted.items()]
