"""The bare client, in a process of its own: the bodies of a file, one POST each, and nothing else."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.target import CONCURRENCY, JSON, client
from bridge.clock import SystemClock
from bridge.kit.http import HttpClient
from bridge.runners.process import settle_in


def measure(url: str, bodies: Path) -> tuple[float, float]:
    """Seconds of wall and of CPU for all lines of a file."""
    command = [sys.executable, "-m", __name__, url, str(bodies)]
    said = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout
    wall, cpu = json.loads(said)
    return wall, cpu


async def _post_all(url: str, bodies: list[bytes]) -> tuple[float, float]:
    """As many under way at once as the pipeline has."""
    kit, left = client(url, SystemClock()), iter(bodies)
    wall, cpu = time.perf_counter(), time.process_time()
    await asyncio.gather(*(_post_some(kit, left) for _ in range(CONCURRENCY)))
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    await kit.close()
    return wall, cpu


async def _post_some(kit: HttpClient, left: Iterator[bytes]) -> None:
    """One place of the client's."""
    for body in left:
        (await kit.request("POST", "/", headers=JSON, content=body)).json()


if __name__ == "__main__":
    settle_in()
    print(json.dumps(asyncio.run(_post_all(sys.argv[1], Path(sys.argv[2]).read_bytes().split(b"\n")))))
