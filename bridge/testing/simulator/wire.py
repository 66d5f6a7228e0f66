"""The service of a simulator on a real socket, and what each fault does to a call there.

aiohttp is used for its raw transport: a connection can be reset, held or dribbled. What an answer says is the
simulator's; which call is struck is decided in `faults`.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
from collections.abc import Awaitable, Callable

from aiohttp import StreamReader, web
from aiohttp.abc import AbstractStreamWriter
from aiohttp.http import RawRequestMessage

from bridge.testing.simulator.calls import Answer, Call, Handler, Route, Routes
from bridge.testing.simulator.faults import Fault, Planned
from bridge.testing.simulator.server import Simulator

BODY_CAP = 64 << 20
"""Bytes of a request that are read at most."""

GIVES_UP = 30.0
"""Seconds after which a held call counts as given up, though the caller still waits."""

DRIP_SECONDS = 0.2
ENDLESS_CHUNK = b" " * 65_536
ENDLESS_SECONDS = 0.01

Serve = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]


class Door:
    """A listening socket on loopback that can be shut, so that nothing listens, and opened again on the same port."""

    def __init__(self, serve: Serve, port: int) -> None:
        """Take the port; 0 takes a free one. Listens only after `open`. Raises OSError where the port is taken."""
        self._serve = serve
        self._socket = _bound(port)
        self.port: int = self._socket.getsockname()[1]
        self._web: web.Server | None = None
        self._server: asyncio.Server | None = None

    @property
    def url(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def is_open(self) -> bool:
        """Whether it listens."""
        return self._server is not None

    async def open(self) -> None:
        """Listen."""
        loop = asyncio.get_running_loop()
        self._web = self._web or web.Server(self._serve, request_factory=_request, access_log=None)
        self._server = await loop.create_server(self._web, sock=self._socket, backlog=1024)

    def shut(self) -> None:
        """Listen no more and drop every live connection. The port stays ours, so nobody else gets it meanwhile."""
        assert self._server is not None  # noqa: S101 - only called while open
        self._server.close()
        self._server = None
        for connection in self._web.connections if self._web else ():
            if connection.transport is not None:
                reset(connection.transport)
        self._socket = _bound(self.port)

    def release(self) -> None:
        """Give the port back, where it was never opened."""
        self._socket.close()

    async def close(self) -> None:
        """For good."""
        if self._server is not None:
            self._server.close()
        if self._web is not None:
            await self._web.shutdown(0.5)
        self._socket.close()


class Service:
    """Serves the calls of a simulator, struck by its faults."""

    def __init__(self, simulator: Simulator) -> None:
        self._simulator = simulator
        self._routes = Routes(simulator.routes())
        self._late: set[asyncio.Task[None]] = set()

    async def serve(self, request: web.BaseRequest) -> web.StreamResponse:
        """One call."""
        found = self._routes.find(request.method, request.rel_url.path)
        route: Route | None = found[0] if found else None
        struck = self._simulator.faults.strike(route.kind if route else "read")
        if struck and struck.fault in (Fault.REFUSE, Fault.CLOSE):
            drop(request, gently=struck.fault is Fault.CLOSE)
            return web.Response()
        try:
            body = await request.read()
        except web.HTTPRequestEntityTooLarge:
            return web.Response(status=413)
        call = Call(
            method=request.method,
            path=request.rel_url.raw_path,
            query={name: request.rel_url.query[name] for name in request.rel_url.query},
            raw_query=request.rel_url.raw_query_string,
            headers={name.lower(): value for name, value in request.headers.items()},
            body=body,
            place=found[1] if found else {},
        )
        handler = route.handler if route else self._simulator.no_route
        if struck:
            return await self._struck(request, call, handler, struck)
        return _response(self._simulator.perform(handler, call))

    def forget(self) -> None:
        """Drop what is still to be committed."""
        for task in self._late:
            task.cancel()

    async def _struck(
        self, request: web.BaseRequest, call: Call, handler: Handler, struck: Planned
    ) -> web.StreamResponse:
        """A call that something happens to."""
        simulator, fault = self._simulator, struck.fault
        if fault is Fault.COMMIT_THEN_DROP:
            simulator.perform(handler, call)
            drop(request)
            return web.Response()
        if fault is Fault.SLOW_COMMIT:
            task = asyncio.create_task(self._commit_late(request, call, handler, struck.delay))
            self._late.add(task)
            task.add_done_callback(self._late.discard)
            await asyncio.wait([task])
            return web.Response()
        if fault is Fault.DRIP:
            return await _drip(request, simulator.perform(handler, call))
        if fault is Fault.ENDLESS:
            return await _endless(request, simulator.perform(handler, call))
        if fault in (Fault.ERROR_500, Fault.UNKNOWN_CODE) and simulator.faults.even():
            simulator.perform(handler, call)
        return _response(simulator.said(fault, call, struck.retry_after(simulator.clock.monotonic())))

    async def _commit_late(self, request: web.BaseRequest, call: Call, handler: Handler, delay: float) -> None:
        """Hold the connection until the caller gives up, and have the effect some seconds after that."""
        clock = self._simulator.clock
        ends = clock.monotonic() + GIVES_UP
        while clock.monotonic() < ends and not _gone(request):
            await clock.sleep(0.02)
        drop(request)
        await clock.sleep(delay)
        self._simulator.perform(handler, call)


def reset(transport: asyncio.BaseTransport) -> None:
    """End a connection with RST."""
    connection = transport.get_extra_info("socket")
    if connection is not None and connection.fileno() >= 0:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    if isinstance(transport, asyncio.WriteTransport):
        transport.abort()


def drop(request: web.BaseRequest, *, gently: bool = False) -> None:
    """End the connection of a request without an answer: by FIN where `gently`, else by RST."""
    if request.transport is None:
        return
    if gently:
        request.transport.close()
    else:
        reset(request.transport)


def _gone(request: web.BaseRequest) -> bool:
    return request.transport is None or request.transport.is_closing()


def _response(answer: Answer) -> web.Response:
    return web.Response(
        status=answer.status, body=answer.body, headers={"Content-Type": answer.media_type, **answer.headers}
    )


async def _drip(request: web.BaseRequest, answer: Answer) -> web.StreamResponse:
    """The answer, byte by byte."""
    response = web.StreamResponse(
        status=answer.status, headers={"Content-Type": answer.media_type, "Content-Length": str(len(answer.body))}
    )
    with contextlib.suppress(ConnectionError):
        await response.prepare(request)
        for place in range(len(answer.body)):
            if _gone(request):
                break
            await response.write(answer.body[place : place + 1])
            await asyncio.sleep(DRIP_SECONDS)
    return response


async def _endless(request: web.BaseRequest, answer: Answer) -> web.StreamResponse:
    """The answer, and blanks after it until the caller goes."""
    response = web.StreamResponse(status=answer.status, headers={"Content-Type": answer.media_type})
    with contextlib.suppress(ConnectionError):
        await response.prepare(request)
        await response.write(answer.body)
        while not _gone(request):
            await response.write(ENDLESS_CHUNK)
            await asyncio.sleep(ENDLESS_SECONDS)
    return response


def _request(
    message: RawRequestMessage,
    payload: StreamReader,
    protocol: web.RequestHandler,
    writer: AbstractStreamWriter,
    task: asyncio.Task[None],
) -> web.BaseRequest:
    """A request whose body may be as long as BODY_CAP; aiohttp's own factory allows 1 MiB."""
    loop = asyncio.get_running_loop()
    return web.BaseRequest(message, payload, protocol, writer, task, loop, client_max_size=BODY_CAP)


def _bound(port: int) -> socket.socket:
    """A socket that has the port and does not listen: connections to it are refused."""
    taken = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        taken.bind(("127.0.0.1", port))
    except OSError:
        taken.close()
        raise
    taken.settimeout(0)
    return taken
