"""The gateway's calls, one method each, signed and with a token. INVENTED wire: the table of calls is in the README.

Which steps follow which is the adapter's; what an answer means is `answers`.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

import orjson

from adapters.municipal.client import answers
from adapters.municipal.client.answers import Conflict, Held, NonceUsed, TokenEnded
from adapters.municipal.client.wire import FileBody, Signer, data_sign
from bridge.contract.adapter import AdapterContext
from bridge.contract.outgoing import MaterialFile
from bridge.contract.remote import CallbackRequest, RemoteChange, RemoteRecord, Window
from bridge.errors import OutcomeUnknown, Refused, TryLater
from bridge.kit.http import Content, HttpClient
from bridge.kit.oauth import TokenHolder
from bridge.kit.signing import sm3_hex

BASE = "/api/v1"
PAGE = 200
BIG = 1 << 20
"""Bytes from which a file is digested in a thread of its own."""

NO_BODY = sm3_hex(b"")


class Client:
    """One gateway. Opened by the first call."""

    def __init__(self, context: AdapterContext) -> None:
        limits = context.manifest.limits
        self._http = HttpClient(
            context.settings["url"],
            total_seconds=context.total_seconds,
            concurrency=limits.concurrency,
            calls_per_second=limits.calls_per_second,
            clock=context.clock,
        )
        self._secret = context.secrets["app_secret"]
        self._signer = Signer(context.settings["app_key"], self._secret.encode(), context.clock)
        self._token = TokenHolder(self._fetch_token, context.clock)

    async def close(self) -> None:
        """Let go of connections."""
        await self._http.close()

    # -- calls

    async def number(self, content: Mapping[str, Any]) -> str:
        """办件统一赋码: the 办件编号 of a bizNo; the same one however often it is asked for."""
        try:
            found, raw = await self._post("/projid/apply", content, repeatable=True)
        except Conflict as conflict:
            reason = "此收件编号已为另一事项赋码 (the number has been used for another item)"
            raise Refused(reason, code=conflict.code, raw=conflict.raw) from conflict
        return answers.text(found, "projectNo", raw)

    async def upload(self, project_no: str, file: MaterialFile) -> str:
        """Hand in one file; the same bytes under the same name have the same file id."""
        head = self._signer.head()
        if file.size > BIG:
            body = await asyncio.to_thread(FileBody, head, project_no, file)
        else:
            body = FileBody(head, project_no, file)

        async def pieces() -> AsyncIterator[bytes]:
            for piece in body.pieces():
                yield piece

        found, raw = await self._call("POST", "/affair/file", body_sm3=body.sm3, content=pieces, repeatable=True)
        return answers.text(found, "fileId", raw)

    async def hand_in(
        self, call: str, content: Mapping[str, Any], project_no: str, paths: Sequence[str]
    ) -> tuple[Mapping[str, Any], bytes]:
        """申报 (`receive`) or 补正后重新提交 (`supplement`). Not repeated here: whether it was done is found by asking.

        `paths` are the file ids, in the order of the content's files.
        """
        files = [{**file, "attachPath": path} for file, path in zip(content["suffInfoList"], paths, strict=True)]
        body = {**content, "suffInfoList": files, "projectNo": project_no, "dataSign": data_sign(content)}
        return await self._post(f"/affair/{call}", body, repeatable=False)

    async def tell(self, call: str, content: Mapping[str, Any]) -> tuple[Mapping[str, Any], bytes]:
        """One message about a case: `accept`, `process`, `special`, `finish`, `serve` or `withdraw`."""
        return await self._post(f"/affair/{call}", content, repeatable=False)

    async def by_our_number(self, number: str) -> Held:
        """What is held under a bizNo."""
        found, raw = await self._get("/affair/status", {"bizNo": number})
        return answers.held(found, raw)

    async def changes(self, cursor: str | None) -> tuple[list[RemoteChange], str, bool]:
        """Messages since `cursor`, oldest first; where to go on; whether there are more now."""
        found, raw = await self._get("/affair/changes", {"since": cursor or "0", "limit": str(PAGE)})
        items, after, more = _page(found, raw)
        return [answers.change(item, raw) for item in items], after, more

    async def cases(self, window: Window) -> AsyncIterator[RemoteRecord]:
        """All cases last changed in the window, page by page."""
        after, more = "0", True
        while more:
            query = {"after": after, "limit": str(PAGE)}
            query |= {"since": str(window.since // 1000)} if window.since is not None else {}
            query |= {"until": str(window.until // 1000)} if window.until is not None else {}
            found, raw = await self._get("/affair/records", query)
            items, after, more = _page(found, raw)
            for item in items:
                yield answers.record(item, raw)

    async def check(self) -> None:
        """A token is given, and a signed call is taken: so the key, the secret and our clock are right."""
        await self._get("/affair/changes", {"since": "0", "limit": "1"})

    def hear(self, request: CallbackRequest) -> RemoteChange:
        """The message of a callback. Raises AccessDenied where it is not the gateway's, OutcomeUnknown where none."""
        self._signer.verify(request)
        try:
            envelope = orjson.loads(request.body)
        except orjson.JSONDecodeError as exc:
            raise answers.not_understood(request.body) from exc
        body = envelope.get("body") if isinstance(envelope, dict) else None
        return answers.change(body, request.body)

    # -- how

    async def _post(self, path: str, body: Mapping[str, Any], *, repeatable: bool) -> tuple[Mapping[str, Any], bytes]:
        """One call with an envelope; `data` of its answer, and the answer as it came."""
        content = orjson.dumps({"head": self._signer.head(), "body": body})
        return await self._call("POST", path, body_sm3=sm3_hex(content), content=content, repeatable=repeatable)

    async def _get(self, path: str, query: Mapping[str, str]) -> tuple[Mapping[str, Any], bytes]:
        """One question."""
        return await self._call("GET", path, body_sm3=NO_BODY, query=query, repeatable=True)

    async def _call(
        self,
        method: str,
        path: str,
        *,
        body_sm3: str,
        query: Mapping[str, str] | None = None,
        content: Content = b"",
        repeatable: bool,
    ) -> tuple[Mapping[str, Any], bytes]:
        """One signed call; once more where the token has ended, or the nonce is said to have been used.

        What stays unknown of a repeatable call is only late: nothing is lost by repeating it.
        """
        path = BASE + path
        for last in (False, False, True):
            token = await self._token.token()

            def headers(token: str = token) -> Mapping[str, str]:
                signed = self._signer.headers(method, path, query or {}, body_sm3)
                return {**signed, "token": token, "Content-Type": "application/json"}

            answer = await self._http.request(
                method, path, params=query, headers=headers, content=content, repeatable=repeatable
            )
            try:
                return answers.data(answer), answer.body
            except (TokenEnded, NonceUsed) as refused:
                if isinstance(refused, TokenEnded):
                    self._token.refuse(token)
                if last:
                    raise
            except OutcomeUnknown as unknown:
                raise (_nothing_lost(unknown) if repeatable else unknown) from unknown
        raise AssertionError("unreachable")  # pragma: no cover

    async def _fetch_token(self) -> tuple[str, float]:
        """A token for our key and secret, and the seconds that it lives."""
        body = orjson.dumps({"appKey": self._signer.app_key, "appSecret": self._secret})
        answer = await self._http.request(
            "POST", "/auth/token", headers={"Content-Type": "application/json"}, content=body, repeatable=True
        )
        try:
            found = answers.data(answer)
            lives = found.get("expiresIn")
            if not isinstance(lives, int) or lives <= 0:
                raise answers.not_understood(answer.body)
            return answers.text(found, "accessToken", answer.body), float(lives)
        except OutcomeUnknown as unknown:
            raise _nothing_lost(unknown) from unknown


def _page(found: Mapping[str, Any], raw: bytes) -> tuple[list[Any], str, bool]:
    """Items, where to go on, and whether there are more."""
    items, after, more = found.get("items"), found.get("next"), found.get("more")
    if not isinstance(items, list) or not isinstance(after, str) or not isinstance(more, bool):
        raise answers.not_understood(raw)
    return items, after, more


def _nothing_lost(unknown: OutcomeUnknown) -> TryLater:
    """What stays unknown of a call that may be repeated is only late."""
    return TryLater(str(unknown), answered=unknown.answered, code=unknown.code, raw=unknown.raw)
