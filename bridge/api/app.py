"""The application behind the door: its routes, and how it says that something is wrong.

Problems are told as RFC 9457 documents, Chinese first. Calls are logged at INFO, without path, query or body. What does
not belong here: sockets (`server`), and what a call leads to (`callbacks` and the engine).
"""

from __future__ import annotations

from http import HTTPStatus

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bridge.api.callbacks import Callbacks
from bridge.clock import Clock
from bridge.telemetry import logger

log = logger(__name__)

WORDS = {
    400: "请求有误 (bad request)",
    401: "签名不正确，已拒收 (not signed by the system that this address is for)",
    404: "没有这个地址 (no such address)",
    405: "只接受 POST (only POST is taken)",
    413: "内容过大 (the body is too large)",
    500: "程序出错 (a bug on our side)",
    503: "暂时不能办理，请稍后重发 (not now: send it again later)",
}
"""What is said with each status."""


def build(callbacks: Callbacks, clock: Clock) -> ASGIApp:
    """The application."""
    app = Starlette(
        routes=[Route("/callbacks/{target}", callbacks, methods=["POST"])],
        exception_handlers={HTTPException: _refused, Exception: _bug},
    )
    app.router.redirect_slashes = False
    return _Logged(app, clock)


class _Logged:
    """One log line for each call. A target is named only where there is one: a path is whatever a caller likes."""

    def __init__(self, app: ASGIApp, clock: Clock) -> None:
        self._app, self._clock = app, clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one call, and log it."""
        began, status = self._clock.monotonic(), 0

        async def note(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, note)
        finally:
            milliseconds = round((self._clock.monotonic() - began) * 1000)
            target = scope.get("state", {}).get("target")
            log.info("call_answered", target=target, status=status, milliseconds=milliseconds)


async def _refused(_request: Request, exc: Exception) -> Response:
    """What the application itself does not take."""
    status = exc.status_code if isinstance(exc, HTTPException) else HTTPStatus.INTERNAL_SERVER_ERROR
    headers = dict(exc.headers or {}) if isinstance(exc, HTTPException) else {}
    title = WORDS.get(status, HTTPStatus(status).phrase)
    body = {"type": "about:blank", "title": title, "status": int(status), "code": str(int(status))}
    return JSONResponse(body, status_code=status, headers=headers, media_type="application/problem+json")


async def _bug(request: Request, _exc: Exception) -> Response:
    """A bug of ours."""
    return await _refused(request, HTTPException(HTTPStatus.INTERNAL_SERVER_ERROR))
