"""`bridge release`: send to a held target again."""

from __future__ import annotations

from typing import Annotated

import typer

from bridge.cli.opened import opened
from bridge.cli.options import Actor, AsJson, DryRun, Reason, Target, one_target
from bridge.cli.output import print_json, print_line


def command(
    actor: Actor,
    name: Annotated[str | None, typer.Argument(metavar="TARGET", help="对接系统 (a target)")] = None,
    target: Target = None,
    reason: Reason = "",
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """恢复向一个系统推送 (send to a held target again)."""
    released = one_target(name, target)
    with opened() as bridge:
        bridge.targets[released]
        done = {"matched": 1, "done": 0}
        if not dry_run:
            done = bridge.operators.release(released, actor=actor, reason=reason)
    if as_json:
        print_json(done)
    else:
        print_line("已恢复 (released)" if done["done"] else "没有变化 (nothing changed)")
