"""The time of a claim where few and where very many are due, in the order of storing and in any order."""

from __future__ import annotations

import sqlite3
import statistics
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path

from sqlalchemy.dialects import sqlite

from benchmarks.fill import AT_RANDOM, IN_ORDER, fill
from benchmarks.measures import Figure, Row
from benchmarks.place import BOTH, data_folder, opened
from benchmarks.scale import Scale
from bridge.clock import to_micros
from bridge.model.ids import uuid7
from bridge.ports.store import Claimed, UnitOfWork
from bridge.storage.pump import CLAIM
from bridge.wiring import Bridge

GROUPS = (50, 200)
"""Deliveries per claim."""

CLAIMS = 3
"""Claims in a row, each of other deliveries; then all is put back."""

ROUNDS = 7
"""How often that is done; the first round warms the caches and does not count."""

ORDERS = {IN_ORDER: "insertion order", AT_RANDOM: "any order"}


def run(scale: Scale, under: Path | None) -> Iterator[Row]:
    """Both numbers, both orders, both groups; then the plan by which the database finds them."""
    for due in scale.due:
        with data_folder(under) as folder:
            fill(folder, due)
            with opened(folder, "http://127.0.0.1:1", BOTH) as bridge:
                worker = _register(bridge)
                for target, order in ORDERS.items():
                    for group in GROUPS:
                        times = _measure(bridge, folder, target, group, worker)
                        figures = [
                            Figure("p50", statistics.median(times) * 1000, "ms"),
                            Figure("longest", max(times) * 1000, "ms"),
                        ]
                        yield Row("claim", f"{due:,} due, {order}, {group} at once", figures)
            if due == max(scale.due):
                for line in plan(folder, IN_ORDER, GROUPS[0]):
                    yield Row("claim", "plan", [], line)


def plan(folder: Path, target: str, group: int) -> Sequence[str]:
    """How SQLite finds the deliveries of a claim: the lines of EXPLAIN QUERY PLAN."""
    compiled = CLAIM.compile(dialect=sqlite.dialect(paramstyle="named"))
    values = compiled.construct_params({"target_": target, "limit_": group})
    with closing(sqlite3.connect(folder / "bridge.db")) as database:
        return [row[3] for row in database.execute(f"EXPLAIN QUERY PLAN {compiled}", values)]


def _register(bridge: Bridge) -> str:
    """A worker that may claim."""
    now = to_micros(bridge.clock.now())
    worker = uuid7(now)
    until = now + 3_600_000_000
    bridge.store.write(lambda unit: unit.register_worker(worker, host="bench", pid=1, lease_until=until))
    return worker


def _measure(bridge: Bridge, folder: Path, target: str, group: int, worker: str) -> list[float]:
    """Seconds of each claim, its transaction and its unsealing with it."""
    times: list[float] = []
    for round_ in range(ROUNDS):
        for _ in range(CLAIMS):
            now = to_micros(bridge.clock.now())
            began = time.perf_counter()
            found = bridge.store.write(partial(_claim, target=target, group=group, worker=worker, now=now))
            ended = time.perf_counter()
            if len(found) != group:
                raise RuntimeError(f"{len(found)} instead of {group} were claimed")
            if round_:
                times.append(ended - began)
        _put_back(folder, worker)
    return times


def _claim(unit: UnitOfWork, *, target: str, group: int, worker: str, now: int) -> Sequence[Claimed]:
    """One claim, as the pump does it."""
    return unit.claim(target, limit=group, worker=worker, now=now)


def _put_back(folder: Path, worker: str) -> None:
    """All as before."""
    with closing(sqlite3.connect(folder / "bridge.db")) as database, database:
        database.execute("UPDATE deliveries SET state = 'due', worker = NULL WHERE worker = ?", (worker,))
