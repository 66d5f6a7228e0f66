"""A server on loopback that does what a test says to each connection, and a clock that does not wait."""

from __future__ import annotations

import asyncio
import datetime as dt
import socket
import ssl
import struct
from collections.abc import Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from bridge.clock import SystemClock
from bridge.kit.http import Answer, HttpClient

Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


class Ticking:
    """A clock that moves only by being slept on, and remembers how long that was."""

    def __init__(self) -> None:
        self.seconds = 1000.0
        self.slept: list[float] = []

    def now(self) -> dt.datetime:
        """The instant."""
        return dt.datetime(2026, 11, 23, 1, 30, tzinfo=dt.UTC) + dt.timedelta(seconds=self.seconds - 1000.0)

    def monotonic(self) -> float:
        """Seconds."""
        return self.seconds

    async def sleep(self, seconds: float) -> None:
        """Time passes at once."""
        self.slept.append(seconds)
        self.seconds += seconds
        await asyncio.sleep(0)


class Wire:
    """What tests of HTTP need."""

    OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"

    @staticmethod
    @asynccontextmanager
    async def server(serve: Serve, certificate: ssl.SSLContext | None = None) -> Any:
        """A server; its address."""

        async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            try:
                await serve(reader, writer)
            except (ConnectionError, asyncio.IncompleteReadError):
                pass
            finally:
                writer.close()

        started = await asyncio.start_server(handle, "127.0.0.1", 0, ssl=certificate)
        port = started.sockets[0].getsockname()[1]
        try:
            yield f"{'https' if certificate else 'http'}://127.0.0.1:{port}"
        finally:
            started.close()

    @staticmethod
    def client(url: str, **changes: Any) -> HttpClient:
        """A client with short deadlines."""
        given = {"total_seconds": 1.0, "concurrency": 8, "calls_per_second": 1000.0, "clock": SystemClock()}
        return HttpClient(url, **{**given, **changes})

    def calls(
        self, serve: Serve, *requests: dict[str, Any], certificate: ssl.SSLContext | None = None, **changes: Any
    ) -> list[Answer]:
        """Such calls, one after the other, over one client to one such server."""

        async def run() -> list[Answer]:
            async with self.server(serve, certificate) as url:
                one = self.client(url, **changes)
                try:
                    return [
                        await one.request(**{"method": "POST", "path": "/x", "content": b"{}", **request})
                        for request in requests
                    ]
                finally:
                    await one.close()

        return asyncio.run(run())

    def call(self, serve: Serve, *, certificate: ssl.SSLContext | None = None, **request: Any) -> Answer:
        """One POST, with the settings of the client under `client`."""
        changes = request.pop("client", {})
        (answer,) = self.calls(serve, request, certificate=certificate, **changes)
        return answer

    @staticmethod
    def answering(*texts: bytes, seen: list[bytes] | None = None) -> Serve:
        """A server that answers these one after the other, the last one for ever."""
        left = list(texts)

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            while True:
                request = await reader.readuntil(b"\r\n\r\n")
                if seen is not None:
                    seen.append(request)
                length = [line for line in request.lower().split(b"\r\n") if line.startswith(b"content-length:")]
                await reader.readexactly(int(length[0].split(b":")[1]) if length else 0)
                text = left.pop(0) if len(left) > 1 else left[0]
                writer.write(text)
                await writer.drain()
                if b"Content-Length" not in text:  # then the end of the line is the end of the answer
                    return

        return serve

    @staticmethod
    def reset(writer: asyncio.StreamWriter) -> None:
        """Reset a line."""
        raw: socket.socket = writer.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        writer.transport.abort()


@pytest.fixture
def wire() -> Wire:
    """Servers on loopback, and clients of them."""
    return Wire()


@pytest.fixture
def ticking() -> Ticking:
    """A clock that does not wait."""
    return Ticking()
