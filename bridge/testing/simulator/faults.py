"""The faults that a simulated target can be told to have, and the dice that say which call or message is struck.

What a fault does to a call is in `wire`, what it does to a message in `stream`. Source: DESIGN of the side door.
"""

from __future__ import annotations

import math
import random
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Literal, get_args

from bridge.clock import Clock
from bridge.testing.simulator.calls import CallKind

On = Literal["writes", "reads", "auth", "all"]


class Fault(StrEnum):
    """What can go wrong."""

    REFUSE = "refuse"
    """With share 1 on all nothing listens; else the connection is reset once the head is known, without effect."""
    CLOSE = "close"
    """The connection is closed before the request is read, without effect."""
    ERROR_500 = "error_500"
    """500, before or after the effect with equal share."""
    ERROR_503 = "error_503"
    """503 with Retry-After, without effect."""
    LIMIT_429 = "limit_429"
    """The target's own 'too many calls', without effect."""
    COMMIT_THEN_DROP = "commit_then_drop"
    """The effect, then the connection is reset instead of an answer."""
    SLOW_COMMIT = "slow_commit"
    """No answer; the effect comes `seconds` (3) after the caller gave up."""
    DRIP = "drip"
    """The effect, then the answer byte by byte."""
    ENDLESS = "endless"
    """The effect, then an answer that never ends."""
    HTML_200 = "html_200"
    """200 with a log-in page, without effect."""
    UNKNOWN_CODE = "unknown_code"
    """A code that is in no table, before or after the effect with equal share."""
    EXPIRED_TOKEN = "expired_token"  # noqa: S105 - the fault's name, no credential
    """The token counts as expired, without effect."""
    MAINTENANCE = "maintenance"
    """The target's own 'closed for maintenance', without effect."""
    LATE_STATUS = "late_status"
    """A message comes `seconds` (3) late."""
    DOUBLE_STATUS = "double_status"
    """A message comes twice."""
    WRONG_ORDER = "wrong_order"
    """A message comes after the next one, or `seconds` (3) late where there is none."""


ON_MESSAGES = frozenset({Fault.LATE_STATUS, Fault.DOUBLE_STATUS, Fault.WRONG_ORDER})
"""Faults that strike what the target tells, not what it is asked."""

DELAYS = frozenset({Fault.SLOW_COMMIT, Fault.LATE_STATUS, Fault.WRONG_ORDER})
"""Faults whose `seconds` is their delay; of every other it is how long the fault lasts."""

EVERY_HTTP_TARGET = frozenset({Fault.REFUSE, Fault.CLOSE, Fault.ERROR_500, Fault.COMMIT_THEN_DROP, Fault.SLOW_COMMIT})
"""What every HTTP target must take on writes."""

DELAY = 3.0
"""Seconds of a delay that was not told."""

_KINDS: dict[str, frozenset[CallKind]] = {
    "writes": frozenset({"write"}),
    "reads": frozenset({"read"}),
    "auth": frozenset({"auth"}),
    "all": frozenset({"write", "read", "auth"}),
}


class ImpossibleFault(ValueError):
    """The plan asks for what this target cannot do, or says it wrongly; the message says which."""


@dataclass(slots=True)
class Planned:
    """One fault of the plan in force."""

    fault: Fault
    share: float
    on: On
    left: int | None
    """Strikes left; None: any number."""
    seconds: float | None
    """As told."""
    until: float | None
    """Monotonic end; None: until the plan ends."""

    @property
    def delay(self) -> float:
        """Seconds of delay, for faults that have one."""
        return DELAY if self.seconds is None else self.seconds

    def retry_after(self, now: float) -> int:
        """Whole seconds that the target asks callers to wait: until the fault's end where that is known, else 1."""
        return 1 if self.until is None else max(1, math.ceil(self.until - now))


class Faults:
    """The plan in force and its dice."""

    def __init__(self, clock: Clock, supported: frozenset[Fault]) -> None:
        self._clock, self._supported = clock, supported
        self._plan: list[Planned] = []
        self._dice = random.Random(0)  # noqa: S311 - reproducible on purpose

    def plan(self, body: Any) -> None:
        """Replace the plan by `{"seed"?, "faults": […]}`. Raises ImpossibleFault, and leaves the old plan then."""
        if not isinstance(body, Mapping) or not isinstance(body.get("faults"), list):
            raise ImpossibleFault('应为 {"seed", "faults": […]} (that shape is wanted)')
        plan = [self._read(one) for one in body["faults"]]
        for kind in get_args(CallKind):
            shares = [one.share for one in plan if one.fault not in ON_MESSAGES and kind in _KINDS[one.on]]
            if sum(shares) > 1 + 1e-9:
                raise ImpossibleFault(f"各故障占比之和大于 1 (shares sum to more than 1): {kind}")
        if sum(one.share for one in plan if one.fault in ON_MESSAGES) > 1 + 1e-9:
            raise ImpossibleFault("各故障占比之和大于 1 (shares sum to more than 1): messages")
        self._dice.seed(body.get("seed", 0))
        self._plan = plan

    def shown(self) -> list[dict[str, Any]]:
        """The plan in force, as it was told."""
        return [
            {"fault": one.fault.value, "share": one.share, "on": one.on, "count": one.left, "seconds": one.seconds}
            for one in self._plan
        ]

    def strike(self, kind: CallKind) -> Planned | None:
        """Roll for one call: the fault that strikes it, or None."""
        return self._roll([one for one in self._plan if one.fault not in ON_MESSAGES and kind in _KINDS[one.on]])

    def strike_message(self) -> Planned | None:
        """Roll for one message that the target is about to tell."""
        return self._roll([one for one in self._plan if one.fault in ON_MESSAGES])

    def even(self) -> bool:
        """Heads or tails."""
        return self._dice.random() < 0.5

    @property
    def deaf(self) -> bool:
        """Whether nothing listens: `refuse` with share 1 on all, without a count."""
        now = self._clock.monotonic()
        return any(
            one.fault is Fault.REFUSE and one.share == 1 and one.on == "all" and one.left is None and _lasts(one, now)
            for one in self._plan
        )

    def _roll(self, plan: list[Planned]) -> Planned | None:
        """One roll over faults whose shares exclude each other."""
        now = self._clock.monotonic()
        rolled = self._dice.random()
        for one in plan:
            if rolled < one.share:
                if not _lasts(one, now) or one.left == 0:
                    return None
                if one.left is not None:
                    one.left -= 1
                return one
            rolled -= one.share
        return None

    def _read(self, told: Any) -> Planned:
        """One fault of a plan."""
        if not isinstance(told, Mapping):
            raise ImpossibleFault("每个故障应为对象 (each fault is an object)")
        if unknown := set(told) - {"fault", "share", "on", "count", "seconds"}:
            raise ImpossibleFault(f"不认识的字段 (unknown fields): {sorted(unknown)}")
        name = told.get("fault")
        if name not in list(Fault):
            raise ImpossibleFault(f"没有这种故障 (no such fault); 可选 (known): {', '.join(Fault)}")
        fault = Fault(name)
        if fault not in self._supported:
            raise ImpossibleFault(f"此系统不会出现 {fault} (has no meaning at this target)")
        share, on = told.get("share", 1), told.get("on", "writes")
        count, seconds = told.get("count"), told.get("seconds")
        if not _is_number(share) or not 0 <= share <= 1:
            raise ImpossibleFault("share 应在 0 和 1 之间 (between 0 and 1)")
        if on not in get_args(On):
            raise ImpossibleFault(f"on 可选 (one of): {', '.join(get_args(On))}")
        if count is not None and (not isinstance(count, int) or isinstance(count, bool) or count < 0):
            raise ImpossibleFault("count 应为非负整数 (a whole number from 0)")
        if seconds is not None and (not _is_number(seconds) or seconds < 0):
            raise ImpossibleFault("seconds 应为非负数 (a number from 0)")
        lasts = None if seconds is None or fault in DELAYS else self._clock.monotonic() + seconds
        return Planned(fault, float(share), on, count, seconds, lasts)


def _lasts(planned: Planned, now: float) -> bool:
    return planned.until is None or now < planned.until


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
