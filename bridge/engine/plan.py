"""Planning: which deliveries an application needs, from the matter's route and the targets' modes. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from bridge.catalogue.matters import Matter
from bridge.engine.targets import Mode, Targets
from bridge.model.delivery import Delivery, DeliveryState, Kind, Reason
from bridge.model.ids import uuid7


def route(matter: Matter, targets: Targets) -> Sequence[str]:
    """The targets of the matter's route that are on for it, in its order."""
    return [
        step.target
        for step in matter.route
        if step.target in targets and targets[step.target].mode(matter.name) is not Mode.OFF
    ]


def plan(matter: Matter, targets: Targets, *, application: str, revision: int, now: int) -> list[Delivery]:
    """The first deliveries of an application: one `apply` to each target of its route that is told at once."""
    later = {step.target for step in matter.route if step.after is not None}
    return [
        delivery(
            target,
            application=application,
            revision=revision,
            kind=Kind.APPLY,
            order=1,
            now=now,
            mode=targets[target].mode(matter.name),
        )
        for target in route(matter, targets)
        if target not in later
    ]


def delivery(target: str, *, application: str, revision: int, kind: Kind, order: int, now: int, mode: Mode) -> Delivery:
    """One delivery, ready to go; where nothing may be written it waits for the mode."""
    may_write = mode is Mode.WRITE
    return Delivery(
        id=uuid7(now),
        application=application,
        revision=revision,
        target=target,
        kind=kind,
        order=order,
        event=None,
        state=DeliveryState.DUE if may_write else DeliveryState.WAITING,
        reason=None if may_write else Reason.MODE,
        next_at=None,
        attempts=0,
        failures=0,
        mapping_version=None,
        made_at=now,
        changed_at=now,
    )
