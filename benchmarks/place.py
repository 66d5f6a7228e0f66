"""A place to measure in: a data folder of its own, and a bridge over the bench's targets.

Everything else is the product's own: store, catalogue, sealing, ledger, engine and runner.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from benchmarks.target import bench_target
from bridge.clock import SystemClock
from bridge.engine.targets import Mode, Target, Targets
from bridge.settings import Settings
from bridge.storage.migrate import migrate
from bridge.storage.sealing import Keyring
from bridge.wiring import Bridge, build

BOTH = ("municipal", "discharge")
"""The targets of the matter's route that hear of an application at once (a third one hears only what was decided)."""

ONE = ("discharge",)
"""The one whose table takes the whole form."""


@contextmanager
def data_folder(under: Path | None) -> Iterator[Path]:
    """A fresh data folder, as `bridge init` makes it, and gone afterwards. Default: the system's temporary folder."""
    with tempfile.TemporaryDirectory(prefix="bridge-bench-", dir=under) as name:
        settings = Settings(data_dir=Path(name))
        Keyring.create(settings.key_file)
        migrate(settings.database_url)
        yield Path(name)


@contextmanager
def opened(folder: Path, url: str, targets: Sequence[str]) -> Iterator[Bridge]:
    """The bridge over such a folder, with stand-ins of these targets, all to be written to."""
    clock = SystemClock()
    plugged = Targets({name: Target(bench_target(name, url, clock), lambda _: Mode.WRITE) for name in targets})
    bridge = build(Settings(data_dir=folder), clock=clock, targets=plugged)
    try:
        yield bridge
    finally:
        bridge.close()
