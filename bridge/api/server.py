"""The door itself: a socket, a server that waits for nobody for ever, and the pump beside it on the same loop.

What does not belong here: routes (`app`), and what the pump does (`bridge.runners`).
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import h11
import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from bridge.api.app import build
from bridge.api.callbacks import Callbacks
from bridge.errors import SettingsError
from bridge.runners.embedded import work
from bridge.wiring import Bridge

BODY_SECONDS = 30.0
"""Seconds from the end of a call's headers to the end of its body."""

IDLE_SECONDS = 15
"""Seconds that a connection may stay open between two calls."""

CONNECTIONS = 200
"""Connections past which callers are told to come later; with the limit on bodies this bounds the memory they take."""

GRACE_SECONDS = 5
"""Seconds that calls under way have to end when the server is stopped."""

BACKLOG = 256

READ: frozenset[Any] = frozenset({h11.DONE, h11.MUST_CLOSE, h11.CLOSED, h11.ERROR})
"""States of a caller from whom nothing more is waited for."""


def listen(host: str, port: int) -> socket.socket:
    """A listening socket; port 0 is any free one. Raises SettingsError where the address cannot be had."""
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0][0]
        return socket.create_server((host, port), family=family, backlog=BACKLOG)
    except OSError as exc:
        setting = "BRIDGE_SERVE__HOST" if isinstance(exc, socket.gaierror) else "BRIDGE_SERVE__PORT"
        raise SettingsError(
            setting,
            f"不能在 {host}:{port} 上监听：地址有误、端口已被占用或没有权限，请换一个端口或停止占用它的程序"
            " (cannot listen there: a wrong address, a port in use or not allowed;"
            " take another port, or stop what uses it)",
        ) from exc


def address(listening: socket.socket) -> str:
    """The URL of a listening socket."""
    host, port = listening.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


async def serve(bridge: Bridge, listening: socket.socket, stop: asyncio.Event, ready: Callable[[], None]) -> None:
    """Take calls and run the pump until `stop` is set: then calls end first, and what is under way after them.

    `ready` is called once calls are taken. Raises StoreError, and whatever ended the pump.
    """
    settings = bridge.settings.serve
    callbacks = Callbacks(bridge.inbox, bridge.clock, body_limit=settings.body_limit)
    config = uvicorn.Config(
        build(callbacks),
        http=patient_for(settings.header_seconds, BODY_SECONDS),
        ws="none",
        loop="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        limit_concurrency=CONNECTIONS,
        timeout_keep_alive=IDLE_SECONDS,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
    door = _Door(config, ready)
    stop_pump = asyncio.Event()
    pump = asyncio.create_task(work(bridge, stop_pump), name="pump")
    serving = asyncio.create_task(door.serve(sockets=[listening]), name="serve")
    retrying = asyncio.create_task(callbacks.try_again(), name="inbox")
    stopping = asyncio.create_task(stop.wait())
    try:
        await asyncio.wait({pump, serving, retrying, stopping}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        door.should_exit = True
        stopping.cancel()
        retrying.cancel()
        ended: list[object] = [*await asyncio.gather(serving, retrying, stopping, return_exceptions=True)]
        callbacks.close()
        stop_pump.set()
        ended += await asyncio.gather(pump, return_exceptions=True)
    for failure in ended:
        if isinstance(failure, Exception):
            raise failure


class _Door(uvicorn.Server):
    """The server, without hands of its own on the signals: the command's stop both it and the pump."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals to whoever runs us."""
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Say so once calls are taken."""
        await super().startup(sockets=sockets)
        self._ready()


class Patient(H11Protocol):
    """HTTP/1.1 with an end to patience: uvicorn alone waits for ever for the rest of a call (HARDENING 1, finding 9).

    The time runs for all headers, and then for all of the body, so that dripping bytes do not prolong it.
    """

    header_seconds = 10.0
    body_seconds = BODY_SECONDS
    _timer: asyncio.TimerHandle | None = None
    _timed: object = None
    """The state of the caller that the timer is for."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for headers."""
        super().connection_made(transport)
        self._watch()

    def data_received(self, data: bytes) -> None:
        """Take some bytes."""
        super().data_received(data)
        self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no more."""
        super().connection_lost(exc)
        self._wait(None)

    def _watch(self) -> None:
        """Wait for what the caller has to send now, unless that is waited for already."""
        state = None if self.conn.their_state in READ else self.conn.their_state
        if state is not self._timed or self._timer is None:
            self._wait(state)

    def _wait(self, state: object) -> None:
        """Give up the connection where what `state` stands for does not come in time."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._timed = state
        if state is not None:
            seconds = self.header_seconds if state is h11.IDLE else self.body_seconds
            self._timer = self.loop.call_later(seconds, self.transport.abort)


def patient_for(header_seconds: float, body_seconds: float) -> type[Patient]:
    """The protocol with its times."""
    times = {"header_seconds": header_seconds, "body_seconds": body_seconds}
    return type("PatientFor", (Patient,), times)
