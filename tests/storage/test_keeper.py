"""The laws of the keeper: the tree follows the writers, what is signed holds, nothing behind its back goes unseen."""

from __future__ import annotations

import base64
import sqlite3
import threading
from contextlib import closing

import pytest
from sqlalchemy import make_url

from bridge.clock import to_micros
from bridge.errors import NotFound, SettingsError, StoreError
from bridge.ledger import merkle
from bridge.ledger.chain import GENESIS, chained
from bridge.ledger.checkpoint import BadCheckpoint, Checkpoint, signed
from bridge.ledger.merkle import hashes
from bridge.ports.events import Event
from bridge.storage.engine import SqlStore
from bridge.storage.keeper import SIGN_EVERY, Keeper, LedgerBroken
from bridge.storage.signing import create_signing_key, load_signing_key

COUNT = 12


def note(store, count: int, *names: str | None) -> None:
    """Write some events, by turns of these applications."""
    for at in range(count):
        event = Event("noted", 1_000_000 + at, application=names[at % len(names)], data={"n": at})
        store.write(lambda unit, event=event: unit.append([event]))


def sql(url: str, *statements: str) -> None:
    """Behind the bridge's back."""
    with closing(sqlite3.connect(make_url(url).database)) as connection, connection:
        for statement in statements:
            connection.execute(statement)


def named(verdict) -> tuple[int, str] | None:
    """Which is bad, and how."""
    return verdict.first_bad and (verdict.first_bad.position, verdict.first_bad.kind)


@pytest.fixture
def kept(store, keeper):
    """A small ledger under a checkpoint, and one event behind it."""
    note(store, COUNT - 1, "a", "b", None)
    keeper.checkpoint()
    note(store, 1, "c")
    return keeper


@pytest.fixture
def copied(kept, url, tmp_path, keyring, clock):
    """Make a keeper over a copy of that ledger's database in which some statements were run."""
    del kept
    place = tmp_path / "copy" / "bridge.db"

    def make(*statements: str) -> Keeper:
        place.parent.mkdir(exist_ok=True)
        place.unlink(missing_ok=True)
        with closing(sqlite3.connect(make_url(url).database)) as one, closing(sqlite3.connect(place)) as other:
            one.backup(other)
        sql(f"sqlite:///{place}", *statements)
        return Keeper(SqlStore(f"sqlite:///{place}", keyring, clock), tmp_path / "keys" / "ledger.pem", clock)

    return make


def shift(at: int, by: int) -> tuple[str, str]:
    """Move all events from a position on by one, up or down."""
    return (
        f"UPDATE ledger_events SET position = -position WHERE position >= {at}",
        f"UPDATE ledger_events SET position = -position + {by} WHERE position < 0",
    )


COLUMNS = "previous, digest, bytes, at, recorded_at, act"


@pytest.mark.parametrize("at", range(1, COUNT + 1))
def test_every_event_every_way(kept, copied, at):
    """One event changed, dropped, inserted, reordered or cut off, anywhere, by SQL, is named with what happened."""
    last = at == COUNT
    gone = "truncated" if last else "missing"
    drop = f"DELETE FROM ledger_events WHERE position = {at}"
    copy = f"INSERT INTO ledger_events SELECT {at}, 'z', 1, {COLUMNS} FROM ledger_events WHERE position = {at + 1}"
    counted = f"UPDATE counters SET value = {COUNT + 1} WHERE name = 'ledger'"
    ways = {
        f"UPDATE ledger_events SET bytes = CAST(replace(bytes, 'noted', 'notes') AS BLOB) WHERE position = {at}"
        "": "changed",
        f"UPDATE ledger_events SET recorded_at = recorded_at + 1 WHERE position = {at}": "changed",
        f"UPDATE ledger_events SET bytes = 'text' WHERE position = {at}": "changed",
        drop: gone,
        ";".join((drop, *shift(at + 1, -1))): gone,
        ";".join((*shift(at, 1), copy, counted)): "inserted",
        f"DELETE FROM ledger_events WHERE position >= {at}": "truncated",
    }
    if not last:
        ways[
            f"UPDATE ledger_events SET position = -99 WHERE position = {at};"
            f"UPDATE ledger_events SET position = {at} WHERE position = {at + 1};"
            f"UPDATE ledger_events SET position = {at + 1} WHERE position = -99"
        ] = "reordered"
    assert kept.verify().ok
    for way, kind in ways.items():
        assert named(copied(*way.split(";")).verify()) == (at, kind), way


def test_every_byte_of_an_event(kept, copied, tmp_path):
    """Whichever byte of an event is changed, it is found and the event named."""
    other = copied()
    place = f"sqlite:///{tmp_path / 'copy' / 'bridge.db'}"
    content = kept._store.read(lambda unit: unit.event_bytes(5))
    for at in range(len(content)):
        changed = content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :]
        sql(place, f"UPDATE ledger_events SET bytes = x'{changed.hex()}' WHERE position = 5")
        assert named(other.verify()) == (5, "changed")


@pytest.mark.parametrize("column", ["sha256", "sm3"])
def test_the_kept_tree(copied, column):
    """A kept tile that was changed, cut or dropped is found."""
    for way in (
        f"UPDATE ledger_tiles SET {column} = CAST(x'00' || substr({column}, 2) AS BLOB)",
        f"UPDATE ledger_tiles SET {column} = substr({column}, 1, 64)",
        "DELETE FROM ledger_tiles",
    ):
        assert not copied(way).verify().ok


def test_heads(copied):
    """A chain whose recorded end was dropped, moved back or forward is found."""
    for way in (
        "DELETE FROM ledger_heads WHERE application = 'a'",
        "UPDATE ledger_heads SET sequence = 1 WHERE application = 'b'",
        "UPDATE ledger_heads SET sequence = 99 WHERE application = 'b'",
        "UPDATE ledger_heads SET digest = 'x' WHERE application = ''",
    ):
        assert not copied(way).verify().ok


def rewritten(count: int, start: int) -> list[str]:
    """A ledger written anew from a position on by somebody who knows everything but the signing key: SQL."""
    statements = [
        "DELETE FROM ledger_events",
        "DELETE FROM ledger_heads",
        f"UPDATE counters SET value = {count} WHERE name = 'ledger'",
    ]
    ends: dict[str, tuple[int, str]] = {}
    for at in range(count):
        name = ("a", "b", None)[at % 3]
        sequence, previous = ends.get(name or "", (0, GENESIS))
        data = {"n": at if at + 1 < start else "forged"}
        event = Event("noted", 1_000_000 + at, application=name, data=data)
        row = chained(event, position=at + 1, sequence=sequence + 1, previous=previous, recorded_at=at)
        ends[row.application] = (row.sequence, row.digest)
        statements.append(
            f"INSERT INTO ledger_events VALUES ({row.position}, '{row.application}', {row.sequence}, '{row.previous}',"
            f" '{row.digest}', x'{row.content.hex()}', {row.at}, {row.recorded_at}, '{row.act}')"
        )
    statements += [f"INSERT INTO ledger_heads VALUES ('{name}', {at}, '{end}')" for name, (at, end) in ends.items()]
    return statements


def test_a_rewritten_ledger_without_the_key(copied, tmp_path, clock):
    """Who rewrites events, chains and tree but cannot sign is found by the kept checkpoint, and nothing is signed."""
    way = rewritten(COUNT, 4)
    forger = copied(*way)
    assert not forger.verify().ok
    tree = ["DELETE FROM ledger_tiles", "UPDATE counters SET value = 0 WHERE name = 'ledger_tree'"]
    forger = copied(*way, *tree)
    unsigned = Keeper(forger._store, tmp_path / "no-key", clock)
    unsigned.extend()
    assert unsigned.verify().ok  # whoever cannot check signatures sees nothing
    bad = forger.verify().first_bad
    assert bad is not None
    assert (bad.kind, bad.until) == ("changed", COUNT - 1)
    note(forger._store, 1, "a")
    with pytest.raises(LedgerBroken):
        forger.checkpoint()


def test_an_older_checkpoint_outside(kept, copied):
    """A ledger cut or rewritten with its tree and its own checkpoints does not pass one that was kept outside."""
    outside, text = kept.checkpoint()
    assert kept.read_checkpoint(text) == outside
    empty = ["DELETE FROM ledger_tiles", "DELETE FROM ledger_checkpoints"]
    tree = [*empty, "UPDATE counters SET value = 0 WHERE name = 'ledger_tree'"]
    forger = copied(*rewritten(COUNT, 4), *tree)
    forger.checkpoint()  # even with the key
    assert forger.verify().ok
    assert named(forger.verify((outside,)))[1] == "changed"
    assert not forger.agrees(outside)
    cut = copied(*rewritten(7, 99), *tree)
    cut.checkpoint()
    assert cut.verify().ok
    assert named(cut.verify((outside,))) == (8, "truncated")
    assert kept.verify((outside,)).ok


def test_checkpoints_that_are_not_ours(kept, tmp_path):
    """A checkpoint with any byte changed, of another ledger, or signed with another key is not taken."""
    made, text = kept.checkpoint()
    raw = text.encode()
    for at in range(len(raw)):
        changed = (raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1 :]).decode("utf-8", "replace")
        with pytest.raises(BadCheckpoint):
            kept.read_checkpoint(changed)
    create_signing_key(tmp_path / "other.pem")
    strange = signed(made, load_signing_key(tmp_path / "other.pem"))
    other = Checkpoint("permit-bridge/other", made.size, made.sha256, made.sm3, made.at)
    for words in (strange, signed(other, load_signing_key(tmp_path / "keys" / "ledger.pem")), "", text[:-1], text * 2):
        with pytest.raises(BadCheckpoint):
            kept.read_checkpoint(words)
    assert kept.read_checkpoint(text + strange.split("\n\n")[1]) == made  # a witness may sign, too


def test_the_form_is_c2sps(kept):
    """A checkpoint is a signed note: origin, size, root; a blank line; an em dash, the name, key hash and signature."""
    made, text = kept.checkpoint()
    body, _, signature = text.partition("\n\n")
    origin, size, root, *_ = body.split("\n")
    assert (origin, size, base64.b64decode(root)) == (kept.origin, str(COUNT), made.sha256)
    name, mark, _ = kept.public_key().split("+", 2)
    dash, signer, value = signature.rstrip("\n").split(" ")
    assert (dash, signer, name) == ("—", origin, origin)
    assert base64.b64decode(value)[:4].hex() == mark


def test_every_event_is_proved(store, keeper):
    """For every event of a ledger over several tiles the proof holds by both functions, and consistency holds too."""
    note(store, 300, "a", "b")
    first, _ = keeper.checkpoint()
    note(store, 300, "b", None)
    last, _ = keeper.checkpoint()
    for position in (1, 2, 255, 256, 257, 299, 300, 301, 511, 512, 513, 600):
        proof = keeper.prove(position)
        for name, hash_ in hashes().items():
            leaf, root = hash_.leaf(proof.content), getattr(last, name)
            assert merkle.verify_inclusion(hash_, leaf, position - 1, 600, proof.paths[name], root)
    for name, path in keeper.consistency(first.size, last.size).items():
        roots = getattr(first, name), getattr(last, name)
        assert merkle.verify_consistency(hashes()[name], first.size, last.size, path, *roots)
    for position in (0, 601):
        with pytest.raises(NotFound):
            keeper.prove(position)


def test_nothing_is_signed_over_a_broken_event(kept, url):
    """An event that was changed before it was sealed, and a tile changed after, stop the signing."""
    sql(url, f"UPDATE ledger_events SET act = 'x' WHERE position = {COUNT}")
    with pytest.raises(LedgerBroken):
        kept.checkpoint()
    sql(url, f"UPDATE ledger_events SET act = 'noted' WHERE position = {COUNT}")
    sql(url, "UPDATE ledger_tiles SET sm3 = CAST(x'00' || substr(sm3, 2) AS BLOB)")
    with pytest.raises(LedgerBroken):
        kept.checkpoint()


def test_upkeep(store, keeper, clock):
    """The tree follows at once, a checkpoint is signed once a minute or at the end; of an hour one stays."""
    assert keeper.upkeep(end=True) is None
    for _ in range(5):
        note(store, 2, "a")
        clock.move(SIGN_EVERY / 1_000_000)
        assert keeper.upkeep(end=False) is not None
        note(store, 1, "a")
        assert keeper.upkeep(end=False) is None
        assert keeper.standing().sealed == keeper.standing().events
    assert keeper.upkeep(end=True) is not None
    assert keeper.upkeep(end=True) is None
    assert len(store.read(lambda unit: unit.checkpoints())) == 1
    clock.move(3600)
    note(store, 1, "a")
    keeper.upkeep(end=True)
    assert len(store.read(lambda unit: unit.checkpoints())) == 2
    assert keeper.verify().checkpoints == 2


def test_standing(store, keeper, clock):
    """It is told when a checkpoint was last written outside, and since when an event has been without one."""
    began = to_micros(clock.now())
    note(store, 3, "a")
    assert keeper.standing().exposed_since == began
    made, _ = keeper.checkpoint()
    clock.move(60)
    keeper.witnessed(made, "/mnt/witness")
    assert keeper.standing().exposed_since is None
    assert keeper.standing().outside == (began + 60_000_000, "/mnt/witness", 3)
    clock.move(60)
    note(store, 1, "a")
    keeper.checkpoint()
    assert keeper.standing().exposed_since == began + 120_000_000
    assert len(store.read(lambda unit: unit.checkpoints())) == 2  # the one outside stays


def test_writers_and_keepers_side_by_side(store, url, keyring, keeper):
    """While some write, several keepers of several stores let one tree grow; it is whole at every moment."""
    stores = [SqlStore(url, keyring, keeper._clock) for _ in range(2)]
    keepers = [Keeper(one, keeper._key_file, keeper._clock) for one in stores]
    ended, failures = threading.Event(), []

    def keep(one: Keeper) -> None:
        try:
            while not ended.is_set():
                one.checkpoint()
                if bad := one.verify().first_bad:
                    failures.append(bad)
        except StoreError as error:
            failures.append(error)

    threads = [threading.Thread(target=keep, args=(one,)) for one in keepers]
    for thread in threads:
        thread.start()
    note(store, 400, "a", "b", None)
    ended.set()
    for thread in threads:
        thread.join()
    assert failures == []
    assert keeper.checkpoint()[0].size == 400
    assert keeper.verify().ok
    for one in stores:
        one.close()


def test_the_signing_key_file(tmp_path):
    """The key is ours alone, never overwritten, and a missing, open or damaged file is a SettingsError."""
    path = tmp_path / "ledger.pem"
    create_signing_key(path)
    assert path.stat().st_mode & 0o777 == 0o600
    with pytest.raises(SettingsError):
        create_signing_key(path)
    with pytest.raises(SettingsError):
        load_signing_key(tmp_path / "none")
    path.chmod(0o640)
    with pytest.raises(SettingsError):
        load_signing_key(path)
    path.chmod(0o600)
    path.write_bytes(b"x")
    with pytest.raises(SettingsError):
        load_signing_key(path)
