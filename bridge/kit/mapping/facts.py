"""The shape of a source: the form, the files, and the facts as the engine promises them (`bridge.contract.mapping`).

What belongs here: bounds of what we make ourselves and of what the border lets in. What does not: which fact a kind of
delivery waits for (the table's), and who says which state (the matter's).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bridge.kit.mapping.shapes import FORMATS, Choice, Group, Items, Shape, Text, Whole, of_schema

CHANNELS = ("window", "web", "mobile", "mail", "batch", "other")
INSTANT, DATE = FORMATS["date-time"], FORMATS["date"]
SAID = Text((), 1, 20_000)
"""What a body wrote: the border's bound. What of it a target cannot take is refused there and parked for a person."""
NUMBER = Text((), 1, 128)
"""A number that a target gave: the border's bound."""
NAME, BODY = Text(("^[\u0001-\uffff]{1,100}$",)), Text(("^[\u0001-\uffff]{1,50}$",))
"""What an installation registers of items and bodies; a law holds its registers to it."""
UUID = Text(("^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$",))
MOST_MATERIALS = 100
MOST_NAME = 200


def source_shape(
    form: Mapping[str, Any],
    types: Sequence[str],
    *,
    codes: Sequence[str] = (),
    least_materials: int = 0,
    states: Sequence[str] = (),
    file_bytes: int = 2**31 - 1,
) -> Group:
    """Everything that may stand in a source of one matter.

    `codes` are its materials, of which `least_materials` are always there; `states` what a delivery may tell of;
    `file_bytes` the largest file that the pre-flight of this target lets through.
    """
    return Group(
        {
            "data": of_schema(form),
            "materials": _materials(codes, least_materials, file_bytes),
            "facts": _facts(types, states),
        },
        frozenset({"data", "materials", "facts"}),
    )


def _materials(codes: Sequence[str], least: int, file_bytes: int) -> Items:
    parts: dict[str, Shape] = {
        "id": Text((), 1, 100),
        "code": Choice(tuple(codes)) if codes else Text((), 1, 50),
        "name": Text((), 1, MOST_NAME),
        "digest": Text(("^sha256:[0-9a-f]{64}$",)),
        "size": Whole(1, file_bytes),
        "media_type": Choice(("application/pdf", "image/jpeg", "image/png")),
    }
    return Items(Group(parts, frozenset(parts)), least, MOST_MATERIALS)


def _facts(types: Sequence[str], states: Sequence[str]) -> Group:
    step = _step(states)
    parts: dict[str, Shape] = {
        "id": UUID,
        "number": Text(("^YCL[0-9]{16}$",)),
        "revision": Whole(1, 9_999),
        "matter": Text((), 1, 50),
        "type": Choice(tuple(types)),
        "channel": Choice(CHANNELS),
        "submitted_at": INSTANT,
        "title": Text((), 1, 200),
        "item": _item(),
    }
    later: dict[str, Shape] = {
        "case_number": NUMBER,
        "licence_number": NUMBER,
        "promise_at": INSTANT,
        "step": step,
        "steps": Items(step, 1, 1_000),
        "states": Group({state: _step((state,)) for state in states}),
        "licence": Group(
            {
                "number": NUMBER,
                "name": SAID,
                "issuer": SAID,
                "issued_on": DATE,
                "valid_from": DATE,
                "valid_to": DATE,
            },
            frozenset({"number"}),
        ),
        "withdrawal": Group({"at": INSTANT, "reason": SAID}, frozenset({"at"})),
    }
    return Group({**parts, **later}, frozenset(parts))


def _item() -> Group:
    """事项 as an installation registers it."""
    unit = Choice(("workdays", "days", "months", "years"))
    parts: dict[str, Shape] = {
        "task_code": Text(("^[0-9A-HJ-NPQRTUWXY]{18}[1-7][0-9]{12}$",)),
        "catalog_code": Text(("^[0-9]{12}$",)),
        "task_handle_item": Text(("^[0-9A-Z]{1,50}$",)),
        "task_version": Whole(1, 9_999),
        "task_name": NAME,
        "project_type": Choice(("IMMEDIATE", "PROMISE")),
        "promise_days": Whole(0, 9_999),
        "promise_unit": unit,
        "legal_days": Whole(0, 9_999),
        "legal_unit": unit,
        "org_name": BODY,
        "org_code": FORMATS["uscc"],
    }
    return Group(parts, frozenset(parts))


def _step(states: Sequence[str]) -> Group:
    parts: dict[str, Shape] = {
        "id": UUID,
        "state": Choice(tuple(states)),
        "name": Text((), 1, 20),
        "result": Choice(("pass", "return", "other")),
        "target": Text((), 0, 64),
        "at": INSTANT,
    }
    said: dict[str, Shape] = {
        "officer": SAID,
        "opinion": SAID,
        "reason": SAID,
        "items": Items(Group({"text": SAID, "field": SAID}, frozenset({"text"})), 1, 1_000),
        "document_no": SAID,
        "document_title": SAID,
        "document_date": DATE,
        "handover": Group(
            {"method": Choice(("express", "pickup", "download")), "tracking": NUMBER}, frozenset({"method"})
        ),
    }
    return Group({**parts, **said}, frozenset(parts))
