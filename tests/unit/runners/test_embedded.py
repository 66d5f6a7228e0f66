"""What one process of the engine promises when its own parts, its database or its targets fail."""

from __future__ import annotations

import asyncio
import base64
from dataclasses import replace

import orjson
import pytest

from bridge.clock import to_micros
from bridge.contract.adapter import answer_came
from bridge.contract.outcome import Absent, Held, Receipt, Unclear
from bridge.contract.remote import Page, RemoteChange
from bridge.errors import AccessDenied, AdapterBug, FieldRefusal, OutcomeUnknown, Refused, StoreError, TryLater
from bridge.model.delivery import DeliveryState
from bridge.model.lifecycle import ApplicationState
from bridge.ports.store import DeliveryFilter
from bridge.runners import embedded
from bridge.testing.samples import generate


async def work_until(engine, done, seconds=20.0):
    """Run `work` until `done()`, then stop it."""
    stop = asyncio.Event()
    working = asyncio.create_task(embedded.work(engine.bridge, stop))
    async with asyncio.timeout(seconds):
        while not done() and not working.done():
            await asyncio.sleep(0.05)
    stop.set()
    await working


def test_what_was_claimed_under_an_ended_lease_is_not_sent(engine_of, fake):
    """A worker whose lease was ended and that begins anew sends nothing that it had claimed before."""
    one = fake("municipal", settle=1.0, concurrency=2)
    one.delay = 0.1
    engine = engine_of(one, LEASE_SECONDS=1)
    engine.submit(30)

    async def run():
        stop = asyncio.Event()
        working = asyncio.create_task(embedded.work(engine.bridge, stop))
        while len(one.sent) < 4:
            await asyncio.sleep(0.01)
        now = to_micros(engine.bridge.clock.now())
        ask_at = {"municipal": now, "discharge": now}
        store = engine.bridge.store
        ended = store.write(lambda u: sum(u.end_worker(row[0], ask_at=ask_at, now=now) for row in u.workers()))
        assert ended
        async with asyncio.timeout(30):
            while engine.counts() != {"delivered": 60}:
                await asyncio.sleep(0.1)
        stop.set()
        await working

    asyncio.run(run())
    assert set(one.sent.values()) == {1}


def test_a_failing_store_doubles_and_forgets_nothing(engine_of, fake):
    """The database fails for a while in the middle: all are delivered, each with effect once, none stays in sending."""
    one = fake("municipal", settle=0.5, concurrency=2)
    one.delay = 0.05
    engine = engine_of(one, LEASE_SECONDS=2)
    engine.submit(20)
    real, failing = engine.bridge.store.write, [0]

    def write(work):
        if len(one.sent) >= 5 and failing[0] < 6:
            failing[0] += 1
            raise StoreError
        return real(work)

    engine.bridge.store.write = write
    asyncio.run(work_until(engine, lambda: engine.counts() == {"delivered": 40}, 40))
    assert failing[0] == 6
    assert engine.counts() == {"delivered": 40}
    assert set(one.done.values()) == {1}


BUGS = {
    "send raises": lambda o: (_ for _ in ()).throw(ValueError("x")),
    "send gives nothing": lambda o: None,
    "no batch": lambda o: [],
    "two outcomes": lambda o: [Receipt("a", None, "x")] * 2,
    "a number that is none": lambda o: [Receipt({"x": 1}, None, "R")],
    "a number too large": lambda o: [Receipt(1 << 70, None, "R")],
    "a memo that is no JSON": lambda o: [Receipt("a", None, "R", memo={"x": object()})],
    "a memo of an error": lambda o: [TryLater(memo={"x": object()})],
    "facts that are none": lambda o: [Receipt("a", None, "R", facts={"case_number": 7})],
}


@pytest.mark.parametrize("bug", BUGS)
def test_a_bug_in_one_adapter_parks_there_and_stops_nobody(engine_of, fake, bug):
    """Whatever an adapter's `send` does, its deliveries are parked and the other target is complete."""
    one = fake("municipal")

    async def send(batch):
        return BUGS[bug](batch)

    one.send = send
    engine = engine_of(one, RETRY__ATTEMPTS=2)
    engine.submit(3)
    result = engine.drain(10)
    assert (len(engine.other.held), result["parked"], result["unknown"]) == (3, 3, 0)


@pytest.mark.parametrize("answer", [None, 7, Held(Receipt({}, None, "R")), AdapterBug(), ValueError("x")])
def test_a_bug_in_find_parks_there_and_stops_nobody(engine_of, fake, answer):
    """Whatever an adapter's `find` does, nothing is sent again, and the other target is complete."""
    one = fake("municipal")

    async def send(batch):
        one.sent[batch[0].delivery] += 1
        return [OutcomeUnknown()]

    async def find(_outgoing):
        if isinstance(answer, Exception):
            raise answer
        return answer

    one.send, one.find = send, find
    engine = engine_of(one, RETRY__ATTEMPTS=2)
    engine.submit(2)
    result = engine.drain(10)
    assert (len(engine.other.held), result["parked"]) == (2, 2)
    assert set(one.sent.values()) == {1}


def test_a_mapping_that_fails_stops_neither_entry_nor_others(engine_of, fake):
    """A mapping that raises: the entry is taken, its delivery parked, the other target complete."""
    one = fake("municipal")

    def mapping(*_args):
        raise KeyError("x")

    one.mapping = mapping
    engine = engine_of(one)
    engine.submit(2)
    assert (engine.drain()["parked"], len(engine.other.held)) == (2, 2)


def test_a_refusal_of_any_field_is_parked_with_words(engine_of, fake):
    """A target may name a field that is none: the refusal is a to-do all the same."""
    one = fake("municipal")

    class Blind:
        version, target_schema = 1, "x"

        def missing(self, source):
            return ()

        write = staticmethod(dict)
        preflight = staticmethod(lambda _tree: ())

        def to_form(self, _path):
            raise ValueError

    async def send(_batch):
        return [Refused("no", fields=[FieldRefusal("x[" + "9" * 5000 + "]", "太长")])]

    one.mapping, one.send = lambda *_: Blind(), send
    engine = engine_of(one)
    engine.submit(1)
    engine.drain()
    (parked,) = engine.bridge.views.deliveries(DeliveryFilter(target="municipal"))
    assert (parked["state"], "太长" in parked["problem"]["reason"]) == ("parked", True)


def test_a_blip_closes_a_target_for_one_pause_only(engine_of, fake):
    """Sixteen calls in flight that all fail are one silence, not sixteen: a probe comes after the first pause."""
    one = fake("municipal", concurrency=16)
    down = [True]
    real = one.send

    async def send(batch):
        if down[0]:
            await asyncio.sleep(0.02)
            return [TryLater(answered=False)]
        return await real(batch)

    one.send = send
    engine = engine_of(one, RETRY__FIRST_SECONDS=5, RETRY__CAP_SECONDS=3600)
    engine.submit(30)
    engine.drain()
    row = engine.bridge.store.read(lambda unit: unit.target("municipal"))
    assert row.open_until - to_micros(engine.bridge.clock.now()) <= 5_000_000
    down[0] = False
    engine.bridge.operators.release("municipal", actor="t")
    engine.bridge.operators.retry(DeliveryFilter(target="municipal", states=(DeliveryState.DUE,)), actor="t")
    assert (engine.drain()["due"], len(one.held)) == (0, 30)


def test_an_answer_within_an_attempt_is_no_silence(engine_of, fake):
    """A last step without an answer, after others that had one, does not count towards the breaker."""
    one = fake("municipal", settle=60)
    one.manifest = replace(one.manifest, abilities=replace(one.manifest.abilities, changes=False))

    async def send(_batch):
        await asyncio.sleep(0.001)
        answer_came.get()()
        return [OutcomeUnknown(answered=False)]

    async def find(_outgoing):
        return Absent()

    one.send, one.find = send, find
    engine = engine_of(one)
    engine.submit(8)
    engine.drain()
    assert engine.bridge.store.read(lambda unit: unit.target("municipal")).silent == 0


def test_a_refused_credential_holds_also_after_an_old_hold(engine_of, fake):
    """A hold whose time is over is none: a refused credential holds the target anew, and drain ends."""
    one = fake("municipal")
    calls = []

    async def send(_batch):
        calls.append(1)
        raise AccessDenied

    one.send = send
    engine = engine_of(one)
    engine.submit(5)
    past = to_micros(engine.bridge.clock.now()) - 1
    engine.bridge.operators.hold("municipal", actor="t", reason="x", until=past)
    engine.drain()
    assert len(calls) <= 16
    assert engine.bridge.store.read(lambda unit: unit.target("municipal")).held_until is None


def test_a_hold_stops_what_is_merely_claimed(engine_of, fake):
    """When an operator holds a target, what is under way finishes and nothing else is begun."""
    one = fake("municipal", concurrency=2)
    one.delay = 0.1
    engine = engine_of(one)
    engine.submit(60)

    async def run():
        draining = asyncio.create_task(embedded.drain(engine.bridge))
        while len(one.sent) < 4:
            await asyncio.sleep(0.01)
        operators = engine.bridge.operators
        await asyncio.to_thread(lambda: operators.hold("municipal", actor="t", reason="x"))
        at_hold = len(one.sent)
        await draining
        return len(one.sent) - at_hold

    assert asyncio.run(run()) <= 12
    assert engine.counts()["due"] > 40


def heard(engine, number):
    """What municipal says of an application, and how often it was news."""
    status = engine.bridge.views.status(number)
    news = sum(line["act"] == "status_heard" for line in status["timeline"])
    return next(one["status_raw"] for one in status["targets"] if one["target"] == "municipal"), news


@pytest.mark.parametrize("ids", [True, False])
def test_a_change_heard_again_changes_nothing(engine_of, fake, ids):
    """A page that tells the same two changes at each poll is news twice, and drain ends; the newer word stays."""
    one = fake("municipal")
    engine = engine_of(one)
    (number,) = engine.submit(1)

    async def changes(_cursor):
        states = [("A", ApplicationState.RECEIVED, 10), ("B", ApplicationState.ACCEPTED, 20)]
        items = [RemoteChange(None, number, state, raw, at, id=raw if ids else None) for raw, state, at in states]
        return Page(items=[*items, *reversed(items)], cursor=None, more=False)

    one.changes = changes
    engine.drain(2)
    engine.drain()
    assert heard(engine, number) == ("B", 2)


def test_a_stream_without_an_end_ends(engine_of, fake):
    """A target that always has more, and nothing in it, keeps neither drain nor the lane."""
    one = fake("municipal")
    pages = []

    async def changes(_cursor):
        pages.append(1)
        return Page(items=[], cursor=str(len(pages)), more=True)

    one.changes = changes
    engine = engine_of(one)
    engine.submit(1)
    assert engine.drain()["delivered"] == 2


def test_one_change_that_cannot_be_read_hides_no_other(engine_of, fake):
    """A change with a number that is none is left out; the one beside it is heard."""
    one = fake("municipal")
    engine = engine_of(one)
    (number,) = engine.submit(1)

    async def changes(_cursor):
        good = RemoteChange(None, number, ApplicationState.RECEIVED, "G", 10, id="g")
        return Page(items=[replace(good, number={"x": 1}, id="b"), good], cursor="1", more=False)

    one.changes = changes
    engine.drain()
    assert heard(engine, number)[0] == "G"


def test_a_memo_that_goes_to_and_fro_is_no_progress(engine_of, fake):
    """Notes whose names begin with an underscore do not start the count of failures anew."""
    one = fake("municipal")

    async def send(batch):
        (outgoing,) = batch
        one.sent[outgoing.delivery] += 1
        return [TryLater(memo={"_look": not outgoing.memo.get("_look", False)})]

    one.send = send
    engine = engine_of(one, RETRY__ATTEMPTS=4, RETRY__FIRST_SECONDS=0.01, RETRY__CAP_SECONDS=0.02)
    engine.submit(1)
    assert engine.drain(10)["parked"] == 1
    assert set(one.sent.values()) == {4}


def test_what_a_person_parked_after_an_attempt_is_asked_about_first(engine_of, fake):
    """An operator's retry of what may have been sent asks the target before anything is sent."""
    one = fake("municipal", settle=0.1)

    async def send(batch):
        one.sent[batch[0].delivery] += 1
        return [replace(one.take(batch[0]), lodged=True)]

    one.send = send
    engine = engine_of(one)
    engine.submit(1)
    engine.drain()
    wanted = DeliveryFilter(target="municipal")
    assert engine.bridge.operators.park(wanted, actor="t", reason="x")["done"] == 1
    assert engine.bridge.operators.retry(wanted, actor="t")["done"] == 1
    engine.drain(5)
    assert set(one.sent.values()) == {1}


def test_a_target_that_cannot_be_asked_leaves_the_unknown_to_a_person(engine_of, fake):
    """Without `find`, a lost answer is parked; a person's retry sends it."""
    one = fake("municipal")
    one.manifest = replace(one.manifest, abilities=replace(one.manifest.abilities, find=False))
    lost = [True]
    real = one.send

    async def send(batch):
        outcomes = await real(batch)
        return [OutcomeUnknown()] if lost[0] else outcomes

    async def find(_outgoing):
        raise AssertionError("it cannot be asked")

    one.send, one.find = send, find
    engine = engine_of(one)
    engine.submit(1)
    assert engine.drain(3)["parked"] == 1
    lost[0] = False
    engine.bridge.operators.retry(DeliveryFilter(target="municipal"), actor="t")
    assert engine.drain(3)["parked"] == 0


def test_unclear_is_never_sent_again_by_itself(engine_of, fake):
    """A target that cannot tell: parked, told once."""
    one = fake("municipal")

    async def send(batch):
        one.sent[batch[0].delivery] += 1
        return [OutcomeUnknown()]

    async def find(_outgoing):
        return Unclear("two")

    one.send, one.find = send, find
    engine = engine_of(one)
    engine.submit(1)
    assert engine.drain(5)["parked"] == 1
    assert set(one.sent.values()) == {1}


@pytest.mark.parametrize("asking", [False, True])
def test_drain_waits_for_a_dead_workers_lease(engine_of, asking):
    """What another, dead worker still holds is waited for within `--for`, whether it was sending or asking."""
    engine = engine_of()
    engine.submit(1)
    now = to_micros(engine.bridge.clock.now())
    store = engine.bridge.store
    store.write(lambda u: u.register_worker("ghost", host="elsewhere", pid=1, lease_until=now + 2_000_000))
    assert store.write(lambda u: u.claim("municipal", limit=1, worker="ghost", now=now))
    if asking:
        store.write(lambda u: u.end_worker("ghost", ask_at={"municipal": now}, now=now))
        store.write(lambda u: u.register_worker("other", host="elsewhere", pid=1, lease_until=now + 2_000_000))
        assert store.write(lambda u: u.claim_unknown("municipal", limit=1, worker="other", now=now))
    result = engine.drain(10)
    assert (result["delivered"], result["unknown"]) == (2, 0)


def test_a_persons_words_are_sealed(engine_of, fake, tmp_path):
    """An operator's reason is shown in the timeline and is nowhere in clear in the data folder."""
    one = fake("municipal")

    async def send(_batch):
        return [Refused("x", code="张三 120101198001010012" * 9)]

    one.send = send
    engine = engine_of(one)
    (number,) = engine.submit(1)
    engine.drain()
    words = "甄别张三13800138000来电"
    engine.bridge.operators.retry(DeliveryFilter(target="municipal"), actor="t", reason=words)
    engine.bridge.operators.hold("municipal", actor="t", reason=words)
    assert words in engine.bridge.views.status(number)["timeline"][-1]["text"]
    assert words in engine.bridge.views.status(number)["targets"][0]["text"]
    held = b"".join(path.read_bytes() for path in tmp_path.glob("bridge.db*"))
    assert words.encode() not in held
    assert b"120101198001010012" not in held


def test_a_file_that_changes_while_it_is_taken_in_spoils_its_own_document(engine_of, tmp_path):
    """A material that is not what was checked: that document is rejected, the one beside it is stored."""
    engine = engine_of()
    good, bad = generate("discharge-permit", count=2)
    path = tmp_path / "licence.pdf"
    path.write_bytes(b"%PDF-1.4 as it was checked")
    bad["materials"][0] = {"code": bad["materials"][0]["code"], "name": "licence.pdf", "path": "licence.pdf"}
    checker = engine.bridge.acceptance._checker
    real = checker.keep_files

    def keep(candidates):
        path.write_bytes(b"%PDF-1.4 as it was changed")
        return real(candidates)

    checker.keep_files = keep
    answer = engine.bridge.acceptance.submit([("x", orjson.dumps([bad, good]), tmp_path)], actor="t", channel="batch")
    assert len(answer["accepted"]) == 1
    assert answer["rejected"][0]["problems"][0]["code"] == "file_changed"


@pytest.mark.parametrize(
    "trailer",
    [b"/Encrypt 12 0 R", b"/Encrypt\n7 0 R", b"/Encrypt << /Filter /Standard >>"],
    ids=["one", "two", "within"],
)
def test_an_encrypted_file_is_refused_at_entry(engine_of, trailer):
    """TARGETS 5.4: a PDF with a password is told of at its material, wherever in the file that is said."""
    engine = engine_of()
    (document,) = generate("discharge-permit", count=1)
    content = b"%PDF-1.4\n" + b"x" * ((1 << 20) - 20) + trailer + b"\n%%EOF\n"
    document["materials"][0]["content"] = base64.b64encode(content).decode()
    answer = engine.bridge.acceptance.submit([("x", orjson.dumps(document), None)], actor="t", channel="batch")
    told = [(one["pointer"], one["code"]) for one in answer["rejected"][0]["problems"]]
    assert told == [("/materials/0", "file_encrypted")]
