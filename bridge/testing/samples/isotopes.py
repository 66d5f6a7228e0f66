"""Parts that the samples of the isotope matters share: a unit with its licence, sealed sources, other parties.

What belongs here: what two of them have. What does not: what a matter alone asks for.
"""

from __future__ import annotations

import datetime as dt
import random
from typing import Any

from bridge.testing.samples import people
from bridge.testing.samples.discharge_permit import applicant, consent, contacts, site
from bridge.testing.samples.industries import INDUSTRIES

ENTERED = dt.date(2026, 11, 20)
"""The day on which samples were written; what has been done lies a few days before it."""

NUCLIDES = (
    ("CS", "Cs-137", ("3700000000", "740000000000", "15000000000000"), ("4", "3", "2"), "料位计"),
    ("AB", "Am-241/Be", ("1850000000", "740000000000"), ("4", "2"), "中子测井"),
    ("IR", "Ir-192", ("3700000000000", "370000000000"), ("2", "3"), "移动探伤"),
    ("SE", "Se-75", ("2960000000000",), ("2",), "移动探伤"),
    ("CO", "Co-60", ("1110000000", "185000000000000"), ("4", "1"), "辐照"),
    ("KR", "Kr-85", ("14800000000",), ("5",), "厚度计"),
)
"""Letters in a code (assumed, TARGETS 3.3: LOW), name, activities in Bq and their categories (TARGETS 3.4), use."""

MAKERS = ("01", "04", "GB", "RU", "CA")
"""Producers within the country by digits, abroad by the country's letters (TARGETS 3.3)."""

ELSEWHERE = (
    ("河北", "冀", "130100", "050000", "石家庄市"),
    ("山东", "鲁", "370100", "250000", "济南市"),
    ("北京", "京", "110108", "100080", "海淀区"),
)


def unit(dice: random.Random, seed: int, index: int, *, purpose: str) -> dict[str, Any]:
    """The parts that every one of these forms begins with; `index` is one that no other matter's units have."""
    district, agent = dice.choice(list(people.PLACES)), dice.random() < 0.2
    made = applicant(dice, district, dice.choice(INDUSTRIES), people.uscc(district, seed, index))
    begin = dt.date(2024, dice.randint(1, 12), dice.randint(1, 28))
    end = begin.replace(year=begin.year + 5) - dt.timedelta(days=1)
    data: dict[str, Any] = {
        "applicant": made,
        "site": site(dice, district, made["name"]),
        "contacts": contacts(dice, district, agent=agent),
        "licence": {
            "no": f"津环辐证[{dice.randint(10, 9999):05d}]",
            "issuer": "天津市生态环境局",
            "from": begin.isoformat(),
            "to": end.isoformat(),
        },
        "consent": consent(dice, made["legal_rep"]["name"]),
    }
    if agent:
        data["authorization"] = {"from": "2026-07-01", "to": "2026-12-31", "scope": purpose}
    return data


def other(dice: random.Random, what: str = "同位素") -> dict[str, Any]:
    """A unit of another province."""
    province, letter, _, postcode, city = dice.choice(ELSEWHERE)
    brand = "".join(dice.sample("华盛瑞恒康泰宏远鑫源", 2))
    return {
        "name": f"{province}{brand}{what}有限公司",
        "licence_no": f"{letter}环辐证[{dice.choice(('', 'A', 'S'))}{dice.randint(100, 9999):04d}]",
        "address": f"{province}{city}试验路{dice.randint(1, 999)}号",
        "zip": postcode,
        "contact": people.name(dice),
        "phone": people.mobile(dice),
    }


def sources(dice: random.Random, most: int = 3) -> list[dict[str, Any]]:
    """Sealed sources whose category, code and date agree with each other."""
    made = []
    for serial in range(dice.randint(1, most)):
        letters, nuclide, activities, categories, use = dice.choice(NUCLIDES)
        which = dice.randrange(len(activities))
        born = dt.date(dice.randint(2012, 2025), dice.randint(1, 12), dice.randint(1, 28))
        number = dice.randint(0, 9999) * 10 + serial
        source: dict[str, Any] = {
            "source_code": f"{dice.choice(MAKERS)}{born:%y}{letters}{number:05d}{categories[which]}",
            "nuclide": nuclide,
            "category": categories[which],
            "factory_activity_bq": activities[which],
            "factory_date": born.isoformat(),
            "use": use,
        }
        if dice.random() < 0.6:
            source["tag"] = f"模拟{dice.randint(100, 999)}-{serial}"
        if dice.random() < 0.6:
            source["site"] = dice.choice(("源库", "1号车间", "探伤室"))
        made.append(source)
    return made


def days_ago(dice: random.Random, most: int = 8) -> str:
    """A day shortly before the samples were written."""
    return (ENTERED - dt.timedelta(days=dice.randint(0, most))).isoformat()


def document(matter: str, sample: tuple[str, int, int], data: dict[str, Any], files: dict[str, str]) -> dict[str, Any]:
    """The sample (type, seed, index), with one small file of its own for each of `files` (code → name)."""
    kind, seed, index = sample
    mark = f"{seed} {kind} {index}"
    materials = [{"code": one, "name": name, "content": people.pdf(f"{one} {mark}")} for one, name in files.items()]
    reference = f"SAMPLE-{matter.upper()}-{seed}-{kind}-{index}"
    return {"matter": matter, "type": kind, "form": 1, "reference": reference, "data": data, "materials": materials}
