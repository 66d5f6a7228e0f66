"""Samples of 放射性同位素转让审批: a unit of Tianjin that takes sources over from one of another province."""

from __future__ import annotations

import random
from typing import Any

from bridge.testing.samples import isotopes, people

TYPES = ("transfer",)
APART = 600_000
"""Units of this matter lie so far from those of the others."""

REASONS = ("NEW_USE", "REPLACE", "SELL", "RELOCATE", "OTHER")


def make(dice: random.Random, kind: str, seed: int, index: int) -> dict[str, Any]:
    """One application."""
    data = isotopes.unit(dice, seed, APART + index, purpose="办理放射性同位素转让审批")
    transfer = {
        "reason": dice.choice(REASONS),
        "agreement_no": f"模拟-ZR-{seed}-{index}",
        "agreement_date": isotopes.days_ago(dice, 60),
        "end_of_life": dice.choice(("RETURN", "STORE")),
        "end_of_life_plan": "期满后由转出单位回收，不能回收的送天津市放射性废物库贮存",
    }
    if transfer["reason"] == "OTHER":
        transfer["reason_other"] = "原使用单位停产"
    if dice.random() < 0.5:
        transfer["planned_on"] = f"2027-0{dice.randint(1, 9)}-15"
    data |= {"counterpart": isotopes.other(dice), "transfer": transfer, "items": isotopes.sources(dice)}
    if dice.random() < 0.5:
        data["delivery"] = _delivery(dice, data["applicant"])
    files = {
        "ZR-M01": "转让审批表.pdf",
        "ZR-M02": "转出单位许可证.pdf",
        "ZR-M03": "本单位许可证.pdf",
        "ZR-M04": "转让协议.pdf",
        "ZR-M05": "期满处理方案.pdf",
    }
    if "authorization" in data:
        files["ZR-M06"] = "授权委托书.pdf"
    return isotopes.document("isotope-transfer", (kind, seed, index), data, files)


def _delivery(dice: random.Random, applicant: dict[str, Any]) -> dict[str, Any]:
    if dice.random() < 0.5:
        return {"method": "DOWNLOAD"}
    return {
        "method": "EXPRESS",
        "recipient": people.name(dice),
        "phone": people.mobile(dice),
        "address": applicant["registered_address"],
    }
