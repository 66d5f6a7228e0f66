"""The adapter and the simulated gateway on real wires, the gateway in a process of its own."""

from __future__ import annotations

import asyncio
import copy
import datetime as dt
import random
from contextlib import nullcontext
from dataclasses import replace
from io import BytesIO

import pytest

from adapters.municipal.client.answers import file_key
from adapters.municipal.client.wire import Signer
from bridge.clock import SystemClock
from bridge.contract.adapter import still_ours
from bridge.contract.outcome import Absent, Held, Partial, Receipt, Unclear
from bridge.contract.remote import Window
from bridge.errors import AccessDenied, LeaseLost, OutcomeUnknown, Refused, SettingsError, TryLater
from bridge.kit.signing import sm3_hex
from bridge.model.ids import digest
from bridge.model.lifecycle import ApplicationState
from bridge.testing.conformance import CHECKS, Case
from bridge.testing.samples import generate, handmade

LATER = [
    ("error_503", {}),
    ("limit_429", {}),
    ("maintenance", {}),
    ("expired_token", {}),
    ("close", {}),
    ("html_200", {}),
]


class Shifted(SystemClock):
    """A machine whose clock is wrong."""

    def __init__(self, seconds: float) -> None:
        self._by = dt.timedelta(seconds=seconds)

    def now(self):
        """Wrong by so much."""
        return super().now() + self._by


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_conformance(sim, outgoing, check):
    """Every law that holds for every adapter."""
    sim.play(lambda adapter: check(Case(adapter, outgoing, sim.ask)))


def test_one_entry_becomes_one_case(sim, outgoing):
    """Number, files, hand in: one record, field by field, with every file by digest."""
    outcome = sim.play(lambda adapter: sim.send(adapter, outgoing))
    assert isinstance(outcome, Receipt)
    assert (outcome.status, outcome.status_raw, outcome.lodged) == (ApplicationState.RECEIVED, "00", False)
    assert outcome.facts == {"case_number": outcome.number}
    (record,) = sim.records()
    assert (record["key"], record["number"], record["status"]) == (outgoing.key.number, outcome.number, "00")
    assert record["fields"]["receive.applicantVO.name"] == "天津海晏试验化工有限公司"
    assert record["fields"]["receive.gmtApply"] == "2026-11-23 09:30:00"
    assert record["fields"]["projid/apply.taskCode"] == outgoing.payload["projid/apply"]["taskCode"]
    assert record["fields"]["receive.suffInfoList[1].attachName"] == "自行监测方案.pdf"
    assert {(one["name"], one["digest"]) for one in record["materials"]} == {
        (file.name, file.digest) for file in outgoing.materials
    }


def test_the_number_is_task_day_and_serial(sim, outgoing):
    """The 办件编号 is 31 characters of 实施编码, eight of the day, and a serial of at least four."""
    number = sim.play(lambda adapter: sim.send(adapter, outgoing)).number
    assert number.startswith(outgoing.payload["receive"]["matterCode"])
    assert len(number) == 43
    assert number[31:].isdigit()


def test_a_number_without_a_case_is_no_record(sim, outgoing):
    """What stopped before the last step is no case, and `find` says how far it came."""

    async def act(adapter):
        await adapter._client.number(outgoing.payload["projid/apply"])
        return await adapter.find(outgoing)

    found = sim.play(act)
    assert isinstance(found, Partial)
    assert found.memo["project_no"]
    assert sim.records() == []


def test_a_higher_revision_replaces_and_a_lower_is_unclear(sim, source, outgoing, deliver):
    """The same number with a higher version replaces the content; asking for the older one is no answer."""
    source = copy.deepcopy(source)
    source["facts"]["revision"] = 2
    source["data"]["applicant"]["registered_address"] = "天津市滨海新区试验路3号"
    second = deliver(source)

    async def act(adapter):
        first = await sim.send(adapter, outgoing)
        before = await adapter.find(second)
        again = await sim.send(adapter, second)
        return first, before, again, await adapter.find(second), await adapter.find(outgoing)

    first, before, again, held, older = sim.play(act)
    assert isinstance(before, Partial)
    assert first.number == again.number == held.receipt.number
    assert isinstance(older, Unclear)
    (record,) = sim.records()
    assert record["fields"]["receive.applicantVO.address"] == "天津市滨海新区试验路3号"


def test_same_version_with_other_content_is_refused(sim, source, outgoing, deliver):
    """A version that is held with other content is never taken for ours."""
    source = copy.deepcopy(source)
    source["data"]["applicant"]["name"] = "天津另一家试验有限公司"
    other = deliver(source)

    async def act(adapter):
        await sim.send(adapter, outgoing)
        return await adapter.find(other), await sim.send(adapter, other)

    found, outcome = sim.play(act)
    assert isinstance(found, Unclear)
    assert isinstance(outcome, Refused)
    assert outcome.code == "409"
    assert sim.records()[0]["fields"]["receive.applicantVO.name"] == "天津海晏试验化工有限公司"


def test_a_refusal_names_the_fields_that_the_mapping_knows(sim, outgoing):
    """422 lists the wrong fields by the payload's own paths, all at once, without the value."""
    payload = copy.deepcopy(outgoing.payload)
    payload["receive"]["applicantVO"]["certNo"] = "91120116MA05000012"
    payload["receive"]["gmtApply"] = "2026-02-30 10:00:00"
    outcome = sim.play(lambda adapter: sim.send(adapter, replace(outgoing, payload=payload)))
    assert isinstance(outcome, Refused)
    assert {one.path for one in outcome.fields} == {"receive.applicantVO.certNo", "receive.gmtApply"}
    assert "91120116MA05000012" not in str(outcome) + str(outcome.fields)
    assert sim.records() == []


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("applicantVO", "name"), "𠮷" * 51),
        (("applicantVO", "name"), ""),
        (("applicantVO", "zip"), "30045"),
        (("applicantVO", "type"), "8"),
        (("bizType",), "7"),
        (("bizType",), "2"),
        (("areaCode",), "370101"),
        (("deptCode",), "11120116MB01160015"),
        (("affFormInfo", "startDate"), "2026-13-01"),
        (("affFormInfo", "changeType"), "1"),
        (("contactVOList",), []),
        (("suffInfoList", 0, "attachSize"), 1),
        (("suffInfoList", 0, "attachDigest"), "sha256:" + "0" * 64),
        (("nothing",), "x"),
    ],
)
def test_the_gateway_is_strict(sim, outgoing, path, value):
    """Lengths in UTF-16 units, required fields, codes, check digits, dates and digests are checked; nothing is held."""
    payload = copy.deepcopy(outgoing.payload)
    place = payload["receive"]
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    outcome = sim.play(lambda adapter: sim.send(adapter, replace(outgoing, payload=payload)))
    assert isinstance(outcome, Refused), outcome
    assert outcome.code == "422"
    assert outcome.fields
    assert sim.records() == []


@pytest.mark.parametrize(
    ("task", "code"),
    [("11120116MB011600144000116009999", "404"), ("11120116MB011600154000116001000", "400"), ("x", "400")],
)
def test_an_unknown_item_is_refused(sim, outgoing, task, code):
    """An item that the gateway does not know, or whose code is malformed, gets no number."""
    payload = copy.deepcopy(outgoing.payload)
    payload["projid/apply"]["taskCode"] = task
    outcome = sim.play(lambda adapter: sim.send(adapter, replace(outgoing, payload=payload)))
    assert isinstance(outcome, Refused)
    assert outcome.code == code


def test_an_ended_case_takes_no_more(sim, source, outgoing, deliver):
    """After 退件 a higher version is refused with 410; the same version is still the same case."""

    async def act(adapter):
        number = (await sim.send(adapter, outgoing)).number
        sim.ask("/_control/decide", {"number": number, "act": "withdraw"})
        changed = copy.deepcopy(source)
        changed["facts"]["revision"] = 2
        return await sim.send(adapter, deliver(changed)), await sim.send(adapter, outgoing)

    later, same = sim.play(act)
    assert isinstance(later, Refused)
    assert later.code == "410"
    assert (same.status, same.status_raw) == (ApplicationState.WITHDRAWN, "13")


def test_a_large_file_is_streamed_whole(sim, source, outgoing, deliver):
    """A file of several pieces arrives with its digest."""
    data = random.Random(5).randbytes(3_000_001)
    file = replace(outgoing.materials[0], digest=digest(data), size=len(data), open=lambda: nullcontext(BytesIO(data)))
    source["materials"] = [{"code": file.code, "name": file.name, "digest": file.digest, "size": file.size}]
    outcome = sim.play(lambda adapter: sim.send(adapter, deliver(source, (file,))))
    assert isinstance(outcome, Receipt)
    assert sim.records()[0]["materials"] == [{"name": file.name, "digest": digest(data)}]


def test_a_wrong_secret_is_access_denied(sim, outgoing):
    """A credential that is not accepted holds the target, by `check` as by `send`; nothing is told."""
    outcome = sim.play(lambda adapter: sim.send(adapter, outgoing), secret="0" * 32)
    assert isinstance(outcome, AccessDenied)
    with pytest.raises(AccessDenied):
        sim.play(lambda adapter: adapter.check(), secret="0" * 32)
    sim.play(lambda adapter: adapter.check())


def test_a_wrong_signature_is_access_denied(sim, outgoing):
    """A token alone does not do: each call's signature is checked."""

    async def act(adapter):
        await adapter.check()
        adapter._client._signer = Signer("permit-bridge", b"another secret", SystemClock())
        return await sim.send(adapter, outgoing)

    outcome = sim.play(act)
    assert isinstance(outcome, AccessDenied)
    assert outcome.code == "401"
    assert sim.records() == []


@pytest.mark.parametrize("seconds", [-301, 301])
def test_a_skewed_clock_is_access_denied_and_says_so(sim, outgoing, seconds):
    """A clock that differs by more than 300 s is named as the cause."""
    outcome = sim.play(lambda adapter: sim.send(adapter, outgoing), clock=Shifted(seconds))
    assert isinstance(outcome, AccessDenied)
    assert outcome.code == "402"
    assert "时钟" in str(outcome)


def test_a_clock_within_the_window_is_fine(sim, outgoing):
    """Five minutes less a little are taken."""
    assert isinstance(sim.play(lambda adapter: sim.send(adapter, outgoing), clock=Shifted(-290)), Receipt)


def test_a_used_nonce_is_signed_anew(sim):
    """A call that is told 'replayed' is signed with another nonce and goes through."""

    async def act(adapter):
        signer = adapter._client._signer
        used = signer.headers("GET", "/api/v1/affair/changes", {"since": "0", "limit": "1"}, sm3_hex(b""))
        given = [used, used]

        class Repeating:
            app_key = signer.app_key
            head = staticmethod(signer.head)

            def headers(self, *what):
                return given.pop() if given else signer.headers(*what)

        adapter._client._signer = Repeating()
        await adapter.check()
        await adapter.check()
        return given

    assert sim.play(act) == []


@pytest.mark.parametrize(("fault", "more"), LATER)
def test_not_done_is_try_later(sim, outgoing, fault, more):
    """Before the last step nothing is lost: every fault that struck is TryLater, and the next attempt goes through."""
    sim.faults(fault, on="writes", **more)

    async def act(adapter):
        struck = await sim.send(adapter, outgoing)
        sim.faults()
        return struck, await sim.send(adapter, outgoing, struck.memo)

    struck, then = sim.play(act)
    assert isinstance(struck, TryLater), struck
    assert isinstance(then, Receipt)
    assert len(sim.records()) == 1


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        ("error_503", TryLater),
        ("limit_429", TryLater),
        ("maintenance", TryLater),
        ("expired_token", TryLater),
        ("error_500", OutcomeUnknown),
        ("unknown_code", OutcomeUnknown),
        ("html_200", OutcomeUnknown),
        ("commit_then_drop", OutcomeUnknown),
        ("refuse", OutcomeUnknown),
        ("close", OutcomeUnknown),
        ("drip", OutcomeUnknown),
        ("endless", OutcomeUnknown),
        ("slow_commit", OutcomeUnknown),
    ],
)
def test_each_fault_of_the_last_step_is_told_apart(sim, outgoing, fault, expected):
    """A documented 'not done' is TryLater; whatever may have been done is OutcomeUnknown; asking never doubles it."""

    async def act(adapter):
        memo = {"project_no": await adapter._client.number(outgoing.payload["projid/apply"]), "files": {}}
        for file in outgoing.materials:
            memo["files"][file_key(file.digest, file.name)] = await adapter._client.upload(memo["project_no"], file)
        more = {"seconds": 0.1} if fault == "slow_commit" else {}
        sim.faults(fault, **more)
        struck = await sim.send(adapter, outgoing, memo)
        sim.faults()
        if fault == "slow_commit":
            await asyncio.sleep(0.4)  # the gateway's own delay runs in real time
        found = await adapter.find(outgoing)
        then = found if isinstance(found, Held) else await sim.send(adapter, outgoing, struck.memo)
        return struck, found, then

    struck, found, then = sim.play(act, total_seconds=0.6)
    assert isinstance(struck, expected), struck
    assert isinstance(found, Held | Partial)
    assert isinstance(then, Held | Receipt)
    if fault in ("commit_then_drop", "drip", "endless", "slow_commit"):
        assert isinstance(found, Held)
    assert len(sim.records()) == 1


def test_retry_after_is_honoured(sim, outgoing):
    """The seconds that the gateway asks for are handed on, in HTTP's 503 as in its own 429."""
    for fault in ("error_503", "limit_429", "maintenance"):
        sim.faults(fault, seconds=40)
        struck = sim.play(lambda adapter: sim.send(adapter, outgoing))
        assert isinstance(struck, TryLater)
        assert 30 <= struck.after <= 40


def test_an_ended_token_is_renewed_once(sim, outgoing):
    """One 'token has ended' costs nothing but another token."""
    sim.faults("expired_token", count=1)
    assert isinstance(sim.play(lambda adapter: sim.send(adapter, outgoing)), Receipt)


def test_a_storm_makes_one_case_each(sim, source, deliver):
    """Lost answers on half, refusals and 5xx on a tenth each: retried and asked about, each case is held once."""
    storm = [
        {"fault": "commit_then_drop", "share": 0.5},
        {"fault": "refuse", "share": 0.1},
        {"fault": "error_500", "share": 0.1},
    ]
    sim.ask("/_control/faults", {"seed": 7, "faults": storm})

    async def one(adapter, place):
        own = copy.deepcopy(source)
        own["facts"]["number"] = number = f"YCL{place:016d}"
        outgoing = deliver(own)
        outgoing = replace(outgoing, key=replace(outgoing.key, number=number))
        memo = {}
        for _ in range(60):
            outcome = await sim.send(adapter, outgoing, memo)
            if isinstance(outcome, Receipt):
                return outcome.number
            if isinstance(outcome, OutcomeUnknown):
                found = await adapter.find(outgoing)
                if isinstance(found, Held):
                    return found.receipt.number
            else:
                assert isinstance(outcome, TryLater)
            memo = outcome.memo
        raise AssertionError(outcome)

    async def act(adapter):
        return await asyncio.gather(*(one(adapter, place) for place in range(40)))

    numbers = sim.play(act)
    records = sim.records()
    assert sorted(numbers) == sorted(one["number"] for one in records)
    assert len({one["key"] for one in records}) == 40
    assert all(len(one["materials"]) == 2 for one in records)


def test_the_gateway_takes_every_sample(sim, deliver, enter):
    """Whatever people enter is taken as it is, many at once, each once."""
    types = ("new", "change-basic", "change-other")
    documents = [one for type_ in types for one in generate("discharge-permit", type=type_, seed=3, count=20)]
    documents += [one for one in handmade() if one["matter"] == "discharge-permit"]

    async def act(adapter):
        gate = asyncio.Semaphore(adapter.manifest.limits.concurrency)

        async def one(place, document):
            source, files = enter(document, f"YCL{place:016d}")
            outgoing = deliver(source, files)
            async with gate:
                return await sim.send(adapter, outgoing)

        return await asyncio.gather(*(one(place, document) for place, document in enumerate(documents)))

    outcomes = sim.play(act)
    assert [getattr(one, "fields", one) for one in outcomes if not isinstance(one, Receipt)] == []
    held = {one["key"]: one for one in sim.records()}
    assert len(held) == len(sim.records()) == len(documents)
    for place, document in enumerate(documents):
        record = held[f"YCL{place:016d}"]
        assert record["fields"]["receive.applicantVO.name"] == document["data"]["applicant"]["name"]
        assert len(record["materials"]) == len(document["materials"])


def test_records_are_what_the_side_door_shows(sim, outgoing):
    """The adapter reads back exactly what the gateway holds, page by page and by time of change."""
    sim.ask("/_control/load", {"count": 450})

    async def act(adapter):
        await sim.send(adapter, outgoing)
        held = [record async for record in adapter.records(Window())]
        later = [record async for record in adapter.records(Window(since=4_102_444_800_000_000))]
        return held, later

    held, later = sim.play(act)
    shown = sim.records()
    assert later == []
    assert [(one.key, one.number, one.status_raw, one.fields) for one in held] == [
        (one["key"], one["number"], one["status"], one["fields"]) for one in shown
    ]
    assert len(held) == 451
    assert held[-1].status is ApplicationState.RECEIVED
    assert list(held[-1].materials) == [(one["name"], one["digest"]) for one in shown[-1]["materials"]]


def test_tampering_is_seen_by_asking(sim, outgoing):
    """A copied case is unclear, a removed one may be handed in again under its number, a changed field is shown."""

    async def act(adapter):
        number = (await sim.send(adapter, outgoing)).number
        copy_number = sim.ask("/_control/tamper", {"copy": number})["number"]
        doubled = await adapter.find(outgoing)
        keys = [one["key"] for one in sim.records()]
        sim.ask("/_control/tamper", {"remove": copy_number})
        sim.ask("/_control/tamper", {"number": number, "set": {"receive.applicantVO.name": "改名", "status": "02"}})
        sim.ask("/_control/tamper", {"swap_material": number})
        (spoiled,) = sim.records()
        sim.ask("/_control/tamper", {"remove": number})
        gone = await adapter.find(outgoing)
        again = await sim.send(adapter, outgoing)
        return number, doubled, keys, spoiled, gone, again

    number, doubled, keys, spoiled, gone, again = sim.play(act)
    assert isinstance(doubled, Unclear)
    assert keys == [outgoing.key.number] * 2
    assert (spoiled["fields"]["receive.applicantVO.name"], spoiled["status"]) == ("改名", "02")
    assert spoiled["materials"][0]["digest"] != outgoing.materials[0].digest
    assert isinstance(gone, Partial)
    assert again.number == number


def test_a_case_born_there_is_told_and_held(sim):
    """A case that we never entered is in the stream and in the records, without a number of ours."""
    born = sim.ask("/_control/born", {"fields": {"receive.applicantVO.name": "模拟另一家"}})

    async def act(adapter):
        return (await adapter.changes(None)).items, [one async for one in adapter.records(Window())]

    (change,), (record,) = sim.play(act)
    assert (change.number, change.key, change.status) == (born["number"], None, ApplicationState.RECEIVED)
    assert (record.number, record.key) == (born["number"], None)
    assert record.fields["receive.applicantVO.name"] == "模拟另一家"


def test_messages_come_late_twice_and_out_of_order(sim, outgoing):
    """Faults of messages touch the stream: the same message twice has one id, and the order may be wrong."""

    async def act(adapter):
        number = (await sim.send(adapter, outgoing)).number
        sim.faults("double_status")
        sim.ask("/_control/decide", {"number": number, "act": "accept"})
        doubled = (await adapter.changes(None)).items[1:]
        sim.ask("/_control/faults", {"faults": [{"fault": "wrong_order", "count": 1}]})
        sim.ask("/_control/decide", {"number": number, "act": "suspend"})
        sim.ask("/_control/decide", {"number": number, "act": "resume"})
        swapped = (await adapter.changes(None)).items[3:]
        sim.ask("/_control/faults", {"faults": [{"fault": "late_status", "seconds": 60}]})
        sim.ask("/_control/decide", {"number": number, "act": "grant"})
        return doubled, swapped, (await adapter.changes(None)).items[5:]

    doubled, swapped, late = sim.play(act)
    assert len(doubled) == 2
    assert doubled[0].id == doubled[1].id
    assert [one.status_raw for one in swapped] == ["04", "05"]
    assert late == []


def test_a_lost_lease_stops_before_anything_is_sent(sim, outgoing):
    """Each call asks whether the delivery is still ours; where not, nothing leaves."""

    def lost():
        raise LeaseLost

    async def act(adapter):
        still_ours.set(lost)
        with pytest.raises(LeaseLost):
            await adapter.send([outgoing])

    sim.play(act)
    assert sim.records() == []


def test_impossible_requests_at_the_side_door_are_named(sim):
    """The side door says what it does not do: 501, 404, 409 and 400."""
    for path, body, code in [
        ("/_control/stages", {"signature": True}, "501"),
        ("/_control/decide", {"number": "x", "act": "accept"}, "404"),
        ("/_control/decide", {"number": "x", "act": "dance"}, "400"),
        ("/_control/tamper", {"remove": "a", "copy": "b"}, "400"),
        ("/_control/nothing", {}, "404"),
    ]:
        with pytest.raises(SettingsError, match=code):
            sim.ask(path, body)


def test_what_was_never_asked_for_is_absent(sim, outgoing):
    """A number that was never asked for is absent."""
    assert isinstance(sim.play(lambda adapter: adapter.find(outgoing)), Absent)
