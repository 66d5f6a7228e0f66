"""The front-end database of the simulated platform: an SQLite file that it reads, empties, answers in, and can lock.

One connection does it all, so that the side door can look into it while it is locked against everybody else.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Literal

from adapters.national.simulator.desk import Collected, Verdict
from adapters.national.simulator.spec import PARTS, ddl

Lock = Literal["IMMEDIATE", "EXCLUSIVE"]
"""Against writers, or against everybody."""

PATIENCE_SECONDS = 0.2
"""How long a look may wait for the bridge's own transaction; the next one comes soon."""


class FrontDatabase:
    """`front.db` in a folder."""

    def __init__(self, folder: Path) -> None:
        """Make it where it is missing."""
        self.path = folder / "front.db"
        self._db = sqlite3.connect(self.path, isolation_level=None, timeout=PATIENCE_SECONDS)
        self._db.row_factory = sqlite3.Row
        self._db.execute("PRAGMA synchronous = OFF")
        self._db.executescript(ddl())
        self.locked = False

    def lock(self, how: Lock) -> bool:
        """Lock it until `release`; False where somebody else is just writing."""
        if not self.locked:
            try:
                self._db.execute(f"BEGIN {how}")
            except sqlite3.OperationalError:
                return False
            self.locked = True
        return True

    def release(self) -> None:
        """Let others in again."""
        if self.locked:
            self._db.execute("ROLLBACK")
            self.locked = False

    def rows(self) -> Collected:
        """What lies there, accept rows first, each part in the order of writing; nothing where it cannot be read."""
        try:
            return [(part, self._row(one)) for part in PARTS for one in self._select(part)]
        except sqlite3.OperationalError:
            return []

    def collect(self, take: Callable[[Collected], None]) -> None:
        """Take all rows away in one transaction, `take` being told of them; nothing happens where it is locked."""
        if self.locked or not self.lock("IMMEDIATE"):
            return
        try:
            found = [(part, one["id"], self._row(one)) for part in PARTS for one in self._select(part)]
            if found:
                take([(part, row) for part, _, row in found])
                for part, (table, _) in PARTS.items():
                    gone = [(id_,) for own, id_, _ in found if own == part]
                    self._db.executemany(f"DELETE FROM {table} WHERE id = ?", gone)  # noqa: S608 - our own names
            self._db.execute("COMMIT")
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        finally:
            self.locked = False

    def tell(self, verdicts: Sequence[Verdict], at: str) -> bool:
        """Write verdicts back; False where it is locked."""
        if self.locked or not self.lock("IMMEDIATE"):
            return False
        for one in verdicts:
            column, reason = one.flaws[0] if one.flaws else (None, None)
            self._db.execute(
                "INSERT INTO up_quality_feedback"
                " (table_name, row_guid, cd_batch, passed, reason, column_name, check_time)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                (one.table, one.row_guid, one.batch, int(not one.flaws), reason, column, at),
            )
        self._db.execute("COMMIT")
        self.locked = False
        return True

    def empty(self) -> None:
        """Forget everything, the bridge's journal too."""
        self.release()
        self._db.execute("PRAGMA busy_timeout = 5000")  # the bridge may be in the middle of a transaction
        for table in (*(table for table, _ in PARTS.values()), "up_quality_feedback", "pb_journal"):
            self._db.execute(f"DELETE FROM {table}")  # noqa: S608 - our own names

    def close(self) -> None:
        """Let go of the file."""
        self.release()
        self._db.close()

    def _select(self, part: str) -> list[sqlite3.Row]:
        return self._db.execute(f"SELECT * FROM {PARTS[part][0]} ORDER BY id").fetchall()  # noqa: S608 - our own names

    @staticmethod
    def _row(found: sqlite3.Row) -> dict[str, Any]:
        """A row without its number and without columns that have no value."""
        return {name: found[name] for name in found.keys() if name != "id" and found[name] is not None}  # noqa: SIM118 - iterating it gives values
