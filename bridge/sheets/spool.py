"""The rows of a file, kept in a file without a name while the applications are put together from all of them.

What belongs here: rows by application, in bounded memory whatever their order. What does not: what is in them. The file
holds what the workbook holds, can be opened by nobody else, and is gone when the process is.
"""

from __future__ import annotations

import tempfile
from array import array
from collections.abc import Iterator

import orjson

from bridge.sheets.cell import Cell, Row

NOWHERE = -1


class Spool:
    """Rows, by table and by application."""

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 - closed by `close`
        self._end = 0
        self._numbers: dict[str, int] = {}
        """Key → the number that stands for it; of a million keys one copy is kept."""
        self._owners = array("q")
        """How many applications have the key of the number."""
        self._last: dict[str, array[int]] = {}
        """Table → the place of the last row of each key; each row knows the one before it."""
        self._main = array("q")
        self._count = 0

    def __len__(self) -> int:
        """How many rows there are."""
        return self._count

    def close(self) -> None:
        """Forget all."""
        self._file.close()

    def add_application(self, key: str | None, row: Row) -> None:
        """A row of the main sheet; None where it has no key that can be read."""
        if key is not None:
            self._owners[self._number(key)] += 1
        self._main.append(self._write(key, row, NOWHERE))

    def add_below(self, table: str, key: str, row: Row) -> None:
        """A row of the sheet of a list."""
        number = self._number(key)
        last = self._last.setdefault(table, array("q"))
        last.extend([NOWHERE] * (number + 1 - len(last)))
        last[number] = self._write(key, row, last[number])

    def applications(self) -> Iterator[tuple[str | None, Row]]:
        """The rows of the main sheet with their keys, in order."""
        for place in self._main:
            key, row, _ = self._read(place)
            yield key, row

    def owners(self, key: str) -> int:
        """How many applications have a key."""
        number = self._numbers.get(key)
        return 0 if number is None else self._owners[number]

    def below(self, table: str, key: str) -> list[Row]:
        """The rows of a list that belong to a key, in order."""
        number, last = self._numbers.get(key), self._last.get(table)
        found: list[Row] = []
        place = last[number] if number is not None and last is not None and number < len(last) else NOWHERE
        while place != NOWHERE:
            _, row, place = self._read(place)
            found.append(row)
        return found[::-1]

    def orphans(self) -> Iterator[tuple[str, str, Row]]:
        """(table, key, row) of every row whose application is not there."""
        for key, number in self._numbers.items():
            if not self._owners[number]:
                for table in self._last:
                    for row in self.below(table, key):
                        yield table, key, row

    def _number(self, key: str) -> int:
        number = self._numbers.setdefault(key, len(self._numbers))
        if number == len(self._owners):
            self._owners.append(0)
        return number

    def _write(self, key: str | None, row: Row, before: int) -> int:
        data = orjson.dumps([key, row.number, [tuple(one) for one in row.cells], before])
        place = self._end
        self._file.write(len(data).to_bytes(4, "big"))
        self._file.write(data)
        self._end += 4 + len(data)
        self._count += 1
        return place

    def _read(self, place: int) -> tuple[str | None, Row, int]:
        self._file.seek(place)
        size = int.from_bytes(self._file.read(4), "big")
        key, number, cells, before = orjson.loads(self._file.read(size))
        return key, Row(number, [Cell(*one) for one in cells]), before
