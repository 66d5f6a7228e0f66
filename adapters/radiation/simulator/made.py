"""Cases that the simulated system holds without anybody having handed them in: for the side door's `born` and `load`.

Their content is that of sample applications, so everything in them is invented.
"""

from __future__ import annotations

import base64
import uuid
from collections.abc import Mapping
from typing import Any

from adapters.radiation.codes import BUSINESS_TYPES, NOT_RESPONDED, OFFSITE_TYPES, SIDES, WASTE_TYPES
from adapters.radiation.mapping import mappings
from adapters.radiation.simulator.system import Case, System, Upload
from bridge.model.delivery import Kind
from bridge.model.ids import digest
from bridge.testing.samples import generate

MATTER = "radiation-licence"
"""Where the side door names none."""
TYPES: Mapping[str, tuple[str, ...]] = {
    MATTER: tuple(BUSINESS_TYPES),
    "isotope-transfer": ("transfer",),
    "isotope-transfer-filing": tuple(SIDES),
    "isotope-offsite-filing": tuple(OFFSITE_TYPES),
    "waste-source-filing": tuple(WASTE_TYPES),
}
"""Matters that are handed in here, and their types."""
VARIED = 100
"""So many different contents; more cases repeat them under ids of their own."""


def born(system: System, *, matter: str, type_: str, seed: int) -> Case:
    """A case that a unit entered in the system itself: handed in, under no id of ours."""
    (document,) = generate(matter, type=type_, seed=seed)
    content, files = _content(document)
    del content["instanceId"], content["requestNo"]
    return system.move(_case(system, content, files), NOT_RESPONDED)


def load(system: System, *, matter: str, type_: str, seed: int, count: int) -> int:
    """Many cases at once, handed in under ids that are nobody's, and told to nobody."""
    made = [_content(one) for one in generate(matter, type=type_, seed=seed, count=min(count, VARIED))]
    for place in range(count):
        content, files = made[place % len(made)]
        system.keep(_case(system, {**content, "instanceId": str(uuid.UUID(int=place, version=4))}, files))
    return count


def _content(document: Mapping[str, Any]) -> tuple[dict[str, Any], list[bytes]]:
    """A sample in the system's fields, and the bytes of its files."""
    files = [base64.b64decode(one["content"]) for one in document["materials"]]
    materials = [
        {"code": one["code"], "name": one["name"], "digest": digest(data), "size": len(data)}
        for one, data in zip(document["materials"], files, strict=True)
    ]
    facts = {"id": str(uuid.UUID(int=0)), "number": "-", "type": document["type"], "revision": 1}
    mapping = mappings()[document["matter"], Kind.APPLY, None]
    return mapping.write({"data": document["data"], "materials": materials, "facts": facts}), files


def _case(system: System, content: dict[str, Any], files: list[bytes]) -> Case:
    """A new case with this content and these files."""
    uploads = [
        Upload(uuid.uuid4().hex, one["fileName"], system.keep_file(data))
        for one, data in zip(content["attachments"], files, strict=True)
    ]
    return Case(company_id=str(uuid.uuid4()), content=content, files=uploads)
