"""The long schedule and what each end of an attempt means."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.contract.outcome import Absent, Held, Partial, Receipt, Unclear
from bridge.engine.retry import EARLY_QUESTION, SECOND, Judge, RetryPolicy
from bridge.engine.words import by_operator
from bridge.errors import AccessDenied, FieldRefusal, OutcomeUnknown, Refused, TargetError, TryLater
from bridge.model.application import Application
from bridge.model.delivery import MOVES, Delivery, DeliveryState, Kind, Reason
from bridge.model.lifecycle import ApplicationState
from bridge.ports.store import Claimed, Settle

SETTLE = 5 * SECOND
ENDED = 1_000 * SECOND
RECEIPT = Receipt(number="N1", status=ApplicationState.RECEIVED, status_raw="00", facts={"case_number": "N1", "x": "y"})


def policy(**changes: float) -> RetryPolicy:
    """A schedule of seconds."""
    values = {"first_seconds": 5.0, "cap_seconds": 3600.0, "attempts": 25, **changes}
    return RetryPolicy(
        first_seconds=values["first_seconds"],
        cap_seconds=values["cap_seconds"],
        attempts=int(values["attempts"]),
        dice=random.Random(7),
    )


def judge(**changes: object) -> Judge:
    """A judge of one target."""
    made = Judge(
        policy=policy(),
        target="t",
        title="对方",
        settle_micros=SETTLE,
        can_find=True,
        gives=frozenset({"case_number"}),
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def claimed(**changes: object) -> Claimed:
    """A claimed delivery of which only `changes` matter."""
    delivery = Delivery(
        id="d",
        application="a",
        revision=1,
        target="t",
        kind=Kind.APPLY,
        order=1,
        event=None,
        state=DeliveryState.SENDING,
        reason=None,
        next_at=None,
        attempts=1,
        failures=0,
        mapping_version=1,
        made_at=0,
        changed_at=0,
    )
    application = Application(
        id="a",
        number="YCL",
        case_number=None,
        reference=None,
        matter="m",
        type="new",
        state=ApplicationState.SUBMITTED,
        revision=1,
        form_version=1,
        body="b",
        district="120116",
        hall=None,
        channel="web",
        origin="entered",
        entered_by="x",
        at=0,
        recorded_at=0,
    )
    parts = {name: value for name, value in changes.items() if hasattr(delivery, name) and name != "application"}
    others = {name: value for name, value in changes.items() if name not in parts}
    base = Claimed(
        delivery=replace(delivery, **parts),  # type: ignore[arg-type]
        worker="w",
        fence=3,
        application=application,
        applicant="u",
        site="001",
        materials=(),
        payload=b"{}",
        memo={},
        target_number=None,
        attempt_ended_at=None,
    )
    return replace(base, **others)  # type: ignore[arg-type]


def send(outcome: object, *, silent: bool = False, by: Judge | None = None, **changes: object) -> Settle:
    """What `outcome` means for a delivery with `changes`."""
    return (by or judge()).after_send(
        claimed(**changes),
        outcome,  # type: ignore[arg-type]
        started=ENDED - SECOND,
        ended=ENDED,
        silent=silent,
        in_words=lambda _: by_operator("x"),
    )


def find(found: object, *, started: int = ENDED, by: Judge | None = None, **changes: object) -> Settle:
    """What an answer to the question means."""
    one = claimed(state=DeliveryState.UNKNOWN, **changes)
    return (by or judge()).after_find(one, found, started=started, ended=started)  # type: ignore[arg-type]


@given(st.integers(1, 200), st.floats(0.1, 60), st.floats(60, 86_400))
def test_delay_never_exceeds_the_cap_nor_the_doubling(failures: int, first: float, cap: float) -> None:
    """Whatever the dice say, a delay stays under min(cap, first × 2^(n-1))."""
    delay = policy(first_seconds=first, cap_seconds=cap).delay(failures)
    assert 0 <= delay <= min(cap, first * 2.0 ** min(failures - 1, 40)) * SECOND


@given(st.floats(0, 100_000), st.integers(1, 60))
def test_a_wish_for_time_is_honoured(after: float, failures: int) -> None:
    """A target that asks for time gets at least that."""
    assert policy().delay(failures, after) >= int(after * SECOND)


@given(st.integers(0, 500))
def test_probe_is_never_later_than_the_cap(silent: int) -> None:
    """A silent target is probed at least every cap."""
    assert policy(cap_seconds=30).probe(silent) <= 30 * SECOND


def test_receipt_delivers_and_keeps_only_the_facts_that_are_the_targets_to_give() -> None:
    """A receipt ends the delivery; a fact that the manifest does not promise is not taken."""
    end = send(RECEIPT, failures=7)
    assert (end.state, end.failures, end.facts) == (DeliveryState.DELIVERED, 0, {"case_number": "N1"})
    assert end.counterpart is not None
    assert end.counterpart.number == "N1"


def test_lodged_receipt_awaits_the_verdict() -> None:
    """A target that has it but has not judged it leaves the delivery lodged."""
    assert send(replace(RECEIPT, lodged=True)).state is DeliveryState.LODGED


def test_unknown_outcome_is_asked_about_and_never_due() -> None:
    """After a lost answer the delivery is unknown, with a time to be asked about."""
    end = send(OutcomeUnknown(answered=False))
    assert (end.state, end.reason, end.next_at) == (DeliveryState.UNKNOWN, Reason.PROBE, ENDED + EARLY_QUESTION)


def test_a_target_that_cannot_be_asked_sends_the_unknown_to_a_person() -> None:
    """No question possible: parked with words, never sent again by itself."""
    end = send(OutcomeUnknown(), by=judge(can_find=False))
    assert (end.state, end.reason) == (DeliveryState.PARKED, Reason.UNCLEAR)
    assert end.trouble is not None


def test_access_denied_burns_no_attempt() -> None:
    """A refused credential is the target's affair: the delivery is due as before and nothing is counted."""
    end = send(AccessDenied(), failures=4)
    assert (end.state, end.failures, end.via) == (DeliveryState.DUE, 4, "release")


def test_refusal_parks_at_once() -> None:
    """A refusal is a to-do, not a reason to try again."""
    end = send(Refused("no", fields=[FieldRefusal("1.单位名称", "太长")]))
    assert (end.state, end.reason) == (DeliveryState.PARKED, Reason.REFUSED)


@given(st.integers(0, 24))
def test_attempts_in_a_row_park(failures: int) -> None:
    """The 25th failure in a row parks, an earlier one does not."""
    end = send(TryLater(), failures=failures)
    assert (end.state is DeliveryState.PARKED) == (failures == 24)


def test_progress_starts_the_count_anew() -> None:
    """An attempt that noted something new has made progress: 24 failures before it do not park it."""
    end = send(TryLater(memo={"file": "7"}), failures=24)
    assert (end.state, end.failures, end.memo) == (DeliveryState.DUE, 1, {"file": "7"})


def test_silence_of_the_whole_target_is_not_counted_against_a_delivery() -> None:
    """While a target answers nobody, its deliveries burn no attempts; while it answers others, they do."""
    assert send(TryLater(answered=False), silent=True, failures=24).state is DeliveryState.DUE
    assert send(TryLater(answered=False), silent=False, failures=24).state is DeliveryState.PARKED


def test_absent_counts_only_after_the_settle_time() -> None:
    """'I do not have it' before the target may no longer commit is asked again; after it, sent again."""
    early = find(Absent(), started=ENDED + SETTLE - 1, attempt_ended_at=ENDED)
    late = find(Absent(), started=ENDED + SETTLE, attempt_ended_at=ENDED)
    assert (early.state, early.next_at) == (DeliveryState.UNKNOWN, ENDED + SETTLE)
    assert late.state is DeliveryState.DUE


def test_partial_too_counts_only_after_the_settle_time() -> None:
    """A half-done delivery may still be finished by the attempt whose answer was lost."""
    assert find(Partial({"a": 1}), started=ENDED + 1, attempt_ended_at=ENDED).state is DeliveryState.UNKNOWN
    late = find(Partial({"a": 1}), started=ENDED + SETTLE, attempt_ended_at=ENDED)
    assert (late.state, late.memo) == (DeliveryState.DUE, {"a": 1})


def test_held_ends_it_at_any_time() -> None:
    """'I have it' needs no waiting."""
    assert find(Held(RECEIPT), started=ENDED + 1, attempt_ended_at=ENDED).state is DeliveryState.DELIVERED


def test_unclear_goes_to_a_person() -> None:
    """A target that cannot tell is never sent to again by itself."""
    assert find(Unclear("two"), attempt_ended_at=0).state is DeliveryState.PARKED


def test_after_a_bug_nothing_is_sent_again() -> None:
    """Where our adapter failed and the target has nothing, a developer looks; it is not tried for ever."""
    assert find(Absent(), attempt_ended_at=0, reason=Reason.BUG).state is DeliveryState.PARKED
    assert judge().after_bug(claimed(), ValueError(), started=0, ended=1).state is DeliveryState.UNKNOWN


ERRORS = st.sampled_from(
    [TryLater(), TryLater(after=3), TryLater(answered=False), Refused("x"), AccessDenied(), OutcomeUnknown()]
)


@given(ERRORS, st.booleans(), st.integers(0, 30))
def test_every_end_of_a_send_is_a_legal_move(outcome: TargetError, silent: bool, failures: int) -> None:
    """Whatever an attempt ends with, the table of moves allows it."""
    assert send(outcome, silent=silent, failures=failures).state in MOVES[DeliveryState.SENDING]


@given(st.one_of(ERRORS, st.sampled_from([Absent(), Partial({}), Held(RECEIPT), Unclear("x")])), st.integers(0, 30))
def test_no_question_ever_sends(found: object, failures: int) -> None:
    """Whatever the answer to a question, the delivery stays unknown or makes a legal move, and is never 'sending'."""
    state = find(found, attempt_ended_at=0, failures=failures).state
    assert state is DeliveryState.UNKNOWN or state in MOVES[DeliveryState.UNKNOWN]


@pytest.mark.parametrize("error", [TryLater(answered=False), OutcomeUnknown(answered=False)])
def test_an_unanswered_question_burns_no_attempt(error: TargetError) -> None:
    """While the target is silent the question is asked again, however often."""
    assert find(error, attempt_ended_at=0, failures=24).state is DeliveryState.UNKNOWN
