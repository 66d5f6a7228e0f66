"""The states of an application and the one table of legal moves between them.

Sources: 行政许可法 (2019) Art 29 to 50, 69, 70; 排污许可管理条例 Art 9 to 15. Who may make a move is data of a matter.
"""

from __future__ import annotations

from enum import StrEnum


class ApplicationState(StrEnum):
    """Where an application stands, by the word of its owner."""

    DRAFT = "draft"
    """草稿: the applicant is still writing."""
    SUBMITTED = "submitted"
    """已提交: stored with us; the receiving system moves it on."""
    RECEIVED = "received"
    """已收件: the receiving system holds it; the decider moves it on."""
    CORRECTION_REQUESTED = "correction_requested"
    """补正: the applicant must correct it."""
    ACCEPTED = "accepted"
    """已受理: by the decider."""
    NOT_ACCEPTED = "not_accepted"
    """不予受理: by the decider. An end."""
    NOT_REQUIRED = "not_required"
    """依法不需许可: by the decider. An end."""
    DEEMED_ACCEPTED = "deemed_accepted"
    """视为受理: by law, after the limit for a notice has passed."""
    LAPSED = "lapsed"
    """逾期未补正: only where a rule says so."""
    REVIEWING = "reviewing"
    """审查: by the decider."""
    SUSPENDED = "suspended"
    """特别程序: the clock stands still."""
    EXTENDED = "extended"
    """延长."""
    RETURNED = "returned"
    """退回修改: the clock runs on."""
    GRANTED = "granted"
    """准予."""
    REFUSED = "refused"
    """不予许可."""
    ISSUED = "issued"
    """制证."""
    CLOSED = "closed"
    """办结."""
    SERVED = "served"
    """送达. An end."""
    WITHDRAWN = "withdrawn"
    """撤回: by the applicant, before the decision. An end."""
    TERMINATED = "terminated"
    """终止: by the decider. An end."""
    REVOKED = "revoked"
    """撤销: later, by the body."""
    CANCELLED = "cancelled"
    """注销: later, by the body."""
    FILED = "filed"
    """已备案."""
    NOT_FILED = "not_filed"
    """备案退回."""
    REGISTERED = "registered"
    """已登记."""


TITLES: dict[ApplicationState, tuple[str, str]] = {
    ApplicationState.DRAFT: ("草稿", "draft"),
    ApplicationState.SUBMITTED: ("已提交", "submitted"),
    ApplicationState.RECEIVED: ("已收件", "received"),
    ApplicationState.CORRECTION_REQUESTED: ("待补正", "correction requested"),
    ApplicationState.ACCEPTED: ("已受理", "accepted"),
    ApplicationState.NOT_ACCEPTED: ("不予受理", "not accepted"),
    ApplicationState.NOT_REQUIRED: ("依法不需许可", "no permit required"),
    ApplicationState.DEEMED_ACCEPTED: ("视为受理", "deemed accepted"),
    ApplicationState.LAPSED: ("逾期未补正", "lapsed"),
    ApplicationState.REVIEWING: ("审查中", "under review"),
    ApplicationState.SUSPENDED: ("特别程序", "suspended"),
    ApplicationState.EXTENDED: ("已延长", "extended"),
    ApplicationState.RETURNED: ("退回修改", "returned for changes"),
    ApplicationState.GRANTED: ("准予许可", "granted"),
    ApplicationState.REFUSED: ("不予许可", "refused"),
    ApplicationState.ISSUED: ("已制证", "licence issued"),
    ApplicationState.CLOSED: ("已办结", "closed"),
    ApplicationState.SERVED: ("已送达", "served"),
    ApplicationState.WITHDRAWN: ("已撤回", "withdrawn"),
    ApplicationState.TERMINATED: ("已终止", "terminated"),
    ApplicationState.REVOKED: ("已撤销", "revoked"),
    ApplicationState.CANCELLED: ("已注销", "cancelled"),
    ApplicationState.FILED: ("已备案", "filed"),
    ApplicationState.NOT_FILED: ("备案退回", "not filed"),
    ApplicationState.REGISTERED: ("已登记", "registered"),
}
"""Each state in Chinese and English, as every door shows it."""

_A = ApplicationState

_DECIDABLE = frozenset({_A.GRANTED, _A.REFUSED, _A.WITHDRAWN, _A.TERMINATED})
_UNDER_REVIEW = frozenset({_A.REVIEWING, _A.SUSPENDED, _A.EXTENDED, _A.RETURNED}) | _DECIDABLE
_TAKEN_IN = frozenset(
    {
        _A.CORRECTION_REQUESTED,
        _A.ACCEPTED,
        _A.DEEMED_ACCEPTED,
        _A.NOT_ACCEPTED,
        _A.NOT_REQUIRED,
        _A.FILED,
        _A.NOT_FILED,
        _A.WITHDRAWN,
    }
)

MOVES: dict[ApplicationState, frozenset[ApplicationState]] = {
    _A.DRAFT: frozenset({_A.SUBMITTED}),
    _A.SUBMITTED: _TAKEN_IN | {_A.RECEIVED, _A.REGISTERED},
    _A.RECEIVED: _TAKEN_IN,
    _A.CORRECTION_REQUESTED: (_TAKEN_IN - {_A.CORRECTION_REQUESTED}) | {_A.SUBMITTED, _A.RECEIVED, _A.LAPSED},
    _A.DEEMED_ACCEPTED: _UNDER_REVIEW | {_A.ACCEPTED},
    _A.ACCEPTED: _UNDER_REVIEW,
    _A.REVIEWING: _UNDER_REVIEW - {_A.REVIEWING},
    _A.SUSPENDED: _UNDER_REVIEW - {_A.SUSPENDED},
    _A.EXTENDED: _UNDER_REVIEW - {_A.EXTENDED},
    _A.RETURNED: _DECIDABLE | {_A.REVIEWING},
    _A.GRANTED: frozenset({_A.ISSUED, _A.CLOSED, _A.SERVED, _A.REVOKED, _A.CANCELLED}),
    _A.REFUSED: frozenset({_A.CLOSED, _A.SERVED}),
    _A.ISSUED: frozenset({_A.CLOSED, _A.SERVED, _A.REVOKED, _A.CANCELLED}),
    _A.CLOSED: frozenset({_A.SERVED, _A.REVOKED, _A.CANCELLED}),
    _A.SERVED: frozenset({_A.REVOKED, _A.CANCELLED}),
    _A.FILED: frozenset({_A.CLOSED, _A.REVOKED, _A.CANCELLED}),
    _A.REGISTERED: frozenset({_A.CANCELLED}),
}
"""Which state may follow which; whose word makes the move is data of a matter (`owners`).

The decider need not wait for the receiving system (promise 4), so that 受理 may come before 收件; a decision may follow
受理 at once. An applicant's correction leads from 补正 back to where the application stood.
"""

STAGES: dict[ApplicationState, int] = {
    state: stage
    for stage, states in enumerate(
        (
            (_A.DRAFT,),
            (_A.SUBMITTED,),
            (_A.RECEIVED,),
            (_A.CORRECTION_REQUESTED,),
            (_A.ACCEPTED, _A.DEEMED_ACCEPTED, _A.NOT_ACCEPTED, _A.NOT_REQUIRED, _A.LAPSED),
            (_A.REVIEWING, _A.SUSPENDED, _A.EXTENDED, _A.RETURNED),
            (_A.GRANTED, _A.REFUSED, _A.FILED, _A.NOT_FILED, _A.REGISTERED, _A.WITHDRAWN, _A.TERMINATED),
            (_A.ISSUED,),
            (_A.CLOSED,),
            (_A.SERVED,),
            (_A.REVOKED, _A.CANCELLED),
        )
    )
    for state in states
}
"""How far along a state is. A word of an earlier stage than the application's own comes late and moves nothing."""

DECISIONS = frozenset({_A.GRANTED, _A.REFUSED, _A.NOT_ACCEPTED, _A.NOT_REQUIRED, _A.FILED, _A.NOT_FILED, _A.REGISTERED})
"""States that are a decider's decision, told to others as such; other states are told as progress."""

AMENDABLE = frozenset({_A.SUBMITTED, _A.RECEIVED, _A.CORRECTION_REQUESTED, _A.RETURNED})
"""States in which the applicant may hand in a corrected revision."""

WITHDRAWABLE = frozenset(state for state, next_ in MOVES.items() if _A.WITHDRAWN in next_)
"""States in which the applicant may take the application back: all before the decision."""

ENDED = frozenset(
    {
        ApplicationState.NOT_ACCEPTED,
        ApplicationState.NOT_REQUIRED,
        ApplicationState.LAPSED,
        ApplicationState.GRANTED,
        ApplicationState.REFUSED,
        ApplicationState.ISSUED,
        ApplicationState.SERVED,
        ApplicationState.CLOSED,
        ApplicationState.WITHDRAWN,
        ApplicationState.TERMINATED,
        ApplicationState.REVOKED,
        ApplicationState.CANCELLED,
        ApplicationState.FILED,
        ApplicationState.NOT_FILED,
        ApplicationState.REGISTERED,
    }
)
"""States in which nothing is to be decided any more, so that the same company may apply again for the same site."""


def may_move(old: ApplicationState, new: ApplicationState) -> bool:
    """Whether the table allows the move."""
    return new in MOVES.get(old, frozenset())
