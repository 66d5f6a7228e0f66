"""Sources of a mapping, as the engine would make them of a document: with facts for every kind of delivery.

All in them is invented. What does not belong here: the form's data (`samples`, `variations`).
"""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from bridge.catalogue.catalogue import Catalogue
from bridge.model.ids import digest
from bridge.model.lifecycle import ApplicationState
from bridge.model.step import NAMES, result

ID = "01963a5c-0000-7000-8000-000000000001"
DAY = dt.date(2026, 11, 23)
WORDS = ("同意", "材料不齐，请补正𠮷", "符合条件")


def source_of(
    catalogue: Catalogue,
    document: Mapping[str, Any],
    *,
    waits: Collection[str] = (),
    state: str | None = None,
    revision: int = 1,
    dice: random.Random | None = None,
) -> dict[str, Any]:
    """The source of one delivery.

    `waits` are the facts that its mapping waits for; `state` is that of the step that it tells of, if it does.
    """
    matter, type_, data = document["matter"], document["type"], document["data"]
    told = [one for one in waits if one in set(ApplicationState)]
    steps = [_step(one, place, dice) for place, one in enumerate([*told, *([state] if state else [])])]
    facts = {
        "id": ID,
        "number": "YCL2026112300000015",
        "revision": revision,
        "matter": matter,
        "type": type_,
        "channel": dice.choice(("window", "web", "mobile", "mail", "batch", "other")) if dice else "web",
        "title": f"{data['applicant']['name']} {catalogue.matter(matter).title}",
        "submitted_at": "2026-11-23T09:30:00.000+08:00",
        "item": catalogue.item(catalogue.body(matter, data).code, matter, type_, DAY),
        "case_number": "11120000MB1200001E4001016003001202611230001",
        **({"steps": steps, "states": {one["state"]: one for one in steps}} if steps else {}),
    }
    if state:
        facts["step"] = steps[-1]
    if state == "granted":
        facts["licence_number"] = "津环辐证[01234]"
        facts["licence"] = {"number": "津环辐证[01234]", "name": "许可证", "valid_from": "2026-11-24"}
    if state == "withdrawn":
        facts["withdrawal"] = {"at": "2026-11-24T10:00:00.000+08:00", "reason": "不再建设"}
    return {"data": data, "materials": materials_of(document["materials"]), "facts": facts}


def materials_of(materials: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The files of a document, as the engine tells of them."""
    return [
        {
            "id": f"{ID}/{one['code']}/{place}",
            "code": one["code"],
            "name": one["name"],
            "digest": digest(str(place).encode()),
            "size": 1 + place,
            "media_type": "application/pdf",
        }
        for place, one in enumerate(materials, 1)
    ]


def _step(state: str, place: int, dice: random.Random | None) -> dict[str, Any]:
    """A step; a step that says no gives its reason, and may say more."""
    one = ApplicationState(state)
    step: dict[str, Any] = {
        "id": f"01963a5c-0000-7000-8000-{place:012d}",
        "state": state,
        "name": NAMES[one],
        "result": result(one),
        "target": "decider",
        "at": f"2026-11-{24 + place}T10:00:00.123+08:00",
    }
    if result(one) != "pass":
        step["reason"] = WORDS[1]
    more = {
        "officer": "李𠮷",
        "opinion": WORDS[0],
        "reason": WORDS[1],
        "document_no": "津环审〔2026〕1号",
        "items": [{"text": "补充平面图", "field": "a.b"}, {"text": "签字"}],
    }
    if dice is not None:
        step.update({name: value for name, value in more.items() if dice.random() < 0.5})
    return step
