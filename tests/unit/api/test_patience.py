"""What callers are waited for, over real sockets: a crowd of idle ones neither shuts the door nor takes its files."""

from __future__ import annotations

import asyncio
import json
import signal
import socket
import time
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from pathlib import Path

import uvicorn

from bridge.api.patience import Patience, patient_for

CALL = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
MOST = 200
QUICK = Patience(header_seconds=30, body_seconds=30, answer_seconds=1, idle_seconds=1, connections=3)


async def answer(_scope, _receive, send):
    """Ten thousand bytes, so that a caller who does not read is soon felt."""
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"10000")]})
    await send({"type": "http.response.body", "body": b"x" * 10000})


async def never(_scope, _receive, _send):
    """No answer for a long time."""
    await asyncio.sleep(30)


async def slowly(scope, receive, send):
    """The same, not at once."""
    await asyncio.sleep(0.4)
    await answer(scope, receive, send)


@asynccontextmanager
async def listening(app, patience):
    """A server with this patience, on a loop of the test's own: its port and its connections."""
    loop = asyncio.get_running_loop()
    config = uvicorn.Config(app, loop="none", lifespan="off", log_config=None, timeout_keep_alive=30)
    config.load()
    state = uvicorn.Server(config).server_state
    protocol = patient_for(patience)
    server = await loop.create_server(lambda: protocol(config, state, {}, loop), "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1], state.connections
    finally:
        server.close()
        for task in list(state.tasks):
            task.cancel()
        for one in list(state.connections):
            one.transport.abort()
        await asyncio.sleep(0.05)


async def is_open(reader):
    """Whether a connection still stands, as far as a moment's look tells."""
    with suppress(TimeoutError, ConnectionError):
        async with asyncio.timeout(0.2):
            return await reader.read(1) != b""
        return False
    return not reader.at_eof() and reader.exception() is None


def test_one_too_many_takes_the_place_of_the_one_waited_for_longest():
    """Past the most, the oldest of those that have not sent their call goes; the new one is answered."""

    async def scene():
        async with listening(answer, QUICK) as (port, _):
            first, *others = [await asyncio.open_connection("127.0.0.1", port) for _ in range(3)]
            await asyncio.sleep(0.1)
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(CALL)
            assert b"200" in await asyncio.wait_for(reader.readline(), 5)
            stand = [await is_open(one) for one, _ in (first, *others)]
            for _, one in (first, *others, (reader, writer)):
                one.close()
            return stand

    assert asyncio.run(scene()) == [False, True, True]


def test_who_is_being_answered_keeps_the_place():
    """Where all are being answered nobody is thrown out for a new one, who is told to come later."""

    async def scene():
        async with listening(never, Patience(connections=3)) as (port, _):
            callers = [await asyncio.open_connection("127.0.0.1", port) for _ in range(3)]
            for _, writer in callers:
                writer.write(CALL)
            await asyncio.sleep(0.2)
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            told = await asyncio.wait_for(reader.read(), 5)
            stand = [await is_open(one) for one, _ in callers]
            for _, one in (*callers, (reader, writer)):
                one.close()
            return told, stand

    told, stand = asyncio.run(scene())
    assert told.startswith(b"HTTP/1.1 503 ")
    assert b"Retry-After: 5" in told
    assert stand == [True] * 3


def test_who_does_not_read_is_not_waited_for():
    """Thousands of calls whose answers nobody reads: the connection is ended in its time."""

    async def scene():
        async with listening(answer, QUICK) as (port, connections):
            loop = asyncio.get_running_loop()
            with socket.socket() as line:
                line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
                line.settimeout(0)
                await loop.sock_connect(line, ("127.0.0.1", port))
                with suppress(TimeoutError, ConnectionError):
                    async with asyncio.timeout(3):
                        await loop.sock_sendall(line, CALL * 4000)
                await asyncio.sleep(0.5)
                (held,) = connections
                assert held.transport.get_write_buffer_size() > 0, "it has been sent too little to feel it"
                async with asyncio.timeout(8):
                    while connections:
                        await asyncio.sleep(0.1)

    asyncio.run(scene())


def test_who_does_not_read_gives_way():
    """Callers who leave their answers unread do not count as being answered: a new caller takes a place of theirs."""

    async def scene():
        async with listening(answer, Patience(connections=3)) as (port, connections):
            loop = asyncio.get_running_loop()
            lines = [socket.socket() for _ in range(3)]
            for line in lines:
                line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
                line.settimeout(0)
                await loop.sock_connect(line, ("127.0.0.1", port))
                with suppress(TimeoutError):
                    async with asyncio.timeout(1):
                        await loop.sock_sendall(line, CALL * 4000)
            await asyncio.sleep(0.5)
            assert all(one.transport.get_write_buffer_size() > 0 for one in connections)
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(CALL)
            told = await asyncio.wait_for(reader.readline(), 5)
            writer.close()
            for line in lines:
                line.close()
            return told

    assert asyncio.run(scene()).startswith(b"HTTP/1.1 200")


def test_who_says_no_more_is_not_waited_for():
    """A connection that was answered and has no further call is ended, though the server's own time is longer."""

    async def scene():
        async with listening(answer, QUICK) as (port, _):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(CALL)
            with suppress(ConnectionError):
                assert await asyncio.wait_for(reader.read(), 8)
            writer.close()

    asyncio.run(scene())


def test_calls_on_one_line_each_have_their_own_time():
    """A caller that calls again and again keeps its connection for longer than any one stage may last."""

    async def scene():
        async with listening(answer, QUICK) as (port, _):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            for _ in range(6):
                writer.write(CALL)
                assert (await asyncio.wait_for(reader.readline(), 5)).startswith(b"HTTP/1.1 200")
                assert len(await reader.readuntil(b"\r\n\r\n")) > 0
                assert len(await reader.readexactly(10000)) == 10000
                await asyncio.sleep(0.5)
            writer.close()

    asyncio.run(scene())


def test_calls_sent_at_one_go_each_have_their_own_time():
    """Calls that came together are answered one after another; the time of an answer is not that of all of them."""

    async def scene():
        async with listening(slowly, QUICK) as (port, _):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(CALL * 5)
            for _ in range(5):
                assert (await asyncio.wait_for(reader.readline(), 5)).startswith(b"HTTP/1.1 200")
                await reader.readuntil(b"\r\n\r\n")
                await reader.readexactly(10000)
            writer.close()

    asyncio.run(scene())


def test_a_crowd_takes_no_files_and_keeps_nobody_out(served, sign):
    """Far more half-open callers than there may be: the most stay, and a signed call is taken at once."""
    pid = served.processes[-1].pid
    files = Path(f"/proc/{pid}/fd")
    before = len(list(files.iterdir()))
    lines = []
    try:
        for _ in range(3 * MOST):
            line = socket.create_connection(served.place, timeout=20)
            lines.append(line)
            with suppress(ConnectionError):
                line.sendall(b"POST /callbacks/municipal HTTP/1.1\r\n")
        body = served.message()
        assert served.call(body=body, headers=sign(body))[0] == 200
        assert len(list(files.iterdir())) <= before + MOST + 5
    finally:
        for line in lines:
            line.close()


def test_malformed_calls_leave_no_log(door):
    """Anybody can send what is no HTTP: at the default level it is not worth a line each, or the disk would fill."""
    log = door.installation.folder / "serve.log"
    for _ in range(50):
        with socket.create_connection(door.place, timeout=20) as line:
            line.sendall(b"\x00nonsense\r\n\r\n")
            with suppress(ConnectionError):
                line.recv(4096)
    assert "uvicorn" not in log.read_text(encoding="utf-8")  # the pump beside it has things of its own to say


def test_calls_are_logged_without_what_they_say(served, sign):
    """At INFO one line for each call, with target and status; never a path, a query or a body."""
    served.processes[-1].send_signal(signal.SIGTERM)
    served.processes[-1].wait(40)
    settings = {**served.installation.settings, "BRIDGE_LOG_LEVEL": "INFO"}
    served.installation = replace(served.installation, settings=settings)
    served.open()
    body = served.message("told-in-the-body")
    assert served.call(path="/callbacks/municipal?told-in-the-query=1", body=body, headers=sign(body))[0] == 200
    assert served.call(path="/callbacks/told-in-the-path", body=body)[0] == 404
    log = served.installation.folder / "serve.log"
    until = time.monotonic() + 10
    while (text := log.read_text(encoding="utf-8")).count("call_answered") < 2 and time.monotonic() < until:
        time.sleep(0.05)  # noqa: TID251 - another process writes it, after the answer
    lines = [json.loads(one) for one in text.splitlines() if "call_answered" in one]
    assert [(one["target"], one["status"]) for one in lines] == [("municipal", 200), (None, 404)]
    assert "told-in" not in text
