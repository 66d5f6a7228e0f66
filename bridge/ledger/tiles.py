"""Tiles: the kept form of the tree. 256 hashes of one level lie together, as in C2SP's `tlog-tiles`.

A tile at level L and place P holds the hashes of the complete subtrees of 256^L leaves numbered P·256 onwards: 256 of
them once it is full. A full tile's own root is one hash of the tile above it. So a tree of a million leaves is 3,925
tiles, adding leaves touches the last tile of each level alone, and a proof reads one tile or two a level. What does
not belong here: the tables in which tiles lie.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from bridge.ledger.merkle import WIDTH, Hash, peaks_root

HEIGHT = 8
FULL = 1 << HEIGHT
"""Hashes of a full tile."""

TileReader = Callable[[int, int], bytes]
"""(level, place) → the hashes of a tile, one behind the other. Raises LookupError where there is none."""


@dataclass(frozen=True, slots=True)
class Tile:
    """One tile of one hash function."""

    level: int
    place: int
    hashes: bytes

    @property
    def width(self) -> int:
        """How many hashes it holds."""
        return len(self.hashes) // WIDTH


def count(level: int, size: int) -> int:
    """How many complete subtrees of 256^level leaves a tree of `size` leaves has."""
    return size >> (HEIGHT * level)


def edge(size: int) -> Iterator[tuple[int, int, int]]:
    """The unfilled tiles at the right edge of a tree of `size` leaves: level, place, width (from 1 to 255)."""
    level = 0
    while count(level, size):
        place, width = divmod(count(level, size), FULL)
        if width:
            yield level, place, width
        level += 1


def parts(hashes: bytes) -> list[bytes]:
    """The hashes of a tile, one by one."""
    return [hashes[at : at + WIDTH] for at in range(0, len(hashes), WIDTH)]


def tile_root(hash_: Hash, row: Sequence[bytes]) -> bytes:
    """The root of a full tile, or of any power of two of hashes."""
    node = hash_.node
    while len(row) > 1:
        row = [node(row[at], row[at + 1]) for at in range(0, len(row), 2)]
    return row[0]


@dataclass(slots=True)
class Growing:
    """A tree to which leaves are added, as its unfilled tiles; every tile that changes is kept for `take`.

    Memory: at most 255 hashes a level, and what was not yet taken.
    """

    hash: Hash
    size: int = 0
    rows: list[list[bytes]] = field(default_factory=list)
    """Per level the hashes of the unfilled tile."""
    _full: list[Tile] = field(default_factory=list)

    @classmethod
    def resumed(cls, hash_: Hash, size: int, read: TileReader) -> Growing:
        """The tree of `size` leaves, from its kept tiles. Raises LookupError where one is missing or too short."""
        made = cls(hash_, size)
        for level, place, width in edge(size):
            made._row(level)
            made.rows[level] = parts(cut(read(level, place), width))
        return made

    def append(self, *leaves: bytes) -> None:
        """Add leaves, by their hashes."""
        while leaves:
            row = self._row(0)
            some, leaves = leaves[: FULL - len(row)], leaves[FULL - len(row) :]
            row += some
            self.size += len(some)
            if len(row) == FULL:
                self._carry(0)

    def _row(self, level: int) -> list[bytes]:
        """The hashes of the unfilled tile of a level."""
        while len(self.rows) <= level:
            self.rows.append([])
        return self.rows[level]

    def _carry(self, level: int) -> None:
        """Put a full tile aside, and its root into the tile above it."""
        row = self.rows[level]
        place = (self.size >> (HEIGHT * (level + 1))) - 1
        self._full.append(Tile(level, place, b"".join(row)))
        self.rows[level] = []
        above = self._row(level + 1)
        above.append(tile_root(self.hash, row))
        if len(above) == FULL:
            self._carry(level + 1)

    def take(self) -> list[Tile]:
        """The tiles filled since the last `take`, and those at the right edge as they are now."""
        return self.take_full() + [
            Tile(level, place, b"".join(self.rows[level])) for level, place, _ in edge(self.size)
        ]

    def take_full(self) -> list[Tile]:
        """The tiles filled since the last `take`."""
        taken, self._full = self._full, []
        return taken

    def root(self) -> bytes:
        """The root of the tree as it is now."""
        peaks: list[bytes] = []
        for row in reversed(self.rows):
            peaks += _peaks(self.hash, row)
        return peaks_root(self.hash, peaks)


def node_of(hash_: Hash, read: TileReader) -> Callable[[int, int], bytes]:
    """The hash of any complete subtree, out of tiles; each tile is read once.

    Raises LookupError where a tile is missing or too short.
    """
    seen: dict[tuple[int, int], bytes] = {}

    def node(level: int, place: int) -> bytes:
        tile_level, inside = divmod(level, HEIGHT)
        first = place << inside
        key = (tile_level, first >> HEIGHT)
        if key not in seen:
            seen[key] = read(*key)
        start = first & (FULL - 1)
        hashes = cut(seen[key], start + (1 << inside))
        return tile_root(hash_, parts(hashes[start * WIDTH :]))

    return node


def cut(hashes: bytes, width: int) -> bytes:
    """The first `width` hashes of a tile. Raises LookupError where it does not have as many."""
    if len(hashes) < width * WIDTH:
        raise LookupError("a tile is too short")
    return hashes[: width * WIDTH]


def _peaks(hash_: Hash, row: Sequence[bytes]) -> list[bytes]:
    """The roots of the complete subtrees that a row of hashes is made of, from the largest."""
    peaks, start = [], 0
    while start < len(row):
        size = 1 << ((len(row) - start).bit_length() - 1)
        peaks.append(tile_root(hash_, row[start : start + size]))
        start += size
    return peaks
