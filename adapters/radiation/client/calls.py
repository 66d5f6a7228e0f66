"""The system's operations, one method each. INVENTED wire: the table of operations is in this adapter's README.

Which steps follow which is the adapter's; what an answer means is `answers`.
"""

from __future__ import annotations

import base64
import binascii
import secrets
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from adapters.radiation.client import answers
from adapters.radiation.client.answers import Business, SessionEnded
from adapters.radiation.client.credential import digest_of
from adapters.radiation.client.messages import BUSINESS, HEADER, NAMESPACE, OPERATIONS, SESSION, path
from bridge.clock import from_micros, rfc3339
from bridge.contract.adapter import AdapterContext
from bridge.contract.outgoing import MaterialFile
from bridge.contract.remote import RemoteChange, Window
from bridge.errors import OutcomeUnknown, Refused, TryLater
from bridge.kit.http import HttpClient
from bridge.kit.oauth import TokenHolder
from bridge.kit.soap.client import Inlined, Reply, SoapClient
from bridge.kit.soap.envelope import SoapFault
from bridge.kit.soap.literal import element, local, value
from bridge.model.ids import digest

ROOM = 1 << 20
"""Bytes of an answer beside the base64 of a file in it."""


class Client:
    """Calls to the system, within one session."""

    def __init__(self, context: AdapterContext) -> None:
        limits = context.manifest.limits
        http = HttpClient(
            context.settings.get("url", ""),
            total_seconds=context.total_seconds,
            concurrency=limits.concurrency,
            calls_per_second=limits.calls_per_second,
            clock=context.clock,
            byte_cap=limits.file_bytes * 4 // 3 + ROOM,
        )
        self._soap = SoapClient(http)
        self._clock = context.clock
        self._account, self._password = context.settings.get("account", ""), context.secrets.get("password", "")
        self._tokens = TokenHolder(self._login, context.clock)

    async def check(self) -> None:
        """Our credential is accepted. Raises AccessDenied, TryLater."""
        with _reading():
            await self._call("listChanges", {})

    async def close(self) -> None:
        """Let go of connections."""
        await self._soap.close()

    # -- writing

    async def upload(self, instance: str, file: MaterialFile) -> str:
        """Send one file; the same bytes under the same name are one file. Its id at the system."""
        asked = {"instanceId": instance, "fileName": file.name, "digest": file.digest, "content": ""}
        told, raw = await self._call("uploadAttachment", asked, file=file)
        if not isinstance(told.get("attachmentId"), str):
            raise answers.not_understood(raw)
        return str(told["attachmentId"])

    async def submit(self, payload: Mapping[str, Any], files: Sequence[str]) -> Business:
        """Hand it in. The one step that is never repeated without asking first."""
        element("business", payload, BUSINESS, namespace=NAMESPACE)  # refused here, it is by the payload's own paths
        return answers.business(*await self._call("submitBusiness", {"business": payload, "attachmentId": list(files)}))

    async def withdraw(self, payload: Mapping[str, Any]) -> Business:
        """Take it back; asked twice, it is taken back once."""
        return answers.business(*await self._call("withdrawBusiness", payload))

    # -- reading

    async def query(self, instance: str) -> tuple[list[Business], dict[str, str]]:
        """Everything that the system holds under our application id: businesses, and files by `file_key`."""
        with _reading():
            told, raw = await self._call("queryBusiness", {"instanceId": instance})
            held = [answers.business(one, raw) for one in told.get("business", ())]
            return held, answers.attachments(told.get("attachment", ()), raw)

    async def changes(self, cursor: str | None) -> tuple[list[RemoteChange], str, bool]:
        """Changes since `cursor`, where to go on, and whether there is more now."""
        with _reading():
            told, raw = await self._call("listChanges", {"cursor": cursor} if cursor else {})
            return [answers.change(one, raw) for one in told.get("change", ())], *_further(told, raw)

    async def businesses(self, window: Window) -> AsyncIterator[Business]:
        """What the system holds, by its own order, page by page, changed within the window."""
        bounds = {"since": window.since, "until": window.until}
        asked = {name: rfc3339(from_micros(micros)) for name, micros in bounds.items() if micros is not None}
        cursor, more = "0", True
        while more:
            with _reading():
                told, raw = await self._call("listBusiness", {**asked, "cursor": cursor})
                held = [answers.business(item, raw) for item in told.get("business", ())]
                cursor, more = _further(told, raw)
            for one in held:
                yield one

    async def download(self, file: str) -> bytes:
        """The bytes of a file. Raises Refused where there is none, TryLater where they are not what was said."""
        with _reading():
            told, raw = await self._call("downloadFile", {"fileId": file})
            try:
                data = base64.b64decode(told["content"], validate=True)
            except (KeyError, TypeError, binascii.Error) as exc:
                raise answers.not_understood(raw) from exc
        if digest(data) != told.get("digest"):
            raise TryLater("系统给出的文件与其摘要不符 (the file is not what its digest says)")
        return data

    # -- calling

    async def _call(
        self, operation: str, asked: Mapping[str, Any], *, file: MaterialFile | None = None
    ) -> tuple[Mapping[str, Any], bytes]:
        """One operation in our session; one that has ended is renewed once. Raises what the answer means."""
        token = await self._tokens.token()
        try:
            return await self._once(operation, asked, token=token, file=file)
        except SessionEnded:
            self._tokens.refuse(token)
        token = await self._tokens.token()
        try:
            return await self._once(operation, asked, token=token, file=file)
        except SessionEnded as error:  # the login was taken: our credential is good, so the target is not to be held
            self._tokens.refuse(token)
            raise TryLater(str(error), code=error.code, raw=error.raw) from error

    async def _once(
        self, operation: str, asked: Mapping[str, Any], *, token: str | None, file: MaterialFile | None = None
    ) -> tuple[Mapping[str, Any], bytes]:
        """One operation, once: its answer by the schema, and as it came."""
        known = OPERATIONS[operation]
        body = element(operation, asked, known.request, namespace=NAMESPACE)
        inlined = None
        if file is not None:
            hole = body.find(f"{{{NAMESPACE}}}content")
            assert hole is not None  # noqa: S101 - it was just written
            inlined = Inlined(hole, file.size, file.open)
        headers = [element(SESSION, {"token": token}, HEADER, namespace=NAMESPACE)] if token else []
        try:
            reply = await self._soap.call(
                path(known.port), f"{NAMESPACE}/{operation}", body, headers=headers, file=inlined
            )
        except SoapFault as fault:
            raise answers.error(fault) from fault
        return _answer(operation, reply), reply.raw

    async def _login(self) -> tuple[str, float]:
        """A new session and its life in seconds. Raises AccessDenied where our credential is not accepted."""
        nonce, created = secrets.token_hex(16), rfc3339(self._clock.now())
        asked = {
            "account": self._account,
            "nonce": nonce,
            "created": created,
            "digest": digest_of(self._password, nonce, created),
        }
        with _reading():
            try:
                told, raw = await self._once("login", asked, token=None)
            except Refused as error:
                raise answers.not_understood(error.raw or b"", error.code) from error
            token, seconds = told.get("token"), told.get("expiresIn")
            if not isinstance(token, str) or not token or not isinstance(seconds, int):
                raise answers.not_understood(raw)
        return token, float(seconds)


@contextmanager
def _reading() -> Iterator[None]:
    """What changes nothing there may be done again: what stays unknown of it is TryLater."""
    try:
        yield
    except OutcomeUnknown as error:
        raise TryLater(str(error), answered=error.answered, code=error.code, raw=error.raw) from error


def _answer(operation: str, reply: Reply) -> Mapping[str, Any]:
    """The answer's fields. Raises OutcomeUnknown where it is another operation's."""
    if reply.body.tag != f"{{{NAMESPACE}}}{operation}Response":
        raise answers.not_understood(reply.raw, local(reply.body.tag)[:40])
    told = value(reply.body, OPERATIONS[operation].answer)
    if not isinstance(told, Mapping):
        raise answers.not_understood(reply.raw)
    return told


def _further(told: Mapping[str, Any], raw: bytes) -> tuple[str, bool]:
    """Where to go on, and whether there is more now. Raises OutcomeUnknown."""
    cursor, more = told.get("cursor"), told.get("more")
    if not isinstance(cursor, str) or not isinstance(more, bool):
        raise answers.not_understood(raw)
    return cursor, more
