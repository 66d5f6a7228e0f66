"""A process that delivers, as `bridge work` and `bridge drain` do, and tells what it cost.

It is told what to do by lines on its input (`drain`; `work`, until the input ends) and answers with lines of JSON.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from benchmarks.place import opened
from bridge import telemetry
from bridge.runners import embedded
from bridge.runners.process import settle_in
from bridge.wiring import Bridge


class Runner:
    """Such a process, seen from outside."""

    def __init__(self, process: subprocess.Popen[str], asks: IO[str], answers: IO[str]) -> None:
        self._process, self._asks, self._answers = process, asks, answers
        self.pid = process.pid

    def begin(self, what: str) -> None:
        """`drain` or `work`."""
        self._asks.write(what + "\n")
        self._asks.flush()

    def result(self) -> dict[str, Any]:
        """`began` (seconds since the epoch), `cpu` in seconds, `rss` in MB (its peak), `delivered`; waits for it."""
        line = self._answers.readline()
        if not line:
            raise RuntimeError("the process that delivers ended before its time; its error is above")
        answer: dict[str, Any] = json.loads(line)
        return answer

    def stop(self) -> dict[str, Any]:
        """End `work`; its result."""
        self._asks.close()
        return self.result()


@contextmanager
def running(folder: Path, url: str, targets: Sequence[str]) -> Iterator[Runner]:
    """A process that is ready to deliver, while the block runs."""
    process = subprocess.Popen(
        [sys.executable, "-m", __name__, str(folder), url, *targets],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None  # noqa: S101 - pipes were asked for
    assert process.stdout is not None  # noqa: S101 - the same
    try:
        if not process.stdout.readline():
            raise RuntimeError("the process that delivers did not start; its error is above")
        yield Runner(process, process.stdin, process.stdout)
    finally:
        if not process.stdin.closed:
            process.stdin.close()
        process.wait()
        process.stdout.close()


def megabytes(pid: int, what: str = "VmRSS") -> float:
    """MB of memory that a process holds now (`VmRSS`) or held at most since it began (`VmHWM`), as Linux counts it."""
    for line in Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines():
        if line.startswith(f"{what}:"):
            return int(line.split()[1]) / 1024
    return 0.0


async def _until_input_ends(bridge: Bridge) -> dict[str, int]:
    """Work until nobody asks for it any more."""
    stop, loop = asyncio.Event(), asyncio.get_running_loop()

    def wait() -> None:
        sys.stdin.read()
        loop.call_soon_threadsafe(stop.set)

    threading.Thread(target=wait, daemon=True).start()
    return await embedded.work(bridge, stop)


def _main(folder: str, url: str, *targets: str) -> None:
    telemetry.configure("ERROR")
    with opened(Path(folder), url, targets) as bridge:
        settle_in()
        print("ready", flush=True)
        asked = sys.stdin.readline().strip()
        if not asked:
            return
        began, cpu = time.time(), time.process_time()
        work = _until_input_ends(bridge) if asked == "work" else embedded.drain(bridge)
        result = asyncio.run(work)
        told = {
            "began": began,
            "cpu": time.process_time() - cpu,
            "rss": megabytes(os.getpid(), "VmHWM"),
            "delivered": result["delivered"],
        }
        print(json.dumps(told), flush=True)


if __name__ == "__main__":
    _main(*sys.argv[1:])
