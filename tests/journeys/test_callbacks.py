"""The decider's word by callback: `bridge serve` hears it without any poll, and everyone else is told."""

from __future__ import annotations

import json
import select
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from bridge.testing.driver import COMMAND, Installation, Simulators, simulators

SETTINGS = {"BRIDGE_POLL__SECONDS": "3600", "BRIDGE_RETRY__FIRST_SECONDS": "0.5", "BRIDGE_RETRY__CAP_SECONDS": "2"}


@pytest.fixture(scope="module")
def port() -> int:
    """A free port, for the simulators to call at."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        number: int = free.getsockname()[1]
        return number


@pytest.fixture(scope="module")
def calling(port: int) -> Iterator[Simulators]:
    """Simulators that post callbacks."""
    with simulators("--callback", f"http://127.0.0.1:{port}") as started:
        yield started


@pytest.fixture
def served(calling: Simulators, port: int, tmp_path: Path) -> Iterator[Installation]:
    """An installation that delivers and takes callbacks, and polls once an hour."""
    installation = Installation(tmp_path / "data", {**calling.settings, **SETTINGS})
    assert installation.run("init", "--json").code == 0
    with subprocess.Popen(
        [*COMMAND, "serve", "--port", str(port), "--json"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=installation.environment(),
    ) as process:
        try:
            assert select.select([process.stdout], [], [], 30)[0], "it did not come up"
            assert json.loads(process.stdout.readline()) == {"url": f"http://127.0.0.1:{port}"}
            yield installation
        finally:
            process.send_signal(signal.SIGTERM)
            assert process.wait(60) == 0


def eventually(look: Callable[[], Any], seconds: float = 40) -> Any:
    """What `look` finds at last."""
    until = time.monotonic() + seconds
    while not (found := look()):
        assert time.monotonic() < until, "it did not happen"
        time.sleep(0.2)  # noqa: TID251 - other processes take real time
    return found


def test_a_decision_by_callback_reaches_everyone(served: Installation, calling: Simulators) -> None:
    """受理 and 准予 come by callback alone: the status is granted, and national holds the rows of both."""
    document = served.run("sample", "discharge-permit", "--seed", "3").out
    done = served.run("submit", "-", "--json", stdin=document)
    assert done.code == 0, done.out + done.err
    number = done.json["accepted"][0]["number"]

    def status() -> dict[str, Any]:
        shown: dict[str, Any] = served.run("status", number, "--json").json
        return shown

    def at(target: str) -> list[dict[str, Any]]:
        keys = {number, status()["case_number"], status()["application"]}
        return [one for one in calling.records(target) if one["key"] in keys]

    (case,) = eventually(lambda: at("discharge"))
    for act, state in (("accept", "accepted"), ("grant", "granted")):
        calling.ask("discharge", "/_control/decide", {"number": case["number"], "act": act})
        eventually(lambda state=state: status()["state"] == state)
    (national,) = eventually(lambda: [one for one in at("national") if one["status"] == "3/0"])
    assert any(path.startswith("result") for path in national["fields"])
    (municipal,) = eventually(lambda: [one for one in at("municipal") if one["status"] == "10"])
    assert municipal["key"] == number
