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
from bridge.contract.remote import Page, RemoteChange
from bridge.engine.targets import Mode, Target, Targets
from bridge.errors import Refused
from bridge.model.delivery import Kind
from bridge.model.lifecycle import ApplicationState
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
        manifest = read_manifest(REPOSITORY / "adapters" / "municipal" / "manifest.toml")
        limits = replace(manifest.limits, concurrency=concurrency)
        self.manifest = replace(manifest, id=name, settle_seconds=settle, limits=limits, kinds=tuple(Kind))
        self.sent: Counter[str] = Counter()
        self.done: Counter[str] = Counter()
        """How often each took effect; an attempt that is cut off before its end has none."""
        self.held: set[str] = set()
        self.delay = 0.0
        self.stream: list[RemoteChange] = []
        self.files: dict[str, bytes] = {}

    def mapping(self, matter, kind, version=None):
        """What is entered, as it is."""
        return Verbatim()

    async def send(self, batch):
        """Take it."""
        (outgoing,) = batch
        self.sent[outgoing.delivery] += 1
        if self.delay:
            await asyncio.sleep(self.delay)
        self.done[outgoing.delivery] += 1
        return [self.take(outgoing)]

    def take(self, outgoing):
        """The receipt of what is held from now on."""
        self.held.add(outgoing.delivery)
        return Receipt(f"{self.manifest.id}-{outgoing.key.number}", None, "R")

    async def find(self, outgoing):
        """Held or absent."""
        return Held(self.take(outgoing)) if outgoing.delivery in self.held else Absent()

    async def changes(self, cursor):
        """What it was made to say since."""
        return Page(items=self.stream[int(cursor or 0) :], cursor=str(len(self.stream)), more=False)

    def say(self, number: str, status: str, **rest) -> RemoteChange:
        """Say something of an application, by our number, as the next message of its stream."""
        at = rest.pop("at", len(self.stream) + 1)
        id_ = rest.pop("id", f"{self.manifest.id} {len(self.stream)}")
        state = ApplicationState(status) if status else None
        change = RemoteChange(None, number, state, status.upper() or "?", at=at, id=id_, **rest)
        self.stream.append(change)
        return change

    async def fetch(self, paper):
        """A file of its own."""
        if paper.file not in self.files:
            raise Refused
        return self.files[paper.file]

    async def close(self):
        """There is nothing to let go of."""


class Engine:
    """A bridge over fakes: the receiving system, the decider, and one that is told from 受理 on, if there is one."""

    def __init__(self, bridge: Bridge, one: Fake, other: Fake, third: Fake | None = None) -> None:
        self.bridge, self.one, self.other, self.third = bridge, one, other, third

    def status(self, number: str) -> dict[str, Any]:
        """What `bridge status` shows."""
        return self.bridge.views.status(number)

    def told(self, number: str, target: str) -> list[tuple[str, str]]:
        """Kind and state of each delivery to a target, in order."""
        application = self.status(number)["application"]
        deliveries = self.bridge.store.read(lambda unit: unit.deliveries(application))
        return [(one.kind.value, one.state.value) for one in deliveries if one.target == target]

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

    def make(one: Fake | None = None, other: Fake | None = None, third: Fake | None = None, **settings: Any) -> Engine:
        monkeypatch.setenv("BRIDGE_DATA_DIR", str(tmp_path))
        for name, value in {"RETRY__FIRST_SECONDS": 0.2, "RETRY__CAP_SECONDS": 1, **settings}.items():
            monkeypatch.setenv(f"BRIDGE_{name}", str(value))
        found = load()
        Keyring.create(found.key_file)
        migrate(found.database_url)
        fakes = [one or Fake("municipal"), other or Fake("discharge"), *([third] if third else [])]
        targets = Targets({fake.manifest.id: Target(fake, lambda _: Mode.WRITE) for fake in fakes})
        bridge = build(found, targets=targets)
        made.append(bridge)
        return Engine(bridge, *fakes)

    yield make
    for bridge in made:
        bridge.close()
