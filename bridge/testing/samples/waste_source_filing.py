"""Samples of 废旧放射源备案: disused sources that went back to their producer or exporter, or to a store."""

from __future__ import annotations

import random
from typing import Any

from bridge.testing.samples import isotopes

TYPES = ("return-producer", "return-exporter", "store")
APART = 670_000
"""Units of this matter lie so far from those of the others."""

RECEIVERS = {"return-producer": "同位素生产", "store": "放射性废物贮存"}


def make(dice: random.Random, kind: str, seed: int, index: int) -> dict[str, Any]:
    """One filing."""
    which = seed * len(TYPES) + TYPES.index(kind)
    data = isotopes.unit(dice, which, APART + index, purpose="办理废旧放射源备案")
    waste = {"done_on": isotopes.days_ago(dice), "reason": dice.choice(("超过设计使用年限", "活度不足", "停产"))}
    items = isotopes.sources(dice)
    if dice.random() < 0.5 or any(one["category"] in "123" for one in items):
        waste |= {"agreement_no": f"模拟-FJ-{seed}-{index}", "agreement_date": "2020-05-08"}
    if dice.random() < 0.5:
        waste["carrier"] = "模拟危险品运输有限公司"
    data |= {"counterpart": _abroad(dice) if kind == "return-exporter" else isotopes.other(dice, RECEIVERS[kind])}
    data |= {"waste": waste, "items": items}
    files = {"FJ-M01": "废旧放射源备案表.pdf", "FJ-M02": "接收证明.pdf"}
    if "agreement_no" in waste:
        files["FJ-M03"] = "返回协议.pdf"
    if "authorization" in data:
        files["FJ-M04"] = "授权委托书.pdf"
    return isotopes.document("waste-source-filing", (kind, seed, index), data, files)


def _abroad(dice: random.Random) -> dict[str, Any]:
    """An exporter in another country, which has no licence number of ours."""
    return {
        "name": dice.choice(("Sample Isotopes Ltd", "模拟同位素（加拿大）公司")),
        "address": "1 Example Road, Ottawa, Canada",
        "contact": "Sample Person",
        "phone": f"+1-613-{dice.randint(1_000_000, 9_999_999)}",
    }
