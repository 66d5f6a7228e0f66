"""A SOAP 1.1 client over `kit.http`: one call, its answer, and a fault told apart from silence.

HTTP's own words (429, 503, a lost line) are `kit.http`'s and pass through; a fault comes with 500 by SOAP 1.1 (6.2) and
is found in it. Tokens, retries and what a fault code means are the adapter's.
"""

from __future__ import annotations

import base64
import secrets
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import BinaryIO

# only holds elements; parsing is `envelope`'s
from xml.etree import ElementTree as ET

from bridge.errors import OutcomeUnknown
from bridge.kit.http import Answer, Content, HttpClient
from bridge.kit.soap import envelope

FAULT_STATUS = "500"
PIECE = 3 << 16
"""Bytes of a file in memory at once: a multiple of 3, so that pieces of base64 join."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back."""

    body: ET.Element
    raw: bytes


@dataclass(frozen=True, slots=True)
class Inlined:
    """A file that goes as the base64 text of one element of the body, read piece by piece."""

    hole: ET.Element
    """The empty element of the body that it fills."""
    size: int
    open: Callable[[], AbstractContextManager[BinaryIO]]


class SoapClient:
    """Calls to the operations of one service."""

    def __init__(self, http: HttpClient) -> None:
        self._http = http

    async def call(
        self,
        path: str,
        action: str,
        body: ET.Element,
        *,
        headers: Sequence[ET.Element] = (),
        file: Inlined | None = None,
    ) -> Reply:
        """One operation, once. Raises SoapFault, OutcomeUnknown, TryLater, LeaseLost."""
        http_headers = {"Content-Type": envelope.CONTENT_TYPE, "SOAPAction": f'"{action}"'}
        content: Content
        if file is None:
            content = envelope.write(body, headers)
        else:
            head, tail = _around(body, headers, file.hole)
            http_headers["Content-Length"] = str(len(head) + -(-file.size // 3) * 4 + len(tail))
            content = _pieces(head, file, tail)
        try:
            answer = await self._http.request("POST", path, headers=http_headers, content=content)
        except OutcomeUnknown as error:
            if error.code == FAULT_STATUS and error.raw:
                _raise_fault(error.raw)
            raise
        return _reply(answer)

    async def close(self) -> None:
        """Let go of connections."""
        await self._http.close()


def _reply(answer: Answer) -> Reply:
    """The answer of success. Raises SoapFault, or OutcomeUnknown where it is none."""
    try:
        _, body = envelope.read(answer.body, answer.headers.get("content-type"))
    except envelope.NotAnEnvelope as exc:
        raise OutcomeUnknown(f"对方答复无法识别 (the answer is not understood): {exc}", raw=answer.body) from exc
    if not 200 <= answer.status < 300:
        raise OutcomeUnknown(
            f"对方答复无法识别 (HTTP {answer.status} without a fault)", code=str(answer.status), raw=answer.body
        )
    return Reply(body, answer.body)


def _raise_fault(raw: bytes) -> None:
    """Raise the fault that a body is; return where it is none."""
    try:
        envelope.read(raw)
    except envelope.NotAnEnvelope:
        return


def _around(body: ET.Element, headers: Sequence[ET.Element], hole: ET.Element) -> tuple[bytes, bytes]:
    """The envelope before and behind the text of one element."""
    mark = secrets.token_hex(16)  # so long that nothing else in the envelope is the same
    hole.text = mark
    head, _, tail = envelope.write(body, headers).partition(mark.encode())
    hole.text = None
    return head, tail


def _pieces(head: bytes, file: Inlined, tail: bytes) -> Callable[[], AsyncIterator[bytes]]:
    """The envelope with the file in it."""

    async def stream() -> AsyncIterator[bytes]:
        yield head
        rest = b""
        with file.open() as opened:
            while piece := opened.read(PIECE):
                piece = rest + piece
                whole = len(piece) - len(piece) % 3
                rest = piece[whole:]
                yield base64.b64encode(piece[:whole])
        yield base64.b64encode(rest) + tail

    return stream
