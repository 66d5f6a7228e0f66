"""A step (环节): one status that a target said of an application and was the one to say, with all that it said.

Steps are what the others are told of. What does not belong here: which move is legal (`lifecycle`), and who is told
(the engine's).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from bridge.model.lifecycle import ApplicationState
from bridge.model.word import Paper, Word


class Standing(StrEnum):
    """What became of a step."""

    APPLIED = "applied"
    """It moved the application."""
    NOTED = "noted"
    """It came late, or said again where the application stands: kept as history."""
    PENDING = "pending"
    """It cannot follow from where the application stands; it is applied once what must come before it has come."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step. Instants are microseconds since the epoch."""

    id: str
    application: str
    place: int
    """Place among the steps of its application, from 1, in the order in which we heard of them."""
    target: str
    """Who said it; empty where the applicant did, through us."""
    revision: int
    state: ApplicationState
    status_raw: str
    at: int
    """When it happened, by its source."""
    recorded_at: int
    via: str
    standing: Standing
    word: Word


@dataclass(frozen=True, slots=True)
class KeptPaper:
    """A document or licence file of an application, and our copy of it."""

    id: str
    application: str
    target: str
    paper: Paper
    at: int
    recorded_at: int
    digest: str | None
    """`sha256:…` of our copy; None until it has been fetched, and where there is no file."""
    size: int | None


NAMES: dict[ApplicationState, str] = {
    ApplicationState.RECEIVED: "收件",
    ApplicationState.CORRECTION_REQUESTED: "补正",
    ApplicationState.ACCEPTED: "受理",
    ApplicationState.DEEMED_ACCEPTED: "视为受理",
    ApplicationState.NOT_ACCEPTED: "不予受理",
    ApplicationState.NOT_REQUIRED: "依法不需许可",
    ApplicationState.REVIEWING: "审查",
    ApplicationState.SUSPENDED: "特别程序",
    ApplicationState.EXTENDED: "延长",
    ApplicationState.RETURNED: "退回修改",
    ApplicationState.GRANTED: "决定",
    ApplicationState.REFUSED: "决定",
    ApplicationState.ISSUED: "制证",
    ApplicationState.CLOSED: "办结",
    ApplicationState.SERVED: "送达",
    ApplicationState.WITHDRAWN: "撤回",
    ApplicationState.TERMINATED: "终止",
    ApplicationState.REVOKED: "撤销",
    ApplicationState.CANCELLED: "注销",
    ApplicationState.FILED: "备案",
    ApplicationState.NOT_FILED: "备案退回",
    ApplicationState.REGISTERED: "登记",
}
"""办理环节名称 of each state (TARGETS 1.2, 6.1); those that are no step of a body have none."""

RETURNS = frozenset(
    {
        ApplicationState.CORRECTION_REQUESTED,
        ApplicationState.RETURNED,
        ApplicationState.NOT_ACCEPTED,
        ApplicationState.NOT_FILED,
    }
)
"""States that 退回 the application; GB/T 39046 业务动作."""

NEITHER = frozenset(
    {
        ApplicationState.REFUSED,
        ApplicationState.SUSPENDED,
        ApplicationState.EXTENDED,
        ApplicationState.WITHDRAWN,
        ApplicationState.TERMINATED,
        ApplicationState.REVOKED,
        ApplicationState.CANCELLED,
        ApplicationState.NOT_REQUIRED,
    }
)
"""States that neither 通过 nor 退回 it: 其他."""


def result(state: ApplicationState) -> str:
    """业务动作 of a step: `pass`, `return` or `other` (GB/T 39046: 通过, 退回, 其他)."""
    if state in RETURNS:
        return "return"
    return "other" if state in NEITHER else "pass"
