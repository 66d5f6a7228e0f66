"""The laws of claiming and settling, over every kind of store."""

from __future__ import annotations

import pytest

from bridge.errors import StoreError
from bridge.model.counterpart import Counterpart
from bridge.model.delivery import DeliveryState, Reason
from bridge.model.lifecycle import ApplicationState
from bridge.ports.events import Event
from bridge.ports.store import DeliveryFilter, Trouble

SECOND = 1_000_000
TROUBLE = Trouble(
    "统一社会信用代码不符", "wrong code", "请核对", "check it", "政务大厅", pointer="/data/applicant/id_no"
)


def test_a_claim_hands_out_all_that_sending_needs(store, make, clock):
    """A claimed delivery comes with its application, its company, its files, its payload and its memo."""
    application, (delivery,) = make.application(applicant="91120116MA06AAAA1X")
    worker = make.worker()
    (claimed,) = make.claim(worker)
    assert (claimed.delivery.id, claimed.delivery.state) == (delivery.id, DeliveryState.SENDING)
    assert claimed.application == application
    assert (claimed.applicant, claimed.site) == ("91120116MA06AAAA1X", "津南区示例路1号")
    assert claimed.materials[0].name == "营业执照.pdf"
    assert (claimed.payload, claimed.memo, claimed.target_number) == (None, {}, None)
    make.prepare([claimed], b'{"name":"x"}')
    held = Counterpart(application.id, "municipal", "N1", None, None, clock.micros)
    later = make.end(
        claimed,
        DeliveryState.DUE,
        reason=Reason.RETRY,
        next_at=clock.micros + SECOND,
        memo={"draft": "D1"},
        outcome="try_later",
        counterpart=held,
    )
    assert make.settle([later], worker) == [True]
    assert make.claim(worker) == []
    clock.move(1)
    assert store.write(lambda unit: unit.promote("municipal", now=clock.micros)) == 1
    (again,) = make.claim(worker)
    assert (again.payload, again.memo, again.target_number) == (b'{"name":"x"}', {"draft": "D1"}, "N1")
    assert again.fence > claimed.fence
    assert (again.delivery.attempts, again.delivery.mapping_version) == (1, 3)


def test_claims_go_by_rank_up_to_the_limit(make):
    """Claims take the oldest first, no more than asked for, and never the same one twice."""
    made = [make.application()[1][0].id for _ in range(5)]
    worker = make.worker()
    first = [one.delivery.id for one in make.claim(worker, limit=2)]
    rest = [one.delivery.id for one in make.claim(make.worker("w2"), limit=9)]
    assert first == made[:2]
    assert rest == made[2:]


def test_a_payload_is_made_once(make):
    """A payload that is there already is never replaced, whatever is prepared again."""
    make.application()
    worker = make.worker()
    claimed = make.claim(worker)
    make.prepare(claimed, b'{"v":1}')
    make.prepare(claimed, b'{"v":2}')
    make.settle([make.end(claimed[0], DeliveryState.DUE, reason=Reason.RETRY, outcome="try_later")], worker)
    (again,) = make.claim(worker)
    assert again.payload == b'{"v":1}'


def test_a_lost_fence_settles_nothing(store, make, clock):
    """A worker whose lease was ended can neither prepare, settle nor claim; what it sent becomes unknown."""
    application, (delivery,) = make.application()
    make.application()
    worker = make.worker("old")
    claimed = make.claim(worker, limit=1)[0]
    assert store.write(lambda unit: unit.end_worker("old", ask_at={"municipal": 5}, now=clock.micros)) == 1
    make.prepare([claimed])
    assert make.settle([make.end(claimed)], worker) == [False]
    assert make.claim(worker) == []
    assert not store.write(lambda unit: unit.renew_worker("old", lease_until=9))
    assert make.states(application.id) == [("unknown", "probe")]
    new = make.worker("new")
    (asked,) = make.ask(new)
    assert asked.delivery.id == delivery.id
    assert asked.attempt_ended_at == clock.micros
    assert asked.payload is None
    assert make.settle([make.end(claimed)], new) == [False]
    assert make.settle([make.end(asked, via="find")], new) == [True]
    (interrupted, found) = store.read(lambda unit: unit.attempts(delivery.id))
    assert (interrupted.outcome, interrupted.ended_at) == ("interrupted", None)
    assert (found.via, found.outcome) == ("find", "receipt")


def test_ending_a_worker_lets_go_what_it_asked_about(store, make, clock):
    """An unknown delivery that a dead worker was asking about can be asked about by another, at its own time."""
    make.application()
    first = make.worker("first")
    (claimed,) = make.claim(first)
    make.settle([make.end(claimed, DeliveryState.UNKNOWN, reason=Reason.PROBE, outcome="unknown")], first)
    (asked,) = make.ask(first)
    assert make.ask(make.worker("second")) == []
    assert store.write(lambda unit: unit.end_worker("first", ask_at={}, now=clock.micros)) == 1
    (taken,) = make.ask("second")
    assert taken.fence > asked.fence


def test_followers_wait_for_those_before_them(store, make):
    """The next delivery to a target goes only once the one before it was delivered, lodged or cancelled."""
    application, (first, second, third) = make.application(each=3)
    worker = make.worker()
    (claimed,) = make.claim(worker)
    assert claimed.delivery.id == first.id
    make.settle([make.end(claimed, DeliveryState.LODGED)], worker)
    assert make.states(application.id) == [("lodged", None), ("due", None), ("waiting", "behind")]
    (claimed,) = make.claim(worker)
    assert claimed.delivery.id == second.id
    make.settle([make.end(claimed, DeliveryState.PARKED, reason=Reason.REFUSED, trouble=TROUBLE)], worker)
    assert make.claim(worker) == []
    assert store.read(lambda unit: unit.trouble(second.id)) == TROUBLE
    event = Event("cancelled", 1, "op", application.id, "municipal", second.id, "operator")
    assert store.write(lambda unit: unit.operate(second.id, DeliveryState.CANCELLED, Reason.OPERATOR, event))
    assert [one.delivery.id for one in make.claim(worker)] == [third.id]
    assert "delivery_released" in make.acts(application.id)


def test_a_cancelled_one_does_not_let_its_follower_pass_a_parked_one(store, make):
    """Whoever stands behind a parked delivery stays there though the one between them is cancelled."""
    application, (_, second, _) = make.application(each=3)
    worker = make.worker()
    (claimed,) = make.claim(worker)
    make.settle([make.end(claimed, DeliveryState.PARKED, reason=Reason.REFUSED, trouble=TROUBLE)], worker)
    event = Event("cancelled", 1, "op", application.id, "municipal", second.id, "operator")
    assert store.write(lambda unit: unit.operate(second.id, DeliveryState.CANCELLED, Reason.OPERATOR, event))
    assert make.states(application.id)[2] == ("waiting", "behind")
    assert make.claim(worker) == []


def test_a_lodged_one_that_is_refused_holds_its_followers_again(store, make):
    """A follower that has not gone yet is held again when the lodged one before it is parked."""
    application, (first, _) = make.application(each=2)
    worker = make.worker()
    (claimed,) = make.claim(worker)
    make.settle([make.end(claimed, DeliveryState.LODGED)], worker)
    event = Event("parked", 1, "op", application.id, "municipal", first.id, "operator")
    assert store.write(lambda unit: unit.operate(first.id, DeliveryState.PARKED, Reason.OPERATOR, event))
    assert make.states(application.id) == [("parked", "operator"), ("waiting", "behind")]


def test_facts_let_go_who_waits_for_them(store, make, clock):
    """A delivery that waits for facts goes on when the last of them exists, whoever gave it, and not before."""
    application, (_, to_discharge) = make.application(("municipal", "discharge"))
    worker = make.worker()
    (waiting,) = make.claim(worker, "discharge")
    event = Event("delivery_waits", 1, application=application.id, target="discharge", delivery=to_discharge.id)
    needs = ["case_number", "accepted_on"]
    assert store.write(
        lambda unit: unit.wait_for_facts(to_discharge.id, waiting.fence, needs, worker=worker, event=event)
    )
    assert make.states(application.id)[0] == ("waiting", "fact")
    (claimed,) = make.claim(worker)
    more = make.end(claimed, DeliveryState.DUE, reason=Reason.RETRY, facts={"case_number": "C1"}, outcome="try_later")
    make.settle([more], worker)
    assert make.states(application.id)[0] == ("waiting", "fact")
    (claimed,) = make.claim(worker)
    make.settle([make.end(claimed, facts={"accepted_on": "2026-11-23"})], worker)
    assert make.states(application.id) == [("due", None), ("delivered", None)]
    assert [one.delivery.id for one in make.claim(worker, "discharge")] == [to_discharge.id]
    assert store.read(lambda unit: unit.trouble(to_discharge.id)) is None
    assert clock.micros


def test_a_fact_that_came_meanwhile_is_not_waited_for(store, make):
    """A delivery whose fact came between its claim and its waiting goes on at once."""
    application, (_, to_discharge) = make.application(("municipal", "discharge"))
    worker = make.worker()
    (waiting,) = make.claim(worker, "discharge")
    (claimed,) = make.claim(worker)
    make.settle([make.end(claimed, facts={"case_number": "C1"})], worker)
    event = Event("delivery_waits", 1, application=application.id, target="discharge", delivery=to_discharge.id)

    def wait(unit):
        return unit.wait_for_facts(to_discharge.id, waiting.fence, ["case_number"], worker=worker, event=event)

    assert store.write(wait)
    assert make.states(application.id)[0] == ("due", None)
    assert not store.write(wait)


def test_attempts_are_told(store, make, clock):
    """Every try is kept with its answer; what was put back untried is none, and only a send counts as an attempt."""
    application, (delivery,) = make.application()
    worker = make.worker()
    (claimed,) = make.claim(worker)
    make.settle([make.end(claimed, DeliveryState.DUE, via="release", outcome="put_back")], worker)
    assert store.read(lambda unit: unit.attempts(delivery.id)) == []
    (claimed,) = make.claim(worker)
    unknown = make.end(claimed, DeliveryState.UNKNOWN, reason=Reason.PROBE, outcome="unknown", raw=b"<html>", code="E9")
    make.settle([unknown], worker)
    (asked,) = make.ask(worker)
    make.settle([make.end(asked, via="find", raw=b"{}")], worker)
    tries = store.read(lambda unit: unit.attempts(delivery.id))
    assert [(one.number, one.via, one.outcome, one.code, one.raw) for one in tries] == [
        (1, "send", "unknown", "E9", b"<html>"),
        (2, "find", "receipt", None, b"{}"),
    ]
    (held,) = store.read(lambda unit: unit.deliveries(application.id))
    assert (held.state, held.attempts) == (DeliveryState.DELIVERED, 1)
    assert make.acts(application.id) == [
        "submitted",
        "delivery_made",
        "delivery_unknown",
        "delivery_delivered",
    ]
    assert clock.micros


def test_one_settle_of_two_for_the_same_delivery_counts(make):
    """Where a group names one delivery twice, only the first end counts."""
    make.application()
    worker = make.worker()
    (claimed,) = make.claim(worker)
    assert make.settle([make.end(claimed), make.end(claimed, DeliveryState.DUE)], worker) == [True, False]


def test_illegal_moves_are_refused(store, make):
    """An act on a delivery that moved meanwhile has no effect, and an illegal end is an error of ours."""
    application, (delivery,) = make.application()
    worker = make.worker()
    event = Event("retried", 1, "op", application.id, "municipal", delivery.id, "operator")
    (claimed,) = make.claim(worker)
    assert not store.write(lambda unit: unit.operate(delivery.id, DeliveryState.PARKED, Reason.OPERATOR, event))
    make.settle([make.end(claimed, DeliveryState.UNKNOWN, reason=Reason.PROBE)], worker)
    now = 1 << 61
    (asked,) = store.write(lambda unit: unit.claim_unknown("municipal", limit=1, worker=worker, now=now))
    with pytest.raises(StoreError):
        make.settle([make.end(asked, DeliveryState.CANCELLED)], worker)
    make.settle([make.end(asked)], worker)
    assert not store.write(lambda unit: unit.operate(delivery.id, DeliveryState.DUE, None, event))
    assert not store.write(lambda unit: unit.operate("none", DeliveryState.DUE, None, event))


def test_a_retry_clears_failures(store, make):
    """What a person sends again starts its count of failures anew, and loses its trouble."""
    application, (delivery,) = make.application()
    worker = make.worker()
    (claimed,) = make.claim(worker)
    parked = make.end(claimed, DeliveryState.PARKED, reason=Reason.ATTEMPTS, failures=25, trouble=TROUBLE)
    make.settle([parked], worker)
    event = Event("retried", 1, "op", application.id, "municipal", delivery.id, "operator")
    assert store.write(lambda unit: unit.operate(delivery.id, DeliveryState.DUE, None, event))
    (held,) = store.read(lambda unit: unit.deliveries(application.id))
    assert (held.failures, held.attempts, held.state) == (0, 1, DeliveryState.DUE)
    assert store.read(lambda unit: unit.trouble(delivery.id)) is None


def test_next_time_and_ready_speak_of_what_nobody_holds(store, make, clock):
    """`next_time` is the earliest time of a waiting retry or question, and `ready` tells when there is work."""
    make.application()
    worker = make.worker()

    def ready():
        return store.read(lambda unit: unit.ready("municipal", now=clock.micros))

    def next_time():
        return store.read(lambda unit: unit.next_time("municipal"))

    assert ready()
    assert next_time() is None
    (claimed,) = make.claim(worker)
    assert not ready()
    soon = clock.micros + SECOND
    make.settle(
        [make.end(claimed, DeliveryState.UNKNOWN, reason=Reason.PROBE, next_at=soon, outcome="unknown")], worker
    )
    assert next_time() == soon
    assert not ready()
    assert make.ask(worker) == []
    clock.move(1)
    assert ready()
    (asked,) = make.ask(worker)
    assert not ready()
    assert next_time() is None
    later = make.end(asked, DeliveryState.DUE, reason=Reason.RETRY, next_at=clock.micros + SECOND, via="find")
    make.settle([later], worker)
    assert next_time() == clock.micros + SECOND
    clock.move(2)
    assert ready()


def test_selection_means_all_conditions_together(store, make):
    """A filter selects what meets every condition, by any number of an application, page by page."""
    application, (first, second) = make.application(("municipal", "discharge"))
    others = [make.application()[1][0].id for _ in range(4)]

    def select(**wanted):
        return [one.id for one, _ in store.read(lambda unit: unit.select_deliveries(DeliveryFilter(**wanted)))]

    assert select() == sorted([first.id, second.id, *others])
    assert select(ids=[application.number]) == sorted([first.id, second.id])
    assert select(ids=[first.id, others[0], "none"]) == sorted([first.id, others[0]])
    assert select(target="discharge") == [second.id]
    assert select(states=[DeliveryState.PARKED]) == []
    assert select(matter="discharge-permit", states=[DeliveryState.DUE], target="discharge") == [second.id]
    assert select(target="municipal", limit=2) == sorted([first.id, *others])[:2]
    assert select(target="municipal", after=others[1]) == others[2:]
    ((_, number), *_) = store.read(lambda unit: unit.select_deliveries(DeliveryFilter(ids=[first.id])))
    assert number == application.number


def test_counts_name_every_state(store, make):
    """Every state is counted, those without a delivery as zero; the oldest open one is known until it ends."""
    _, (delivery,) = make.application()
    worker = make.worker()
    counts = store.read(lambda unit: unit.counts())
    assert set(counts) == set(DeliveryState)
    assert counts[DeliveryState.DUE] == 1
    assert store.read(lambda unit: unit.oldest_open()) == delivery.made_at
    (claimed,) = make.claim(worker)
    make.settle([make.end(claimed)], worker)
    assert store.read(lambda unit: unit.oldest_open()) is None


def test_status_of_a_settle_reaches_the_counterpart(store, make, clock):
    """What a receipt says of the case is kept as the counterpart."""
    application, _ = make.application()
    worker = make.worker()
    (claimed,) = make.claim(worker)
    held = Counterpart(application.id, "municipal", "N1", ApplicationState.RECEIVED, "1", clock.micros)
    make.settle([make.end(claimed, counterpart=held)], worker)
    assert store.read(lambda unit: unit.counterparts(application.id)) == [held]
