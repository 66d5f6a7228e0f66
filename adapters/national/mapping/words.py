"""What is done to single values on their way to a column: row guids, wall time, names, the words of a step.

What does not belong here: code tables (`codes`), and which column takes what (`rows`).
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from pathlib import PurePath
from typing import Any

from adapters.national.codes import NO_OPINION
from bridge.kit.mapping.converters import Converter, OutsideDomain, instant
from bridge.kit.mapping.images import Image, lengths, of_one
from bridge.kit.mapping.shapes import Choice, Either, Shape, Text, part
from bridge.model.identity import is_mobile

NAMESPACE = uuid.UUID("6f0d3c52-7a0e-5d6b-9d5e-2f4b8a1c9e70")
"""Of all row guids that we make; fixed for ever: a guid must come out the same years later."""

WALL = instant("%Y-%m-%d %H:%M:%S")

BRACKETS = str.maketrans({"(": "（", ")": "）"})


def row_guid(table: str, id_: str) -> str:
    """The stable guid of a row: of accept and result by the application's id, of the others by step and material."""
    return str(uuid.uuid5(NAMESPACE, f"{table}:{id_}"))


def guid(table: str) -> Converter:
    """Our id as a row guid. It cannot be read back: a digest."""
    return Converter(
        f"uuid5({table}:…)",
        lambda value: row_guid(table, value),
        _no_way_back,
        lossless=False,
        image=lambda _shape: Text(("^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$",)),
    )


def company_name() -> Converter:
    """A name as the platform wants it: without blanks at its ends, brackets of full width."""
    return Converter(
        "去首尾空格，括号用全角",
        lambda value: _text(value).strip().translate(BRACKETS),
        _same,
        lossless=False,
        image=_not_longer,
    )


def contact(what: str, convert: Callable[[Any], Any] | None = None, image: Image | None = None) -> Converter:
    """One value of the contact who is told: the agent, else the contact; "" where there is none.

    `image`: what `convert` makes of a shape.
    """

    def to(value: Any) -> Any:
        if not isinstance(value, list):
            raise OutsideDomain("应为列表 (a list is wanted)")
        by_role = {one.get("role"): one for one in reversed(value)}
        told: Mapping[str, Any] = by_role.get("AGENT") or by_role.get("CONTACT") or {}
        found = told.get(what)
        return "" if found is None else (convert(found) if convert else found)

    known = of_one(what, "", convert=image) if convert is None or image is not None else None
    return Converter(f"代理人，否则联系人: {what}", to, _no_way_back, lossless=False, image=known)


def mobile(value: Any) -> str:
    """A mobile number, or nothing: a landline has no room in 11 digits."""
    return value if isinstance(value, str) and is_mobile(value) else ""


def stem() -> Converter:
    """A file's name without its extension."""
    return Converter(
        "文件名去扩展名", lambda value: PurePath(_text(value)).stem, _same, lossless=False, image=_not_longer
    )


def opinion() -> Converter:
    """A step's opinion as it was given, else its reason, else that there was none: never one of our own."""
    return Converter(
        f"办理意见，否则原因，否则“{NO_OPINION}”",
        lambda step: step.get("opinion") or step.get("reason") or NO_OPINION,
        _no_way_back,
        lossless=False,
        image=lambda step: Either((part(step, "opinion"), part(step, "reason"), Choice((NO_OPINION,)))),
    )


def _not_longer(shape: Shape) -> Shape:
    """Some text that is not longer, and not empty where it was not (forms have no blank text)."""
    least, most = lengths(shape)
    return Text((), min(least, 1), most)


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise OutsideDomain("应为文字 (a text is wanted)")
    return value


def _same(value: Any) -> Any:
    return value


def _no_way_back(_value: Any) -> Any:
    raise OutsideDomain("不能还原 (cannot be read back)")
