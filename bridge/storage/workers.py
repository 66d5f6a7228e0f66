"""Workers and their leases: one row each, so that renewing costs the same however many deliveries a worker holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import bindparam, delete, insert, select, update

from bridge.model.delivery import DeliveryState, Reason
from bridge.ports.events import Event
from bridge.storage import tables as t
from bridge.storage.part import Part

_w, _d = t.workers.c, t.deliveries.c
_ADD = insert(t.workers)
_RENEW = update(t.workers).where(_w.id == bindparam("worker_")).values(lease_until=bindparam("lease_until_"))
_ALL = select(_w.id, _w.host, _w.pid, _w.lease_until).order_by(_w.id)
_REGISTERED = select(_w.id).where(_w.id == bindparam("worker_")).with_for_update(read=True)
_END = delete(t.workers).where(_w.id == bindparam("worker_"))
_HELD_BY = (
    select(_d.id, _d.application, _d.target, _d.state, _d.attempts, _d.tries, _d.fence, _d.changed_at)
    .where(_d.worker == bindparam("worker_"))
    .order_by(_d.rank, _d.id)
    .with_for_update()
)
_LET_GO = update(t.deliveries).where(_d.worker == bindparam("worker_")).values(worker=None)
_NOT_KNOWN = (
    update(t.deliveries)
    .where(_d.id == bindparam("id_"))
    .values(
        state=DeliveryState.UNKNOWN.value,
        reason=Reason.PROBE.value,
        next_at=bindparam("next_at_"),
        attempts=bindparam("attempts_"),
        tries=bindparam("tries_"),
        attempt_ended_at=bindparam("now"),
        changed_at=bindparam("now"),
    )
)
_ADD_ATTEMPT = insert(t.attempts)

INTERRUPTED = "interrupted"
"""The outcome of a try whose worker died: nobody saw its end."""


class WorkersPart(Part):
    """What the unit of work says about workers."""

    def register_worker(self, worker: str, *, host: str, pid: int, lease_until: int) -> None:
        """A worker begins."""
        self._must_write()
        self._run(_ADD, {"id": worker, "host": host, "pid": pid, "lease_until": lease_until, "started_at": self._now()})

    def renew_worker(self, worker: str, *, lease_until: int) -> bool:
        """Prolong its lease; False where it has already been ended."""
        self._must_write()
        return self._run(_RENEW, {"worker_": worker, "lease_until_": lease_until}).rowcount > 0

    def _registered(self, worker: str) -> bool:
        """Whether the worker's lease has not been ended; a worker that lost it may neither claim nor settle."""
        return self._run(_REGISTERED, {"worker_": worker}).first() is not None

    def workers(self) -> Sequence[tuple[str, str, int, int]]:
        """Living ones: id, host, process id, lease end."""
        return [(row.id, row.host, row.pid, row.lease_until) for row in self._run(_ALL)]

    def end_worker(self, worker: str, *, ask_at: Mapping[str, int], now: int) -> int:
        """End a worker's lease: what it was sending becomes `unknown`, to be asked about at `ask_at[target]`.

        What it held as unknown is let go. How many it had held. An event is written for each.
        """
        self._must_write()
        self._run(_END, {"worker_": worker})
        held = self._run(_HELD_BY, {"worker_": worker}).all()
        if not held:
            return 0
        self._run(_LET_GO, {"worker_": worker})
        sending = [row for row in held if row.state == DeliveryState.SENDING.value]
        self._run_all(
            _NOT_KNOWN,
            [
                {
                    "id_": row.id,
                    "next_at_": ask_at.get(row.target, now),
                    "attempts_": row.attempts + 1,
                    "tries_": row.tries + 1,
                    "now": now,
                }
                for row in sending
            ],
        )
        self._run_all(
            _ADD_ATTEMPT,
            [
                {
                    "delivery": row.id,
                    "number": row.tries + 1,
                    "started_at": row.changed_at,
                    "ended_at": None,
                    "via": "send",
                    "outcome": INTERRUPTED,
                    "code": None,
                    "raw": None,
                    "worker": worker,
                    "fence": row.fence,
                    "recorded_at": now,
                }
                for row in sending
            ],
        )
        self._record(
            *(
                Event(
                    act="worker_ended",
                    at=now,
                    application=row.application,
                    target=row.target,
                    delivery=row.id,
                    via="recovery",
                    data={"worker": worker},
                )
                for row in sending
            )
        )
        return len(held)
