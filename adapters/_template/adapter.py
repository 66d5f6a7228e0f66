"""The adapter promise for the target: the order of the steps, and nothing of the wire."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

from adapters._template.client import Client
from adapters._template.codes import STATUSES
from adapters._template.mapping import APPLY_1, compiled
from bridge.contract.adapter import AdapterContext
from bridge.contract.mapping import PayloadMapping
from bridge.contract.outcome import Absent, Found, Held, Outcome, Receipt
from bridge.contract.outgoing import Outgoing
from bridge.contract.remote import CallbackRequest, Cursor, Page, RemoteChange, RemoteRecord, Window
from bridge.errors import AccessDenied, OutcomeUnknown, Refused, TargetError
from bridge.kit.mapping.compiled import CompiledMapping
from bridge.kit.mapping.versions import chosen
from bridge.model.delivery import Kind
from bridge.model.word import Paper


class TemplateAdapter:
    """Our code for the target."""

    def __init__(self, context: AdapterContext) -> None:
        self.manifest = context.manifest
        self._client = Client(context)

    def mapping(self, matter: str, kind: Kind, version: int | None = None) -> PayloadMapping | None:
        """The mapping of one matter and kind, the one in force where `version` is None."""
        there: dict[tuple[str, Kind, int | None], CompiledMapping] = {
            (APPLY_1.matter, APPLY_1.kind, APPLY_1.version): compiled()
        }
        return chosen(there, self.manifest, matter, kind, version)

    async def send(self, batch: Sequence[Outgoing]) -> Sequence[Outcome]:
        """One at a time; a TargetError is an outcome, too."""
        return [await self._send(outgoing) for outgoing in batch]

    async def _send(self, outgoing: Outgoing) -> Outcome:
        try:
            return _receipt(await self._client.put(outgoing.key.number, outgoing.payload))
        except TargetError as error:
            return error

    async def find(self, outgoing: Outgoing) -> Found:
        """Ask by our number."""
        held = await self._client.get(outgoing.key.number)
        return Absent() if held is None else Held(_receipt(held))

    async def changes(self, cursor: Cursor | None) -> Page[RemoteChange]:
        """The target's own stream."""
        told = await self._client.since(cursor)
        items = [
            RemoteChange(item["id"], item["number"], STATUSES.state(item["status"]), item["status"], at=None)
            for item in told["items"]
        ]
        return Page(items=items, cursor=told["cursor"], more=bool(items))

    async def records(self, window: Window) -> AsyncIterator[RemoteRecord]:
        """What it holds: this target cannot choose by time, so everything."""
        cursor: str | None = None
        while (told := await self._client.since(cursor))["items"]:
            for item in told["items"]:
                files = [(file["name"], file["digest"]) for file in item["fields"]["files"]]
                status = STATUSES.state(item["status"])
                yield RemoteRecord(item["id"], item["number"], status, item["status"], item["fields"], files)
            cursor = told["cursor"]

    async def fetch(self, paper: Paper) -> bytes:
        """It names no files of its own."""
        raise Refused("对方没有这个文件 (the target has no such file)")

    def hear(self, request: CallbackRequest) -> Sequence[RemoteChange]:
        """It calls nobody. Raises AccessDenied."""
        raise AccessDenied("该系统不发回调 (the target sends no callbacks)")

    async def check(self) -> None:
        """It answers, and takes our key."""
        await self._client.since(None)

    async def close(self) -> None:
        """Let go of connections."""
        await self._client.close()


def _receipt(held: Mapping[str, Any]) -> Receipt:
    """回执. Raises OutcomeUnknown where the answer is not of the known form."""
    try:
        return Receipt(held["id"], STATUSES.state(held["status"]), held["status"])
    except (KeyError, TypeError) as exc:
        raise OutcomeUnknown("对方答复无法识别 (the answer is not understood)") from exc
