"""Corrections and withdrawals over the wire: one case whatever is lost, the right revision, each kind found apart."""

from __future__ import annotations

from dataclasses import replace

import pytest

from adapters.discharge.mapping import mappings
from bridge.contract.outcome import Absent, Held, Partial, Receipt, Unclear
from bridge.contract.remote import Window
from bridge.errors import OutcomeUnknown, Refused, TryLater
from bridge.kit.mapping.paths import flatten
from bridge.model.delivery import Kind
from bridge.model.lifecycle import ApplicationState

LOST = ("commit_then_drop", "error_500", "unknown_code", "html_200", "close")


async def delivered(sim, adapter, outgoing):
    """One delivery as the engine would bring it through: asked before it is sent again. Its receipt."""
    memo = {}
    for _ in range(80):
        outcome = await sim.send(adapter, outgoing, memo=memo)
        if isinstance(outcome, Receipt):
            return outcome
        assert isinstance(outcome, OutcomeUnknown | TryLater), outcome
        memo = {**memo, **(outcome.memo or {})}
        if isinstance(outcome, OutcomeUnknown):
            found = await adapter.find(outgoing)
            if isinstance(found, Held):
                return found.receipt
            assert not isinstance(found, Unclear)
            memo = {**memo, **(found.memo if isinstance(found, Partial) else {})}
    raise AssertionError("not delivered")


def handed_in(sim, outgoing, *acts):
    """The number of an application that was handed in, after what the office did with it."""
    number = sim.play(lambda adapter: sim.send(adapter, outgoing)).number
    for act in acts:
        sim.ask("/_control/decide", {"number": number, "act": act})
    return number


def stands_corrected(sim, number, corrected, status):
    """Whether the platform holds one case, this one, with the corrected cards and files."""
    (record,) = sim.records()
    assert (record["number"], record["status"]) == (number, status)
    assert (record["fields"]["版本"], record["fields"]["1.生产经营场所地址"]) == (2, "天津市滨海新区试验路3号")
    assert {one["digest"] for one in record["materials"]} == {one.digest for one in corrected.materials}


@pytest.mark.parametrize(
    "case",
    [
        ([], "ZT_2", ApplicationState.SUBMITTED),
        (["correct"], "ZT_2", ApplicationState.SUBMITTED),
        (["accept", "return"], "ZT_3", ApplicationState.REVIEWING),
    ],
)
def test_a_correction_replaces_what_was_handed_in(sim, outgoing, corrected, case):
    """Before 受理, after 补正 and after 退回: the same case, the later 版本, and where it goes on from there."""
    acts, status, state = case
    number = handed_in(sim, outgoing, *acts)
    receipt = sim.play(lambda adapter: sim.send(adapter, corrected))
    assert isinstance(receipt, Receipt)
    assert (receipt.number, receipt.status) == (number, state)
    stands_corrected(sim, number, corrected, status)


def test_only_new_files_are_uploaded(sim, outgoing, corrected):
    """A file that the platform has already is not sent again."""
    handed_in(sim, outgoing, "correct")
    opened = []

    def watched(file):
        def open_():
            opened.append(file.name)
            return file.open()

        return replace(file, open=open_)

    files = tuple(map(watched, corrected.materials))
    assert isinstance(sim.play(lambda adapter: sim.send(adapter, corrected, materials=files)), Receipt)
    assert opened == [corrected.materials[1].name]


def test_what_was_not_handed_in_is_not_what_the_office_reads(sim, outgoing, corrected):
    """A correction that was put but not handed in leaves the first one standing, and it is too late after 受理."""
    number = handed_in(sim, outgoing)

    async def act(adapter):
        lost = await sim.send(adapter, corrected, materials=corrected.materials[:1])
        before = await adapter.find(corrected)
        (record,) = sim.records()
        sim.ask("/_control/decide", {"number": number, "act": "accept"})
        return lost, before, record, await sim.send(adapter, corrected, memo=before.memo), await adapter.find(outgoing)

    lost, before, record, late, first = sim.play(act)
    assert isinstance(lost, OutcomeUnknown)  # a file is missing
    assert isinstance(before, Partial)
    assert record["fields"]["版本"] == 1
    assert isinstance(late, Refused)
    assert late.code == "E2004"
    assert isinstance(first, Held)  # whatever lies beside it
    assert sim.records()[0]["fields"]["版本"] == 1


@pytest.mark.parametrize("acts", [["accept"], ["accept", "grant"], ["not_accept"], ["withdraw"]])
def test_too_late_to_correct(sim, outgoing, corrected, acts):
    """After 受理, a decision or 撤回 a correction is refused in the platform's words, and changes nothing."""
    handed_in(sim, outgoing, *acts)
    before = sim.records()
    outcome = sim.play(lambda adapter: sim.send(adapter, corrected))
    assert isinstance(outcome, Refused)
    assert outcome.code == "E2004"
    assert sim.records() == before


@pytest.mark.parametrize("acts", [[], ["correct"], ["accept", "return"]])
@pytest.mark.parametrize("fault", LOST)
def test_lost_answers_make_one_corrected_case(sim, outgoing, corrected, fault, acts):
    """Half of the writing calls go wrong: there is one case, of the second revision, handed in once."""
    number = handed_in(sim, outgoing, *acts)
    sim.faults(fault, share=0.5)
    receipt = sim.play(lambda adapter: delivered(sim, adapter, corrected))
    sim.faults()
    assert receipt.number == number
    stands_corrected(sim, number, corrected, "ZT_3" if "return" in acts else "ZT_2")
    told = sim.play(lambda adapter: adapter.changes(None)).items
    assert len(told) == 2 + len(acts)


@pytest.mark.parametrize("place", [1, 2, 3])
def test_an_answer_lost_at_each_call(sim, outgoing, corrected, place):
    """Draft, upload, submission: whichever answer is lost, the correction comes through and is one."""
    number = handed_in(sim, outgoing, "correct")
    calls = 0

    async def act(adapter):
        nonlocal calls
        http, send = adapter._client._http, adapter._client._http.request

        async def request(method, path, **more):
            nonlocal calls
            writes = method == "POST" and path.startswith("/api")
            calls += writes
            if writes and calls == place:
                await send(method, path, **more)
                raise OutcomeUnknown("lost")
            return await send(method, path, **more)

        http.request = request
        return await delivered(sim, adapter, corrected)

    assert sim.play(act).number == number
    assert calls >= 3
    stands_corrected(sim, number, corrected, "ZT_2")


def test_a_first_attempt_is_never_handed_in_again_after_a_request_to_correct(sim, outgoing):
    """The answer of the first was lost, and 补正 came meanwhile: it counts as handed in, and is not sent once more."""
    number = handed_in(sim, outgoing, "correct")

    async def act(adapter):
        return await adapter.find(outgoing), await sim.send(adapter, outgoing)

    found, again = sim.play(act)
    assert isinstance(found, Held)
    assert isinstance(again, Receipt)
    assert [(one["number"], one["status"]) for one in sim.records()] == [(number, "ZT_7")]


def test_an_older_revision_never_comes_after_a_later_one(sim, outgoing, corrected):
    """A first revision that arrives after its correction is refused, and the correction stands."""
    number = handed_in(sim, outgoing)

    async def act(adapter):
        await sim.send(adapter, corrected)
        return await sim.send(adapter, outgoing)

    assert isinstance(sim.play(act), Refused)
    stands_corrected(sim, number, corrected, "ZT_2")


def test_an_older_draft_never_replaces_a_later_one(sim, outgoing, corrected):
    """A first revision that arrives while its correction is being handed in is refused, and the correction goes on."""

    async def act(adapter):
        apply = replace(corrected, kind=Kind.APPLY)
        begun = await sim.send(adapter, apply, materials=corrected.materials[:1])
        late = await sim.send(adapter, outgoing)
        return late, await sim.send(adapter, apply, memo=begun.memo)

    late, receipt = sim.play(act)
    assert isinstance(late, Refused)
    stands_corrected(sim, receipt.number, corrected, "ZT_2")


def test_a_draft_of_an_older_revision_is_written_anew(sim, outgoing, corrected):
    """An application that was corrected before it was ever handed in goes on in the same case, with the new cards."""

    async def act(adapter):
        await sim.send(adapter, outgoing, materials=outgoing.materials[:1])
        apply = replace(corrected, kind=Kind.APPLY)
        found = await adapter.find(apply)
        return found, await sim.send(adapter, apply, memo=found.memo)

    found, receipt = sim.play(act)
    assert isinstance(found, Partial)
    assert found.memo["dataid"] is None
    stands_corrected(sim, receipt.number, corrected, "ZT_2")


# -- withdrawing


@pytest.mark.parametrize("acts", [[], ["accept"], ["accept", "suspend"], ["correct"], ["accept", "return"]])
def test_an_application_is_taken_back_before_the_decision(sim, outgoing, withdrawal, acts):
    """In ZT_2, ZT_3 and ZT_7: an end, told once with the applicant's reason; said again it is the same answer."""
    number = handed_in(sim, outgoing, *acts)

    async def act(adapter):
        receipts = [await sim.send(adapter, withdrawal), await sim.send(adapter, withdrawal)]
        return receipts, (await adapter.changes(None)).items, [one async for one in adapter.records(Window())]

    (first, second), changes, (held,) = sim.play(act)
    assert (first.number, first.status, first.status_raw) == (number, ApplicationState.WITHDRAWN, "ZT_1/withdraw")
    assert first == second
    assert [one.status for one in changes].count(ApplicationState.WITHDRAWN) == 1
    assert changes[-1].word.reason == "计划有变"
    (record,) = sim.records()
    assert (held.status, held.status_raw, held.fields) == (first.status, first.status_raw, record["fields"])
    assert (record["status"], record["fields"]["撤回原因"]) == ("ZT_1", "计划有变")
    assert record["fields"]["撤回时间"] == "2026-11-23 10:00:00"


@pytest.mark.parametrize("acts", [["accept", "grant"], ["accept", "refuse"], ["not_accept"]])
def test_too_late_to_take_back(sim, outgoing, withdrawal, acts):
    """After a decision it is refused."""
    handed_in(sim, outgoing, *acts)
    outcome = sim.play(lambda adapter: sim.send(adapter, withdrawal))
    assert isinstance(outcome, Refused)
    assert outcome.code == "E2004"


def test_nothing_is_taken_back_where_nothing_is(sim, withdrawal):
    """A platform that holds nothing of the number refuses, and no case comes of it."""

    async def act(adapter):
        return await adapter.find(withdrawal), await sim.send(adapter, withdrawal)

    found, outcome = sim.play(act)
    assert found == Absent()
    assert isinstance(outcome, Refused)
    assert sim.records() == []


@pytest.mark.parametrize("fault", LOST)
def test_a_lost_answer_of_a_withdrawal_is_one_withdrawal(sim, outgoing, withdrawal, fault):
    """The answer is lost: asked, the platform shows the flag; one withdrawal is told."""
    number = handed_in(sim, outgoing)
    sim.faults(fault, share=1, count=1)
    receipt = sim.play(lambda adapter: delivered(sim, adapter, withdrawal))
    assert (receipt.number, receipt.status) == (number, ApplicationState.WITHDRAWN)
    told = sim.play(lambda adapter: adapter.changes(None)).items
    assert [one.status_raw for one in told] == ["ZT_2", "ZT_1/withdraw"]


def test_each_kind_is_found_by_its_own_mark(sim, outgoing, corrected, withdrawal):
    """Application and correction by the revision that was handed in, a withdrawal by its flag."""
    everything = (outgoing, corrected, withdrawal)

    async def act(adapter):
        stages = []
        for one in everything:
            stages.append([type(await adapter.find(each)) for each in everything])
            await sim.send(adapter, one)
        stages.append([type(await adapter.find(each)) for each in everything])
        return stages

    assert sim.play(act) == [
        [Absent, Absent, Absent],
        [Held, Absent, Absent],
        [Unclear, Held, Absent],
        [Unclear, Held, Held],
    ]


def test_a_withdrawn_case_is_no_draft(sim, outgoing, corrected, withdrawal):
    """What was taken back stands in ZT_1 as a draft does, but nothing goes on from it; a new number may be used."""
    handed_in(sim, outgoing)

    async def act(adapter):
        await sim.send(adapter, corrected, materials=corrected.materials[:1])  # a draft lies beside it
        await sim.send(adapter, withdrawal)
        found = await adapter.find(outgoing), await adapter.find(corrected)
        refused = await sim.send(adapter, corrected)
        payload = {**outgoing.payload, "外部编号": "YCL2026112300000023"}
        key = replace(outgoing.key, number="YCL2026112300000023")
        return found, refused, await sim.send(adapter, outgoing, payload=payload, key=key)

    (first, second), refused, new = sim.play(act)
    assert isinstance(first, Held)
    assert second == Absent()
    assert isinstance(refused, Refused)
    assert isinstance(new, Receipt)
    assert sorted(one["status"] for one in sim.records()) == ["ZT_1", "ZT_2"]


def test_of_several_cases_the_one_of_our_receipt_is_taken_back(sim, outgoing, withdrawal):
    """Two cases with our number: without a receipt nobody guesses; with one, that case and no other."""
    number = handed_in(sim, outgoing)
    sim.ask("/_control/tamper", {"copy": number})
    known = replace(withdrawal, key=replace(withdrawal.key, target_number=number))

    async def act(adapter):
        guess = await sim.send(adapter, withdrawal), await adapter.find(withdrawal)
        return guess, await sim.send(adapter, known), await adapter.find(known)

    (sent, found), receipt, held = sim.play(act)
    assert isinstance(sent, Refused)
    assert isinstance(found, Unclear)
    assert isinstance(held, Held)
    assert receipt.number == number
    assert {one["number"]: one["status"] for one in sim.records()}[number] == "ZT_1"
    assert [one["status"] for one in sim.records()].count("ZT_2") == 1


# -- mapping


def test_a_correction_is_told_as_the_application_is(source):
    """The same rows and the same schema, so that nothing differs but the 版本."""
    told = [mappings()[("discharge-permit", kind, None)] for kind in (Kind.APPLY, Kind.AMEND)]
    assert told[0].write(source) == told[1].write(source)
    assert told[0].target_schema == told[1].target_schema
    assert told[1].to_form("6[0].排放口编号") == "/data/permit/air_outlets/0/no"


def test_a_withdrawal_waits_for_its_word_and_adds_none(source):
    """Without a withdrawal there is nothing to tell; a reason that nobody gave is not told."""
    mapping = mappings()[("discharge-permit", Kind.WITHDRAW, None)]
    assert mapping.missing(source) == ["withdrawal"]
    source["facts"]["withdrawal"] = {"at": "2026-11-23T02:00:00.000Z"}
    assert mapping.missing(source) == []
    assert flatten(mapping.write(source)) == {
        "外部编号": source["facts"]["number"],
        "撤回时间": "2026-11-23 10:00:00",
    }
