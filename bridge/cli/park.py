"""`bridge park`: stop deliveries until a person retries or cancels them."""

from __future__ import annotations

import typer

from bridge.cli.acts import require_known, tell
from bridge.cli.opened import opened
from bridge.cli.options import Actor, AsJson, Because, DryRun, Everything, Ids, Matter, Reason, States, Target, meant


def command(
    actor: Actor,
    reason: Reason,
    ids: Ids = None,
    target: Target = None,
    state: States = None,
    because: Because = None,
    matter: Matter = None,
    everything: Everything = False,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """搁置推送，直到重试或取消 (stop deliveries until a person retries or cancels them)."""
    if not reason:
        raise typer.BadParameter("请用 --reason 说明原因 (say why with --reason)")
    wanted = meant(ids, target=target, states=state, because=because, matter=matter, everything=everything)
    with opened() as bridge:
        require_known(bridge, wanted)
        done = bridge.operators.park(wanted, actor=actor, reason=reason, dry_run=dry_run)
    tell(done, as_json=as_json, dry_run=dry_run)
