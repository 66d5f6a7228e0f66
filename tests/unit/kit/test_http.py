"""What can happen on a wire, on real sockets, and which of our errors it is."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
import respx
from hypothesis import given
from hypothesis import strategies as st

from bridge.clock import SystemClock
from bridge.contract.adapter import still_ours
from bridge.errors import LeaseLost, OutcomeUnknown, TryLater
from bridge.kit.http import Answer, HttpClient, parse_retry_after

Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"


@asynccontextmanager
async def server(serve: Serve) -> Any:
    """A server on loopback that does what `serve` says to each connection."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await serve(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    started = await asyncio.start_server(handle, "127.0.0.1", 0)
    port = started.sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        started.close()


def client(url: str, **changes: Any) -> HttpClient:
    """A client with short deadlines."""
    settings = {"total_seconds": 1.0, "concurrency": 8, "calls_per_second": 1000.0, "clock": SystemClock(), **changes}
    return HttpClient(url, **settings)


def call(serve: Serve, *, repeatable: bool = False, **changes: Any) -> Answer:
    """One POST to such a server."""

    async def run() -> Answer:
        async with server(serve) as url:
            one = client(url, **changes)
            try:
                return await one.request("POST", "/x", content=b"{}", repeatable=repeatable)
            finally:
                await one.close()

    return asyncio.run(run())


async def head(reader: asyncio.StreamReader) -> None:
    """Read a request's head."""
    await reader.readuntil(b"\r\n\r\n")


def answering(text: bytes) -> Serve:
    """A server that answers this to everything."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await head(reader)
        writer.write(text)
        await writer.drain()

    return serve


async def reset(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Reset the line once the head is known."""
    await head(reader)
    raw: socket.socket = writer.get_extra_info("socket")
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


async def silent(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
    """Read and never answer."""
    await reader.read(-1)


async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """One byte at a time, for ever."""
    await head(reader)
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
    while True:
        writer.write(b"x")
        await writer.drain()
        await asyncio.sleep(0.1)


async def endless(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """A body without an end."""
    await head(reader)
    writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
    while True:
        writer.write(b"x" * 65536)
        await writer.drain()


def test_an_answer_comes_back_whole() -> None:
    """Status, headers in lower case and body are what the target sent."""
    answer = call(answering(OK))
    assert (answer.status, answer.headers["content-length"], answer.json()) == (200, "2", {})


def test_nothing_listens_is_never_sent() -> None:
    """A port where nothing listens: TryLater without an answer."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"

        async def run() -> None:
            one = client(url)
            try:
                await one.request("POST", "/x")
            finally:
                await one.close()

        with pytest.raises(TryLater) as caught:
            asyncio.run(run())
    assert caught.value.answered is False


@pytest.mark.parametrize("serve", [reset, silent])
def test_a_cut_or_silent_line_is_unknown_and_unanswered(serve: Serve) -> None:
    """After the request has left, no answer means that we do not know."""
    with pytest.raises(OutcomeUnknown) as caught:
        call(serve)
    assert caught.value.answered is False


@pytest.mark.parametrize("serve", [drip, endless])
def test_an_answer_without_end_is_stopped(serve: Serve) -> None:
    """A dripping or endless body ends at the deadline or the cap, as unknown, and it counts as an answer."""
    with pytest.raises(OutcomeUnknown) as caught:
        call(serve, byte_cap=1 << 20)
    assert caught.value.answered is True


def test_a_page_instead_of_json_is_not_understood() -> None:
    """200 with a login page is no success."""
    text = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 6\r\n\r\n<html>"
    with pytest.raises(OutcomeUnknown):
        call(answering(text)).json()


def test_503_waits_as_long_as_asked() -> None:
    """503 is 'not done', with the wish of Retry-After."""
    text = b"HTTP/1.1 503 Busy\r\nRetry-After: 120\r\nContent-Length: 0\r\n\r\n"
    with pytest.raises(TryLater) as caught:
        call(answering(text))
    assert (caught.value.after, caught.value.answered) == (120.0, True)


def test_500_is_unknown() -> None:
    """Any other 5xx may have been before or after the commit."""
    with pytest.raises(OutcomeUnknown) as caught:
        call(answering(b"HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n"))
    assert (caught.value.code, caught.value.answered) == ("500", True)


def test_a_repeatable_call_is_tried_three_times_and_then_later() -> None:
    """A step that may be repeated is, at once and three times; then it is TryLater, since nothing is lost by it."""
    calls = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        calls.append(1)
        await reset(reader, writer)

    with pytest.raises(TryLater):
        call(serve, repeatable=True)
    assert len(calls) == 3


def test_a_call_that_is_not_repeatable_goes_once() -> None:
    """A lost answer is never followed by a second request of the same call."""
    calls = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        calls.append(1)
        await reset(reader, writer)

    with pytest.raises(OutcomeUnknown):
        call(serve)
    assert len(calls) == 1


def test_a_redirect_is_not_followed() -> None:
    """A 302 is an answer like any other; nobody is led elsewhere."""
    text = b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n"
    assert call(answering(text)).status == 302


def test_the_environment_has_no_say(monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy in the environment is not used."""
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    assert call(answering(OK)).status == 200


def test_a_lost_lease_sends_nothing() -> None:
    """Where the worker may no longer send, no byte leaves."""
    calls = []

    async def serve(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
        calls.append(await reader.read(1))

    def lost() -> None:
        raise LeaseLost

    token = still_ours.set(lost)
    try:
        with pytest.raises(LeaseLost):
            call(serve)
    finally:
        still_ours.reset(token)
    assert not calls


def test_the_wire_form_of_a_call() -> None:
    """Path, query, body and headers go out as given, and nothing is asked to be compressed."""
    with respx.mock(using="httpx") as router:
        route = router.post("https://target.invalid/api", params={"a": "1"}).respond(200, json={"ok": True})

        async def run() -> Answer:
            one = client("https://target.invalid")
            one._client = httpx.AsyncClient(transport=httpx.MockTransport(router.async_handler))
            one._loop = asyncio.get_running_loop()
            try:
                return await one.request("POST", "/api", params={"a": "1"}, headers={"X-A": "b"}, content=b"{}")
            finally:
                await one.close()

        assert asyncio.run(run()).json() == {"ok": True}
        sent = route.calls.last.request
    assert (sent.content, sent.headers["x-a"], sent.headers["accept-encoding"]) == (b"{}", "b", "identity")


@given(st.integers(0, 10**12))
def test_retry_after_in_seconds_is_taken_up_to_a_day(seconds: int) -> None:
    """A number of seconds is that, at most a day."""
    assert parse_retry_after(str(seconds)) in (min(float(str(seconds)[:9]), 86400.0), 86400.0)


@pytest.mark.parametrize("value", ["", "soon", "-5", "1.5", "٣"])
def test_garbage_in_retry_after_is_nothing(value: str) -> None:
    """What is neither seconds nor a date leaves the wait to us."""
    assert parse_retry_after(value) is None


def test_retry_after_as_a_date_is_measured_by_the_targets_clock() -> None:
    """A date counts from the answer's own Date, so that our clock does not matter."""
    assert parse_retry_after("Wed, 21 Oct 2026 07:30:00 GMT", "Wed, 21 Oct 2026 07:28:00 GMT") == 120.0
