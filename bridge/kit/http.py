"""HTTP for adapters: one client with deadlines, caps and limits, and one border where foreign errors become ours.

What is never sent and what is perhaps done are told apart here (`TryLater` against `OutcomeUnknown`). What an answer
means is the adapter's: this room reads nothing but the status line and `Retry-After`. Sockets and the two HTTP
libraries are `transport`'s.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import email.utils
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from typing import Any

import httpx
import orjson
import tenacity

from bridge.clock import Clock
from bridge.contract.adapter import answer_came, still_ours
from bridge.errors import AdapterBug, OutcomeUnknown, TryLater
from bridge.kit.transport import FAILURES, address, asked, pieces, sockets, translated, verification

BYTE_CAP = 8 << 20
"""Bytes of an answer's body that are read at most."""

QUICK_TRIES = 3
"""Tries of a repeatable call inside one attempt; the long schedule is the engine's."""

QUICK_AFTER = 1.0
"""Seconds: a target that asks for a longer wait is not tried again inside the attempt."""

LONGEST_WISH = 86_400.0
"""Seconds: a Retry-After beyond a day is taken as a day."""

KNOWN_PATHS = 256
"""Addresses that are kept read."""

Content = bytes | Callable[[], AsyncIterator[bytes]]
"""A body, or what makes a fresh stream of it for each try."""

Headers = Mapping[str, str] | Callable[[], Mapping[str, str]]
"""Headers, or what makes fresh ones for each try: a signature with time and nonce is good for one."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, whole."""

    status: int
    headers: Mapping[str, str]
    """Names in lower case; repeated ones joined by commas; `date` is always there (RFC 9110, 6.6.1)."""
    body: bytes

    def json(self) -> Any:
        """The body as JSON. Raises OutcomeUnknown where it is none: a login page, half a text."""
        try:
            return orjson.loads(self.body)
        except orjson.JSONDecodeError as exc:
            raise OutcomeUnknown("对方答复无法识别 (the answer is not understood)", raw=self.body) from exc

    @property
    def retry_after(self) -> float | None:
        """Seconds that the target asks for, by Retry-After as seconds or as a date; None where it says nothing good."""
        return parse_retry_after(self.headers.get("retry-after"), self.headers.get("date"))


class HttpClient:
    """Calls to one target. Opened by the first call, inside its event loop; `close` lets go.

    `total_seconds` bounds one try from the moment it has a connection's place to the last byte of the answer;
    `concurrency` is how many are under way at once, `calls_per_second` how many begin. `transport` stands in for real
    sockets where only the form of a call matters. Raises SettingsError naming `url` where `base_url` is no address; a
    target without one may be built, and then fails at its first call.
    """

    def __init__(
        self,
        base_url: str,
        *,
        total_seconds: float,
        concurrency: int,
        calls_per_second: float,
        clock: Clock,
        byte_cap: int = BYTE_CAP,
        ca_file: str | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._base_url = address(base_url)
        self._total_seconds, self._byte_cap, self._ca_file = total_seconds, byte_cap, ca_file
        self._concurrency, self._clock = concurrency, clock
        self._bucket = _Bucket(calls_per_second, clock)
        self._transport = transport
        self._opened: _Opened | None = None
        self._urls: dict[str, httpx.URL] = {}

    async def request(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        headers: Headers | None = None,
        content: Content = b"",
        repeatable: bool = False,
    ) -> Answer:
        """One call; a `repeatable` one (a read, or a step that the target documents as idempotent) up to three.

        Answers of 2xx, 3xx and 4xx are returned; 429, 503 and other 5xx are raised. What stays unknown of a repeatable
        call is TryLater, since nothing is lost by repeating it. An error of our own while `content` is read is raised
        as it is: the target has not had the whole request. Raises TryLater, OutcomeUnknown, LeaseLost.
        """
        if not repeatable:
            return await self._once(method, path, params, headers, content)
        retrying = tenacity.AsyncRetrying(
            stop=tenacity.stop_after_attempt(QUICK_TRIES),
            wait=_quick_wait,
            retry=tenacity.retry_if_exception(_worth_a_quick_try),
            sleep=self._clock.sleep,
            reraise=True,
        )
        try:
            return await retrying(self._once, method, path, params, headers, content)
        except OutcomeUnknown as unknown:
            raise TryLater(
                str(unknown), answered=unknown.answered, code=unknown.code, raw=unknown.raw, memo=unknown.memo
            ) from unknown

    async def close(self) -> None:
        """Let go of connections."""
        opened, self._opened = self._opened, None
        if opened is not None:
            await opened.transport.aclose()

    async def _once(
        self, method: str, path: str, params: Mapping[str, str] | None, headers: Headers | None, content: Content
    ) -> Answer:
        """One try: wait for a place and for the target's limits, ask whether we still may, send, read, judge."""
        if not path.startswith("/"):  # else it could go on with the host's name
            raise AdapterBug("path must begin with /")
        opened = self._open()
        async with opened.places:
            await self._bucket.take()
            still_ours.get()()
            made = headers() if callable(headers) else headers
            sending = _Sending(content)
            url = self._url(path, params)
            request = asked(method, url, made, sending.body, connect_seconds=self._total_seconds / 2)
            answer = await self._send(opened.transport, request, sending)
        return _judged(answer)

    def _url(self, path: str, params: Mapping[str, str] | None) -> httpx.URL:
        """The address of a call; that of a path that is asked again and again is read once."""
        if params:
            return httpx.URL(self._base_url + path, params=params)
        url = self._urls.get(path)
        if url is None:
            if len(self._urls) >= KNOWN_PATHS:
                self._urls.clear()
            url = self._urls[path] = httpx.URL(self._base_url + path)
        return url

    async def _send(self, transport: httpx.AsyncBaseTransport, request: httpx.Request, sending: _Sending) -> Answer:
        """One call over the wire, with everything that may go wrong translated."""
        try:
            async with asyncio.timeout(self._total_seconds):
                response = await transport.handle_async_request(request)
                sending.answered = True
                answer_came.get()()
                try:
                    body = await self._read(response)
                finally:
                    await response.aclose()
        except TimeoutError as exc:
            raise OutcomeUnknown("对方在时限内没有答完 (no whole answer in time)", answered=sending.answered) from exc
        except FAILURES as exc:
            if sending.own_failure is not None:
                raise sending.own_failure from sending.own_failure.__cause__
            raise translated(exc, answered=sending.answered) from exc
        return Answer(response.status_code, self._headers(response), body)

    async def _read(self, response: httpx.Response) -> bytes:
        """The body, up to the cap."""
        whole = bytearray()
        async for piece in pieces(response):
            whole += piece
            if len(whole) > self._byte_cap:
                raise OutcomeUnknown("对方答复过长，已停止读取 (the answer is too long)", raw=bytes(whole[:4096]))
        return bytes(whole)

    def _headers(self, response: httpx.Response) -> dict[str, str]:
        """Headers as `Answer` has them."""
        now = email.utils.format_datetime(self._clock.now(), usegmt=True)
        return {"date": now} | {name.lower(): value for name, value in response.headers.items()}

    def _open(self) -> _Opened:
        """What belongs to this event loop. Half of the time is for making a connection.

        So a call that never left is told apart from one whose answer is lost.
        """
        loop = asyncio.get_running_loop()
        if self._opened is None or self._opened.loop is not loop:
            transport = self._transport or sockets(
                verify=verification(self._base_url, self._ca_file), connections=self._concurrency
            )
            self._opened = _Opened(loop, transport, asyncio.Semaphore(self._concurrency))
        return self._opened


@dataclass(frozen=True, slots=True)
class _Opened:
    """What was opened inside one event loop."""

    loop: asyncio.AbstractEventLoop
    transport: httpx.AsyncBaseTransport
    places: asyncio.Semaphore


class _Sending:
    """How far one try has come, and its body."""

    def __init__(self, content: Content) -> None:
        self.answered = False
        self.own_failure: Exception | None = None
        self.body = self._watched(content) if callable(content) else content

    async def _watched(self, content: Callable[[], AsyncIterator[bytes]]) -> AsyncIterator[bytes]:
        """The stream; a failure of it is ours, and not the wire's."""
        try:
            async for piece in content():
                yield piece
        except Exception as exc:
            self.own_failure = exc
            raise


class _Bucket:
    """A token bucket: calls per second, with a burst of one second and of one call at least."""

    def __init__(self, per_second: float, clock: Clock) -> None:
        self._per_second, self._clock = per_second, clock
        self._burst = max(per_second, 1.0)
        self._tokens, self._at = self._burst, clock.monotonic()

    async def take(self) -> None:
        """Wait for a token; each waiter has its own place in the queue."""
        now = self._clock.monotonic()
        self._tokens = min(self._burst, self._tokens + (now - self._at) * self._per_second) - 1
        self._at = now
        if self._tokens < 0:
            await self._clock.sleep(-self._tokens / self._per_second)


def _judged(answer: Answer) -> Answer:
    """5xx and 429 as errors: 'not done' where HTTP itself says so (RFC 6585, RFC 9110), else unknown."""
    if answer.status in (429, 503):
        raise TryLater(
            f"对方暂不办理 (HTTP {answer.status})", after=answer.retry_after, code=str(answer.status), raw=answer.body
        )
    if answer.status >= 500:
        raise OutcomeUnknown(f"对方系统出错 (HTTP {answer.status})", code=str(answer.status), raw=answer.body)
    return answer


_JITTER = tenacity.wait_random_exponential(multiplier=0.2, min=0.05, max=0.4)


def _quick_wait(state: tenacity.RetryCallState) -> float:
    """50 to 400 ms with full jitter, or what the target asked for."""
    failure = state.outcome.exception() if state.outcome else None
    wish = failure.after if isinstance(failure, TryLater) else None
    return max(_JITTER(state), wish or 0.0)


def _worth_a_quick_try(exc: BaseException) -> bool:
    """Whether trying a repeatable call again at once makes sense: not where nobody listens or time was asked for."""
    if isinstance(exc, TryLater):
        return exc.answered and (exc.after or 0.0) <= QUICK_AFTER
    return isinstance(exc, OutcomeUnknown)


def parse_retry_after(value: str | None, date: str | None = None) -> float | None:
    """Seconds of a Retry-After, which is a number or an HTTP date (RFC 9110, 10.2.3); None where it is garbage.

    A date is measured from the answer's own `date`, so that our clock does not matter.
    """
    if value is None:
        return None
    text = value.strip()
    if text.isascii() and text.isdigit():
        return min(float(text[:9]), LONGEST_WISH)
    try:
        then = email.utils.parsedate_to_datetime(text)
        now = email.utils.parsedate_to_datetime(date) if date else None
    except (TypeError, ValueError):
        return None
    if now is None or (then.tzinfo is None) != (now.tzinfo is None):
        return None
    return min(max((then - now) / dt.timedelta(seconds=1), 0.0), LONGEST_WISH)
