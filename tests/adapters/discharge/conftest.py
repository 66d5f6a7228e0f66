"""One small, complete source of a 排污许可 application, with its files; every identity is invented."""

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

from adapters import discharge
from adapters.discharge.codes import APPLY_TYPES
from adapters.discharge.mapping import mappings
from bridge.clock import SystemClock
from bridge.contract.adapter import Adapter, AdapterContext
from bridge.contract.manifest import read_manifest
from bridge.contract.outcome import Outcome
from bridge.contract.outgoing import BusinessKey, MaterialFile, Outgoing
from bridge.model.delivery import Kind
from bridge.model.ids import digest
from bridge.model.word import Paper
from bridge.testing.samples import generate, handmade
from bridge.testing.simulator.launch import Running, launch

T = TypeVar("T")

TARGET = "discharge"

FILES = {"营业执照.pdf": b"%PDF-1.4 licence", "自行监测方案.pdf": b"%PDF-1.4 plan"}


@pytest.fixture
def source() -> dict[str, Any]:
    """The tree that a mapping reads: form, files, facts."""
    tree: dict[str, Any] = orjson.loads(Path(__file__).with_name("source.json").read_bytes())
    materials = [
        {
            "code": f"PW-M0{place}",
            "name": name,
            "digest": digest(data),
            "size": len(data),
            "media_type": "application/pdf",
        }
        for place, (name, data) in enumerate(FILES.items(), start=2)
    ]
    return {**tree, "materials": materials}


@pytest.fixture
def files() -> tuple[MaterialFile, ...]:
    """The files of the source, as an adapter gets them."""
    return tuple(
        MaterialFile(
            f"PW-M0{place + 2}",
            name,
            digest(data),
            len(data),
            "application/pdf",
            partial(_opened, data),
        )
        for place, (name, data) in enumerate(FILES.items())
    )


@pytest.fixture
def outgoing(source: dict[str, Any], files: tuple[MaterialFile, ...]) -> Outgoing:
    """The source, mapped, as the engine hands it over."""
    mapping = mappings()[("discharge-permit", Kind.APPLY, None)]
    facts = source["facts"]
    return Outgoing(
        delivery="d1",
        kind=Kind.APPLY,
        revision=facts["revision"],
        event=None,
        payload=mapping.write(source),
        key=BusinessKey(
            facts["id"], facts["number"], None, None, "discharge-permit", "new", "91120116MA05000011", "001", 0
        ),
        materials=files,
        memo={},
    )


@pytest.fixture
def corrected(source: dict[str, Any], outgoing: Outgoing) -> Outgoing:
    """The correction of `outgoing`: revision 2, one field and the second file other than before, nothing noted."""
    changed = b"%PDF-1.4 corrected plan"
    second = replace(outgoing.materials[1], digest=digest(changed), size=len(changed), open=partial(_opened, changed))
    listed = {**source["materials"][1], "digest": second.digest, "size": second.size}
    source["materials"] = [source["materials"][0], listed]
    source["facts"]["revision"] = 2
    source["data"]["site"]["address"] = "天津市滨海新区试验路3号"
    payload = mappings()[("discharge-permit", Kind.AMEND, None)].write(source)
    files = (outgoing.materials[0], second)
    return replace(outgoing, delivery="d2", kind=Kind.AMEND, revision=2, payload=payload, materials=files)


@pytest.fixture
def withdrawal(source: dict[str, Any], outgoing: Outgoing) -> Outgoing:
    """The withdrawal of `outgoing`."""
    facts = {**source["facts"], "withdrawal": {"at": "2026-11-23T10:00:00.000+08:00", "reason": "计划有变"}}
    payload = mappings()[("discharge-permit", Kind.WITHDRAW, None)].write({**source, "facts": facts})
    return replace(outgoing, delivery="d3", kind=Kind.WITHDRAW, event="e", payload=payload)


def entered(document: dict[str, Any], number: str) -> tuple[dict[str, Any], tuple[MaterialFile, ...]]:
    """A document as the engine would hand it on once it has `number`: the source of a mapping, and the files."""
    files = []
    for material in document["materials"]:
        data = base64.b64decode(material["content"])
        made = partial(_opened, data)
        files.append(MaterialFile(material["code"], material["name"], digest(data), len(data), "application/pdf", made))
    listed = [
        {"code": one.code, "name": one.name, "digest": one.digest, "size": one.size, "media_type": one.media_type}
        for one in files
    ]
    facts = {"id": number, "number": number, "revision": 1, "matter": document["matter"], "type": document["type"]}
    return {"data": document["data"], "materials": listed, "facts": facts}, tuple(files)


def _opened(data: bytes) -> AbstractContextManager[BytesIO]:
    return nullcontext(BytesIO(data))


@pytest.fixture(scope="session")
def samples() -> list[dict[str, Any]]:
    """Applications as people would enter them: generated ones of every type, and the hand-made ones."""
    generated = [one for type_ in APPLY_TYPES for one in generate("discharge-permit", type=type_, seed=7, count=20)]
    return [*generated, *(one for one in handmade() if one["matter"] == "discharge-permit")]


@pytest.fixture(scope="session")
def enter() -> Callable[[dict[str, Any], str], tuple[dict[str, Any], tuple[MaterialFile, ...]]]:
    """`entered`, for tests."""
    return entered


class Sim:
    """The simulated platform in a process of its own, and the adapter against it."""

    def __init__(self, running: Running) -> None:
        self._running = running

    def ask(self, path: str, body: object | None = None) -> Any:
        """Call the side door."""
        return self._running.ask(TARGET, path, body)

    def records(self) -> list[dict[str, Any]]:
        """What it holds."""
        records: list[dict[str, Any]] = self.ask("/_control/records")["records"]
        return records

    def faults(self, *names: str, **more: object) -> None:
        """Let it misbehave; without names, behave."""
        self.ask("/_control/faults", {"seed": 1, "faults": [{"fault": name, **more} for name in names]})

    def play(self, act: Callable[[Adapter], Awaitable[T]], total_seconds: float = 5.0, **secrets: str) -> T:
        """Run `act(adapter)` with a fresh adapter, which lets go at the end."""
        built = context(self._running.settings, total_seconds, **secrets)

        async def played() -> T:
            adapter = discharge.create(built)
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
    given = {name.removeprefix("BRIDGE_TARGETS__DISCHARGE__").lower(): value for name, value in settings.items()}
    secrets = {
        name.removeprefix("secrets__"): Path(value.removeprefix("file:")).read_text()
        for name, value in given.items()
        if name.startswith("secrets__")
    }
    manifest = read_manifest(Path(discharge.__file__).with_name("manifest.toml"))
    return AdapterContext(manifest, given, {**secrets, **changed}, SystemClock(), total_seconds)


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """The platform, for all tests of this process."""
    with launch([TARGET], folder=tmp_path_factory.mktemp("simulators")) as started:
        yield started


@pytest.fixture
def sim(running: Running) -> Sim:
    """The platform, empty and well-behaved."""
    empty = Sim(running)
    empty.faults()
    empty.ask("/_control/reset", {})
    return empty


@pytest.fixture
def built() -> Callable[[Mapping[str, str]], Adapter]:
    """An adapter from the settings that a simulator hands out."""
    return lambda settings: discharge.create(context(settings))


@pytest.fixture
def limited(running: Running) -> Callable[[int, Paper], Awaitable[bytes]]:
    """Fetch a paper with an adapter that takes files of at most so many bytes."""

    async def fetch(file_bytes: int, paper: Paper) -> bytes:
        usual = context(running.settings)
        limits = replace(usual.manifest.limits, file_bytes=file_bytes)
        adapter = discharge.create(replace(usual, manifest=replace(usual.manifest, limits=limits)))
        try:
            return await adapter.fetch(paper)
        finally:
            await adapter.close()

    return fetch
