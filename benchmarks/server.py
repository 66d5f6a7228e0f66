"""The trivial target: an HTTP/1.1 server of its own process that answers every request at once with a fresh number.

It parses no more than the length of a body, so that what is measured is us. What does not belong here: faults, checks
and delays (those are the simulators').
"""

from __future__ import annotations

import asyncio
import itertools
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

HEAD_END = b"\r\n\r\n"
LENGTH = b"content-length:"


class _Wire(asyncio.Protocol):
    """One connection."""

    def __init__(self, numbers: Iterator[int]) -> None:
        self._numbers = numbers
        self._transport: asyncio.Transport | None = None
        self._kept = bytearray()
        self._wanted = -1

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - what a TCP server makes, for the type checker
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._kept += data
        while self._take() and self._transport is not None:
            body = b'{"number":"B%d"}' % next(self._numbers)
            self._transport.write(
                b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)
            )

    def _take(self) -> bool:
        """Take one whole request off what has come, if there is one."""
        if self._wanted < 0:
            end = self._kept.find(HEAD_END)
            if end < 0:
                return False
            head = bytes(self._kept[:end]).lower()
            at = head.find(LENGTH)
            length = int(head[at + len(LENGTH) :].split(b"\r\n", 1)[0]) if at >= 0 else 0
            self._wanted = end + len(HEAD_END) + length
        if len(self._kept) < self._wanted:
            return False
        del self._kept[: self._wanted]
        self._wanted = -1
        return True


async def _serve() -> None:
    """Serve for ever, and say the port."""
    numbers = itertools.count(1)
    server = await asyncio.get_running_loop().create_server(lambda: _Wire(numbers), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


@contextmanager
def trivial_server() -> Iterator[str]:
    """The server while the block runs; its address."""
    process = subprocess.Popen([sys.executable, "-m", __name__], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None  # noqa: S101 - a pipe was asked for
    try:
        yield f"http://127.0.0.1:{process.stdout.readline().strip()}"
    finally:
        process.terminate()
        process.wait()
        process.stdout.close()


if __name__ == "__main__":
    asyncio.run(_serve())
