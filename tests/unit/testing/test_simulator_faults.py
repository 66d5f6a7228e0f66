"""The plan of faults and its dice."""

from __future__ import annotations

from collections import Counter

import pytest

from bridge.clock import SystemClock
from bridge.testing.simulator.faults import EVERY_HTTP_TARGET, Fault, Faults, ImpossibleFault


class Clock(SystemClock):
    """Stands still until it is moved."""

    at = 0.0

    def monotonic(self):
        """Where it stands."""
        return self.at


@pytest.fixture
def clock():
    """At the start."""
    return Clock()


@pytest.fixture
def faults(clock):
    """Of a target that can have them all."""
    return Faults(clock, frozenset(Fault))


def plan(*told, seed=1):
    """As the side door gets it."""
    return {"seed": seed, "faults": list(told)}


def test_shares_exclude_each_other(faults):
    """Half and a tenth and a tenth strike that often, never two at once, and the rest goes well."""
    faults.plan(
        plan(
            {"fault": "commit_then_drop", "share": 0.5},
            {"fault": "refuse", "share": 0.1},
            {"fault": "error_500", "share": 0.1},
        )
    )
    struck = Counter(one.fault if (one := faults.strike("write")) else None for _ in range(10_000))
    for fault, share in ((Fault.COMMIT_THEN_DROP, 0.5), (Fault.REFUSE, 0.1), (Fault.ERROR_500, 0.1), (None, 0.3)):
        assert abs(struck[fault] / 10_000 - share) < 0.02, fault


def test_the_same_seed_strikes_the_same_calls(faults):
    """A run can be repeated."""

    def run():
        faults.plan(plan({"fault": "close", "share": 0.3}, seed=9))
        return [faults.strike("write") is not None for _ in range(50)]

    assert run() == run()


@pytest.mark.parametrize(
    ("on", "kinds"),
    [("writes", {"write"}), ("reads", {"read"}), ("auth", {"auth"}), ("all", {"write", "read", "auth"})],
)
def test_a_fault_strikes_only_its_calls(faults, on, kinds):
    """`on` chooses; writes where nothing is said."""
    faults.plan(plan({"fault": "close", "share": 1, "on": on}))
    assert {kind for kind in ("write", "read", "auth") if faults.strike(kind)} == kinds
    faults.plan(plan({"fault": "close"}))
    assert faults.strike("read") is None
    assert faults.strike("write")


def test_count_and_seconds_end_a_fault(faults, clock):
    """After so many strikes, or so many seconds, calls go well again."""
    faults.plan(plan({"fault": "close", "count": 2}))
    assert [faults.strike("write") is not None for _ in range(3)] == [True, True, False]
    faults.plan(plan({"fault": "error_503", "seconds": 10}))
    assert faults.strike("write").retry_after(clock.at) == 10
    clock.at = 9.5
    assert faults.strike("write").retry_after(clock.at) == 1
    clock.at = 10.5
    assert faults.strike("write") is None


def test_seconds_of_a_slow_commit_are_its_delay(faults, clock):
    """Three where nothing is said; and the fault does not end by it."""
    faults.plan(plan({"fault": "slow_commit"}))
    assert faults.strike("write").delay == 3
    faults.plan(plan({"fault": "slow_commit", "seconds": 0.5}))
    clock.at = 100
    assert faults.strike("write").delay == 0.5


def test_only_a_whole_refusal_is_deaf(faults, clock):
    """Nothing listens only where everything is refused, and until that ends."""
    for told, deaf in [
        ({"fault": "refuse", "share": 1, "on": "all"}, True),
        ({"fault": "refuse", "share": 1, "on": "writes"}, False),
        ({"fault": "refuse", "share": 0.9, "on": "all"}, False),
        ({"fault": "refuse", "share": 1, "on": "all", "count": 3}, False),
        ({"fault": "close", "share": 1, "on": "all"}, False),
    ]:
        faults.plan(plan(told))
        assert faults.deaf is deaf, told
    faults.plan(plan({"fault": "refuse", "share": 1, "on": "all", "seconds": 5}))
    clock.at = 6
    assert not faults.deaf


def test_message_faults_do_not_strike_calls(faults):
    """What strikes messages leaves calls alone, and the other way round."""
    faults.plan(plan({"fault": "late_status"}, {"fault": "close"}))
    assert faults.strike("write").fault is Fault.CLOSE
    assert faults.strike_message().fault is Fault.LATE_STATUS


@pytest.mark.parametrize(
    "told",
    [
        [],
        {},
        {"faults": {}},
        plan("close"),
        plan({"fault": "nothing"}),
        plan({"fault": "close", "share": 2}),
        plan({"fault": "close", "share": True}),
        plan({"fault": "close", "share": float("nan")}),
        plan({"fault": "close", "on": "some"}),
        plan({"fault": "close", "count": -1}),
        plan({"fault": "close", "count": 1.5}),
        plan({"fault": "close", "seconds": -1}),
        plan({"fault": "close", "times": 1}),
        plan({"fault": "close", "share": 0.6}, {"fault": "refuse", "share": 0.6}),
        plan({"fault": "close", "share": 0.6, "on": "all"}, {"fault": "refuse", "share": 0.6, "on": "reads"}),
    ],
)
def test_an_impossible_plan_is_refused_whole(faults, told):
    """A wrong plan is named, and the one in force stays."""
    faults.plan(plan({"fault": "refuse"}))
    with pytest.raises(ImpossibleFault):
        faults.plan(told)
    assert faults.strike("write").fault is Fault.REFUSE


def test_what_has_no_meaning_at_a_target_is_refused(clock):
    """A target names what it can have."""
    with pytest.raises(ImpossibleFault):
        Faults(clock, EVERY_HTTP_TARGET).plan(plan({"fault": "expired_token"}))
