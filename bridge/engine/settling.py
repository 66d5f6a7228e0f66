"""Settling: the ends of attempts are stored in groups, each group one transaction, with all that follows from them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from bridge.clock import Clock, to_micros
from bridge.engine.hearing import Hearing
from bridge.engine.units import Units
from bridge.model.delivery import DeliveryState
from bridge.ports.store import Settle, UnitOfWork

GROUP = 50
"""At most so many ends in one transaction: what a crash may leave to be asked about again."""


class Settler:
    """Stores the ends of attempts of one worker."""

    def __init__(
        self, units: Units, hearing: Hearing, clock: Clock, settled: Callable[[], None] = lambda: None
    ) -> None:
        self._units, self._hearing, self._clock = units, hearing, clock
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
            if end.counterpart is None:
                continue
            if end.counterpart.status:
                self._hearing.word(
                    unit,
                    end.counterpart.application,
                    end.counterpart.target,
                    end.counterpart.status,
                    status_raw=end.counterpart.status_raw or "",
                    at=end.ended_at,
                    via=end.via,
                )
            if end.state is DeliveryState.LODGED:
                delivered += self._take_verdict(unit, end, end.counterpart.application)
        return delivered

    def _take_verdict(self, unit: UnitOfWork, end: Settle, application: str) -> bool:
        """A verdict that came before this receipt was stored ends the delivery now; whether it was delivered."""
        known, refusal = unit.take_verdict(end.delivery)
        if not known:
            return False
        delivery = next(one for one in unit.deliveries(application) if one.id == end.delivery)
        self._hearing.end_lodged(unit, delivery, refusal, via=end.via)
        return refusal is None
