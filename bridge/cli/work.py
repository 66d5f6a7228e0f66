"""`bridge work`: deliver, ask and hear for ever; SIGTERM and Ctrl-C stop it after what is under way has ended."""

from __future__ import annotations

import asyncio
import signal
from typing import TYPE_CHECKING

from bridge.cli.opened import opened
from bridge.cli.options import AsJson
from bridge.cli.output import print_json, progress

if TYPE_CHECKING:
    from bridge.wiring import Bridge


def command(as_json: AsJson = False) -> None:
    """持续推送、查询、收取状态，直到收到停止信号 (the same as drain, for ever)."""
    with opened() as bridge:
        result = asyncio.run(_work(bridge))
    if as_json:
        print_json(result)


async def _work(bridge: Bridge) -> dict[str, int]:
    """Until a signal."""
    from bridge.runners.embedded import work
    from bridge.runners.process import settle_in

    settle_in()
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    with progress("推送 (delivering)") as bar:
        task = bar.add_task("", total=None)
        return await work(bridge, stop, progress=lambda now: bar.update(task, completed=now["delivered"]))
