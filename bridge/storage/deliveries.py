"""Deliveries outside an attempt: read, counted, and moved by a person or by the machine's own rules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict

from sqlalchemy import ColumnElement, bindparam, func, select, update

from bridge.errors import NotFound
from bridge.model.delivery import ENDED, Delivery, DeliveryState, Kind, Reason, may_move
from bridge.ports.events import Event
from bridge.ports.store import AttemptRow, DeliveryFilter, Trouble
from bridge.storage import rows
from bridge.storage import tables as t
from bridge.storage.applications import ApplicationsPart
from bridge.storage.order import OrderPart

_d = t.deliveries.c
_OF_APPLICATION = (
    select(*rows.DELIVERY).where(_d.application == bindparam("application_")).order_by(_d.target, _d.order)
)
_TROUBLE = select(_d.trouble).where(_d.id == bindparam("id_"))
_ATTEMPTS = select(t.attempts).where(t.attempts.c.delivery == bindparam("delivery_")).order_by(t.attempts.c.number)
_COUNTS = select(_d.state, func.count()).group_by(_d.state)
_OLDEST = select(func.min(_d.made_at)).where(_d.state.not_in([state.value for state in sorted(ENDED)]).self_group())
_NOW_AT = select(_d.state, _d.worker, _d.application).where(_d.id == bindparam("id_")).with_for_update()
_MOVE = (
    update(t.deliveries)
    .where(_d.id == bindparam("id_"))
    .values(
        state=bindparam("state_"),
        reason=bindparam("reason_"),
        next_at=bindparam("next_at_"),
        trouble=bindparam("trouble_"),
        changed_at=bindparam("now"),
        ended_at=bindparam("ended_at_"),
    )
)
_REKIND = update(t.deliveries).where(_d.id == bindparam("id_")).values(kind=bindparam("kind_"))
_NO_FAILURES = update(t.deliveries).where(_d.id == bindparam("id_")).values(failures=0)

AGAIN = frozenset({DeliveryState.DUE, DeliveryState.UNKNOWN})
"""States that an act may give anew: due now instead of later, asked about now instead of later."""


class DeliveriesPart(ApplicationsPart, OrderPart):
    """What the unit of work says about deliveries outside an attempt."""

    def deliveries(self, application: str) -> Sequence[Delivery]:
        """All of one application, by target and order."""
        return [rows.delivery(row) for row in self._run(_OF_APPLICATION, {"application_": application})]

    def select_deliveries(self, wanted: DeliveryFilter) -> Sequence[tuple[Delivery, str]]:
        """Deliveries with their application's 收件编号, by id."""
        query = (
            select(*rows.DELIVERY, t.applications.c.number.label("receipt_number"))
            .join(t.applications, t.applications.c.id == _d.application)
            .where(*self._conditions(wanted))
            .order_by(_d.id)
            .limit(wanted.limit)
        )
        return [(rows.delivery(row), row.receipt_number) for row in self._run(query)]

    def trouble(self, delivery: str) -> Trouble | None:
        """Why it does not go on, if it does not."""
        sealed = self._run(_TROUBLE, {"id_": delivery}).scalar_one_or_none()
        return None if sealed is None else Trouble(**self._keyring.unseal_json(sealed, place("trouble", delivery)))

    def attempts(self, delivery: str) -> Sequence[AttemptRow]:
        """Its tries, oldest first."""
        return [
            AttemptRow(
                delivery=row.delivery,
                number=row.number,
                started_at=row.started_at,
                ended_at=row.ended_at,
                via=row.via,
                outcome=row.outcome,
                code=row.code,
                raw=b"" if row.raw is None else self._keyring.unseal_salted(row.raw, raw_place(delivery, row.number)),
            )
            for row in self._run(_ATTEMPTS, {"delivery_": delivery})
        ]

    def operate(
        self,
        delivery: str,
        state: DeliveryState,
        reason: Reason | None,
        event: Event,
        *,
        next_at: int | None = None,
        trouble: Trouble | None = None,
    ) -> bool:
        """An act outside an attempt (retry, park, cancel, release, mode). False where it moved meanwhile.

        Clears `failures` on a move to `due`. Followers are released or held as `DeliveryState` says.
        """
        self._must_write()
        row = self._run(_NOW_AT, {"id_": delivery}).first()
        if row is None or row.worker is not None:
            return False
        old = DeliveryState(row.state)
        if not (may_move(old, state) or (old is state and state in AGAIN)):
            return False
        now = self._now()
        if state is DeliveryState.UNKNOWN and next_at is None:
            next_at = now
        self._run(
            _MOVE,
            {
                "id_": delivery,
                "state_": state.value,
                "reason_": reason.value if reason else None,
                "next_at_": next_at,
                "trouble_": trouble and self._keyring.seal_json(asdict(trouble), place("trouble", delivery)),
                "now": now,
                "ended_at_": now if state in ENDED else None,
            },
        )
        if state is DeliveryState.DUE:
            self._run(_NO_FAILURES, {"id_": delivery})
        self._record(event)
        self._keep_order([row.application], now=now, via=event.via)
        return True

    def rekind(self, delivery: str, kind: Kind) -> None:
        """Tell something else: a correction of what the target never held is the application itself."""
        self._must_write()
        self._run(_REKIND, {"id_": delivery, "kind_": kind.value})

    def keep_order(self, application: str, *, via: str) -> None:
        """Let go and hold back what must be, after facts or deliveries came."""
        self._must_write()
        self._keep_order([application], now=self._now(), via=via)

    def counts(self) -> Mapping[DeliveryState, int]:
        """How many deliveries stand in each state (every state is a key)."""
        found: dict[str, int] = {state: count for state, count in self._run(_COUNTS)}  # noqa: C416 - rows to a dict
        return {state: found.get(state.value, 0) for state in DeliveryState}

    def oldest_open(self) -> int | None:
        """When the oldest delivery that has not ended was made."""
        oldest: int | None = self._run(_OLDEST).scalar_one_or_none()
        return oldest

    def _conditions(self, wanted: DeliveryFilter) -> list[ColumnElement[bool]]:
        """What a filter means."""
        conditions: list[ColumnElement[bool]] = []
        if wanted.ids:
            conditions.append(_d.id.in_(wanted.ids) | _d.application.in_(self._applications_by(wanted.ids)))
        if wanted.target is not None:
            conditions.append(_d.target == wanted.target)
        if wanted.states:
            conditions.append(_d.state.in_([state.value for state in wanted.states]))
        if wanted.reason is not None:
            conditions.append(_d.reason == wanted.reason.value)
        if wanted.matter is not None:
            conditions.append(t.applications.c.matter == wanted.matter)
        if wanted.after is not None:
            conditions.append(_d.id > wanted.after)
        return conditions

    def _applications_by(self, numbers: Sequence[str]) -> list[str]:
        """Ids of the applications that numbers mean; a number that means none is left to be a delivery's id."""
        found: list[str] = []
        for number in numbers:
            try:
                found.append(self.find_application(number).id)
            except NotFound:
                continue
        return found


def place(column: str, delivery: str) -> str:
    """The place that a value of a delivery is sealed for."""
    return f"deliveries.{column}.{delivery}"


def raw_place(delivery: str, number: int) -> str:
    """The place that a target's answer is sealed for."""
    return f"attempts.raw.{delivery}/{number}"
