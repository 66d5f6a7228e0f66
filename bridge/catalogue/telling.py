"""What is told of a broken rule where its data cannot say it all: words that depend on what was entered.

What belongs here: kinds of rules that find several mistakes at one box. What does not: the finding (`rules`); words
that never change are the rule's own, in the matter's data. No words hold the value.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from bridge.catalogue import causes
from bridge.catalogue.matters import Rule
from bridge.catalogue.wholes import decimal
from bridge.catalogue.words import Words
from bridge.model import identity
from bridge.model.pointer import Unresolved, resolve

_EXCHANGED: Words = (
    "经度和纬度填反了",
    "longitude and latitude are exchanged",
    "请对调：经度约117，纬度约39。",
    "Exchange them: longitude is about 117, latitude about 39.",
)


def words_of(rule: Rule, document: Mapping[str, Any], pointer: str, today: dt.date) -> Words:
    """The words for the box at `pointer`, at which the document breaks the rule."""
    if rule.kind == "id_card":
        number = _text(document, pointer) or ""
        if rule.values.get("doubt"):
            return causes.ID_CARD_DOUBTS.get(identity.id_card_doubt(number, today), rule.words)
        return causes.ID_CARD_CAUSES.get(causes.id_card(number), rule.words)
    if rule.kind == "inside" and _is_exchanged(rule.values, document, pointer):
        return _EXCHANGED
    return rule.words


def _is_exchanged(sides: Mapping[str, Any], document: Mapping[str, Any], pointer: str) -> bool:
    """Whether the place would be inside if longitude and latitude stood in each other's box."""
    holder = pointer.rpartition("/")[0]
    lon, lat = (decimal(_text(document, f"{holder}/{sides[one].rpartition('/')[2]}")) for one in ("lon", "lat"))
    if lon is None or lat is None:
        return False
    west, east, south, north = (Decimal(sides[one]) for one in ("west", "east", "south", "north"))
    return west <= lat <= east and south <= lon <= north


def _text(document: Mapping[str, Any], pointer: str) -> str | None:
    try:
        found = resolve(document, pointer)
    except Unresolved:
        return None
    return found if isinstance(found, str) else None
