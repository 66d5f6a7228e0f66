"""The adapter and the simulated system on real wires, the system in a process of its own."""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace
from uuid import UUID

import pytest

from adapters.radiation.mapping import mappings
from bridge.contract.outcome import Absent, Held, Partial, Receipt, Unclear
from bridge.contract.outgoing import BusinessKey, Outgoing
from bridge.contract.remote import CallbackRequest, Window
from bridge.errors import AccessDenied, OutcomeUnknown, Refused, TryLater
from bridge.model.delivery import Kind
from bridge.model.ids import digest
from bridge.model.lifecycle import ApplicationState
from bridge.model.word import SILENT, Paper, PaperKind
from bridge.testing.conformance import CHECKS, Case
from bridge.testing.samples import generate


class ById(Case):
    """The laws, where the target knows the application by our id and gives its fact with the decision."""

    def held(self):
        """What the simulator holds of this application."""
        return [one for one in self.side_door("/_control/records", None)["records"] if one["key"] == self.application]

    @property
    def application(self):
        """Our id."""
        return self.outgoing.key.application


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_conformance(sim, outgoing, check):
    """Every law that holds for every adapter."""

    async def act(adapter):
        adapter.manifest = replace(adapter.manifest, gives=())  # given with the decision, not with the receipt
        await check(ById(adapter, outgoing, sim.ask))

    sim.play(act)


def test_a_round_trip(sim, outgoing):
    """Submitted, held, accepted, granted; the words come back as they were said, and the licence as a file."""

    async def act(adapter):
        absent = await adapter.find(outgoing)
        receipt = await sim.send(adapter, outgoing)
        found = await adapter.find(outgoing)
        first = await adapter.changes(None)
        sim.decide(receipt.number, "accept", officer="测试庚")
        sim.decide(receipt.number, "grant", licence={"no": "津环辐证[00052]"})
        page = await adapter.changes(first.cursor)
        files = [await adapter.fetch(paper) for paper in page.items[1].word.papers]
        return absent, receipt, found, first, page, files

    absent, receipt, found, first, page, files = sim.play(act)
    assert absent == Absent()
    assert (receipt.status, receipt.status_raw) == (ApplicationState.SUBMITTED, "NOT_RESPONDED")
    assert isinstance(found, Held)
    assert found.receipt.number == receipt.number
    assert [one.status for one in first.items] == [ApplicationState.SUBMITTED]
    accepted, granted = page.items
    assert {(one.number, one.key) for one in page.items} == {(receipt.number, outgoing.key.application)}
    assert (accepted.status, accepted.word.officer, accepted.word.opinion) == (
        ApplicationState.ACCEPTED,
        "测试庚",
        None,
    )
    assert [one.kind for one in accepted.word.papers] == [PaperKind.ACCEPTANCE]
    assert granted.status is ApplicationState.GRANTED
    assert granted.facts == {"licence_number": "津环辐证[00052]"}
    assert granted.word.officer is None
    licence = granted.word.licence
    assert licence.number == "津环辐证[00052]"
    assert None not in (licence.issued_on, licence.valid_from, licence.valid_to, licence.issuer)
    assert [one.kind for one in granted.word.papers] == [PaperKind.DECISION, PaperKind.LICENCE]
    for paper, data in zip(granted.word.papers, files, strict=True):
        assert data.startswith(b"%PDF-")
        assert digest(data) == paper.digest


def test_what_is_left_out_is_made_and_marked(sim, outgoing):
    """The simulator makes number, dates, documents and reasons, and says 模拟; nobody's name and no opinion."""

    async def act(adapter):
        receipt = await sim.send(adapter, outgoing)
        for name in ("accept", "grant"):
            sim.decide(receipt.number, name)
        return (await adapter.changes(None)).items

    *_, accepted, granted = sim.play(act)
    assert re.fullmatch(r"津环辐证\[[0-9]{5}\]", granted.word.licence.number)
    assert "模拟" in granted.word.licence.issuer
    assert "模拟" in accepted.word.papers[0].number
    assert (granted.word.officer, granted.word.opinion) == (None, None)


@pytest.mark.parametrize(
    ("acts", "status"),
    [
        (("not_accept",), ApplicationState.NOT_ACCEPTED),
        (("accept", "refuse"), ApplicationState.REFUSED),
        (("correct",), ApplicationState.CORRECTION_REQUESTED),
        (("accept", "return"), ApplicationState.RETURNED),
        (("withdraw",), ApplicationState.WITHDRAWN),
        (("accept", "grant", "revoke"), ApplicationState.REVOKED),
        (("accept", "grant", "cancel"), ApplicationState.CANCELLED),
    ],
)
def test_every_other_word_comes_back(sim, outgoing, acts, status):
    """Not accepted, refused, to be corrected, withdrawn: each with its reason and its items."""

    async def act(adapter):
        receipt = await sim.send(adapter, outgoing)
        for name in acts[:-1]:
            sim.decide(receipt.number, name)
        words = {
            "reason": "材料不全",
            "items": [{"content": "核素名称有误", "field": "nuclideActiveRange[0].nuclideName"}],
        }
        sim.decide(receipt.number, acts[-1], **words)
        return (await adapter.changes(None)).items[-1]

    change = sim.play(act)
    assert change.status is status
    assert change.word.licence is None
    if acts[-1] != "withdraw":
        assert change.word.reason == "材料不全"
    if acts[-1] in ("correct", "return"):
        (item,) = change.word.items
        assert item.text == "核素名称有误"
        mapping = mappings()["radiation-licence", Kind.APPLY, None]
        assert mapping.to_form(item.field) == "/data/permit/sources/0/nuclide"


def test_a_corrected_revision_takes_the_olds_place(sim, outgoing):
    """补正: the second revision under the same instanceId is the same business; what is accepted changes no more."""

    async def act(adapter):
        receipt = await sim.send(adapter, outgoing)
        sim.decide(receipt.number, "correct")
        better = {**outgoing.payload, "dataVersion": 2, "companyName": "天津海晏试验医院（补正）"}
        amended = replace(outgoing, kind=Kind.AMEND, revision=2, payload=better)
        missing = await adapter.find(amended)
        again = await sim.send(adapter, amended)
        found = await adapter.find(amended)
        sim.decide(receipt.number, "accept")
        late = {**better, "dataVersion": 3, "companyName": "天津海晏试验医院（再改）"}
        return receipt, missing, again, found, await sim.send(adapter, amended, revision=3, payload=late)

    receipt, missing, again, found, late = sim.play(act)
    assert missing == Absent()
    assert again.number == receipt.number
    assert isinstance(found, Held)
    assert isinstance(late, Refused)
    assert late.code == "R2004"
    (record,) = sim.records()
    assert record["fields"]["companyName"] == "天津海晏试验医院（补正）"
    assert record["status"] == "ACCEPTED"


def test_a_withdrawal(sim, outgoing, source):
    """撤回: absent, then held; twice is once; nothing is taken back that is not there, or decided."""
    facts = {**source["facts"], "withdrawal": {"at": "2026-11-25T09:00:00+08:00", "reason": "项目取消"}}
    payload = mappings()["radiation-licence", Kind.WITHDRAW, None].write({**source, "facts": facts})
    withdrawal = replace(outgoing, kind=Kind.WITHDRAW, payload=payload, materials=())

    async def act(adapter):
        nothing = await sim.send(adapter, withdrawal)
        await sim.send(adapter, outgoing)
        before = await adapter.find(withdrawal)
        outcomes = [await sim.send(adapter, withdrawal) for _ in range(2)]
        return nothing, before, outcomes, await adapter.find(withdrawal), (await adapter.changes(None)).items

    nothing, before, outcomes, after, changes = sim.play(act)
    assert isinstance(nothing, Refused)
    assert before == Absent()
    assert [one.status for one in outcomes] == [ApplicationState.WITHDRAWN] * 2
    assert isinstance(after, Held)
    assert [one.status for one in changes] == [ApplicationState.SUBMITTED, ApplicationState.WITHDRAWN]
    assert changes[1].word.reason == "项目取消"


def test_the_office_says_nothing_that_it_is_told_not_to(sim, outgoing):
    """A null is silence: no document, no licence, no reason; a licence that was held back comes at 制证."""

    async def act(adapter):
        receipt = await sim.send(adapter, outgoing)
        sim.decide(receipt.number, "accept", document=None)
        sim.decide(receipt.number, "grant", document=None, licence=None)
        sim.decide(receipt.number, "issue", licence={"number": "津环辐证[00052]", "valid_to": None})
        return (await adapter.changes(None)).items

    _, accepted, granted, issued = sim.play(act)
    assert accepted.word == granted.word == SILENT
    assert (granted.facts, issued.facts) == ({}, {"licence_number": "津环辐证[00052]"})
    assert issued.status is ApplicationState.ISSUED
    assert issued.word.licence.valid_to is None


def test_records_hold_what_the_mapping_wrote(sim, outgoing):
    """What went out is what the side door shows and what the adapter reads back, field by field, file by file."""

    async def act(adapter):
        await sim.send(adapter, outgoing)
        held = [record async for record in adapter.records(Window())]
        later = [record async for record in adapter.records(Window(since=4_102_444_800_000_000))]
        return held, later

    (record,), later = sim.play(act)
    (shown,) = sim.records()
    assert later == []
    assert shown["key"] == outgoing.key.application
    assert (record.key, record.number, record.status_raw, record.fields) == (
        shown["key"],
        shown["number"],
        shown["status"],
        shown["fields"],
    )
    assert shown["fields"]["companyName"] == "天津海晏试验医院"
    assert shown["fields"]["radialDepartments[1].workSite[0]"] == '核素操作室 <1> & "2"'
    assert shown["fields"]["attachments[1].size"] == outgoing.materials[1].size
    files = {(one.name, one.digest) for one in outgoing.materials}
    assert set(record.materials) == {(one["name"], one["digest"]) for one in shown["materials"]} == files


def test_the_system_takes_every_sample(sim, enter):
    """Whatever people enter is taken as it is, many at once, each once."""
    samples = list(generate("radiation-licence", seed=7, count=60))

    async def act(adapter):
        mapping = mappings()["radiation-licence", Kind.APPLY, None]
        gate = asyncio.Semaphore(adapter.manifest.limits.concurrency)

        async def one(place, document):
            application = str(UUID(int=place, version=4))
            source, files = enter(document, application)
            key = BusinessKey(application, "YCL1", None, None, "radiation-licence", "new", "", "", 0)
            async with gate:
                return await sim.send(
                    adapter, Outgoing("d", Kind.APPLY, 1, None, mapping.write(source), key, files, {})
                )

        return await asyncio.gather(*(one(place, document) for place, document in enumerate(samples)))

    outcomes = sim.play(act)
    assert [getattr(one, "fields", one) for one in outcomes if not isinstance(one, Receipt)] == []
    assert len({one["key"] for one in sim.records()}) == len(sim.records()) == len(samples)


def test_a_refusal_names_the_payloads_own_fields(sim, outgoing):
    """What the system does not take comes back as paths that the mapping traces to the form."""
    outgoing.payload["organizationCode"] = "91120116MA05000012"
    outgoing.payload["nuclideActiveRange"][0]["nuclideCategory"] = "2"
    outcome = sim.play(lambda adapter: sim.send(adapter, outgoing))
    assert isinstance(outcome, Refused)
    assert {one.path for one in outcome.fields} == {"organizationCode", "nuclideActiveRange[0].nuclideCategory"}
    assert sim.records() == []


def test_a_character_that_xml_cannot_carry_is_never_sent(sim, outgoing):
    """It is refused here, at its field; nothing leaves."""
    outgoing.payload["radialDepartments"][0]["workSite"][1] = "后装\x0b治疗室"
    outcome = sim.play(lambda adapter: sim.send(adapter, outgoing))
    assert isinstance(outcome, Refused)
    assert [one.path for one in outcome.fields] == ["radialDepartments[0].workSite[1]"]
    assert sim.records() == []


def test_one_open_business_per_unit_and_site(sim, outgoing):
    """A second business of the same unit, site and type is refused while one is open."""

    async def act(adapter):
        await sim.send(adapter, outgoing)
        other = str(UUID(int=1, version=4))
        key = replace(outgoing.key, application=other)
        return await sim.send(adapter, outgoing, payload={**outgoing.payload, "instanceId": other}, key=key)

    outcome = sim.play(act)
    assert isinstance(outcome, Refused)
    assert outcome.code == "R2003"


def test_a_session_that_has_ended_is_renewed_once(sim, outgoing):
    """A session that the system forgot, or calls expired, costs one more call and nothing else."""

    async def act(adapter):
        await adapter.check()
        sim.ask("/_control/reset", {})
        sim.faults("expired_token", share=1, on="writes", count=1)
        return await sim.send(adapter, outgoing)

    assert isinstance(sim.play(act), Receipt)


def test_a_session_that_ends_again_at_once_is_no_denial(sim, outgoing):
    """The login was taken, so our credential is good: tried later, and the target is not held."""
    sim.faults("expired_token", share=1, on="writes")
    assert isinstance(sim.play(lambda adapter: sim.send(adapter, outgoing)), TryLater)


def test_a_credential_that_is_not_accepted_is_access_denied(sim, outgoing):
    """A wrong password is no refusal of the application: the target is to be held."""
    assert isinstance(sim.play(lambda adapter: sim.send(adapter, outgoing), password="wrong"), AccessDenied)
    sim.faults("expired_token", share=1, on="all")
    assert isinstance(sim.play(lambda adapter: sim.send(adapter, outgoing)), AccessDenied)


def test_an_attempt_goes_on_where_the_last_one_stopped(sim, outgoing):
    """The memo of a failed attempt names the files that are there; they are not sent again."""

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
    assert len(partial.memo["attachments"]) == 1
    assert isinstance(later, TryLater)
    assert later.after == 1.0
    assert isinstance(done, Receipt)
    (record,) = sim.records()
    assert len(record["materials"]) == 2


def test_a_file_sent_twice_is_one_file(sim, outgoing):
    """Who forgot what was sent sends it again, and it is the same file there."""

    async def act(adapter):
        return await sim.send(adapter, outgoing), await sim.send(adapter, outgoing)

    first, second = sim.play(act)
    assert first.number == second.number
    assert first.memo["attachments"] == second.memo["attachments"]


@pytest.mark.parametrize("fault", ["commit_then_drop", "error_500", "unknown_code", "html_200", "close"])
def test_no_fault_makes_a_second_record(sim, outgoing, fault):
    """Half of the writing calls go wrong: asked before it is sent again, the business is there once."""
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


def test_a_late_commit_is_no_second_record(sim, outgoing):
    """The system commits after we gave up: sent again, it is still one record."""
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
    """This revision, an older one, a newer one, several: each is told apart."""

    async def act(adapter):
        await sim.send(adapter, outgoing)
        number = (await adapter.find(outgoing)).receipt.number
        newer = await adapter.find(replace(outgoing, revision=2))
        older = await adapter.find(replace(outgoing, revision=0))
        sim.ask("/_control/tamper", {"copy": number})
        return newer, older, await adapter.find(outgoing)

    newer, older, several = sim.play(act)
    assert newer == Absent()
    assert isinstance(older, Unclear)
    assert isinstance(several, Unclear)


@pytest.mark.parametrize("fault", ["drip", "endless", "limit_429", "maintenance"])
def test_a_sick_system_is_left_in_time(sim, outgoing, fault):
    """Dripping, endless, overloaded or closed: the attempt ends in its time and as something to try or ask again."""
    sim.faults(fault, share=1)
    outcome = sim.play(lambda adapter: sim.send(adapter, outgoing), total_seconds=0.4)
    assert isinstance(outcome, TryLater | OutcomeUnknown)
    if fault in ("limit_429", "maintenance"):
        assert isinstance(outcome, TryLater)
        assert outcome.after == 1.0


@pytest.mark.parametrize("fault", ["html_200", "unknown_code", "error_500", "commit_then_drop"])
def test_a_read_that_goes_wrong_is_to_be_tried_later(sim, outgoing, fault):
    """Nothing is lost by reading again: a sick answer to a read is never an unknown outcome."""
    sim.faults(fault, share=1, on="reads")
    for read in (lambda adapter: adapter.changes(None), lambda adapter: adapter.find(outgoing)):
        with pytest.raises(TryLater):
            sim.play(read)


def test_a_file_that_is_not_there_is_refused(sim):
    """A paper without a file, and one whose file the system does not know, are told as such."""
    for file in (None, "0" * 32):
        with pytest.raises(Refused):
            sim.play(lambda adapter, file=file: adapter.fetch(Paper(PaperKind.OTHER, "文书", file=file)))


def test_it_takes_no_callbacks(sim):
    """The system calls nobody: whatever comes to the door in its name is not from it."""

    async def act(adapter):
        adapter.hear(CallbackRequest("POST", "/callbacks/radiation", {}, b"{}", 0))

    with pytest.raises(AccessDenied):
        sim.play(act)


def test_cases_that_were_born_there(sim):
    """A case that we never entered is told without a key of ours; many may be loaded, told to nobody."""
    number = sim.ask("/_control/born", {"seed": 3})["number"]
    assert sim.ask("/_control/load", {"count": 130})["loaded"] == 130

    async def act(adapter):
        held = [one async for one in adapter.records(Window())]
        return held, (await adapter.changes(None)).items

    held, changes = sim.play(act)
    assert len(held) == len(sim.records()) == 131
    assert [(one.number, one.key) for one in changes] == [(number, None)]
    assert next(one for one in held if one.number == number).key is None


def test_the_side_door_changes_what_is_held(sim, outgoing):
    """Set, copy, swap and remove are seen in the records and told to nobody."""

    async def act(adapter):
        await sim.send(adapter, outgoing)
        return (await adapter.changes(None)).cursor

    cursor = sim.play(act)
    (record,) = sim.records()
    number = record["number"]
    sim.ask("/_control/tamper", {"number": number, "set": {"nuclideActiveRange[0].nuclideCount": "7", "status": "X"}})
    sim.ask("/_control/tamper", {"swap_material": number})
    (changed,) = sim.records()
    assert (changed["fields"]["nuclideActiveRange[0].nuclideCount"], changed["status"]) == ("7", "X")
    assert changed["materials"] != record["materials"]
    copied = sim.ask("/_control/tamper", {"copy": number})["number"]
    sim.ask("/_control/tamper", {"remove": number})
    assert [one["number"] for one in sim.records()] == [copied]
    assert sim.play(lambda adapter: adapter.changes(cursor)).items == []
