"""Locks of the operating system: they end with their process, so a dead worker is known at once, without a clock.

One file per worker under one folder, held by `flock(2)`; and the lock that keeps two `bridge init` apart. POSIX only.
What does not belong here: leases, which hold across machines (`workers`).
"""

from __future__ import annotations

import fcntl
import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from bridge.errors import StoreError

INIT_LOCK = "init.lock"


class WorkerLocks:
    """The locks of this machine's workers, as `bridge.ports.liveness.Liveness` promises."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._held: dict[str, int] = {}
        self._guard = threading.Lock()

    def take(self, worker: str) -> None:
        """Hold the lock of our own worker until `give_up` or death. Raises StoreError where it cannot be had."""
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            handle = os.open(self._path(worker), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as exc:
            raise StoreError("无法创建进程锁，请检查数据目录 (cannot make the worker's lock file)") from exc
        if not _locked(handle):
            os.close(handle)
            raise StoreError("进程锁已被占用 (another process holds this worker's lock)")
        with self._guard:
            self._held[worker] = handle

    def give_up(self, worker: str) -> None:
        """Let our own lock go."""
        with self._guard:
            handle = self._held.pop(worker, None)
        if handle is None:
            return
        with suppress(OSError):
            self._path(worker).unlink(missing_ok=True)
        os.close(handle)

    def is_dead(self, worker: str, host: str) -> bool:
        """True only where it is certain: the worker ran on this host and its lock is free."""
        return host == socket.gethostname() and self._path(worker).exists() and not self.held_by_living(worker)

    def held_by_living(self, worker: str) -> bool:
        """Whether a living process, ours too, holds the worker's lock."""
        with self._guard:
            if worker in self._held:
                return True
        try:
            handle = os.open(self._path(worker), os.O_RDWR | os.O_CLOEXEC)
        except FileNotFoundError:
            return False
        except OSError:
            return True
        try:
            return not _locked(handle)
        finally:
            os.close(handle)

    def _path(self, worker: str) -> Path:
        return self._folder / f"{worker}.lock"


@contextmanager
def init_lock(folder: Path) -> Iterator[bool]:
    """Hold the lock of `bridge init` on a data folder; gives False where another process holds it."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle = os.open(folder / INIT_LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        yield _locked(handle)
    finally:
        os.close(handle)


def _locked(handle: int) -> bool:
    """Whether the lock could be had, without waiting."""
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
