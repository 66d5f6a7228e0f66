"""`bridge cancel`: never send deliveries; what a target already holds stays there."""

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
    """取消推送；对方已收到的不会撤回 (never send them; what a target already holds stays there)."""
    if not reason:
        raise typer.BadParameter("请用 --reason 说明原因 (say why with --reason)")
    wanted = meant(ids, target=target, states=state, because=because, matter=matter, everything=everything)
    with opened() as bridge:
        require_known(bridge, wanted)
        done = bridge.operators.cancel(wanted, actor=actor, reason=reason, dry_run=dry_run)
    tell(done, as_json=as_json, dry_run=dry_run)
