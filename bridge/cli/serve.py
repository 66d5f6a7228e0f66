"""`bridge serve`: `work`, and a door for the callbacks of targets. SIGTERM and Ctrl-C stop it as they stop `work`."""

from __future__ import annotations

import asyncio
import signal
from typing import TYPE_CHECKING, Annotated

import typer

from bridge.cli.failure import say
from bridge.cli.opened import opened
from bridge.cli.options import AsJson
from bridge.cli.output import print_json

if TYPE_CHECKING:
    import socket

    from bridge.wiring import Bridge


def command(
    host: Annotated[
        str | None,
        typer.Option("--host", help="监听地址，默认取设置 BRIDGE_SERVE__HOST (address; by default the setting's)"),
    ] = None,
    port: Annotated[
        int | None,
        typer.Option(
            "--port",
            min=0,
            max=65535,
            help="监听端口，0 为任一空闲端口，默认取设置 BRIDGE_SERVE__PORT (port; 0 is any free one)",
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """持续推送并接收各系统的回调，直到收到停止信号 (work, and take callbacks, for ever)."""
    with opened() as bridge:
        from bridge.api.server import listen

        own = bridge.settings.serve
        with listen(own.host if host is None else host, own.port if port is None else port) as listening:
            asyncio.run(_serve(bridge, listening, as_json))


async def _serve(bridge: Bridge, listening: socket.socket, as_json: bool) -> None:
    """Until a signal."""
    from bridge.api.server import address, serve
    from bridge.runners.process import settle_in

    settle_in()
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    url = address(listening)

    def ready() -> None:
        say(f"正在监听 (listening): {url}")
        if as_json:
            print_json({"url": url})

    await serve(bridge, listening, stop, ready)
