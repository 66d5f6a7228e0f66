"""What is told of a case after it was handed in: one message per step, with effect once, nothing made up."""

from __future__ import annotations

import asyncio
from pathlib import Path

import jsonschema
import pytest

from adapters.municipal.adapter import NOTHING_DONE
from adapters.municipal.codes import STATUSES
from adapters.municipal.mapping import mappings, schema
from bridge.catalogue.catalogue import Catalogue
from bridge.contract.manifest import read_manifest
from bridge.contract.outcome import Absent, Held, Partial, Receipt, Unclear
from bridge.contract.remote import Window
from bridge.errors import OutcomeUnknown, Refused, TryLater
from bridge.kit.mapping.paths import flatten
from bridge.model.delivery import Kind

WALL = "2026-11-24 10:11:12"
KINDS = ("accepted", "correction_requested", "not_accepted", "withdrawn", "amended")
"""A message to each call that a fresh case may hear, and its correction."""


def step(name, result, **said):
    """A 环节办理 as the gateway is told of it."""
    return {"process": {"nodeName": name, "nodeState": "02", "nodeResult": result, "gmtEnd": WALL, **said}}


GOLDEN = {
    "accepted": (
        {"document_no": "津受〔2026〕1号"},
        {"accept": {"result": "1", "gmtAccept": WALL, "acceptDocNo": "津受〔2026〕1号"}},
    ),
    "deemed_accepted": ({}, {"accept": {"result": "1", "gmtAccept": WALL}}),
    "not_accepted": (
        {"reason": "不属于本机关职权"},
        {"accept": {"result": "2", "gmtAccept": WALL, "reason": "不属于本机关职权"}},
    ),
    "not_required": (
        {"reason": "依法不需要取得许可"},
        {"accept": {"result": "2", "gmtAccept": WALL, "reason": "依法不需要取得许可"}},
    ),
    "correction_requested": (
        {"items": [{"text": "请补充环评批复", "field": "1.环评批复文号"}, {"text": "地址不一致"}]},
        step("补正", "5", items=[{"content": "请补充环评批复"}, {"content": "地址不一致"}]),
    ),
    "reviewing": (
        {"officer": "审甲", "opinion": "现场核查合格"},
        step("审查", "1", handleUser="审甲", opinion="现场核查合格"),
    ),
    "returned": ({"items": [{"text": "请更正产能"}]}, step("退回修改", "7", items=[{"content": "请更正产能"}])),
    "suspended": ({"reason": "专家评审"}, {"special": {"type": "B", "gmtStart": WALL, "reason": "专家评审"}}),
    "extended": ({"document_no": "津延1号"}, {"special": {"type": "A", "gmtStart": WALL, "docNo": "津延1号"}}),
    "granted": (
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
        {"reason": "不符合条件"},
        {"finish": {"result": "12", "gmtFinish": WALL, "resultDesc": "不符合条件"}},
    ),
    "issued": ({}, step("制证", "1")),
    "closed": ({}, step("办结", "1")),
    "terminated": ({"reason": "申请人终止"}, step("终止", "0", reason="申请人终止")),
    "revoked": ({}, step("撤销", "0")),
    "cancelled": ({}, step("注销", "0")),
}
"""State → what was said with it, and the message without its head."""


def hand_in(sim, outgoing) -> str:
    """A case that is held; its number."""
    receipt = sim.play(lambda adapter: sim.send(adapter, outgoing))
    assert isinstance(receipt, Receipt)
    return receipt.number or ""


@pytest.mark.parametrize("state", GOLDEN)
def test_a_message_says_what_was_said_and_nothing_else(told, state):
    """Golden: every field of every message comes from the step; what was not said is not there."""
    said, expected = GOLDEN[state]
    message = told(state, "C1", **said).payload
    assert message == {call: {"projectNo": "C1", "sn": "s1", **content} for call, content in expected.items()}
    jsonschema.Draft202012Validator(schema("message-v1")).validate(message)


def test_a_withdrawal_is_in_the_applicants_words(withdrawal):
    """Golden: case, step, reason and time of the withdrawal."""
    message = withdrawal("C1").payload
    assert message == {"withdraw": {"projectNo": "C1", "sn": "w1", "reason": "项目取消", "gmtWithdraw": WALL}}
    jsonschema.Draft202012Validator(schema("message-v1")).validate(message)


def test_a_correction_is_the_whole_case_again(source, corrected):
    """Golden: what a corrected revision tells is what an application of that revision would."""
    amended = corrected(2).payload
    source["facts"]["revision"] = 2
    source["data"]["applicant"]["registered_address"] = "天津市滨海新区更正路2号"
    assert amended == mappings()["discharge-permit", Kind.APPLY, None].write(source)
    assert amended["receive"]["version"] == 2


@pytest.mark.parametrize("matter", ["discharge-permit", "radiation-licence"])
def test_every_word_of_a_decider_can_be_told(matter):
    """Whatever state somebody else is the owner of in a matter, there is a message for it."""
    manifest = read_manifest(Path("adapters/municipal/manifest.toml"))
    owners = Catalogue(Path("schemas")).matter(matter).owners
    others = {state for state, owner in owners.items() if owner != "municipal" and not state.endswith("_number")}
    assert others <= set(GOLDEN)
    assert {kind.value for name, kind, _ in mappings() if name == matter} == set(manifest.kinds)


def test_a_decision_waits_for_its_licence_number(source):
    """准予 needs the licence's number; 不予许可 does not."""
    mapping = mappings()["discharge-permit", Kind.DECISION, None]
    facts = source["facts"] | {"case_number": "C1", "step": {"id": "s", "state": "granted", "at": WALL}}
    assert mapping.missing({**source, "facts": facts}) == ["licence_number"]
    facts["step"]["state"] = "refused"
    assert mapping.missing({**source, "facts": facts}) == []
    del facts["case_number"]
    assert mapping.missing({**source, "facts": facts}) == ["case_number"]


def test_a_case_goes_through_its_life(sim, outgoing, told, withdrawal):
    """受理, 特别程序, 审查, 准予: each is found before and after it is told, and the status follows."""
    case = hand_in(sim, outgoing)
    lives = [("accepted", "02"), ("suspended", "05"), ("reviewing", "04"), ("granted", "10"), ("issued", "10")]
    for place, (state, status) in enumerate(lives):
        one = told(state, case, f"s{place}", **GOLDEN[state][0])

        async def act(adapter, one=one):
            return await adapter.find(one), await sim.send(adapter, one), await adapter.find(one)

        before, receipt, after = sim.play(act)
        assert isinstance(before, Absent)
        assert (receipt.number, receipt.status_raw, receipt.status) == (case, status, STATUSES.state(status))
        assert isinstance(after, Held)
        assert after.receipt.status_raw == status
    (record,) = sim.records()
    held = {name: record["fields"].get(name) for name in ("finish.resultCode", "process[0].opinion", "special[0].type")}
    assert held == {
        "finish.resultCode": "91120116MA05000011001P",
        "process[0].opinion": "现场核查合格",
        "special[0].type": "B",
    }
    assert not [name for name in record["fields"] if name.startswith("process[1].") and name.endswith(("on", "User"))]
    assert isinstance(sim.play(lambda adapter: sim.send(adapter, withdrawal(case))), Refused)


def test_what_was_told_is_read_back(sim, outgoing, told, withdrawal):
    """The adapter's records hold every message's fields, exactly as they were told."""
    case = hand_in(sim, outgoing)
    messages = [told("accepted", case, "s1", **GOLDEN["accepted"][0]), withdrawal(case)]

    async def act(adapter):
        for one in messages:
            await sim.send(adapter, one)
        return [record async for record in adapter.records(Window())]

    (record,) = sim.play(act)
    (shown,) = sim.records()
    assert record.fields == shown["fields"]
    for one in messages:
        assert flatten(one.payload).items() <= record.fields.items()


@pytest.mark.parametrize("state", ["granted", "refused", "reviewing", "returned", "suspended", "terminated"])
def test_out_of_order_is_refused_with_words(sim, outgoing, told, state):
    """What may only follow 受理 is not taken before it, and the refusal says where to look."""
    case = hand_in(sim, outgoing)
    outcome = sim.play(lambda adapter: sim.send(adapter, told(state, case)))
    assert isinstance(outcome, Refused)
    assert outcome.code == "410"
    assert "状态不允许" in str(outcome)
    assert [one["status"] for one in sim.records()] == ["00"]


def test_a_message_told_twice_counts_once(sim, outgoing, told):
    """The same step again is answered as before; another under the same number is refused and found to be another."""
    case = hand_in(sim, outgoing)
    first = sim.play(lambda adapter: sim.send(adapter, told("accepted", case)))
    again = sim.play(lambda adapter: sim.send(adapter, told("accepted", case)))
    assert (first.status_raw, again.status_raw) == ("02", "02")
    for other in (told("accepted", case, officer="他人"), told("reviewing", case)):
        outcome = sim.play(lambda adapter, one=other: sim.send(adapter, one))
        assert isinstance(outcome, Refused)
        assert outcome.code == "409"
        assert isinstance(sim.play(lambda adapter, one=other: adapter.find(one)), Unclear)
    assert isinstance(sim.play(lambda adapter: adapter.find(told("accepted", case))), Held)
    assert [one["status"] for one in sim.records()] == ["02"]


@pytest.mark.parametrize(("held", "expected"), [(True, Receipt), (False, TryLater)])
def test_a_conflict_is_looked_into(sim, outgoing, told, held, expected):
    """A 409 about a message that is held is a receipt; one whose cause is gone is tried again."""
    case = hand_in(sim, outgoing)
    one = told("accepted", case)

    async def act(adapter):
        if held:
            await sim.send(adapter, one)
        other = told("accepted", case, officer="他人")
        real = adapter._client.tell

        async def tell(call, content):
            if not held:  # somebody else's message, gone by the time we ask
                await real(call, other.payload["accept"])
            return await real(call, content if not held else other.payload["accept"])

        adapter._client.tell = tell
        if not held:
            ask = adapter._client.by_our_number

            async def by_our_number(number):
                sim.ask("/_control/tamper", {"remove": case})
                return await ask(number)

            adapter._client.by_our_number = by_our_number
        return await sim.send(adapter, one)

    assert isinstance(sim.play(act), expected)


@pytest.mark.parametrize("answer", [{"status": "PENDING"}, {"status": None}, {}, {"projectNo": "other"}])
def test_an_answer_that_is_no_receipt_is_unknown(sim, told, answer):
    """处理中, no status, or another case's number: whether it was done is asked, never assumed."""
    one = told("accepted", "C1")

    async def act(adapter):
        async def tell(_call, content):
            return {"projectNo": content["projectNo"], "status": "02", **answer} if answer else {}, b"raw"

        adapter._client.tell = tell
        return await sim.send(adapter, one)

    assert isinstance(sim.play(act), OutcomeUnknown)


FAULTS = {
    "commit_then_drop": OutcomeUnknown,
    "drip": OutcomeUnknown,
    "endless": OutcomeUnknown,
    "slow_commit": OutcomeUnknown,
    "error_500": OutcomeUnknown,
    "unknown_code": OutcomeUnknown,
    "html_200": OutcomeUnknown,
    "close": OutcomeUnknown,
    "refuse": OutcomeUnknown,
    "error_503": TryLater,
    "limit_429": TryLater,
    "maintenance": TryLater,
    "expired_token": TryLater,
}
"""Each fault of a write, and what it is for us."""
STRIKES = [
    *(("accepted", fault) for fault in FAULTS),
    *((kind, fault) for kind in KINDS[1:] for fault in ("commit_then_drop", "error_500", "close")),
]


def struck_once(sim, fault, call):
    """A call with the fault at its first use."""
    left = [1]

    async def struck(*what):
        if left:
            left.pop()
            sim.faults(fault, **({"seconds": 0.1} if fault == "slow_commit" else {}))
        return await call(*what)

    return struck


@pytest.mark.parametrize(("kind", "fault"), STRIKES)
def test_a_lost_answer_leaves_one_effect(sim, outgoing, told, withdrawal, corrected, *, fault, kind):
    """However an answer is lost, asking tells whether it was done, and doing it then has effect once."""
    case = hand_in(sim, outgoing)
    one, status = {
        "accepted": (told("accepted", case), "02"),
        "correction_requested": (told("correction_requested", case), "03"),
        "not_accepted": (told("not_accepted", case), "07"),
        "withdrawn": (withdrawal(case), "13"),
        "amended": (corrected(2), "00"),
    }[kind]
    if kind == "amended":
        sim.play(lambda adapter: sim.send(adapter, told("correction_requested", case, "c1")))

    async def act(adapter):
        memo = dict(NOTHING_DONE, files={})
        if kind == "amended":  # files first, so that the fault strikes the last call
            await adapter._prepare(one, memo)
        for name in ("hand_in", "tell"):
            setattr(adapter._client, name, struck_once(sim, fault, getattr(adapter._client, name)))
        struck = await sim.send(adapter, one, memo)
        sim.faults()
        if fault == "slow_commit":
            await asyncio.sleep(0.4)  # the gateway's own delay runs in real time
        found = await adapter.find(one)
        then = found if isinstance(found, Held) else await sim.send(adapter, one, struck.memo or {})
        return struck, found, then, await adapter.find(one)

    struck, found, then, last = sim.play(act, total_seconds=0.6)
    assert isinstance(struck, FAULTS[fault]), struck
    assert isinstance(found, Held | (Partial if kind == "amended" else Absent))
    if fault in {"commit_then_drop", "drip", "endless", "slow_commit"}:
        assert isinstance(found, Held)
    assert isinstance(then, Held | Receipt)
    assert isinstance(last, Held)
    (record,) = sim.records()
    assert record["status"] == status
    assert last.receipt.status_raw == status


def test_a_correction_before_any_request_replaces_the_case(sim, outgoing, corrected):
    """Where nobody asked for a correction, a higher version goes by `receive`; the status stays."""
    hand_in(sim, outgoing)
    assert sim.play(lambda adapter: sim.send(adapter, corrected(2))).status_raw == "00"
    (record,) = sim.records()
    assert record["fields"]["receive.applicantVO.address"] == "天津市滨海新区更正路2号"


@pytest.mark.parametrize(
    ("before", "status"), [(["correction_requested"], "00"), (["accepted", "returned"], "04")], ids=["补正", "退回修改"]
)
def test_a_correction_is_a_supplement(sim, outgoing, told, corrected, *, before, status):
    """After 补正 the corrected case goes by `supplement`, and the case stands where it stood before."""
    case = hand_in(sim, outgoing)
    for place, state in enumerate(before):
        receipt = sim.play(lambda adapter, s=state, p=place: sim.send(adapter, told(s, case, f"s{p}")))
    assert receipt.status_raw == "03"
    assert sim.play(lambda adapter: sim.send(adapter, corrected(2))).status_raw == status
    assert isinstance(sim.play(lambda adapter: adapter.find(corrected(2))), Held)
    (record,) = sim.records()
    assert record["fields"]["receive.applicantVO.address"] == "天津市滨海新区更正路2号"
    assert record["fields"]["process[0].nodeResult"] in {"5", "7"}


def test_its_own_echo_can_be_read(sim, outgoing, told):
    """What we told comes back in the stream as the gateway's status: it is read, and says nothing in anyone's name."""
    case = hand_in(sim, outgoing)
    sim.play(lambda adapter: sim.send(adapter, told("accepted", case, officer="审甲", opinion="同意受理")))
    page = sim.play(lambda adapter: adapter.changes(None))
    assert [(one.number, one.status_raw) for one in page.items] == [(case, "00"), (case, "02")]
    assert all(one.word.officer is None and one.word.opinion is None for one in page.items)


@pytest.mark.parametrize(
    ("state", "name", "value"),
    [
        ("accepted", "handleUser", "审" * 101),
        ("reviewing", "opinion", "𠮷" * 1001),
        ("reviewing", "nodeName", ""),
        ("correction_requested", "items", [{"content": "改" * 2001}]),
        ("granted", "resultCode", None),
        ("refused", "resultDesc", None),
        ("not_accepted", "reason", None),
        ("accepted", "gmtAccept", "2026-02-30 10:00:00"),
        *(("accepted", name, None) for name in ("projectNo", "sn", "gmtAccept", "result")),
    ],
)
def test_the_gateway_is_strict_about_messages(sim, outgoing, told, *, state, name, value):
    """Lengths in UTF-16 units, required fields and days of the calendar are checked; the case stays as it was."""
    case = hand_in(sim, outgoing)
    ((call, content),) = told(state, case).payload.items()
    content[name] = value
    content = {name: value for name, value in content.items() if value is not None}

    async def act(adapter):
        try:
            return await adapter._client.tell(call, content)
        except Refused as error:
            return error

    outcome = sim.play(act)
    assert isinstance(outcome, Refused)
    assert outcome.code == "422"
    assert outcome.fields
    assert all(one.path.startswith(call) for one in outcome.fields)
    assert [one["status"] for one in sim.records()] == ["00"]


def test_an_unknown_case_hears_nothing(sim, told):
    """A message about a case that the gateway does not hold is refused."""
    outcome = sim.play(lambda adapter: sim.send(adapter, told("accepted", "no-such-case")))
    assert isinstance(outcome, Refused)
    assert outcome.code == "400"
