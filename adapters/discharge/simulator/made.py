"""Cases that the simulated platform holds without anybody having handed them in: for the side door's `born` and `load`.

Their content is that of sample applications, so everything in them is invented.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

from adapters.discharge.mapping import mappings
from adapters.discharge.simulator.platform import Case, Platform
from bridge.model.delivery import Kind
from bridge.model.ids import digest
from bridge.testing.samples import generate

VARIED = 100
"""So many different contents; more cases repeat them under numbers of their own."""


def born(platform: Platform, *, matter: str, type_: str, seed: int) -> Case:
    """A case that a company entered on the platform itself: handed in, without 外部编号."""
    (document,) = generate(matter, type=type_, seed=seed)
    content, files = _content(document)
    del content["外部编号"]
    return _handed_in(platform, content, files, tell=True)


def load(platform: Platform, *, matter: str, type_: str, seed: int, count: int) -> int:
    """Many cases at once, handed in under numbers that are nobody's, and told to nobody."""
    made = [_content(one) for one in generate(matter, type=type_, seed=seed, count=min(count, VARIED))]
    for place in range(count):
        content, files = made[place % len(made)]
        _handed_in(platform, {**content, "外部编号": f"LOAD{seed:04d}{place:010d}"}, files, tell=False)
    return count


def _content(document: Mapping[str, Any]) -> tuple[dict[str, Any], list[bytes]]:
    """A sample in the platform's cards, and the bytes of its files."""
    files = [base64.b64decode(one["content"]) for one in document["materials"]]
    materials = [
        {"code": one["code"], "name": one["name"], "digest": digest(data), "size": len(data)}
        for one, data in zip(document["materials"], files, strict=True)
    ]
    facts = {"number": "-", "type": document["type"], "revision": 1}
    mapping = mappings()[document["matter"], Kind.APPLY, None]
    return mapping.write({"data": document["data"], "materials": materials, "facts": facts}), files


def _handed_in(platform: Platform, content: dict[str, Any], files: list[bytes], *, tell: bool) -> Case:
    """A new case with this content and these files."""
    case = platform.new(platform.open_account(content["account"], by_company=True), content)
    for one, data in zip(content["18"], files, strict=True):
        platform.attach(case, one["name"], data)
    case.handed_in, case.submitted = [upload.file_id for upload in case.uploads], case.revision
    return platform.arrived(case, tell=tell)
