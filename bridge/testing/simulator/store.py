"""What a simulated target holds: documents by kind and key in an SQLite file of its own, and files by digest.

It is somebody else's system, so it shares nothing with Permit Bridge's own store, and it may lose what a power cut
takes (`synchronous=OFF`). What the documents mean does not belong here.
"""

from __future__ import annotations

import hashlib
import shutil
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson

DOCUMENTS = """
CREATE TABLE IF NOT EXISTS documents (
    place INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL,
    key TEXT NOT NULL,
    body BLOB NOT NULL,
    UNIQUE (kind, key)
)
"""


class Store:
    """Documents in the order in which they were first put, and the bytes of files. One thread only."""

    def __init__(self, folder: Path) -> None:
        """Open the store in `folder`, which is made where it is missing."""
        folder.mkdir(parents=True, exist_ok=True)
        self._files = folder / "files"
        self._files.mkdir(exist_ok=True)
        self._db = sqlite3.connect(folder / "target.db", isolation_level=None)
        self._db.execute("PRAGMA journal_mode = MEMORY")
        self._db.execute("PRAGMA synchronous = OFF")
        self._db.execute(DOCUMENTS)
        self._depth = 0

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing: what is put inside is undone where the block raises. May be nested; the outermost counts."""
        if self._depth:
            yield
            return
        self._db.execute("BEGIN")
        self._depth = 1
        try:
            yield
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        else:
            self._db.execute("COMMIT")
        finally:
            self._depth = 0

    def put(self, kind: str, key: str, document: Mapping[str, Any]) -> None:
        """Keep a document, in place of the one with the same kind and key."""
        self._db.execute(
            "INSERT INTO documents (kind, key, body) VALUES (?, ?, ?)"
            " ON CONFLICT (kind, key) DO UPDATE SET body = excluded.body",
            (kind, key, orjson.dumps(document)),
        )

    def get(self, kind: str, key: str) -> dict[str, Any] | None:
        """One document, or None."""
        row = self._db.execute("SELECT body FROM documents WHERE kind = ? AND key = ?", (kind, key)).fetchone()
        return orjson.loads(row[0]) if row else None

    def drop(self, kind: str, key: str) -> None:
        """Forget one document; none is no error."""
        self._db.execute("DELETE FROM documents WHERE kind = ? AND key = ?", (kind, key))

    def all(self, kind: str) -> Iterator[dict[str, Any]]:
        """All documents of a kind."""
        for _, document in self.since(kind, 0):
            yield document

    def since(self, kind: str, place: int, limit: int = -1) -> Iterator[tuple[int, dict[str, Any]]]:
        """Documents of a kind put after `place`, each with its own place; all of them where `limit` is -1."""
        rows = self._db.execute(
            "SELECT place, body FROM documents WHERE kind = ? AND place > ? ORDER BY place LIMIT ?",
            (kind, place, limit),
        ).fetchall()
        for found, body in rows:
            yield found, orjson.loads(body)

    def count(self, kind: str) -> int:
        """How many documents of a kind there are."""
        found: int = self._db.execute("SELECT COUNT(*) FROM documents WHERE kind = ?", (kind,)).fetchone()[0]
        return found

    def keep_file(self, data: bytes) -> str:
        """Keep the bytes of a file on disk, once; returns their digest, `sha256:` and 64 hexadecimal digits."""
        digest = hashlib.sha256(data).hexdigest()
        path = self._files / digest
        if not path.exists():
            path.write_bytes(data)
        return f"sha256:{digest}"

    def file(self, digest: str) -> bytes:
        """The bytes of a kept file. Raises FileNotFoundError."""
        return (self._files / digest.removeprefix("sha256:")).read_bytes()

    def forget(self) -> None:
        """Lose everything."""
        self._db.execute("DELETE FROM documents")
        shutil.rmtree(self._files)
        self._files.mkdir()

    def close(self) -> None:
        """Let go of the file."""
        self._db.close()
