"""The bench's own target: the mapping of a real adapter, and one POST per delivery over the kit's own client.

A real adapter makes several calls per delivery (account, draft, files); one call makes the figures comparable with a
bare client and with a task queue. What does not belong here: rules of a target.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from functools import cache

from benchmarks.samples import MATTER
from bridge.clock import Clock, SystemClock
from bridge.contract.adapter import Adapter, AdapterContext
from bridge.contract.manifest import Manifest
from bridge.contract.mapping import PayloadMapping
from bridge.contract.outcome import Absent, Found, Outcome, Receipt
from bridge.contract.outgoing import Outgoing
from bridge.contract.remote import CallbackRequest, Cursor, Page, RemoteChange, RemoteRecord, Window
from bridge.errors import AccessDenied, Refused
from bridge.kit.http import HttpClient
from bridge.model.delivery import Kind
from bridge.model.word import Paper
from bridge.registry import available, build_adapter

CONCURRENCY = 16
"""Deliveries under way at once, as the manifests of the real targets say."""

UNLIMITED = 1_000_000.0
"""Calls per second: the bench's server sets no limit."""

TOTAL_SECONDS = 30.0


class BenchTarget:
    """One target of a matter's route, with its real mapping."""

    def __init__(self, context: AdapterContext, real: Adapter) -> None:
        self.manifest = context.manifest
        self._real = real
        self.client = client(context.settings["url"], context.clock, context.manifest.limits.concurrency)

    def mapping(self, matter: str, kind: Kind, version: int | None = None) -> PayloadMapping | None:
        """The real adapter's."""
        return self._real.mapping(matter, kind, version)

    async def send(self, batch: Sequence[Outgoing]) -> Sequence[Outcome]:
        """One POST for each."""
        return [await self._send(outgoing) for outgoing in batch]

    async def _send(self, outgoing: Outgoing) -> Receipt:
        """The payload as JSON; the answer's number."""
        answer = await self.client.request("POST", "/", headers=JSON, content=outgoing.body)
        return Receipt(answer.json()["number"], None, "R", raw=answer.body)

    async def find(self, outgoing: Outgoing) -> Found:
        """It keeps nothing."""
        return Absent()

    async def changes(self, cursor: Cursor | None) -> Page[RemoteChange]:
        """Nothing ever happens."""
        return Page(items=[], cursor=cursor, more=False)

    async def records(self, window: Window) -> AsyncIterator[RemoteRecord]:
        """It keeps nothing."""
        nothing: tuple[RemoteRecord, ...] = ()
        for record in nothing:
            yield record

    async def fetch(self, paper: Paper) -> bytes:
        """It has no files. Raises Refused."""
        raise Refused("对方没有这个文件 (the target has no such file)")

    def hear(self, request: CallbackRequest) -> Sequence[RemoteChange]:
        """It calls nobody. Raises AccessDenied."""
        raise AccessDenied("基准测试的系统不发回调 (the bench's target sends no callbacks)")

    async def check(self) -> None:
        """It is always there."""

    async def close(self) -> None:
        """Let go of connections."""
        await self.client.close()


JSON = {"Content-Type": "application/json"}


def client(url: str, clock: Clock, concurrency: int = CONCURRENCY) -> HttpClient:
    """The kit's client, as the bench's target has it."""
    return HttpClient(
        url, total_seconds=TOTAL_SECONDS, concurrency=concurrency, calls_per_second=UNLIMITED, clock=clock
    )


def bench_target(name: str, url: str, clock: Clock) -> BenchTarget:
    """A stand-in for the target `name`, with its mapping. Raises KeyError where there is no such adapter."""
    found = available()[name]
    real = build_adapter(found, {}, {}, clock=clock, total_seconds=TOTAL_SECONDS, strict=False)
    context = AdapterContext(
        manifest=_manifest(found.manifest),
        settings={"url": url},
        secrets={},
        clock=clock,
        total_seconds=TOTAL_SECONDS,
    )
    return BenchTarget(context, real)


@cache
def real_mapping(name: str) -> PayloadMapping:
    """The mapping of an application of the bench's matter for the target `name`."""
    mapping = bench_target(name, "", SystemClock()).mapping(MATTER, Kind.APPLY)
    assert mapping is not None  # noqa: S101 - the targets of the bench take applications
    return mapping


def _manifest(real: Manifest) -> Manifest:
    """The real one's, without what the bench's server lacks."""
    return replace(
        real,
        settle_seconds=0.0,
        gives=(),
        abilities=replace(real.abilities, changes=False, callbacks=False, records=False, batch=1),
        limits=replace(real.limits, concurrency=CONCURRENCY, calls_per_second=UNLIMITED),
    )
