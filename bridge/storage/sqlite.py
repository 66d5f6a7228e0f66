"""What is particular to SQLite: the driver, the pragmas, the journal mode, and how to notice other processes' commits.

Sources: SQLite's own pages on WAL (the WAL-reset race, fixed in 3.51.3, 3.50.7 and 3.44.6), on PRAGMA and on file
locking. What does not belong here: anything that PostgreSQL would also do (`engine`).
"""

from __future__ import annotations

import importlib
import os
import sqlite3
import threading
from pathlib import Path
from types import ModuleType
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.pool import QueuePool

from bridge.errors import SettingsError
from bridge.storage.sealing import sync_folder

SETTING = "BRIDGE_DATABASE_URL"
"""The setting that a wrong database is named by."""

WAL_FIXED_IN = (3, 51, 3)
WAL_ALSO_FIXED = frozenset({(3, 50, 7), (3, 44, 6)})
"""Versions in which the WAL-reset race is mended: two connections and a checkpoint could lose commits before."""


def driver() -> ModuleType:
    """The SQLite driver: the newer one of the extra `wal` where it is installed, else Python's own."""
    try:
        return importlib.import_module("pysqlite3.dbapi2")
    except ImportError:
        return sqlite3


def journal_mode(version: tuple[int, ...]) -> str:
    """The journal mode that is safe with this SQLite version."""
    return "WAL" if version >= WAL_FIXED_IN or version in WAL_ALSO_FIXED else "TRUNCATE"


def make_file(url: URL) -> None:
    """Make the database file, readable by its owner alone; its journals take over the mode."""
    path = database_path(url)
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
        sync_folder(path.parent)
    except OSError as exc:
        message = "无法创建数据库文件，请检查目录权限 (cannot create the database file: check the folder's permissions)"
        raise SettingsError(SETTING, message) from exc


def database_path(url: URL) -> Path:
    """The file of a database URL. Raises SettingsError where it names none."""
    if url.get_backend_name() != "sqlite":
        raise SettingsError(SETTING, "本版本只支持 SQLite (this release supports SQLite only)")
    if not url.database or url.database == ":memory:":
        raise SettingsError(SETTING, "请给出数据库文件 (name a database file)")
    return Path(url.database)


def open_engine(url: URL, *, writes: bool, busy_seconds: float) -> Engine:
    """An engine whose transactions are `BEGIN IMMEDIATE` where it writes, and refuse to write where it reads.

    A read that turned into a write would fail at once with a stale snapshot; so writers say at the start what they are.
    """
    module = driver()
    engine = create_engine(
        url,
        module=module,
        poolclass=QueuePool,
        pool_size=1 if writes else 4,
        max_overflow=0 if writes else 12,
        hide_parameters=True,
        connect_args={"isolation_level": None, "check_same_thread": False, "timeout": busy_seconds},
    )
    mode = journal_mode(module.sqlite_version_info)
    begin = "BEGIN IMMEDIATE" if writes else "BEGIN"

    def connected(connection: Any, _record: object) -> None:
        cursor = connection.cursor()
        for pragma in (
            f"journal_mode={mode}",
            "synchronous=FULL",
            "foreign_keys=ON",
            "trusted_schema=OFF",
            "temp_store=MEMORY",
            f"cache_size={'-16000' if writes else '-2000'}",  # a reader's is void after each write
            f"query_only={'OFF' if writes else 'ON'}",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    def begun(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    event.listen(engine, "connect", connected)
    event.listen(engine, "begin", begun)
    return engine


class Watch:
    """Notices commits of other connections and processes, on a connection of its own that never waits."""

    def __init__(self, url: URL) -> None:
        module = driver()
        self._error: type[Exception] = module.OperationalError
        self._connection = module.connect(
            str(database_path(url)), isolation_level=None, check_same_thread=False, timeout=0
        )
        self._lock = threading.Lock()
        self._seen = 0

    def version(self) -> int:
        """A number that changes when anybody has committed. While somebody is committing, the one from before."""
        with self._lock:
            try:
                (self._seen,) = self._connection.execute("PRAGMA data_version").fetchone()
            except self._error:
                return self._seen
            return self._seen

    def close(self) -> None:
        """Let go of the connection."""
        with self._lock:
            self._connection.close()
