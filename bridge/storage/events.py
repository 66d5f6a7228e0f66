"""The ledger's rows: the events of a unit, chained and written at its end, and read again."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import bindparam, insert, select, update

from bridge.ledger.chain import GENESIS, Row, chained, restored
from bridge.ports.events import Event, StoredEvent
from bridge.storage import tables as t
from bridge.storage.part import AnyRow, Part, listed

COUNTER = "ledger"

PRIVATE = "private_sealed"
"""Under this name an event's data hold, sealed and in base64, what a person wrote."""

_TAKE_POSITIONS = (
    update(t.counters)
    .where(t.counters.c.name == COUNTER)
    .values(value=t.counters.c.value + bindparam("count"))
    .returning(t.counters.c.value)
)
_FIRST_POSITIONS = insert(t.counters).values(name=COUNTER, value=bindparam("count"))
_HEADS = select(t.ledger_heads).where(t.ledger_heads.c.application.in_(bindparam("names", expanding=True)))
_ADD_EVENT = insert(t.ledger_events)
_ADD_HEAD = insert(t.ledger_heads)
_MOVE_HEAD = (
    update(t.ledger_heads)
    .where(t.ledger_heads.c.application == bindparam("name"))
    .values(sequence=bindparam("sequence"), digest=bindparam("digest"))
)
_COLUMNS = tuple(
    t.ledger_events.c[name]
    for name in ("position", "application", "sequence", "previous", "digest", "bytes", "at", "recorded_at", "act")
)
_OF_APPLICATION = (
    select(*_COLUMNS)
    .where(t.ledger_events.c.application == bindparam("application"))
    .order_by(t.ledger_events.c.sequence)
)


class EventsPart(Part):
    """What the unit of work says about the ledger."""

    def append(self, events: Sequence[Event]) -> None:
        """Write events that tell of nothing else in this unit."""
        self._record(*events)

    def events(self, application: str) -> Sequence[StoredEvent]:
        """The history of one application, in order."""
        self.flush()
        rows = self._run(_OF_APPLICATION, {"application": application})
        return [self._opened(restored(_row(row))) for row in rows]

    def _sealed(self, event: Event, position: int) -> Event:
        """The event with a person's own words sealed into its data."""
        if not event.private:
            return event
        sealed = self._keyring.seal_json(dict(event.private), _private_place(position))
        data = {**event.data, PRIVATE: base64.b64encode(sealed).decode()}
        return replace(event, data=data, private={})

    def _opened(self, stored: StoredEvent) -> StoredEvent:
        """The event with a person's own words in clear again."""
        sealed = stored.event.data.get(PRIVATE)
        if sealed is None:
            return stored
        private = self._keyring.unseal_json(base64.b64decode(sealed), _private_place(stored.position))
        data = {name: value for name, value in stored.event.data.items() if name != PRIVATE}
        return replace(stored, event=replace(stored.event, data=data, private=private))

    def flush(self) -> None:
        """Chain and write what was recorded so far. The unit's end calls it."""
        if not self._unwritten:
            return
        events, self._unwritten = self._unwritten, []
        names = listed(event.application or "" for event in events)
        heads = {row.application: (row.sequence, row.digest) for row in self._run(_HEADS, {"names": names})}
        known = set(heads)
        rows = list(self._chain(events, heads))
        self._run_all(_ADD_EVENT, [_values(row) for row in rows])
        moved = [
            {"name": name, "sequence": heads[name][0], "digest": heads[name][1]} for name in names if name in known
        ]
        added = [
            {"application": name, "sequence": heads[name][0], "digest": heads[name][1]}
            for name in names
            if name not in known
        ]
        self._run_all(_MOVE_HEAD, moved)
        self._run_all(_ADD_HEAD, added)

    def _chain(self, events: Sequence[Event], heads: dict[str, tuple[int, str]]) -> Iterator[Row]:
        """Each event behind the last of its chain; `heads` moves on with them."""
        recorded_at = self._now()
        position = self._take_positions(len(events))
        for place, bare in enumerate(events):
            event = self._sealed(bare, position + place)
            sequence, previous = heads.get(event.application or "", (0, GENESIS))
            row = chained(
                event, position=position + place, sequence=sequence + 1, previous=previous, recorded_at=recorded_at
            )
            heads[row.application] = (row.sequence, row.digest)
            yield row

    def _take_positions(self, count: int) -> int:
        """The first of `count` places in the whole ledger. The counter's row makes writers wait for each other."""
        last = self._run(_TAKE_POSITIONS, {"count": count}).scalar_one_or_none()
        if last is None:
            self._run(_FIRST_POSITIONS, {"count": count})
            return 1
        return int(last) - count + 1


def _private_place(position: int) -> str:
    return f"ledger_events.{PRIVATE}.{position}"


def _values(row: Row) -> dict[str, Any]:
    """A ledger row as columns."""
    return {
        "position": row.position,
        "application": row.application,
        "sequence": row.sequence,
        "previous": row.previous,
        "digest": row.digest,
        "bytes": row.content,
        "at": row.at,
        "recorded_at": row.recorded_at,
        "act": row.act,
    }


def _row(row: AnyRow) -> Row:
    """Columns as a ledger row; content that somebody turned into anything but bytes has no digest of ours."""
    content = row.bytes if isinstance(row.bytes, bytes) else b""
    return Row(
        position=row.position,
        application=row.application,
        sequence=row.sequence,
        previous=row.previous,
        digest=row.digest,
        content=content,
        at=row.at,
        recorded_at=row.recorded_at,
        act=row.act,
    )
