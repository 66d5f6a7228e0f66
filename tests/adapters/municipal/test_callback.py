"""Callbacks of the gateway: posted by the simulator's own process, verified and read by the adapter."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from aiohttp import web

from adapters.municipal import create
from adapters.municipal.client.word import word
from adapters.municipal.simulator import SIMULATOR
from bridge.clock import SystemClock, to_micros
from bridge.contract.remote import CallbackRequest
from bridge.errors import AccessDenied, OutcomeUnknown
from bridge.kit.signing import sm3_hex
from bridge.model.lifecycle import ApplicationState
from bridge.model.word import SILENT, CorrectionItem, Paper, PaperKind, Word
from bridge.testing.simulator.host import Host


def heard(tmp_path, acts, *, answers=(200,)):
    """Case born at the gateway, decided by `acts`: the callbacks that come, with `answers` to the first of them."""
    requests = []

    async def take(request):
        body = await request.read()
        headers = {name.lower(): value for name, value in request.headers.items()}
        now = to_micros(SystemClock().now())
        requests.append(CallbackRequest(request.method, request.path, headers, body, now))
        status = answers[len(requests) - 1] if len(requests) <= len(answers) else 200
        return web.Response(status=status)

    async def run():
        server = web.Server(take, access_log=None)
        listener = await asyncio.get_running_loop().create_server(server, "127.0.0.1", 0)
        port = listener.sockets[0].getsockname()[1]
        wanted = len(acts) + sum(status >= 300 for status in answers)
        async with Host(SIMULATOR, tmp_path, callback_url=f"http://127.0.0.1:{port}") as host:
            number = host.simulator.whole(lambda: host.simulator.born({}))["number"]
            for act in acts:
                name, said = act if isinstance(act, tuple) else (act, {})
                host.simulator.whole(lambda name=name, said=said: host.simulator.decide(number, name, said))
            for _ in range(500):
                if len(requests) >= wanted:
                    break
                await asyncio.sleep(0.01)
        listener.close()
        await server.shutdown(1)
        return number

    return asyncio.run(run()), requests


@pytest.fixture
def adapter(sim, tmp_path):
    """An adapter that has the secret of the gateway whose folder is `tmp_path`."""

    def build():
        return create(sim.context(secret=(tmp_path / "app_secret").read_text("ascii")))

    return build


def test_callbacks_are_signed_and_read(tmp_path, adapter):
    """Each step with a callback comes in order, verifies, and names number, status, time and id."""
    number, requests = heard(tmp_path, ["accept", "suspend", "resume", "grant", "issue"])
    assert {one.path for one in requests} == {"/callbacks/municipal"}
    changes = [change for one in requests for change in adapter().hear(one)]
    assert [one.status_raw for one in changes] == ["02", "05", "04", "10", "10"]
    assert {one.number for one in changes} == {number}
    assert changes[0].status is ApplicationState.ACCEPTED
    assert len({one.id for one in changes}) == 5
    assert all(one.at for one in changes)


def test_what_the_office_says_is_read_as_far_as_it_was_said(tmp_path, adapter):
    """Items, reason, officer and opinion come with the status; what was not said stays out, and no licence is read."""
    acts = [
        ("correct", {"items": [{"content": "请补充环评批复"}]}),
        ("accept", {"officer": "收件甲"}),
        "grant",
        "issue",
    ]
    _, requests = heard(tmp_path, acts)
    correct, accept, grant, issue = (change.word for one in requests for change in adapter().hear(one))
    assert correct == Word(items=(CorrectionItem("请补充环评批复"),))
    assert accept == Word(officer="收件甲")
    assert (grant, issue) == (SILENT, SILENT)


def test_service_comes_with_its_paper_and_time(sim, outgoing):
    """送达 is the gateway's own word: its time, and the paper of it with number and date where there is one."""
    paper = {"title": "送达回证", "number": "送1号", "date": "2026-11-24"}

    async def act(adapter):
        number = (await sim.send(adapter, outgoing)).number
        for name, said in (("accept", {}), ("grant", {}), ("serve", {"document": paper})):
            sim.ask("/_control/decide", {"number": number, "act": name, **said})
        return (await adapter.changes(None)).items

    received, *_, served = sim.play(act)
    assert served.status is ApplicationState.SERVED
    assert served.at is not None
    assert served.word == Word(papers=(Paper(PaperKind.OTHER, "送达回证", number="送1号", date="2026-11-24"),))
    assert received.word == SILENT


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (None, SILENT),
        ([], SILENT),
        ({"items": "x", "documents": {"title": "x"}, "reason": 3, "opinion": " "}, SILENT),
        ({"items": [{"content": ""}, 1, {"content": "改"}]}, Word(items=(CorrectionItem("改"),))),
        (
            {"documents": [{"date": "2026-02-30", "type": "送达回证"}, {"number": "1"}]},
            Word(papers=(Paper(PaperKind.OTHER, "送达回证"),)),
        ),
        ({"licence": {"no": "X1", "name": "排污许可证"}}, SILENT),
    ],
)
def test_a_part_of_unknown_form_is_left_out(data, expected):
    """One wrong part holds up nothing: it is left out of the word, and the rest is read."""
    assert word(data) == expected


def test_a_callback_that_is_not_taken_comes_again(tmp_path, adapter):
    """A refused callback is posted again, signed anew, with the same message."""
    _, requests = heard(tmp_path, ["accept"], answers=(500, 200))
    assert len(requests) == 2
    first, second = (adapter().hear(one)[0] for one in requests)
    assert first.id == second.id
    assert requests[0].headers["nonce"] != requests[1].headers["nonce"]


def test_a_forged_callback_is_denied(tmp_path, adapter):
    """Another body, path, time or secret, or no signature at all, is not the gateway's."""
    _, (request,) = heard(tmp_path, ["accept"])
    forged = [
        replace(request, body=request.body + b" "),
        replace(request, path="/callbacks/other"),
        replace(request, headers={**request.headers, "timestamp": "1"}),
        replace(request, headers={**request.headers, "sign": ""}),
        replace(request, headers={}),
    ]
    for one in forged:
        with pytest.raises(AccessDenied):
            adapter().hear(one)


def test_an_old_callback_is_denied(tmp_path, adapter):
    """A callback that came outside of the window of 300 seconds is not taken, though its signature is right."""
    _, (request,) = heard(tmp_path, ["accept"])
    assert adapter().hear(request)
    for minutes in (-6, 6):
        with pytest.raises(AccessDenied):
            adapter().hear(replace(request, received_at=request.received_at + minutes * 60_000_000))


def test_a_signed_callback_of_unknown_form_is_not_understood(tmp_path, adapter):
    """What is signed but says nothing known is kept as not understood, never a crash."""
    heard(tmp_path, ["accept"])
    made = adapter()
    signer = made._client._signer
    for body in (b"[]", b"{}", b'{"body":{"status":"02"}}', b"\xff", b'{"body":{"status":2}}'):
        headers = signer.headers("POST", "/callbacks/municipal", {}, sm3_hex(body))
        request = CallbackRequest(
            "POST",
            "/callbacks/municipal",
            {name.lower(): value for name, value in headers.items()},
            body,
            to_micros(SystemClock().now()),
        )
        with pytest.raises(OutcomeUnknown):
            made.hear(request)
