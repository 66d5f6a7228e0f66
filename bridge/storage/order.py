"""Order (promise 3): who must wait behind whom, and who may go once facts and predecessors are there.

One pass over an application's open deliveries puts right all that a change may have moved: followers of what has ended
are let go, followers of what fell back are held, and what waited for facts that now exist goes on. What does not belong
here: the changes themselves (`settle`, `deliveries`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from itertools import groupby
from operator import itemgetter

from sqlalchemy import bindparam, delete, select, update

from bridge.model.delivery import RELEASES_FOLLOWERS, DeliveryState, Reason
from bridge.ports.events import Event
from bridge.storage import tables as t
from bridge.storage.part import AnyRow, Part, listed

_d = t.deliveries.c
_OPEN = (
    select(_d.application, _d.target, _d.order, _d.id, _d.state, _d.reason)
    .where(
        _d.application.in_(bindparam("applications", expanding=True)),
        _d.state.not_in([state.value for state in sorted(RELEASES_FOLLOWERS)]),
    )
    .order_by(_d.application, _d.target, _d.order)
)
_NEEDS = (
    select(t.delivery_needs.c.delivery, t.facts.c.name)
    .select_from(
        t.delivery_needs.join(t.deliveries, _d.id == t.delivery_needs.c.delivery).outerjoin(
            t.facts,
            (t.facts.c.application == _d.application) & (t.facts.c.name == t.delivery_needs.c.fact),
        )
    )
    .where(t.delivery_needs.c.delivery.in_(bindparam("deliveries", expanding=True)))
)
_DROP_NEEDS = delete(t.delivery_needs).where(t.delivery_needs.c.delivery == bindparam("id_"))
_PUT = (
    update(t.deliveries)
    .where(_d.id == bindparam("id_"))
    .values(state=bindparam("state_"), reason=bindparam("reason_"), next_at=None, changed_at=bindparam("now"))
)

_WAITING, _DUE = DeliveryState.WAITING.value, DeliveryState.DUE.value
_BEHIND, _FACT = Reason.BEHIND.value, Reason.FACT.value


class OrderPart(Part):
    """Keeps followers in their place."""

    def _keep_order(self, applications: Iterable[str], *, now: int, via: str) -> None:
        """Let go and hold back what must be, for these applications."""
        names = listed(applications)
        if not names:
            return
        open_ = self._run(_OPEN, {"applications": names}).all()
        waits_for_facts = [row.id for row in open_ if (row.state, row.reason) == (_WAITING, _FACT)]
        satisfied = self._satisfied(waits_for_facts)
        moves: list[dict[str, object]] = []
        for _, line in groupby(open_, key=itemgetter(0, 1)):
            for place, row in enumerate(line):
                moved = _move(row, behind=place > 0, satisfied=row.id in satisfied)
                if moved is None:
                    continue
                state, reason = moved
                moves.append({"id_": row.id, "state_": state, "reason_": reason, "now": now})
                self._record(_event(row, state, reason, now, via))
        self._run_all(_PUT, moves)
        self._run_all(_DROP_NEEDS, [{"id_": id_} for id_ in sorted(satisfied)])

    def _satisfied(self, deliveries: list[str]) -> set[str]:
        """Those whose every need is a fact now."""
        if not deliveries:
            return set()
        needs: dict[str, list[str | None]] = defaultdict(list)
        for delivery, fact in self._run(_NEEDS, {"deliveries": deliveries}):
            needs[delivery].append(fact)
        return {delivery for delivery in deliveries if all(fact is not None for fact in needs[delivery])}


def _move(row: AnyRow, *, behind: bool, satisfied: bool) -> tuple[str, str | None] | None:
    """Where a delivery must go now, if anywhere. `behind`: one before it in its line holds its followers."""
    waits_behind = (row.state, row.reason) == (_WAITING, _BEHIND)
    if behind and (row.state == _DUE or satisfied):
        return _WAITING, _BEHIND
    if not behind and (waits_behind or satisfied):
        return _DUE, None
    return None


def _event(row: AnyRow, state: str, reason: str | None, now: int, via: str) -> Event:
    """That a delivery may go on, or must wait."""
    return Event(
        act="delivery_released" if state == _DUE else "delivery_waiting",
        at=now,
        application=row.application,
        target=row.target,
        delivery=row.id,
        via=via,
        data={"reason": reason or row.reason},
    )
