"""Samples of 辐射安全许可: hospitals, factories, laboratories, dealers, whose scope covers each source and device."""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import dataclass
from typing import Any

from bridge.testing.samples import people
from bridge.testing.samples.plants import position

TYPES = ("new",)
ENTERED = dt.date(2026, 11, 20)
"""The day on which samples were written; their dates lie before it."""

APART = 500_000
"""Added to the index, so that no company here has the code of one among the samples of another matter."""

ACTIVITIES = ("produce", "sell", "use")


@dataclass(frozen=True, slots=True)
class Trade:
    """Who works with radiation, and with what."""

    what: str
    """What such units are called after."""
    kind: str
    """申请人类型."""
    industry: tuple[str, str]
    department: str
    sites: tuple[str, ...]
    sources: tuple[tuple[str, str, str], ...] = ()
    """Scope, nuclide, activity in Bq that fits the category (TARGETS 3.4)."""
    devices: tuple[tuple[str, str, str], ...] = ()
    """Scope, name, model."""
    nonseal: tuple[tuple[str, str, str, str], ...] = ()
    """Nuclide, class of the workplace, daily and yearly quantity in Bq."""


TRADES = (
    Trade(
        "医院",
        "INSTITUTION",
        ("Q8411", "综合医院"),
        "放射科",
        ("CT室", "DSA室", "核医学科"),
        devices=(("USE-3", "CT机", "模拟-64排"), ("USE-2", "数字减影血管造影机", "模拟-A30")),
        nonseal=(("Tc-99m", "B", "740000000", "185000000000"), ("I-131", "B", "370000000", "92500000000")),
    ),
    Trade(
        "肿瘤医院",
        "INSTITUTION",
        ("Q8415", "专科医院"),
        "放疗科",
        ("后装治疗室", "加速器机房"),
        sources=(("USE-3", "Ir-192", "370000000000"),),
        devices=(("USE-2", "医用电子直线加速器", "模拟-6MV"),),
    ),
    Trade(
        "无损检测",
        "ENTERPRISE",
        ("M7452", "检测服务"),
        "探伤部",
        ("探伤室", "源库"),
        sources=(("USE-2", "Ir-192", "3700000000000"), ("USE-2", "Se-75", "2960000000000")),
        devices=(("USE-2", "X射线探伤机", "模拟-2505"),),
    ),
    Trade(
        "钢铁",
        "ENTERPRISE",
        ("C3130", "钢压延加工"),
        "自动化部",
        ("热轧车间", "连铸车间"),
        sources=(("USE-4", "Cs-137", "3700000000"), ("USE-4", "Am-241", "1110000000")),
    ),
    Trade(
        "医疗设备",
        "ENTERPRISE",
        ("F5154", "医疗用品及器材批发"),
        "销售部",
        ("调试间",),
        sources=(("SELL-5", "Ni-63", "370000000"),),
        devices=(("SELL-3", "牙科X射线机", "模拟-70"), ("SELL-2", "血管造影机", "模拟-A50")),
    ),
    Trade(
        "射线装置制造",
        "ENTERPRISE",
        ("C3581", "医疗诊断、监护及治疗设备制造"),
        "生产部",
        ("总装车间", "调试屏蔽室"),
        devices=(
            ("PRODUCE-2", "工业CT", "模拟-450"),
            ("SELL-2", "工业CT", "模拟-450"),
            ("USE-2", "工业CT", "模拟-450"),
        ),
    ),
    Trade(
        "生物医药研究院",
        "INSTITUTION",
        ("M7340", "医学研究和试验发展"),
        "同位素实验室",
        ("标记实验室", "细胞实验室"),
        nonseal=(("P-32", "C", "3700000", "370000000"), ("C-14", "C", "1850000", "185000000")),
    ),
)


def make(dice: random.Random, kind: str, seed: int, index: int) -> dict[str, Any]:
    """One application."""
    district, trade = dice.choice(list(people.PLACES)), dice.choice(TRADES)
    agent = dice.random() < 0.3
    applicant = _applicant(dice, district, trade, people.uscc(district, seed * 3, APART + index))
    data: dict[str, Any] = {
        "applicant": applicant,
        "site": _site(dice, district, applicant["name"]),
        "contacts": _contacts(dice, district, agent=agent),
        "permit": _permit(dice, trade, applicant["registered_address"]),
        "consent": {
            "commitment": True,
            "text_version": "2024-07",
            "at": f"{(ENTERED - dt.timedelta(days=dice.randint(0, 60))).isoformat()}T10:30:00+08:00",
            "by": applicant["legal_rep"]["name"],
        },
    }
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
        "materials": _materials(data, agent=agent, mark=f"{seed} {kind} {index}"),
    }


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


def _permit(dice: random.Random, trade: Trade, address: str) -> dict[str, Any]:
    """Departments, what they work with, and a scope that covers it."""
    sources = [
        {"scope": scope, "nuclide": nuclide, "total_bq": bq, "count": str(dice.randint(1, 9))}
        for scope, nuclide, bq in trade.sources
    ]
    devices = [
        {"scope": scope, "name": name, "model": model, "count": str(dice.randint(1, 5))}
        for scope, name, model in trade.devices
    ]
    nonseal = [
        {"nuclide": nuclide, "site_level": level, "day_max_bq": day, "year_max_bq": year}
        for nuclide, level, day, year in trade.nonseal
    ]
    for row in (*sources, *devices, *nonseal):
        row["work_site"] = dice.choice(trade.sites)
    scope: dict[str, list[str]] = {
        f"{activity}_{kind}": sorted({row["scope"] for row in rows if row["scope"].startswith(activity.upper())})
        for kind, rows in (("sources", sources), ("devices", devices))
        for activity in ACTIVITIES
    }
    scope["nonseal_activities"] = ["USE"] if nonseal else []
    scope["nonseal_levels"] = sorted({row["site_level"] for row in nonseal})
    department = {"name": trade.department, "address": address, "principal": people.name(dice)}
    return {
        "kind_scope": scope,
        "departments": [{**department, "sites": list(trade.sites)}],
        "sources": sources,
        "devices": devices,
        "nonseal": nonseal,
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


def _materials(data: dict[str, Any], *, agent: bool, mark: str) -> list[dict[str, Any]]:
    """The files that the matter asks of such an application, small and each different."""
    wanted = {"FS-M01": "辐射安全许可证申请表.pdf", "FS-M02": "法人证书.pdf", "FS-M03": "法定代表人身份证明.pdf"}
    if agent:
        wanted["FS-M03A"] = "授权委托书.pdf"
    wanted["FS-M04"] = "环境影响评价文件.pdf"
    lists = {
        "sources": ("FS-M05", "放射源明细表"),
        "devices": ("FS-M06", "射线装置明细表"),
        "nonseal": ("FS-M07", "非密封放射性物质明细表"),
    }
    for part, (code, name) in lists.items():
        if data["permit"][part]:
            wanted[code] = f"{name}.pdf"
    wanted["FS-M08"] = "满足许可条件的证明材料.pdf"
    return [{"code": code, "name": name, "content": people.pdf(f"{code} {mark}")} for code, name in wanted.items()]
