"""A database with very many deliveries due, made in bulk: clones of one application that came in by the entry door.

Every clone has its own id, number and seals; its history is left out, since neither a claim nor a runner reads it.
"""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from benchmarks import samples
from benchmarks.place import BOTH, opened
from bridge.settings import Settings
from bridge.storage.revisions import place
from bridge.storage.sealing import Keyring

PACK = 5_000
"""Rows per statement."""

IN_ORDER, AT_RANDOM = BOTH
"""The first target's deliveries are claimed in the order in which they were stored, the second's in no order."""

SEED = 7


def fill(folder: Path, count: int, *, readable: int = 0) -> None:
    """Store `count` applications, each with a delivery due at each of the two targets.

    The contents of the first `readable` by rank of AT_RANDOM's target can be opened, and so be mapped and sent; the
    others have contents of the same size that nobody opens.
    """
    with opened(folder, "http://127.0.0.1:1", BOTH) as bridge:
        (document,) = samples.documents(1, samples.LARGE, seed=SEED, files=False)
        answer = bridge.acceptance.submit(
            [("x.jsonl", samples.lines([document]), None)], actor="bench", channel="batch"
        )
        application = answer["accepted"][0]["application"]
    settings = Settings(data_dir=folder)
    keyring = Keyring.load(settings.key_file)
    with closing(sqlite3.connect(folder / "bridge.db", isolation_level=None)) as database:
        database.row_factory = sqlite3.Row
        for pragma in ("synchronous=OFF", "journal_mode=MEMORY", "cache_size=-400000", "temp_store=MEMORY"):
            database.execute(f"PRAGMA {pragma}")
        clones = _Clones(database, keyring, application, count, readable)
        database.execute("BEGIN")
        for table in ("applications", "revisions", "deliveries"):
            _insert(database, table, clones.rows(table))
        database.execute("COMMIT")


class _Clones:
    """The rows of all clones."""

    def __init__(
        self, database: sqlite3.Connection, keyring: Keyring, application: str, count: int, readable: int
    ) -> None:
        self._keyring, self._count = keyring, count
        self._first = {
            table: [dict(row) for row in database.execute(f"SELECT * FROM {table} WHERE {key} = ?", (application,))]  # noqa: S608 - names of ours
            for table, key in (("applications", "id"), ("revisions", "application"), ("deliveries", "application"))
        }
        (revision,) = self._first["revisions"]
        self._keys = keyring.unseal(revision["sealed_keys"], place("sealed_keys", application, 1))
        self._content = keyring.unseal_salted(revision["sealed"], place("sealed", application, 1))
        self._ranks = list(range(count))
        random.Random(SEED).shuffle(self._ranks)  # noqa: S311 - an order, not a secret
        self._readable = readable

    def rows(self, table: str) -> Iterator[Mapping[str, Any]]:
        """The clones' rows of a table."""
        make = {"applications": self._applications, "revisions": self._revisions, "deliveries": self._deliveries}
        return make[table]()

    def _applications(self) -> Iterator[dict[str, Any]]:
        (first,) = self._first["applications"]
        for number in range(self._count):
            key = number.to_bytes(16, "big")
            yield first | {
                "id": _id(number),
                "number": f"{first['number'][:8]}{number:08d}",
                "reference": None,
                "content_key": key,
                "applicant_key": key,
                "open_key": key,
            }

    def _revisions(self) -> Iterator[dict[str, Any]]:
        (first,) = self._first["revisions"]
        for number, rank in enumerate(self._ranks):
            name = _id(number)
            sealed = first["sealed"]
            if rank < self._readable:
                sealed, _ = self._keyring.seal_salted(self._content, place("sealed", name, 1))
            keys = self._keyring.seal(self._keys, place("sealed_keys", name, 1))
            yield first | {"application": name, "sealed": sealed, "sealed_keys": keys}

    def _deliveries(self) -> Iterator[dict[str, Any]]:
        first = {row["target"]: row for row in self._first["deliveries"]}
        for number, rank in enumerate(self._ranks):
            for place_, target in enumerate(BOTH):
                yield first[target] | {
                    "id": _id(number, place_ + 1),
                    "application": _id(number),
                    "rank": number if target == IN_ORDER else rank,
                }


def _id(number: int, kind: int = 0) -> str:
    """An id that sorts as it was made, as UUIDs of version 7 do."""
    return f"{number:08x}-0000-7000-8000-{kind:012x}"


def _insert(database: sqlite3.Connection, table: str, rows: Iterator[Mapping[str, Any]]) -> None:
    """All rows, in packs."""
    pack: list[Sequence[Any]] = []
    text = ""
    for row in rows:
        if not text:
            names = ", ".join(f'"{name}"' for name in row)
            text = f"INSERT INTO {table} ({names}) VALUES ({', '.join('?' * len(row))})"  # noqa: S608 - names of ours
        pack.append(tuple(row.values()))
        if len(pack) >= PACK:
            database.executemany(text, pack)
            pack.clear()
    database.executemany(text, pack)
