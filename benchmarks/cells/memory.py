"""The memory of a process that delivers while very many are due: while the targets are held, and at full speed."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.fill import AT_RANDOM, fill
from benchmarks.measures import Figure, Row
from benchmarks.place import data_folder, opened
from benchmarks.runner import megabytes, running
from benchmarks.scale import Scale
from benchmarks.server import trivial_server

READABLE = 30_000
"""Applications whose contents can be opened: more than are delivered while we look."""

LOOK_EVERY = 0.1


def run(scale: Scale, under: Path | None) -> Iterator[Row]:
    """Held first, then released."""
    with data_folder(under) as folder, trivial_server() as url:
        fill(folder, scale.held, readable=min(READABLE, scale.held))
        with opened(folder, url, (AT_RANDOM,)) as bridge:
            bridge.operators.hold(AT_RANDOM, actor="bench", reason="bench")
            yield _row(folder, url, scale, f"{scale.held:,} due, target held")
            bridge.operators.release(AT_RANDOM, actor="bench")
        yield _row(folder, url, scale, f"{scale.held:,} due, delivering at full speed")


def _row(folder: Path, url: str, scale: Scale, case: str) -> Row:
    """Let it run for a while."""
    with running(folder, url, (AT_RANDOM,)) as runner:
        ready = megabytes(runner.pid)
        runner.begin("work")
        until = time.perf_counter() + scale.memory_seconds
        seen = [ready]
        while time.perf_counter() < until:
            time.sleep(LOOK_EVERY)  # noqa: TID251 - another process is being watched
            seen.append(megabytes(runner.pid))
        result = runner.stop()
    figures = [Figure("peak", result["rss"], "MB"), Figure("last", seen[-1], "MB"), Figure("started", ready, "MB")]
    return Row("memory", case, figures, f"{result['delivered']} delivered meanwhile, large sample")
