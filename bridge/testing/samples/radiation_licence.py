"""Samples of 辐射安全许可: hospitals, factories, laboratories, dealers, in every type of application."""

from __future__ import annotations

import datetime as dt
import random
from typing import Any

from bridge.testing.samples import people
from bridge.testing.samples.plants import position
from bridge.testing.samples.radiation_units import TRADES, Trade, permit

TYPES = ("new", "reapply", "change", "renew", "part-end", "cancel")
WITH_PERMIT = ("new", "reapply", "renew")
"""Types that hand in scope, lists and staff."""
ENTERED = dt.date(2026, 11, 20)
"""The day on which samples were written; their dates lie before it."""

APART = 500_000
"""Added to the index, so that no company here has the code of one among the samples of another matter."""

MANY = 60
"""So many rows in each list of a sample that has many."""


def make(dice: random.Random, kind: str, seed: int, index: int, *, rows: int | None = None) -> dict[str, Any]:
    """One application; `rows`: so many workers, devices, instruments and goods, as far as the form takes them."""
    district, trade = dice.choice(list(people.PLACES)), dice.choice(TRADES)
    agent = dice.random() < 0.3
    which = seed * len(TYPES) + TYPES.index(kind)
    applicant = _applicant(dice, district, trade, people.uscc(district, which, APART + index))
    data: dict[str, Any] = {
        "applicant": applicant,
        "site": _site(dice, district, applicant["name"]),
        "contacts": _contacts(dice, district, agent=agent),
        "consent": {
            "commitment": True,
            "text_version": "2024-07",
            "at": f"{(ENTERED - dt.timedelta(days=dice.randint(0, 60))).isoformat()}T10:30:00+08:00",
            "by": applicant["legal_rep"]["name"],
        },
    }
    if kind in WITH_PERMIT:
        many = rows or (MANY if dice.random() < 0.03 else None)
        data["permit"] = permit(dice, trade, district=district, address=applicant["registered_address"], rows=many)
    if kind != "new":
        data["current_licence"] = _licence(dice)
    data |= _why(dice, kind, trade, applicant)
    if agent:
        data["authorization"] = {"from": "2026-07-01", "to": "2026-12-31", "scope": "办理辐射安全许可证申请及领取"}
    if dice.random() < 0.5:
        data["delivery"] = _delivery(dice, applicant)
    return {
        "matter": "radiation-licence",
        "type": kind,
        "form": 1,
        "reference": f"SAMPLE-RAD-{seed}-{kind}-{index}",
        "data": data,
        "materials": _materials(data, kind, mark=f"{seed} {kind} {index}"),
    }


def _licence(dice: random.Random) -> dict[str, str]:
    """The licence of before, in force for more than a month yet."""
    begin = dt.date(2024, dice.randint(1, 12), dice.randint(1, 28))
    end = begin.replace(year=begin.year + 5) - dt.timedelta(days=1)
    return {
        "no": f"津环辐证[{dice.randint(10, 9999):05d}]",
        "issuer": "天津市生态环境局",
        "from": begin.isoformat(),
        "to": end.isoformat(),
    }


def _why(dice: random.Random, kind: str, trade: Trade, applicant: dict[str, Any]) -> dict[str, Any]:
    """What each type but the first says of itself; a renewal says nothing."""
    match kind:
        case "change":
            return {"change": _change(dice, applicant)}
        case "reapply":
            grounds = dice.sample(("SCOPE", "PLACE"), dice.randint(1, 2))
            told = {"reapply": {"grounds": grounds, "reason": "新增设备并扩建机房，种类和范围改变"}}
            return told | ({"change": _change(dice, applicant)} if dice.random() < 0.3 else {})
        case "part-end" | "cancel":
            return {"termination": _termination(dice, trade, part=kind == "part-end")}
    return {}


def _change(dice: random.Random, applicant: dict[str, Any]) -> dict[str, Any]:
    """One to three things that were otherwise; what is so now stands in the applicant's part."""
    district = dice.choice(list(people.PLACES))
    place, street, _ = people.PLACES[district]
    was = people.person(dice, district)
    old: dict[str, Any] = {
        "name": f"{applicant['name'][:4]}（原）{applicant['name'][4:]}",
        "address": {"text": f"天津市{place}{street}{dice.randint(1, 999)}号旧址", "region_code": district},
        "legal_rep": {name: was[name] for name in ("name", "id_type", "id_no")},
    }
    kept = dice.sample(sorted(old), dice.randint(1, 3))
    day = ENTERED - dt.timedelta(days=dice.randint(0, 10))
    return {
        "reason": dice.choice(("因经营需要", "主管部门批准更名", "任职调整")),
        "changed_on": day.isoformat(),
        "old": {name: old[name] for name in old if name in kept},
    }


def _termination(dice: random.Random, trade: Trade, *, part: bool) -> dict[str, Any]:
    """What has ended; a part is what one row of the trade covers."""
    day = ENTERED - dt.timedelta(days=dice.randint(1, 200))
    told: dict[str, Any] = {
        "ended_on": day.isoformat(),
        "reason": "业务调整，不再从事该项活动",
        "whereabouts": "放射源已返回生产单位，射线装置已拆除并去功能化，非密封放射性物质已衰变处置",
    }
    if dice.random() < 0.4:
        told["decommissioning"] = f"模拟-津环辐退〔2026〕{dice.randint(1, 99)}号"
    if part:
        ended: dict[str, list[str]] = {
            f"{activity}_{kind}": [] for kind in ("sources", "devices") for activity in ("produce", "sell", "use")
        }
        ended |= {"nonseal_activities": [], "nonseal_levels": []}
        choices = [("sources", one[0]) for one in trade.sources] + [("devices", one.scope) for one in trade.devices]
        if choices:
            what, scope = dice.choice(choices)
            ended[f"{scope.partition('-')[0].lower()}_{what}"] = [scope]
        else:
            ended |= {"nonseal_activities": ["USE"], "nonseal_levels": [trade.nonseal[0][1]]}
        told["scope"] = ended
    return told


def _applicant(dice: random.Random, district: str, trade: Trade, uscc: str) -> dict[str, Any]:
    place, street, postcode = people.PLACES[district]
    brand = "".join(dice.sample("津海滨泰恒瑞宏达盛华鑫源润隆康祥永兴", 2))
    form = dice.choice(("有限公司", "科技有限公司")) if trade.kind == "ENTERPRISE" else ""
    return {
        "kind": trade.kind,
        "name": f"天津{brand}{trade.what}{form}",
        "id_type": "USCC",
        "id_no": uscc,
        "legal_rep": people.person(dice, district),
        "registered_address": f"天津市{place}{street}{dice.randint(1, 999)}号",
        "region_code": district,
        "zip": postcode,
        "industry_code": trade.industry[0],
        "industry_name": trade.industry[1],
    }


def _site(dice: random.Random, district: str, company: str) -> dict[str, Any]:
    place, street, postcode = people.PLACES[district]
    in_park = dice.random() < 0.3
    return {
        "name": f"{company}{dice.choice(('本部', '新院区', '东区'))}",
        "address": f"天津市{place}{street}{dice.randint(1, 999)}号院",
        "region_code": district,
        "zip": postcode,
        **position(dice),
        "seq": f"{dice.randint(1, 9):03d}",
        "park": {"in_park": True, "name": f"{place}产业园区"} if in_park else {"in_park": False},
        "area_flags": [],
    }


def _contacts(dice: random.Random, district: str, *, agent: bool) -> list[dict[str, Any]]:
    contacts: list[dict[str, Any]] = [
        {"role": "CONTACT", "name": people.name(dice), "mobile": people.mobile(dice), "phone": people.landline(dice)}
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
        contacts.append({"role": "TECH", "name": people.name(dice), "mobile": people.mobile(dice)})
    return contacts


def _delivery(dice: random.Random, applicant: dict[str, Any]) -> dict[str, Any]:
    if dice.random() < 0.5:
        return {"method": "DOWNLOAD"}
    return {
        "method": "EXPRESS",
        "recipient": people.name(dice),
        "phone": people.mobile(dice),
        "address": applicant["registered_address"],
    }


def _materials(data: dict[str, Any], kind: str, *, mark: str) -> list[dict[str, Any]]:
    """The files that the matter asks of such an application, small and each different."""
    wanted = {"FS-M01": "辐射安全许可证申请表.pdf"}
    if kind in ("new", "reapply", "change"):
        wanted["FS-M02"] = "法人证书.pdf"
    if kind in ("new", "reapply"):
        wanted["FS-M03"] = "法定代表人身份证明.pdf"
    if "legal_rep" in data.get("change", {}).get("old", {}):
        wanted["FS-M03B"] = "变更后法定代表人身份证明.pdf"
    if "authorization" in data:
        wanted["FS-M03A"] = "授权委托书.pdf"
    if kind in ("new", "reapply"):
        wanted |= {"FS-M04": "环境影响评价文件.pdf", "FS-M08": "满足许可条件的证明材料.pdf"}
        lists = {
            "sources": ("FS-M05", "放射源明细表"),
            "devices": ("FS-M06", "射线装置明细表"),
            "nonseal": ("FS-M07", "非密封放射性物质明细表"),
        }
        wanted |= {code: f"{name}.pdf" for part, (code, name) in lists.items() if data["permit"][part]}
    if kind != "new":
        wanted["FS-M09"] = "辐射安全许可证正副本.pdf"
    if kind == "renew":
        wanted |= {"FS-M10": "辐射环境监测报告.pdf", "FS-M11": "辐射安全防护工作总结.pdf"}
    if kind in ("part-end", "cancel"):
        wanted["FS-M12"] = "去向证明.pdf"
    return [{"code": code, "name": name, "content": people.pdf(f"{code} {mark}")} for code, name in wanted.items()]
