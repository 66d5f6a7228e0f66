"""An independent client, zeep, does by the WSDL alone what the adapter does; lxml checks the adapter's own messages."""

from __future__ import annotations

import base64
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest
import zeep
from lxml import etree
from zeep.helpers import serialize_object
from zeep.transports import Transport

from adapters.radiation.client.credential import digest_of
from adapters.radiation.client.messages import NAMESPACE, SERVICE
from adapters.radiation.simulator.wsdl import wsdl
from bridge.clock import SystemClock, rfc3339
from bridge.contract.outcome import Held
from bridge.contract.remote import Window
from bridge.kit import http as kit_http
from bridge.kit.soap.envelope import SOAP


@pytest.fixture
def client(sim) -> Iterator[Any]:
    """zeep, from the WSDL that the simulator gives."""
    transport = Transport(timeout=10, operation_timeout=10)
    transport.session.trust_env = False
    yield zeep.Client(f"{sim.url}{SERVICE}?wsdl", transport=transport)
    transport.session.close()


def logged_in(client, sim) -> dict[str, Any]:
    """The headers of a session."""
    created, nonce = rfc3339(SystemClock().now()), "zeep-1"
    auth = client.bind("RsmsService", "authPort")
    told = auth.login(
        account="permit-bridge", nonce=nonce, created=created, digest=digest_of(sim.password, nonce, created)
    )
    return {"session": {"token": told["token"]}}


def without_none(value: Any) -> Any:
    """Zeep shows what was not told as None."""
    if isinstance(value, dict):
        return {name: without_none(one) for name, one in value.items() if one is not None}
    return [without_none(one) for one in value] if isinstance(value, list) else value


def test_zeep_hands_in_and_reads_back(sim, client, outgoing):
    """What our mapping wrote, handed in by somebody else's client by the WSDL alone, is held field by field."""
    headers = logged_in(client, sim)
    business, query = (client.bind("RsmsService", f"{port}Port") for port in ("business", "query"))
    ids = []
    for file in outgoing.materials:
        with file.open() as stream:
            content = base64.b64encode(stream.read()).decode()
        ids.append(
            business.uploadAttachment(
                instanceId=outgoing.key.application,
                fileName=file.name,
                digest=file.digest,
                content=content,
                _soapheaders=headers,
            )
        )
    told = business.submitBusiness(business=outgoing.payload, attachmentId=ids, _soapheaders=headers)
    assert (told["state"], told["instanceId"]) == ("NOT_RESPONDED", outgoing.key.application)
    (held,) = serialize_object(query.listBusiness(_soapheaders=headers)["business"], dict)
    wanted = {name: value for name, value in outgoing.payload.items() if value != ""}
    assert {name: without_none(held["business"][name]) for name in wanted} == wanted
    # and the adapter finds it as its own
    assert isinstance(sim.play(lambda adapter: adapter.find(outgoing)), Held)


def test_zeep_reads_what_the_adapter_handed_in(sim, client, outgoing):
    """Changes, licence and file, as the office said them, by the WSDL alone."""
    receipt = sim.play(lambda adapter: sim.send(adapter, outgoing))
    sim.decide(receipt.number, "accept")
    sim.decide(receipt.number, "grant", licence={"no": "津环辐证[00052]"})
    headers = logged_in(client, sim)
    query = client.bind("RsmsService", "queryPort")
    changes = query.listChanges(_soapheaders=headers)["change"]
    assert [one["state"] for one in changes] == ["NOT_RESPONDED", "ACCEPTED", "APPROVED"]
    assert changes[2]["licenseInfo"]["licenseNo"] == "津环辐证[00052]"
    paper = changes[2]["papers"][1]
    assert query.downloadFile(fileId=paper["fileId"], _soapheaders=headers)["digest"] == paper["digest"]


def test_zeep_gets_a_fault(sim, client, outgoing):
    """A refusal is a SOAP fault of the WSDL, with code and fields in its detail."""
    business = client.bind("RsmsService", "businessPort")
    with pytest.raises(zeep.exceptions.Fault) as caught:
        business.submitBusiness(
            business={**outgoing.payload, "organizationCode": "91120116MA05000012"},
            attachmentId=[],
            _soapheaders=logged_in(client, sim),
        )
    detail = caught.value.detail.find(f"{{{NAMESPACE}}}rsmsFault")
    assert detail.findtext(f"{{{NAMESPACE}}}code") == "R2002"
    assert detail.findtext(f"{{{NAMESPACE}}}fields/{{{NAMESPACE}}}path") == "organizationCode"


@pytest.fixture
def recorded(monkeypatch) -> list[bytes]:
    """Every envelope that the adapter sends, and every one that it gets."""
    seen: list[bytes] = []
    request = kit_http.HttpClient.request

    async def watched(self, method, path, **more):
        content = more["content"]
        if callable(content):
            seen.append(b"".join([piece async for piece in content()]))
        else:
            seen.append(content)
        answer = await request(self, method, path, **more)
        seen.append(answer.body)
        return answer

    monkeypatch.setattr(kit_http.HttpClient, "request", watched)
    return seen


def test_the_adapters_messages_are_valid_by_the_wsdl(sim, outgoing, recorded):
    """Each envelope of a whole round trip, both ways, holds what the WSDL's schema allows, in its order."""

    async def act(adapter):
        receipt = await sim.send(adapter, outgoing)
        sim.decide(receipt.number, "correct", items=["请更正"])
        await adapter.find(outgoing)
        await adapter.changes(None)
        return [one async for one in adapter.records(Window())]

    sim.play(act)
    described = etree.fromstring(wsdl("http://127.0.0.1"))
    (schema_element,) = described.iter("{http://www.w3.org/2001/XMLSchema}schema")
    schema = etree.XMLSchema(schema_element)
    assert len(recorded) >= 14
    for raw in recorded:
        envelope = etree.fromstring(raw)
        (body,) = envelope.find(f"{{{SOAP}}}Body")
        schema.assertValid(etree.ElementTree(body).getroot())


def test_an_envelope_with_a_stranger_in_it_is_not_valid():
    """The law can fail: an element that the schema does not know is found."""
    described = etree.fromstring(wsdl("http://127.0.0.1"))
    (schema_element,) = described.iter("{http://www.w3.org/2001/XMLSchema}schema")
    stranger = etree.fromstring(f'<queryBusiness xmlns="{NAMESPACE}"><other/></queryBusiness>')
    assert not etree.XMLSchema(schema_element).validate(stranger)


def test_the_wsdl_is_read_without_a_session(sim):
    """`GET /service?wsdl` names the three ports at the address by which it was asked."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(f"{sim.url}{SERVICE}?wsdl", timeout=10) as answer:
        text = answer.read().decode()
    for port in ("auth", "business", "query"):
        assert f'location="{sim.url}{SERVICE}/{port}"' in text


def test_a_call_without_a_session_is_let_in_nowhere(sim, client):
    """Neither reading nor writing; and no login by the password itself."""
    query = client.bind("RsmsService", "queryPort")
    with pytest.raises(zeep.exceptions.Fault, match="会话无效"):
        query.listChanges(_soapheaders={"session": {"token": "guessed"}})
    with pytest.raises(zeep.exceptions.Fault, match="口令错误"):
        client.bind("RsmsService", "authPort").login(
            account="permit-bridge", nonce="n", created="2026-01-01T00:00:00+08:00", digest=sim.password
        )
