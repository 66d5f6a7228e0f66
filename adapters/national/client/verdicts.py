"""The quality check's verdicts as changes: one per batch, once every row of it has been judged.

What does not belong here: what a verdict does to a delivery (the engine's).
"""

from __future__ import annotations

from adapters.national.client.front import Front
from adapters.national.client.journal import Batch, Journal, Judgement
from adapters.national.codes import STATUSES, UNPASSED
from bridge.clock import parse_rfc3339, to_micros
from bridge.contract.remote import Cursor, Page, RemoteChange, Verdict
from bridge.errors import AdapterBug
from bridge.kit.exchange.statements import Transaction

PAGE = 200
"""Feedback rows read at once."""

OVERLAP = 50
"""Rows before the cursor that are read again: a row may become visible after one with a higher number (INVENTED)."""


async def changes(front: Front, cursor: Cursor | None) -> Page[RemoteChange]:
    """Verdicts since `cursor`, the number of the last feedback row that was read.

    A batch is looked at whole whenever a row of it is new, so rows may be judged apart, twice or in any order; the same
    verdict has the same id. Raises AdapterBug for a cursor that is none of ours.
    """
    if cursor is not None and not cursor.isdecimal():
        raise AdapterBug("cursor")
    since = int(cursor or 0)
    return await front.database.read(lambda transaction: _page(front, transaction, since))


def _page(front: Front, transaction: Transaction, since: int) -> Page[RemoteChange]:
    """One page."""
    start = max(0, since - OVERLAP)
    feedback = transaction.after(front.tables.feedback, "id", start, PAGE + OVERLAP)
    seen = list(dict.fromkeys(str(row["cd_batch"]) for row in feedback))
    journal = front.journal(transaction)
    last = max([since, *(int(row["id"] or 0) for row in feedback)])
    items = _items(journal, journal.batches("cd_batch", seen))
    return Page(items=items, cursor=str(last) if last else None, more=len(feedback) == PAGE + OVERLAP and last > since)


def _items(journal: Journal, batches: list[Batch]) -> list[RemoteChange]:
    """The verdicts that there are, by the time of their last word.

    Where a delivery has been written again since, a late word on the earlier batch means nothing any more.
    """
    judged = journal.judged(batches)
    latest = journal.latest(list({batch.delivery for batch in batches if batch.id in judged}))
    told = [batch for batch in batches if batch.id in judged and latest[batch.delivery].id == batch.id]
    told.sort(key=lambda batch: (judged[batch.id].at, batch.place))
    statuses = journal.statuses(list({batch.number for batch in told}), taken_only=True)
    return [_change(batch, judged[batch.id], statuses[batch.number]) for batch in told]


def _change(batch: Batch, judgement: Judgement, status: str) -> RemoteChange:
    """One verdict. What is refused leaves the case as it was."""
    taken = judgement.refusal is None
    return RemoteChange(
        number=batch.number,
        key=batch.project_no,
        status=STATUSES.state(status) if taken else None,
        status_raw=status if taken else UNPASSED,
        at=to_micros(parse_rfc3339(judgement.at.replace(" ", "T"))),
        id=f"{batch.id}/{int(taken)}",
        verdict=Verdict(batch.delivery, judgement.refusal),
    )
