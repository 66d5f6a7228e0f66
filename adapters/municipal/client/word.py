"""What the gateway says with a status, as a `Word`: exactly as far as it said it. INVENTED wire (README.md).

A part that has not the known form is left out here and stays in the change's `raw`. A licence is never read here: only
its issuer's word gives one. What a status means is `codes`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any

from bridge.model.word import CorrectionItem, Paper, PaperKind, Word


def word(data: Any) -> Word:
    """`data` of a message as a word; `SILENT` where it says nothing that is known."""
    if not isinstance(data, Mapping):
        return Word()
    return Word(
        officer=_text(data, "handleUser"),
        opinion=_text(data, "opinion"),
        reason=_text(data, "reason"),
        items=tuple(CorrectionItem(text) for one in _objects(data, "items") if (text := _text(one, "content"))),
        papers=tuple(_papers(data)),
    )


def _papers(data: Mapping[str, Any]) -> Iterator[Paper]:
    """文书, such as the 送达回证. The gateway has no files of its own, so that there is none to fetch."""
    for one in _objects(data, "documents"):
        if title := _text(one, "title") or _text(one, "type"):
            yield Paper(PaperKind.OTHER, title, number=_text(one, "number"), date=_day(one, "date"))


def _objects(data: Mapping[str, Any], name: str) -> Iterator[Mapping[str, Any]]:
    """The objects of a list; none where there is no list."""
    found = data.get(name)
    for one in found if isinstance(found, list) else ():
        if isinstance(one, Mapping):
            yield one


def _text(data: Mapping[str, Any], name: str) -> str | None:
    """A text that says something, as it came."""
    value = data.get(name)
    return value if isinstance(value, str) and value.strip() else None


def _day(data: Mapping[str, Any], name: str) -> str | None:
    """`YYYY-MM-DD`; None where it is no day of the calendar."""
    try:
        return dt.date.fromisoformat(_text(data, name) or "").isoformat()
    except ValueError:
        return None
