"""Writing a delivery's rows and its journal in one transaction, and telling afterwards whether that was done.

What does not belong here: what the rows say (`mapping`), and verdicts as they come (`verdicts`).
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from typing import Any

import orjson

from adapters.national.client.journal import Batch, Journal, Judgement
from adapters.national.client.tables import Tables
from adapters.national.codes import ACCEPTED, STATUSES
from adapters.national.mapping.words import row_guid
from bridge.clock import CHINA, Clock
from bridge.contract.outcome import Absent, Found, Held, Partial, Receipt
from bridge.contract.outgoing import Outgoing
from bridge.kit.exchange.database import ExchangeDatabase
from bridge.kit.exchange.fitting import WALL
from bridge.kit.exchange.rules import Rules
from bridge.kit.exchange.statements import Transaction

INSERTED, UPDATED = "I", "U"
"""cd_operation."""

BATCH_SALT_BYTES = 9
"""yyyyMMddHHmmss and 18 hexadecimal digits are 32 characters (INVENTED: TARGETS 8.1)."""


class Front:
    """The front-end database, seen from one delivery."""

    def __init__(
        self, database: ExchangeDatabase, tables: Tables, rules: Rules, clock: Clock, *, data_source: str
    ) -> None:
        self.database, self.tables, self.rules = database, tables, rules
        self._clock, self._data_source = clock, data_source

    async def deliver(self, outgoing: Outgoing) -> Receipt:
        """Write it, once: what the journal has already is not written again unless the quality check refused it."""
        return await self.database.write(lambda transaction: self._deliver(transaction, outgoing))

    async def find(self, outgoing: Outgoing) -> Found:
        """By the journal alone: rows that have been collected are not missing.

        What the quality check has refused may be written again, on the same guids.
        """
        return await self.database.read(lambda transaction: self._find(transaction, outgoing))

    async def check(self) -> None:
        """Read no row of each table: the database lets us in, and every table and column is there."""
        await self.database.read(self._check)

    def _check(self, transaction: Transaction) -> None:
        for table in (*self.tables.parts.values(), self.tables.journal, self.tables.feedback):
            transaction.where(table, table.columns[0].name, [None])

    def journal(self, transaction: Transaction) -> Journal:
        """The journal inside a transaction."""
        return Journal(transaction, self.tables, self.rules)

    def _deliver(self, transaction: Transaction, outgoing: Outgoing) -> Receipt:
        journal = self.journal(transaction)
        if (before := journal.latest([outgoing.delivery]).get(outgoing.delivery)) is not None:
            judgement = journal.judged([before]).get(before.id)
            if judgement is None or judgement.refusal is None:
                return _receipt(before, judgement)
        return self._write(transaction, journal, outgoing)

    def _write(self, transaction: Transaction, journal: Journal, outgoing: Outgoing) -> Receipt:
        """Rows and journal."""
        now = self._clock.now().astimezone(CHINA)
        rows = list(_rows(outgoing.payload))
        before = journal.written([row["row_guid"] for _, _, row in rows])
        number = row_guid("accept", outgoing.key.application)
        tail = {
            "cd_time": now.strftime(WALL),
            "cd_batch": f"{now:%Y%m%d%H%M%S}{secrets.token_hex(BATCH_SALT_BYTES)}",
            "data_source": self._data_source,
        }
        status = _status(outgoing.payload) or journal.statuses([number], taken_only=False)[number]
        entries: list[dict[str, Any]] = []
        for part, place, row in rows:
            operation = UPDATED if row["row_guid"] in before else INSERTED
            table = self.tables.parts[part]
            transaction.insert(table, [{**row, **tail, "cd_operation": operation}], path=place)
            entries.append(
                {
                    "delivery": outgoing.delivery,
                    "number": number,
                    "project_no": row["project_no"],
                    "table_name": self.rules.table(table.name),
                    "row_guid": row["row_guid"],
                    "place": place,
                    "cd_operation": operation,
                    "cd_batch": tail["cd_batch"],
                    "status": status,
                    "written_at": tail["cd_time"],
                }
            )
        transaction.insert(self.tables.journal, entries)
        return _receipt(Batch([{"id": 0, **entry} for entry in entries]), None)

    def _find(self, transaction: Transaction, outgoing: Outgoing) -> Found:
        journal = self.journal(transaction)
        batch = journal.latest([outgoing.delivery]).get(outgoing.delivery)
        if batch is None:
            return Absent()
        judgement = journal.judged([batch]).get(batch.id)
        if judgement is not None and judgement.refusal is not None:
            return Partial({"refused": batch.id})
        return Held(_receipt(batch, judgement))


def _rows(payload: Mapping[str, Any]) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """Each row of a payload: its part, its place, its columns. The accept row comes first, as others refer to it."""
    for part in sorted(payload, key=lambda name: (name != "accept", name)):
        content = payload[part]
        if isinstance(content, list):
            for place, row in enumerate(content):
                yield part, f"{part}[{place}]", row
        else:
            yield part, part, content


def _status(payload: Mapping[str, Any]) -> str | None:
    """The status that a payload with a result makes; None: it leaves the status as it is."""
    return f"3/{payload['result']['result_type']}" if "result" in payload else None


def _receipt(batch: Batch, judgement: Judgement | None) -> Receipt:
    """回执 of what was written: lodged until the quality check has spoken."""
    raw = orjson.dumps(
        {
            "cd_batch": batch.id,
            "rows": [[one["table_name"], one["row_guid"], one["cd_operation"]] for one in batch.entries],
        }
    )
    return Receipt(
        number=batch.number,
        status=STATUSES.state(batch.status),
        status_raw=batch.status or ACCEPTED,
        raw=raw,
        lodged=judgement is None,
    )
