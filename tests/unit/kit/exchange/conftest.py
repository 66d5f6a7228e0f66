"""A front-end database as a file, made in any spelling, and what is written to it."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bridge.kit.exchange.columns import ExchangeTable, instant, serial, text, whole
from bridge.kit.exchange.database import ExchangeDatabase
from bridge.kit.exchange.rules import Rules, read_address

TABLE = ExchangeTable(
    "up_thing",
    (
        serial("id", "顺序号"),
        text("row_guid", 10, "记录", required=True),
        text("org_name", 6, "部门"),
        whole("task_version", "版本"),
        instant("cd_time", "时间"),
        text("detail_url", 20, "地址", camel="DetailURL"),
    ),
)

ROW = {"row_guid": "g-1", "org_name": "机关", "task_version": 3, "cd_time": "2026-11-24 10:00:00", "detail_url": "u"}


class Front:
    """One database file and how to ask it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.table, self.row = TABLE, ROW

    def make(self, *columns: str, table: str = "up_thing") -> None:
        """Make the table with these column definitions beside its `id`."""
        db = sqlite3.connect(self.path)
        db.execute(f"CREATE TABLE {table} (id INTEGER PRIMARY KEY AUTOINCREMENT, {', '.join(columns)})")
        db.close()

    def raw(self, sql: str) -> list[tuple[Any, ...]]:
        """What another program sees."""
        db = sqlite3.connect(self.path)
        found = db.execute(sql).fetchall()
        db.commit()
        db.close()
        return found

    def open(self, rules: Rules | None = None, seconds: float = 5) -> ExchangeDatabase:
        """The database as an adapter has it."""
        address = read_address(f"sqlite:///{self.path}")
        return ExchangeDatabase(address, rules or Rules(), total_seconds=seconds, concurrency=4)

    def play(self, act: Callable[[ExchangeDatabase], Any], rules: Rules | None = None, seconds: float = 5) -> Any:
        """Run `act(database)` in an event loop of its own."""

        async def run() -> Any:
            database = self.open(rules, seconds)
            try:
                return await act(database)
            finally:
                await database.close()

        return asyncio.run(run())


@pytest.fixture
def front(tmp_path: Path) -> Front:
    """A file without tables."""
    return Front(tmp_path / "front 库.db")
