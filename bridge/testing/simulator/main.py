"""The process of one simulator: `python -m bridge.testing.simulator.main MODULE …`, started by `launch`.

Prints one line of JSON when it is ready, and nothing after it. Ends on SIGTERM, or when its standard input ends: so it
never outlives the process that started it.
"""

from __future__ import annotations

import argparse
import asyncio
import importlib
import json
import os
import signal
import sys
from pathlib import Path

from bridge.testing.simulator.host import Host
from bridge.testing.simulator.server import Simulator


def run(
    simulator: type[Simulator], *, port: int, control_port: int, folder: Path, callback_url: str | None = None
) -> None:
    """Serve until told to stop."""
    asyncio.run(_serve(simulator, port, control_port, folder, callback_url))


async def _serve(
    simulator: type[Simulator], port: int, control_port: int, folder: Path, callback_url: str | None
) -> None:
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the parent stops us in order
    loop.add_signal_handler(signal.SIGTERM, stop.set)
    _watch_parent(loop, stop)
    host = Host(simulator, folder, port=port, control_port=control_port, callback_url=callback_url)
    async with host:
        line = json.dumps({"url": host.url, "control": host.control, "settings": host.settings()})
        sys.stdout.write(line + "\n")
        sys.stdout.flush()
        await stop.wait()


def _watch_parent(loop: asyncio.AbstractEventLoop, stop: asyncio.Event) -> None:
    """Stop when standard input, a pipe that the parent holds, ends."""
    stdin = sys.stdin.fileno()

    def readable() -> None:
        if not os.read(stdin, 4096):
            loop.remove_reader(stdin)
            stop.set()

    loop.add_reader(stdin, readable)


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("module", help="module with a class SIMULATOR")
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--control-port", type=int, default=0)
    parser.add_argument("--callback")
    words = parser.parse_args()
    simulator: type[Simulator] = importlib.import_module(words.module).SIMULATOR
    run(simulator, port=words.port, control_port=words.control_port, folder=words.folder, callback_url=words.callback)


if __name__ == "__main__":
    main()
