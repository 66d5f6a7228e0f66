"""Values that a box of a form takes: the extreme ones, and any number of others. All in them is invented.

What belongs here: one leaf of a form's schema. What does not: whole documents (`variations`), and bad input.
"""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable, Mapping
from typing import Any

from bridge.kit.mapping.languages import sample
from bridge.testing.samples import people

CJK, RARE, WIDE = "测", "𠮷", "㛃"
"""A common ideograph; one outside the BMP (two units of UTF-16, four bytes in GB 18030); one outside GBK."""
LETTERS = "测试环境保护𠮷㛃Aa0（）()-·、；,.【】/ Ω№ßé"
DISTRICTS = tuple(people.PLACES)


def extremes(node: Mapping[str, Any]) -> list[Any]:
    """Values at the edges of what a leaf's schema takes."""
    if "enum" in node or "const" in node:
        return list(node.get("enum", ())) or [node["const"]]
    match node["type"]:
        case "boolean":
            return [True, False]
        case "integer":
            return [node.get("minimum", -(2**31)), node.get("maximum", 2**31)]
    if "format" in node:
        return FORMATS[node["format"]][0]
    least, most = max(node.get("minLength", 0), 1), node["maxLength"]
    if "pattern" in node:
        dice = random.Random(node["pattern"])  # noqa: S311 - samples, not secrets
        made = [sample(node["pattern"], dice, extreme=extreme) for extreme in ("shortest", "longest", None)]
        return [one for one in made if least <= len(one) <= most]
    fills = (CJK, RARE, WIDE, "A")
    return [*(fill * most for fill in fills), CJK * least, "/" * least, ("（" + CJK * most)[: most - 1] + ")"]


def some(node: Mapping[str, Any], dice: random.Random) -> Any:
    """Any value that a leaf's schema takes."""
    if dice.random() < 0.2:
        return dice.choice(extremes(node))
    if "enum" in node or "const" in node or node["type"] == "boolean":
        return dice.choice(extremes(node))
    if node["type"] == "integer":
        return dice.randint(node.get("minimum", -(2**31)), node.get("maximum", 2**31))
    if "format" in node:
        return FORMATS[node["format"]][1](dice)
    if "pattern" in node:
        return sample(node["pattern"], dice)[: node["maxLength"]]
    least, most = max(node.get("minLength", 0), 1), node["maxLength"]
    size = dice.choice((least, dice.randint(least, most), dice.randint(least, min(most, 20)), most))
    text = "".join(dice.choice(LETTERS) for _ in range(size))
    return text if text == text.strip() else text.replace(" ", "0")


def _date(dice: random.Random) -> str:
    return dt.date.fromordinal(dice.randint(364_878, 3_652_059)).isoformat()


def _instant(dice: random.Random) -> str:
    fraction = dice.choice(("", ".5", ".123456"))
    zone = dice.choice(("Z", "+08:00", "-11:30"))
    at = f"{dice.randrange(24):02d}:{dice.randrange(60):02d}:{dice.randrange(60):02d}"
    return f"{dice.randint(1001, 9998)}-{dice.randint(1, 12):02d}-{dice.randint(1, 28):02d}T{at}{fraction}{zone}"


def _degrees(most: int) -> Callable[[random.Random], str]:
    def make(dice: random.Random) -> str:
        places = dice.randint(0, 5)
        whole = dice.randrange(most)
        return f"{whole}.{dice.randrange(10**places):0{places}d}" if places else str(whole)

    return make


def _uscc(dice: random.Random) -> str:
    return people.uscc(dice.choice(DISTRICTS), dice.randrange(1000), dice.randrange(10_000))


Format = tuple[list[Any], Callable[[random.Random], str]]

FORMATS: Mapping[str, Format] = {
    "date": (["1000-01-01", "0999-12-31", "2024-02-29", "9999-12-31"], _date),
    "date-time": (["1000-01-01T00:00:00+08:00", "9999-12-31T15:59:59.999999Z", "2026-11-23T00:00:00-12:00"], _instant),
    "uscc": ([people.uscc("120101", 0, 0)], _uscc),
    "id-card": (["11010519491231002X"], lambda dice: people.id_card(dice, dice.choice(DISTRICTS))),
    "mobile": (["13000000000", "19999999999"], people.mobile),
    "phone": (["022-1234567", "0755-12345678-123456", "13900000000"], people.landline),
    "zip": (["000000", "999999"], lambda dice: f"{dice.randrange(10**6):06d}"),
    "email": (["a@b.c", "x" * 64 + "@" + ".".join(["y" * 63] * 9)], lambda dice: f"a{dice.randrange(99)}@example.cn"),
    "region": (["110000", "899999"], lambda dice: f"{dice.randint(1, 8)}{dice.randrange(10**5):05d}"),
    "district": (list(DISTRICTS[:2]), lambda dice: dice.choice(DISTRICTS)),
    "permit-number": ([people.uscc("120101", 0, 0) + "999Z"], lambda dice: f"{_uscc(dice)}{dice.randrange(1000):03d}P"),
    "decimal-lon": (["0", "180", "179.99999", "0.00001", "117.5"], _degrees(180)),
    "decimal-lat": (["0", "90", "89.99999", "0.00001", "39.5"], _degrees(90)),
}
"""Format → its extreme texts, and a way to make others."""
