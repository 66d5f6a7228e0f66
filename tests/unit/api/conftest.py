"""`bridge serve` in a process of its own, an application that it knows, and calls signed as the gateway signs them."""

from __future__ import annotations

import http.client
import json
import select
import signal
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from bridge.kit.signing import hmac_sm3_hex, sm3_hex
from bridge.testing.driver import COMMAND, Installation

SECRET = "unit-secret"
PATH = "/callbacks/municipal"
SETTINGS = {
    "SECRET_OF_TEST": SECRET,
    "BRIDGE_TARGETS__MUNICIPAL__URL": "http://127.0.0.1:9",
    "BRIDGE_TARGETS__MUNICIPAL__APP_KEY": "key",
    "BRIDGE_TARGETS__MUNICIPAL__SECRETS__APP_SECRET": "env:SECRET_OF_TEST",
    "BRIDGE_SERVE__HEADER_SECONDS": "1",
    "BRIDGE_POLL__SECONDS": "3600",
}


@dataclass
class Served:
    """An installation whose door is open."""

    installation: Installation
    number: str = ""
    processes: list[subprocess.Popen[str]] = field(default_factory=list)
    url: str = ""

    def open(self, *words: str) -> subprocess.Popen[str]:
        """Start `bridge serve` and wait until it says that it listens."""
        with (self.installation.folder / "serve.log").open("a", encoding="utf-8") as log:
            process = subprocess.Popen(
                [*COMMAND, "serve", "--port", "0", "--json", *words],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                env=self.installation.environment(),
            )
        self.processes.append(process)
        assert select.select([process.stdout], [], [], 30)[0], "it did not come up"
        self.url = json.loads(process.stdout.readline())["url"]
        return process

    def close(self) -> None:
        """End what still runs."""
        for process in self.processes:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
                process.wait(40)
            process.stdout.close()

    @property
    def place(self) -> tuple[str, int]:
        """Host and port."""
        parts = urlsplit(self.url)
        return parts.hostname, parts.port

    def call(self, method="POST", path=PATH, body=b"", headers=None) -> tuple[int, dict[str, str], Any]:
        """One call: status, headers, JSON."""
        with closing(http.client.HTTPConnection(*self.place, timeout=20)) as line:
            line.request(method, path, body=body, headers=headers or {})
            answer = line.getresponse()
            content = answer.read()
            return answer.status, {k.lower(): v for k, v in answer.getheaders()}, content and json.loads(content)

    def message(self, id_="m1", *, biz=None, status="00", **more: Any) -> bytes:
        """The body of a callback about the application."""
        told = {"msgId": id_, "msgType": "SLJG", "projectNo": "P-2026-1", "bizNo": biz or self.number}
        told |= {"status": status, "gmtOccur": "2026-11-23 10:00:00", "data": {}, **more}
        return json.dumps({"head": {}, "body": told}).encode()

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Rows of the database."""
        with closing(sqlite3.connect(self.installation.folder / "bridge.db")) as sql:
            return sql.execute(query).fetchall()

    def status(self) -> dict[str, Any]:
        """What is shown of the application."""
        return self.installation.run("status", self.number, "--json").json

    def wait_for(self, query: str, expected: list[tuple[Any, ...]], seconds: float = 20) -> None:
        """Look until the database says so."""
        until = time.monotonic() + seconds
        while self.rows(query) != expected:
            assert time.monotonic() < until, self.rows(query)
            time.sleep(0.1)  # noqa: TID251 - another process takes real time


def signed(body: bytes, *, secret=SECRET, path=PATH) -> dict[str, str]:
    """The gateway's headers for a body."""
    stamp, nonce = str(int(time.time() * 1000)), "0" * 32
    sign = hmac_sm3_hex(secret.encode(), f"POST{path}{sm3_hex(body)}{stamp}{nonce}".encode())
    return {"Content-Type": "application/json", "timestamp": stamp, "nonce": nonce, "sign": sign}


def new(folder: Path, **settings: str) -> Served:
    """An initialised installation with one application."""
    installation = Installation(folder / "data", {**SETTINGS, **settings})
    assert installation.run("init", "--json").code == 0
    served = Served(installation)
    document = installation.run("sample", "discharge-permit", "--seed", "3").out
    done = installation.run("submit", "-", "--json", stdin=document)
    assert done.code == 0, done.out + done.err
    served.number = done.json["accepted"][0]["number"]
    return served


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    """An open door over an installation of its own."""
    one = new(tmp_path)
    one.open()
    yield one
    one.close()


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """One open door for all tests that change nothing behind it."""
    one = new(tmp_path_factory.mktemp("door"))
    one.open()
    yield one
    one.close()


@pytest.fixture
def sign():
    """Signs a body as the gateway does."""
    return signed
