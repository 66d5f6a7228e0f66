"""The laws of checking: whatever is done to whichever entry is found, and the first bad entry named with its kind."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.ledger.audit import Audit, Link, Page, Verdict
from bridge.ledger.chain import GENESIS, chained, digest
from bridge.ledger.checkpoint import Checkpoint
from bridge.ledger.merkle import hashes
from bridge.ledger.tiles import Growing
from bridge.ports.events import Event

SIZES = (1, 3, 1000)
"""Rows a page may hold: page borders fall everywhere."""


def ledger(*applications: str | None) -> list[Link]:
    """A whole ledger with one event for each name, in this order."""
    rows: list[Link] = []
    ends: dict[str, Link] = {}
    for place, name in enumerate(applications, start=1):
        end = ends.get(name or "")
        row = chained(
            Event("noted", 1000 + place, application=name, data={"n": place}),
            position=place,
            sequence=end.sequence + 1 if end else 1,
            previous=end.digest if end else GENESIS,
            recorded_at=2000 + place,
        )
        kept = (row.position, row.application, row.sequence, row.previous, row.digest, row.content)
        ends[row.application] = Link(*kept, row.at, row.recorded_at, row.act, None, None, None)
        rows.append(ends[row.application])
    return rows


def neighbours(rows: Sequence[Link], heads: Sequence[Link]) -> list[Link]:
    """The rows as a database would join them with what stands before them, and with the ends of chains."""
    ends = {row.application: row.sequence for row in heads}
    found = {(row.application, row.sequence): row for row in rows}
    joined = []
    for row in sorted(rows):
        before = found.get((row.application, row.sequence - 1))
        at, digest_ = (before.position, before.digest) if before else (None, None)
        joined.append(row._replace(before=at, before_digest=digest_, head=ends.get(row.application)))
    return joined


def tree(rows: Sequence[Link]) -> tuple[dict, Checkpoint]:
    """The kept tiles of rows, and the checkpoint over them."""
    kept, roots = {}, {}
    for name, hash_ in hashes().items():
        grown = Growing(hash_)
        grown.append(*(hash_.leaf(row.content) for row in rows))
        kept[name] = {(tile.level, tile.place): tile.hashes for tile in grown.take()}
        roots[name] = grown.root()
    return kept, Checkpoint("x", len(rows), **roots, at=0)


def check(rows, *, whole=None, total=None, tiles=None, sealed=0, checkpoints=(), size=1000) -> Verdict:
    """Check rows as a database would give them."""
    joined = neighbours(rows, whole or rows)
    total = len(whole or rows) if total is None else total

    def read(after: int) -> Page:
        return Page([row for row in joined if row.position > after][:size], total)

    readers = {
        name: (lambda level, place, name=name: (tiles or {}).get(name, {})[level, place]) for name in ("sha256", "sm3")
    }
    return Audit(read, readers, sealed, checkpoints).run()


WHOLE = ledger("a", "b", None, "a", "b", "a", None, "c", "a")
TILES, CHECKPOINT = tree(WHOLE)
SEALED = {"tiles": TILES, "sealed": len(WHOLE), "checkpoints": (CHECKPOINT,)}


def named(verdict: Verdict) -> tuple[int, str] | None:
    """Which is bad, and how."""
    return verdict.first_bad and (verdict.first_bad.position, verdict.first_bad.kind)


def forged(row: Link, content: bytes) -> Link:
    """The row with other content, by somebody who also wrote its digest."""
    return row._replace(content=content, digest=digest(content))


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("how", [{}, SEALED], ids=["unsealed", "sealed"])
def test_a_whole_ledger_is_found_whole(how, size):
    """A ledger that nobody touched passes, and its events are counted; so does an empty one."""
    verdict = check(WHOLE, size=size, **how)
    assert (verdict.ok, verdict.events) == (True, len(WHOLE))
    assert check([]).ok


@pytest.mark.parametrize("how", [{}, SEALED], ids=["unsealed", "sealed"])
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("at", range(len(WHOLE)))
def test_one_event_at_every_place(at, size, how):
    """An event changed, dropped, copied in or swapped with the next, at every place, is named there with its kind."""
    row, rest = WHOLE[at], [*WHOLE[:at], *WHOLE[at + 1 :]]
    judge = lambda rows, **more: named(check(rows, whole=WHOLE, size=size, **how, **more))  # noqa: E731 - said once
    last = at == len(WHOLE) - 1
    assert judge([*rest, row._replace(content=row.content + b" ")]) == (at + 1, "changed")
    assert judge([*rest, row._replace(act="other")]) == (at + 1, "changed")
    assert judge(rest) == (at + 1, "truncated" if last else "missing")
    behind = [one._replace(position=one.position - 1) for one in WHOLE[at + 1 :]]
    assert judge([*WHOLE[:at], *behind]) == (at + 1, "truncated" if last else "missing")
    if not last:
        following = WHOLE[at + 1]
        swapped = [row._replace(position=at + 2), following._replace(position=at + 1)]
        assert judge([*WHOLE[:at], *swapped, *WHOLE[at + 2 :]]) == (at + 1, "reordered")
    pushed = [one._replace(position=one.position + 1) for one in WHOLE[at:]]
    copy = WHOLE[0]._replace(position=at + 1, application="z")
    assert judge([*WHOLE[:at], copy, *pushed], total=len(WHOLE) + 1) == (at + 1, "inserted")
    outside = row._replace(position=99, application="z")
    assert judge([*WHOLE, outside]) == (99, "inserted")


@pytest.mark.parametrize("at", range(len(WHOLE)))
def test_a_forged_event_is_named_itself(at):
    """An event that was rewritten with digest and chain is named itself where the tree has it, not the one behind."""
    row = WHOLE[at]
    changed = forged(row, row.content.replace(b'"n":', b'"m":'))
    rows = [*WHOLE[:at], changed, *WHOLE[at + 1 :]]
    assert named(check(rows, **SEALED)) == (at + 1, "changed")


def test_a_forged_event_that_no_tree_has():
    """An event that was rewritten with its digest before it was sealed is found at the event behind it in its chain."""
    rows = [*WHOLE[:3], forged(WHOLE[3], WHOLE[3].content.replace(b'"n":4', b'"n":9')), *WHOLE[4:]]
    assert named(check(rows)) == (6, "changed")


@pytest.mark.parametrize("size", range(len(WHOLE)))
def test_truncation_is_seen_from_outside(size):
    """A ledger cut at any place, with its heads, its counter and its tree, does not pass a checkpoint from before."""
    rows = WHOLE[:size]
    tiles, _ = tree(rows)
    how = {"tiles": tiles, "sealed": size}
    assert check(rows, **how).ok
    assert named(check(rows, **how, checkpoints=(CHECKPOINT,))) == (size + 1, "truncated")


@pytest.mark.parametrize("at", range(len(WHOLE)))
def test_a_rewritten_tail_is_seen_from_outside(at):
    """A tail that was rewritten whole, with chains, heads and tree, does not pass a checkpoint from before."""
    names = [row.application or None for row in WHOLE]
    rows = ledger(*names[:at], "forged", *names[at + 1 :])
    tiles, _ = tree(rows)
    how = {"tiles": tiles, "sealed": len(rows)}
    assert check(rows, **how).ok
    _, before = tree(WHOLE[:at])
    bad = check(rows, **how, checkpoints=(before, CHECKPOINT)).first_bad
    assert bad is not None
    assert (bad.position, bad.until, bad.kind) == (at + 1, len(rows), "changed")


@pytest.mark.parametrize("name", ["sha256", "sm3"])
@pytest.mark.parametrize("at", range(len(WHOLE)))
def test_a_changed_node_is_found(at, name):
    """Whichever hash of the kept tree changes, by whichever function, it is found."""
    hashes_ = TILES[name][0, 0]
    broken = hashes_[: at * 32] + bytes([hashes_[at * 32] ^ 1]) + hashes_[at * 32 + 1 :]
    tiles = {**TILES, name: {(0, 0): broken}}
    assert named(check(WHOLE, tiles=tiles, sealed=len(WHOLE))) == (at + 1, "changed")
    assert not check(WHOLE, tiles={**TILES, name: {}}, sealed=len(WHOLE)).ok


@given(st.data())
def test_no_single_byte_can_change(data):
    """Whichever byte of whichever row changes, also with its digest, the check fails and names the row."""
    place = data.draw(st.integers(0, len(WHOLE) - 1))
    row = WHOLE[place]
    at = data.draw(st.integers(0, len(row.content) - 1))
    flip = data.draw(st.integers(1, 255))
    content = row.content[:at] + bytes([row.content[at] ^ flip]) + row.content[at + 1 :]
    for changed in (row._replace(content=content), forged(row, content)):
        verdict = check([*WHOLE[:place], changed, *WHOLE[place + 1 :]], **SEALED)
        assert verdict.first_bad is not None
        assert verdict.first_bad.position == place + 1


def test_many_tiles():
    """In a ledger of several tiles an event changed far in front is named, and one that no tile has yet, too."""
    rows = ledger(*("abcd"[at % 4] for at in range(900)))
    tiles, checkpoint = tree(rows[:700])
    how = {"tiles": tiles, "sealed": 700, "checkpoints": (checkpoint,), "size": 300}
    assert check(rows, **how).ok
    for at in (0, 255, 256, 511, 512, 699, 700, 899):
        changed = [*rows[:at], rows[at]._replace(content=rows[at].content + b" "), *rows[at + 1 :]]
        assert named(check(changed, **how)) == (at + 1, "changed")
