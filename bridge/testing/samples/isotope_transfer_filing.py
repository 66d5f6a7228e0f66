"""Samples of 放射性同位素转让备案: a transfer that was approved and completed, filed by one party."""

from __future__ import annotations

import random
from typing import Any

from bridge.testing.samples import isotopes, people

TYPES = ("out", "in")
APART = 610_000
"""Units of this matter lie so far from those of the others."""


def make(dice: random.Random, kind: str, seed: int, index: int) -> dict[str, Any]:
    """One filing."""
    which = seed * len(TYPES) + TYPES.index(kind)
    data = isotopes.unit(dice, which, APART + index, purpose="办理放射性同位素转让备案")
    approval = {"no": f"模拟-津环辐转审〔2026〕{which}{index:03d}号", "date": f"2026-0{dice.randint(3, 9)}-10"}
    filing = {"done_on": isotopes.days_ago(dice), "handler": people.name(dice)}
    if dice.random() < 0.5:
        approval["issuer"] = "天津市生态环境局"
    if dice.random() < 0.5:
        filing["carrier"] = "模拟危险品运输有限公司"
    data |= {
        "approval": approval,
        "counterpart": isotopes.other(dice),
        "filing": filing,
        "items": isotopes.sources(dice),
    }
    files = {"ZB-M01": "转让备案表.pdf", "ZB-M02": "转让批准文件.pdf"}
    if dice.random() < 0.5:
        files["ZB-M03"] = "放射源编码卡.pdf"
    if "authorization" in data:
        files["ZB-M04"] = "授权委托书.pdf"
    return isotopes.document("isotope-transfer-filing", (kind, seed, index), data, files)
