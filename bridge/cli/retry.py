"""`bridge retry`: try deliveries again now; what may have been sent is asked about first."""

from __future__ import annotations

from bridge.cli.acts import require_known, tell
from bridge.cli.opened import opened
from bridge.cli.options import (
    Actor,
    AsJson,
    Because,
    DryRun,
    Everything,
    Ids,
    Matter,
    Rate,
    Reason,
    States,
    Target,
    meant,
    per_second,
)
from bridge.model.delivery import DeliveryState


def command(
    actor: Actor,
    ids: Ids = None,
    target: Target = None,
    state: States = None,
    because: Because = None,
    matter: Matter = None,
    everything: Everything = False,
    reason: Reason = "",
    dry_run: DryRun = False,
    rate: Rate = None,
    as_json: AsJson = False,
) -> None:
    """立即重试；可能已发出的先查询 (try again now; what may have been sent is asked about first).

    不给编号和状态时只重试待人工处理的 (parked ones only, unless ids or a state are given).
    """
    states = state or ([] if ids else [DeliveryState.PARKED])
    named = target or state or because or matter or everything
    wanted = meant(
        ids, target=target, states=states if ids or named else (), because=because, matter=matter, everything=everything
    )
    speed = per_second(rate)
    with opened() as bridge:
        require_known(bridge, wanted)
        done = bridge.operators.retry(wanted, actor=actor, reason=reason, dry_run=dry_run, rate=speed)
    tell(done, as_json=as_json, dry_run=dry_run)
