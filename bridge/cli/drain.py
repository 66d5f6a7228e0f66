"""`bridge drain`: deliver, ask and hear until a whole round changes nothing."""

from __future__ import annotations

import asyncio
import math
from typing import Annotated

import typer

from bridge.cli.failure import DONE, LATER, PARTLY
from bridge.cli.opened import opened
from bridge.cli.options import AsJson
from bridge.cli.output import print_json, print_line, progress

WORDS = {
    "delivered": "本次送达 (delivered)",
    "due": "待推送 (due)",
    "lodged": "待反馈 (lodged)",
    "waiting": "等待 (waiting)",
    "unknown": "结果待查询 (unknown)",
    "parked": "待人工处理 (parked)",
}


def command(
    seconds: Annotated[
        float, typer.Option("--for", help="最长等待到时重试的秒数 (wait for times within so many seconds)", min=0)
    ] = 0,
    as_json: AsJson = False,
) -> None:
    """推送、查询、收取状态，直到没有变化 (deliver, ask, hear until nothing changes)."""
    from bridge.runners.embedded import drain
    from bridge.runners.process import settle_in

    if not math.isfinite(seconds):
        raise typer.BadParameter("--for 应为有限的秒数 (a finite number of seconds is wanted)")
    with opened() as bridge, progress("推送 (delivering)") as bar:
        task = bar.add_task("", total=None)
        settle_in()
        result = asyncio.run(
            drain(bridge, seconds=seconds, progress=lambda now: bar.update(task, completed=now["delivered"]))
        )
    if as_json:
        print_json(result)
    else:
        print_line("，".join(f"{words} {result[name]}" for name, words in WORDS.items()))
    raise typer.Exit(exit_code(result))


def exit_code(result: dict[str, int]) -> int:
    """3 where a person or a question is left, else 75 where something is due later, else 0."""
    if result["parked"] or result["unknown"]:
        return PARTLY
    return LATER if result["due"] else DONE
