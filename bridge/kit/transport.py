"""The transport below `http`: httpx's interface over aiohttp's sockets, and the errors of both read as ours.

Everything that knows these two libraries is here, so that a swap of either is this one file. Nothing is taken from the
environment (no proxy, no netrc), nothing is kept from an answer (no cookies), nothing is followed or sent again behind
our back. What does not belong here: deadlines, limits and retries, and what a status means (`http`).
"""

from __future__ import annotations

import errno
import ipaddress
import socket
import ssl
from collections.abc import AsyncIterator, Mapping
from typing import Any

import aiohttp
import httpx
from httpx_aiohttp import AiohttpTransport

from bridge.errors import OutcomeUnknown, SettingsError, TargetError, TryLater

STANDING = {"Accept": "*/*", "Accept-Encoding": "identity", "User-Agent": "permit-bridge"}
"""Headers of every request."""

HEADERS = 100
"""Header fields of an answer that are read at most."""

HEADER_BYTES = 8190
"""Bytes of one header field, and of the status line."""

IDLE_SECONDS = 4.0
"""Idle connections are closed before a server does it (5 s is a common limit): a request that meets a closing
connection has an unknown outcome."""

NEVER_SENT = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, aiohttp.InvalidURL)
"""What aiohttp raises before the first byte of a request has left."""

FAILURES = (httpx.HTTPError, aiohttp.ClientError, OSError, AttributeError)
"""What a call over the wire may raise; `translated` reads them.

AttributeError: where a line is cut between sending and reading, aiohttp (3.14) reads from a protocol that is gone.
"""


def address(url: str) -> str:
    """A target's address as it may be set, without a slash at its end; an empty one stays, for a target not in use.

    Raises SettingsError naming `url` where it is no http or https address of a host, or carries more than a path.
    """
    if not url:
        return url
    try:
        read = httpx.URL(url)
    except httpx.InvalidURL as exc:
        raise _bad_address() from exc
    more = read.userinfo or read.query or read.fragment
    if read.scheme not in ("http", "https") or not read.host or more or not 0 < (read.port or 80) < 65536:
        raise _bad_address()
    return url.rstrip("/")


def _bad_address() -> SettingsError:
    message = (
        "地址应形如 https://主机/路径，不含用户名、密码和参数 "
        "(an address looks like https://host/path, without user, password or query)"
    )
    return SettingsError("url", message)


def verification(base_url: str, ca_file: str | None) -> ssl.SSLContext:
    """How certificates are checked: against `ca_file` (PEM), or what certifi trusts. Raises SettingsError."""
    if base_url.startswith("http:"):
        return httpx.create_ssl_context(verify=False)  # no certificate is read for a plain address
    if ca_file is None:
        return httpx.create_ssl_context(trust_env=False)
    try:
        return ssl.create_default_context(cafile=ca_file)
    except (OSError, ssl.SSLError) as exc:
        raise SettingsError("ca_file", "证书文件不存在或无法读取 (the file of certificates cannot be read)") from exc


def asked(
    method: str,
    url: httpx.URL,
    headers: Mapping[str, str] | None,
    content: bytes | AsyncIterator[bytes],
    *,
    connect_seconds: float,
) -> httpx.Request:
    """One request as the transport takes it. It has no deadline but for making a connection: the caller has the whole.

    It goes to the transport itself: what `httpx.AsyncClient` adds on the way (cookies, redirects, authentication) is
    what we do not want, and costs as much as the call.
    """
    timeout = {"connect": connect_seconds, "pool": connect_seconds, "read": None, "write": None}
    named = {**STANDING, **headers} if headers else STANDING
    return httpx.Request(method, url, headers=named, content=content, extensions={"timeout": timeout})


def sockets(*, verify: ssl.SSLContext, connections: int) -> httpx.AsyncBaseTransport:
    """The transport over real sockets."""

    def session() -> aiohttp.ClientSession:
        made = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(
                limit=connections, ssl=verify, keepalive_timeout=IDLE_SECONDS, socket_factory=_socket
            ),
            cookie_jar=aiohttp.DummyCookieJar(),
            trust_env=False,
            max_line_size=HEADER_BYTES,
            max_field_size=HEADER_BYTES,
            max_headers=HEADERS,
        )
        # aiohttp would send GET, PUT and DELETE again by itself where an idle connection was closed: neither our lease
        # nor the target's limits are asked then, and a PUT may have been done
        made._retry_connection = False  # noqa: SLF001 - there is no public switch; a test holds it
        return made

    return AiohttpTransport(verify=verify, trust_env=False, client=session)


def _socket(address_info: tuple[Any, ...]) -> socket.socket:
    """A socket to one address, which a name was resolved to just now; not to where no target can be.

    Link-local addresses (a cloud's metadata among them), broadcast and 'any' are refused, whatever a name says
    (CWE-918). Private addresses are where government systems live, and loopback is where simulators do.
    """
    family, kind, protocol, _, place = address_info
    ip = ipaddress.ip_address(str(place[0]).partition("%")[0])
    ip = (ip.ipv4_mapped if isinstance(ip, ipaddress.IPv6Address) else None) or ip
    if ip.is_link_local or ip.is_multicast or ip.is_unspecified or ip == ipaddress.IPv4Address("255.255.255.255"):
        raise PermissionError(errno.EACCES, "no target can have this address")
    return socket.socket(family=family, type=kind, proto=protocol)


async def pieces(response: httpx.Response) -> AsyncIterator[bytes]:
    """The body as it comes over the wire, not unpacked."""
    if response.is_stream_consumed:  # a transport that has no wire, in tests
        yield response.content
        return
    async for piece in response.aiter_raw():
        yield piece


def translated(exc: Exception, *, answered: bool) -> TargetError:
    """Never sent, or perhaps done. `answered` says whether the head of an answer had come."""
    for cause in _causes(exc):
        if isinstance(cause, (*NEVER_SENT, httpx.ConnectError, httpx.UnsupportedProtocol)):
            return TryLater("无法连接对方系统 (cannot connect)", answered=False)
        answered = answered or _is_part_of_an_answer(cause)
    return OutcomeUnknown("连接中断，结果不明 (the line was cut)", answered=answered)


def _is_part_of_an_answer(exc: BaseException) -> bool:
    """Whether something came back that is no head of an answer: no HTTP, too long, or cut in the middle."""
    if isinstance(exc, aiohttp.ServerDisconnectedError):
        return not isinstance(exc.message, str)
    return isinstance(exc, aiohttp.ClientResponseError)


def _causes(exc: BaseException | None) -> list[BaseException]:
    """An exception and what it was raised from."""
    causes: list[BaseException] = []
    while exc is not None:
        causes.append(exc)
        exc = exc.__cause__
    return causes
