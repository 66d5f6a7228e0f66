"""One small, complete source of a 辐射安全许可 application, with its files; every identity is invented."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Any, TypeVar

import orjson
import pytest

from adapters import radiation
from adapters.radiation.mapping import mappings
from bridge.clock import SystemClock
from bridge.contract.adapter import Adapter, AdapterContext
from bridge.contract.manifest import read_manifest
from bridge.contract.outcome import Outcome
from bridge.contract.outgoing import BusinessKey, MaterialFile, Outgoing
from bridge.model.delivery import Kind
from bridge.model.ids import digest
from bridge.testing.simulator.launch import Running, launch

T = TypeVar("T")

TARGET = "radiation"
MATTER = "radiation-licence"

FILES = {"法人证书.pdf": b"%PDF-1.4 unit", "环境影响评价文件.pdf": b"%PDF-1.4 " + b"eia" * 100_001}
"""The second is longer than one piece of base64, and no multiple of 3."""


def _opened(data: bytes) -> AbstractContextManager[BytesIO]:
    return nullcontext(BytesIO(data))


def _file(place: int, name: str, data: bytes) -> MaterialFile:
    made = partial(_opened, data)
    return MaterialFile(f"FS-M0{place}", name, digest(data), len(data), "application/pdf", made)


def _listed(files: tuple[MaterialFile, ...]) -> list[dict[str, Any]]:
    return [
        {"id": f"m{place}", "code": one.code, "name": one.name, "digest": one.digest, "size": one.size}
        for place, one in enumerate(files)
    ]


@pytest.fixture
def files() -> tuple[MaterialFile, ...]:
    """The files of the source, as an adapter gets them."""
    return tuple(_file(place, name, data) for place, (name, data) in enumerate(FILES.items(), start=2))


@pytest.fixture
def source(files: tuple[MaterialFile, ...]) -> dict[str, Any]:
    """The tree that a mapping reads: form, files, facts."""
    tree: dict[str, Any] = orjson.loads(Path(__file__).with_name("source.json").read_bytes())
    return {**tree, "materials": _listed(files)}


@pytest.fixture
def outgoing(source: dict[str, Any], files: tuple[MaterialFile, ...]) -> Outgoing:
    """The source, mapped, as the engine hands it over."""
    facts = source["facts"]
    key = BusinessKey(facts["id"], facts["number"], None, None, MATTER, "new", "91120116MA05000011", "001", 0)
    payload = mappings()[MATTER, Kind.APPLY, None].write(source)
    return Outgoing("d1", Kind.APPLY, facts["revision"], None, payload, key, files, {})


def entered(document: dict[str, Any], application: str) -> tuple[dict[str, Any], tuple[MaterialFile, ...]]:
    """A document as the engine would hand it on under its id: the source of a mapping, and the files."""
    files = []
    for material in document["materials"]:
        data = base64.b64decode(material["content"])
        made = partial(_opened, data)
        files.append(MaterialFile(material["code"], material["name"], digest(data), len(data), "application/pdf", made))
    facts = {"id": application, "number": "YCL1", "revision": 1, "matter": MATTER, "type": document["type"]}
    return {"data": document["data"], "materials": _listed(tuple(files)), "facts": facts}, tuple(files)


@pytest.fixture(scope="session")
def enter() -> Callable[[dict[str, Any], str], tuple[dict[str, Any], tuple[MaterialFile, ...]]]:
    """`entered`, for tests."""
    return entered


class Sim:
    """The simulated system in a process of its own, and the adapter against it."""

    def __init__(self, running: Running) -> None:
        self._running = running

    @property
    def url(self) -> str:
        """Where it is."""
        return self._running.settings["BRIDGE_TARGETS__RADIATION__URL"]

    @property
    def password(self) -> str:
        """Its password."""
        return context(self._running.settings).secrets["password"]

    def ask(self, path: str, body: object | None = None) -> Any:
        """Call the side door."""
        return self._running.ask(TARGET, path, body)

    def records(self) -> list[dict[str, Any]]:
        """What it holds."""
        records: list[dict[str, Any]] = self.ask("/_control/records")["records"]
        return records

    def decide(self, number: str, act: str, **words: object) -> Any:
        """Act as the office."""
        return self.ask("/_control/decide", {"number": number, "act": act, **words})

    def faults(self, *names: str, **more: object) -> None:
        """Let it misbehave; without names, behave."""
        self.ask("/_control/faults", {"seed": 1, "faults": [{"fault": name, **more} for name in names]})

    def play(self, act: Callable[[Adapter], Awaitable[T]], total_seconds: float = 5.0, **secrets: str) -> T:
        """Run `act(adapter)` with a fresh adapter, which lets go at the end."""
        built = context(self._running.settings, total_seconds, **secrets)

        async def played() -> T:
            adapter = radiation.create(built)
            try:
                return await act(adapter)
            finally:
                await adapter.close()

        return asyncio.run(played())

    async def send(self, adapter: Adapter, outgoing: Outgoing, **changed: Any) -> Outcome:
        """One delivery, once."""
        (outcome,) = await adapter.send([replace(outgoing, **changed)])
        return outcome


def context(settings: Mapping[str, str], total_seconds: float = 5.0, **changed: str) -> AdapterContext:
    """What the adapter is built from, by the settings that the simulator hands out."""
    given = {name.removeprefix("BRIDGE_TARGETS__RADIATION__").lower(): value for name, value in settings.items()}
    secrets = {
        name.removeprefix("secrets__"): Path(value.removeprefix("file:")).read_text()
        for name, value in given.items()
        if name.startswith("secrets__")
    }
    manifest = read_manifest(Path(radiation.__file__).with_name("manifest.toml"))
    return AdapterContext(manifest, given, {**secrets, **changed}, SystemClock(), total_seconds)


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """The system, for all tests of this process."""
    with launch([TARGET], folder=tmp_path_factory.mktemp("simulators")) as started:
        yield started


@pytest.fixture
def sim(running: Running) -> Sim:
    """The system, empty and well-behaved."""
    empty = Sim(running)
    empty.faults()
    empty.ask("/_control/reset", {})
    return empty
