"""Operating: what a person does with deliveries and targets. Every act has an actor and a reason, and is an event.

An act on many says how many it means before it does anything (`dry_run`), and never deletes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from bridge.clock import Clock, to_micros
from bridge.engine import words
from bridge.engine.deliver import is_held
from bridge.engine.targets import Mode, Targets
from bridge.model.delivery import Delivery, DeliveryState, Reason
from bridge.ports.events import Event
from bridge.ports.store import DeliveryFilter, Store, Trouble, UnitOfWork

PAGE = 200

NOT_DONE = frozenset({Reason.REFUSED, Reason.PREFLIGHT})
"""Parked for one of these, the target surely has nothing. Else a retry asks it before anything is sent (promise 2)."""

MOVABLE = {
    "retry": frozenset({DeliveryState.PARKED, DeliveryState.DUE, DeliveryState.UNKNOWN}),
    "park": frozenset({DeliveryState.WAITING, DeliveryState.DUE, DeliveryState.UNKNOWN, DeliveryState.LODGED}),
    "cancel": frozenset({DeliveryState.WAITING, DeliveryState.DUE, DeliveryState.PARKED}),
}
"""What each act may be done to."""


class Operators:
    """The operators' acts."""

    def __init__(self, store: Store, targets: Targets, clock: Clock) -> None:
        self._store, self._targets, self._clock = store, targets, clock

    def retry(
        self,
        wanted: DeliveryFilter,
        *,
        actor: str,
        reason: str = "",
        dry_run: bool = False,
        rate: float | None = None,
    ) -> dict[str, int]:
        """Try again now, at most `rate` per second: parked, waiting for their next time, or unknown (asked first)."""
        spacing = int(1_000_000 / rate) if rate else 0
        done = 0

        def act(unit: UnitOfWork, delivery: Delivery) -> bool:
            nonlocal done
            state, why = DeliveryState.DUE, None
            now = self._now()
            if self._ask_first(delivery):
                state, why = DeliveryState.UNKNOWN, Reason.PROBE
            unit.note_target(delivery.target, silent=0)
            at = now + done * spacing
            next_at = at if spacing or state is DeliveryState.UNKNOWN else None
            event = self._event("retried", delivery, actor, reason)
            if not unit.operate(delivery.id, state, why, event, next_at=next_at):
                return False
            done += 1
            return True

        return self._each("retry", wanted, act, dry_run=dry_run)

    def park(self, wanted: DeliveryFilter, *, actor: str, reason: str, dry_run: bool = False) -> dict[str, int]:
        """Stop them until a person retries or cancels."""

        def act(unit: UnitOfWork, delivery: Delivery) -> bool:
            trouble: Trouble = words.by_operator(reason)
            why = Reason.UNCLEAR if delivery.state is DeliveryState.UNKNOWN else Reason.OPERATOR
            event = self._event("parked", delivery, actor, reason)
            return unit.operate(delivery.id, DeliveryState.PARKED, why, event, trouble=trouble)

        return self._each("park", wanted, act, dry_run=dry_run)

    def cancel(self, wanted: DeliveryFilter, *, actor: str, reason: str, dry_run: bool = False) -> dict[str, int]:
        """Never send them. What the target may already hold is not cancelled there."""

        def act(unit: UnitOfWork, delivery: Delivery) -> bool:
            event = self._event("cancelled", delivery, actor, reason)
            return unit.operate(delivery.id, DeliveryState.CANCELLED, Reason.OPERATOR, event)

        return self._each("cancel", wanted, act, dry_run=dry_run)

    def hold(self, target: str, *, actor: str, reason: str, until: int | None = None) -> dict[str, int]:
        """Send nothing to a target, until an instant or until released. What is under way finishes."""
        return self._hold(target, held=True, actor=actor, reason=reason, until=until)

    def release(self, target: str, *, actor: str, reason: str = "") -> dict[str, int]:
        """Send again."""
        return self._hold(target, held=False, actor=actor, reason=reason, until=None)

    def follow_modes(self) -> int:
        """Let go what waited for a target's mode, where it may be written to now; how many."""
        done = 0
        for name, target in self._targets.items():
            wanted = DeliveryFilter(target=name, states=(DeliveryState.WAITING,), reason=Reason.MODE)
            for page in self._pages(wanted):
                writable = [one for one, matter in page if target.mode(matter) is Mode.WRITE]
                done += self._store.write(lambda unit, writable=writable: self._let_go(unit, writable))  # type: ignore[misc]
        return done

    def follow_accounts(self, target: str | None = None) -> int:
        """Ask again where an account was not open to us; how many.

        All of them (at the start of a run), or those of one target whose time has come.
        """
        wanted = DeliveryFilter(target=target, states=(DeliveryState.WAITING,), reason=Reason.ACCOUNT)
        done = 0
        for page in self._pages(wanted):
            ready = [one for one, _ in page if target is None or (one.next_at or 0) <= self._now()]
            done += self._store.write(
                lambda unit, ready=ready: sum(  # type: ignore[misc]
                    unit.operate(one.id, DeliveryState.DUE, None, self._event("account_asked", one, "system", ""))
                    for one in ready
                )
            )
        return done

    def _ask_first(self, delivery: Delivery) -> bool:
        """Whether something may have been sent, and the target can be asked about it."""
        target = self._targets.get(delivery.target)
        if target is None or not target.adapter.manifest.abilities.find:
            return False
        if delivery.state is DeliveryState.UNKNOWN:
            return True
        return delivery.state is DeliveryState.PARKED and delivery.attempts > 0 and delivery.reason not in NOT_DONE

    def _let_go(self, unit: UnitOfWork, deliveries: list[Delivery]) -> int:
        """Due, or behind an earlier one, inside one unit."""
        return sum(
            unit.operate(one.id, DeliveryState.DUE, None, self._event("mode_allows", one, "system", "write"))
            for one in deliveries
        )

    def _hold(self, name: str, *, held: bool, actor: str, reason: str, until: int | None) -> dict[str, int]:
        """Hold or release one target, if it is not so already."""
        target = self._targets[name].id
        now = self._now()

        def act(unit: UnitOfWork) -> int:
            row = unit.target(target)
            if not held:
                unit.note_target(target, silent=0)
            if is_held(row, now) == held and until is None and (held or not row.held):
                return 0
            event = Event(
                act="target_held" if held else "target_released",
                at=now,
                actor=actor,
                target=target,
                via="operator",
                data={"until": until},
                private={"reason": reason} if reason else {},
            )
            unit.hold_target(target, held=held, reason=reason, until=until, event=event)
            return 1

        return {"matched": 1, "done": self._store.write(act)}

    def _each(
        self, verb: str, wanted: DeliveryFilter, act: Callable[[UnitOfWork, Delivery], bool], *, dry_run: bool
    ) -> dict[str, int]:
        """Do it to each that the filter means and that it may be done to, page by page."""
        matched = done = 0
        for page in self._pages(wanted):
            movable = [one for one, _ in page if one.state in MOVABLE[verb] or (verb == "retry" and _asks_account(one))]
            matched += len(movable)
            if not dry_run:
                done += self._store.write(lambda unit, movable=movable: sum(act(unit, one) for one in movable))  # type: ignore[misc]
        return {"matched": matched, "done": done}

    def _pages(self, wanted: DeliveryFilter) -> Iterator[list[tuple[Delivery, str]]]:
        """Deliveries with their matter, each page read in a unit of its own."""
        after: str | None = None
        while True:
            paged = replace(wanted, after=after, limit=PAGE)
            page = self._store.read(
                lambda unit, paged=paged: [  # type: ignore[misc]
                    (one, unit.application(one.application).matter) for one, _ in unit.select_deliveries(paged)
                ]
            )
            if not page:
                return
            yield page
            after = page[-1][0].id

    def _event(self, act: str, delivery: Delivery, actor: str, reason: str) -> Event:
        return Event(
            act=act,
            at=self._now(),
            actor=actor,
            application=delivery.application,
            target=delivery.target,
            delivery=delivery.id,
            via="operator",
            private={"reason": reason} if reason else {},
        )

    def _now(self) -> int:
        return to_micros(self._clock.now())


def _asks_account(one: Delivery) -> bool:
    """Whether it waits for an account at its target, so that a retry asks for it now."""
    return (one.state, one.reason) == (DeliveryState.WAITING, Reason.ACCOUNT)
