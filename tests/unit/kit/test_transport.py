"""What a hostile or careless peer may do below HTTP, and that nothing of the machine or of an answer decides for us."""

from __future__ import annotations

import asyncio
import datetime as dt
import ipaddress
import socket
import ssl

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from bridge.clock import SystemClock
from bridge.errors import OutcomeUnknown, SettingsError, TryLater
from bridge.kit.http import HttpClient
from bridge.kit.transport import HEADER_BYTES, HEADERS, _socket, address

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n%s\r\n"


# -- addresses


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("", ""),
        ("https://gateway.example", "https://gateway.example"),
        ("http://127.0.0.1:8001/", "http://127.0.0.1:8001"),
        ("https://[2001:db8::1]:8443/api/v1/", "https://[2001:db8::1]:8443/api/v1"),
        ("HTTPS://gateway.example", "HTTPS://gateway.example"),
    ],
)
def test_an_address_is_kept_without_its_last_slash(given, kept):
    """Paths are joined to it; an empty one belongs to a target that is not in use."""
    assert address(given) == kept


@pytest.mark.parametrize(
    "given",
    [
        "localhost:8001",
        "ftp://gateway.example",
        "file:///etc/passwd",
        "https://",
        "http://[::1",
        "https://user:secret@gateway.example",
        "https://gateway.example/?key=secret",
        "https://gateway.example/#x",
        "https://gateway.example:99999",
        "//gateway.example",
        "x",
    ],
)
def test_what_is_no_address_names_the_setting_and_not_the_value(given):
    """A mistyped address is found when the adapter is built; a secret in it is not repeated."""
    with pytest.raises(SettingsError) as caught:
        HttpClient(given, total_seconds=1.0, concurrency=1, calls_per_second=1.0, clock=SystemClock())
    assert caught.value.setting == "url"
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    "place",
    [
        "169.254.169.254",
        "0.0.0.0",
        "224.0.0.1",
        "255.255.255.255",
        "fe80::1%eth0",
        "::",
        "ff02::1",
        "::ffff:169.254.1.1",
    ],
)
def test_no_target_lives_there(place):
    """Link-local, 'any', multicast and broadcast addresses are refused when a name leads to them."""
    family = socket.AF_INET6 if ":" in place else socket.AF_INET
    with pytest.raises(PermissionError):
        _socket((family, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", (place, 80)))


@pytest.mark.parametrize(
    "place", ["127.0.0.1", "10.1.2.3", "192.168.0.1", "172.16.0.1", "59.255.1.1", "::1", "fd00::1"]
)
def test_targets_live_there(place):
    """Public and private addresses, and loopback, are where targets and simulators live."""
    family = socket.AF_INET6 if ":" in place else socket.AF_INET
    _socket((family, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", (place, 80))).close()


@pytest.mark.parametrize("url", ["http://0.0.0.0:1", "http://[::ffff:169.254.169.254]:1", "http://2852039166:1", ""])
def test_a_refused_address_is_never_sent_to(wire, url):
    """However it is written, nothing leaves, and nothing hangs."""

    async def run():
        one = wire.client(url)
        try:
            await one.request("POST", "/x")
        finally:
            await one.close()

    with pytest.raises(TryLater) as caught:
        asyncio.run(run())
    assert caught.value.answered is False


# -- heads


@pytest.mark.parametrize(
    "text",
    [
        b"hello\r\n\r\n",
        b"HTTP/1.1 200 O",
        b"HTTP/1.1 200 OK\r\nContent-Le",
        b"HTTP/1.1 200 " + b"x" * (HEADER_BYTES + 1) + b"\r\n\r\n",
        OK % (b"X-A: " + b"x" * (HEADER_BYTES + 1) + b"\r\n"),
        OK % b"".join(b"X-%d: 1\r\n" % number for number in range(HEADERS + 1)),
        OK % b"".join(b"X-%d: 1\r\n" % number for number in range(10_000)),
        OK % b"X-A: a\x00b\r\n",
        OK % b"Content-Length: 5\r\n",
    ],
    ids=[
        "no http",
        "half a line",
        "half a head",
        "reason",
        "long field",
        "fields",
        "10000 fields",
        "nul",
        "two lengths",
    ],
)
def test_a_head_that_is_none_is_unknown_and_answered(wire, text):
    """What is no HTTP, or too much of it, is no answer to rely on; but the target is there."""

    async def serve(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        writer.write(text)
        await writer.drain()

    with pytest.raises(OutcomeUnknown) as caught:
        wire.call(serve)
    assert caught.value.answered is True


def test_a_line_closed_without_a_word_is_unanswered(wire):
    """Closed after reading, before anything came."""

    async def serve(reader, _writer):
        await reader.readuntil(b"\r\n\r\n")

    with pytest.raises(OutcomeUnknown) as caught:
        wire.call(serve)
    assert caught.value.answered is False


# -- nothing is kept, taken or repeated


def test_no_cookie_is_kept(wire):
    """What a target asks us to remember is not sent back to it."""
    seen = []
    wire.calls(wire.answering(OK % b"Set-Cookie: a=b; Path=/\r\n", seen=seen), {}, {})
    assert len(seen) == 2
    assert b"cookie" not in seen[1].lower()


def test_the_environment_has_no_say(wire, monkeypatch, tmp_path):
    """No proxy, no password file and no certificates of the machine are used."""
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login a password b\n")
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
        monkeypatch.setenv(name.lower(), "http://127.0.0.1:1")
    seen = []
    assert wire.call(wire.answering(OK % b"", seen=seen)).status == 200
    assert b"authorization" not in seen[0].lower()


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "POST"])
def test_nothing_is_sent_again_behind_our_back(wire, method):
    """A kept connection that is closed on the second request gives an unknown outcome: nobody sends a third."""
    requests = []

    async def serve(reader, writer):
        for text in (OK % b"", b""):
            requests.append(await reader.readuntil(b"\r\n\r\n"))
            writer.write(text)
            await writer.drain()

    with pytest.raises(OutcomeUnknown) as caught:
        wire.calls(serve, {"method": method, "content": b""}, {"method": method, "content": b""})
    assert (len(requests), caught.value.answered) == (2, False)


# -- certificates


@pytest.fixture(scope="module")
def certified(tmp_path_factory):
    """A file with the certificate of 127.0.0.1 and its key, signed by itself, good for a day."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test")])
    now = dt.datetime.now(dt.UTC)  # noqa: TID251 - TLS goes by the machine's time
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(hours=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "server.pem"
    pem, private = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    path.write_bytes(certificate.public_bytes(pem) + key.private_bytes(pem, private, serialization.NoEncryption()))
    return path


@pytest.fixture
def tls(certified):
    """A server's side of TLS."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certified)
    return context


def test_an_unknown_certificate_is_never_sent_to(wire, tls):
    """A certificate that nobody vouches for ends the connection before the first byte of a request."""
    seen = []
    with pytest.raises(TryLater) as caught:
        wire.call(wire.answering(OK % b"", seen=seen), certificate=tls)
    assert (caught.value.answered, seen) == (False, [])


def test_a_certificate_of_our_own_is_taken(wire, tls, certified):
    """A target with a certificate of its own is reached by naming the file that vouches for it."""
    assert wire.call(wire.answering(OK % b""), certificate=tls, client={"ca_file": str(certified)}).status == 200


def test_a_plain_server_is_never_sent_to_in_clear(wire):
    """Where TLS is asked for and nothing of it comes back, nothing is sent and nothing falls back."""
    seen = []

    async def serve(reader, writer):
        seen.append(await reader.read(5))
        writer.write(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
        await writer.drain()

    async def run():
        async with wire.server(serve) as url:
            one = wire.client(url.replace("http:", "https:"))
            try:
                await one.request("POST", "/x", content=b"secret")
            finally:
                await one.close()

    with pytest.raises(TryLater):
        asyncio.run(run())
    assert seen == [b"\x16\x03\x01" + seen[0][3:]]


def test_a_greeting_that_is_never_answered_is_never_sent(wire):
    """A target that takes the connection and then says nothing of TLS has not had the request."""

    async def serve(reader, _writer):
        await reader.read(-1)

    async def run():
        async with wire.server(serve) as url:
            one = wire.client(url.replace("http:", "https:"), total_seconds=0.4)
            try:
                await one.request("POST", "/x")
            finally:
                await one.close()

    with pytest.raises(TryLater) as caught:
        asyncio.run(run())
    assert caught.value.answered is False


def test_a_name_that_is_never_resolved_is_never_sent(wire, monkeypatch):
    """A name server that does not answer takes half of the time, and nothing is unknown."""

    async def hang(*_args, **_kwargs):
        await asyncio.Event().wait()

    monkeypatch.setattr(asyncio.base_events.BaseEventLoop, "getaddrinfo", hang)

    async def run():
        one = wire.client("http://gateway.invalid", total_seconds=0.4)
        try:
            await one.request("POST", "/x")
        finally:
            await one.close()

    with pytest.raises(TryLater) as caught:
        asyncio.run(run())
    assert caught.value.answered is False


@pytest.mark.parametrize("text", [None, "no certificate"])
def test_a_file_of_certificates_that_cannot_be_read_is_named(wire, tmp_path, text):
    """A missing or wrong file is a matter of settings."""
    path = tmp_path / "ca.pem"
    if text is not None:
        path.write_text(text)

    async def run():
        await wire.client("https://127.0.0.1:1", ca_file=str(path)).request("POST", "/x")

    with pytest.raises(SettingsError) as caught:
        asyncio.run(run())
    assert caught.value.setting == "ca_file"
