"""What can happen on a wire, on real sockets, and which of our errors it is."""

from __future__ import annotations

import asyncio
import gzip
import socket

import httpx
import pytest
import respx
from hypothesis import given
from hypothesis import strategies as st

from bridge.contract.adapter import still_ours
from bridge.errors import AdapterBug, LeaseLost, OutcomeUnknown, StoreError, TryLater
from bridge.kit.http import HttpClient, parse_retry_after

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
BUSY = b"HTTP/1.1 503 Busy\r\n%sContent-Length: 0\r\n\r\n"


async def head(reader):
    """Read a request's head."""
    await reader.readuntil(b"\r\n\r\n")


async def silent(reader, _writer):
    """Read and never answer."""
    await reader.read(-1)


async def drip(reader, writer):
    """One byte at a time, for ever."""
    await head(reader)
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
    while True:
        writer.write(b"x")
        await writer.drain()
        await asyncio.sleep(0.05)


async def endless(reader, writer):
    """A body without an end."""
    await head(reader)
    writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
    while True:
        writer.write(b"x" * 65536)
        await writer.drain()


@pytest.fixture
def reset(wire):
    """A server that resets the line once the request's head is known, and counts."""

    async def serve(reader, writer):
        await head(reader)
        serve.calls += 1
        wire.reset(writer)

    serve.calls = 0
    return serve


# -- answers


def test_an_answer_comes_back_whole(wire):
    """Status, headers in lower case and body are what the target sent."""
    answer = wire.call(wire.answering(OK))
    assert (answer.status, answer.headers["content-length"], answer.json()) == (200, "2", {})


def test_an_answer_without_a_date_gets_ours(wire, ticking):
    """The time at which an answer came is its date where it has none (RFC 9110, 6.6.1)."""
    assert wire.call(wire.answering(OK), client={"clock": ticking}).headers["date"] == "Mon, 23 Nov 2026 01:30:00 GMT"


@pytest.mark.parametrize("status", [200, 204, 302, 400, 401, 403, 404, 409, 422])
def test_what_an_answer_means_is_the_adapters(wire, status):
    """Everything below 500 but 429 comes back as it is, and a redirect leads nobody elsewhere."""
    length = b"" if status == 204 else b"Content-Length: 0\r\n"
    text = b"HTTP/1.1 %d X\r\nLocation: http://127.0.0.1:1/\r\n%s\r\n" % (status, length)
    assert wire.call(wire.answering(text)).status == status


@pytest.mark.parametrize("body", [b"<html>", b'{"a":', b"", "{“a”:1}".encode(), b"\xff\xfe{}", b"[NaN]"])
def test_what_is_no_json_is_not_understood(wire, body):
    """200 with a login page, half a text or another encoding is no success; what came is kept."""
    text = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)
    with pytest.raises(OutcomeUnknown) as caught:
        wire.call(wire.answering(text)).json()
    assert (caught.value.raw, caught.value.answered) == (body, True)


@pytest.mark.parametrize("status", [500, 501, 502, 504, 599])
def test_other_5xx_are_unknown(wire, status):
    """Any 5xx but 503 may have come before or after the commit."""
    with pytest.raises(OutcomeUnknown) as caught:
        wire.call(wire.answering(b"HTTP/1.1 %d Oops\r\nContent-Length: 2\r\n\r\nno" % status))
    assert (caught.value.code, caught.value.answered, caught.value.raw) == (str(status), True, b"no")


@pytest.mark.parametrize(
    ("header", "after"),
    [
        (b"Retry-After: 120\r\n", 120.0),
        (b"Retry-After: Mon, 23 Nov 2026 01:32:00 GMT\r\n", 120.0),
        (b"Date: Mon, 23 Nov 2026 01:31:30 GMT\r\nRetry-After: Mon, 23 Nov 2026 01:32:00 GMT\r\n", 30.0),
        (b"Retry-After: Mon, 23 Nov 2020 01:32:00 GMT\r\n", 0.0),
        (b"Retry-After: soon\r\n", None),
        (b"Retry-After: 99999999999999999999\r\n", 86400.0),
        (b"", None),
    ],
)
@pytest.mark.parametrize("status", [b"429", b"503"])
def test_not_done_carries_the_targets_wish(wire, ticking, status, header, after):
    """429 and 503 are 'not done', with Retry-After as seconds, as a date, or none where it is garbage."""
    with pytest.raises(TryLater) as caught:
        wire.call(wire.answering((BUSY % header).replace(b"503", status)), client={"clock": ticking})
    assert (caught.value.after, caught.value.answered, caught.value.code) == (after, True, status.decode())


# -- lines that break


def test_nothing_listens_is_never_sent(wire):
    """A port where nothing listens: TryLater without an answer."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"

        async def run():
            one = wire.client(url)
            try:
                await one.request("POST", "/x")
            finally:
                await one.close()

        with pytest.raises(TryLater) as caught:
            asyncio.run(run())
    assert caught.value.answered is False


def test_a_connection_that_is_never_made_is_never_sent(wire):
    """A target that takes no connection in half of the time: TryLater, not an unknown outcome."""
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        waiting = [socket.socket() for _ in range(4)]
        for one in waiting:
            one.settimeout(0)
            one.connect_ex(full.getsockname())

        async def run():
            one = wire.client(f"http://127.0.0.1:{full.getsockname()[1]}", total_seconds=0.4)
            try:
                await one.request("POST", "/x")
            finally:
                await one.close()

        with pytest.raises(TryLater) as caught:
            asyncio.run(run())
        for one in waiting:
            one.close()
    assert caught.value.answered is False


def test_a_reset_line_is_unknown_and_unanswered(wire, reset):
    """After the request has left, no answer means that we do not know; it goes once."""
    with pytest.raises(OutcomeUnknown) as caught:
        wire.call(reset)
    assert (caught.value.answered, reset.calls) == (False, 1)


def test_a_silent_target_is_unknown_and_unanswered(wire):
    """No answer at all within the whole time."""
    with pytest.raises(OutcomeUnknown) as caught:
        wire.call(silent, client={"total_seconds": 0.2})
    assert caught.value.answered is False


def test_a_dripping_answer_ends_at_the_deadline(wire):
    """A byte now and then does not keep a call alive; it counts as an answer."""
    with pytest.raises(OutcomeUnknown) as caught:
        wire.call(drip, client={"total_seconds": 0.3})
    assert caught.value.answered is True


def test_an_endless_answer_ends_at_the_cap(wire):
    """No more than the cap is read, and a beginning of it is kept; it counts as an answer."""
    with pytest.raises(OutcomeUnknown) as caught:
        wire.call(endless, client={"byte_cap": 1 << 20, "total_seconds": 30.0})
    assert (caught.value.answered, caught.value.raw) == (True, b"x" * 4096)


def test_a_body_that_is_cut_is_unknown_and_answered(wire):
    """A head and half a body: the target has spoken, and we do not know what it said."""

    async def serve(reader, writer):
        await head(reader)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{")
        await writer.drain()

    with pytest.raises(OutcomeUnknown) as caught:
        wire.call(serve)
    assert caught.value.answered is True


def test_a_packed_body_is_not_unpacked(wire):
    """A bomb sent though nothing packed was asked for stays as small as it came, and is not understood."""
    bomb = gzip.compress(b"0" * 5_000_000)
    text = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n%s" % (len(bomb), bomb)
    answer = wire.call(wire.answering(text))
    assert answer.body == bomb
    with pytest.raises(OutcomeUnknown):
        answer.json()


# -- repeating


def test_a_repeatable_call_is_tried_three_times_and_then_later(wire, reset, ticking):
    """A step that may be repeated is, at once and three times; then it is TryLater, since nothing is lost by it."""
    with pytest.raises(TryLater) as caught:
        wire.call(reset, repeatable=True, client={"clock": ticking})
    assert (reset.calls, caught.value.answered) == (3, False)
    assert len(ticking.slept) == 2
    assert all(0.05 <= waited <= 0.4 for waited in ticking.slept)


def test_a_repeatable_call_succeeds_at_the_second_try(wire, ticking):
    """One broken answer costs nothing but a moment."""
    oops = b"HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n"
    assert wire.call(wire.answering(oops, OK), repeatable=True, client={"clock": ticking}).json() == {}


@pytest.mark.parametrize(("header", "tries"), [(b"", 3), (b"Retry-After: 1\r\n", 3), (b"Retry-After: 2\r\n", 1)])
def test_a_wish_is_kept_inside_an_attempt_too(wire, ticking, header, tries):
    """A target that asks for more than a second is not tried again; one that asks for less waits as long as asked."""
    seen = []
    with pytest.raises(TryLater):
        wire.call(wire.answering(BUSY % header, seen=seen), repeatable=True, client={"clock": ticking})
    assert len(seen) == tries
    assert all(waited >= (1.0 if header else 0.05) for waited in ticking.slept)


def test_nothing_listens_is_not_tried_again_at_once(wire, ticking):
    """Where no connection is made, the long schedule decides, not three tries in a row."""

    async def run():
        one = wire.client("http://127.0.0.1:1", clock=ticking)
        try:
            await one.request("GET", "/x", repeatable=True)
        finally:
            await one.close()

    with pytest.raises(TryLater):
        asyncio.run(run())
    assert ticking.slept == []


def test_each_try_has_fresh_headers_and_a_fresh_body(wire, ticking):
    """A nonce is good for one try, and a stream is read once."""
    nonces = iter("abc")
    seen = []

    async def body():
        yield b"12"
        yield b"34"

    wire.call(
        wire.answering(BUSY % b"", OK, seen=seen),
        repeatable=True,
        headers=lambda: {"X-Nonce": next(nonces), "Content-Length": "4"},
        content=body,
        client={"clock": ticking},
    )
    assert [text.lower().split(b"x-nonce: ")[1][:1] for text in seen] == [b"a", b"b"]


# -- our own side


def test_a_body_of_ours_that_fails_is_our_failure(wire):
    """A file that cannot be read is no broken line: its own error comes out, and the target had no whole request."""

    async def broken():
        yield b"x"
        raise StoreError

    async def serve(reader, _writer):
        assert not (await reader.read(-1)).endswith(b"0\r\n\r\n")

    with pytest.raises(StoreError):
        wire.call(serve, content=broken)


def test_a_stream_that_is_not_read_to_its_end_is_closed(wire):
    """A line that breaks in the middle of a file leaves no file open."""
    closed = []

    async def file():
        try:
            while True:
                yield b"x" * 65536
        finally:
            closed.append(True)

    async def serve(reader, writer):
        await head(reader)
        wire.reset(writer)

    with pytest.raises(OutcomeUnknown):
        wire.call(serve, content=file)
    assert closed == [True]


def test_a_lost_lease_sends_nothing(wire):
    """Where the worker may no longer send, no byte leaves."""
    seen = []

    def lost():
        raise LeaseLost

    token = still_ours.set(lost)
    try:
        with pytest.raises(LeaseLost):
            wire.call(wire.answering(OK, seen=seen))
    finally:
        still_ours.reset(token)
    assert not seen


def test_the_lease_is_asked_before_each_try(wire, reset, ticking):
    """A lease that ends between two tries stops the second."""
    asked = []

    def once():
        asked.append(1)
        if len(asked) > 1:
            raise LeaseLost

    token = still_ours.set(once)
    try:
        with pytest.raises(LeaseLost):
            wire.call(reset, repeatable=True, client={"clock": ticking})
    finally:
        still_ours.reset(token)
    assert reset.calls == 1


def test_a_path_cannot_lead_to_another_host(wire):
    """A path that does not begin with a slash would go on with the host's name."""
    with pytest.raises(AdapterBug):
        wire.call(wire.answering(OK), path="@127.0.0.1:1/x")


def test_waiting_for_a_place_costs_no_time_of_a_call(wire):
    """Three calls over one connection, each nearly as long as a call may be: all are answered."""

    async def slow(reader, writer):
        while True:
            await head(reader)
            await asyncio.sleep(0.15)
            writer.write(OK)
            await writer.drain()

    async def run():
        async with wire.server(slow) as url:
            one = wire.client(url, concurrency=1, total_seconds=0.3)
            try:
                return await asyncio.gather(*(one.request("GET", "/x") for _ in range(3)))
            finally:
                await one.close()

    assert [answer.status for answer in asyncio.run(run())] == [200, 200, 200]


@pytest.mark.parametrize(
    ("per_second", "calls", "waited"), [(2.0, 2, 0.0), (2.0, 6, 2.0), (0.5, 1, 0.0), (0.5, 3, 4.0)]
)
def test_calls_keep_to_the_targets_limit(wire, ticking, per_second, calls, waited):
    """A burst of one second, at least one call; then as many a second as the target allows."""
    wire.calls(wire.answering(OK), *[{}] * calls, clock=ticking, calls_per_second=per_second)
    assert sum(ticking.slept) == pytest.approx(waited)


def test_a_line_that_is_gone_before_it_is_read_is_unknown(ticking):
    """Whatever the library stumbles over after the request has left, we do not know the outcome."""

    def stumble(_request):
        raise AttributeError("'NoneType' object has no attribute 'read'")

    one = HttpClient(
        "https://target.invalid",
        total_seconds=1.0,
        concurrency=1,
        calls_per_second=10.0,
        clock=ticking,
        transport=httpx.MockTransport(stumble),
    )

    async def run():
        try:
            await one.request("POST", "/x")
        finally:
            await one.close()

    with pytest.raises(OutcomeUnknown) as caught:
        asyncio.run(run())
    assert caught.value.answered is False


def test_the_wire_form_of_a_call(ticking):
    """Path, query, body and headers go out as given, and nothing is asked to be compressed."""
    router = respx.MockRouter(using="httpx")
    route = router.post("https://target.invalid/api/x", params={"a": "一/1"}).respond(200, json={"ok": True})
    one = HttpClient(
        "https://target.invalid/api/",
        total_seconds=1.0,
        concurrency=1,
        calls_per_second=10.0,
        clock=ticking,
        transport=httpx.MockTransport(router.async_handler),
    )

    async def run():
        try:
            return await one.request("POST", "/x", params={"a": "一/1"}, headers={"X-A": "b"}, content=b"{}")
        finally:
            await one.close()

    assert asyncio.run(run()).json() == {"ok": True}
    sent = route.calls.last.request
    assert (sent.content, sent.headers["x-a"], sent.headers["accept-encoding"]) == (b"{}", "b", "identity")


# -- Retry-After


@given(st.integers(0, 10**12))
def test_retry_after_in_seconds_is_taken_up_to_a_day(seconds):
    """A number of seconds is that, at most a day."""
    assert parse_retry_after(str(seconds)) in (min(float(str(seconds)[:9]), 86400.0), 86400.0)


@given(st.text())
def test_no_retry_after_breaks_us(value):
    """Whatever stands there gives a wait of at most a day, or none."""
    wish = parse_retry_after(value, "Wed, 21 Oct 2026 07:28:00 GMT")
    assert wish is None or 0.0 <= wish <= 86400.0


@pytest.mark.parametrize("value", ["", "soon", "-5", "1.5", "٣", "Wed, 21 Oct 2026 07:30:00"])
def test_garbage_in_retry_after_is_nothing(value):
    """What is neither seconds nor a date leaves the wait to us."""
    assert parse_retry_after(value) is None
