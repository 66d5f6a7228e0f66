"""Sample applications: hand-made ones, and any number of valid, varied ones from a seed. All in them is invented.

What belongs here: documents that a person could enter. What does not: bad input (tests make their own).
"""

from __future__ import annotations

import importlib
import json
import random
from collections.abc import Iterator
from importlib import resources
from typing import Any

from bridge.errors import NotFound


def generate(matter: str, *, type: str | None = None, seed: int = 1, count: int = 1) -> Iterator[dict[str, Any]]:  # noqa: A002 - the word of the document
    """`count` valid applications of a matter; the same for the same seed, no two of one applicant and site.

    Raises NotFound where there are no samples of the matter or type.
    """
    try:
        module = importlib.import_module(f"{__name__}.{matter.replace('-', '_')}")
    except ModuleNotFoundError:
        raise NotFound(f"没有事项 {matter} 的样例 (no samples of this matter)") from None
    kind = type or module.TYPES[0]
    if kind not in module.TYPES:
        known = "、".join(module.TYPES)
        raise NotFound(f"没有这个申请类型，可选：{known} (no such type; choose one of: {known})")
    for index in range(count):
        yield module.make(random.Random(f"{seed} {kind} {index}"), kind, seed, index)  # noqa: S311 - samples, not secrets


def handmade() -> list[dict[str, Any]]:
    """The hand-made applications, by file name."""
    folder = resources.files(__name__).joinpath("handmade")
    names = sorted(one.name for one in folder.iterdir() if one.name.endswith(".json"))
    return [json.loads(folder.joinpath(name).read_text(encoding="utf-8")) for name in names]
