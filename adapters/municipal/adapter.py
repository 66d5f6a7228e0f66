"""The adapter promise for the gateway: number, files, hand in, later messages; asked by bizNo; read in two ways.

The wire is `client`, codes are `codes`, fields are `mapping`; here is the order of the steps and what is noted of them.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

from adapters.municipal.client.answers import Affair, Conflict, Message, file_key, not_understood
from adapters.municipal.client.answers import Held as HeldThere
from adapters.municipal.client.calls import Client
from adapters.municipal.client.wire import data_sign
from adapters.municipal.codes import CORRECTING, PENDING, STATUSES
from adapters.municipal.mapping import mappings
from bridge.contract.adapter import AdapterContext
from bridge.contract.mapping import PayloadMapping
from bridge.contract.outcome import Absent, Found, Held, Outcome, Partial, Receipt, Unclear
from bridge.contract.outgoing import Outgoing
from bridge.contract.remote import CallbackRequest, Cursor, Page, RemoteChange, RemoteRecord, Window
from bridge.errors import OutcomeUnknown, Refused, TargetError
from bridge.kit.mapping.versions import chosen
from bridge.model.delivery import Kind
from bridge.model.word import Paper

WHOLE = frozenset({Kind.APPLY, Kind.AMEND})
"""Kinds that hand in the whole case; the others are messages about it."""

NOTHING_DONE: Mapping[str, Any] = {"project_no": None, "files": {}, "status": None, "_look": False}
"""The memo of a first attempt. `files` is `file_key` → file id; `_look`: an attempt ended before it was done."""


class MunicipalAdapter:
    """Our code for 天津市政务一网通."""

    def __init__(self, context: AdapterContext) -> None:
        self.manifest = context.manifest
        self._client = Client(context)

    def mapping(self, matter: str, kind: Kind, version: int | None = None) -> PayloadMapping | None:
        """The mapping of one matter and kind, the one in force where `version` is None."""
        return chosen(mappings(), self.manifest, matter, kind, version)

    async def send(self, batch: Sequence[Outgoing]) -> Sequence[Outcome]:
        """One at a time (`manifest.abilities.batch`); each outcome carries what has been done so far as its memo."""
        return [await (self._send(one) if one.kind in WHOLE else self._tell(one)) for one in batch]

    async def _tell(self, outgoing: Outgoing) -> Outcome:
        """One message about a case that is held. The gateway knows it by its `sn`: told twice, it counts once."""
        try:
            ((call, content),) = outgoing.payload.items()
            answer, raw = await self._client.tell(call, content)
            return _taken(answer, content["projectNo"], raw, {})
        except Conflict as conflict:
            try:
                return await self._after_conflict(outgoing, {}, conflict)
            except TargetError as error:
                return error
        except TargetError as error:
            return error

    async def _send(self, outgoing: Outgoing) -> Outcome:
        """Number, files, hand in: what the memo names is not done again."""
        memo: dict[str, Any] = {**NOTHING_DONE, **outgoing.memo}
        memo["files"] = dict(memo["files"])
        try:
            await self._prepare(outgoing, memo)
            return await self._receive(outgoing, memo)
        except Conflict as conflict:
            try:
                return await self._after_conflict(outgoing, memo, conflict)
            except TargetError as error:
                error.memo = memo
                return error
        except TargetError as error:
            error.memo = memo
            return error

    async def _prepare(self, outgoing: Outgoing, memo: dict[str, Any]) -> None:
        """Number and files, each noted in `memo` once it is there.

        Both may be repeated with one effect, so a lost answer is TryLater here; the next attempt looks what became of
        it and goes on from there.
        """
        if memo["_look"] or outgoing.kind is Kind.AMEND:
            _note(memo, await self._client.by_our_number(outgoing.key.number))
        memo["_look"] = True
        if memo["project_no"] is None:
            memo["project_no"] = await self._client.number(outgoing.payload["projid/apply"])
        for file in outgoing.materials:
            if file_key(file.digest, file.name) not in memo["files"]:
                memo["files"][file_key(file.digest, file.name)] = await self._client.upload(memo["project_no"], file)

    async def _receive(self, outgoing: Outgoing, memo: dict[str, Any]) -> Receipt:
        """The last step: from here on the gateway holds the case."""
        paths = [memo["files"][file_key(file.digest, file.name)] for file in outgoing.materials]
        call = "supplement" if outgoing.kind is Kind.AMEND and memo["status"] == CORRECTING else "receive"
        answer, raw = await self._client.hand_in(call, outgoing.payload["receive"], memo["project_no"], paths)
        return _taken(answer, memo["project_no"], raw, memo)

    async def _after_conflict(self, outgoing: Outgoing, memo: dict[str, Any], conflict: Conflict) -> Outcome:
        """The gateway says that the number is held with other content: true, or said of what we sent ourselves."""
        found = await self.find(outgoing)
        if isinstance(found, Held):
            return found.receipt
        if isinstance(found, Unclear):
            return Refused(found.why, code=conflict.code, raw=conflict.raw, memo=memo)
        raise conflict

    async def find(self, outgoing: Outgoing) -> Found:
        """Ask by bizNo: nothing, a number and files to go on from, this very version or message, or what is unclear."""
        held = await self._client.by_our_number(outgoing.key.number)
        return _found(outgoing, held) if outgoing.kind in WHOLE else _found_message(outgoing, held)

    async def changes(self, cursor: Cursor | None) -> Page[RemoteChange]:
        """The gateway's own stream of messages."""
        items, after, more = await self._client.changes(cursor)
        return Page(items=items, cursor=after, more=more)

    async def records(self, window: Window) -> AsyncIterator[RemoteRecord]:
        """What the gateway holds, page by page."""
        async for one in self._client.cases(window):
            yield one

    async def fetch(self, paper: Paper) -> bytes:
        """It names no files of its own."""
        raise Refused("对方没有这个文件 (the target has no such file)")

    def hear(self, request: CallbackRequest) -> Sequence[RemoteChange]:
        """One message, signed. Raises AccessDenied where the signature is not the gateway's."""
        return [self._client.hear(request)]

    async def check(self) -> None:
        """A token is given, and a signed question is answered."""
        await self._client.check()

    async def close(self) -> None:
        """Let go of connections."""
        await self._client.close()


def _note(memo: dict[str, Any], held: HeldThere) -> None:
    """What the gateway has is not sent again; what it has no more is."""
    memo["project_no"], memo["files"] = held.project_no, dict(held.files)
    memo["status"] = held.affairs[0].status if held.affairs else None


def _found_message(outgoing: Outgoing, held: HeldThere) -> Found:
    """Whether this very message about a case is held."""
    ((call, content),) = outgoing.payload.items()
    ours = Message(call, content["sn"], data_sign(content))
    for affair in held.affairs:
        if affair.project_no != content["projectNo"]:
            continue
        if ours in affair.messages:
            return Held(_receipt(affair.project_no, affair.status, held.raw, {}))
        if any(one.sn == ours.sn for one in affair.messages):
            return Unclear("网关已有同一流水号但内容不同的消息 (the gateway holds another message under this number)")
    return Absent()


def _found(outgoing: Outgoing, held: HeldThere) -> Found:
    """What is held, seen from one delivery."""
    memo = dict(NOTHING_DONE)
    _note(memo, held)
    if held.project_no is None:
        return Absent()
    if len(held.affairs) > 1:
        return Unclear(f"网关有 {len(held.affairs)} 件同一收件编号的办件 (several cases with our number)")
    if not held.affairs or held.affairs[0].version < outgoing.revision:
        return Partial(memo)
    affair: Affair = held.affairs[0]
    if affair.version > outgoing.revision:
        return Unclear("网关已有更新的版本 (the gateway holds a later version)")
    if affair.data_sign != data_sign(outgoing.payload["receive"]):
        return Unclear("网关已有同一版本但内容不同的办件 (the gateway holds this version with other content)")
    return Held(_receipt(affair.project_no, affair.status, held.raw, memo))


def _taken(answer: Mapping[str, Any], project_no: str, raw: bytes, memo: Mapping[str, Any]) -> Receipt:
    """The receipt of what an answer says was taken. Raises OutcomeUnknown where it says something else."""
    if answer.get("status") == PENDING:
        raise OutcomeUnknown("对方已接收，仍在处理 (the gateway is still working on it)", code=PENDING, raw=raw)
    if answer.get("projectNo") != project_no or not isinstance(answer.get("status"), str):
        raise not_understood(raw)
    return _receipt(project_no, answer["status"], raw, memo)


def _receipt(project_no: str, status: str, raw: bytes, memo: Mapping[str, Any]) -> Receipt:
    """回执 of what has been handed in."""
    return Receipt(
        number=project_no,
        status=STATUSES.state(status),
        status_raw=status,
        facts={"case_number": project_no},
        raw=raw,
        memo=memo,
    )
