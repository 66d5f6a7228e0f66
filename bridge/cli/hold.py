"""`bridge hold`: send nothing to a target."""

from __future__ import annotations

from typing import Annotated

import typer

from bridge.cli.opened import opened
from bridge.cli.options import Actor, AsJson, DryRun, Reason, Target, one_target
from bridge.cli.output import print_json, print_line


def command(
    actor: Actor,
    reason: Reason,
    name: Annotated[str | None, typer.Argument(metavar="TARGET", help="对接系统 (a target)")] = None,
    target: Target = None,
    until: Annotated[
        str | None, typer.Option("--until", help="到何时，例如 2026-11-24T08:00 (until when; Beijing time)")
    ] = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """暂停向一个系统推送，进行中的会办完 (send nothing to a target; what is under way finishes)."""
    held = one_target(name, target)
    if not reason:
        raise typer.BadParameter("请用 --reason 说明原因 (say why with --reason)")
    with opened() as bridge:
        end = _instant(until, bridge.clock.now().timestamp())
        bridge.targets[held]
        done = {"matched": 1, "done": 0}
        if not dry_run:
            done = bridge.operators.hold(held, actor=actor, reason=reason, until=end)
    if as_json:
        print_json(done)
    else:
        print_line("已暂停 (held)" if done["done"] else "没有变化 (nothing changed)")


def _instant(text: str | None, now: float) -> int | None:
    """Microseconds since the epoch of an instant to come."""
    from bridge.clock import parse_rfc3339, to_micros

    if text is None:
        return None
    try:
        instant = parse_rfc3339(text)
    except ValueError:
        raise typer.BadParameter("--until 应为时间，例如 2026-11-24T08:00 (an instant is wanted)") from None
    if instant.timestamp() <= now:
        raise typer.BadParameter("--until 应晚于现在 (it must be later than now)")
    return to_micros(instant)
