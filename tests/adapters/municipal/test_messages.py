"""What is told of a case after it was handed in: one message per step, in order, with effect once, nothing made up."""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.municipal.mapping import mappings
from bridge.contract.outcome import Absent, Held, Receipt
from bridge.contract.outgoing import Outgoing
from bridge.errors import OutcomeUnknown, Refused, TryLater
from bridge.model.delivery import Kind

AT = "2026-11-24T10:11:12.345+08:00"
WALL = "2026-11-24 10:11:12"

STEPS: dict[str, tuple[Kind, dict[str, Any], dict[str, Any]]] = {
    "accepted": (
        Kind.PROGRESS,
        {"document_no": "津受〔2026〕1号"},
        {"accept": {"result": "1", "gmtAccept": WALL, "acceptDocNo": "津受〔2026〕1号"}},
    ),
    "not_accepted": (
        Kind.DECISION,
        {"reason": "不属于本机关职权"},
        {"accept": {"result": "2", "gmtAccept": WALL, "reason": "不属于本机关职权"}},
    ),
    "reviewing": (
        Kind.PROGRESS,
        {"officer": "审甲", "opinion": "现场核查合格", "name": "审查"},
        {
            "process": {
                "nodeName": "审查",
                "nodeState": "02",
                "nodeResult": "1",
                "gmtEnd": WALL,
                "handleUser": "审甲",
                "opinion": "现场核查合格",
            }
        },
    ),
    "correction_requested": (
        Kind.PROGRESS,
        {"name": "补正", "items": [{"text": "请补充环评批复", "field": "1.环评批复文号"}, {"text": "地址不一致"}]},
        {
            "process": {
                "nodeName": "补正",
                "nodeState": "02",
                "nodeResult": "5",
                "gmtEnd": WALL,
                "items": [{"content": "请补充环评批复"}, {"content": "地址不一致"}],
            }
        },
    ),
    "suspended": (
        Kind.PROGRESS,
        {"reason": "专家评审"},
        {"special": {"type": "B", "gmtStart": WALL, "reason": "专家评审"}},
    ),
    "extended": (
        Kind.PROGRESS,
        {"reason": "案情复杂"},
        {"special": {"type": "A", "gmtStart": WALL, "reason": "案情复杂"}},
    ),
    "granted": (
        Kind.DECISION,
        {},
        {
            "finish": {
                "result": "10",
                "gmtFinish": WALL,
                "resultCode": "91120116MA05000011001P",
                "resultName": "排污许可证",
                "validFrom": "2026-11-24",
                "validTo": "2031-11-23",
            }
        },
    ),
    "refused": (
        Kind.DECISION,
        {"reason": "不符合条件"},
        {"finish": {"result": "12", "gmtFinish": WALL, "resultDesc": "不符合条件"}},
    ),
}
"""State → kind, what was said, and the message without its head."""


@pytest.fixture
def told(source, deliver):
    """Make the delivery that tells a case of a step."""

    def make(state: str, case: str, sn: str = "s1", **said: Any) -> Outgoing:
        kind, given_, _ = STEPS[state]
        tree = copy.deepcopy(source)
        step = {"id": sn, "state": state, "name": state, "at": AT, **given_, **said}
        tree["facts"] |= {"case_number": case, "step": step}
        if state == "granted":
            number = "91120116MA05000011001P"
            tree["facts"]["licence_number"] = number
            tree["facts"]["licence"] = {
                "number": number,
                "name": "排污许可证",
                "valid_from": "2026-11-24",
                "valid_to": "2031-11-23",
            }
        return of(deliver(source), kind, tree, sn)

    return make


def of(whole: Outgoing, kind: Kind, tree: dict[str, Any], sn: str) -> Outgoing:
    """The delivery of a kind over a source."""
    payload = mappings()["discharge-permit", kind, None].write(tree)
    return replace(whole, kind=kind, event=sn, payload=payload, materials=())


@pytest.fixture
def withdrawal(source, deliver):
    """Make the delivery that withdraws a case."""

    def make(case: str, sn: str = "w1") -> Outgoing:
        tree = copy.deepcopy(source)
        step = {"id": sn, "state": "withdrawn", "name": "撤回", "at": AT}
        tree["facts"] |= {"case_number": case, "step": step, "withdrawal": {"at": AT, "reason": "项目取消"}}
        return of(deliver(source), Kind.WITHDRAW, tree, sn)

    return make


def hand_in(sim, outgoing) -> str:
    """A case that is held; its number."""
    receipt = sim.play(lambda adapter: sim.send(adapter, outgoing))
    assert isinstance(receipt, Receipt)
    return receipt.number or ""


@pytest.mark.parametrize("state", STEPS)
def test_a_message_says_what_was_said_and_nothing_else(told, state):
    """Golden: every field of every message comes from the step; what was not said is not there."""
    message = told(state, "C1").payload
    expected = {call: {"projectNo": "C1", "sn": "s1", **content} for call, content in STEPS[state][2].items()}
    assert message == expected


def test_a_decision_waits_for_its_licence_number(source):
    """准予 needs the licence's number; 不予许可 does not."""
    mapping = mappings()["discharge-permit", Kind.DECISION, None]
    facts = source["facts"] | {"case_number": "C1", "step": {"id": "s", "state": "granted", "at": AT}}
    assert mapping.missing({**source, "facts": facts}) == ["licence_number"]
    facts["step"]["state"] = "refused"
    assert mapping.missing({**source, "facts": facts}) == []
    del facts["case_number"]
    assert mapping.missing({**source, "facts": facts}) == ["case_number"]


def test_a_case_goes_through_its_life(sim, outgoing, told, withdrawal):
    """受理, 特别程序, 审查, 准予: each is found before and after it is told, and the status follows."""
    case = hand_in(sim, outgoing)
    for place, (state, status) in enumerate(
        [("accepted", "02"), ("suspended", "05"), ("reviewing", "04"), ("granted", "10")]
    ):
        one = told(state, case, f"s{place}")

        async def act(adapter, one=one):
            return await adapter.find(one), await sim.send(adapter, one), await adapter.find(one)

        before, receipt, after = sim.play(act)
        assert isinstance(before, Absent)
        assert (receipt.number, receipt.status_raw) == (case, status)
        assert isinstance(after, Held)
    (record,) = sim.records()
    assert record["fields"]["finish.resultCode"] == "91120116MA05000011001P"
    assert record["fields"]["process[0].opinion"] == "现场核查合格"
    assert isinstance(sim.play(lambda adapter: sim.send(adapter, withdrawal(case))), Refused)


def test_out_of_order_is_refused_with_words(sim, outgoing, told):
    """A decision before 受理 is not taken, and says so."""
    case = hand_in(sim, outgoing)
    outcome = sim.play(lambda adapter: sim.send(adapter, told("granted", case)))
    assert isinstance(outcome, Refused)
    assert outcome.code == "410"
    assert "不允许" in str(outcome)


def test_a_message_told_twice_counts_once(sim, outgoing, told):
    """The same step again is answered as before; another under the same number is refused."""
    case = hand_in(sim, outgoing)
    first = sim.play(lambda adapter: sim.send(adapter, told("accepted", case)))
    again = sim.play(lambda adapter: sim.send(adapter, told("accepted", case)))
    assert (first.status_raw, again.status_raw) == ("02", "02")
    other = sim.play(lambda adapter: sim.send(adapter, told("accepted", case, officer="他人")))
    assert isinstance(other, Refused)
    assert other.code == "409"
    assert len(sim.records()) == 1


@pytest.mark.parametrize("fault", ["commit_then_drop", "error_500", "close", "refuse"])
@pytest.mark.parametrize("state", ["accepted", "withdrawn"])
def test_a_lost_answer_leaves_one_effect(sim, outgoing, told, withdrawal, *, fault, state):
    """However the answer is lost, asking tells whether it was done, and doing it then has effect once."""
    case = hand_in(sim, outgoing)
    one = withdrawal(case) if state == "withdrawn" else told(state, case)
    sim.faults(fault, share=1, count=1)
    outcome = sim.play(lambda adapter: sim.send(adapter, one))
    sim.faults()
    assert isinstance(outcome, OutcomeUnknown | TryLater)
    found = sim.play(lambda adapter: adapter.find(one))
    if isinstance(found, Absent):
        assert isinstance(sim.play(lambda adapter: sim.send(adapter, one)), Receipt)
    (record,) = sim.records()
    assert record["status"] == ("13" if state == "withdrawn" else "02")
    assert isinstance(sim.play(lambda adapter: adapter.find(one)), Held)


def test_a_correction_is_a_supplement(sim, source, outgoing, deliver, told):
    """After 补正 the corrected case goes by `supplement`, and the case stands where it stood before."""
    case = hand_in(sim, outgoing)
    assert sim.play(lambda adapter: sim.send(adapter, told("correction_requested", case))).status_raw == "03"
    corrected = copy.deepcopy(source)
    corrected["facts"]["revision"] = 2
    corrected["data"]["applicant"]["registered_address"] = "天津市滨海新区更正路9号"
    amend = replace(deliver(corrected), kind=Kind.AMEND)
    assert sim.play(lambda adapter: sim.send(adapter, amend)).status_raw == "00"
    assert isinstance(sim.play(lambda adapter: adapter.find(amend)), Held)
    (record,) = sim.records()
    assert record["fields"]["receive.applicantVO.address"] == "天津市滨海新区更正路9号"
    accepted = sim.play(lambda adapter: sim.send(adapter, told("accepted", case, "s2")))
    assert accepted.status_raw == "02"


def test_its_own_echo_can_be_read(sim, outgoing, told):
    """What we told comes back in the stream as the gateway's status, which our own records read without harm."""
    case = hand_in(sim, outgoing)
    sim.play(lambda adapter: sim.send(adapter, told("accepted", case)))
    page = sim.play(lambda adapter: adapter.changes(None))
    assert [(one.number, one.status_raw) for one in page.items] == [(case, "00"), (case, "02")]


LEGAL = {
    "00": {"accepted": "02", "not_accepted": "07", "correction_requested": "03"},
    "02": {"reviewing": "04", "suspended": "05", "extended": "02", "granted": "10", "refused": "12"},
    "03": {"accepted": "02", "not_accepted": "07", "correction_requested": "03"},
    "04": {"reviewing": "04", "suspended": "05", "extended": "04", "granted": "10", "refused": "12"},
    "05": {"reviewing": "04", "suspended": "05", "extended": "05", "granted": "10", "refused": "12"},
    "07": {},
    "10": {"reviewing": "10"},
    "12": {"reviewing": "12"},
}
"""The model: what may follow, and what it leads to."""


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(states=st.lists(st.sampled_from(sorted(STEPS)), min_size=1, max_size=6))
def test_any_order_is_as_the_model_says(sim, outgoing, told, states):
    """Whatever is told in whatever order, each message is taken or refused as the model says, none held twice."""
    sim.ask("/_control/reset", {})
    case = hand_in(sim, outgoing)
    status, taken = "00", 0
    for place, state in enumerate(states):
        outcome = sim.play(lambda adapter, s=state, p=place: sim.send(adapter, told(s, case, f"s{p}")))
        expected = LEGAL[status].get(state)
        if expected is None:
            assert isinstance(outcome, Refused), (status, state)
        else:
            assert outcome.status_raw == expected, (status, state)
            status, taken = expected, taken + 1
    (record,) = sim.records()
    assert record["status"] == status
