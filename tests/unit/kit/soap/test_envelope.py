"""Envelopes: what is written is read back, and nothing that a stranger may send does harm."""

from __future__ import annotations

import time

# only to build elements
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.errors import OutcomeUnknown
from bridge.kit.soap import envelope
from bridge.kit.soap.envelope import NotAnEnvelope, SoapFault, legal, parse, read, write

BOMB = (
    '<?xml version="1.0"?><!DOCTYPE bomb [<!ENTITY a "ha">'
    + "".join(f'<!ENTITY {new} "{f"&{old};" * 10}">' for old, new in zip("abcdefgh", "bcdefghi", strict=True))
    + f"]><s:Envelope xmlns:s='{envelope.SOAP}'><s:Body><x>&i;</x></s:Body></s:Envelope>"
).encode()

GOOD = write(ET.Element("x"))

ATTACKS = {
    "billion laughs": BOMB,
    "external entity": b'<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]><x>&f;</x>',
    "external parameter entity": b'<!DOCTYPE x [<!ENTITY % f SYSTEM "http://127.0.0.1:1/x"> %f;]><x/>',
    "external DTD": b'<!DOCTYPE x SYSTEM "http://127.0.0.1:1/x.dtd"><x/>',
    "plain DOCTYPE": b"<!DOCTYPE x><x/>",
    "undeclared entity": b"<x>&nobody;</x>",
    "HTML page": "<!DOCTYPE html><html><body>统一身份认证 登录</body></html>".encode(),
    "HTML without DOCTYPE": b"<html><body><br></body></html>",
    "truncated": GOOD[:-10],
    "two roots": GOOD + b"<x/>",
    "empty": b"",
    "not XML": b'{"code": 0}',
    "GBK declared": b'<?xml version="1.0" encoding="GBK"?><x/>',
    "GBK unsaid": "<x>天津</x>".encode("gbk"),
    "UTF-16": "<x>天津</x>".encode("utf-16"),
    "Latin declared": b"<?xml version='1.0' encoding='iso-8859-1'?><x/>",
    "too deep": b"<x>" * 65 + b"</x>" * 65,
    "character that XML has not": b"<x>\x0b</x>",
    "attribute twice": b'<x a="1" a="2"/>',
}


@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack_is_no_envelope(name):
    """Refused quickly, without opening a file or a connection, and without the content in the message."""
    began = time.monotonic()
    with pytest.raises(NotAnEnvelope) as caught:
        parse(ATTACKS[name])
    assert time.monotonic() - began < 1
    assert "天津" not in str(caught.value)


def test_as_deep_as_is_allowed():
    """The law can fail: 64 levels are read."""
    assert parse(b"<x>" * 64 + b"</x>" * 64).tag == "x"


def test_too_long_is_not_even_parsed(monkeypatch):
    """The cap counts bytes, before anything else."""
    monkeypatch.setattr(envelope, "LONGEST", len(GOOD) - 1)
    with pytest.raises(NotAnEnvelope):
        parse(GOOD)
    monkeypatch.setattr(envelope, "LONGEST", len(GOOD))
    parse(GOOD)


@pytest.mark.parametrize("content_type", ["text/html; charset=utf-8", "application/json", "text/xml; charset=GBK", ""])
def test_another_media_type_is_no_envelope(content_type):
    """What calls itself HTML, or another charset, is not read as an answer."""
    with pytest.raises(NotAnEnvelope):
        read(GOOD, content_type)


@pytest.mark.parametrize("content_type", ["text/xml", 'text/xml; charset="utf-8"', "Text/XML; Charset=UTF-8", None])
def test_xml_in_utf_8_is_read(content_type):
    """With or without a charset, in any case of letters, with a byte order mark or none."""
    assert read(GOOD, content_type)[1].tag == "x"
    assert read(b"\xef\xbb\xbf" + GOOD, content_type)[1].tag == "x"


@pytest.mark.parametrize(
    "raw",
    [
        b"<x/>",
        f"<s:Envelope xmlns:s='{envelope.SOAP}'/>".encode(),
        f"<s:Envelope xmlns:s='{envelope.SOAP}'><s:Body/></s:Envelope>".encode(),
        f"<s:Envelope xmlns:s='{envelope.SOAP}'><s:Body><a/><b/></s:Body></s:Envelope>".encode(),
        b"<s:Envelope xmlns:s='http://www.w3.org/2003/05/soap-envelope'><s:Body><a/></s:Body></s:Envelope>",
    ],
)
def test_other_xml_is_no_envelope(raw):
    """No body, an empty one, two elements in it, or another SOAP: not understood."""
    with pytest.raises(NotAnEnvelope):
        read(raw)


def test_headers_and_body_come_back():
    """What was written is read: header blocks and the one element of the body."""
    body, header = ET.Element("{urn:x}ask"), ET.Element("{urn:x}session")
    body.text = "津环辐证[00052] <&> 𠮷"
    (got_header,), got = read(write(body, [header]))
    assert (got_header.tag, got.tag, got.text) == (header.tag, body.tag, body.text)


def test_a_fault_is_an_outcome_that_is_not_known():
    """Code without its prefix, text and detail; who does not know the code is left with OutcomeUnknown."""
    detail = ET.Element("{urn:x}why")
    raw = write(envelope.fault("Client", "不行", detail))
    with pytest.raises(SoapFault) as caught:
        read(raw)
    fault = caught.value
    assert isinstance(fault, OutcomeUnknown)
    assert (fault.name, fault.text, fault.raw) == ("Client", "不行", raw)
    assert fault.detail.find("{urn:x}why") is not None
    assert "不行" not in str(fault)


@given(st.text())
def test_a_legal_text_comes_back_unchanged(text):
    """Whatever XML can carry is carried, blanks and line feeds too; the rest is called illegal beforehand."""
    if legal(text):
        body = ET.Element("x")
        body.text = text
        assert (read(write(body))[1].text or "") == text
    else:
        assert not text.isprintable()


@pytest.mark.parametrize("text", ["\x00", "\x0b", "\r", "\ud800", "\uffff", "\ufffe"])
def test_what_xml_cannot_carry_is_illegal(text):
    """Controls, lone surrogates, noncharacters; and the carriage return, which a reader would change."""
    assert not legal(f"a{text}b")
