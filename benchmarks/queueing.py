"""Celery with Redis on this machine, with the same validation, mapping and POST per task; skipped aloud without it.

What a task does is `tasks`; here is what runs around it.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from benchmarks.measures import Figure, Row
from benchmarks.place import ONE
from benchmarks.scale import Scale
from benchmarks.server import trivial_server
from bridge.contract.mapping import Source

STARTED = 0.03
"""The share of the queue that is worked off before the clock starts: children import and connect meanwhile."""

PATIENCE = 300.0
"""Seconds after which a queue that does not become empty counts as broken."""


def missing() -> str | None:
    """Why there is no Celery to compare with, if so."""
    if importlib.util.find_spec("celery") is None or importlib.util.find_spec("redis") is None:
        return "未安装 celery，请 pip install '.[bench]' (the extra `bench` is not installed)"
    if shutil.which("redis-server") is None:
        return "没有 redis-server，请 apt-get install redis-server (there is no Redis server)"
    return None


def rows(scale: Scale, told: str, sources: Sequence[Source]) -> Iterator[Row]:
    """One row per prefork size, or one that says why there is none."""
    if (why := missing()) is not None:
        yield Row("celery", told, [], why, skipped=True)
        return
    for size in scale.queued:
        rate, submitted = _measure(size, sources)
        figures = [Figure("rate", rate, "/s"), Figure("submit", submitted, "/s")]
        yield Row("celery", f"{told}, prefork {size}", figures, "Redis, acks_late, one Session per child")


def _measure(size: int, sources: Sequence[Source]) -> tuple[float, float]:
    """Tasks per second, worked off and put in."""
    with trivial_server() as url, _redis() as port:
        environment = os.environ | {
            "BENCH_BROKER": f"redis://127.0.0.1:{port}/0",
            "BENCH_URL": url + "/",
            "BENCH_TARGET": ONE[0],
        }
        os.environ.update(environment)
        began = time.perf_counter()
        _submit(sources, environment["BENCH_BROKER"])
        submitted = len(sources) / (time.perf_counter() - began)
        with _worker(size, environment):
            return _drained(port, len(sources)), submitted


def _submit(sources: Sequence[Source], broker: str) -> None:
    """All tasks, over one connection."""
    from benchmarks.tasks import app, deliver  # noqa: PLC0415 - only where Celery is installed

    app.conf.broker_url = broker
    app.set_current()
    with (
        app.connection_for_write(broker) as connection,
        connection.channel() as channel,
        app.amqp.Producer(channel) as producer,
    ):
        for source in sources:
            deliver.apply_async((source,), producer=producer)


def _drained(port: int, count: int) -> float:
    """Tasks per second from when the workers run until the last one is acknowledged."""
    import redis  # noqa: PLC0415 - only where it is installed

    broker: Any = redis.Redis(port=port)
    patience = time.perf_counter() + PATIENCE

    def left() -> int:
        if time.perf_counter() > patience:
            raise RuntimeError("the queue does not become empty")
        return int(broker.llen("celery")) + int(broker.zcard("unacked_index"))

    while (first := left()) > count * (1 - STARTED):
        _wait(0.005)
    began = time.perf_counter()
    while left():
        _wait(0.002)
    return first / max(time.perf_counter() - began, 1e-3)


@contextmanager
def _redis() -> Iterator[int]:
    """A Redis server of ours, with its log on the disk as it comes (synced every second); its port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    with tempfile.TemporaryDirectory() as folder:
        command = ["redis-server", "--bind", "127.0.0.1", "--port", str(port), "--save", "", "--appendonly", "yes"]
        process = subprocess.Popen([*command, "--dir", folder], stdout=subprocess.DEVNULL)
        try:
            _until_open(port)
            yield port
        finally:
            process.terminate()
            process.wait()


def _until_open(port: int) -> None:
    """Wait until somebody listens."""
    for _ in range(500):
        with socket.socket() as trying:
            if trying.connect_ex(("127.0.0.1", port)) == 0:
                return
        _wait(0.02)
    raise RuntimeError("redis-server does not start")


@contextmanager
def _worker(size: int, environment: dict[str, str]) -> Iterator[None]:
    """A Celery worker with so many children."""
    command = [sys.executable, "-m", "celery", "-A", "benchmarks.tasks", "worker", "-P", "prefork", "-c", str(size)]
    quiet = ["--without-gossip", "--without-mingle", "--without-heartbeat", "-O", "fair", "-l", "ERROR"]
    process = subprocess.Popen(
        [*command, *quiet], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        yield
    finally:
        process.terminate()
        process.wait()


def _wait(seconds: float) -> None:
    """Rest a little: a bench looks at real processes, so it waits in real time."""
    time.sleep(seconds)  # noqa: TID251 - there is no clock to ask: Celery runs on the machine's
