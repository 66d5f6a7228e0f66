"""The pump's second half: the ends of attempts and questions, each with all that follows from it, in one transaction.

A settle counts only from the worker that holds the delivery, under the fence of its claim, while that worker is still
registered: whoever comes back after its lease was ended changes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

from sqlalchemy import bindparam, insert, select, update

from bridge.errors import StoreError
from bridge.model.delivery import ENDED, DeliveryState, may_move
from bridge.model.signature import SignatureRequest
from bridge.ports.events import Event
from bridge.ports.store import Settle
from bridge.storage import tables as t
from bridge.storage.deliveries import place, raw_place
from bridge.storage.numbers import GivenFact, NumbersPart
from bridge.storage.order import OrderPart
from bridge.storage.part import AnyRow, listed
from bridge.storage.signatures import SignaturesPart
from bridge.storage.workers import WorkersPart

_d = t.deliveries.c
_HELD = (
    select(
        _d.id,
        _d.application,
        _d.target,
        _d.state,
        _d.reason,
        _d.worker,
        _d.fence,
        _d.attempts,
        _d.tries,
        _d.attempt_ended_at,
        _d.revision,
    )
    .where(_d.id.in_(bindparam("ids", expanding=True)))
    .with_for_update()
)
_END = (
    update(t.deliveries)
    .where(_d.id == bindparam("id_"))
    .values(
        state=bindparam("state_"),
        reason=bindparam("reason_"),
        next_at=bindparam("next_at_"),
        attempts=bindparam("attempts_"),
        failures=bindparam("failures_"),
        tries=bindparam("tries_"),
        worker=None,
        changed_at=bindparam("now"),
        ended_at=bindparam("ended_at_"),
        attempt_ended_at=bindparam("attempt_ended_at_"),
        memo=bindparam("memo_"),
        trouble=bindparam("trouble_"),
    )
)
_ADD_ATTEMPT = insert(t.attempts)

HELD_IN = frozenset({DeliveryState.SENDING.value, DeliveryState.UNKNOWN.value})
"""States in which a worker holds a delivery."""

NOTHING_HAPPENED = frozenset({"put_back", "too_early"})
"""Outcomes of a claim under which the target was not asked for anything."""

CODE_LENGTH = 64
"""Characters of a target's code that go into the ledger, at most."""


class SettlePart(NumbersPart, OrderPart, SignaturesPart, WorkersPart):
    """What the unit of work says about ends."""

    def settle(self, settled: Sequence[Settle], *, worker: str, now: int) -> Sequence[bool]:
        """Record the ends of attempts, each with its event; False where the lease or the fence was lost."""
        self._must_write()
        if not settled or not self._registered(worker):
            return [False] * len(settled)
        held = {row.id: row for row in self._run(_HELD, {"ids": listed(end.delivery for end in settled)})}
        mine: list[tuple[Settle, AnyRow]] = []
        taken: list[bool] = []
        for end in settled:
            row = held.pop(end.delivery, None)
            ours = row is not None and (row.worker, row.fence) == (worker, end.fence) and row.state in HELD_IN
            taken.append(ours)
            if ours and row is not None:
                mine.append((end, row))
        self._apply(mine, worker, now)
        return taken

    def _apply(self, mine: Sequence[tuple[Settle, AnyRow]], worker: str, now: int) -> None:
        """Write the ends that count, and what follows from them."""
        self._run_all(_END, [self._end(end, row, now) for end, row in mine])
        tried = [(end, row, self._sealed_raw(end, row)) for end, row in mine if _was_tried(end)]
        self._run_all(_ADD_ATTEMPT, [_attempt(end, row, raw, worker, now) for end, row, (raw, _) in tried])
        digests = {end.delivery: digest for end, _, (_, digest) in tried}
        self._record(*(_event(end, row, digests.get(end.delivery)) for end, row in mine if _is_news(end)))
        self._put_counterparts([end.counterpart for end, _ in mine if end.counterpart is not None])
        self._put_facts(
            [
                GivenFact(row.application, name, value, row.target, end.ended_at, end.via)
                for end, row in mine
                for name, value in sorted((end.facts or {}).items())
            ],
            now,
        )
        for end, row in mine:
            if end.to_sign is not None:
                self._ask_to_sign(
                    SignatureRequest(
                        delivery=end.delivery,
                        application=row.application,
                        target=row.target,
                        revision=row.revision,
                        form=end.to_sign,
                        asked_at=end.ended_at,
                    )
                )
        via = mine[0][0].via if mine else ""
        self._keep_order((row.application for _, row in mine), now=now, via=via)

    def _end(self, end: Settle, row: AnyRow, now: int) -> dict[str, object]:
        """The delivery's columns after its attempt."""
        if not (end.state.value == row.state or may_move(DeliveryState(row.state), end.state)):
            raise StoreError(f"推送状态不能这样变化 (no such move of a delivery): {row.state} → {end.state.value}")
        sent = end.via == "send"
        return {
            "id_": end.delivery,
            "state_": end.state.value,
            "reason_": end.reason.value if end.reason else None,
            "next_at_": now if end.state is DeliveryState.UNKNOWN and end.next_at is None else end.next_at,
            "attempts_": row.attempts + sent,
            "failures_": end.failures,
            "tries_": row.tries + _was_tried(end),
            "now": now,
            "ended_at_": now if end.state in ENDED else None,
            "attempt_ended_at_": end.ended_at if sent else row.attempt_ended_at,
            "memo_": self._keyring.seal_json(dict(end.memo), place("memo", end.delivery)) if end.memo else None,
            "trouble_": end.trouble and self._keyring.seal_json(asdict(end.trouble), place("trouble", end.delivery)),
        }

    def _sealed_raw(self, end: Settle, row: AnyRow) -> tuple[bytes | None, str | None]:
        """The target's answer, sealed, and its salted digest."""
        if not end.raw:
            return None, None
        return self._keyring.seal_salted(end.raw, raw_place(end.delivery, row.tries + 1))


def _was_tried(end: Settle) -> bool:
    """Whether the target was asked for something."""
    return end.outcome not in NOTHING_HAPPENED


def _is_news(end: Settle) -> bool:
    """Whether the end belongs in the history: a try, or a move to a state of its own."""
    return _was_tried(end) or end.state not in {DeliveryState.DUE, DeliveryState.UNKNOWN}


def _attempt(end: Settle, row: AnyRow, raw: bytes | None, worker: str, now: int) -> dict[str, object]:
    """The try as columns."""
    return {
        "delivery": end.delivery,
        "number": row.tries + 1,
        "started_at": end.started_at,
        "ended_at": end.ended_at,
        "via": end.via,
        "outcome": end.outcome,
        "code": end.code,
        "raw": raw,
        "worker": worker,
        "fence": end.fence,
        "recorded_at": now,
    }


def _event(end: Settle, row: AnyRow, raw_digest: str | None) -> Event:
    """The end as the ledger tells it; what a person would read of it stays sealed."""
    data: dict[str, object] = {"outcome": end.outcome, "reason": end.reason.value if end.reason else None}
    if end.next_at is not None:
        data["next_at"] = end.next_at
    if end.code is not None:
        data["code"] = end.code[:CODE_LENGTH]
    if raw_digest is not None:
        data["answer_digest"] = raw_digest
    if end.to_sign is not None:
        data["form"] = end.to_sign.digest
    if end.counterpart is not None:
        data["number"] = end.counterpart.number
        data["status_raw"] = end.counterpart.status_raw
    return Event(
        act=f"delivery_{end.state.value}",
        at=end.ended_at,
        application=row.application,
        target=row.target,
        delivery=end.delivery,
        via=end.via,
        data=data,
    )
