"""Deliveries per second through the whole pipeline; beside it, in the same run, the bare client and Celery.

The pipeline: claim under a lease, unseal, map, validate against the target's schema, seal and keep the payload, POST
it, record the end in the chained history. The bare client: the very same bytes by the very same client, nothing else.
"""

from __future__ import annotations

import shutil
import sqlite3
import statistics
from collections.abc import Iterator, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path

from benchmarks import bare, queueing, samples
from benchmarks.cells.acceptance import NOBODY, submit
from benchmarks.measures import Figure, Row
from benchmarks.place import ONE, data_folder, opened
from benchmarks.runner import running
from benchmarks.scale import Scale
from benchmarks.server import trivial_server
from bridge.contract.mapping import Source
from bridge.engine.source import source
from bridge.ports.store import UnitOfWork
from bridge.settings import Settings
from bridge.storage.pump import payload_place
from bridge.storage.sealing import Keyring

RUNNERS = (1, 2)
"""Processes that deliver side by side on one database; the second uses the second core."""

SIZES = {"large": samples.LARGE, "median": samples.MEDIAN}


def run(scale: Scale, under: Path | None) -> Iterator[Row]:
    """Both sizes; each measure in turn, `rounds` times, and the median of each."""
    for size, leaves in SIZES.items():
        with data_folder(under) as folder:
            documents = samples.documents(scale.delivered, leaves, seed=2, files=False)
            told = f"{size}, {round(statistics.mean(samples.leaves(one['data']) for one in documents))} leaves"
            sources = _accept(folder, documents)
            yield from _compare(scale, folder, told, sources)


def _accept(folder: Path, documents: list[samples.Document]) -> list[Source]:
    """Bring them in; the sources that a mapping reads, for the queue's tasks."""
    with opened(folder, NOBODY, ONE) as bridge:
        ids = submit(bridge, samples.lines(documents))
        return [bridge.store.read(partial(_source, application=id_)) for id_ in ids]


def _source(unit: UnitOfWork, application: str) -> Source:
    """What the pipeline maps, too."""
    facts = unit.revision_facts(application, 1)
    return source(unit.application(application), unit.revision(application, 1), facts, unit.facts(application))


def _compare(scale: Scale, folder: Path, told: str, sources: list[Source]) -> Iterator[Row]:
    """The measures in turn, so that a busy moment of the machine meets all of them."""
    pipeline: dict[int, list[Sequence[Figure]]] = {count: [] for count in RUNNERS}
    clients: list[Sequence[Figure]] = []
    bodies: list[bytes] = []
    for _ in range(scale.rounds):
        for count in RUNNERS:
            with _copied(folder) as copy:
                pipeline[count].append(_deliver(copy, count, len(sources)))
                bodies = bodies or _bodies(copy)
        clients.append(_post(folder, bodies))
    size = f"body {statistics.mean(map(len, bodies)) / 1000:.1f} kB"
    for count, figures in pipeline.items():
        processes = "one process" if count == 1 else f"{count} processes"
        yield Row("pipeline", f"{told}, {processes}", _median(figures), size)
    yield Row("bare", told, _median(clients), "the same bytes, the same client, nothing else")
    yield from queueing.rows(scale, told, sources)


def _deliver(folder: Path, processes: int, count: int) -> Sequence[Figure]:
    """Drain the folder with so many processes."""
    with trivial_server() as url:
        if processes == 1:
            with running(folder, url, ONE) as only:
                only.begin("drain")
                results = [only.result()]
        else:
            with running(folder, url, ONE) as one, running(folder, url, ONE) as other:
                one.begin("drain")
                other.begin("drain")
                results = [one.result(), other.result()]
    delivered = sum(result["delivered"] for result in results)
    if delivered != count:
        raise RuntimeError(f"{delivered} of {count} were delivered")
    return [
        Figure("rate", count / (_last_end(folder) - min(result["began"] for result in results)), "/s"),
        Figure("cpu", sum(result["cpu"] for result in results) / count * 1000, "ms each"),
        Figure("rss", max(result["rss"] for result in results), "MB"),
    ]


def _last_end(folder: Path) -> float:
    """When the last end was stored, in seconds since the epoch: a drain still listens for a moment after it."""
    with closing(sqlite3.connect(folder / "bridge.db")) as database:
        ((last,),) = database.execute("SELECT max(recorded_at) FROM attempts")
    return float(last) / 1_000_000


def _post(folder: Path, bodies: list[bytes]) -> Sequence[Figure]:
    """The same bytes by the client alone."""
    path = folder / "bodies.jsonl"
    path.write_bytes(b"\n".join(bodies))
    with trivial_server() as url:
        wall, cpu = bare.measure(url, path)
    path.unlink()
    return [Figure("rate", len(bodies) / wall, "/s"), Figure("cpu", cpu / len(bodies) * 1000, "ms each")]


def _bodies(folder: Path) -> list[bytes]:
    """The payloads that were sent, as they are kept."""
    keyring = Keyring.load(Settings(data_dir=folder).key_file)
    with closing(sqlite3.connect(folder / "bridge.db")) as database:
        rows = database.execute("SELECT delivery, sealed FROM payloads").fetchall()
    return [keyring.unseal_salted(sealed, payload_place(delivery)) for delivery, sealed in rows]


class _copied:  # noqa: N801 - used as a `with` word
    """A copy of a data folder, gone afterwards."""

    def __init__(self, folder: Path) -> None:
        self._copy = folder.with_name(folder.name + "-copy")
        self._folder = folder

    def __enter__(self) -> Path:
        shutil.copytree(self._folder, self._copy)
        return self._copy

    def __exit__(self, *_: object) -> None:
        shutil.rmtree(self._copy, ignore_errors=True)


def _median(rounds: list[Sequence[Figure]]) -> list[Figure]:
    """Figure by figure, the median of the rounds."""
    return [
        Figure(figures[0].name, statistics.median(figure.value for figure in figures), figures[0].unit)
        for figures in zip(*rounds, strict=True)
    ]
