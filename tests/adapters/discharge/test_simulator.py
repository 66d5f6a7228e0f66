"""The simulated platform: as strict as the real one, and what its side door and its office do."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from aiohttp import web

from adapters.discharge.simulator import SIMULATOR
from bridge.clock import SystemClock, to_micros
from bridge.contract.remote import CallbackRequest, Window
from bridge.errors import AccessDenied, Refused, SettingsError
from bridge.model.lifecycle import ApplicationState
from bridge.testing.simulator.host import Host


@pytest.mark.parametrize(
    ("spoil", "path"),
    [
        (lambda payload: payload["1"].pop("单位名称"), "1.单位名称"),
        (lambda payload: payload["1"].update({"单位名称": "长" * 101}), "1.单位名称"),
        (lambda payload: payload["1"].update({"管理类别": "登记管理"}), "1.管理类别"),
        (lambda payload: payload["3"][0].update({"生产设施编号": "MF1"}), "3[0].生产设施编号"),
        (lambda payload: payload["2"][0].update({"备注": "无"}), "2[0].备注"),
        (lambda payload: payload["7"][0].pop("第五年"), "7[0].第五年"),
        (lambda payload: payload["1"].update({"中心经度": "217°42′04.43″"}), "1.中心经度"),
        (lambda payload: payload.update({"变更": {}}), "变更.原排污许可证编号"),
        (lambda payload: payload["6"].append(payload["6"][0]), "6[1].排放口编号"),
    ],
)
def test_the_platform_is_strict(sim, outgoing, spoil, path):
    """Required fields, lengths, codes, patterns, unknown fields, doubles: each is refused at its own field."""
    spoil(outgoing.payload)
    outcome = sim.play(lambda adapter: sim.send(adapter, outgoing))
    assert isinstance(outcome, Refused)
    assert path in {one.path for one in outcome.fields}


def test_a_wrong_company_code_gets_no_account(sim, outgoing):
    """The check character of the company's code is the platform's first question."""
    outgoing.payload["account"]["SocietyCode"] = "91120116MA05000012"
    outcome = sim.play(lambda adapter: sim.send(adapter, outgoing))
    assert isinstance(outcome, Refused)
    assert [one.path for one in outcome.fields] == ["account.SocietyCode"]


def test_one_open_application_per_account_and_type(sim, outgoing):
    """A second application of the same company, site and type under another number is refused while one is open."""

    async def act(adapter):
        await sim.send(adapter, outgoing)
        other = {**outgoing.payload, "外部编号": "YCL2026112300000023"}
        return await sim.send(adapter, outgoing, payload=other, key=replace(outgoing.key, number="YCL2026112300000023"))

    outcome = sim.play(act)
    assert isinstance(outcome, Refused)
    assert outcome.code == "E2003"
    assert len(sim.records()) == 1


def test_the_offices_word_comes_by_the_stream(sim, outgoing):
    """What the office decides is heard in order, with the canonical state and the platform's own code."""

    async def act(adapter):
        receipt = await sim.send(adapter, outgoing)
        for words in ({"act": "accept"}, {"act": "grant"}):
            sim.ask("/_control/decide", {"number": receipt.number, **words})
        first = await adapter.changes(None)
        return receipt, first, await adapter.changes(first.cursor)

    receipt, page, again = sim.play(act)
    assert [(one.number, one.key, one.status_raw) for one in page.items] == [
        (receipt.number, outgoing.key.number, code) for code in ("ZT_2", "ZT_3", "ZT_4")
    ]
    assert page.items[-1].status is ApplicationState.GRANTED
    assert len({one.id for one in page.items}) == 3
    assert (page.more, again.items) == (False, [])


def test_an_unknown_status_is_kept_and_moves_nothing(sim, outgoing):
    """A status that is in no table comes through as it is, without a canonical state."""

    async def act(adapter):
        receipt = await sim.send(adapter, outgoing)
        sim.ask("/_control/tamper", {"number": receipt.number, "set": {"status": "ZT_6"}})
        return [record async for record in adapter.records(Window())]

    (record,) = sim.play(act)
    assert (record.status, record.status_raw) == (None, "ZT_6")


def test_tampering_shows_in_the_records(sim, outgoing):
    """A field, a file, a copy and a removal behind the bridge's back are all seen."""
    receipt = sim.play(lambda adapter: sim.send(adapter, outgoing))
    sim.ask("/_control/tamper", {"number": receipt.number, "set": {"6[0].排气筒高度(m)": "99"}})
    sim.ask("/_control/tamper", {"swap_material": receipt.number})
    (record,) = sim.records()
    assert record["fields"]["6[0].排气筒高度(m)"] == "99"
    assert {one["digest"] for one in record["materials"]} != {file.digest for file in outgoing.materials}
    sim.ask("/_control/tamper", {"copy": receipt.number})
    assert [one["key"] for one in sim.records()] == [outgoing.key.number] * 2
    sim.ask("/_control/tamper", {"remove": receipt.number})
    assert [one["number"] for one in sim.records()] != [receipt.number]


def test_a_case_born_there_is_seen_by_the_stream_and_the_records(sim):
    """A case that we never entered has a number of the platform and no key of ours."""
    number = sim.ask("/_control/born", {})["number"]

    async def act(adapter):
        return (await adapter.changes(None)).items, [record async for record in adapter.records(Window())]

    (change,), (record,) = sim.play(act)
    assert (change.number, change.key, record.number, record.key) == (number, None, number, None)
    assert record.materials


def test_many_cases_are_read_page_by_page(sim):
    """More than a page holds is read to the end, each once."""
    assert sim.ask("/_control/load", {"count": 250}) == {"loaded": 250}

    async def act(adapter):
        return [record.number async for record in adapter.records(Window())]

    assert len(set(sim.play(act))) == 250


@pytest.mark.parametrize(
    ("acts", "status"),
    [
        (["accept", "grant", "issue"], "ZT_4"),
        (["accept", "refuse"], "ZT_5"),
        (["accept", "return"], "ZT_7"),
        (["correct"], "ZT_7"),
        (["not_accept"], "ZT_8"),
        (["accept", "withdraw"], "ZT_1"),
    ],
)
def test_the_office_decides(sim, outgoing, acts, status):
    """Each act leads to the platform's own status; what is not legal now is said so and changes nothing."""
    receipt = sim.play(lambda adapter: sim.send(adapter, outgoing))
    with pytest.raises(SettingsError, match="409"):
        sim.ask("/_control/decide", {"number": receipt.number, "act": "issue"})
    for act in acts:
        sim.ask("/_control/decide", {"number": receipt.number, "act": act})
    assert [one["status"] for one in sim.records()] == [status]


def test_a_callback_is_heard_as_the_platform_signed_it(tmp_path, outgoing, built):
    """Each change is posted to our door, signed, and read there as the stream tells it."""

    async def act():
        calls = asyncio.Queue()

        async def door(request):
            headers = {name.lower(): value for name, value in request.headers.items()}
            now = to_micros(SystemClock().now())
            calls.put_nowait(CallbackRequest("POST", request.path, headers, await request.read(), now))
            return web.json_response({})

        runner = web.ServerRunner(web.Server(door))
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        port = runner.addresses[0][1]
        async with Host(SIMULATOR, tmp_path, callback_url=f"http://127.0.0.1:{port}") as host:
            adapter = built(host.settings())
            (receipt,) = await adapter.send([outgoing])
            heard = adapter.hear(call := await asyncio.wait_for(calls.get(), 10))
            forged = replace(call, body=call.body.replace(b"ZT_2", b"ZT_4"))
            with pytest.raises(AccessDenied):
                adapter.hear(forged)
            page = await adapter.changes(None)
            await adapter.close()
        await runner.cleanup()
        return receipt, call, heard, page

    receipt, call, heard, page = asyncio.run(act())
    assert call.path == "/callbacks/discharge"
    assert list(heard) == list(page.items)
    assert heard[0].number == receipt.number
