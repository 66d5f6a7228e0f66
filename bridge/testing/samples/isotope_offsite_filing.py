"""Samples of 放射性同位素异地使用备案: sources brought to Tianjin or taken from it, and the end of that."""

from __future__ import annotations

import random
from typing import Any

from bridge.testing.samples import isotopes, people

TYPES = ("move-in", "move-out", "move-in-cancel", "move-out-cancel")
APART = 630_000
"""Units of this matter lie so far from those of the others."""


def make(dice: random.Random, kind: str, seed: int, index: int) -> dict[str, Any]:
    """One filing."""
    which = seed * len(TYPES) + TYPES.index(kind)
    data = isotopes.unit(dice, which, APART + index, purpose="办理放射性同位素异地使用备案")
    data["items"] = isotopes.sources(dice, most=2)
    files = {"YD-M01": "异地使用备案表.pdf", "YD-M02": "本单位许可证.pdf"}
    if kind.endswith("-cancel"):
        data["ending"] = {
            "filing_no": f"模拟-异地〔2026〕{which}{index:03d}号",
            "filing_date": f"2026-0{dice.randint(1, 9)}-05",
            "ended_on": isotopes.days_ago(dice),
            "whereabouts": dice.choice(("运回本单位源库", "转运至下一作业地点")),
        }
    else:
        data["offsite"] = _use(dice, data, here=kind == "move-in")
        files |= {
            "YD-M03": "使用合同.pdf",
            "YD-M04": "作业人员名单.pdf",
            "YD-M05": "应急预案.pdf",
            "YD-M06": "运输方案.pdf",
        }
    if "authorization" in data:
        files["YD-M07"] = "授权委托书.pdf"
    return isotopes.document("isotope-offsite-filing", (kind, seed, index), data, files)


def _use(dice: random.Random, data: dict[str, Any], *, here: bool) -> dict[str, Any]:
    """What is done where: in Tianjin, or in another province."""
    province, _, region, _, city = dice.choice(isotopes.ELSEWHERE)
    use: dict[str, Any] = {
        "host": f"{'天津' if here else province}某某管道工程项目部",
        "region_code": data["site"]["region_code"] if here else region,
        "address": data["site"]["address"] if here else f"{province}{city}试验路{dice.randint(1, 99)}号",
        "from": f"2027-0{dice.randint(1, 6)}-01",
        "to": f"2027-0{dice.randint(7, 9)}-30",
        "project_principal": {"name": people.name(dice), "phone": people.mobile(dice)},
        "safety_principal": {"name": people.name(dice), "phone": people.landline(dice)},
        "content": "管道焊缝移动探伤",
        "storage": "现场设专用源库，双人双锁，配备监测仪器",
    }
    if dice.random() < 0.5:
        use["transport"] = "专用车辆运输，押运员随车"
    return use
