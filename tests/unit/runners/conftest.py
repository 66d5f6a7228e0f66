"""The whole engine in one process: real store and catalogue, adapters in memory that a test may spoil."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import pytest

from adapters.demo.mapping import Verbatim
from bridge.contract.manifest import read_manifest
from bridge.contract.outcome import Absent, Held, Receipt
from bridge.contract.remote import Page
from bridge.engine.accept import Acceptance
from bridge.engine.operate import Operators
from bridge.engine.targets import Mode, Target, Targets
from bridge.engine.views import Views
from bridge.runners import embedded
from bridge.settings import load
from bridge.storage.migrate import migrate
from bridge.storage.sealing import Keyring
from bridge.testing.samples import generate
from bridge.wiring import Bridge, build

REPOSITORY = Path(__file__).parents[3]


class Fake:
    """A target in memory that keeps what it was told and counts how often."""

    def __init__(self, name: str, *, settle: float = 0.0, concurrency: int = 16) -> None:
        manifest = read_manifest(REPOSITORY / "adapters" / name / "manifest.toml")
        limits = replace(manifest.limits, concurrency=concurrency)
        self.manifest = replace(manifest, settle_seconds=settle, limits=limits)
        self.sent: Counter[str] = Counter()
        self.held: set[str] = set()
        self.delay = 0.0

    def mapping(self, matter, kind, version=None):
        """What is entered, as it is."""
        return Verbatim()

    async def send(self, batch):
        """Take it."""
        (outgoing,) = batch
        self.sent[outgoing.delivery] += 1
        if self.delay:
            await asyncio.sleep(self.delay)
        return [self.take(outgoing)]

    def take(self, outgoing):
        """The receipt of what is held from now on."""
        self.held.add(outgoing.delivery)
        return Receipt(f"{self.manifest.id}-{outgoing.key.number}", None, "R")

    async def find(self, outgoing):
        """Held or absent."""
        return Held(self.take(outgoing)) if outgoing.delivery in self.held else Absent()

    async def changes(self, cursor):
        """Nothing ever happens."""
        return Page(items=[], cursor=cursor, more=False)

    async def close(self):
        """There is nothing to let go of."""


class Engine:
    """A bridge over two fakes."""

    def __init__(self, bridge: Bridge, one: Fake, other: Fake) -> None:
        self.bridge, self.one, self.other = bridge, one, other

    def submit(self, count: int, *, seed: int = 1) -> list[str]:
        """Enter samples; their numbers."""
        lines = b"".join(orjson.dumps(one) + b"\n" for one in generate("discharge-permit", seed=seed, count=count))
        answer = self.bridge.acceptance.submit([("x.jsonl", lines, None)], actor="t", channel="batch")
        assert not answer["rejected"]
        return [one["number"] for one in answer["accepted"]]

    def drain(self, seconds: float = 0.0) -> dict[str, int]:
        """Deliver until nothing changes, and fail where that takes for ever."""

        async def run() -> dict[str, int]:
            async with asyncio.timeout(seconds + 20):
                return await embedded.drain(self.bridge, seconds=seconds)

        return asyncio.run(run())

    def counts(self) -> dict[str, int]:
        """Deliveries by state, without empty ones."""
        return {state.value: count for state, count in self.bridge.store.read(lambda u: u.counts()).items() if count}


@pytest.fixture
def fake():
    """The class of targets in memory."""
    return Fake


@pytest.fixture
def engine_of(tmp_path, monkeypatch):
    """Make an engine over two fakes; settings by the names of their variables without the prefix."""
    made: list[Bridge] = []

    def make(one: Fake | None = None, other: Fake | None = None, **settings: Any) -> Engine:
        monkeypatch.setenv("BRIDGE_DATA_DIR", str(tmp_path))
        for name, value in {"RETRY__FIRST_SECONDS": 0.2, "RETRY__CAP_SECONDS": 1, **settings}.items():
            monkeypatch.setenv(f"BRIDGE_{name}", str(value))
        found = load()
        Keyring.create(found.key_file)
        migrate(found.database_url)
        plain = build(found)
        made.append(plain)
        fakes = (one or Fake("municipal"), other or Fake("discharge"))
        targets = Targets({fake.manifest.id: Target(fake, lambda _: Mode.WRITE) for fake in fakes})
        bridge = replace(
            plain,
            targets=targets,
            acceptance=Acceptance(
                store=plain.store,
                catalogue=plain.catalogue,
                targets=targets,
                materials=plain.materials,
                clock=plain.clock,
            ),
            operators=Operators(plain.store, targets, plain.clock),
            views=Views(plain.store, plain.catalogue, targets, plain.clock),
        )
        return Engine(bridge, *fakes)

    yield make
    for bridge in made:
        bridge.close()
