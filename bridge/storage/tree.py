"""The ledger's tree as rows: pages of events to check or to add, tiles, signed checkpoints, and where these went.

The size of the kept tree is the counter `ledger_tree`; it moves in the transaction that writes the tiles, and only
from where the writer found it, so that two processes never add the same events. What does not belong here: when
the tree grows and who signs (`keeper`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import bindparam, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from bridge.ledger.audit import Link, Page
from bridge.ledger.tiles import Tile
from bridge.storage import tables as t
from bridge.storage.events import COUNTER
from bridge.storage.part import Part

TREE = "ledger_tree"

PAGE = 2048
"""Rows read in one transaction, so that none outlives some milliseconds."""

HOUR = 3_600_000_000

_EVENT = t.ledger_events
_BEFORE = t.ledger_events.alias("before")
_LINKS = (
    select(
        *(
            _EVENT.c[name]
            for name in ("position", "application", "sequence", "previous", "digest", "bytes", "at", "recorded_at")
        ),
        _EVENT.c.act,
        _BEFORE.c.position,
        _BEFORE.c.digest,
        t.ledger_heads.c.sequence,
    )
    .select_from(
        _EVENT.outerjoin(
            _BEFORE,
            (_BEFORE.c.application == _EVENT.c.application) & (_BEFORE.c.sequence == _EVENT.c.sequence - 1),
        ).outerjoin(t.ledger_heads, t.ledger_heads.c.application == _EVENT.c.application)
    )
    .where(_EVENT.c.position > bindparam("after"))
    .order_by(_EVENT.c.position)
    .limit(PAGE)
)
_COUNTER = select(t.counters.c.value).where(t.counters.c.name == bindparam("counter"))
_GROW = (
    update(t.counters)
    .where((t.counters.c.name == TREE) & (t.counters.c.value == bindparam("old")))
    .values(value=bindparam("new"))
)
_TILES = select(t.ledger_tiles).where(
    (t.ledger_tiles.c.level == bindparam("level")) & (t.ledger_tiles.c.place == bindparam("place"))
)
_DROP_TILE = delete(t.ledger_tiles).where(
    (t.ledger_tiles.c.level == bindparam("at_level")) & (t.ledger_tiles.c.place == bindparam("at_place"))
)
_CHECKPOINTS = select(t.ledger_checkpoints.c.note).order_by(t.ledger_checkpoints.c.size)
_NEWEST = select(t.ledger_checkpoints.c.note).order_by(t.ledger_checkpoints.c.size.desc()).limit(1)
_THIN = delete(t.ledger_checkpoints).where(
    (t.ledger_checkpoints.c.at >= bindparam("since"))
    & (t.ledger_checkpoints.c.size <= bindparam("upto"))
    & t.ledger_checkpoints.c.size.not_in(select(t.ledger_witnesses.c.size))
)
_WITNESSED = select(t.ledger_witnesses).order_by(t.ledger_witnesses.c.at.desc()).limit(1)
_REPLACED = delete(t.ledger_witnesses).where(t.ledger_witnesses.c.place == bindparam("where"))
_RECORDED = select(_EVENT.c.recorded_at).where(_EVENT.c.position == bindparam("position"))
_BYTES = select(_EVENT.c.bytes).where(_EVENT.c.position == bindparam("position"))
_ID = select(t.installation.c.value).where(t.installation.c.key == "id")
_HEADS = (
    select(t.ledger_heads.c.application, _EVENT.c.position)
    .select_from(
        t.ledger_heads.outerjoin(
            _EVENT,
            (_EVENT.c.application == t.ledger_heads.c.application)
            & (_EVENT.c.sequence == t.ledger_heads.c.sequence)
            & (_EVENT.c.digest == t.ledger_heads.c.digest),
        )
    )
    .order_by(t.ledger_heads.c.application)
    .limit(PAGE)
)
_NEXT_HEADS = _HEADS.where(t.ledger_heads.c.application > bindparam("after"))


class TreePart(Part):
    """What the unit of work says about the ledger's tree."""

    def installation(self) -> str:
        """The id of this installation."""
        return str(self._run(_ID).scalar_one())

    def ledger_links(self, after: int) -> Page:
        """Events behind a position with their neighbours, and how many events there are now."""
        found = self._run(_LINKS, {"after": after}).all()
        # content that somebody turned into anything but bytes has no digest of ours
        rows = [Link._make(row if isinstance(row[5], bytes) else (*row[:5], b"", *row[6:])) for row in found]
        return Page(rows, self.ledger_total())

    def ledger_total(self) -> int:
        """How many events there should be."""
        return self._counter(COUNTER)

    def tree_size(self) -> int:
        """How many events the kept tree covers."""
        return self._counter(TREE)

    def tile(self, level: int, place: int) -> Mapping[str, bytes] | None:
        """The hashes of a tile, by the name of the hash function; None where there is no such tile."""
        row = self._run(_TILES, {"level": level, "place": place}).one_or_none()
        return None if row is None else {"sha256": row.sha256, "sm3": row.sm3}

    def grow_tree(self, old: int, new: int, tiles: Mapping[str, Sequence[Tile]]) -> bool:
        """Write tiles by the name of the hash function; False where another was quicker, and nothing is written."""
        self._must_write()
        if old == 0 and self._run(_COUNTER, {"counter": TREE}).first() is None:
            self._run(insert(t.counters), {"name": TREE, "value": 0})
        if not self._run(_GROW, {"old": old, "new": new}).rowcount:
            return False
        pairs = zip(tiles["sha256"], tiles["sm3"], strict=True)
        rows = [{"level": a.level, "place": a.place, "sha256": a.hashes, "sm3": b.hashes} for a, b in pairs]
        self._run_all(_DROP_TILE, [{"at_level": row["level"], "at_place": row["place"]} for row in rows])
        self._run_all(insert(t.ledger_tiles), rows)
        return True

    def checkpoints(self) -> list[str]:
        """Every kept checkpoint, from the smallest tree."""
        return list(self._run(_CHECKPOINTS).scalars())

    def newest_checkpoint(self) -> str | None:
        """The kept checkpoint of the largest tree."""
        return self._run(_NEWEST).scalar_one_or_none()

    def add_checkpoint(self, size: int, at: int, note: str) -> None:
        """Keep a checkpoint; of those of the same hour that nobody has outside, only the newest stays."""
        self._must_write()
        self._run(_THIN, {"since": at - at % HOUR, "upto": size})
        try:
            with self._sql.begin_nested():
                self._run(insert(t.ledger_checkpoints), {"size": size, "at": at, "note": note})
        except IntegrityError:  # one of this size is outside, and stays
            return

    def add_witness(self, at: int, place: str, size: int) -> None:
        """Note that a checkpoint was written outside, in the place of what lay there before."""
        self._must_write()
        self._run(_REPLACED, {"where": place})
        self._run(insert(t.ledger_witnesses), {"at": at, "place": place, "size": size})

    def last_witness(self) -> tuple[int, str, int] | None:
        """When and where a checkpoint was last written outside, and of which size."""
        row = self._run(_WITNESSED).one_or_none()
        return None if row is None else (row.at, row.place, row.size)

    def recorded_at(self, position: int) -> int | None:
        """When an event was recorded; None where it is not there."""
        return self._run(_RECORDED, {"position": position}).scalar_one_or_none()

    def event_bytes(self, position: int) -> bytes | None:
        """The canonical bytes of an event; None where it is not there."""
        return self._run(_BYTES, {"position": position}).scalar_one_or_none()

    def head_page(self, after: str | None) -> Sequence[tuple[str, int | None]]:
        """Chains behind a name (None: from the first), each with the position of its last event (None: not there)."""
        rows = (self._run(_HEADS) if after is None else self._run(_NEXT_HEADS, {"after": after})).all()
        return [(row.application, row.position) for row in rows]

    def _counter(self, name: str) -> int:
        return int(self._run(_COUNTER, {"counter": name}).scalar_one_or_none() or 0)
