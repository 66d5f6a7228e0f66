"""What the platform holds: rows by part and guid, cases by 办件编号, and verdicts that are still to be told."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from adapters.national.simulator.rules import Flaw, flaws
from adapters.national.simulator.spec import PARTS
from bridge.testing.simulator.server import NoSuchCase, Record
from bridge.testing.simulator.store import Store

INSERT, UPDATE, DELETE = "I", "U", "D"
ACCEPTED, ENDED = "2", "3"
SINGLE = frozenset({"accept", "result"})

Row = dict[str, Any]
Collected = Sequence[tuple[str, Row]]
"""Rows with their part, in the order in which they take effect."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is said of one row."""

    table: str
    row_guid: str
    batch: str
    flaws: tuple[Flaw, ...]


class Held:
    """Rows by part and guid, and by case."""

    def __init__(self) -> None:
        self.rows: dict[str, dict[str, Row]] = {part: {} for part in PARTS}
        self._cases: dict[tuple[str, str], dict[str, None]] = {}

    def put(self, part: str, row: Row) -> None:
        """Have a row, in place of the one with its guid."""
        before = self.rows[part].get(row["row_guid"])
        if before is not None and before["project_no"] != row["project_no"]:
            self.drop(part, row["row_guid"])
        self.rows[part][row["row_guid"]] = row
        self._cases.setdefault((part, row["project_no"]), {})[row["row_guid"]] = None

    def drop(self, part: str, guid: str) -> None:
        """Have it no more; none is no error."""
        row = self.rows[part].pop(guid, None)
        if row is not None:
            self._cases[part, row["project_no"]].pop(guid, None)

    def of_case(self, part: str, project_no: str) -> list[Row]:
        """The rows of a case, oldest first."""
        return [self.rows[part][guid] for guid in self._cases.get((part, project_no), ())]

    def copy(self) -> Held:
        """The same rows again."""
        made = Held()
        for part, own in self.rows.items():
            for row in own.values():
                made.put(part, row)
        return made


class Desk:
    """What it holds, kept in its store."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.load()

    def load(self) -> None:
        """Read anew what the store has."""
        self.held = Held()
        for part in PARTS:
            for row in self._store.all(part):
                self.held.put(part, row)
        self._pending = {
            one["key"]: (one["due"], Verdict(one["table"], one["row_guid"], one["batch"], _flaws(one["flaws"])))
            for one in self._store.all("verdict")
        }

    def judge(self, collected: Collected) -> list[Verdict]:
        """Take rows as they were collected, accept rows first, and say of each whether it passes."""
        verdicts = []
        for part, row in collected:
            found = tuple(flaws(part, row) or _against(self.held, part, row))
            verdicts.append(Verdict(PARTS[part][0], str(row["row_guid"]), str(row["cd_batch"]), found))
            if not found:
                self.keep(part, row)
        return verdicts

    def keep(self, part: str, row: Row) -> None:
        """Hold a row, or forget it where it says so."""
        if row["cd_operation"] == DELETE:
            self.forget(part, row["row_guid"])
        else:
            self.held.put(part, row)
            self._store.put(part, row["row_guid"], row)

    def forget(self, part: str, guid: str) -> None:
        """Hold it no more."""
        self.held.drop(part, guid)
        self._store.drop(part, guid)

    def accept_row(self, number: str) -> Row:
        """An accept row by its guid. Raises NoSuchCase."""
        if number not in self.held.rows["accept"]:
            raise NoSuchCase
        return self.held.rows["accept"][number]

    def remove(self, number: str) -> None:
        """Forget a case: its accept row, and the rest where no other accept row has its 办件编号. Raises NoSuchCase."""
        project_no = self.accept_row(number)["project_no"]
        self.forget("accept", number)
        if not self.held.of_case("accept", project_no):
            for part in PARTS:
                for row in self.held.of_case(part, project_no):
                    self.forget(part, row["row_guid"])

    def records(self, coming: Collected) -> Iterator[Record]:
        """One entry per accept row, `coming` rows that have not been collected yet included."""
        held = self.held
        if coming:
            held = held.copy()
            for part, row in coming:
                if row["cd_operation"] == DELETE:
                    held.drop(part, row["row_guid"])
                elif row["cd_operation"] == UPDATE or row["row_guid"] not in held.rows[part]:
                    held.put(part, row)
        for number, accept in held.rows["accept"].items():
            case = {part: held.of_case(part, accept["project_no"]) for part in PARTS} | {"accept": [accept]}
            yield _record(number, case)

    # -- verdicts to come

    def later(self, verdict: Verdict, due: float) -> str:
        """Keep a verdict until it is due, seconds of the machine's monotonic time; the key to settle it by."""
        key = uuid.uuid4().hex
        said = {"key": key, "table": verdict.table, "row_guid": verdict.row_guid, "batch": verdict.batch, "due": due}
        self._store.put("verdict", key, {**said, "flaws": [list(one) for one in verdict.flaws]})
        self._pending[key] = (due, verdict)
        return key

    def due(self, now: float) -> list[tuple[str, Verdict]]:
        """Verdicts that are due, each with the key to settle it by, the earliest first."""
        found = [(due, key, verdict) for key, (due, verdict) in self._pending.items() if due <= now]
        return [(key, verdict) for _, key, verdict in sorted(found, key=lambda one: one[0])]

    def told(self, keys: Iterable[str]) -> None:
        """These have been told."""
        for key in keys:
            self._pending.pop(key, None)
            self._store.drop("verdict", key)


def _flaws(kept: Iterable[Sequence[str]]) -> tuple[Flaw, ...]:
    """Flaws as they were kept."""
    return tuple((one[0], one[1]) for one in kept)


def _record(number: str, case: Mapping[str, list[Row]]) -> Record:
    """One case as the side door shows it. Of files only the names are known here: their digest is empty."""
    results = case["result"]
    return Record(
        key=case["accept"][0]["project_no"],
        number=number,
        status=f"{ENDED}/{results[0]['result_type']}" if results else ACCEPTED,
        fields=_flat(case),
        materials=[(one.get("material_attach_name") or one["material_name"], "") for one in case["material"]],
    )


def _flat(case: Mapping[str, list[Row]]) -> dict[str, Any]:
    """Columns that have a value, by the names of TARGETS 8.1 and 8.2."""
    fields: dict[str, Any] = {}
    for part in PARTS:
        for place, row in enumerate(case[part]):
            where = part if part in SINGLE else f"{part}[{place}]"
            fields |= {f"{where}.{name}": value for name, value in row.items() if value not in (None, "")}
    return fields


def _against(held: Held, part: str, row: Row) -> Iterator[Flaw]:
    """What is wrong with a row beside what is held."""
    guid, project_no = row["row_guid"], row["project_no"]
    if row["cd_operation"] == INSERT and guid in held.rows[part]:
        yield "row_guid", "记录已存在，更正请用 U"
    if part != "accept" and not held.of_case("accept", project_no):
        yield "project_no", "没有对应的受理信息"
    if part == "result" and any(one["row_guid"] != guid for one in held.of_case(part, project_no)):
        yield "project_no", "该办件已有结果信息"
