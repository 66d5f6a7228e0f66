"""What a figure depends on: the machine, its disk, and the versions of what takes part."""

from __future__ import annotations

import os
import platform
import shutil
import sqlite3
import subprocess
import tempfile
import time
from importlib import metadata
from pathlib import Path

from benchmarks.measures import percentile

PACKAGES = (
    "permit-bridge",
    "aiohttp",
    "httpx",
    "orjson",
    "jsonschema-rs",
    "sqlalchemy",
    "cryptography",
    "celery",
    "redis",
)

SYNCS = 50


def describe(folder: Path | None) -> dict[str, str]:
    """The machine in words; `folder` is where the databases are made."""
    versions = [f"{name} {found}" for name in PACKAGES if (found := _version(name))]
    return {
        "date": time.strftime("%Y-%m-%d"),
        "processor": f"{_processor()}, {len(os.sched_getaffinity(0))} cores",
        "memory": f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30:.0f} GiB",
        "system": f"{platform.system()} {platform.release()}",
        "disk": f"{_filesystem(folder)}, fdatasync {_sync_milliseconds(folder):.2f} ms",
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "sqlite": sqlite3.sqlite_version,
        "redis-server": _redis(),
        "packages": ", ".join(versions),
        "load before": " ".join(f"{one:.2f}" for one in os.getloadavg()),
    }


def _version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def _processor() -> str:
    """Its model, as Linux names it."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())


def _filesystem(folder: Path | None) -> str:
    """The kind of file system below a folder."""
    where = os.path.realpath(folder or tempfile.gettempdir())
    try:
        mounts = [line.split() for line in Path("/proc/mounts").read_text(encoding="utf-8").splitlines()]
    except OSError:
        return "?"
    held = [mount for mount in mounts if where == mount[1] or where.startswith(mount[1].rstrip("/") + "/")]
    return max(held, key=lambda mount: len(mount[1]))[2] if held else "?"


def _sync_milliseconds(folder: Path | None) -> float:
    """The median of a small write made durable."""
    times: list[float] = []
    with tempfile.NamedTemporaryFile(dir=folder) as file:
        for _ in range(SYNCS):
            os.write(file.fileno(), b"x" * 4096)
            began = time.perf_counter()
            os.fdatasync(file.fileno())
            times.append(time.perf_counter() - began)
    return percentile(times, 0.5) * 1000


def _redis() -> str:
    """The version of the Redis server, if there is one."""
    found = shutil.which("redis-server")
    if found is None:
        return "-"
    said = subprocess.run([found, "--version"], capture_output=True, text=True, check=False).stdout.split()
    return next((word.removeprefix("v=") for word in said if word.startswith("v=")), "?")
