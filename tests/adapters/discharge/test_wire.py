"""The adapter and the simulated platform on real wires, the platform in a process of its own."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from adapters.discharge.mapping import mappings
from bridge.contract.adapter import answer_came
from bridge.contract.outcome import Absent, Held, Partial, Receipt, Unclear
from bridge.contract.outgoing import BusinessKey, Outgoing
from bridge.contract.remote import Window
from bridge.errors import AccessDenied, OutcomeUnknown, Refused, TryLater
from bridge.model.delivery import Kind
from bridge.model.lifecycle import ApplicationState
from bridge.testing.conformance import CHECKS, Case


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_conformance(sim, outgoing, check):
    """Every law that holds for every adapter."""
    sim.play(lambda adapter: check(Case(adapter, outgoing, sim.ask)))


def test_one_entry_becomes_one_application(sim, outgoing):
    """Account, draft, files and submission: one record, field by field, with every file by digest."""
    outcome = sim.play(lambda adapter: sim.send(adapter, outgoing))
    assert isinstance(outcome, Receipt)
    assert (outcome.status, outcome.status_raw, outcome.lodged) == (ApplicationState.SUBMITTED, "ZT_2", False)
    (record,) = sim.records()
    assert (record["key"], record["number"], record["status"]) == (outgoing.key.number, outcome.number, "ZT_2")
    assert record["fields"]["1.单位名称"] == outgoing.payload["1"]["单位名称"]
    assert record["fields"]["6[0].排气筒高度(m)"] == "25"
    assert {(one["name"], one["digest"]) for one in record["materials"]} == {
        (file.name, file.digest) for file in outgoing.materials
    }


def test_the_platform_takes_every_sample(sim, samples, enter):
    """Whatever people enter is taken as it is, many at once, each once."""

    async def act(adapter):
        mapping = mappings()[("discharge-permit", Kind.APPLY, None)]
        gate = asyncio.Semaphore(adapter.manifest.limits.concurrency)

        async def one(place, document):
            source, files = enter(document, f"YCL{place:016d}")
            key = BusinessKey(
                "a", source["facts"]["number"], None, None, "discharge-permit", document["type"], "", "", 0
            )
            outgoing = Outgoing("d", Kind.APPLY, 1, None, mapping.write(source), key, files, {})
            async with gate:
                return await sim.send(adapter, outgoing)

        return await asyncio.gather(*(one(place, document) for place, document in enumerate(samples)))

    outcomes = sim.play(act)
    assert [getattr(one, "fields", one) for one in outcomes if not isinstance(one, Receipt)] == []
    held = {one["key"]: one for one in sim.records()}
    assert len(held) == len(sim.records()) == len(samples)
    for place, document in enumerate(samples):
        record = held[f"YCL{place:016d}"]
        assert record["fields"]["1.单位名称"] == document["data"]["applicant"]["name"]
        assert len(record["materials"]) == len(document["materials"])


def test_records_are_what_the_side_door_shows(sim, outgoing):
    """The adapter reads back exactly what the platform holds, page by page and by time of change."""

    async def act(adapter):
        await sim.send(adapter, outgoing)
        held = [record async for record in adapter.records(Window())]
        later = [record async for record in adapter.records(Window(since=4_102_444_800_000_000))]
        return held, later

    ((record,), later) = sim.play(act)
    (shown,) = sim.records()
    assert later == []
    assert (record.key, record.number, record.status_raw, record.fields) == (
        shown["key"],
        shown["number"],
        shown["status"],
        shown["fields"],
    )
    assert record.status is ApplicationState.SUBMITTED
    assert sorted(record.materials) == sorted((one["name"], one["digest"]) for one in shown["materials"])


def test_a_refusal_names_the_payloads_own_fields(sim, outgoing):
    """What the platform does not take comes back as paths that the mapping traces to the form."""
    outgoing.payload["1"]["统一社会信用代码"] = outgoing.payload["account"]["SocietyCode"]
    outgoing.payload["5"][0]["排放口编号"] = "DA009"
    outgoing.payload["1"]["投产日期"] = "2020-02-30"
    outcome = sim.play(lambda adapter: sim.send(adapter, outgoing))
    assert isinstance(outcome, Refused)
    assert {one.path for one in outcome.fields} == {"5[0].排放口编号", "1.投产日期"}
    assert sim.records() == []


def test_a_token_that_has_ended_is_renewed_once(sim, outgoing):
    """A token that the platform forgot, or calls expired, costs one more call and nothing else."""

    async def act(adapter):
        await adapter.check()
        sim.ask("/_control/reset", {})
        sim.faults("expired_token", share=1, on="writes", count=1)
        return await sim.send(adapter, outgoing)

    assert isinstance(sim.play(act), Receipt)


def test_a_credential_that_is_not_accepted_is_access_denied(sim, outgoing):
    """A wrong secret is no refusal of the application: the target is to be held."""
    assert isinstance(sim.play(lambda adapter: sim.send(adapter, outgoing), client_secret="wrong"), AccessDenied)
    sim.faults("expired_token", share=1, on="all")
    assert isinstance(sim.play(lambda adapter: sim.send(adapter, outgoing)), AccessDenied)


def test_the_account_is_asked_for_once(sim, outgoing):
    """A company without an account gets one; a second application of it uses the same."""

    async def act(adapter):
        first = await sim.send(adapter, outgoing)
        payload = {**outgoing.payload, "外部编号": "YCL2026112300000023"}
        sim.ask("/_control/decide", {"number": first.number, "act": "not_accept"})
        key = replace(outgoing.key, number="YCL2026112300000023")
        return first, await sim.send(adapter, outgoing, payload=payload, key=key)

    first, second = sim.play(act)
    assert first.memo["account"] == second.memo["account"]
    assert first.number != second.number


def test_an_attempt_goes_on_where_the_last_one_stopped(sim, outgoing):
    """The memo of a failed attempt names account, draft and files; they are not made again."""

    async def act(adapter):
        held = await sim.send(adapter, outgoing, materials=outgoing.materials[:1])
        partial = await adapter.find(outgoing)
        sim.faults("error_503", share=1, on="writes")
        later = await sim.send(adapter, outgoing, memo=partial.memo)
        sim.faults()
        return held, partial, later, await sim.send(adapter, outgoing, memo={**partial.memo, **later.memo})

    held, partial, later, done = sim.play(act)
    assert isinstance(held, OutcomeUnknown)  # a file is missing: looked at again
    assert isinstance(partial, Partial)
    assert len(partial.memo["files"]) == 1
    assert isinstance(later, TryLater)
    assert later.after == 1.0
    assert isinstance(done, Receipt)
    (record,) = sim.records()
    assert len(record["materials"]) == 2


def test_what_is_noted_of_a_vanished_draft_is_void(sim, outgoing):
    """A draft that is gone from the platform is begun anew."""

    async def act(adapter):
        gone = {"account": "ZH0", "dataid": "00000000-0000-4000-8000-000000000000", "files": {}}
        lost = await sim.send(adapter, outgoing, memo=gone)
        return lost, await sim.send(adapter, outgoing, memo={**gone, **lost.memo})

    lost, done = sim.play(act)
    assert isinstance(lost, TryLater)
    assert isinstance(done, Receipt)


@pytest.mark.parametrize("fault", ["commit_then_drop", "error_500", "unknown_code", "html_200", "close"])
def test_no_fault_makes_a_second_record(sim, outgoing, fault):
    """Half of the writing calls go wrong: asked before it is sent again, the application is there once."""
    sim.faults(fault, share=0.5)

    async def act(adapter):
        memo = {}
        for _ in range(60):
            outcome = await sim.send(adapter, outgoing, memo=memo)
            if isinstance(outcome, Receipt):
                return outcome
            assert isinstance(outcome, OutcomeUnknown | TryLater)
            memo = {**memo, **(outcome.memo or {})}
            if isinstance(outcome, OutcomeUnknown):
                found = await adapter.find(outgoing)
                if isinstance(found, Held):
                    return found.receipt
                memo = {**memo, **(found.memo if isinstance(found, Partial) else {})}
        return None

    receipt = sim.play(act)
    assert receipt is not None
    (record,) = sim.records()
    assert record["number"] == receipt.number
    assert len(record["materials"]) == 2


def test_a_platform_that_answers_others_is_not_silent(sim, outgoing):
    """An attempt that loses its own call, but has had answers, tells the engine of these: it is no silence."""
    sim.faults("commit_then_drop", share=1)
    answers = []

    async def act(adapter):
        answer_came.set(lambda: answers.append(1))
        return await sim.send(adapter, outgoing)

    assert isinstance(sim.play(act), TryLater)
    assert answers


def test_a_late_commit_is_no_second_record(sim, outgoing):
    """The platform commits after we gave up: sent again, it is still one record."""
    sim.faults("slow_commit", share=1, count=3, seconds=0.1)

    async def act(adapter):
        memo = {}
        for _ in range(10):
            outcome = await sim.send(adapter, outgoing, memo=memo)
            if isinstance(outcome, Receipt):
                return outcome
            memo = {**memo, **(outcome.memo or {})}
        return None

    assert isinstance(sim.play(act, total_seconds=0.4), Receipt)
    assert len(sim.records()) == 1


def test_find_says_what_is_there(sim, outgoing):
    """Nothing, this revision, an older one, a newer one, several: each is told apart."""

    async def act(adapter):
        absent = await adapter.find(outgoing)
        await sim.send(adapter, outgoing)
        number = (await adapter.find(outgoing)).receipt.number
        newer = await adapter.find(replace(outgoing, revision=2))
        older = await adapter.find(replace(outgoing, revision=0))
        sim.ask("/_control/tamper", {"copy": number})
        return absent, newer, older, await adapter.find(outgoing)

    absent, newer, older, several = sim.play(act)
    assert (absent, newer) == (Absent(), Absent())
    assert isinstance(older, Unclear)
    assert isinstance(several, Unclear)


@pytest.mark.parametrize("fault", ["drip", "endless", "limit_429", "maintenance"])
def test_a_sick_platform_is_left_in_time(sim, outgoing, fault):
    """Dripping, endless, overloaded or closed: the attempt ends in its time and as something to try or ask again."""
    sim.faults(fault, share=1)
    outcome = sim.play(lambda adapter: sim.send(adapter, outgoing), total_seconds=0.4)
    assert isinstance(outcome, TryLater)
