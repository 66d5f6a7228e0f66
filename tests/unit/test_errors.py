from __future__ import annotations

import pytest

from bridge.errors import (
    AccessDenied,
    BridgeError,
    InvalidApplication,
    OutcomeUnknown,
    Problem,
    Refused,
    SettingsError,
    StoreError,
    TargetError,
    TryLater,
)

PROBLEM = Problem("/data/a", "甲", "A", "有误", "wrong", "请改", "mend it")


def test_the_default_message_is_what_to_do() -> None:
    """An error raised without words says its docstring's first line."""
    assert str(StoreError()) == (StoreError.__doc__ or "").splitlines()[0]
    assert str(StoreError("别的")) == "别的"


def test_a_settings_error_names_its_setting() -> None:
    """Whoever catches it can say which."""
    error = SettingsError("BRIDGE_X", "缺少")
    assert (error.setting, str(error)) == ("BRIDGE_X", "BRIDGE_X: 缺少")


def test_all_problems_travel_together() -> None:
    """One error holds every problem, and says nothing of them by itself."""
    error = InvalidApplication([PROBLEM, PROBLEM])
    assert error.problems == (PROBLEM, PROBLEM)
    assert "甲" not in str(error)


def test_a_problem_seen_from_further_up() -> None:
    """Its pointer grows by the place of its document, nothing else changes."""
    moved = PROBLEM.under("/items/3")
    assert moved.pointer == "/items/3/data/a"
    assert moved.under("") == moved
    assert (moved.label, moved.severity) == (PROBLEM.label, "error")


@pytest.mark.parametrize("kind", [TryLater, Refused, AccessDenied, OutcomeUnknown])
def test_a_targets_error_keeps_what_the_next_attempt_needs(kind: type[TargetError]) -> None:
    """Each of the four carries memo, code and the raw answer."""
    error = kind("话", code="302", raw=b"{}", memo={"draft": "1"})
    assert isinstance(error, BridgeError)
    assert (error.code, error.raw, error.memo) == ("302", b"{}", {"draft": "1"})


def test_silence_is_told_apart_from_an_answer() -> None:
    """Only no answer at all may open a breaker."""
    assert TryLater().answered
    assert not TryLater(answered=False).answered
    assert not OutcomeUnknown(answered=False).answered
    assert TryLater(after=3).after == 3
