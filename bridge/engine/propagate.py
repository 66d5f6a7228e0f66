"""Propagating: what an owner said is made into deliveries for the others of the route (promise 2, promise 7).

A target that is told only from some state on hears the application itself then; whoever has been told of it hears each
further step, in order. A target is never told what it told us. What does not belong here: what may move the application
(`hearing`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bridge.catalogue.matters import Matter
from bridge.engine.plan import delivery
from bridge.engine.targets import Mode, Target, Targets
from bridge.model.application import Application
from bridge.model.delivery import RELEASES_FOLLOWERS, Delivery, DeliveryState, Kind, Reason
from bridge.model.lifecycle import DECISIONS, ApplicationState
from bridge.model.step import Step
from bridge.ports.events import Event
from bridge.ports.store import UnitOfWork

UNTOLD = frozenset({ApplicationState.DRAFT, ApplicationState.SUBMITTED})
"""States that are no news to anybody."""


def tell_others(
    unit: UnitOfWork, matter: Matter, targets: Targets, application: Application, step: Step, *, now: int
) -> Sequence[Delivery]:
    """Make and store the deliveries that tell of a step."""
    if step.state in UNTOLD:
        return ()
    held = unit.deliveries(application.id)
    made: list[Delivery] = []
    for place in matter.route:
        if place.target == step.target or place.target not in targets:
            continue
        target = targets[place.target]
        mode = target.mode(matter.name)
        if mode is Mode.OFF:
            continue
        earlier = [one for one in held if one.target == place.target]
        kind = _kind(place.after, earlier, step.state)
        if kind is None or not speaks_of(target, matter.name, kind):
            continue
        made.append(next_delivery(target, application, earlier, kind, mode=mode, event=step.id, now=now))
    store_made(unit, application, made, via=step.via, now=now)
    return made


def _kind(after: ApplicationState | None, earlier: Sequence[Delivery], state: ApplicationState) -> Kind | None:
    """What a target is told of a step."""
    if not any(one.kind is Kind.APPLY for one in earlier):
        return Kind.APPLY if state is after else None
    return Kind.DECISION if state in DECISIONS else Kind.PROGRESS


def speaks_of(target: Target, matter: str, kind: Kind) -> bool:
    """Whether a target can be told such a thing."""
    adapter = target.adapter
    return kind.value in adapter.manifest.kinds and adapter.mapping(matter, kind) is not None


def next_delivery(
    target: Target,
    application: Application,
    earlier: Sequence[Delivery],
    kind: Kind,
    *,
    mode: Mode,
    event: str | None,
    now: int,
) -> Delivery:
    """The next delivery to a target in its order: ready, or behind what has not ended there."""
    order = max((one.order for one in earlier), default=0) + 1
    made = delivery(
        target.id, application=application.id, revision=application.revision, kind=kind, order=order, now=now, mode=mode
    )
    if made.state is DeliveryState.DUE and any(one.state not in RELEASES_FOLLOWERS for one in earlier):
        return replace(made, state=DeliveryState.WAITING, reason=Reason.BEHIND, event=event)
    return replace(made, event=event)


def store_made(unit: UnitOfWork, application: Application, made: Sequence[Delivery], *, via: str, now: int) -> None:
    """Store deliveries with the events that tell of them."""
    if not made:
        return
    unit.add_deliveries(made, application.form_version)
    unit.append([delivery_made(one, via=via, at=now) for one in made])


def delivery_made(one: Delivery, *, via: str, at: int) -> Event:
    """That a delivery was made."""
    return Event(
        act="delivery_made",
        at=at,
        application=one.application,
        target=one.target,
        delivery=one.id,
        via=via,
        data={"kind": one.kind.value, "revision": one.revision, "state": one.state.value},
    )
