"""The office's word over the wire: polled and heard by callback alike, its papers fetched, nothing in it invented."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from aiohttp import web

from adapters.discharge.simulator import SIMULATOR
from bridge.clock import SystemClock, to_micros
from bridge.contract.remote import CallbackRequest
from bridge.engine import border
from bridge.errors import Refused, SettingsError, TryLater
from bridge.model.ids import digest
from bridge.model.lifecycle import ApplicationState
from bridge.model.word import SILENT, PaperKind
from bridge.testing.simulator.host import Host

MESSAGE_FAULTS = ("late_status", "double_status", "wrong_order")

SAID = {"officer": "测试审批员", "opinion": "测试意见"}

ACTS = [
    ([("accept", SAID)], "ZT_3", ApplicationState.ACCEPTED),
    ([("accept", {}), ("review", SAID)], "ZT_3/review", ApplicationState.REVIEWING),
    ([("correct", {"items": [{"content": "请核对", "field": "1.单位名称"}]})], "ZT_7", "correction_requested"),
    ([("not_accept", {"reason": "不属于本机关"})], "ZT_8", ApplicationState.NOT_ACCEPTED),
    ([("accept", {}), ("return", {"items": ["请补充说明"]})], "ZT_7/return", ApplicationState.RETURNED),
    ([("accept", {}), ("suspend", {"reason": "现场核查"})], "ZT_3/suspend", ApplicationState.SUSPENDED),
    ([("accept", {}), ("suspend", {}), ("resume", {})], "ZT_3/resume", ApplicationState.REVIEWING),
    ([("accept", {}), ("extend", {})], "ZT_3/extend", ApplicationState.EXTENDED),
    ([("accept", {}), ("grant", SAID)], "ZT_4", ApplicationState.GRANTED),
    ([("accept", {}), ("refuse", {"reason": "不符合条件"})], "ZT_5", ApplicationState.REFUSED),
    ([("accept", {}), ("grant", {}), ("issue", {})], "ZT_4/issue", ApplicationState.ISSUED),
    ([("accept", {}), ("grant", {}), ("close", {})], "ZT_4/close", ApplicationState.CLOSED),
    ([("accept", {}), ("refuse", {}), ("serve", {})], "ZT_5/serve", ApplicationState.SERVED),
    ([("accept", {}), ("grant", {}), ("revoke", {})], "ZT_4/revoke", ApplicationState.REVOKED),
    ([("accept", {}), ("grant", {}), ("cancel", {})], "ZT_4/cancel", ApplicationState.CANCELLED),
    ([("withdraw", {"reason": "计划有变"})], "ZT_1/withdraw", ApplicationState.WITHDRAWN),
]


class Door:
    """Our door for callbacks: what came, as it came."""

    def __init__(self):
        self.calls = asyncio.Queue()

    async def __aenter__(self):
        """Listen."""
        self._runner = web.ServerRunner(web.Server(self._take))
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(self, *_):
        """Stop."""
        await self._runner.cleanup()

    async def _take(self, request):
        headers = {name.lower(): value for name, value in request.headers.items()}
        now = to_micros(SystemClock().now())
        self.calls.put_nowait(CallbackRequest("POST", request.path, headers, await request.read(), now))
        return web.json_response({})


def played(folder, built, outgoing, acts, faults=()):
    """What the stream tells, and what was heard by callback, where the office does `acts` under `faults`."""

    async def act():
        async with Door() as door, Host(SIMULATOR, folder, callback_url=door.url) as host:
            adapter = built(host.settings())
            (receipt,) = await adapter.send([outgoing])
            host.faults.plan({"faults": list(faults)})
            for name, words in acts:
                host.simulator.whole(lambda name=name, words=words: host.simulator.decide(receipt.number, name, words))
            wanted = len(acts) + 1
            heard: list[Any] = []
            while len({one.id for one in heard}) < wanted:
                heard += adapter.hear(await asyncio.wait_for(door.calls.get(), 10))
            page = await adapter.changes(None)
            await adapter.close()
        return page, heard

    return asyncio.run(act())


@pytest.mark.parametrize("case", ACTS, ids=[raw for _, raw, _ in ACTS])
def test_each_act_is_polled_as_it_is_heard(tmp_path, built, outgoing, case):
    """Each act is one change, the same by both ways, taken by the engine's border, with the state that it means."""
    acts, raw, state = case
    page, heard = played(tmp_path, built, outgoing, acts)
    assert list(page.items) == heard
    assert len(heard) == len(acts) + 1
    assert list(border.page(page).items) == heard
    assert (heard[-1].status, heard[-1].status_raw) == (state, raw)
    said: Mapping[str, Any] = acts[-1][1]
    word = heard[-1].word
    assert (word.officer, word.opinion) == (said.get("officer"), said.get("opinion"))
    if "reason" in said:
        assert word.reason == said["reason"]
    assert (heard[0].status_raw, heard[0].word) == ("ZT_2", SILENT)


def test_an_office_that_only_accepts_gives_no_officer_and_no_opinion(tmp_path, built, outgoing):
    """Nothing is invented: 受理 without words has its paper, and nobody's name or opinion."""
    page, _ = played(tmp_path, built, outgoing, [("accept", {})])
    word = page.items[-1].word
    assert (word.officer, word.opinion, word.reason, word.items, word.licence) == (None, None, None, (), None)
    assert [one.kind for one in word.papers] == [PaperKind.ACCEPTANCE]
    assert all("模拟" in one.title for one in word.papers)


@pytest.mark.parametrize(
    ("act", "words"),
    [
        ("accept", {"document": None}),
        ("correct", {"document": None, "reason": None, "items": []}),
        ("not_accept", {"document": None, "reason": None}),
    ],
)
def test_an_office_can_say_nothing_but_the_status(tmp_path, built, outgoing, act, words):
    """What the side door gives as null is not said: the status comes alone."""
    page, _ = played(tmp_path, built, outgoing, [(act, words)])
    assert page.items[-1].word == SILENT


def test_what_is_left_out_the_office_makes_itself(tmp_path, built, outgoing):
    """Reason and items of a 补正, number, dates and file of a permit: the simulator plays the issuer, and says so."""
    page, _ = played(tmp_path, built, outgoing, [("correct", {})])
    word = page.items[-1].word
    assert word.reason is not None
    assert [one.field for one in word.items] == ["1.单位名称", None]
    (paper,) = word.papers
    assert (paper.kind, "模拟" in paper.title, "模拟" in paper.number) == (PaperKind.CORRECTION, True, True)


def test_a_grant_gives_the_permit_once(tmp_path, built, outgoing):
    """准予 carries 决定书, number, dates, issuer and file of the permit; 制证 does not tell them again."""
    licence = {"no": "91120116MA05000011001P", "from": "2026-09-22", "to": "20310921", "issuer": "试验机关"}
    acts = [("accept", {}), ("grant", {"licence": licence, "document": {"number": "7号"}}), ("issue", {})]
    page, _ = played(tmp_path, built, outgoing, acts)
    *_, granted, issued = page.items
    assert granted.facts == {"licence_number": "91120116MA05000011001P"}
    given = granted.word.licence
    assert (given.number, given.valid_from, given.valid_to, given.issuer) == (
        "91120116MA05000011001P",
        "2026-09-22",
        "2031-09-21",
        "试验机关",
    )
    assert [(one.kind, one.number) for one in granted.word.papers] == [
        (PaperKind.DECISION, "7号"),
        (PaperKind.LICENCE, "91120116MA05000011001P"),
    ]
    assert (issued.word, issued.facts) == (SILENT, {})


def test_a_number_may_come_after_the_grant(tmp_path, built, outgoing):
    """A permit that is made later is told by the later message, as a fact too."""
    page, _ = played(tmp_path, built, outgoing, [("accept", {}), ("grant", {"licence": None}), ("issue", {})])
    *_, granted, issued = page.items
    assert (granted.facts, granted.word.licence) == ({}, None)
    assert issued.facts == {"licence_number": issued.word.licence.number}
    assert [one.kind for one in issued.word.papers] == [PaperKind.LICENCE]


@pytest.mark.parametrize("fault", MESSAGE_FAULTS)
def test_words_come_late_twice_or_in_the_wrong_order(tmp_path, built, outgoing, fault):
    """What strikes a message strikes its word with it: the same message, whole, by both ways, only not as it was."""
    acts = [("accept", SAID), ("review", SAID), ("refuse", {"reason": "不符合条件"})]
    plain, _ = played(tmp_path / "plain", built, outgoing, acts)
    struck = {"fault": fault, "share": 1, "seconds": 0.2, "count": 1 if fault == "wrong_order" else None}
    page, heard = played(tmp_path / "struck", built, outgoing, acts, faults=[struck])
    assert {one.id: one for one in heard} == {one.id: one for one in page.items}
    shown = {one.status_raw: _plain(one.word) for one in page.items}
    assert shown == {one.status_raw: _plain(one.word) for one in plain.items}
    if fault == "double_status":
        assert len(page.items) > len({one.id for one in page.items})
    elif fault == "wrong_order":
        assert [one.status_raw for one in page.items] != [one.status_raw for one in plain.items]


def _plain(word):
    """A word without what is made anew each time."""
    return replace(word, papers=tuple(replace(one, number=None, file=None, digest=None) for one in word.papers))


def test_the_office_decides_by_itself(sim, outgoing):
    """`auto` does its acts on each case handed in, and the whole word comes of it."""
    sim.ask("/_control/decide", {"auto": ["accept", "grant"]})

    async def act(adapter):
        await sim.send(adapter, outgoing)
        for _ in range(100):
            page = await adapter.changes(None)
            if len(page.items) == 3:
                break
            await asyncio.sleep(0.05)
        return page.items

    changes = sim.play(act)
    assert [one.status_raw for one in changes] == ["ZT_2", "ZT_3", "ZT_4"]
    assert changes[-1].word.licence is not None


def test_words_that_are_none_are_refused(sim, outgoing):
    """An item without words is said so at the side door, and nothing happened."""
    receipt = sim.play(lambda adapter: sim.send(adapter, outgoing))
    with pytest.raises(SettingsError, match="409"):
        sim.ask("/_control/decide", {"number": receipt.number, "act": "correct", "items": [{"field": "1"}]})
    assert [one["status"] for one in sim.records()] == ["ZT_2"]


# -- papers


def decided(sim, outgoing):
    """The papers of a granted application, told over the wire."""

    async def act(adapter):
        receipt = await sim.send(adapter, outgoing)
        for name in ("accept", "grant"):
            sim.ask("/_control/decide", {"number": receipt.number, "act": name})
        changes = (await adapter.changes(None)).items
        return receipt.number, [paper for one in changes for paper in one.word.papers]

    return sim.play(act)


def test_papers_are_fetched_as_they_were_announced(sim, outgoing):
    """Every file that was told comes, is the file that was announced, and is marked as simulated."""
    _, papers = decided(sim, outgoing)
    assert [one.kind for one in papers] == [PaperKind.ACCEPTANCE, PaperKind.DECISION, PaperKind.LICENCE]

    async def act(adapter):
        return [await adapter.fetch(one) for one in papers]

    for paper, data in zip(papers, sim.play(act), strict=True):
        assert digest(data) == paper.digest
        assert data.startswith(b"%PDF-")
        assert "模拟".encode("utf-16-be").hex().upper().encode() in data
        assert paper.name.endswith(".pdf")
        assert len(paper.file) <= 128


def test_a_file_that_was_changed_is_another_file(sim, outgoing):
    """Bytes that are not those announced have another digest, by which the engine knows."""
    number, papers = decided(sim, outgoing)
    file_id = papers[0].file.partition("/")[2]
    sim.ask("/_control/tamper", {"swap_material": number, "document": file_id})
    assert digest(sim.play(lambda adapter: adapter.fetch(papers[0]))) != papers[0].digest


@pytest.mark.parametrize("file", [None, "", "x", "../../api/changes", "{dataid}/none", "gone/f1", "{dataid}/f1/f2"])
def test_a_file_that_is_not_there_is_refused(sim, outgoing, file):
    """A handle of nothing, or of somewhere else, is Refused: it is not asked for again by itself."""
    number, papers = decided(sim, outgoing)
    paper = replace(papers[0], file=file and file.replace("{dataid}", number))
    with pytest.raises(Refused):
        sim.play(lambda adapter: adapter.fetch(paper))


@pytest.mark.parametrize("fault", ["html_200", "endless", "commit_then_drop", "error_500", "error_503", "unknown_code"])
def test_a_file_that_does_not_come_is_asked_for_later(sim, outgoing, fault):
    """A log-in page is no file; one that does not end, or is cut off, is none either."""
    _, papers = decided(sim, outgoing)
    sim.faults(fault, share=1, on="reads")
    with pytest.raises(TryLater):
        sim.play(lambda adapter: adapter.fetch(papers[0]), total_seconds=2)


def test_no_more_is_read_than_a_file_may_be(sim, outgoing, limited):
    """A file beyond `limits.file_bytes` is left while it is read."""
    _, papers = decided(sim, outgoing)
    with pytest.raises(TryLater, match="过长"):
        asyncio.run(limited(100, papers[0]))
