"""What we wrote and what became of it, read inside one transaction: the journal beside the quality check's feedback.

The journal is ours and stays when rows are collected, so existence is judged by it alone (TARGETS 1.1). What does not
belong here: writing rows (`front`), and telling the engine of verdicts (`verdicts`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from adapters.national.client.tables import Tables
from adapters.national.codes import ACCEPTED
from bridge.errors import FieldRefusal, Refused
from bridge.kit.exchange.rules import Rules
from bridge.kit.exchange.statements import Transaction

Entry = Mapping[str, Any]
"""One row of the journal."""


@dataclass(frozen=True, slots=True)
class Batch:
    """What one attempt of one delivery wrote, oldest row first."""

    entries: Sequence[Entry]

    @property
    def id(self) -> str:
        """批次号."""
        return str(self.entries[0]["cd_batch"])

    @property
    def delivery(self) -> str:
        """Our delivery."""
        return str(self.entries[0]["delivery"])

    @property
    def number(self) -> str:
        """row_guid of the case's accept row."""
        return str(self.entries[0]["number"])

    @property
    def project_no(self) -> str:
        """办件编号."""
        return str(self.entries[0]["project_no"])

    @property
    def status(self) -> str:
        """The status that its rows make, once they are taken."""
        return str(self.entries[0]["status"])

    @property
    def place(self) -> int:
        """Where it stands among all that we wrote."""
        return int(self.entries[0]["id"])


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the quality check says of a whole batch."""

    refusal: Refused | None
    at: str
    """The time of its last word, wall time of China."""


class Journal:
    """The journal and the feedback, inside one transaction."""

    def __init__(self, transaction: Transaction, tables: Tables, rules: Rules) -> None:
        self._transaction, self._tables, self._rules = transaction, tables, rules

    def latest(self, deliveries: Sequence[str]) -> dict[str, Batch]:
        """The last batch of each delivery that was ever written."""
        return {batch.delivery: batch for batch in self.batches("delivery", deliveries)}

    def batches(self, column: str, values: Sequence[str]) -> list[Batch]:
        """The batches whose journal rows have one of the values in a column, oldest first."""
        rows = sorted(self._transaction.where(self._tables.journal, column, values), key=_place)
        by_batch = sorted(rows, key=lambda row: str(row["cd_batch"]))
        made = [Batch(list(own)) for _, own in groupby(by_batch, key=lambda row: str(row["cd_batch"]))]
        return sorted(made, key=lambda batch: batch.place)

    def written(self, guids: Sequence[str]) -> frozenset[str]:
        """Which of these rows have been written before."""
        found = self._transaction.where(self._tables.journal, "row_guid", guids)
        return frozenset(str(row["row_guid"]) for row in found)

    def judged(self, batches: Iterable[Batch]) -> dict[str, Judgement]:
        """The judgement of each batch of which every row has been judged, by 批次号.

        Rows may be judged at different times and more than once: the last word on each counts.
        """
        asked = {batch.id: batch for batch in batches}
        said: dict[str, dict[tuple[str, str], Entry]] = {}
        feedback = self._transaction.where(self._tables.feedback, "cd_batch", list(asked))
        for row in sorted(feedback, key=_place):
            said.setdefault(str(row["cd_batch"]), {})[_row_key(row)] = row
        return {
            id_: _judgement(batch, said[id_], self._columns)
            for id_, batch in asked.items()
            if id_ in said and {_row_key(entry) for entry in batch.entries} <= set(said[id_])
        }

    def statuses(self, numbers: Sequence[str], *, taken_only: bool) -> dict[str, str]:
        """The status of each case by what we wrote of it: the last result, else accepted.

        With `taken_only` a batch counts only once the quality check has passed it.
        """
        batches = self.batches("number", numbers)
        judged = self.judged(batches) if taken_only else {}
        found = dict.fromkeys(numbers, ACCEPTED)
        for batch in batches:
            taken = not taken_only or (batch.id in judged and judged[batch.id].refusal is None)
            if taken and batch.status != ACCEPTED:
                found[batch.number] = batch.status
        return found

    def _columns(self, table_name: str, theirs: str) -> str:
        """Our name of a column as the feedback spells it."""
        for table in self._tables.parts.values():
            if table.name.casefold() == table_name.casefold():
                known = {self._rules.column(one).casefold(): one.name for one in table.columns}
                return known.get(theirs.casefold(), theirs)
        return theirs


def _place(row: Mapping[str, Any]) -> int:
    return int(row["id"])


def _row_key(row: Entry) -> tuple[str, str]:
    """A row of any table, however the database spells the table's name."""
    return str(row["table_name"]).casefold(), str(row["row_guid"])


def _judgement(batch: Batch, said: Mapping[tuple[str, str], Entry], column: Any) -> Judgement:
    """The judgement of a batch: refused where one of its rows is."""
    at = max(str(row["check_time"]) for row in said.values())
    fields = [
        FieldRefusal(
            f"{entry['place']}.{column(str(entry['table_name']), str(row['column_name']))}"
            if row["column_name"]
            else str(entry["place"]),
            str(row["reason"] or "未说明原因 (no reason given)"),
        )
        for entry in batch.entries
        if not (row := said[_row_key(entry)])["passed"]
    ]
    if not fields:
        return Judgement(None, at)
    reasons = "；".join(dict.fromkeys(one.reason for one in fields))
    return Judgement(Refused(f"数据质检不通过 (the quality check refuses it): {reasons}", fields=fields, code="0"), at)
