"""A delivery (推送): one thing to tell one target. Its kinds, its states and the one table of legal moves.

What does not belong here: when a move is made (that is the engine's), and how it is stored.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What a delivery tells."""

    APPLY = "apply"
    """The application itself."""
    AMEND = "amend"
    """A corrected revision of what the target already holds."""
    WITHDRAW = "withdraw"
    """The applicant takes the application back."""
    PROGRESS = "progress"
    """A step that another system reported."""
    DOCUMENT = "document"
    """A dated, sealed paper of a body."""
    DECISION = "decision"
    """The decider's word."""


class DeliveryState(StrEnum):
    """Where a delivery stands. Each state says who moves it out, and whether a person is needed."""

    WAITING = "waiting"
    """Behind another delivery, for a fact, for a signature, for an account, or for the target's mode; `reason` says
    which. Moved out by the engine when that ends. A person is needed for a signature, an account or a mode."""
    DUE = "due"
    """Ready now, or at `next_at` where it is to be tried later. Moved out by a pump's claim. Nobody is needed."""
    SENDING = "sending"
    """Claimed by a living worker under a lease. Moved out by its settle, or to `unknown` when the lease ends."""
    UNKNOWN = "unknown"
    """Sent, and the answer was lost or not understood. Moved out by asking the target. Nobody is needed."""
    LODGED = "lodged"
    """The target has it; its verdict is awaited. Moved out by that verdict. Nobody is needed."""
    DELIVERED = "delivered"
    """The target holds it, and has said so. An end."""
    PARKED = "parked"
    """Cannot go on without a person, who mends the cause and retries, or cancels."""
    CANCELLED = "cancelled"
    """Will not be sent; `reason` says why (superseded, withdrawn, by an operator). An end."""


class Reason(StrEnum):
    """Why a delivery stands where it stands; kept with the state, shown as words by the doors."""

    BEHIND = "behind"
    """Waiting: an earlier delivery of the same application to the same target has not ended."""
    FACT = "fact"
    """Waiting: a number, date or word that only another system can give is not there yet."""
    MODE = "mode"
    """Waiting: the target is in `observe`, so nothing is written there."""
    SIGNATURE = "signature"
    """Waiting: the applicant must sign a form."""
    ACCOUNT = "account"
    """Waiting: the company's account at the target must be opened for us; asked again at `next_at`."""
    RETRY = "retry"
    """Due again later: the last attempt was not carried out by the target."""
    PROBE = "probe"
    """Unknown: the target will be asked at `next_at`."""
    REFUSED = "refused"
    """Parked: the target said no."""
    ATTEMPTS = "attempts"
    """Parked: too many attempts in a row without progress."""
    UNCLEAR = "unclear"
    """Parked: the target cannot tell whether it holds this delivery."""
    BUG = "bug"
    """Parked: our adapter or mapping failed; a developer is needed."""
    PREFLIGHT = "preflight"
    """Parked: what was entered does not fit the target."""
    OPERATOR = "operator"
    """Parked or cancelled by a person."""
    SUPERSEDED = "superseded"
    """Cancelled: a newer revision replaces it."""
    WITHDRAWN = "withdrawn"
    """Cancelled: the applicant withdrew before this had any effect."""
    BY_HAND = "by_hand"
    """Parked: the target cannot be told this by wire, so a person tells it."""


MOVES: dict[DeliveryState, frozenset[DeliveryState]] = {
    DeliveryState.WAITING: frozenset({DeliveryState.DUE, DeliveryState.CANCELLED, DeliveryState.PARKED}),
    DeliveryState.DUE: frozenset(
        {DeliveryState.SENDING, DeliveryState.WAITING, DeliveryState.CANCELLED, DeliveryState.PARKED}
    ),
    DeliveryState.SENDING: frozenset(
        {
            DeliveryState.DELIVERED,
            DeliveryState.LODGED,
            DeliveryState.DUE,
            DeliveryState.UNKNOWN,
            DeliveryState.PARKED,
            DeliveryState.WAITING,
            DeliveryState.CANCELLED,
        }
    ),
    DeliveryState.UNKNOWN: frozenset(
        {DeliveryState.DELIVERED, DeliveryState.LODGED, DeliveryState.DUE, DeliveryState.PARKED}
    ),
    DeliveryState.LODGED: frozenset({DeliveryState.DELIVERED, DeliveryState.PARKED}),
    DeliveryState.PARKED: frozenset(
        {DeliveryState.DUE, DeliveryState.UNKNOWN, DeliveryState.CANCELLED, DeliveryState.WAITING}
    ),
    DeliveryState.DELIVERED: frozenset(),
    DeliveryState.CANCELLED: frozenset(),
}
"""Which state may follow which. The engine, the store and the drawing in the docs all read this table."""

ENDED = frozenset({DeliveryState.DELIVERED, DeliveryState.CANCELLED})
"""States that nothing leaves."""

RELEASES_FOLLOWERS = ENDED | {DeliveryState.LODGED}
"""States of a predecessor in which the next delivery in order may go (promise 3)."""


def may_move(old: DeliveryState, new: DeliveryState) -> bool:
    """Whether the table allows the move."""
    return new in MOVES[old]


@dataclass(frozen=True, slots=True)
class Delivery:
    """One delivery as the store holds it, without its payload. Instants are microseconds since the epoch."""

    id: str
    application: str
    revision: int
    target: str
    kind: Kind
    order: int
    """Place among the deliveries of this application to this target, from 1."""
    event: str | None
    """The event that this delivery tells of, for kinds that tell one; None for `apply`."""
    state: DeliveryState
    reason: Reason | None
    next_at: int | None
    """When it is tried or asked about again; None where it is ready now or waits for something else."""
    attempts: int
    """Attempts made in all."""
    failures: int
    """Attempts in a row without progress."""
    mapping_version: int | None
    """The mapping that made the payload; None until the first attempt."""
    made_at: int
    changed_at: int
