"""The adapter promise for the platform: account, draft, files, submit; asked by 外部编号; read by poll and callback.

The wire is `client`, codes are `codes`, fields are `mapping`; here is the order of the steps and what is noted of them.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

from adapters.discharge.client import callback
from adapters.discharge.client.answers import Application, Gone, file_key
from adapters.discharge.client.calls import Client
from adapters.discharge.codes import CORRECTION, DRAFT, STATUSES
from adapters.discharge.mapping import mappings
from bridge.clock import parse_rfc3339, to_micros
from bridge.contract.adapter import AdapterContext
from bridge.contract.mapping import PayloadMapping
from bridge.contract.outcome import Absent, Found, Held, Outcome, Partial, Receipt, Unclear
from bridge.contract.outgoing import Outgoing
from bridge.contract.remote import CallbackRequest, Cursor, Page, RemoteChange, RemoteRecord, Window
from bridge.errors import OutcomeUnknown, Refused, TargetError, TryLater
from bridge.model.delivery import Kind
from bridge.model.lifecycle import ApplicationState
from bridge.model.word import Paper

NOT_HANDED_IN = (DRAFT, CORRECTION)

NOTHING_DONE: dict[str, Any] = {"account": None, "dataid": None, "files": {}, "_look": False}
"""The memo of a first attempt. `files` is `file_key` → the platform's file id; `_look`: the last answer was lost."""


class DischargeAdapter:
    """Our code for 全国排污许可证管理信息平台."""

    def __init__(self, context: AdapterContext) -> None:
        self.manifest = context.manifest
        self._client = Client(context)
        self._callback_secret = context.secrets.get("callback_secret", "")

    def mapping(self, matter: str, kind: Kind, version: int | None = None) -> PayloadMapping | None:
        """The mapping of one matter and kind, the newest where `version` is None."""
        return mappings().get((matter, kind, version))

    async def send(self, batch: Sequence[Outgoing]) -> Sequence[Outcome]:
        """One at a time (`manifest.abilities.batch`); each outcome carries what has been done so far as its memo."""
        return [await self._send(outgoing) for outgoing in batch]

    async def _send(self, outgoing: Outgoing) -> Outcome:
        """Account, draft, files, submit: what the memo names is not done again."""
        memo: dict[str, Any] = {**NOTHING_DONE, **outgoing.memo}
        memo["files"] = dict(memo["files"])
        try:
            await self._prepare(outgoing, memo)
            return await self._submit(outgoing, memo)
        except TargetError as error:
            error.memo = dict(NOTHING_DONE) if isinstance(error, Gone) else memo
            return error

    async def _prepare(self, outgoing: Outgoing, memo: dict[str, Any]) -> None:
        """Account, draft and files, each noted in `memo` once it is there.

        These steps may be repeated with one effect, so a lost answer is TryLater here; the next attempt looks what
        became of it and goes on from there. Raises TargetError, but never OutcomeUnknown.
        """
        try:
            await self._repeatable_steps(outgoing, memo)
        except OutcomeUnknown as error:
            raise TryLater(str(error), answered=error.answered, code=error.code, raw=error.raw) from error
        memo["_look"] = False

    async def _repeatable_steps(self, outgoing: Outgoing, memo: dict[str, Any]) -> None:
        """What comes before the last step."""
        if memo["_look"]:
            held = await self._client.by_external_number(outgoing.key.number)
            if len(held) == 1:
                memo.update(_progress(held[0]))
        memo["_look"] = True
        if memo["account"] is None:
            account = outgoing.payload["account"]
            memo["account"] = await self._client.find_account(account) or await self._client.open_account(account)
        if memo["dataid"] is None:
            memo.update(_progress(await self._client.put_draft(memo["account"], outgoing.payload)))
        for file in outgoing.materials:
            if file_key(file.digest, file.name) not in memo["files"]:
                memo["files"][file_key(file.digest, file.name)] = await self._client.upload(memo["dataid"], file)

    async def _submit(self, outgoing: Outgoing, memo: dict[str, Any]) -> Receipt:
        """The last step: from here on the platform holds the application."""
        files = [memo["files"][file_key(file.digest, file.name)] for file in outgoing.materials]
        return _receipt(await self._client.submit(memo["dataid"], files, outgoing.revision), memo)

    async def find(self, outgoing: Outgoing) -> Found:
        """Ask by 外部编号: nothing, a draft to go on from, this revision handed in, or more than one."""
        held = await self._client.by_external_number(outgoing.key.number)
        if not held:
            return Absent()
        if len(held) > 1:
            return Unclear(f"平台上有 {len(held)} 件同一外部编号的申请 (several applications with our number)")
        (one,) = held
        if one.status in NOT_HANDED_IN:
            return Partial(_progress(one))
        if one.revision == outgoing.revision:
            return Held(_receipt(one, _progress(one)))
        if one.revision < outgoing.revision:
            return Absent()
        return Unclear("平台上已有更新的版本 (the platform holds a later revision)")

    async def changes(self, cursor: Cursor | None) -> Page[RemoteChange]:
        """The platform's own stream of status changes."""
        items, after, more = await self._client.changes(cursor)
        return Page(items=[_change(item) for item in items], cursor=after, more=more)

    async def records(self, window: Window) -> AsyncIterator[RemoteRecord]:
        """What the platform holds, drafts too, page by page."""
        async for one in self._client.applications(window):
            yield RemoteRecord(
                number=one.dataid,
                key=one.external_number,
                status=_state(one.status),
                status_raw=one.status,
                fields=one.fields,
                materials=one.materials,
            )

    async def fetch(self, paper: Paper) -> bytes:
        """It names no files of its own."""
        raise Refused("对方没有这个文件 (the target has no such file)")

    def hear(self, request: CallbackRequest) -> Sequence[RemoteChange]:
        """One change, signed. Raises AccessDenied where the signature is not the platform's."""
        return [_change(callback.read(request, self._callback_secret))]

    async def check(self) -> None:
        """A token is given for our credential."""
        await self._client.check()

    async def close(self) -> None:
        """Let go of connections."""
        await self._client.close()


def _progress(held: Application) -> dict[str, Any]:
    """What the platform has of an application, as a memo."""
    return {"account": held.account, "dataid": held.dataid, "files": dict(held.files)}


def _state(status: str) -> ApplicationState | None:
    """The canonical state; None for a code that we do not know, which is kept and moves nothing."""
    known = STATUSES.get(status)
    return known.state if known else None


def _receipt(held: Application, memo: Mapping[str, object]) -> Receipt:
    """回执 of what is handed in."""
    return Receipt(held.dataid, _state(held.status), held.status, raw=held.raw, memo=dict(memo))


def _change(item: Mapping[str, Any]) -> RemoteChange:
    """One entry of the stream, or one callback."""
    return RemoteChange(
        number=item["dataid"],
        key=item.get("externalNo"),
        status=_state(item["status"]),
        status_raw=item["status"],
        at=to_micros(parse_rfc3339(item["at"])),
        id=item["id"],
    )
