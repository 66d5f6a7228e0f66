"""Steps of an application, with what was said sealed; and verdicts that came before their delivery was lodged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import bindparam, delete, exists, func, insert, select, update

from bridge.errors import FieldRefusal, Refused
from bridge.model.counterpart import Counterpart
from bridge.model.lifecycle import ApplicationState
from bridge.model.step import Standing, Step
from bridge.model.word import SILENT, CorrectionItem, HandedOver, Handover, Licence, Paper, PaperKind, Word
from bridge.ports.events import Event
from bridge.storage import rows
from bridge.storage import tables as t
from bridge.storage.part import AnyRow, Part

_s, _v, _c, _a = t.steps.c, t.verdicts.c, t.counterparts.c, t.applications.c
_LAST = select(func.coalesce(func.max(_s.place), 0)).where(_s.application == bindparam("application_"))
_ADD = insert(t.steps)
_OF = select(t.steps).where(_s.application == bindparam("application_")).order_by(_s.place)
_STAND = update(t.steps).where(_s.id == bindparam("id_")).values(standing=bindparam("standing_"))
_PLACE = _c.application + " " + _c.target
_UNSAID = (
    select(*rows.COUNTERPART)
    .join(t.applications, _a.id == _c.application)
    .where(
        _c.application >= bindparam("application_"),  # so that the key is used; the place says the rest
        bindparam("after_") < _PLACE,
        _c.status.is_not(None),
        _c.status != _a.state,
        ~exists().where(_s.application == _c.application, _s.state == _c.status),
    )
    .order_by(_c.application, _c.target)
    .limit(bindparam("limit_"))
)
_ADD_VERDICT = insert(t.verdicts)
_VERDICT = select(_v.delivery, _v.refusal).where(_v.delivery == bindparam("delivery_"))
_DROP_VERDICT = delete(t.verdicts).where(_v.delivery == bindparam("delivery_"))


class StepsPart(Part):
    """What the unit of work says about steps."""

    def next_place(self, application: str) -> int:
        """The place of the next step."""
        return int(self._run(_LAST, {"application_": application}).scalar_one()) + 1

    def add_step(self, step: Step, event: Event | None) -> None:
        """Keep a step, with the event that tells of it."""
        self._must_write()
        word = None if step.word == SILENT else self._keyring.seal_json(asdict(step.word), _word_place(step.id))
        self._run(
            _ADD,
            {
                "id": step.id,
                "application": step.application,
                "place": step.place,
                "target": step.target,
                "revision": step.revision,
                "state": step.state.value,
                "status_raw": step.status_raw,
                "at": step.at,
                "recorded_at": step.recorded_at,
                "via": step.via,
                "standing": step.standing.value,
                "word": word,
            },
        )
        if event is not None:
            self._record(event)

    def unsaid(self, *, after: str | None, limit: int) -> Sequence[Counterpart]:
        """What targets hold of applications that never stood so; `after` is `application target` of the last one."""
        place = after or ""
        values = {"application_": place.partition(" ")[0], "after_": place, "limit_": limit}
        return [rows.counterpart(row) for row in self._run(_UNSAID, values)]

    def steps(self, application: str) -> Sequence[Step]:
        """All steps of one application, in the order in which we heard of them."""
        return [self._step(row) for row in self._run(_OF, {"application_": application})]

    def stand(self, step: str, standing: Standing) -> None:
        """Say what became of a step."""
        self._must_write()
        self._run(_STAND, {"id_": step, "standing_": standing.value})

    def keep_verdict(self, delivery: str, refusal: Refused | None, *, now: int) -> None:
        """Remember a verdict until its delivery is known as lodged; the first one counts."""
        self._must_write()
        if self._run(_VERDICT, {"delivery_": delivery}).first() is None:
            sealed = refusal and self._keyring.seal_json(_refusal(refusal), _verdict_place(delivery))
            self._run(_ADD_VERDICT, {"delivery": delivery, "refusal": sealed, "recorded_at": now})

    def take_verdict(self, delivery: str) -> tuple[bool, Refused | None]:
        """Whether a verdict was kept for a delivery, and its refusal; it is forgotten."""
        row = self._run(_VERDICT, {"delivery_": delivery}).first()
        if row is None:
            return False, None
        self._must_write()
        self._run(_DROP_VERDICT, {"delivery_": delivery})
        if row.refusal is None:
            return True, None
        told = self._keyring.unseal_json(row.refusal, _verdict_place(delivery))
        fields = [FieldRefusal(**one) for one in told["fields"]]
        return True, Refused(told["message"], fields=fields, code=told["code"])

    def _step(self, row: AnyRow) -> Step:
        word = SILENT if row.word is None else read_word(self._keyring.unseal_json(row.word, _word_place(row.id)))
        return Step(
            id=row.id,
            application=row.application,
            place=row.place,
            target=row.target,
            revision=row.revision,
            state=ApplicationState(row.state),
            status_raw=row.status_raw,
            at=row.at,
            recorded_at=row.recorded_at,
            via=row.via,
            standing=Standing(row.standing),
            word=word,
        )


def read_word(told: dict[str, Any]) -> Word:
    """A word from its sealed JSON."""
    return Word(
        officer=told["officer"],
        opinion=told["opinion"],
        reason=told["reason"],
        items=tuple(CorrectionItem(**one) for one in told["items"]),
        papers=tuple(read_paper(one) for one in told["papers"]),
        licence=Licence(**told["licence"]) if told["licence"] else None,
        handover=_handover(told.get("handover")),
    )


def _handover(told: dict[str, Any] | None) -> Handover | None:
    return Handover(HandedOver(told["method"]), told["tracking"]) if told else None


def read_paper(told: dict[str, Any]) -> Paper:
    """A paper from its sealed JSON."""
    return Paper(**{**told, "kind": PaperKind(told["kind"])})


def _refusal(refusal: Refused) -> dict[str, Any]:
    return {"message": str(refusal), "code": refusal.code, "fields": [asdict(one) for one in refusal.fields]}


def _word_place(step: str) -> str:
    return f"steps.word.{step}"


def _verdict_place(delivery: str) -> str:
    return f"verdicts.refusal.{delivery}"
