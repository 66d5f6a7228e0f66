"""Units that work with radiation, as samples have them: what with, where, by whom, and under which scope.

What belongs here: the part `permit` of 辐射安全许可. What does not: who applies, and for which type.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import Any

from bridge.testing.samples import people

ACTIVITIES = ("produce", "sell", "use")
WASTE = "设衰变池两级，固体废物贮存衰变后按规定处置，排风经高效过滤"


@dataclass(frozen=True, slots=True)
class Device:
    """A kind of device, and what its plate says."""

    scope: str
    name: str
    model: str
    use: str
    plate: dict[str, str] = field(default_factory=dict)


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
    sources: tuple[tuple[str, str, int], ...] = ()
    """Scope, nuclide, activity of each in Bq that fits the category (TARGETS 3.4)."""
    devices: tuple[Device, ...] = ()
    nonseal: tuple[tuple[str, str, str, str], ...] = ()
    """Nuclide, class of the workplace, daily and yearly quantity in Bq; all days together are of the class too."""
    nonseal_activities: tuple[str, ...] = ("USE",)
    exceptions: dict[str, str] = field(default_factory=dict)
    """Why the city decides on what the ministry else would (449号 Art 6)."""


TRADES = (
    Trade(
        "医院",
        "INSTITUTION",
        ("Q8411", "综合医院"),
        "放射科",
        ("CT室", "DSA室", "核医学科"),
        devices=(
            Device("USE-3", "CT机", "模拟-64排", "诊断", {"kv": "140", "ma": "800", "power_kw": "100"}),
            Device("USE-2", "数字减影血管造影机", "模拟-A30", "介入治疗", {"kv": "125", "ma": "1000"}),
        ),
        nonseal=(("Tc-99m", "B", "740000000", "185000000000"), ("I-131", "B", "370000000", "92500000000")),
    ),
    Trade(
        "肿瘤医院",
        "INSTITUTION",
        ("Q8415", "专科医院"),
        "放疗科",
        ("后装治疗室", "加速器机房", "γ刀治疗室"),
        sources=(("USE-3", "Ir-192", 370_000_000_000), ("USE-1", "Co-60", 220_000_000_000_000)),
        devices=(Device("USE-2", "医用电子直线加速器", "模拟-6MV", "放射治疗", {"energy_mev": "6"}),),
        exceptions={"medical_use": "γ刀放射治疗"},
    ),
    Trade(
        "PET中心",
        "INSTITUTION",
        ("Q8415", "专科医院"),
        "核医学科",
        ("回旋加速器室", "PET-CT室"),
        devices=(
            Device("USE-2", "回旋加速器", "模拟-11", "制备药物", {"energy_mev": "11", "power_kw": "60.5"}),
            Device("USE-3", "PET-CT机", "模拟-128排", "诊断", {"kv": "140", "ma": "833"}),
        ),
        nonseal=(("F-18", "B", "1850000000", "370000000000"),),
        nonseal_activities=("PRODUCE", "USE"),
        exceptions={"pet_own_use": "制备F-18药物供本院PET-CT检查自用"},
    ),
    Trade(
        "无损检测",
        "ENTERPRISE",
        ("M7452", "检测服务"),
        "探伤部",
        ("探伤室", "源库"),
        sources=(("USE-2", "Ir-192", 3_700_000_000_000), ("USE-2", "Se-75", 2_960_000_000_000)),
        devices=(Device("USE-2", "X射线探伤机", "模拟-2505", "工业探伤", {"kv": "250", "ma": "5"}),),
    ),
    Trade(
        "钢铁",
        "ENTERPRISE",
        ("C3130", "钢压延加工"),
        "自动化部",
        ("热轧车间", "连铸车间"),
        sources=(("USE-4", "Cs-137", 3_700_000_000), ("USE-4", "Am-241", 1_110_000_000)),
    ),
    Trade(
        "医疗设备",
        "ENTERPRISE",
        ("F5154", "医疗用品及器材批发"),
        "销售部",
        ("调试间",),
        sources=(("SELL-5", "Ni-63", 370_000_000),),
        devices=(
            Device("SELL-3", "牙科X射线机", "模拟-70", "诊断", {"kv": "70", "ma": "7"}),
            Device("SELL-2", "血管造影机", "模拟-A50", "介入治疗", {"kv": "150", "ma": "1250"}),
        ),
    ),
    Trade(
        "射线装置制造",
        "ENTERPRISE",
        ("C3581", "医疗诊断、监护及治疗设备制造"),
        "生产部",
        ("总装车间", "调试屏蔽室"),
        devices=tuple(
            Device(f"{activity}-2", "工业CT", "模拟-450", "工业检测", {"kv": "450", "ma": "3.3", "power_kw": "1.5"})
            for activity in ("PRODUCE", "SELL", "USE")
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

GOODS = ("铅衣", "铅围脖", "铅眼镜", "个人剂量计", "个人剂量报警仪", "铅屏风")
INSTRUMENTS = (("X-γ辐射剂量率仪", "模拟-R1"), ("表面污染监测仪", "模拟-S2"), ("中子剂量率仪", "模拟-N3"))
POSTS = ("操作", "维修", "质控", "安全管理")
MAJORS = ("医学影像技术", "核技术", "无损检测", "临床医学", "自动化")


def permit(
    dice: random.Random, trade: Trade, *, district: str, address: str, rows: int | None = None
) -> dict[str, Any]:
    """Departments, what they work with, a scope that covers it, and who works there.

    `rows`: so many workers, devices, instruments and goods, as far as the form takes them; where none is said, a few.
    """
    sources = [_source(dice, *one) for one in trade.sources]
    devices = _repeated([_device(dice, one) for one in trade.devices], rows, 200)
    nonseal = [
        {"nuclide": nuclide, "site_level": level, "day_max_bq": day, "year_max_bq": year}
        for nuclide, level, day, year in trade.nonseal
    ]
    for row in (*sources, *devices, *nonseal):
        row["work_site"] = dice.choice(trade.sites)
    department = {"name": trade.department, "address": address, "principal": people.name(dice)}
    made: dict[str, Any] = {
        "kind_scope": scope_of(sources, devices, nonseal, trade.nonseal_activities),
        "departments": [{**department, "sites": list(trade.sites)}],
        "sources": sources,
        "devices": devices,
        "nonseal": nonseal,
        "management": {
            "department": "辐射安全与防护管理领导小组",
            "managers": [_manager(dice, full_time=place == 0) for place in range(dice.randint(1, 3))],
        },
        "workers": _workers(dice, district, min(rows or dice.randint(1, 6), 500)),
        "instruments": _repeated([_instrument(dice) for _ in range(dice.randint(1, 3))], rows, 200),
        "protect_goods": _repeated([_goods(dice) for _ in range(dice.randint(1, 4))], rows, 200),
    }
    if trade.exceptions:
        made["exceptions"] = dict(trade.exceptions)
    if nonseal:
        made["waste_capability"] = WASTE
    return made


def scope_of(
    sources: list[dict[str, Any]],
    devices: list[dict[str, Any]],
    nonseal: list[dict[str, Any]],
    nonseal_activities: tuple[str, ...],
) -> dict[str, list[str]]:
    """The kind and scope that covers these rows, and nothing more."""
    scope: dict[str, list[str]] = {
        f"{activity}_{kind}": sorted({row["scope"] for row in rows if row["scope"].startswith(activity.upper())})
        for kind, rows in (("sources", sources), ("devices", devices))
        for activity in ACTIVITIES
    }
    scope["nonseal_activities"] = list(nonseal_activities) if nonseal else []
    scope["nonseal_levels"] = sorted({row["site_level"] for row in nonseal})
    return scope


def _repeated(rows: list[dict[str, Any]], wanted: int | None, most: int) -> list[dict[str, Any]]:
    """The rows again and again until there are so many; as they are where none is said, or none is there."""
    if wanted is None or not rows:
        return rows
    return [dict(rows[place % len(rows)]) for place in range(min(wanted, most))]


def _source(dice: random.Random, scope: str, nuclide: str, each_bq: int) -> dict[str, Any]:
    count = dice.randint(1, 9)
    return {"scope": scope, "nuclide": nuclide, "total_bq": str(each_bq * count), "count": str(count)}


def _device(dice: random.Random, device: Device) -> dict[str, Any]:
    made: dict[str, Any] = {
        "scope": device.scope,
        "name": device.name,
        "model": device.model,
        "count": str(dice.randint(1, 5)),
    }
    if dice.random() < 0.7:
        made |= {"use": device.use, **device.plate, "state": dice.choice(("PLANNED", "IN_USE", "IDLE"))}
    return made


def _manager(dice: random.Random, *, full_time: bool) -> dict[str, Any]:
    return {
        "name": people.name(dice),
        "sex": dice.choice(("M", "F")),
        "job": dice.choice(("科长", "主任", "高级工程师")),
        "major": dice.choice(MAJORS),
        "duty": dice.choice(("辐射安全日常管理", "个人剂量与健康档案", "应急与培训")),
        "full_time": full_time,
        "nuclear_engineer": dice.random() < 0.3,
    }


def _workers(dice: random.Random, district: str, count: int) -> list[dict[str, Any]]:
    """So many workers, no two with one number."""
    numbers: dict[str, None] = {}
    while len(numbers) < count:
        numbers[people.id_card(dice, district)] = None
    return [_worker(dice, number) for number in numbers]


def _worker(dice: random.Random, number: str) -> dict[str, Any]:
    year, day = dice.randint(2022, 2025), f"{dice.randint(1, 12):02d}-{dice.randint(1, 28):02d}"
    online = dice.random() < 0.7
    exam = {"kind": "ONLINE" if online else "SELF", "passed_on": f"{year}-{day}", "valid_to": f"{year + 5}-{day}"}
    if online:
        exam |= {"report_no": f"模拟-FS{year}{dice.randint(1, 99999):05d}", "category": "医用X射线诊断与介入放射学"}
    return {
        "name": people.name(dice),
        "id_type": "ID_CARD",
        "id_no": number,
        "degree": dice.choice(("SECONDARY", "COLLEGE", "BACHELOR", "MASTER", "DOCTOR")),
        "major": dice.choice(MAJORS),
        "post": dice.choice(POSTS),
        "exam": exam,
        "dose_record": True,
    }


def _instrument(dice: random.Random) -> dict[str, Any]:
    name, model = dice.choice(INSTRUMENTS)
    made = {"name": name, "model": model, "count": str(dice.randint(1, 4)), "state": dice.choice(("GOOD", "CHECKED"))}
    if dice.random() < 0.7:
        made["bought_on"] = f"20{dice.randint(12, 25)}-0{dice.randint(1, 9)}-15"
    return made


def _goods(dice: random.Random) -> dict[str, Any]:
    made = {"name": dice.choice(GOODS), "count": str(dice.randint(1, 20))}
    if dice.random() < 0.5:
        made["model"] = dice.choice(("0.5mmPb", "0.35mmPb", "模拟-D1"))
    return made
