"""The laws of the operating system's locks."""

from __future__ import annotations

import socket
import stat
import subprocess
import sys

import pytest

from bridge.errors import StoreError
from bridge.storage.locks import WorkerLocks, init_lock

HERE = socket.gethostname()
HOLD = """
import sys
from pathlib import Path
from bridge.storage.locks import WorkerLocks
WorkerLocks(Path(sys.argv[1])).take("w")
print("held", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def holder(tmp_path):
    """Another process that holds the lock of worker `w`."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    with process:
        assert process.stdout.readline() == b"held\n"
        yield process
        process.kill()


def test_a_killed_process_gives_its_lock_back(tmp_path, holder):
    """A worker counts as living while its process runs, and as dead as soon as it was killed."""
    locks = WorkerLocks(tmp_path)
    assert not locks.is_dead("w", HERE)
    assert locks.held_by_living("w")
    with pytest.raises(StoreError):
        locks.take("w")
    holder.kill()
    holder.wait()
    assert locks.is_dead("w", HERE)
    assert not locks.held_by_living("w")
    locks.take("w")
    locks.give_up("w")


def test_nobody_is_called_dead_without_certainty(tmp_path):
    """A worker of another host, one without a lock file, and ourselves are not called dead."""
    locks = WorkerLocks(tmp_path / "workers")
    assert not locks.is_dead("unknown", HERE)
    locks.take("me")
    assert not locks.is_dead("me", HERE)
    assert not WorkerLocks(tmp_path / "workers").is_dead("me", HERE)
    (tmp_path / "workers" / "gone.lock").touch()
    assert not locks.is_dead("gone", "elsewhere")
    assert locks.is_dead("gone", HERE)
    assert stat.S_IMODE((tmp_path / "workers" / "me.lock").stat().st_mode) == 0o600
    locks.give_up("me")
    locks.give_up("me")
    assert not (tmp_path / "workers" / "me.lock").exists()


def test_two_initialisations_keep_apart(tmp_path):
    """While one holds the lock of `init`, another is told so; afterwards it can be had again."""
    with init_lock(tmp_path / "data") as first, init_lock(tmp_path / "data") as second:
        assert (first, second) == (True, False)
    with init_lock(tmp_path / "data") as again:
        assert again
