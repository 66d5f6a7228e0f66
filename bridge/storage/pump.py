"""The pump's first half: find what is ready, claim it for a worker, keep the payloads, wait for facts.

A group costs a handful of statements however many deliveries it has. The conditions on `state` stand as literals: only
then do SQLite and PostgreSQL use the partial indexes. The second half is `settle`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    bindparam,
    exists,
    func,
    insert,
    literal_column,
    or_,
    select,
    update,
)

from bridge.model.delivery import Delivery, DeliveryState, Reason
from bridge.ports.events import Event
from bridge.ports.store import Claimed, Prepared
from bridge.storage import rows
from bridge.storage import tables as t
from bridge.storage.deliveries import place
from bridge.storage.order import OrderPart
from bridge.storage.part import AnyRow, listed
from bridge.storage.revisions import place as revision_place
from bridge.storage.signatures import SignaturesPart
from bridge.storage.workers import WorkersPart

_d, _a, _p, _c = t.deliveries.c, t.applications.c, t.payloads.c, t.counterparts.c


def _stands(state: DeliveryState) -> ColumnElement[bool]:
    """In this state, said so that a partial index can be used."""
    return _d.state == literal_column(f"'{state.value}'")


_TARGET = _d.target == bindparam("target_")
_READY = and_(_TARGET, _stands(DeliveryState.DUE), _d.next_at.is_(None))
_LATER = and_(_TARGET, _stands(DeliveryState.DUE), _d.next_at.is_not(None))
_UNKNOWN = and_(_TARGET, _stands(DeliveryState.UNKNOWN), _d.worker.is_(None))
_COME = _d.next_at <= bindparam("now")


def _claims(condition: ColumnElement[bool], *order: ColumnElement[Any]) -> Select[Any]:
    """Ids, fences and all that a claim hands out, for the first of those for which the condition holds."""
    return (
        select(
            *rows.DELIVERY,
            *rows.APPLICATION,
            _d.fence,
            _d.memo,
            _d.attempt_ended_at,
            t.revisions.c.sealed_keys,
            _p.sealed.label("payload"),
            _c.number.label("target_number"),
        )
        .select_from(
            t.deliveries.join(t.applications, _a.id == _d.application)
            .join(
                t.revisions,
                and_(t.revisions.c.application == _d.application, t.revisions.c.number == _d.revision),
            )
            .outerjoin(t.payloads, _p.delivery == _d.id)
            .outerjoin(t.counterparts, and_(_c.application == _d.application, _c.target == _d.target))
        )
        .where(condition)
        .order_by(*order)
        .limit(bindparam("limit_"))
        .with_for_update(of=t.deliveries, skip_locked=True)
    )


CLAIM = _claims(_READY, _d.rank, _d.id)
CLAIM_UNKNOWN = _claims(and_(_UNKNOWN, _COME), _d.next_at, _d.id)
_TAKE = (
    update(t.deliveries)
    .where(_d.id == bindparam("id_"))
    .values(
        state=DeliveryState.SENDING.value,
        worker=bindparam("worker_"),
        fence=bindparam("fence_"),
        changed_at=bindparam("now"),
    )
)
_TAKE_UNKNOWN = (
    update(t.deliveries).where(_d.id == bindparam("id_")).values(worker=bindparam("worker_"), fence=bindparam("fence_"))
)
_PROMOTE = update(t.deliveries).where(_LATER, _COME).values(next_at=None)
_NEXT_DUE = select(func.min(_d.next_at)).where(_LATER)
_NEXT_UNKNOWN = select(func.min(_d.next_at)).where(_UNKNOWN)
_ANY_READY = select(
    or_(
        exists(select(literal_column("1")).where(_READY)),
        exists(select(literal_column("1")).where(_LATER, _COME)),
        exists(select(literal_column("1")).where(_UNKNOWN, _COME)),
    )
)
_HELD = (
    select(_d.id, _d.application, _d.target, _d.state, _d.fence, _d.worker, _d.mapping_version)
    .where(_d.id.in_(bindparam("ids", expanding=True)))
    .with_for_update()
)
_ADD_PAYLOAD = insert(t.payloads)
_MAPPED = (
    update(t.deliveries)
    .where(_d.id == bindparam("id_"))
    .values(mapping_version=bindparam("mapping_version_"), target_schema=bindparam("target_schema_"))
)
_WAIT = (
    update(t.deliveries)
    .where(_d.id == bindparam("id_"))
    .values(
        state=DeliveryState.WAITING.value,
        reason=Reason.FACT.value,
        worker=None,
        next_at=None,
        changed_at=bindparam("now"),
    )
)
_NEEDS = select(t.delivery_needs.c.fact).where(t.delivery_needs.c.delivery == bindparam("delivery_"))
_ADD_NEED = insert(t.delivery_needs)


class PumpPart(OrderPart, SignaturesPart, WorkersPart):
    """What the unit of work says about claiming."""

    def claim(self, target: str, *, limit: int, worker: str, now: int) -> Sequence[Claimed]:
        """Take up to `limit` ready deliveries of a target, by rank: `due` without `next_at` → `sending`."""
        self._must_write()
        if not self._registered(worker):
            return []
        found = self._run(CLAIM, {"target_": target, "limit_": limit}).all()
        self._run_all(_TAKE, [{"id_": row[0], "worker_": worker, "fence_": row.fence + 1, "now": now} for row in found])
        signed = self._signed(row[0] for row in found if row.attempts)
        claimed = [self._claimed(row, worker, state=DeliveryState.SENDING.value, changed_at=now) for row in found]
        return [replace(one, signed=signed.get(one.delivery.id)) for one in claimed] if signed else claimed

    def claim_unknown(self, target: str, *, limit: int, worker: str, now: int) -> Sequence[Claimed]:
        """Take up to `limit` unknown ones whose time to be asked about has come; they stay `unknown`."""
        self._must_write()
        if not self._registered(worker):
            return []
        found = self._run(CLAIM_UNKNOWN, {"target_": target, "limit_": limit, "now": now}).all()
        self._run_all(_TAKE_UNKNOWN, [{"id_": row[0], "worker_": worker, "fence_": row.fence + 1} for row in found])
        return [self._claimed(row, worker) for row in found]

    def prepare(self, prepared: Sequence[Prepared]) -> None:
        """Keep the payloads of first attempts, sealed with their digests. One that is there already is kept."""
        self._must_write()
        if not prepared:
            return
        now = self._now()
        held = {row.id: row for row in self._run(_HELD, {"ids": listed(one.delivery for one in prepared)})}
        payloads: list[dict[str, object]] = []
        mapped: list[dict[str, object]] = []
        for one in prepared:
            row = held.get(one.delivery)
            if row is None or row.fence != one.fence or row.state != DeliveryState.SENDING.value:
                continue
            if row.mapping_version is not None:
                continue
            sealed, digest = self._keyring.seal_salted(one.payload, payload_place(one.delivery))
            payloads.append(
                {
                    "delivery": one.delivery,
                    "sealed": sealed,
                    "digest": digest,
                    "key_id": self._keyring.current,
                    "recorded_at": now,
                }
            )
            mapped.append(
                {
                    "id_": one.delivery,
                    "mapping_version_": one.mapping_version,
                    "target_schema_": one.target_schema,
                }
            )
            self._record(_prepared_event(row, one, digest, now))
        self._run_all(_ADD_PAYLOAD, payloads)
        self._run_all(_MAPPED, mapped)

    def wait_for_facts(self, delivery: str, fence: int, needs: Sequence[str], *, worker: str, event: Event) -> bool:
        """Put a claimed delivery to `waiting` for facts by name; it goes on at once where they exist meanwhile."""
        self._must_write()
        row = self._run(_HELD, {"ids": [delivery]}).first()
        if row is None or (row.worker, row.fence, row.state) != (worker, fence, DeliveryState.SENDING.value):
            return False
        now = self._now()
        self._run(_WAIT, {"id_": delivery, "now": now})
        known = set(self._run(_NEEDS, {"delivery_": delivery}).scalars())
        self._run_all(_ADD_NEED, [{"delivery": delivery, "fact": fact} for fact in listed(needs) if fact not in known])
        self._record(event)
        self._keep_order([row.application], now=now, via=event.via)
        return True

    def promote(self, target: str, *, now: int) -> int:
        """Make those `due` whose `next_at` has come ready now; how many."""
        self._must_write()
        return self._run(_PROMOTE, {"target_": target, "now": now}).rowcount

    def next_time(self, target: str) -> int | None:
        """The earliest `next_at` among `due` and `unknown` ones of the target that no worker holds, or None."""
        times = [self._run(statement, {"target_": target}).scalar_one() for statement in (_NEXT_DUE, _NEXT_UNKNOWN)]
        return min((at for at in times if at is not None), default=None)

    def ready(self, target: str, *, now: int) -> bool:
        """Whether `claim`, `promote` or `claim_unknown` would find anything now."""
        return bool(self._run(_ANY_READY, {"target_": target, "now": now}).scalar_one())

    def _claimed(self, row: AnyRow, worker: str, **changes: Any) -> Claimed:
        """A claim's row in clear; `changes` are what the claim itself has just written."""
        delivery = _as_taken(row, **changes)
        keys = self._keyring.unseal_json(
            row.sealed_keys, revision_place("sealed_keys", delivery.application, delivery.revision)
        )
        return Claimed(
            delivery=delivery,
            worker=worker,
            fence=row.fence + 1,
            application=rows.application(row[len(rows.DELIVERY) :]),
            applicant=keys["applicant"],
            site=keys["site"],
            materials=tuple(rows.material(value) for value in keys["materials"]),
            payload=None
            if row.payload is None
            else self._keyring.unseal_salted(row.payload, payload_place(delivery.id)),
            memo={} if row.memo is None else self._keyring.unseal_json(row.memo, place("memo", delivery.id)),
            target_number=row.target_number,
            attempt_ended_at=row.attempt_ended_at,
        )


_STATE_AT, _CHANGED_AT = (
    next(at for at, column in enumerate(rows.DELIVERY) if column.name == name) for name in ("state", "changed_at")
)


def _as_taken(row: AnyRow, state: str | None = None, changed_at: int | None = None) -> Delivery:
    """The delivery as the claim left it."""
    values = list(row[: len(rows.DELIVERY)])
    if state is not None:
        values[_STATE_AT], values[_CHANGED_AT] = state, changed_at
    return rows.delivery(tuple(values))


def _prepared_event(row: AnyRow, one: Prepared, digest: str, now: int) -> Event:
    """That what a target will be told was made, named by its salted digest."""
    return Event(
        act="delivery_prepared",
        at=now,
        application=row.application,
        target=row.target,
        delivery=one.delivery,
        via="send",
        data={
            "mapping_version": one.mapping_version,
            "target_schema": one.target_schema,
            "payload_digest": digest,
        },
    )


def payload_place(delivery: str) -> str:
    """The place that a payload is sealed for."""
    return f"payloads.sealed.{delivery}"
