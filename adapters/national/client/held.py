"""What the front-end database still shows of each case, and what the journal knows of it: for reconciliation.

A case whose rows have been collected is there with its number and status and without fields: absence is never missing.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Any

from adapters.national.client.front import Front
from adapters.national.client.journal import Batch
from adapters.national.codes import STATUSES
from bridge.clock import CHINA, from_micros
from bridge.contract.remote import RemoteRecord, Window
from bridge.errors import AdapterBug
from bridge.kit.exchange.fitting import WALL
from bridge.kit.exchange.statements import Transaction
from bridge.kit.mapping.paths import flatten

PAGE = 500
"""Journal rows read at once."""

LISTS = frozenset({"material", "process", "special"})
"""Parts of which a case may have several rows."""


async def records(front: Front, window: Window) -> AsyncIterator[RemoteRecord]:
    """One record per accept row that we wrote, by the time of our last writing."""
    seen: set[str] = set()
    place = 0
    while True:
        after = place
        page = await front.database.read(
            lambda transaction, after=after: transaction.after(front.tables.journal, "id", after, PAGE)  # type: ignore[misc]
        )
        if not page:
            return
        place = int(page[-1]["id"] or 0)
        numbers = [number for row in page if (number := str(row["number"])) not in seen]
        for number in dict.fromkeys(numbers):
            seen.add(number)
            found = await front.database.read(lambda transaction, number=number: _record(front, transaction, number))  # type: ignore[misc]
            if _is_within(found[0], window):
                yield found[1]


def _record(front: Front, transaction: Transaction, number: str) -> tuple[Batch, RemoteRecord]:
    """One case: its last batch and its record."""
    journal = front.journal(transaction)
    batches = journal.batches("number", [number])
    if not batches:
        raise AdapterBug("journal")
    last, status = batches[-1], journal.statuses([number], taken_only=False)[number]
    guids = {str(entry["row_guid"]) for batch in batches for entry in batch.entries}
    there = _rows(front, transaction, sorted(guids))
    fields = flatten(there) if there else {}
    return last, RemoteRecord(number, last.project_no, STATUSES.state(status), status, fields, ())


def _rows(front: Front, transaction: Transaction, guids: list[str]) -> Mapping[str, Any]:
    """The rows that are still there, the newest of each guid, by part."""
    there: dict[str, Any] = {}
    for part, table in front.tables.parts.items():
        found = sorted(transaction.where(table, "row_guid", guids), key=lambda row: str(row["cd_time"]))
        newest = {str(row["row_guid"]): {k: v for k, v in row.items() if v is not None} for row in found}
        if newest:
            there[part] = list(newest.values()) if part in LISTS else next(iter(newest.values()))
    return there


def _is_within(batch: Batch, window: Window) -> bool:
    """Whether our last writing lies in the window."""
    at = str(batch.entries[-1]["written_at"])
    since, until = (
        None if micros is None else from_micros(micros).astimezone(CHINA).strftime(WALL)
        for micros in (window.since, window.until)
    )
    return (since is None or at >= since) and (until is None or at < until)
