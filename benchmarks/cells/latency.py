"""Latency: from the submission of an application to the last answer of its targets, while more come in steadily.

One process submits (one call of `Acceptance.submit` per application, at a fixed beat), another delivers as
`bridge work` does. Both targets of the route that hear at once are written to: two deliveries per application.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

from benchmarks import samples
from benchmarks.cells.acceptance import submit
from benchmarks.measures import Figure, Row, percentile
from benchmarks.place import BOTH, data_folder, opened
from benchmarks.runner import running
from benchmarks.scale import Scale
from benchmarks.server import trivial_server
from bridge.model.delivery import DeliveryState
from bridge.ports.store import UnitOfWork
from bridge.wiring import Bridge

RATES = (25, 75)
"""Applications per second."""

WARM_UP = 10
"""Applications before those that count: connections are opened and statements compiled meanwhile."""

PATIENCE = 60.0
"""Seconds after which what is not delivered counts as lost."""


def run(scale: Scale, under: Path | None) -> Iterator[Row]:
    """Each rate on a fresh database."""
    for rate in RATES:
        with data_folder(under) as folder, trivial_server() as url, running(folder, url, BOTH) as runner:
            with opened(folder, url, BOTH) as bridge:
                made = samples.documents(
                    WARM_UP + max(1, round(rate * scale.seconds)), samples.MEDIAN, seed=3, files=False
                )
                runner.begin("work")
                _feed(bridge, made[:WARM_UP], rate)
                called = _feed(bridge, made[WARM_UP:], rate)
                _until_delivered(bridge, len(made) * len(BOTH))
                yield _row(rate, bridge, called)
            runner.stop()


def _feed(bridge: Bridge, made: Sequence[samples.Document], rate: int) -> dict[str, int]:
    """Submit at the beat; the instant (microseconds) at which each application's turn came, by its id.

    Whoever is late submits at once, and is counted from its turn: nothing is left out because we were slow.
    """
    called: dict[str, int] = {}
    lines = [samples.lines([document]) for document in made]
    start, epoch = time.perf_counter(), time.time()
    for place, line in enumerate(lines):
        turn = place / rate
        rest = start + turn - time.perf_counter()
        if rest > 0:
            time.sleep(rest)  # noqa: TID251 - real processes are being measured in real time
        (id_,) = submit(bridge, line)
        called[id_] = int((epoch + turn) * 1_000_000)
    return called


def _until_delivered(bridge: Bridge, count: int) -> None:
    """Wait for all."""
    patience = time.perf_counter() + PATIENCE
    while bridge.store.read(lambda unit: unit.counts())[DeliveryState.DELIVERED] < count:
        if time.perf_counter() > patience:
            raise RuntimeError("not all were delivered")
        time.sleep(0.05)  # noqa: TID251 - the same


def _row(rate: int, bridge: Bridge, called: dict[str, int]) -> Row:
    """The times, by the history of each delivery."""
    from_call: list[float] = []
    from_stored: list[float] = []
    for id_, instant in called.items():
        stored, last = bridge.store.read(partial(_times, application=id_))
        from_call.append((last - instant) / 1000)
        from_stored.append((last - stored) / 1000)
    figures = [
        Figure("p50", percentile(from_call, 0.5), "ms"),
        Figure("p99", percentile(from_call, 0.99), "ms"),
        Figure("p50 from stored", percentile(from_stored, 0.5), "ms"),
        Figure("p99 from stored", percentile(from_stored, 0.99), "ms"),
    ]
    note = f"{len(called)} applications, {len(BOTH)} deliveries each; p50 and p99 count from the call of submit"
    return Row("latency", f"{rate} applications/s", figures, note)


def _times(unit: UnitOfWork, application: str) -> tuple[int, int]:
    """When it was stored, and when the last of its targets answered, in microseconds."""
    ends: list[int] = []
    for delivery in unit.deliveries(application):
        ends += [one.ended_at for one in unit.attempts(delivery.id) if one.ended_at is not None]
    return unit.application(application).at, max(ends)
