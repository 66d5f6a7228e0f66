"""`POST /callbacks/<target>`: a call is handed to the inbox on a thread of its own, and answered once it is durable.

What does not belong here: signatures (each adapter's), and what a call leads to (`bridge.engine.inbox`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus
from typing import TypeVar

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse
from starlette.types import Receive, Scope, Send

from bridge.clock import Clock, to_micros
from bridge.contract.remote import CallbackRequest
from bridge.engine.inbox import Answered, Inbox
from bridge.errors import StoreError
from bridge.telemetry import logger

T = TypeVar("T")

log = logger(__name__)

TAKEN = {"code": "200"}
"""What targets are told: one of them looks for this code (adapters), the others at the status alone."""

WAITING = 64
"""Calls that may wait for the store at once: more would be answered too late to be of use."""

AGAIN = 5.0
"""Seconds between two looks for pending calls."""

LATER = {"Retry-After": "5"}


class Callbacks:
    """The endpoint, as an ASGI application. One thread applies calls in the order in which they came."""

    def __init__(self, inbox: Inbox, clock: Clock, *, body_limit: int) -> None:
        self._inbox, self._clock, self._body_limit = inbox, clock, body_limit
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="inbox")
        self._waiting = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one call."""
        request = Request(scope, receive)
        response = await self._answer(request)
        await response(scope, receive, send)

    async def _answer(self, request: Request) -> JSONResponse:
        """The answer to one call. Raises HTTPException where it is not taken."""
        target = request.path_params["target"]
        if not self._inbox.takes(target):
            raise HTTPException(HTTPStatus.NOT_FOUND)
        request.state.target = target
        try:
            body = await self._body(request)
        except ClientDisconnect as gone:
            raise HTTPException(HTTPStatus.BAD_REQUEST) from gone
        answered = await self._take(
            target,
            CallbackRequest(
                method=request.method,
                path=request.scope["path"],
                headers=_headers(request),
                body=body,
                received_at=to_micros(self._clock.now()),
            ),
        )
        if answered is Answered.DENIED:
            raise HTTPException(HTTPStatus.UNAUTHORIZED)
        if answered is Answered.LATER:
            raise HTTPException(HTTPStatus.SERVICE_UNAVAILABLE, headers=LATER)
        return JSONResponse(TAKEN)

    async def _body(self, request: Request) -> bytes:
        """The whole body, never more of it than may be. Raises HTTPException 413, ClientDisconnect."""
        # Starlette's own limit (`max_body_size`) answers in plain text, past our problem documents.
        told = request.headers.get("content-length", "")
        if told.isdecimal() and int(told[:20]) > self._body_limit:
            raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        body = bytearray()
        async for chunk in request.stream():
            body += chunk
            if len(body) > self._body_limit:
                raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        return bytes(body)

    async def _take(self, target: str, call: CallbackRequest) -> Answered:
        """Hand a call over, unless too many wait already."""
        if self._waiting >= WAITING:
            return Answered.LATER
        self._waiting += 1
        try:
            return await self._off_the_loop(lambda: self._inbox.take(target, call))
        finally:
            self._waiting -= 1

    async def try_again(self) -> None:
        """Try pending calls again, for ever."""
        while True:
            try:
                await self._off_the_loop(self._inbox.retry)
            except StoreError:
                log.error("store_unavailable")
            await self._clock.sleep(AGAIN)

    def close(self) -> None:
        """Let what is under way end."""
        self._thread.shutdown(wait=True)

    async def _off_the_loop(self, work: Callable[[], T]) -> T:
        """Run what blocks on the thread; it ends there even where nobody waits for it any more."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)


def _headers(request: Request) -> dict[str, str]:
    """Headers by names in lower case; one that came several times as one list (RFC 9110, 5.2)."""
    found: dict[str, str] = {}
    for name, value in request.headers.items():
        found[name] = f"{found[name]}, {value}" if name in found else value
    return found
