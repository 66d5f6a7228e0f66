"""Drive Permit Bridge as a person or a cron job would: its commands, in processes of their own, against simulators.

What belongs here: starting, asking and stopping processes. Judgements of what is right belong in tests.
"""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

COMMAND = (sys.executable, "-m", "bridge.cli")


@dataclass(frozen=True, slots=True)
class Finished:
    """A command that has ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """What it printed, as JSON."""
        return json.loads(self.out)


@dataclass(frozen=True, slots=True)
class Installation:
    """One data folder and the settings that its commands get."""

    folder: Path
    settings: Mapping[str, str] = field(default_factory=dict)

    def environment(self) -> dict[str, str]:
        """The environment of its commands: ours without any BRIDGE_ variable, and its settings."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("BRIDGE_")}
        return {**kept, "BRIDGE_DATA_DIR": str(self.folder), "NO_COLOR": "1", **self.settings}

    def run(self, *words: str, stdin: str | None = None, timeout: float = 600) -> Finished:
        """Run one command to its end."""
        done = subprocess.run(  # noqa: S603 - our own command, with words of the test
            [*COMMAND, *words],
            input=stdin,
            capture_output=True,
            text=True,
            timeout=timeout,
            env=self.environment(),
            check=False,
        )
        return Finished(done.returncode, done.stdout, done.stderr)

    def start(self, *words: str) -> subprocess.Popen[bytes]:
        """Start one command and leave it running, in a session of its own so that it can be killed as a whole."""
        return subprocess.Popen(  # noqa: S603 - our own command, with words of the test
            [*COMMAND, *words],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=self.environment(),
            start_new_session=True,
        )


def kill(process: subprocess.Popen[bytes]) -> None:
    """Kill a started command as a power cut would."""
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()


@dataclass(frozen=True, slots=True)
class Simulators:
    """Running simulators: their addresses, and their side door."""

    targets: Mapping[str, Mapping[str, str]]
    settings: Mapping[str, str]

    def ask(self, target: str, path: str, body: object | None = None) -> Any:
        """Call the side door of a target: GET without a body, POST with one."""
        request = urllib.request.Request(  # noqa: S310 - a loopback address that the simulators printed
            self.targets[target]["control"].rstrip("/") + path,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Content-Type": "application/json"},
        )
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(request, timeout=60) as answer:
            return json.loads(answer.read() or b"null")

    def records(self, target: str) -> list[dict[str, Any]]:
        """What the target holds."""
        records: list[dict[str, Any]] = self.ask(target, "/_control/records")["records"]
        return records

    def faults(self, target: str, faults: Sequence[Mapping[str, object]], *, seed: int = 1) -> None:
        """Let the target misbehave; an empty list ends it."""
        self.ask(target, "/_control/faults", {"seed": seed, "faults": list(faults)})


@contextmanager
def simulators(*words: str, ready_seconds: float = 60) -> Iterator[Simulators]:
    """`bridge simulate`, running for the length of the block."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("BRIDGE_")}
    process = subprocess.Popen(  # noqa: S603 - our own command
        [*COMMAND, "simulate", *words],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=environment,
    )
    with process:
        assert process.stdout  # noqa: S101 - a pipe was asked for
        try:
            if not select.select([process.stdout], [], [], ready_seconds)[0]:
                raise TimeoutError("the simulators did not come up")
            first = json.loads(process.stdout.readline())
            yield Simulators(first["targets"], first["settings"])
        finally:
            process.terminate()
            process.wait(timeout=30)
