"""The platform's calls, one method each. INVENTED wire: the table of calls is in this adapter's README.

Which steps follow which is the adapter's; what an answer means is `answers`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from functools import partial
from typing import Any
from urllib.parse import quote, urlencode

import orjson

from adapters.discharge.client import answers
from adapters.discharge.client.answers import Application, NotOurs
from adapters.discharge.codes import NO_RIGHT, NOT_BOUND
from bridge.clock import from_micros, rfc3339
from bridge.contract.adapter import AdapterContext
from bridge.contract.outgoing import MaterialFile, SignedForm
from bridge.contract.remote import Window
from bridge.errors import AccessDenied, Refused
from bridge.kit.http import Answer, Content, HttpClient
from bridge.kit.oauth import TokenHolder

PIECE = 256 << 10
"""Bytes of a file in memory at once."""

UNAUTHORIZED = 401

FILE_TYPES = frozenset({"application/pdf", "application/ofd", "application/octet-stream", "image/jpeg", "image/png"})
"""Media types of a 文书 (INVENTED): a log-in page that comes with 200 is no file."""

DOCUMENTS_PER_SECOND = 10.0
"""Calls per second for 文书; what the platform allows is for the applications first."""


class Client:
    """Calls to the platform, under one token."""

    def __init__(self, context: AdapterContext) -> None:
        limits = context.manifest.limits
        opened = partial(
            HttpClient, context.settings.get("url", ""), total_seconds=context.total_seconds, clock=context.clock
        )
        share = min(DOCUMENTS_PER_SECOND, limits.calls_per_second / 2)
        self._http = opened(concurrency=limits.concurrency, calls_per_second=limits.calls_per_second - share)
        # a file may be longer than any other answer, so it has a cap of its own
        self._documents = opened(concurrency=1, calls_per_second=share, byte_cap=limits.file_bytes)
        self._id, self._secret = context.settings.get("client_id", ""), context.secrets.get("client_secret", "")
        self._tokens = TokenHolder(self._fetch_token, context.clock)

    async def check(self) -> None:
        """Our credential is accepted. Raises AccessDenied, TryLater."""
        await self._call("GET", "/api/changes", params={"limit": "1"}, repeatable=True)

    async def close(self) -> None:
        """Let go of connections."""
        await self._http.close()
        await self._documents.close()

    # -- writing

    async def find_account(self, account: Mapping[str, Any]) -> str | None:
        """The company's account for this site, or None. Raises NotOurs where it has not bound it to us."""
        params = {"uscc": account["SocietyCode"], "siteSeq": account["SiteSeq"]}
        try:
            answer = await self._call("GET", "/api/accounts", params=params, repeatable=True)
        except answers.Gone:
            return None
        except Refused as refusal:
            raise _not_ours(refusal) from refusal
        return _text(answer, "accountId")

    async def open_account(self, account: Mapping[str, Any]) -> str:
        """Ask for an account; asked twice, the platform gives the same one. Raises NotOurs until it is bound to us."""
        try:
            return _text(await self._post("/api/accounts", account), "accountId")
        except Refused as refusal:
            raise _not_ours(refusal) from refusal

    async def put_draft(self, account: str, payload: Mapping[str, Any]) -> Application:
        """Make or replace the draft of the payload's 外部编号."""
        answer = await self._post("/api/applications", {"accountId": account, "application": payload})
        return answers.application(answers.body(answer.body), answer.body)

    async def upload(self, dataid: str, file: MaterialFile) -> str:
        """Send one file as it is; the same bytes under the same name are one file. Its id at the platform."""
        path = f"/api/applications/{quote(dataid, safe='')}/files"
        answer = await self._call("POST", path, headers=_file_headers(file), content=_pieces(file), repeatable=True)
        return _text(answer, "fileId")

    async def publish(self, dataid: str, revision: int) -> None:
        """申请前信息公开: make the draft public for the days that its card 19 names; again has no further effect."""
        answer = await self._post(f"/api/applications/{quote(dataid, safe='')}/publicity", {"revision": revision})
        answers.application(answers.body(answer.body), answer.body)  # a log-in page that comes with 200 is no answer

    async def form(self, dataid: str, revision: int) -> bytes:
        """The 申请表 that the platform makes of the draft, as a PDF; the same draft gives the same bytes."""
        path = f"/api/applications/{quote(dataid, safe='')}/form"
        params = {"revision": str(revision)}
        answer = await self._call("GET", path, params=params, client=self._documents, repeatable=True)
        if not answer.body.startswith(b"%PDF-"):
            raise answers.not_understood(answer.body[:PIECE])
        return answer.body

    async def upload_signed(self, dataid: str, signed: SignedForm) -> str:
        """Send the signed 申请表, naming the form that was signed; the same again is one file. Its id there."""
        path = f"/api/applications/{quote(dataid, safe='')}/signed-form"
        headers = {**_file_headers(signed.file), "X-Form-SHA256": signed.of.removeprefix("sha256:")}
        answer = await self._call("POST", path, headers=headers, content=_pieces(signed.file), repeatable=True)
        return _text(answer, "fileId")

    async def submit(self, dataid: str, files: Sequence[str], revision: int, signed: str | None = None) -> Application:
        """Hand the draft in, with its signed form's id where there is one. Never repeated without asking first."""
        path = f"/api/applications/{quote(dataid, safe='')}/submit"
        told = {"files": list(files), "revision": revision, **({} if signed is None else {"signedForm": signed})}
        answer = await self._post(path, told, repeatable=False)
        return answers.application(answers.body(answer.body), answer.body)

    async def withdraw(self, dataid: str, told: Mapping[str, Any]) -> Application:
        """Take the application back; withdrawn again, it is the same answer."""
        path = f"/api/applications/{quote(dataid, safe='')}/withdraw"
        answer = await self._post(path, told, repeatable=False)
        return answers.application(answers.body(answer.body), answer.body)

    # -- reading

    async def by_external_number(self, number: str) -> list[Application]:
        """Everything that the platform holds under our number."""
        answer = await self._call("GET", "/api/applications", params={"externalNo": number}, repeatable=True)
        return [answers.application(item, answer.body) for item in _items(answer)]

    async def changes(self, cursor: str | None) -> tuple[list[Mapping[str, Any]], str, bool]:
        """Status changes since `cursor`, where to go on, and whether there is more now."""
        params = {"cursor": cursor} if cursor else {}
        answer = await self._call("GET", "/api/changes", params=params, repeatable=True)
        items = [answers.change(item, answer.body) for item in _items(answer)]
        return items, _text(answer, "cursor"), bool(answers.body(answer.body).get("more"))

    async def applications(self, window: Window) -> AsyncIterator[Application]:
        """What the platform holds, by its own order, page by page, changed within the window."""
        bounds = {"since": window.since, "until": window.until}
        params = {name: rfc3339(from_micros(micros)) for name, micros in bounds.items() if micros is not None}
        cursor, more = "", True
        while more:
            answer = await self._call("GET", "/api/applications", params={**params, "cursor": cursor}, repeatable=True)
            for item in _items(answer):
                yield answers.application(item, answer.body)
            cursor, more = _text(answer, "cursor"), bool(answers.body(answer.body).get("more"))

    async def document(self, dataid: str, file: str) -> bytes:
        """The bytes of a 文书 or of the licence, at most `limits.file_bytes`: more is not read. Raises Refused."""
        path = f"/api/applications/{quote(dataid, safe='')}/documents/{quote(file, safe='')}"
        answer = await self._call("GET", path, client=self._documents, repeatable=False)
        if answer.headers.get("content-type", "").partition(";")[0] not in FILE_TYPES:
            raise answers.not_understood(answer.body[:PIECE])
        return answer.body

    # -- calling

    async def _post(self, path: str, body: Mapping[str, Any], *, repeatable: bool = True) -> Answer:
        """POST a JSON object."""
        headers = {"Content-Type": "application/json"}
        return await self._call("POST", path, headers=headers, content=orjson.dumps(body), repeatable=repeatable)

    async def _call(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        content: Content = b"",
        client: HttpClient | None = None,
        repeatable: bool,
    ) -> Answer:
        """One call under our token; a token that has ended is renewed once. Raises what the answer means."""

        async def once() -> Answer:
            token = await self._tokens.token()
            made = {**(headers or {}), "Authorization": f"Bearer {token}"}
            answer = await (client or self._http).request(
                method, path, params=params, headers=made, content=content, repeatable=repeatable
            )
            if answer.status == UNAUTHORIZED:
                self._tokens.refuse(token)
            return answer

        answer = await once()
        return _taken(await once() if answer.status == UNAUTHORIZED else answer)

    async def _fetch_token(self) -> tuple[str, float]:
        """A new token and its life in seconds. Raises AccessDenied where our credential is not accepted."""
        form = {"grant_type": "client_credentials", "client_id": self._id, "client_secret": self._secret}
        answer = await self._http.request(
            "POST",
            "/oauth/token",
            headers={"Content-Type": "application/x-www-form-urlencoded"},
            content=urlencode(form).encode(),
            repeatable=True,
        )
        seconds = answers.body(_taken(answer).body).get("expires_in")
        if not isinstance(seconds, int | float):
            raise answers.not_understood(answer.body)
        return _text(answer, "access_token"), float(seconds)


def _pieces(file: MaterialFile) -> Callable[[], AsyncIterator[bytes]]:
    """The bytes of a file, piece by piece, from the start at each try."""

    async def pieces() -> AsyncIterator[bytes]:
        with file.open() as stream:
            while piece := stream.read(PIECE):
                yield piece

    return pieces


def _file_headers(file: MaterialFile) -> dict[str, str]:
    """What is said of a file beside its bytes."""
    return {
        "Content-Type": "application/octet-stream",
        "Content-Length": str(file.size),
        "X-File-Name": quote(file.name, safe=""),
        "X-Content-SHA256": file.digest.removeprefix("sha256:"),
    }


def _not_ours(refusal: Refused) -> Refused:
    """The refusal, said as `NotOurs` where it means that the company has not bound its account to us."""
    if refusal.code in {NOT_BOUND, NO_RIGHT}:
        return NotOurs(str(refusal), code=refusal.code, raw=refusal.raw)
    return refusal


def _taken(answer: Answer) -> Answer:
    """The answer, where it is one of success. Raises what it means otherwise."""
    if 200 <= answer.status < 300:
        return answer
    error = answers.error(answer.status, answer.body, after=answer.retry_after)
    if answer.status == UNAUTHORIZED and not isinstance(error, AccessDenied):
        raise AccessDenied("平台不认可我方凭证 (our credential is not accepted)", code=error.code, raw=answer.body)
    raise error


def _items(answer: Answer) -> list[Mapping[str, Any]]:
    """The list of an answer."""
    items = answers.body(answer.body).get("items")
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise answers.not_understood(answer.body)
    return items


def _text(answer: Answer, name: str) -> str:
    """One text of an answer."""
    value = answers.body(answer.body).get(name)
    if not isinstance(value, str) or not value:
        raise answers.not_understood(answer.body)
    return value
