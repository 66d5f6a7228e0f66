"""Nothing is built at import time: every module imports with no network, no database, and nothing written."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

GUARDED = """
import builtins, importlib, io, os, pkgutil, socket, sqlite3, sys, threading
sys.dont_write_bytecode = True

def refuse(*_args, **_kwargs):
    raise SystemExit("built at import")

opened = builtins.open
def watched(file, mode="r", *args, **kwargs):
    if set(mode) & set("wax+"):
        refuse()
    return opened(file, mode, *args, **kwargs)

system_open = os.open
def watched_system_open(path, flags, *args, **kwargs):
    if flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
        refuse()
    return system_open(path, flags, *args, **kwargs)

# What third parties do when first imported is theirs: load them before the guard stands.
for name in ("aiohttp", "alembic.operations", "httpx", "httpx_aiohttp", "jsonschema", "jsonschema_rs",
             "pydantic_settings", "rich.console", "sqlalchemy", "structlog", "tenacity", "typer",
             "cryptography.hazmat.primitives.ciphers.aead"):
    importlib.import_module(name)

socket.socket.__init__ = refuse
sqlite3.connect = refuse
builtins.open = io.open = watched
os.open = watched_system_open
threading.Thread.start = refuse

names = []
for root in sys.argv[1:]:
    package = importlib.import_module(root)
    names.append(root)
    for module in pkgutil.walk_packages(package.__path__, root + "."):
        names.append(module.name)
for name in names:
    if name.endswith(".__main__") or ".migrations.versions." in name:
        continue
    importlib.import_module(name)
print(len(names))
"""


def run(repository: Path, *roots: str, path: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Import everything under the roots, guarded."""
    return subprocess.run(
        [sys.executable, "-c", GUARDED, *roots],
        cwd=path or repository,
        capture_output=True,
        text=True,
        check=False,
    )


def test_nothing_is_built_at_import(repository: Path) -> None:
    """Importing every module opens no socket, no database, no file for writing, and starts no thread."""
    done = run(repository, "bridge", "adapters")
    assert done.returncode == 0, done.stderr[-2000:]
    assert int(done.stdout) > 100


def test_what_is_built_at_import_is_seen(repository: Path, tmp_path: Path) -> None:
    """The law can fail: a module that opens a database, a socket or a file is found."""
    for place, line in enumerate(
        (
            "import sqlite3; sqlite3.connect(':memory:')",
            "import socket; socket.socket()",
            "open('made', 'w')",
            "import pathlib; pathlib.Path('made').write_text('')",
        )
    ):
        package = tmp_path / f"planted{place}"
        package.mkdir()
        (package / "__init__.py").write_text(line + "\n", encoding="utf-8")
        done = run(repository, package.name, path=tmp_path)
        assert "built at import" in done.stderr, line
