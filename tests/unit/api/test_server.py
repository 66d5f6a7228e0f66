"""The door over real sockets: sizes, patience, signals, and a port that somebody else has."""

from __future__ import annotations

import signal
import socket
import time
from contextlib import suppress

import pytest

LIMIT = 1_048_576


def connect(door) -> socket.socket:
    """A connection."""
    return socket.create_connection(door.place, timeout=20)


def closed(line: socket.socket, within: float) -> bool:
    """Whether the other side ends it in that time."""
    line.settimeout(within)
    try:
        while line.recv(4096):
            pass
    except TimeoutError:
        return False
    except ConnectionError:
        return True
    return True


def test_a_body_has_a_limit(door, sign):
    """Too big is 413, whether its length is told or it comes in chunks; just small enough it is looked at."""
    big = b" " * (LIMIT + 1)
    status, answered, told = door.call(body=big, headers=sign(big))
    assert (status, told["status"], answered["content-type"]) == (413, 413, "application/problem+json")
    chunks = (b" " * 65536 for _ in range(17))
    assert door.call(body=chunks)[0] == 413
    assert door.call(body=b" " * LIMIT)[0] == 401


@pytest.mark.parametrize("start", [b"", b"POST /callbacks/municipal HTTP/1.1\r\nHost: x\r\n"])
def test_half_open_connections_are_closed(door, start):
    """Sixty callers that never end their headers are all gone soon, and others are served meanwhile."""
    lines = [connect(door) for _ in range(60)]
    for line in lines:
        line.sendall(start)
    assert door.call("GET")[0] == 405
    began = time.monotonic()
    ended = [closed(line, max(0.01, began + 6 - time.monotonic())) for line in lines]
    for line in lines:
        line.close()
    assert ended == [True] * 60


def test_dripping_headers_do_not_prolong_the_wait(door):
    """A byte now and then does not keep a connection: the time runs for all headers together."""
    with connect(door) as line:
        line.sendall(b"POST /callbacks/municipal HTTP/1.1\r\nX: ")
        began = time.monotonic()
        with suppress(ConnectionError):
            while time.monotonic() - began < 8:
                line.sendall(b"a")
                time.sleep(0.2)  # noqa: TID251 - a slow caller takes real time
        assert time.monotonic() - began < 4


def test_a_second_call_on_the_line_has_its_own_time(door):
    """A connection kept after an answer is closed as well where the next headers do not end."""
    with connect(door) as line:
        line.sendall(b"GET /callbacks/municipal HTTP/1.1\r\nHost: x\r\n\r\n")
        assert b"405" in line.recv(4096)
        # longer than headers may take: between two calls that is no offence
        time.sleep(1.5)  # noqa: TID251 - a slow caller takes real time
        line.sendall(b"GET /callbacks/municipal HTTP/1.1\r\nHost: x\r\n\r\n")
        assert b"405" in line.recv(4096)
        line.sendall(b"GET /callbacks/municipal HTTP/1.1\r\nHo")
        assert closed(line, 5)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_with_zero(served, number):
    """It stops taking calls, lets the pump end, gives up its lease and exits 0."""
    with connect(served) as idle:
        process = served.processes[-1]
        process.send_signal(number)
        assert process.wait(40) == 0
        assert closed(idle, 5)
    assert served.rows("SELECT * FROM workers") == []
    assert "Traceback" not in (served.installation.folder / "serve.log").read_text(encoding="utf-8")


def test_a_port_in_use_is_told_in_words(door):
    """A port that somebody has ends the command with 1 and words in both languages, without a traceback."""
    done = door.installation.run("serve", "--port", str(door.place[1]), timeout=60)
    assert done.code == 1
    assert "端口已被占用" in done.err
    assert "a port in use" in done.err
    assert "Traceback" not in done.err


def test_the_address_is_told(door):
    """Standard error names the address that calls are taken at."""
    assert f"(listening): {door.url}" in (door.installation.folder / "serve.log").read_text(encoding="utf-8")
