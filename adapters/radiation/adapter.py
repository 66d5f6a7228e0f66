"""The adapter promise for the system: files, the business, a withdrawal; asked by instanceId; read by poll.

The wire is `client`, codes are `codes`, fields are `mapping`; here is the order of the steps and what is noted of them.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

from adapters.radiation.client.answers import Business, canonical, file_key
from adapters.radiation.client.calls import Client
from adapters.radiation.codes import WITHDRAWN
from adapters.radiation.mapping import mappings
from bridge.contract.adapter import AdapterContext
from bridge.contract.mapping import PayloadMapping
from bridge.contract.outcome import Absent, Found, Held, Outcome, Partial, Receipt, Unclear
from bridge.contract.outgoing import Outgoing
from bridge.contract.remote import CallbackRequest, Cursor, Page, RemoteChange, RemoteRecord, Window
from bridge.errors import AccessDenied, OutcomeUnknown, Refused, TargetError, TryLater
from bridge.kit.mapping.versions import chosen
from bridge.model.delivery import Kind
from bridge.model.word import Paper

NOTHING_DONE: dict[str, Any] = {"attachments": {}, "_look": False}
"""The memo of a first attempt. `attachments` is `file_key` → the system's id; `_look`: the last answer was lost."""


class RadiationAdapter:
    """Our code for 全国核技术利用辐射安全申报系统."""

    def __init__(self, context: AdapterContext) -> None:
        self.manifest = context.manifest
        self._client = Client(context)

    def mapping(self, matter: str, kind: Kind, version: int | None = None) -> PayloadMapping | None:
        """The mapping of one matter and kind, the one in force where `version` is None."""
        return chosen(mappings(), self.manifest, matter, kind, version)

    async def send(self, batch: Sequence[Outgoing]) -> Sequence[Outcome]:
        """One at a time (`manifest.abilities.batch`); each outcome carries what has been done so far as its memo."""
        return [await self._send(outgoing) for outgoing in batch]

    async def _send(self, outgoing: Outgoing) -> Outcome:
        """Files, then the business, or its withdrawal: what the memo names is not done again."""
        memo: dict[str, Any] = {**NOTHING_DONE, **outgoing.memo}
        memo["attachments"] = dict(memo["attachments"])
        try:
            if outgoing.kind is Kind.WITHDRAW:
                return _receipt(await self._client.withdraw(outgoing.payload), memo)
            await self._upload(outgoing, memo)
            ids = [memo["attachments"][file_key(file.digest, file.name)] for file in outgoing.materials]
            return _receipt(await self._client.submit(outgoing.payload, list(dict.fromkeys(ids))), memo)
        except TargetError as error:
            memo["_look"] = memo["_look"] or isinstance(error, OutcomeUnknown)
            error.memo = memo
            return error

    async def _upload(self, outgoing: Outgoing, memo: dict[str, Any]) -> None:
        """Every file, each noted in `memo` once it is there.

        A file may be sent again with one effect, so a lost answer is TryLater here; the next attempt looks what became
        of it and goes on from there. Raises TargetError, but never OutcomeUnknown.
        """
        try:
            if memo["_look"]:
                _, memo["attachments"] = await self._client.query(outgoing.key.application)
            memo["_look"] = True
            for file in outgoing.materials:
                key = file_key(file.digest, file.name)
                if key not in memo["attachments"]:
                    memo["attachments"][key] = await self._client.upload(outgoing.key.application, file)
        except OutcomeUnknown as error:
            raise TryLater(str(error), answered=error.answered, code=error.code, raw=error.raw) from error
        memo["_look"] = False

    async def find(self, outgoing: Outgoing) -> Found:
        """Ask by instanceId: nothing, files to go on from, this revision handed in, withdrawn, or more than one."""
        held, attachments = await self._client.query(outgoing.key.application)
        memo: dict[str, object] = {"attachments": attachments, "_look": False}
        withdrawal = outgoing.kind is Kind.WITHDRAW
        if not held:
            return Partial(memo) if attachments and not withdrawal else Absent()
        if len(held) > 1:
            return Unclear(f"系统中有 {len(held)} 件同一实例编号的业务 (several businesses with our id)")
        (one,) = held
        if withdrawal:
            return Held(_receipt(one, memo)) if one.state == WITHDRAWN else Absent()
        if one.data_version == outgoing.revision:
            return Held(_receipt(one, memo))
        if one.data_version < outgoing.revision:
            return Absent()
        return Unclear("系统中已有更新的版本 (the system holds a later revision)")

    async def changes(self, cursor: Cursor | None) -> Page[RemoteChange]:
        """The system's own stream of changes, each with what was said."""
        items, after, more = await self._client.changes(cursor)
        return Page(items=items, cursor=after, more=more)

    async def records(self, window: Window) -> AsyncIterator[RemoteRecord]:
        """What the system holds, page by page."""
        async for one in self._client.businesses(window):
            yield RemoteRecord(
                number=one.company_id,
                key=one.instance_id,
                status=canonical(one.state),
                status_raw=one.state,
                fields=one.fields,
                materials=one.materials,
            )

    async def fetch(self, paper: Paper) -> bytes:
        """The file that a change named. Raises Refused where there is none."""
        if paper.file is None:
            raise Refused("对方没有给出文件 (the target named no file)")
        return await self._client.download(paper.file)

    def hear(self, request: CallbackRequest) -> Sequence[RemoteChange]:
        """It calls nobody: whatever comes is not from it. Raises AccessDenied."""
        raise AccessDenied("该系统不发送回调 (this system sends no callbacks)")

    async def check(self) -> None:
        """A session is given for our credential."""
        await self._client.check()

    async def close(self) -> None:
        """Let go of connections."""
        await self._client.close()


def _receipt(held: Business, memo: Mapping[str, object]) -> Receipt:
    """回执 of what is handed in."""
    return Receipt(held.company_id, canonical(held.state), held.state, raw=held.raw, memo=dict(memo))
