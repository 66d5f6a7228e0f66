"""The door itself: a socket, a server that waits for nobody for ever, and the pump beside it on the same loop.

What does not belong here: routes (`app`), and what the pump does (`bridge.runners`).
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import uvicorn

from bridge.api.app import build
from bridge.api.callbacks import Callbacks
from bridge.api.patience import Patience, patient_for
from bridge.errors import SettingsError
from bridge.runners.embedded import work
from bridge.wiring import Bridge

IDLE_SECONDS = 15
"""Seconds that a connection may stay open between two calls."""

GRACE_SECONDS = 5
"""Seconds that calls under way have to end when the server is stopped."""

BACKLOG = 100
"""Connections that wait to be taken, and that the loop takes at one go: for a moment they come on top of the most
that are kept (`Patience.connections`), and each costs a file that the database may need."""


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
        build(callbacks, bridge.clock),
        http=patient_for(Patience(header_seconds=settings.header_seconds)),
        ws="none",
        loop="none",
        lifespan="off",
        log_config=None,
        log_level="error",  # its warnings are one line for each malformed call: anybody could fill the disk with them
        access_log=False,  # ours has no paths (`app`)
        server_header=False,
        proxy_headers=False,
        backlog=BACKLOG,
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
        await asyncio.to_thread(callbacks.close)  # a call may wait for the store: the pump's lease must live on
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
