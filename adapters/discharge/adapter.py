"""The adapter promise for the platform: account, draft, files, publicity, signed form, submit, withdraw; asked, heard.

The wire is `client`, codes are `codes`, fields are `mapping`; here is the order of the steps and what is noted of them.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Mapping, Sequence
from typing import Any, TypeVar

from adapters.discharge.client import callback, word
from adapters.discharge.client.answers import Application, Gone, NotOurs, file_key
from adapters.discharge.client.calls import Client
from adapters.discharge.codes import FORM_DIFFERS, NOT_SIGNED, raw_of, state_of
from adapters.discharge.mapping import mappings
from bridge.contract.adapter import AdapterContext
from bridge.contract.mapping import PayloadMapping
from bridge.contract.outcome import (
    Absent,
    Found,
    Held,
    NeedsAccount,
    NeedsSignature,
    Outcome,
    Partial,
    Receipt,
    Unclear,
)
from bridge.contract.outgoing import Outgoing
from bridge.contract.remote import CallbackRequest, Cursor, Page, RemoteChange, RemoteRecord, Window
from bridge.errors import OutcomeUnknown, Refused, TargetError, TryLater
from bridge.kit.mapping.versions import chosen
from bridge.model.delivery import Kind
from bridge.model.ids import digest
from bridge.model.word import Paper

T = TypeVar("T")

SEVERAL = "平台上有几件同一外部编号的申请 (the platform holds several applications with our number)"
NOTHING_HELD = "平台上没有这件申请，无可撤回 (the platform holds no such application: there is nothing to withdraw)"
NO_FILE = "平台上没有这个文件 (the platform has no such file)"

FORM_NAME = "排污许可证申请表.pdf"
"""What the platform's form is called (PW-M01, TARGETS 2.2)."""

NO_ACCOUNT: dict[str, Any] = {
    "what": "单位在该平台的账户尚未授权本系统代为申报",
    "what_en": "the company's account there is not bound to us yet",
    "remedy": "请单位登录该平台，开通该生产经营场所的账户，并授权本系统代为申报（统一社会信用代码须与申请一致）。",
    "remedy_en": "The company logs in there, opens the account of this site, and authorises us to act for it.",
}
"""What the applicant does about an account (INVENTED with the rest of the wire)."""

NOTHING_DONE: dict[str, Any] = {"account": None, "dataid": None, "files": {}, "_look": False}
"""The memo of a first attempt. `files` is `file_key` → the platform's file id; `_look`: the last answer was lost.

Only where the platform asks for it: `publish` is yet to be done; `sign`, with `form`, the digest of the 申请表 as it
was made, and `signed`, the file id of the signed one.
"""


class DischargeAdapter:
    """Our code for 全国排污许可证管理信息平台."""

    def __init__(self, context: AdapterContext) -> None:
        self.manifest = context.manifest
        self._client = Client(context)
        self._callback_secret = context.secrets.get("callback_secret", "")

    def mapping(self, matter: str, kind: Kind, version: int | None = None) -> PayloadMapping | None:
        """The mapping of one matter and kind, the one in force where `version` is None."""
        return chosen(mappings(), self.manifest, matter, kind, version)

    async def send(self, batch: Sequence[Outgoing]) -> Sequence[Outcome]:
        """One at a time (`manifest.abilities.batch`); each outcome carries what has been done so far as its memo."""
        return [await self._send(outgoing) for outgoing in batch]

    async def _send(self, outgoing: Outgoing) -> Outcome:
        """All steps up to the submission, or withdraw: what the memo names is not done again."""
        memo: dict[str, Any] = {**NOTHING_DONE, **outgoing.memo}
        memo["files"] = dict(memo["files"])
        try:
            if outgoing.kind is Kind.WITHDRAW:
                return await self._withdraw(outgoing, memo)
            await self._prepare(outgoing, memo)
            return await self._hand_in(outgoing, memo)
        except NotOurs:
            memo["_look"] = False
            return NeedsAccount(**NO_ACCOUNT, memo=memo)
        except TargetError as error:
            if error.code == FORM_DIFFERS:  # what was signed is void: the form is made anew at the next attempt
                memo["form"] = memo["signed"] = None
            error.memo = dict(NOTHING_DONE) if isinstance(error, Gone) else memo
            return error

    async def _prepare(self, outgoing: Outgoing, memo: dict[str, Any]) -> None:
        """Account, draft and files, each noted in `memo` once it is there.

        These steps may be repeated with one effect, so a lost answer is TryLater here; the next attempt looks what
        became of it and goes on from there. Raises TargetError, but never OutcomeUnknown.
        """
        await _repeatable(self._repeatable_steps(outgoing, memo))
        memo["_look"] = False

    async def _repeatable_steps(self, outgoing: Outgoing, memo: dict[str, Any]) -> None:
        """What comes before the last step."""
        if memo["_look"]:
            held = await self._client.by_external_number(outgoing.key.number)
            if len(held) == 1:
                memo.update(_progress(held[0], outgoing.revision))
        memo["_look"] = True
        if memo["account"] is None:
            account = outgoing.payload["account"]
            memo["account"] = await self._client.find_account(account) or await self._client.open_account(account)
        if memo["dataid"] is None:
            draft = await self._client.put_draft(memo["account"], outgoing.payload)
            memo.update(_progress(draft, outgoing.revision), dataid=draft.dataid)
        for file in outgoing.materials:
            if file_key(file.digest, file.name) not in memo["files"]:
                memo["files"][file_key(file.digest, file.name)] = await self._client.upload(memo["dataid"], file)

        if memo.get("publish"):
            await self._client.publish(memo["dataid"], outgoing.revision)
            memo["publish"] = False

    async def _hand_in(self, outgoing: Outgoing, memo: dict[str, Any]) -> Receipt | NeedsSignature:
        """With the signed form where one is asked for, be it only now, when the draft has long been there."""
        if needed := await _repeatable(self._sign(outgoing, memo)):
            return needed
        try:
            return await self._submit(outgoing, memo)
        except Refused as refusal:
            if refusal.code != NOT_SIGNED or memo.get("sign"):
                raise
        memo["sign"] = True
        return await _repeatable(self._sign(outgoing, memo)) or await self._submit(outgoing, memo)

    async def _sign(self, outgoing: Outgoing, memo: dict[str, Any]) -> NeedsSignature | None:
        """Let the platform make its 申请表 and have it signed; then upload it. The memo names the form and the file."""
        if not memo.get("sign"):
            return None
        signed = outgoing.signed
        if signed is None or signed.of != memo.get("form"):
            form = await self._client.form(memo["dataid"], outgoing.revision)
            memo["form"], memo["signed"] = digest(form), None
            if signed is None or signed.of != memo["form"]:
                return NeedsSignature(form, FORM_NAME, memo=memo)
        if memo.get("signed") is None:
            memo["_look"] = True  # where the answer is lost, the next attempt sees that it is there
            memo["signed"] = await self._client.upload_signed(memo["dataid"], signed)
            memo["_look"] = False
        return None

    async def _submit(self, outgoing: Outgoing, memo: dict[str, Any]) -> Receipt:
        """The last step: from here on the platform holds the application."""
        files = [memo["files"][file_key(file.digest, file.name)] for file in outgoing.materials]
        signed = memo.get("signed")
        return _receipt(await self._client.submit(memo["dataid"], files, outgoing.revision, signed), memo)

    async def _withdraw(self, outgoing: Outgoing, memo: dict[str, Any]) -> Receipt:
        """Take back what is held; which one is asked anew where it is not noted. Raises Refused where nothing is."""
        if memo["dataid"] is None:
            held = _ours(await self._client.by_external_number(outgoing.key.number), outgoing)
            if len(held) != 1:
                raise Refused(NOTHING_HELD if not held else SEVERAL)
            memo["dataid"] = held[0].dataid
        names = {"reason": "撤回原因", "at": "撤回时间"}
        told = {name: outgoing.payload[ours] for name, ours in names.items() if ours in outgoing.payload}
        return _receipt(await self._client.withdraw(memo["dataid"], told), memo)

    async def find(self, outgoing: Outgoing) -> Found:
        """Ask by 外部编号: nothing, a draft to go on from, this revision handed in, withdrawn, or more than one."""
        held = await self._client.by_external_number(outgoing.key.number)
        if outgoing.kind is Kind.WITHDRAW:
            held = _ours(held, outgoing)
        if not held:
            return Absent()
        if len(held) > 1:
            return Unclear(SEVERAL)
        return _withdrawal_at(held[0]) if outgoing.kind is Kind.WITHDRAW else _revision_at(held[0], outgoing.revision)

    async def changes(self, cursor: Cursor | None) -> Page[RemoteChange]:
        """The platform's own stream of status changes."""
        items, after, more = await self._client.changes(cursor)
        return Page(items=[word.change(item) for item in items], cursor=after, more=more)

    async def records(self, window: Window) -> AsyncIterator[RemoteRecord]:
        """What the platform holds, drafts too, page by page."""
        async for one in self._client.applications(window):
            yield RemoteRecord(
                number=one.dataid,
                key=one.external_number,
                status=state_of(one.status, one.stage),
                status_raw=raw_of(one.status, one.stage),
                fields=one.fields,
                materials=one.materials,
            )

    async def fetch(self, paper: Paper) -> bytes:
        """The file of a 文书 or of the licence. Raises Refused where there is none, TryLater where it did not come."""
        handle = word.HANDLE.fullmatch(paper.file or "")
        if handle is None:
            raise Refused(NO_FILE)
        try:
            return await self._client.document(handle[1], handle[2])
        except Gone as error:
            raise Refused(NO_FILE, code=error.code, raw=error.raw) from error
        except OutcomeUnknown as error:  # nothing is changed by reading
            raise TryLater(str(error), answered=error.answered, code=error.code) from error

    def hear(self, request: CallbackRequest) -> Sequence[RemoteChange]:
        """One change, signed. Raises AccessDenied where the signature is not the platform's."""
        return [word.change(callback.read(request, self._callback_secret))]

    async def check(self) -> None:
        """A token is given for our credential."""
        await self._client.check()

    async def close(self) -> None:
        """Let go of connections."""
        await self._client.close()


def _progress(held: Application, revision: int) -> dict[str, Any]:
    """What the platform has of an application, as a memo; the draft counts only where it is of this revision."""
    done = revision in (held.revision, held.submitted)
    return {
        "account": held.account,
        "dataid": held.dataid if done else None,
        "files": dict(held.files),
        "publish": done and held.publicity,
        "sign": done and held.signature,
        "signed": held.signed if done else None,
    }


async def _repeatable(step: Awaitable[T]) -> T:
    """A step that may be repeated with one effect: a lost answer of it is TryLater. Raises TargetError."""
    try:
        return await step
    except OutcomeUnknown as error:
        raise TryLater(str(error), answered=error.answered, code=error.code, raw=error.raw) from error


def _ours(held: list[Application], outgoing: Outgoing) -> list[Application]:
    """Of several under one 外部编号 the one that we were given a receipt for, where it is among them."""
    return [one for one in held if one.dataid == outgoing.key.target_number] or held


def _revision_at(held: Application, revision: int) -> Found:
    """Whether a revision was handed in; a draft can be gone on from, but not one that was withdrawn."""
    if held.submitted == revision:
        return Held(_receipt(held, _progress(held, revision)))
    if max(held.submitted or 0, held.revision) > revision:
        return Unclear("平台上已有更新的版本 (the platform holds a later revision)")
    if held.withdrawn or (held.submitted is not None and held.revision < revision):
        return Absent()
    return Partial(_progress(held, revision))


def _withdrawal_at(held: Application) -> Found:
    """Whether it was taken back."""
    return Held(_receipt(held, {"dataid": held.dataid})) if held.withdrawn else Absent()


def _receipt(held: Application, memo: Mapping[str, object]) -> Receipt:
    """回执 of what is handed in, or taken back."""
    code = raw_of(held.status, held.stage)
    facts = {word.REGISTRATION_NUMBER: held.registration} if held.registration else {}
    return Receipt(held.dataid, state_of(held.status, held.stage), code, facts, held.raw, dict(memo))
