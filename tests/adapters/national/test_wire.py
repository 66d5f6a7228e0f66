"""The adapter against the simulated platform: rows written once, collected, judged; locked, late, twice, killed."""

from __future__ import annotations

import asyncio
import os
import pickle
import signal
import subprocess
import sys
import textwrap
from dataclasses import replace

import pytest

from bridge.contract.adapter import answer_came, still_ours
from bridge.contract.outcome import Absent, Held, Partial, Receipt
from bridge.contract.remote import CallbackRequest, Window
from bridge.errors import AccessDenied, LeaseLost, Refused, SettingsError, TryLater
from bridge.model.delivery import Kind
from bridge.model.lifecycle import ApplicationState
from bridge.model.word import Paper, PaperKind
from bridge.testing.conformance import Case, dead_target_is_try_later, sent_twice_is_held_once, unsent_is_absent


def test_a_case_from_acceptance_to_licence(sim, story):
    """受理, 审查, 准予: each row once, lodged until the quality check has spoken, with the status that results."""
    reviewed = story.then(story.REVIEWING)
    granted = reviewed.then(story.GRANTED, **story.LICENCE)
    all_of_it = [story.delivery(Kind.APPLY), reviewed.delivery(Kind.PROGRESS), granted.delivery(Kind.DECISION)]

    async def act(adapter):
        receipts = [await sim.send(adapter, one) for one in all_of_it]
        assert [one.status_raw for one in receipts] == ["2", "2", "3/0"]
        assert all(one.lodged for one in receipts)
        verdicts = await sim.verdicts(adapter, *all_of_it)
        assert all(change.verdict.refusal is None for change in verdicts.values())
        assert {change.number for change in verdicts.values()} == {receipts[0].number}
        assert verdicts[all_of_it[2].delivery].status is ApplicationState.GRANTED
        found = await adapter.find(all_of_it[2])
        assert isinstance(found, Held)
        assert not found.receipt.lodged

    sim.play(act)
    (held,) = sim.records()
    assert (held["key"], held["status"]) == (story.source["facts"]["case_number"], "3/0")
    processes = [value for name, value in held["fields"].items() if name.endswith(".process_name")]
    assert sorted(processes) == sorted(["收件", "受理", "审查", "决定"])
    assert held["fields"]["result.result_cetr_no"] == "91120116MA05000011001P"
    assert [one["name"] for one in held["materials"]] == ["营业执照.pdf", "自行监测方案.v2.pdf"]


def test_the_conformance_laws_that_apply(sim, story):
    """Unsent is absent, sent twice is held once, a locked database is TryLater without an answer."""

    async def act(adapter):
        for check in (unsent_is_absent, sent_twice_is_held_once, dead_target_is_try_later):
            await asyncio.to_thread(sim.ask, "/_control/reset", {})
            one = story.delivery(Kind.APPLY)
            key = replace(one.key, number=story.source["facts"]["case_number"])
            await check(Case(adapter, replace(one, key=key), sim.ask))

    sim.play(act)


def test_collected_is_not_missing(sim, story):
    """Rows that the platform has taken away are found by the journal, and are not written again."""
    one = story.delivery(Kind.APPLY)

    async def act(adapter):
        first = await sim.send(adapter, one)
        await asyncio.to_thread(sim.collected)
        assert isinstance(await adapter.find(one), Held)
        again = await sim.send(adapter, one)
        assert again.number == first.number
        assert sim.rows("up_pro_accept") == []
        kept = [record async for record in adapter.records(Window())]
        assert [(record.number, record.status_raw, dict(record.fields)) for record in kept] == [(first.number, "2", {})]

    sim.play(act)
    assert len({row["cd_batch"] for row in sim.rows("pb_journal")}) == 1
    assert len(sim.records()) == 1


def test_what_is_still_there_is_shown(sim, story):
    """Rows that have not been collected are told with their columns, by the path of the payload."""

    async def act(adapter):
        for number in range(20):
            one = story.another(number).delivery(Kind.APPLY)
            await sim.send(adapter, one)
            sim.faults("refuse")  # writers are locked out, so nothing is collected any more
            if sim.rows("up_pro_accept"):
                shown = {record.number: record async for record in adapter.records(Window())}
                return one, shown[one.payload["accept"]["row_guid"]]
            sim.faults()
        raise AssertionError

    one, record = sim.play(act)
    expected = {f"accept.{name}": value for name, value in one.payload["accept"].items() if value != ""}
    assert expected.items() <= record.fields.items()
    assert record.fields["process[1].handle_explain"] == "材料齐全"
    (held,) = [record for record in sim.records() if record["number"] == one.payload["accept"]["row_guid"]]
    assert expected.items() <= held["fields"].items()


def test_a_correction_is_u_on_the_same_guid(sim, story):
    """更正: operation U, the same guids, one record with the new value; new rows of it are I."""
    first = story.delivery(Kind.APPLY)
    story.source["data"]["applicant"]["name"] = "天津海晏更名化工有限公司"
    story.source["materials"].append({"id": "m-3", "code": "PW-M13", "name": "平面图.pdf"})
    second = story.then(revision=2).delivery(Kind.AMEND)

    async def act(adapter):
        await sim.send(adapter, first)
        await sim.send(adapter, second)
        verdicts = await sim.verdicts(adapter, first, second)
        assert [change.verdict.refusal for change in verdicts.values()] == [None, None]

    sim.play(act)
    written = [
        (row["place"], row["cd_operation"]) for row in sim.rows("pb_journal") if row["delivery"] == second.delivery
    ]
    assert written == [("accept", "U"), ("material[0]", "U"), ("material[1]", "U"), ("material[2]", "I")]
    (held,) = sim.records()
    assert held["fields"]["accept.applyer_name"] == "天津海晏更名化工有限公司"
    assert held["number"] == first.payload["accept"]["row_guid"]


def test_the_quality_check_refuses_by_column(sim, story):
    """A refused row is a refusal at the platform's column; the delivery may be written again, on the same guids."""
    story.source["data"]["applicant"]["id_no"] = "91120116MA05000012"  # the check character does not fit
    one = story.delivery(Kind.APPLY)
    mended = replace(
        one, payload={**one.payload, "accept": {**one.payload["accept"], "applyer_page_code": "91120116MA05000011"}}
    )

    async def act(adapter):
        await sim.send(adapter, one)
        change = (await sim.verdicts(adapter, one))[one.delivery]
        refusal = change.verdict.refusal
        assert isinstance(refusal, Refused)
        assert "accept.applyer_page_code" in [field.path for field in refusal.fields]
        assert "91120116MA05000012" not in str(refusal)
        assert change.status is None
        assert isinstance(await adapter.find(one), Partial)
        again = await sim.send(adapter, mended)
        assert again.lodged
        ends = asyncio.get_running_loop().time() + 15
        while True:
            assert asyncio.get_running_loop().time() < ends
            page = await adapter.changes(None)
            if page.items:
                break
            await asyncio.sleep(0.1)
        assert [item.verdict.refusal for item in page.items] == [None]  # the word on the first batch is superseded

    sim.play(act)
    (held,) = sim.records()
    assert held["fields"]["accept.cd_operation"] == "U"


def test_rows_of_a_case_that_is_not_held_are_refused(sim, story):
    """A result without an accept row is refused by the platform, at the column that says whose it is."""
    one = story.then(story.REFUSED).delivery(Kind.DECISION)

    async def act(adapter):
        await sim.send(adapter, one)
        refusal = (await sim.verdicts(adapter, one))[one.delivery].verdict.refusal
        assert {field.path for field in refusal.fields} == {"process.project_no", "result.project_no"}

    sim.play(act)
    assert sim.records() == []


def test_nothing_is_half_written(sim, story):
    """A row that does not fit leaves none of its delivery behind, and names table and column without the value."""
    one = story.delivery(Kind.APPLY)
    long = "秘" * 201
    last = {**one.payload["material"][1], "material_attach_name": long}
    bad = replace(one, payload={**one.payload, "material": [one.payload["material"][0], last]})

    async def act(adapter):
        outcome = await sim.send(adapter, bad)
        assert isinstance(outcome, Refused)
        assert [field.path for field in outcome.fields] == ["material[1].material_attach_name"]
        assert "up_pro_material.material_attach_name" in str(outcome)
        assert long not in str(outcome)
        assert isinstance(await adapter.find(bad), Absent)

    sim.play(act)
    assert sim.records() == []
    assert sim.rows("pb_journal") == []


def test_locked_is_try_later(sim, story):
    """While the database is locked nothing gets in; when the lock ends by itself the same delivery goes through."""
    one = story.delivery(Kind.APPLY)

    async def act(adapter):
        sim.faults("maintenance", on="all", seconds=3)
        outcome = await sim.send(adapter, one)
        assert isinstance(outcome, TryLater)
        assert not outcome.answered
        ends = asyncio.get_running_loop().time() + 10
        while not isinstance(outcome := await sim.send(adapter, one), Receipt):
            assert asyncio.get_running_loop().time() < ends, outcome

    sim.play(act)
    assert len(sim.records()) == 1


def test_a_lock_on_writes_lets_readers_in(sim, story):
    """`refuse` on writes keeps writers out and is still asked; the side door looks in all the time."""

    async def act(adapter):
        sim.faults("refuse")
        assert isinstance(await sim.send(adapter, story.delivery(Kind.APPLY)), TryLater)
        assert isinstance(await adapter.find(story.delivery(Kind.APPLY)), Absent)
        assert sim.records() == []

    sim.play(act)


@pytest.mark.parametrize("fault", ["late_status", "double_status", "wrong_order"])
def test_verdicts_late_twice_and_out_of_order(sim, story, fault):
    """However the words on single rows come, each delivery has its one verdict."""
    sim.faults(fault, share=0.5, **({} if fault == "double_status" else {"seconds": 1.5}))
    deliveries = [story.another(number).delivery(Kind.APPLY) for number in range(1, 7)]

    async def act(adapter):
        for one in deliveries:
            await sim.send(adapter, one)
        verdicts = await sim.verdicts(adapter, *deliveries)
        assert all(change.verdict.refusal is None for change in verdicts.values())
        seen, cursor = set(), None
        while True:
            page = await adapter.changes(cursor)
            seen |= {item.id for item in page.items}
            cursor = page.cursor
            if not page.more:
                break
        assert seen == {change.id for change in verdicts.values()}

    sim.play(act)
    assert len(sim.records()) == 6


def test_a_slow_commit_is_waited_for(sim, story):
    """A lock that comes now and then is sat out or tried again; everything gets in once."""
    sim.faults("slow_commit", share=0.5, seconds=0.5)
    deliveries = [story.another(number).delivery(Kind.APPLY) for number in range(1, 9)]

    async def act(adapter):
        for one in deliveries:
            while not isinstance(await sim.send(adapter, one), Receipt):
                pass

    sim.play(act)
    assert len(sim.records()) == 8


KILLED = """
import asyncio, os, pickle, signal, sys
from adapters.national import create
from bridge.clock import SystemClock
from bridge.contract.adapter import AdapterContext
from bridge.contract.manifest import read_manifest
from pathlib import Path
import bridge.kit.exchange.database as database

url, kept = sys.argv[1:]
outgoing = pickle.loads(Path(kept).read_bytes())
manifest = read_manifest(Path(create.__code__.co_filename).parent / "manifest.toml")
adapter = create(AdapterContext(manifest, {"url": url, "charset": "utf8mb4"}, {}, SystemClock(), 10))
if "early" in kept:
    database._Job.commits = lambda job: os.kill(os.getpid(), signal.SIGKILL)

async def run():
    await adapter.send([outgoing])
    os.kill(os.getpid(), signal.SIGKILL)

asyncio.run(run())
"""


@pytest.mark.parametrize(("when", "found"), [("early", Absent), ("late", Held)])
def test_killed_in_the_middle(sim, story, tmp_path, when, found):
    """Killed before COMMIT nothing is there; killed after it the journal says that it is held. Never half."""
    one = story.delivery(Kind.APPLY)
    kept = tmp_path / f"{when}.pickle"
    kept.write_bytes(pickle.dumps(one))
    script = [sys.executable, "-c", textwrap.dedent(KILLED), sim.url, str(kept)]
    done = subprocess.run(
        script, check=False, env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    )
    assert done.returncode == -signal.SIGKILL

    async def act(adapter):
        assert isinstance(await adapter.find(one), found)
        assert isinstance(await sim.send(adapter, one), Receipt)

    sim.play(act)
    assert len(sim.records()) == 1
    assert len({row["cd_batch"] for row in sim.rows("pb_journal")}) == 1


def test_two_at_once_write_one(sim, story):
    """The same delivery sent from two processes' worth of adapters at once is written once."""
    one = story.delivery(Kind.APPLY)

    async def act(adapter):
        other = __import__("adapters.national", fromlist=["create"]).create(sim.context())
        try:
            await asyncio.gather(*(sim.send(which, one) for which in (adapter, other) * 4))
        finally:
            await other.close()

    sim.play(act)
    assert len({row["cd_batch"] for row in sim.rows("pb_journal")}) == 1


def test_a_lost_lease_writes_nothing(sim, story):
    """The lease is asked inside the transaction, before the first row; the breaker hears of each answer."""
    heard = []

    def lost():
        raise LeaseLost

    async def act(adapter):
        answer_came.set(lambda: heard.append(1))
        still_ours.set(lost)
        with pytest.raises(LeaseLost):
            await adapter.send([story.delivery(Kind.APPLY)])

    sim.play(act)
    assert heard
    assert sim.records() == []


def test_check_sees_the_tables(sim, tmp_path):
    """`check` passes against the platform, and says what is missing or wrong elsewhere."""

    async def act(adapter):
        await adapter.check()

    sim.play(act)
    with pytest.raises(AccessDenied, match="naming"):
        sim.play(act, journal_table="no_such_table")
    with pytest.raises(AccessDenied, match="naming"):
        sim.play(act, naming="camel")
    with pytest.raises(TryLater):
        sim.play(act, url=f"sqlite:///{tmp_path}/nothing.db")
    assert not (tmp_path / "nothing.db").exists()


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"naming": "kebab"}, "naming"),
        ({"charset": "latin1"}, "charset"),
        ({"length_unit": "metres"}, "length_unit"),
        ({"v3": "maybe"}, "v3"),
        ({"url": "no address"}, "url"),
        ({"url": "mysql+pymysql://user:secret@host/db"}, "url"),
        ({"url": "nodialect://host/db"}, "url"),
    ],
)
def test_a_bad_setting_is_named(sim, settings, named):
    """A setting that does not suit is named at the start, and its value not told."""
    with pytest.raises(SettingsError) as bad:
        sim.play(lambda adapter: None, **settings)
    assert bad.value.setting == named
    assert "secret" not in str(bad.value).replace("secrets.password", "").replace("a secret", "")


def test_nobody_calls_and_nothing_is_fetched(sim):
    """No callback crosses the 网闸, and the platform has no files."""

    async def act(adapter):
        with pytest.raises(AccessDenied):
            adapter.hear(CallbackRequest("POST", "/callbacks/national", {}, b"{}", 0))
        with pytest.raises(Refused):
            await adapter.fetch(Paper(PaperKind.OTHER, "x", file="y"))

    sim.play(act)
