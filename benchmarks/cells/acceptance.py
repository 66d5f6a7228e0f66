"""Applications accepted per second: every check, files stored, one durable transaction per group, then the answer."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks import samples
from benchmarks.measures import Figure, Row, percentile
from benchmarks.place import BOTH, data_folder, opened
from benchmarks.scale import Scale
from bridge.wiring import Bridge

NOBODY = "http://127.0.0.1:1"


def run(scale: Scale, under: Path | None) -> Iterator[Row]:
    """In one go (a file of many, 25 per transaction) and one by one, with own files and with shared ones."""
    for files in (True, False):
        kind = "own files" if files else "no new files"
        note = "each file is synced to the disk by itself" if files else "one tiny PDF, the same for all: kept once"
        with data_folder(under) as folder, opened(folder, NOBODY, BOTH) as bridge:
            made = samples.documents(scale.accepted + scale.single, samples.MEDIAN, seed=1, files=files)
            yield _in_one_go(bridge, made[: scale.accepted], kind, note)
            yield _one_by_one(bridge, made[scale.accepted :], kind)


def _in_one_go(bridge: Bridge, made: list[samples.Document], kind: str, note: str) -> Row:
    lines = samples.lines(made)
    wall, cpu = time.perf_counter(), time.process_time()
    submit(bridge, lines)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    figures = [Figure("rate", len(made) / wall, "/s"), Figure("cpu", cpu / len(made) * 1000, "ms each")]
    return Row("accept", f"a file of {len(made)} applications, {kind}", figures, note)


def _one_by_one(bridge: Bridge, made: list[samples.Document], kind: str) -> Row:
    times: list[float] = []
    for document in made:
        lines = samples.lines([document])
        began = time.perf_counter()
        submit(bridge, lines)
        times.append((time.perf_counter() - began) * 1000)
    figures = [
        Figure("rate", len(made) / sum(times) * 1000, "/s"),
        Figure("p50", percentile(times, 0.5), "ms"),
        Figure("p99", percentile(times, 0.99), "ms"),
    ]
    return Row("accept", f"one by one, {kind}", figures)


def submit(bridge: Bridge, lines: bytes) -> list[str]:
    """Enter documents; the applications' ids. Raises RuntimeError where one is not accepted."""
    answer = bridge.acceptance.submit([("bench.jsonl", lines, None)], actor="bench", channel="batch")
    if answer["rejected"]:
        raise RuntimeError(f"a sample was rejected: {answer['rejected'][0]}")
    return [one["application"] for one in answer["accepted"]]
