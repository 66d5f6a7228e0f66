"""Checking the whole ledger as a stream: chains, digests, columns, the kept tree, and signed checkpoints.

Every row is read once, in the order of positions, together with the row before it in its chain; so nothing is kept in
memory but the right edge of the tree. Where something does not fit, the first bad entry is named with what happened to
it: `changed`, `missing`, `inserted`, `reordered` or `truncated`. What does not belong here: reading rows and tiles.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

import orjson

from bridge.ledger.chain import GENESIS
from bridge.ledger.checkpoint import Checkpoint
from bridge.ledger.merkle import WIDTH, hashes
from bridge.ledger.tiles import FULL, Growing, Tile, TileReader

Kind = Literal["changed", "missing", "inserted", "reordered", "truncated"]

FIRST = -(1 << 63)
"""Before any position that a database could hold."""


class Link(NamedTuple):
    """A kept event with what stands before it in its chain, and where its chain says that it ends."""

    position: int
    application: str
    sequence: int
    previous: str
    digest: str
    content: bytes
    at: int
    recorded_at: int
    act: str
    before: int | None
    """Position of the event before it in its chain; None where there is none."""
    before_digest: str | None
    head: int | None
    """The sequence at which its chain ends, as the table of chains has it."""


class Page(NamedTuple):
    """Rows behind a position, and how many events there should be at that moment, read in one transaction."""

    rows: Sequence[Link]
    total: int


ReadPage = Callable[[int], Page]
"""The rows behind a position, in order; none at the end."""


@dataclass(frozen=True, slots=True)
class FirstBad:
    """The first entry that does not fit, what happened to it, and how that is seen (Chinese, then English)."""

    position: int
    application: str | None
    """None where the entry is not there, or is of no application."""
    kind: Kind
    why: str
    why_en: str
    until: int | None = None
    """Where only a range is known: its last position."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a check of the ledger found."""

    events: int
    """Rows that were read."""
    first_bad: FirstBad | None
    sealed: int = 0
    """Events that the kept tree covers."""
    checkpoints: int = 0
    """Signed checkpoints that the ledger was compared with."""

    @property
    def ok(self) -> bool:
        """Whether everything fits."""
        return self.first_bad is None


class Audit:
    """One check of a whole ledger."""

    def __init__(
        self, read: ReadPage, tiles: Mapping[str, TileReader], sealed: int, checkpoints: Iterable[Checkpoint] = ()
    ) -> None:
        """`tiles` by the name of the hash function; `sealed` is the size of the kept tree."""
        self._read, self._tiles, self._sealed = read, tiles, sealed
        self._checkpoints: dict[int, list[Checkpoint]] = {}
        for one in checkpoints:
            self._checkpoints.setdefault(one.size, []).append(one)
        self._stops = sorted({*self._checkpoints, sealed})
        self._witnessed = 0
        """The size of the largest checkpoint that the rows agree with."""
        self._trees = {name: Growing(hash_) for name, hash_ in hashes().items()}
        self._rows = 0
        self._last: Page = Page((), 0)

    def run(self, progress: Callable[[int, int], None] = lambda _done, _total: None) -> Verdict:
        """Read everything; stops at the first bad entry. `progress` is told rows read, and how many there should be."""
        bad = self._marks(0)
        after, reading = FIRST, True
        while reading and bad is None:
            self._last = self._read(after)
            bad = self._page(self._last)
            reading = bool(self._last.rows)
            after = self._last.rows[-1].position if reading else after
            progress(self._rows, self._last.total)
        count = sum(len(ones) for ones in self._checkpoints.values())
        return Verdict(self._rows, bad or self._end(), self._sealed, count)

    def _page(self, page: Page) -> FirstBad | None:
        """Check rows, in blocks that end where tiles and checkpoints do."""
        at = 0
        while at < len(page.rows):
            size = self._stop() - self._rows
            if bad := self._block(page.rows[at : at + size], page.total):
                return bad
            at += size
        return None

    def _block(self, rows: Sequence[Link], total: int) -> FirstBad | None:
        """Check rows up to a stop, and what they complete."""
        tree, other = self._trees.values()
        leaf, other_leaf = tree.hash.leaf, other.hash.leaf
        leaves: list[bytes] = []
        other_leaves: list[bytes] = []
        found: tuple[Link, tuple[str, str]] | None = None
        for expected, row in enumerate(rows, start=self._rows + 1):
            if why := flaw(row, expected, total):
                found = row, why
                break
            leaves.append(leaf(row.content))
            other_leaves.append(other_leaf(row.content))
        stop = self._stop()
        tree.append(*leaves)
        other.append(*other_leaves)
        self._rows += len(leaves)
        if bad := self._compare(self._full()):
            return bad
        if found:
            return self._earlier() or self._named(self._rows + 1, *found)
        return self._marks(stop) if self._rows == stop else None

    def _stop(self) -> int:
        """The next size at which something is compared."""
        full = (self._rows // FULL + 1) * FULL
        at = bisect_right(self._stops, self._rows)
        return min(self._stops[at], full) if at < len(self._stops) else full

    def _end(self) -> FirstBad | None:
        """What is missing behind the last row."""
        there_should_be = max(self._last.total, self._stops[-1])
        if self._rows >= there_should_be:
            return None
        if bad := self._earlier():
            return bad
        return FirstBad(self._rows + 1, None, "truncated", "账本末尾被截断", "the end of the ledger was cut off")

    def _marks(self, size: int) -> FirstBad | None:
        """Compare the tree at a size with the kept tree that ends there, and with checkpoints."""
        if size and size == self._sealed:
            edge = [(name, tile) for name, tree in self._trees.items() for tile in tree.take()]
            if bad := self._compare(edge):
                return bad
        for one in self._checkpoints.get(size, ()):
            if any(tree.root() != getattr(one, name) for name, tree in self._trees.items()):
                return self._earlier() or FirstBad(
                    min(self._witnessed + 1, max(size, 1)),
                    None,
                    "changed",
                    f"与检查点（{size} 条）不符，此范围内有改写",
                    f"it does not agree with the checkpoint of {size} events: something in this range was rewritten",
                    until=size,
                )
            self._witnessed = size
        return None

    def _full(self) -> list[tuple[str, Tile]]:
        """The tiles that were filled since the last time, those that the kept tree has."""
        taken = [(name, tile) for name, tree in self._trees.items() for tile in tree.take_full()]
        return taken if self._rows <= self._sealed else []

    def _compare(self, tiles: Sequence[tuple[str, Tile]]) -> FirstBad | None:
        """Compare tiles with the kept ones."""
        return next((bad for name, tile in tiles if (bad := self._differs(name, tile))), None)

    def _differs(self, name: str, tile: Tile) -> FirstBad | None:
        """Where a tile is not the kept one: the row whose leaf differs, or the tile itself."""
        first = tile.place * FULL << (8 * tile.level)
        try:
            kept = self._tiles[name](tile.level, tile.place)
        except LookupError:
            kept = b""
        if kept[: len(tile.hashes)] == tile.hashes:
            return None
        if tile.level or not kept:
            return FirstBad(
                first + 1,
                None,
                "changed",
                "哈希树节点缺失或被改动",
                "a kept node of the tree was changed or is missing",
            )
        at = first + _first_difference(kept, tile.hashes) + 1
        rows = self._read(at - 1).rows
        why = ("内容与哈希树不符", "the content is not what the tree has")
        return self._named(at, rows[0] if rows else None, why)

    def _earlier(self) -> FirstBad | None:
        """A leaf before the row where a check failed that is not the tree's: the forged row is named, no neighbour."""
        if self._rows > self._sealed:
            return None
        for name, tree in self._trees.items():
            row = tree.rows[0] if tree.rows else []
            if row and (bad := self._differs(name, Tile(0, self._rows // FULL, b"".join(row)))):
                return bad
        return None

    def _named(self, position: int, row: Link | None, why: tuple[str, str]) -> FirstBad:
        """The first bad entry, with what happened to it: judged by where each event itself says that it belongs."""
        owner = self._where(position)
        claims = _claim(row.content) if row else None
        misplaced: Kind = "reordered" if claims and claims > position else "inserted"
        if row and (row.position < 1 or position > self._last.total):
            held = self._read(claims - 1).rows[:1] if claims and claims > 0 else []
            kind: Kind = "reordered" if claims and not (held and held[0].position == claims) else "inserted"
        elif row is None or row.position > position:
            return FirstBad(position, None, "reordered" if owner else "missing" if row else "truncated", *why)
        elif owner:
            kind = misplaced
        else:
            kind = "missing" if misplaced == "reordered" else "changed"
        return FirstBad(row.position, row.application or None, kind, *why)

    def _where(self, position: int) -> int | None:
        """The row behind a position that holds the event which says that it belongs there."""
        words = b'"position":%d,' % position
        for row in self._behind(position):
            if words in row.content and _claim(row.content) == position:
                return row.position
        return None

    def _behind(self, after: int) -> Iterator[Link]:
        """All rows behind a position."""
        while rows := self._read(after).rows:
            yield from rows
            after = rows[-1].position


def flaw(row: Link, expected: int, total: int) -> tuple[str, str] | None:
    """What is wrong with one row at its place, if anything."""
    content = row.content
    if row.position != expected or row.position > total:
        return "位置不连续，有删除、插入或调换", "the positions have a gap: a row was deleted, inserted or moved"
    if row.digest != "sha256:" + hashlib.sha256(content).hexdigest():
        return "内容与摘要不符", "the content does not have its digest"
    kept = _read_content(content)
    if kept != row[:4] + row[6:9]:
        return "明列与内容不符", "its columns do not say what its content says"
    if row.sequence == 1:
        follows = row.before is None and row.previous == GENESIS
    else:
        follows = row.before is not None and row.before < expected and row.before_digest == row.previous
    if not follows:
        return "与前一条不相连", "it does not follow the row before it in its chain"
    if row.head is None or row.head < row.sequence:
        return "所属链的末端记录缺失或倒退", "its chain is said to end before it, or not to be"
    return None


def _read_content(content: bytes) -> tuple[Any, ...] | None:
    """What an event's content says of its columns; None where it cannot be read."""
    try:
        kept = orjson.loads(content)
        return (
            kept["position"],
            kept["application"] or "",
            kept["sequence"],
            kept["previous"],
            kept["at"],
            kept["recorded_at"],
            kept["act"],
        )
    except (ValueError, KeyError, TypeError):
        return None


def _claim(content: bytes) -> int | None:
    """The position that an event itself says."""
    kept = _read_content(content)
    return kept[0] if kept and isinstance(kept[0], int) else None


def _first_difference(one: bytes, other: bytes) -> int:
    """The number of the first hash that differs."""
    for at in range(0, len(other), WIDTH):
        if one[at : at + WIDTH] != other[at : at + WIDTH]:
            return at // WIDTH
    return 0
