"""The keeper of the ledger: lets the tree follow the events, signs checkpoints, proves, and checks.

Writers know nothing of the tree. Positions are handed out by one counter in the transaction that writes the events, so
they have no gaps and are in the order of commits, on PostgreSQL too (the counter's row is locked until the commit). The
keeper takes committed events behind the tree's size in pages, hashes them outside of any transaction, and writes tiles
in a short one; of two keepers the slower starts anew. Before anything is signed, the kept tree must still have the
roots of the last checkpoint: what was signed once is never signed otherwise. What does not belong here: SQL (`tree`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from bridge.clock import Clock, to_micros
from bridge.errors import NotFound, StoreError
from bridge.ledger import merkle
from bridge.ledger.audit import Audit, FirstBad, Page, Verdict, flaw
from bridge.ledger.checkpoint import ORIGIN, BadCheckpoint, Checkpoint, opened, signed, verifier_key
from bridge.ledger.merkle import hashes
from bridge.ledger.tiles import Growing, TileReader, node_of
from bridge.storage.engine import SqlStore
from bridge.storage.signing import load_signing_key

SIGN_EVERY = 60_000_000
"""Microseconds between two checkpoints that upkeep signs by itself."""


class LedgerBroken(StoreError):
    """账本已被改动，不再签名，请运行 bridge audit verify (the ledger was changed: nothing more is signed)."""


@dataclass(frozen=True, slots=True)
class Proof:
    """That an event is in the tree of a checkpoint; paths by the name of the hash function."""

    position: int
    content: bytes
    checkpoint: Checkpoint
    note: str
    paths: dict[str, list[bytes]]


@dataclass(frozen=True, slots=True)
class Standing:
    """How the ledger stands. Instants are microseconds since the epoch."""

    events: int
    sealed: int
    checkpoint: Checkpoint | None
    outside: tuple[int, str, int] | None
    """When, where and of which size a checkpoint was last written outside."""
    exposed_since: int | None
    """When the oldest event was recorded that no checkpoint outside covers; None where there is none."""


class Keeper:
    """Keeps one ledger. Safe from any thread, beside any number of writers and other keepers."""

    def __init__(self, store: SqlStore, key_file: Path, clock: Clock) -> None:
        """`key_file` is read when something is first signed or checked."""
        self._store, self._key_file, self._clock = store, key_file, clock

    @cached_property
    def origin(self) -> str:
        """The ledger's name in checkpoints."""
        return ORIGIN + self._store.read(lambda unit: unit.installation())

    @cached_property
    def _key(self) -> Ed25519PrivateKey:
        return load_signing_key(self._key_file)

    def public_key(self) -> str:
        """The public key, as C2SP writes it. Raises SettingsError."""
        return verifier_key(self.origin, self._key.public_key())

    def extend(self) -> int:
        """Let the tree follow all committed events; its size then. Raises LedgerBroken, StoreError."""
        while True:
            size, total = self._store.read(lambda unit: (unit.tree_size(), unit.ledger_total()))
            if size >= total or not self._extend_from(size):
                return size

    def checkpoint(self) -> tuple[Checkpoint, str]:
        """The newest checkpoint, signed now unless the last one covers all events, and its text.

        Raises SettingsError (the key), LedgerBroken, StoreError.
        """
        size = self.extend()
        last = self._last()
        if last and last[0].size == size:
            return last
        made = Checkpoint(self.origin, size, **self._roots(size), at=to_micros(self._clock.now()))
        note = signed(made, self._key)
        self._store.write(lambda unit: unit.add_checkpoint(size, made.at, note))
        return opened(note, self.origin, self._key.public_key()), note

    def upkeep(self, *, end: bool) -> tuple[Checkpoint, str] | None:
        """What is due by itself: the tree always; a checkpoint at the `end` of a run, or once SIGN_EVERY has passed.

        The checkpoint where one was signed. Without a key file nothing is signed. Raises as `checkpoint`.
        """
        before, total = self._store.read(lambda unit: (unit.tree_size(), unit.ledger_total()))
        if before < total:
            self.extend()
        if not self._key_file.is_file():
            return None
        last = self._last()
        size, at = (last[0].size, last[0].at) if last else (0, 0)
        if size >= total or not (end or to_micros(self._clock.now()) - at >= SIGN_EVERY):
            return None
        return self.checkpoint()

    def agrees(self, checkpoint: Checkpoint) -> bool:
        """Whether the kept tree has the roots of a checkpoint; False too where it is smaller."""
        if checkpoint.size > self._store.read(lambda unit: unit.tree_size()):
            return False
        try:
            roots = self._roots(checkpoint.size)
        except LookupError:
            return False
        return roots == {"sha256": checkpoint.sha256, "sm3": checkpoint.sm3}

    def read_checkpoint(self, text: str) -> Checkpoint:
        """A checkpoint of ours out of its text. Raises BadCheckpoint, SettingsError."""
        return opened(text, self.origin, self._key.public_key())

    def witnessed(self, checkpoint: Checkpoint, place: str) -> None:
        """Note that a checkpoint was written outside."""
        now = to_micros(self._clock.now())
        self._store.write(lambda unit: unit.add_witness(now, place, checkpoint.size))

    def standing(self) -> Standing:
        """How the ledger stands. Raises BadCheckpoint, SettingsError, StoreError."""
        sealed, events, outside = self._store.read(
            lambda unit: (unit.tree_size(), unit.ledger_total(), unit.last_witness())
        )
        covered = outside[2] if outside else 0
        exposed = self._store.read(lambda unit: unit.recorded_at(covered + 1)) if covered < events else None
        last = self._last() if self._key_file.is_file() else None
        return Standing(events, sealed, last[0] if last else None, outside, exposed)

    def prove(self, position: int) -> Proof:
        """The proof that an event is in the tree of the last checkpoint.

        Raises NotFound where no checkpoint covers it yet.
        """
        last = self._last()
        content = self._store.read(lambda unit: unit.event_bytes(position))
        if last is None or content is None or not 0 < position <= last[0].size:
            raise NotFound("没有检查点包含这一条 (no checkpoint covers this event)")
        size = last[0].size
        paths = {
            name: merkle.inclusion(hash_, node_of(hash_, self._tiles(name)), position - 1, size)
            for name, hash_ in hashes().items()
        }
        return Proof(position, content, *last, paths)

    def consistency(self, old: int, size: int) -> dict[str, list[bytes]]:
        """The proofs that the tree of `old` events is the beginning of that of `size`. Raises ValueError."""
        return {
            name: merkle.consistency(hash_, node_of(hash_, self._tiles(name)), old, size)
            for name, hash_ in hashes().items()
        }

    def verify(
        self, outside: tuple[Checkpoint, ...] = (), progress: Callable[[int, int], None] = lambda _done, _total: None
    ) -> Verdict:
        """Check the whole ledger, also against kept checkpoints and those `outside`. Raises StoreError, SettingsError.

        Without a key file kept checkpoints are not looked at.
        """
        sealed, notes = self._store.read(lambda unit: (unit.tree_size(), unit.checkpoints()))
        kept: list[Checkpoint] = []
        if self._key_file.is_file():
            for note in notes:
                try:
                    kept.append(self.read_checkpoint(note))
                except BadCheckpoint as exc:
                    at = (kept[-1].size if kept else 0) + 1
                    return Verdict(0, FirstBad(at, None, "changed", str(exc), "a kept checkpoint was changed"), sealed)
        tiles = {name: self._tiles(name) for name in hashes()}
        audit = Audit(self._page, tiles, sealed, (*kept, *outside))
        verdict = audit.run(progress)
        bad = verdict.first_bad or self._bad_head(verdict.events)
        return Verdict(verdict.events, bad, verdict.sealed, verdict.checkpoints)

    def _bad_head(self, events: int) -> FirstBad | None:
        """A chain that is said to end where there is no such event."""
        after: str | None = None
        while page := self._store.read(lambda unit, after=after: unit.head_page(after)):  # type: ignore[misc]
            for application, position in page:
                if position is None:
                    why = ("链尾缺失", "a chain does not end where it is said to")
                    return FirstBad(events + 1, application or None, "truncated", *why)
            after = page[-1][0]
        return None

    def _extend_from(self, size: int) -> bool:
        """Add one page of events; False where there are none. Another keeper that was quicker is let go ahead."""
        page = self._page(size)
        if not page.rows:
            return False
        self._require_signed_past()
        trees = {name: Growing.resumed(hash_, size, self._tiles(name)) for name, hash_ in hashes().items()}
        for expected, row in enumerate(page.rows, start=size + 1):
            if flaw(row, expected, page.total):
                raise LedgerBroken
            for tree in trees.values():
                tree.append(tree.hash.leaf(row.content))
        tiles = {name: tree.take() for name, tree in trees.items()}
        self._store.write(lambda unit: unit.grow_tree(size, size + len(page.rows), tiles))
        return True

    def _require_signed_past(self) -> None:
        """Raise LedgerBroken where the kept tree has not the roots of the last checkpoint any more."""
        if not self._key_file.is_file():
            return
        try:
            last = self._last()
        except BadCheckpoint as exc:
            raise LedgerBroken from exc
        if last and not self.agrees(last[0]):
            raise LedgerBroken

    def _last(self) -> tuple[Checkpoint, str] | None:
        """The newest kept checkpoint, its signature checked, and its text. Raises BadCheckpoint."""
        note = self._store.read(lambda unit: unit.newest_checkpoint())
        return None if note is None else (self.read_checkpoint(note), note)

    def _roots(self, size: int) -> dict[str, bytes]:
        """Both roots of the first `size` events, out of kept tiles. Raises LookupError."""
        return {name: merkle.root(hash_, node_of(hash_, self._tiles(name)), size) for name, hash_ in hashes().items()}

    def _tiles(self, name: str) -> TileReader:
        """The kept tiles of one hash function."""

        def read(level: int, place: int) -> bytes:
            tile = self._store.read(lambda unit: unit.tile(level, place))
            if tile is None:
                raise LookupError("no such tile")
            return tile[name]

        return read

    def _page(self, after: int) -> Page:
        return self._store.read(lambda unit: unit.ledger_links(after))
