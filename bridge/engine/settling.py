"""Settling: the ends of attempts are stored in groups, each group one transaction, with all that follows from them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from bridge.catalogue.catalogue import Catalogue
from bridge.clock import Clock, to_micros
from bridge.engine.units import Units
from bridge.model.delivery import DeliveryState
from bridge.model.lifecycle import TITLES, ApplicationState, may_move
from bridge.ports.events import Event
from bridge.ports.store import Settle, UnitOfWork

GROUP = 50
"""At most so many ends in one transaction: what a crash may leave to be asked about again."""


class Settler:
    """Stores the ends of attempts of one worker."""

    def __init__(
        self, units: Units, catalogue: Catalogue, clock: Clock, settled: Callable[[], None] = lambda: None
    ) -> None:
        self._units, self._catalogue, self._clock = units, catalogue, clock
        self._settled = settled
        self.delivered = 0
        """Deliveries that were delivered through this settler so far."""

    async def settle(self, ends: Sequence[Settle], *, worker: str) -> None:
        """Store them, and say so. Ends whose lease or fence was lost have no effect."""
        for start in range(0, len(ends), GROUP):
            group = ends[start : start + GROUP]
            delivered = await self._units.write(partial(self._store, group=group, worker=worker))
            self.delivered += delivered  # not `+= await`: two lanes share this settler
            self._settled()

    def _store(self, unit: UnitOfWork, group: Sequence[Settle], worker: str) -> int:
        """One group, inside its unit."""
        taken = unit.settle(group, worker=worker, now=to_micros(self._clock.now()))
        delivered = 0
        for end, mine in zip(group, taken, strict=True):
            if not mine:
                continue
            delivered += end.state is DeliveryState.DELIVERED
            if end.counterpart and end.counterpart.status:
                move_by_word(
                    unit,
                    self._catalogue,
                    application=end.counterpart.application,
                    target=end.counterpart.target,
                    status=end.counterpart.status,
                    at=end.ended_at,
                    via=end.via,
                )
        return delivered


def move_by_word(
    unit: UnitOfWork,
    catalogue: Catalogue,
    *,
    application: str,
    target: str,
    status: ApplicationState,
    at: int,
    via: str,
) -> bool:
    """Move the application where this target owns that state and the table allows the move; whether it moved.

    Anybody else's word is kept with the counterpart and moves nothing (promise 7).
    """
    held = unit.application(application)
    owner = catalogue.matter(held.matter).owners.get(status.value)
    if owner != target or not may_move(held.state, status):
        return False
    event = Event(
        act="state_changed",
        at=at,
        application=application,
        target=target,
        via=via,
        data={"from": held.state.value, "to": status.value, "label": TITLES[status][0]},
    )
    unit.move_application(application, status, event)
    return True
