"""What targets say: who is believed, who is told, in which order, and what is brought along."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bridge.contract.outcome import Receipt
from bridge.contract.remote import RemoteChange, Verdict
from bridge.errors import FieldRefusal, OutcomeUnknown, Refused, TryLater
from bridge.model.lifecycle import ApplicationState
from bridge.model.word import CorrectionItem, Licence, Paper, PaperKind, Word
from bridge.ports.store import DeliveryFilter
from bridge.testing.samples import generate

LICENCE = Word(
    licence=Licence("91120000000000000X001P", issued_on="2026-11-23"),
    papers=(Paper(PaperKind.LICENCE, "排污许可证", name="licence.pdf", file="f1"),),
)


@pytest.fixture
def three(engine_of, fake):
    """An engine over three fakes, the third of which is told from 受理 on."""
    engine = engine_of(fake("municipal"), fake("discharge"), fake("national"))
    engine.other.files["f1"] = b"%PDF-1.4 a licence"
    engine.other.manifest = replace(engine.other.manifest, gives=("licence_number",))
    return engine


def test_the_third_hears_nothing_before_acceptance_and_each_step_after_it(three):
    """Nothing goes to the third before the decider accepts; then the application, then each step, in order."""
    (number,) = three.submit(1)
    three.drain()
    assert three.told(number, "national") == []
    assert three.status(number)["targets"][2]["state"] is None
    three.other.say(number, "accepted")
    three.drain()
    assert three.told(number, "national") == [("apply", "delivered")]
    assert three.told(number, "municipal") == [("apply", "delivered"), ("progress", "delivered")]
    three.other.say(number, "granted", word=LICENCE)
    three.drain()
    assert three.told(number, "national") == [("apply", "delivered"), ("decision", "delivered")]
    assert three.told(number, "municipal")[2:] == [("decision", "delivered")]
    assert three.told(number, "discharge") == [("apply", "delivered")]
    status = three.status(number)
    assert status["state"] == "granted"
    assert status["licence"]["number"] == "91120000000000000X001P"
    (file,) = status["licence"]["files"]
    assert file["digest"] == "sha256:" + hashlib.sha256(b"%PDF-1.4 a licence").hexdigest()
    assert three.status("91120000000000000X001P")["number"] == number


def test_only_the_owners_word_moves_the_application(three):
    """What another than its owner says is kept with the counterpart and moves nothing, and tells nobody."""
    (number,) = three.submit(1)
    three.drain()
    three.one.say(number, "granted", word=LICENCE)
    three.drain()
    status = three.status(number)
    assert status["state"] == "submitted"
    assert status["licence"] is None
    assert status["targets"][0]["status"] == "granted"
    assert three.told(number, "national") == []


def conflicts(engine):
    """Both sides of each contradiction that stands."""
    return [(one["number"], one["target"], one["ours"], one["theirs"]) for one in engine.bridge.views.conflicts()]


def test_a_contradiction_stands_until_the_owner_says_the_same(three):
    """Another's word of acceptance is shown with both sides; the decider's own word ends it."""
    numbers = three.submit(3)
    three.drain()
    assert conflicts(three) == []
    three.one.say(numbers[0], "accepted")
    three.one.say(numbers[2], "not_accepted")
    three.drain()
    ours = three.status(numbers[0])["state"]
    assert sorted(conflicts(three)) == sorted(
        [(numbers[0], "municipal", ours, "accepted"), (numbers[2], "municipal", ours, "not_accepted")]
    )
    three.other.say(numbers[0], "accepted")
    three.other.say(numbers[2], "accepted")
    three.drain()
    assert conflicts(three) == [(numbers[2], "municipal", "accepted", "not_accepted")]


def test_the_owners_own_words_contradict_nothing(three):
    """A decider that is ahead of the table of moves waits for itself; nobody is called upon."""
    (number,) = three.submit(1)
    three.drain()
    three.other.say(number, "granted", word=LICENCE)
    three.drain()
    assert three.status(number)["state"] == "submitted"
    assert conflicts(three) == []


def test_a_refusal_to_accept_is_told_to_the_first_and_never_to_the_third(three):
    """不予受理 goes with its reason to the receiving system; the third hears nothing, since nothing was accepted."""
    (number,) = three.submit(1)
    three.other.say(number, "not_accepted", word=Word(reason="不属于本机关职权"))
    three.drain()
    assert three.told(number, "municipal")[-1] == ("decision", "delivered")
    assert three.told(number, "national") == []
    problem = three.status(number)["targets"][1]["problem"]
    assert "不属于本机关职权" in problem["reason"]
    assert "行政复议" in problem["remedy"]


def test_a_word_that_waits_for_a_licence_number_goes_when_it_comes(three):
    """A decision whose mapping needs the licence's number waits for it, and goes on by itself."""

    class Needs:
        version, target_schema = 1, "x"
        write = staticmethod(lambda source: {"n": source["facts"]["licence_number"]})
        preflight = staticmethod(lambda _: ())

        def missing(self, source):
            return [name for name in ("licence_number",) if name not in source["facts"]]

    plain = three.third.mapping
    three.third.mapping = lambda matter, kind, version=None: (
        Needs() if kind == "decision" else plain(matter, kind, version)
    )
    (number,) = three.submit(1)
    three.other.say(number, "accepted")
    three.other.say(number, "granted")
    three.drain()
    assert three.told(number, "national") == [("apply", "delivered"), ("decision", "waiting")]
    three.other.say(number, "granted", word=LICENCE)
    three.drain()
    assert three.told(number, "national") == [("apply", "delivered"), ("decision", "delivered")]


def test_a_late_receipt_does_not_end_a_correction(three):
    """补正 came before the receiving system said 收件: that is history, and the applicant must still correct."""
    (number,) = three.submit(1)
    three.other.say(number, "correction_requested", word=Word(items=(CorrectionItem("缺材料"),)))
    three.drain()
    three.one.say(number, "received")
    three.drain()
    status = three.status(number)
    assert (status["state"], len(status["correction"]["items"])) == ("correction_requested", 1)


def test_each_step_of_a_review_is_told(three):
    """Two officers review one after the other: the state stays, and both steps are told; a bare repetition is not."""
    (number,) = three.submit(1)
    three.other.say(number, "accepted")
    three.other.say(number, "reviewing", word=Word(officer="甲", opinion="初审同意"))
    three.other.say(number, "reviewing")
    three.other.say(number, "reviewing", word=Word(officer="乙", opinion="复审同意"))
    three.drain()
    assert [kind for kind, _ in three.told(number, "national")] == ["apply", "progress", "progress"]
    assert three.status(number)["state"] == "reviewing"


def test_what_was_said_later_completes_a_decision(three):
    """A refusal without its reason cannot be told: a person asks for it, and once it was said the retry carries it."""

    class Strict:
        version, target_schema = 1, "x"
        preflight = staticmethod(lambda _: ())
        missing = staticmethod(lambda _: ())
        to_form = staticmethod(lambda _: None)

        def write(self, source):
            if "reason" not in source["facts"]["step"]:
                raise Refused("required", fields=[FieldRefusal("finish.resultDesc", "required")])
            return {"why": source["facts"]["step"]["reason"]}

    plain = three.one.mapping
    three.one.mapping = lambda matter, kind, version=None: (
        Strict() if kind == "decision" else plain(matter, kind, version)
    )
    (number,) = three.submit(1)
    three.other.say(number, "accepted")
    three.other.say(number, "refused")
    three.drain()
    assert three.told(number, "municipal")[-1] == ("decision", "parked")
    assert "审批机关" in three.status(number)["targets"][0]["problem"]["remedy"]
    three.other.say(number, "refused", word=Word(reason="不符合条件"))
    three.drain()
    wanted = DeliveryFilter(target="municipal")
    three.bridge.operators.retry(wanted, actor="t", reason="已补齐")
    three.drain()
    assert three.told(number, "municipal")[-1] == ("decision", "delivered")


ORDERS = st.lists(st.sampled_from(range(4)), min_size=4, max_size=9).filter(lambda order: set(order) == set(range(4)))


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(order=ORDERS, drains=st.integers(0, 255), seed=st.integers(1, 10**6))
def test_any_order_and_repetition_of_the_words_comes_to_the_same(
    engine_of, fake, tmp_path_factory, *, order, drains, seed
):
    """However the decider's messages are shuffled and repeated, the end is the same, and everyone is told once."""
    key = f"o{seed}-{drains}-{len(order)}-{hash(tuple(order))}"
    three = engine_of(
        fake("municipal"), fake("discharge"), fake("national"), DATA_DIR=str(tmp_path_factory.mktemp(key[:20]))
    )
    (number,) = three.submit(1, seed=seed)
    said = ["accepted", "reviewing", "granted", "issued"]
    for place, which in enumerate(order):
        three.other.say(number, said[which], at=1000 + which, id=f"m{which}")
        if drains >> (place % 8) & 1:
            three.drain()
    three.drain()
    assert three.status(number)["state"] == "issued"
    # 审查 that is heard of only after the decision is history: it is kept, and told to nobody
    told = [kind for kind, _ in three.told(number, "national")]
    assert told in (["apply", "progress", "decision", "progress"], ["apply", "decision", "progress"])
    assert [kind for kind, _ in three.told(number, "municipal")] == ["apply", "progress", *told[1:]]
    assert set(three.counts()) == {"delivered"}


# -- corrections and withdrawals


def corrected(document, name="更正后的地址一号"):
    """The same document with another registered address."""
    changed = orjson.loads(orjson.dumps(document))
    changed["data"]["applicant"]["registered_address"] = name
    return orjson.dumps(changed)


def entered(three, seed=5):
    """One application that was entered, and its document."""
    (document,) = list(generate("discharge-permit", seed=seed, count=1))
    answer = three.bridge.acceptance.submit([("x", orjson.dumps(document), None)], actor="t", channel="web")
    return answer["accepted"][0]["number"], document


def test_a_correction_is_asked_at_its_box_and_amends_what_is_held(three):
    """补正 is shown at the box of the form; the corrected revision goes as an amendment where the first is held."""
    number, document = entered(three)
    three.drain()
    item = CorrectionItem("地址与执照不一致", "applicant.registered_address")
    three.other.say(number, "correction_requested", word=Word(items=(item,)))
    three.drain()
    status = three.status(number)
    (shown,) = status["correction"]["items"]
    assert shown["pointer"] == "/data/applicant/registered_address"
    assert shown["label"]
    line = status["targets"][1]
    assert (line["who_acts"], line["problem"]["pointer"]) == ("applicant", shown["pointer"])
    amended = three.bridge.amendments.amend(number, "y", corrected(document), None, actor="t", reason="补正").json()
    assert amended["revision"] == 2
    three.drain()
    assert three.told(number, "discharge") == [("apply", "delivered"), ("amend", "delivered")]
    assert three.told(number, "municipal") == [
        ("apply", "delivered"),
        ("progress", "delivered"),
        ("amend", "delivered"),
    ]
    assert three.status(number)["state"] == "submitted"
    assert three.status(number)["correction"] is None
    again = three.bridge.amendments.amend(number, "y", corrected(document), None, actor="t", reason="补正").json()
    assert (again["revision"], again["again"]) == (2, True)


def test_what_had_no_effect_is_superseded(three):
    """A revision that a target refused is cancelled, and the new one goes there as the application itself."""
    number, document = entered(three)
    real = three.one.take

    def refuse(outgoing):
        if outgoing.revision == 1:
            return Refused("地址有误", fields=[FieldRefusal("applicant.registered_address", "地址有误")])
        return real(outgoing)

    three.one.take = refuse
    three.drain()
    assert three.told(number, "municipal") == [("apply", "parked")]
    three.bridge.amendments.amend(number, "y", corrected(document), None, actor="t", reason="更正")
    three.drain()
    assert three.told(number, "municipal") == [("apply", "cancelled"), ("apply", "delivered")]
    assert three.told(number, "discharge") == [("apply", "delivered"), ("amend", "delivered")]


@pytest.mark.parametrize("had_effect", [True, False])
def test_what_is_in_doubt_is_resolved_first(three, had_effect):
    """A revision whose outcome is unknown is asked about before the new one goes: as a correction where it is held."""
    number, document = entered(three)
    real, doubts = three.one.find, []

    def lose(outgoing):
        if had_effect:
            three.one.held.add(outgoing.delivery)
        del three.one.take
        return OutcomeUnknown("lost")

    async def find(outgoing):
        if not doubts:
            doubts.append(outgoing.delivery)
            three.bridge.amendments.amend(number, "y", corrected(document), None, actor="t", reason="更正")
        return await real(outgoing)

    three.one.take, three.one.find = lose, find
    three.drain(seconds=10)
    assert doubts
    first = "delivered" if had_effect else "cancelled"
    second = "amend" if had_effect else "apply"
    assert three.told(number, "municipal") == [("apply", first), (second, "delivered")]


def test_a_silent_target_gets_only_the_new_revision(three):
    """Three revisions while a target is away: it gets the last one, once, as the application itself."""
    number, document = entered(three)
    real = three.one.take
    three.one.take = lambda _: TryLater(answered=False)
    three.drain()
    for name in ("更正后的地址二号", "更正后的地址三号"):
        three.bridge.amendments.amend(number, "y", corrected(document, name), None, actor="t", reason="更正")
    three.one.take = real
    three.drain(seconds=10)
    told = three.told(number, "municipal")
    assert told[-1] == ("apply", "delivered")
    assert [state for _, state in told].count("delivered") == 1


def test_a_correction_may_not_be_for_another(three):
    """Another applicant, another matter's type, or a state in which nothing can be corrected: refused with words."""
    number, document = entered(three)
    (other,) = list(generate("discharge-permit", seed=77, count=1))
    rejected = three.bridge.amendments.amend(number, "y", orjson.dumps(other), None, actor="t", reason="x").json()
    assert rejected["problems"][0]["code"] == "other_case"
    three.drain()
    three.other.say(number, "accepted")
    three.drain()
    rejected = three.bridge.amendments.amend(number, "y", corrected(document), None, actor="t", reason="x").json()
    assert rejected["problems"][0]["code"] == "not_amendable"
    assert three.status(number)["revision"] == 1


def test_a_withdrawal_is_told_where_something_is_held_and_only_there(three):
    """What had no effect is cancelled; whoever holds the application is told; nobody hears of it afterwards."""
    number, _ = entered(three)
    three.one.take = lambda _: TryLater(answered=False)
    three.drain()
    answer = three.bridge.amendments.withdraw(number, actor="t", reason="不再办理").json()
    assert answer["state"] == "withdrawn"
    del three.one.take
    three.drain(seconds=10)
    assert three.told(number, "municipal") == [("apply", "cancelled")]
    assert three.told(number, "discharge") == [("apply", "delivered"), ("withdraw", "delivered")]
    assert three.told(number, "national") == []
    assert three.bridge.amendments.withdraw(number, actor="t", reason="x").json()["again"]
    (resubmitted,) = [three.status(number)["state"]]
    assert resubmitted == "withdrawn"


def test_a_withdrawal_comes_too_late_after_the_decision(three):
    """After the decision nothing is withdrawn, and the answer says what to do instead."""
    number, _ = entered(three)
    three.other.say(number, "accepted")
    three.other.say(number, "refused", word=Word(reason="不符合条件"))
    three.drain()
    rejected = three.bridge.amendments.withdraw(number, actor="t", reason="x").json()
    assert rejected["problems"][0]["code"] == "not_withdrawable"
    assert three.status(number)["state"] == "refused"


def test_who_cannot_be_told_by_wire_is_a_persons_task(three):
    """Where a target takes no withdrawal by wire, a person is told to do it there."""
    three.other.manifest = replace(three.other.manifest, kinds=("apply",))
    number, _ = entered(three)
    three.drain()
    three.bridge.amendments.withdraw(number, actor="t", reason="不再办理")
    three.drain()
    assert three.told(number, "discharge")[-1] == ("withdraw", "parked")
    line = three.status(number)["targets"][1]
    assert line["who_acts"] == "clerk"
    assert "人工办理" in line["problem"]["remedy"]


# -- verdicts and files


@pytest.mark.parametrize("early", [True, False])
@pytest.mark.parametrize("refusal", [None, Refused("项目名称超长", fields=[FieldRefusal("applicant.name", "超长")])])
def test_a_lodged_delivery_ends_by_its_verdict(three, early, refusal):
    """Lodged until its verdict, whether that comes after or before our own record of it."""
    (number,) = three.submit(1)
    three.drain()
    three.other.say(number, "accepted")
    lodge = three.third

    def take(outgoing):
        lodge.held.add(outgoing.delivery)
        verdict = Verdict(outgoing.delivery, refusal)
        change = RemoteChange(None, outgoing.key.number, None, "QC", at=1, id="v", verdict=verdict)
        if early:
            three.bridge.store.write(lambda unit: three.bridge.hearing.apply(unit, "national", [change], via="poll"))
        else:
            lodge.late = change
        return Receipt("guid", ApplicationState.ACCEPTED, "2", lodged=True)

    lodge.take = take
    three.drain()
    if not early:
        assert three.told(number, "national") == [("apply", "lodged")]
        assert three.status(number)["targets"][2]["who_acts"] == "target"
        lodge.stream.append(lodge.late)
        three.drain()
    assert three.told(number, "national") == [("apply", "parked" if refusal else "delivered")]
    if refusal:
        assert three.status(number)["targets"][2]["problem"]["pointer"] == "/data/applicant/name"


def test_a_file_that_is_not_as_announced_is_not_taken(three):
    """A licence file with another digest than the target named is refused, said, and asked for again."""
    (number,) = three.submit(1)
    paper = replace(LICENCE.papers[0], digest="sha256:" + "0" * 64)
    three.other.say(number, "accepted")
    three.other.say(number, "granted", word=replace(LICENCE, papers=(paper,)))
    three.drain()
    status = three.status(number)
    assert status["licence"]["files"][0]["digest"] is None
    assert any(one["act"] == "paper_differs" for one in status["timeline"])


def test_nothing_of_what_was_said_lies_in_clear(three, tmp_path):
    """Officers, reasons and items are sealed in the database file."""
    (number,) = three.submit(1)
    said = Word(officer="王密封", opinion="意见密封甲", reason="理由密封乙", items=(CorrectionItem("事项密封丙"),))
    three.other.say(number, "correction_requested", word=said)
    three.drain()
    assert three.status(number)["correction"]["items"][0]["text"] == "事项密封丙"
    for file in tmp_path.rglob("bridge.db*"):
        assert not any(
            word.encode() in file.read_bytes() for word in ("王密封", "意见密封甲", "理由密封乙", "事项密封丙")
        )
