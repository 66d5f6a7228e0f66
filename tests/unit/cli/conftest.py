"""Commands run in this process, over a data folder of the test's own; no target can be reached."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bridge.cli import main


@dataclass(frozen=True, slots=True)
class Said:
    """How a command ended, and what it printed."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Its one JSON document."""
        return json.loads(self.out)


Run = Callable[..., Said]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a command by its words."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BRIDGE_DATA_DIR", str(tmp_path / "data"))

    def once(*words: str) -> Said:
        with pytest.raises(SystemExit) as left:
            main(words)
        said = capsys.readouterr()
        return Said(int(left.value.code or 0), said.out, said.err)

    return once


@pytest.fixture
def entered(run: Run, tmp_path: Path) -> list[dict[str, Any]]:
    """Three applications, entered; their targets are in `observe`, so nothing is sent."""
    assert run("init").code == 0
    (tmp_path / "in.jsonl").write_text(run("sample", "discharge-permit", "--count", "3").out, encoding="utf-8")
    accepted: list[dict[str, Any]] = run("submit", "in.jsonl", "--json").json["accepted"]
    return accepted
