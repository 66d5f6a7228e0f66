"""The ledger: how fast the tree follows, how fast the whole is verified, and how long a proof takes.

The events are synthetic, of the size that deliveries have, five to an application, those of a hundred applications
mixed; they are chained by the product's own functions and written past it, so that making them takes no hour.
"""

from __future__ import annotations

import json
import os
import random
import resource
import sqlite3
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from benchmarks.measures import Figure, Row
from benchmarks.place import data_folder
from benchmarks.scale import Scale
from bridge.clock import SystemClock
from bridge.ledger.chain import GENESIS, chained
from bridge.ports.events import Event
from bridge.settings import Settings
from bridge.storage.engine import SqlStore
from bridge.storage.keeper import Keeper
from bridge.storage.sealing import Keyring
from bridge.storage.signing import create_signing_key

EACH, TOGETHER = 5, 100
"""Events of an application; applications whose events are mixed."""

AT = 1_795_000_000_000_000
PROOFS = 200
TAIL = 100
"""Events that come in after all others were sealed, for the time of a checkpoint."""


def run(scale: Scale, under: Path | None) -> Iterator[Row]:
    """Fill, seal, verify, prove; then a few more events and a checkpoint of them."""
    with data_folder(under) as folder:
        settings = Settings(data_dir=folder)
        create_signing_key(settings.signing_key_file)
        _fill(folder / "bridge.db", 0, scale.events)
        clock = SystemClock()
        store = SqlStore(settings.database_url, Keyring.load(settings.key_file), clock)
        try:
            yield from _measured(Keeper(store, settings.signing_key_file, clock), folder, scale.events)
            _fill(folder / "bridge.db", scale.events, TAIL)
            keeper = Keeper(store, settings.signing_key_file, clock)
            seconds = _seconds(keeper.checkpoint)
            yield Row("ledger", f"checkpoint of {TAIL} more", [Figure("time", seconds * 1000, "ms")])
        finally:
            store.close()


def _measured(keeper: Keeper, folder: Path, events: int) -> Iterator[Row]:
    """Seal, verify by the command, prove."""
    seconds = _seconds(keeper.checkpoint)
    yield Row("ledger", f"seal, {events:,} events", [Figure("rate", events / seconds, "/s")])
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    began = time.perf_counter()
    verdict, peak = _verify(folder)
    seconds = time.perf_counter() - began
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    if not verdict["ok"] or verdict["events"] != events:
        raise RuntimeError("the ledger that was made is not whole")
    processor = used.ru_utime + used.ru_stime - before.ru_utime - before.ru_stime
    figures = [
        Figure("rate", events / seconds, "/s"),
        Figure("per second of processor time", events / processor, "/s"),
        Figure("peak", peak, "MB"),
    ]
    yield Row("ledger", f"verify, {events:,} events", figures, "bridge audit verify, its start included")
    dice = random.Random(7)  # noqa: S311 - a choice, not a secret
    times = [_seconds(lambda: keeper.prove(dice.randint(1, events))) for _ in range(PROOFS)]
    figures = [Figure("p50", statistics.median(times) * 1000, "ms"), Figure("longest", max(times) * 1000, "ms")]
    yield Row("ledger", f"prove one of {events:,}", figures)


COMMAND = """
import atexit, os, sys
from benchmarks.runner import megabytes
from bridge.cli import main
atexit.register(lambda: sys.stderr.write(str(megabytes(os.getpid(), "VmHWM"))))
main(["audit", "verify", "--json"])
"""
"""`bridge audit verify`, and what memory it took; Linux would count its parent's, too, among a child's."""


def _verify(folder: Path) -> tuple[Any, float]:
    """What the command says in a process of its own, and MB of memory at its peak."""
    environment = {**os.environ, "BRIDGE_DATA_DIR": str(folder)}
    said = subprocess.run([sys.executable, "-c", COMMAND], env=environment, check=True, capture_output=True)
    return json.loads(said.stdout), float(said.stderr)


def _seconds(work: Any) -> float:
    """How long it takes."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _fill(path: Path, after: int, count: int) -> None:
    """Write events behind a position; chains of their own."""
    ends: dict[str, tuple[int, str]] = {}
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        for pragma in ("synchronous=OFF", "journal_mode=MEMORY", "cache_size=-400000"):
            database.execute(f"PRAGMA {pragma}")
        database.execute("BEGIN")
        database.executemany("INSERT INTO ledger_events VALUES (?,?,?,?,?,?,?,?,?)", _rows(after, count, ends))
        database.executemany(
            "INSERT INTO ledger_heads VALUES (?,?,?)", ((name, at, end) for name, (at, end) in ends.items())
        )
        database.execute("INSERT OR REPLACE INTO counters VALUES ('ledger', ?)", (after + count,))
        database.execute("COMMIT")


def _rows(after: int, count: int, ends: dict[str, tuple[int, str]]) -> Iterator[tuple[Any, ...]]:
    """Columns of events; `ends` moves on with them."""
    for position in range(after + 1, after + count + 1):
        block, inside = divmod(position - after - 1, EACH * TOGETHER)
        name = f"{after:08x}-0000-7000-8000-{block * TOGETHER + inside % TOGETHER:012x}"
        sequence, previous = ends.get(name, (0, GENESIS))
        data = {"payload_digest": "sha256:" + "ab" * 32, "mapping": "municipal/discharge-permit/1", "revision": 1}
        event = Event("delivery_prepared", AT + position, "worker@host", name, "municipal", name, "pump", data)
        row = chained(event, position=position, sequence=sequence + 1, previous=previous, recorded_at=AT + position)
        ends[name] = (row.sequence, row.digest)
        yield (
            row.position,
            row.application,
            row.sequence,
            row.previous,
            row.digest,
            row.content,
            row.at,
            row.recorded_at,
            row.act,
        )
