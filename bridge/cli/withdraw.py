"""`bridge withdraw`: the applicant takes an application back, before the decision."""

from __future__ import annotations

from typing import Annotated

import typer

from bridge.cli.failure import FAILED, say
from bridge.cli.opened import opened
from bridge.cli.options import Actor, AsJson, Reason
from bridge.cli.output import print_json, print_line
from bridge.cli.submit import say_problems


def command(
    actor: Actor,
    number: Annotated[str, typer.Argument(metavar="ID", help="收件编号、办件编号或对方编号 (any number)")],
    reason: Reason,
    as_json: AsJson = False,
) -> None:
    """撤回申请，并告知各系统 (take an application back; every system is told)."""
    if not reason:
        raise typer.BadParameter("请用 --reason 说明原因 (say why with --reason)")
    from bridge.engine.checking import Rejected

    with opened() as bridge:
        answer = bridge.amendments.withdraw(number, actor=actor, reason=reason)
    if isinstance(answer, Rejected):
        if as_json:
            print_json({"rejected": [answer.json()]})
        else:
            say("未撤回 (not withdrawn)")
            say_problems(answer.json()["problems"])
        raise typer.Exit(FAILED)
    told = answer.json()
    if as_json:
        print_json(told)
    else:
        print_line(f"{told['number']}  已撤回 (withdrawn)")
