"""`bridge handover`: the result was handed over to the applicant."""

from __future__ import annotations

from typing import Annotated

import typer

from bridge.cli.failure import FAILED, say
from bridge.cli.opened import opened
from bridge.cli.options import Actor, AsJson
from bridge.cli.output import print_json, print_line
from bridge.cli.submit import say_problems
from bridge.model.word import HandedOver

TRACKING_LENGTH = 64
"""Characters of a 快递单号, at most."""


def command(
    actor: Actor,
    number: Annotated[str, typer.Argument(metavar="ID", help="收件编号、办件编号或证照编号 (any number)")],
    method: Annotated[
        HandedOver, typer.Option("--method", help="送达方式：快递、窗口领取、电子下载 (how it was handed over)")
    ],
    tracking: Annotated[str | None, typer.Option("--tracking", metavar="N", help="快递单号 (tracking number)")] = None,
    as_json: AsJson = False,
) -> None:
    """送达：登记结果已交给申请人，由政务一网通确认 (the result was handed over; its system is told)."""
    if tracking is not None and method is not HandedOver.EXPRESS:
        raise typer.BadParameter("只有快递才有单号 (--tracking goes with --method express)")
    if tracking is not None and not (0 < len(tracking) <= TRACKING_LENGTH and tracking.isprintable()):
        raise typer.BadParameter(f"快递单号应为 1 至 {TRACKING_LENGTH} 个字符 (--tracking is too long, or none)")
    from bridge.engine.checking import Rejected

    with opened() as bridge:
        answer = bridge.handovers.hand_over(number, method, tracking, actor=actor)
    if isinstance(answer, Rejected):
        if as_json:
            print_json({"rejected": [answer.json()]})
        else:
            say(f"{answer.source}: 未登记 (not recorded)")
            say_problems(answer.json()["problems"])
        raise typer.Exit(FAILED)
    told = answer.json()
    if as_json:
        print_json(told)
    else:
        print_line(f"{told['number']}  送达已登记，待对方系统确认 (recorded; its system is told)")
