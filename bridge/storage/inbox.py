"""Calls that came to our door, sealed as they came: done ones as evidence, pending ones until they can be applied."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import orjson
from sqlalchemy import bindparam, func, insert, literal_column, select, update

from bridge.contract.remote import CallbackRequest
from bridge.errors import NotFound
from bridge.ports.inbox import CallState, KeptCall, Why
from bridge.storage import tables as t
from bridge.storage.part import Part
from bridge.storage.sealing import plain

_i = t.inbox.c
_ADD = insert(t.inbox)
_SAME = select(_i.id, _i.state).where(_i.target == bindparam("target_"), _i.body_key == bindparam("body_key_"))
_DUE = (
    select(_i.id)
    .where(_i.next_at.is_not(None), _i.next_at <= bindparam("now"))
    .order_by(_i.next_at, _i.id)
    .limit(bindparam("limit_"))
)
_ONE = select(t.inbox).where(_i.id == bindparam("id_"))
_END = (
    update(t.inbox)
    .where(_i.id == bindparam("id_"))
    .values(state=CallState.DONE.value, done_at=bindparam("now"), next_at=literal_column("NULL"))
)
_PUT_OFF = (
    update(t.inbox)
    .where(_i.id == bindparam("id_"), _i.state == CallState.PENDING.value)
    .values(reason=bindparam("reason_"), next_at=bindparam("next_at_"), tries=_i.tries + 1)
)
_PENDING = (
    select(func.count())
    .select_from(t.inbox)
    .where(_i.next_at.is_not(None), _i.target == bindparam("target_"), _i.reason == bindparam("reason_"))
)


class InboxPart(Part):
    """What the unit of work says about calls."""

    def keep_call(
        self, id_: str, target: str, request: CallbackRequest, *, why: Why | None, next_at: int | None
    ) -> bool:
        """Keep a call, sealed: `done` where there is no `why`, else `pending` until `next_at`.

        False where the same body of this target was kept before; then a pending one that has no `why` now is done.
        """
        self._must_write()
        key = self._keyring.blind("inbox.body", target, hashlib.sha256(request.body).hexdigest())
        before = self._run(_SAME, {"target_": target, "body_key_": key}).first()
        if before is not None:
            if why is None and before.state == CallState.PENDING.value:
                self.end_call(before.id, now=self._now())
            return False
        self._run(
            _ADD,
            {
                "id": id_,
                "target": target,
                "body_key": key,
                "state": (CallState.DONE if why is None else CallState.PENDING).value,
                "reason": why and why.value,
                "tries": 0,
                "next_at": None if why is None else next_at,
                "sealed": self._keyring.seal(_packed(request), _place(id_)),
                "recorded_at": request.received_at,
                "done_at": self._now() if why is None else None,
            },
        )
        return True

    def due_calls(self, *, now: int, limit: int) -> Sequence[str]:
        """Ids of pending calls whose time has come, oldest first."""
        return [row.id for row in self._run(_DUE, {"now": now, "limit_": limit})]

    def call(self, id_: str) -> KeptCall:
        """One call, unsealed. Raises NotFound."""
        row = self._run(_ONE, {"id_": id_}).first()
        if row is None:
            raise NotFound("没有这条回调 (no such call)")
        request = _unpacked(self._keyring.unseal(row.sealed, _place(id_)), row.recorded_at)
        return KeptCall(id=row.id, target=row.target, request=request, tries=row.tries)

    def end_call(self, id_: str, *, now: int) -> None:
        """It has been applied."""
        self._must_write()
        self._run(_END, {"id_": id_, "now": now})

    def put_off_call(self, id_: str, why: Why, *, next_at: int) -> None:
        """It could still not be applied: try again then."""
        self._must_write()
        self._run(_PUT_OFF, {"id_": id_, "reason_": why.value, "next_at_": next_at})

    def pending_calls(self, target: str, why: Why) -> int:
        """How many calls of a target are pending for one cause."""
        return int(self._run(_PENDING, {"target_": target, "reason_": why.value}).scalar_one())


def _packed(request: CallbackRequest) -> bytes:
    """Method, path and headers as one line of JSON, then the body as it came."""
    head = plain({"method": request.method, "path": request.path, "headers": dict(request.headers)})
    return head + b"\n" + request.body


def _unpacked(packed: bytes, received_at: int) -> CallbackRequest:
    head, _, body = packed.partition(b"\n")
    told = orjson.loads(head)
    return CallbackRequest(told["method"], told["path"], told["headers"], body, received_at)


def _place(id_: str) -> str:
    return f"inbox.sealed.{id_}"
