"""The arrows of `.importlinter` hold, can be broken, and leave no room out."""

from __future__ import annotations

import configparser
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

PLANTED: Mapping[str, str] = {
    "bridge/model/planted.py": "import bridge.storage.engine\n",
    "bridge/engine/planted.py": "import httpx\nimport bridge.kit.http\nimport bridge.settings\n",
    "bridge/kit/planted.py": "import sqlite3\n",
    "bridge/storage/planted.py": "import adapters.demo\n",
    "bridge/planted/__init__.py": "",
    "adapters/demo/planted.py": "import adapters.discharge.codes\nimport bridge.engine.plan, bridge.testing.driver\n",
}
"""Breaches of every contract, a room without a place among them."""

CONTRACTS = 8


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    """`lint-imports` over the clone in `folder`."""
    return subprocess.run(
        [
            sys.executable,
            "-c",
            "from importlinter.cli import lint_imports_command; lint_imports_command()",
            "--no-cache",
        ],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder), "COLUMNS": "200", "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        check=False,
    )


def rooms(repository: Path) -> set[str]:
    """The rooms that there are."""
    return {
        f"bridge.{path.stem}"
        for path in (repository / "bridge").iterdir()
        if (path.suffix == ".py" and path.stem != "__init__") or (path / "__init__.py").is_file()
    }


def sources(repository: Path, contract: str) -> set[str]:
    """The modules that a contract binds."""
    parser = configparser.ConfigParser()
    parser.read(repository / ".importlinter")
    names: Sequence[str] = parser[f"importlinter:contract:{contract}"]["source_modules"].split()
    return set(names)


def test_the_arrows_hold(repository: Path) -> None:
    """Every contract is kept."""
    done = lint(repository)
    assert done.returncode == 0, done.stdout
    assert f"Contracts: {CONTRACTS} kept, 0 broken." in done.stdout


def test_each_arrow_can_be_broken(repository: Path, tmp_path: Path) -> None:
    """With breaches planted every contract is broken: none passes whatever is written."""
    for name in ("bridge", "adapters"):
        shutil.copytree(repository / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(repository / ".importlinter", tmp_path)
    for name, text in PLANTED.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    done = lint(tmp_path)
    assert done.returncode == 1
    assert f"Contracts: 0 kept, {CONTRACTS} broken." in done.stdout, done.stdout


def test_no_room_is_left_out(repository: Path) -> None:
    """The contracts that list the rooms they bind list every one but those that they exempt."""
    all_rooms = rooms(repository)
    assert sources(repository, "http") == all_rooms - {"bridge.kit"}
    assert sources(repository, "database") == all_rooms - {"bridge.storage"} | {"adapters"}
    assert sources(repository, "settings") == all_rooms - {"bridge.settings", "bridge.wiring", "bridge.cli"}
