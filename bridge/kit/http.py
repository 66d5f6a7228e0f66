"""HTTP for adapters: one client with deadlines, caps and limits, and one border where foreign errors become ours.

What is never sent and what is perhaps done are told apart here (`TryLater` against `OutcomeUnknown`). What an answer
means is the adapter's: this room reads nothing but the status line and `Retry-After`. The transport is aiohttp's, under
httpx's interface; a swap of either is this one file.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import email.utils
import ssl
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from typing import Any

import aiohttp
import httpx
import orjson
import tenacity
from httpx_aiohttp import AiohttpTransport

from bridge.clock import Clock
from bridge.contract.adapter import still_ours
from bridge.errors import OutcomeUnknown, TargetError, TryLater

BYTE_CAP = 8 << 20
"""Bytes of an answer's body that are read at most."""

QUICK_TRIES = 3
"""Tries of a repeatable call inside one attempt; the long schedule is the engine's."""

LONGEST_WISH = 86_400.0
"""Seconds: a Retry-After beyond a day is taken as a day."""

NEVER_SENT = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, aiohttp.InvalidURL)
"""What aiohttp raises before the first byte of a request has left."""

Content = bytes | Callable[[], AsyncIterator[bytes]]
"""A body, or what makes a fresh stream of it for each try."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, whole."""

    status: int
    headers: Mapping[str, str]
    """Names in lower case."""
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
    """Calls to one target. Opened by the first call, inside its event loop; `close` lets go."""

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
    ) -> None:
        self._base_url = base_url.rstrip("/")
        self._total_seconds, self._byte_cap, self._ca_file = total_seconds, byte_cap, ca_file
        self._concurrency, self._clock = concurrency, clock
        self._bucket = _Bucket(calls_per_second, clock)
        self._client: httpx.AsyncClient | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    async def request(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | Callable[[], Mapping[str, str]] | None = None,
        content: Content = b"",
        repeatable: bool = False,
    ) -> Answer:
        """One call; a `repeatable` one (a read, or a step that the target documents as idempotent) up to three.

        `headers` may be a function, called for each try: a signature with time and nonce is good for one. Answers of
        4xx are returned; 429, 503 and other 5xx are raised. What stays unknown of a repeatable call is TryLater, since
        nothing is lost by repeating it. Raises TryLater, OutcomeUnknown, LeaseLost.
        """
        if not repeatable:
            return await self._once(method, path, params, headers, content)
        retrying = tenacity.AsyncRetrying(
            stop=tenacity.stop_after_attempt(QUICK_TRIES),
            wait=tenacity.wait_random_exponential(multiplier=0.1, max=0.4, min=0.05),
            retry=tenacity.retry_if_exception(_worth_a_quick_try),
            sleep=self._clock.sleep,
            reraise=True,
        )
        try:
            async for attempt in retrying:
                with attempt:
                    return await self._once(method, path, params, headers, content)
        except OutcomeUnknown as unknown:
            raise TryLater(str(unknown), answered=unknown.answered, code=unknown.code, raw=unknown.raw) from unknown
        raise AssertionError("unreachable")  # pragma: no cover

    async def close(self) -> None:
        """Let go of connections."""
        if self._client is not None:
            await self._client.aclose()
            self._client = None

    async def _once(
        self,
        method: str,
        path: str,
        params: Mapping[str, str] | None,
        headers: Mapping[str, str] | Callable[[], Mapping[str, str]] | None,
        content: Content,
    ) -> Answer:
        """One call over the wire, with everything that may go wrong translated."""
        await self._bucket.take()
        still_ours.get()()
        made = headers() if callable(headers) else headers or {}
        body = content() if callable(content) else content
        client = self._open()
        request = client.build_request(
            method, self._base_url + path, params=params, headers={"Accept-Encoding": "identity", **made}, content=body
        )
        sent = _Progress()
        try:
            async with asyncio.timeout(self._total_seconds):
                response = await client.send(request, stream=True)
                sent.answered = True
                try:
                    answer = Answer(response.status_code, _lower(response.headers), await self._read(response))
                finally:
                    await response.aclose()
        except TimeoutError as exc:
            raise OutcomeUnknown("对方在时限内没有答完 (no whole answer in time)", answered=sent.answered) from exc
        except httpx.HTTPError as exc:
            raise _translated(exc, answered=sent.answered) from exc
        except (aiohttp.ClientError, OSError) as exc:
            raise _translated(exc, answered=sent.answered) from exc
        return _judged(answer)

    async def _read(self, response: httpx.Response) -> bytes:
        """The body, as it comes over the wire, up to the cap."""
        if response.is_stream_consumed:  # a transport that has no wire, in tests
            return response.content
        pieces: list[bytes] = []
        size = 0
        async for piece in response.aiter_raw():
            size += len(piece)
            if size > self._byte_cap:
                raise OutcomeUnknown("对方答复过长，已停止读取 (the answer is too long)", raw=b"".join(pieces)[:4096])
            pieces.append(piece)
        return b"".join(pieces)

    def _open(self) -> httpx.AsyncClient:
        """The client of this event loop. Nothing is taken from the environment; redirects are not followed."""
        loop = asyncio.get_running_loop()
        if self._client is None or self._loop is not loop:
            verify: ssl.SSLContext | bool = True
            if self._base_url.startswith("http:"):
                verify = False  # no certificate is read for a plain address
            elif self._ca_file:
                verify = ssl.create_default_context(cafile=self._ca_file)
            concurrency = self._concurrency
            context = httpx.create_ssl_context(verify=verify, trust_env=False)

            def session() -> aiohttp.ClientSession:
                return aiohttp.ClientSession(
                    connector=aiohttp.TCPConnector(limit=concurrency, ssl=context),
                    cookie_jar=aiohttp.DummyCookieJar(),
                    trust_env=False,
                )

            transport = AiohttpTransport(verify=context, trust_env=False, client=session)
            self._client = httpx.AsyncClient(
                transport=transport,
                timeout=httpx.Timeout(self._total_seconds),
                trust_env=False,
                follow_redirects=False,
            )
            self._loop = loop
        return self._client


@dataclass(slots=True)
class _Progress:
    """How far a call has come."""

    answered: bool = False


class _Bucket:
    """A token bucket: calls per second, with a burst of one second."""

    def __init__(self, per_second: float, clock: Clock) -> None:
        self._per_second, self._clock = per_second, clock
        self._tokens, self._at = per_second, clock.monotonic()

    async def take(self) -> None:
        """Wait for a token; each waiter has its own place in the queue."""
        now = self._clock.monotonic()
        self._tokens = min(self._per_second, self._tokens + (now - self._at) * self._per_second) - 1
        self._at = now
        if self._tokens < 0:
            await self._clock.sleep(-self._tokens / self._per_second)


def _translated(exc: Exception, *, answered: bool) -> TargetError:
    """Never sent, or perhaps done."""
    cause: BaseException | None = exc
    while cause is not None:
        if isinstance(cause, NEVER_SENT):
            return TryLater("无法连接对方系统 (cannot connect)", answered=False)
        cause = cause.__cause__
    if isinstance(exc, httpx.ConnectError | httpx.UnsupportedProtocol | httpx.PoolTimeout):
        return TryLater("无法连接对方系统 (cannot connect)", answered=False)
    return OutcomeUnknown("连接中断，结果不明 (the line was cut)", answered=answered)


def _judged(answer: Answer) -> Answer:
    """5xx and 429 as errors: 'not done' where HTTP itself says so (RFC 6585, RFC 9110), else unknown."""
    if answer.status in (429, 503):
        raise TryLater(
            f"对方暂不办理 (HTTP {answer.status})", after=answer.retry_after, code=str(answer.status), raw=answer.body
        )
    if answer.status >= 500:
        raise OutcomeUnknown(f"对方系统出错 (HTTP {answer.status})", code=str(answer.status), raw=answer.body)
    return answer


def _worth_a_quick_try(exc: BaseException) -> bool:
    """Whether trying a repeatable call again at once makes sense: not where nobody listens or time was asked for."""
    if isinstance(exc, TryLater):
        return exc.answered and (exc.after or 0.0) <= 1.0
    return isinstance(exc, OutcomeUnknown)


def _lower(headers: httpx.Headers) -> dict[str, str]:
    """Headers with names in lower case; repeated ones joined as HTTP allows."""
    return {name.lower(): value for name, value in headers.items()}


def parse_retry_after(value: str | None, date: str | None = None) -> float | None:
    """Seconds of a Retry-After, which is a number or an HTTP date (RFC 9110, 10.2.3); None where it is garbage."""
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
