"""The event chain: how an event becomes bytes, how bytes are chained, and how a kept chain is checked.

Each event is hashed (SHA-256, GB/T 18238.3 / FIPS 180-4) as canonical JSON together with its place in the whole ledger,
its place in its application's chain, and the digest of the event before it there. So an edited, deleted, inserted or
moved row is found. Events of no one application form a chain of their own, named by the empty string. What does not
belong here: where rows are kept.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from bridge.ports.events import Event, StoredEvent

FORM = 1
"""Version of the canonical form; part of what is hashed."""

GENESIS = "sha256:" + "0" * 64
"""What stands as `previous` in the first event of a chain."""


@dataclass(frozen=True, slots=True)
class Row:
    """One kept event, as it lies in the database."""

    position: int
    application: str
    """Empty for events of no one application."""
    sequence: int
    previous: str
    digest: str
    content: bytes
    at: int
    recorded_at: int
    act: str


@dataclass(frozen=True, slots=True)
class FirstBad:
    """The first row that does not fit, and why (Chinese, then English)."""

    position: int
    why: str
    why_en: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a check of the ledger found."""

    events: int
    """Rows that were read."""
    first_bad: FirstBad | None

    @property
    def ok(self) -> bool:
        """Whether every row fits."""
        return self.first_bad is None


def digest(content: bytes) -> str:
    """The digest of canonical bytes."""
    return "sha256:" + hashlib.sha256(content).hexdigest()


def canonical(event: Event, *, position: int, sequence: int, previous: str, recorded_at: int) -> bytes:
    """The bytes of an event that are hashed and kept: JSON, keys sorted, no spaces, UTF-8.

    Raises TypeError where `data` holds anything but strings, integers, booleans, None, lists and mappings of these.
    """
    _check(event.data)
    return orjson.dumps(
        {
            "act": event.act,
            "actor": event.actor,
            "application": event.application,
            "at": event.at,
            "data": dict(event.data),
            "delivery": event.delivery,
            "form": FORM,
            "position": position,
            "previous": previous,
            "recorded_at": recorded_at,
            "sequence": sequence,
            "target": event.target,
            "via": event.via,
        },
        option=orjson.OPT_SORT_KEYS,
    )


def chained(event: Event, *, position: int, sequence: int, previous: str, recorded_at: int) -> Row:
    """The row that an event becomes behind `previous`."""
    content = canonical(event, position=position, sequence=sequence, previous=previous, recorded_at=recorded_at)
    return Row(
        position=position,
        application=event.application or "",
        sequence=sequence,
        previous=previous,
        digest=digest(content),
        content=content,
        at=event.at,
        recorded_at=recorded_at,
        act=event.act,
    )


def restored(row: Row) -> StoredEvent:
    """The event that a row keeps."""
    kept = orjson.loads(row.content)
    event = Event(
        act=kept["act"],
        at=kept["at"],
        actor=kept["actor"],
        application=kept["application"],
        target=kept["target"],
        delivery=kept["delivery"],
        via=kept["via"],
        data=kept["data"],
    )
    return StoredEvent(
        event=event,
        recorded_at=row.recorded_at,
        position=row.position,
        sequence=row.sequence if row.application else None,
        digest=row.digest,
    )


def verify(rows: Iterable[Row], heads: Mapping[str, tuple[int, str]] | None = None) -> Verdict:
    """Check rows in the order of their positions, from the first; stops at the first that does not fit.

    `heads` (application → last sequence and digest), where given, are compared at the end: a chain that was cut short
    is found where its head was not cut with it. A ledger whose end was cut with all its heads needs an outside witness.
    """
    ends: dict[str, tuple[int, str]] = {}
    count = 0
    for row in rows:
        count += 1
        if bad := _first_bad(row, count, ends.get(row.application, (0, GENESIS))):
            return Verdict(count, FirstBad(row.position, *bad))
        ends[row.application] = (row.sequence, row.digest)
    if heads is not None and (cut := sorted(name for name in {*heads, *ends} if heads.get(name) != ends.get(name))):
        why = (
            f"链尾缺失或多余：{cut[0] or '(系统)'}",
            f"the chain does not end where its head says: {cut[0] or '(system)'}",
        )
        return Verdict(count, FirstBad(count + 1, *why))
    return Verdict(count, None)


def _first_bad(row: Row, position: int, end: tuple[int, str]) -> tuple[str, str] | None:
    """What is wrong with one row at its place, if anything."""
    sequence, previous = end
    if row.position != position:
        return "位置不连续，有删除、插入或调换", "the positions have a gap: a row was deleted, inserted or moved"
    if digest(row.content) != row.digest:
        return "内容与摘要不符", "the content does not have its digest"
    if row.sequence != sequence + 1 or row.previous != previous:
        return "与前一条不相连", "it does not follow the row before it in its chain"
    try:
        kept = orjson.loads(row.content)
        fits = (
            kept["position"] == row.position
            and (kept["application"] or "") == row.application
            and kept["sequence"] == row.sequence
            and kept["previous"] == row.previous
            and kept["at"] == row.at
            and kept["recorded_at"] == row.recorded_at
            and kept["act"] == row.act
        )
    except (ValueError, KeyError, TypeError):
        fits = False
    return None if fits else ("明列与内容不符", "its columns do not say what its content says")


def _check(value: Any) -> None:
    """Refuse what has no one canonical form (floats), or no JSON form at all."""
    if value is None or isinstance(value, str | int):
        return
    if isinstance(value, Mapping):
        for name, inner in value.items():
            if not isinstance(name, str):
                raise TypeError("event data: keys are strings")
            _check(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            _check(inner)
    else:
        raise TypeError(f"event data: no {type(value).__name__} may be in it")
