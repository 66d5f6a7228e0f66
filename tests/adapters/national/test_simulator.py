"""The simulated platform itself: what it refuses, what its side door does, and which faults it knows."""

from __future__ import annotations

import asyncio
import sqlite3

import pytest

from adapters.national.client.tables import Tables
from adapters.national.simulator.rules import flaws
from adapters.national.simulator.spec import PARTS
from bridge.contract.outcome import Receipt
from bridge.errors import SettingsError
from bridge.model.delivery import Kind
from bridge.testing.simulator.faults import Fault
from bridge.testing.simulator.launch import ask, launch

TAIL = {"cd_operation": "I", "cd_time": "2026-11-24 10:00:00", "cd_batch": "b-1", "data_source": "112"}


def put(sim, part, *rows):
    """Write rows past the adapter, as another system would."""
    db = sqlite3.connect(sim.path, timeout=10)
    with db:
        for row in rows:
            names = ", ".join(row)
            marks = ", ".join("?" for _ in row)
            db.execute(f"INSERT INTO {PARTS[part][0]} ({names}) VALUES ({marks})", list(row.values()))
    db.close()


def feedback(sim, rows):
    """The words of the quality check, once there are as many."""
    said = sim.until(lambda: len(found := sim.rows("up_quality_feedback")) >= rows and found)
    assert len(said) == rows
    return said


@pytest.fixture
def accept(story):
    """A good accept row."""
    row = story.payload(Kind.APPLY)["accept"]
    return {name: value for name, value in row.items() if value != ""} | TAIL


def sent(sim, *deliveries):
    """Send deliveries, in order."""

    async def act(adapter):
        for one in deliveries:
            assert isinstance(await sim.send(adapter, one), Receipt)

    sim.play(act)


def test_two_lists_of_columns_agree():
    """The simulator's tables, written down on their own, are those that the adapter writes."""
    for part, table in Tables(v3=True).parts.items():
        name, wants = PARTS[part]
        assert name == table.name
        kinds = {"text": "v", "whole": "n", "instant": "d"}
        ours = {one.name: (kinds[one.type], one.size or 0, one.required) for one in table.columns}
        assert {name: (want.type, want.size, want.required) for name, want in wants.items()} == ours


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("applyer_name", None),
        ("applyer_name", "津" * 101),
        ("applyer_type", "7"),
        ("applyer_page_code", "91120116MA05000012"),
        ("catalog_code", "000116001001"),
        ("task_handle_item", "11120116MB01160014400011600200001"),
        ("org_code", "11120116MB01160015"),
        ("accept_date", "2026-11-24T10:00:00"),
        ("accept_date", "2026-11-24"),
        ("accept_date", "2026-02-30 10:00:00"),
        ("contact_mobile", "022-6666666"),
        ("task_version", "1"),
        ("promise_date", "2026-11-01 00:00:00"),
        ("data_source", "12"),
        ("cd_operation", "X"),
    ],
)
def test_what_the_real_one_would_refuse(accept, column, value):
    """Required columns, lengths, code tables, numbers that must fit, check digits and forms of dates."""
    assert flaws("accept", accept) == []
    found = flaws("accept", {**accept, column: value})
    assert [name for name, _ in found] == ["task_code" if column == "catalog_code" else column]


def test_a_result_needs_licence_or_reason(story):
    """准予 with a licence number, everything else with a reason."""
    row = story.then(story.GRANTED, **story.LICENCE).payload(Kind.DECISION)["result"] | TAIL
    assert flaws("result", row) == []
    assert flaws("result", {**row, "result_cetr_no": ""}) == [("result_cetr_no", "准予许可时必填")]
    assert flaws("result", {**row, "result_type": "1"}) == [("result_explain", "未准予许可时必填")]


def test_an_insert_that_is_there_already_is_refused_and_one(sim, accept):
    """The same guid twice with I is a quality failure and still one record; a U is an update, a D removes it."""
    put(sim, "accept", accept, {**accept, "cd_batch": "b-2", "applyer_name": "另一名称"})
    said = feedback(sim, 2)
    assert [(row["cd_batch"], row["passed"], row["column_name"]) for row in said] == [
        ("b-1", 1, None),
        ("b-2", 0, "row_guid"),
    ]
    (held,) = sim.records()
    assert held["fields"]["accept.applyer_name"] == accept["applyer_name"]
    put(sim, "accept", {**accept, "cd_batch": "b-3", "cd_operation": "U", "applyer_name": "另一名称"})
    feedback(sim, 3)
    assert sim.records()[0]["fields"]["accept.applyer_name"] == "另一名称"
    put(sim, "accept", {**accept, "cd_batch": "b-4", "cd_operation": "D"})
    feedback(sim, 4)
    assert sim.records() == []


def test_a_second_accept_row_is_a_second_entry(sim, accept):
    """Two accept rows of one 办件编号 are two entries, before and after they are collected."""
    put(sim, "accept", accept, {**accept, "row_guid": "11111111-1111-4111-8111-111111111111"})
    assert len({one["number"] for one in sim.records()}) == 2
    feedback(sim, 2)
    assert {one["key"] for one in sim.records()} == {accept["project_no"]}
    assert len(sim.records()) == 2


def test_the_side_door_spoils(sim, story):
    """`tamper` sets, copies and removes; what it cannot do is said."""
    sent(sim, story.delivery(Kind.APPLY))
    (held,) = sim.records()
    number = held["number"]
    sim.ask("/_control/tamper", {"number": number, "set": {"accept.applyer_name": "改动", "process[0].remark": "改"}})
    (held,) = sim.records()
    assert (held["fields"]["accept.applyer_name"], held["fields"]["process[0].remark"]) == ("改动", "改")
    copied = sim.ask("/_control/tamper", {"copy": number})["number"]
    assert {one["number"] for one in sim.records()} == {number, copied}
    sim.ask("/_control/tamper", {"remove": copied})
    sim.ask("/_control/tamper", {"remove": number})
    assert sim.records() == []
    for words in ({"remove": number}, {"number": number, "set": {"accept.nothing": 1}}, {"swap_material": number}):
        with pytest.raises(SettingsError, match=r"40[49]"):
            sim.ask("/_control/tamper", words)


def test_the_side_door_bears_and_loads(sim):
    """`born` makes a case of somebody else's; `load` many, with the fields and status that were told."""
    born = sim.ask("/_control/born", {"fields": {"accept.applyer_name": "别处的单位"}})
    assert born["number"]
    told = {"key": "K-1", "fields": {"accept.applyer_name": "装载"}, "status": "3/1"}
    assert sim.ask("/_control/load", {"records": [told]})["loaded"] == 1
    assert sim.ask("/_control/load", {"count": 50})["loaded"] == 50
    held = {one["key"]: one for one in sim.records()}
    assert len(held) == 52
    assert (held["K-1"]["status"], held["K-1"]["fields"]["accept.applyer_name"]) == ("3/1", "装载")
    assert held[born["key"]]["number"] == born["number"]


def test_it_decides_nothing(sim):
    """`decide` is a mistake (400) and there are no stages (501)."""
    for path, words, code in (
        ("decide", {"number": "x", "act": "grant"}, "400"),
        ("stages", {"signature": True}, "501"),
    ):
        with pytest.raises(SettingsError, match=code):
            sim.ask(f"/_control/{path}", words)


@pytest.mark.parametrize("fault", sorted(Fault))
def test_which_faults_have_a_meaning(sim, fault):
    """A fault that means nothing at a database answers 400."""
    known = {"refuse", "maintenance", "slow_commit", "late_status", "double_status", "wrong_order"}
    if fault in known:
        sim.faults(fault, share=0)
    else:
        with pytest.raises(SettingsError, match="400"):
            sim.faults(fault)


def test_a_fault_of_some_seconds_ends_by_itself(sim):
    """`seconds` is honoured: the lock is there at once, and gone after them."""
    sim.faults("refuse", on="all", seconds=1)
    db = sqlite3.connect(sim.path, timeout=0)
    with pytest.raises(sqlite3.OperationalError, match="locked"):
        db.execute("SELECT COUNT(*) FROM up_pro_accept").fetchone()
    db.execute("PRAGMA busy_timeout = 5000")
    assert db.execute("SELECT COUNT(*) FROM up_pro_accept").fetchone() == (0,)
    db.close()


def test_it_comes_up_again_with_what_it_held(tmp_path):
    """What was collected outlives the process."""
    folder = tmp_path / "kept"
    for _ in range(2):
        with launch(["national"], folder=folder) as running:
            control = running.targets["national"]["control"]
            before = ask(control, "/_control/records")["records"]
            ask(control, "/_control/born", {})
    assert len(before) == 1


def test_many_cases_at_once(sim, story):
    """Hundreds of rows are collected and judged without holding up the writer for long."""
    deliveries = [story.another(number).delivery(Kind.APPLY) for number in range(150)]

    async def act(adapter):
        outcomes = await asyncio.gather(*(sim.send(adapter, one) for one in deliveries))
        assert all(isinstance(one, Receipt) for one in outcomes)
        await sim.verdicts(adapter, *deliveries)

    sim.play(act)
    assert len(sim.records()) == 150
