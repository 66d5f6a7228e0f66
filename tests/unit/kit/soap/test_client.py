"""The SOAP client over a transport that answers as it is told: faults, silence, strangers, files."""

from __future__ import annotations

import asyncio
import base64
from contextlib import nullcontext
from io import BytesIO

# only to build elements
from xml.etree import ElementTree as ET

import httpx
import pytest

from bridge.clock import SystemClock
from bridge.errors import OutcomeUnknown, TryLater
from bridge.kit.http import HttpClient
from bridge.kit.soap import envelope
from bridge.kit.soap.client import Inlined, SoapClient
from bridge.kit.soap.envelope import SoapFault

XML = {"content-type": "text/xml; charset=utf-8"}
FAULT = envelope.write(envelope.fault("Server", "忙"))


def play(respond, file=None, body=None):
    """One call to a service that answers by `respond(request)`."""

    async def act():
        http = HttpClient(
            "http://127.0.0.1:1",
            total_seconds=5,
            concurrency=1,
            calls_per_second=100,
            clock=SystemClock(),
            transport=httpx.MockTransport(respond),
        )
        client = SoapClient(http)
        try:
            return await client.call("/service", "urn:x/ask", ET.Element("ask") if body is None else body, file=file)
        finally:
            await client.close()

    return asyncio.run(act())


def test_a_call_says_what_soap_wants():
    """POST, text/xml, SOAPAction in quotes; the answer's element and bytes come back."""
    seen = []

    def respond(request):
        seen.append(request)
        return httpx.Response(200, headers=XML, content=envelope.write(ET.Element("answer")))

    reply = play(respond)
    (request,) = seen
    assert (request.method, request.url.path) == ("POST", "/service")
    assert request.headers["content-type"] == "text/xml; charset=utf-8"
    assert request.headers["soapaction"] == '"urn:x/ask"'
    assert reply.body.tag == "answer"
    assert reply.raw == envelope.write(ET.Element("answer"))


@pytest.mark.parametrize("status", [200, 400, 500])
def test_a_fault_is_found_whatever_its_status(status):
    """SOAP 1.1 wants 500; others are met."""
    with pytest.raises(SoapFault) as caught:
        play(lambda _request: httpx.Response(status, headers=XML, content=FAULT))
    assert (caught.value.name, caught.value.text) == ("Server", "忙")


@pytest.mark.parametrize(
    ("status", "content"),
    [
        (200, b"<!DOCTYPE html><html/>"),
        (200, FAULT[:-5]),
        (404, b"not here"),
        (401, envelope.write(ET.Element("answer"))),
        (500, b"<html>oops</html>"),
        (500, b""),
        (502, FAULT),
    ],
)
def test_what_is_not_understood_is_unknown(status, content):
    """A page, half an answer, an answer of failure, another 5xx: perhaps done, so unknown, and never a fault."""
    with pytest.raises(OutcomeUnknown) as caught:
        play(lambda _request: httpx.Response(status, headers=XML, content=content))
    assert not isinstance(caught.value, SoapFault)


def test_not_done_in_http_itself_is_try_later():
    """503 says 'not done' whatever stands in it."""
    with pytest.raises(TryLater) as caught:
        play(lambda _request: httpx.Response(503, headers={**XML, "retry-after": "7"}, content=FAULT))
    assert caught.value.after == 7


@pytest.mark.parametrize("size", [0, 1, 2, 3, (3 << 16) - 1, 3 << 16, (3 << 16) + 1, 500_000])
def test_a_file_goes_as_base64_in_its_element(size):
    """Whole, of any length, with the length told beforehand; also from a stream that reads short."""
    data = bytes(range(256)) * (size // 256 + 1)
    data = data[:size]
    seen = []

    class Short(BytesIO):
        def read(self, wanted=-1):
            return super().read(min(wanted, 1000) if size < 10_000 else wanted)

    def respond(request):
        seen.append(request)
        return httpx.Response(200, headers=XML, content=envelope.write(ET.Element("answer")))

    body = ET.Element("ask")
    ET.SubElement(body, "name").text = "a"
    hole = ET.SubElement(body, "content")
    play(respond, Inlined(hole, size, lambda: nullcontext(Short(data))), body)
    (request,) = seen
    raw = request.content
    assert int(request.headers["content-length"]) == len(raw)
    _, got = envelope.read(raw)
    assert base64.b64decode(got.findtext("content") or "", validate=True) == data
    assert got.findtext("name") == "a"
