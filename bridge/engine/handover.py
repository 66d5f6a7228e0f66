"""Handing over (送达): a clerk says that the result was handed over, and the system whose word that is hears of it.

The clerk's word is kept as a step that moves nothing; an ordinary delivery tells the owner of 送达, and the application
is served once that owner says so (promise 7). What does not belong here: what the owner then says (`hearing`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bridge.catalogue.catalogue import Catalogue
from bridge.clock import Clock, to_micros
from bridge.engine.checking import Rejected
from bridge.engine.propagate import next_delivery, speaks_of, store_made
from bridge.engine.targets import Mode, Targets
from bridge.errors import Problem
from bridge.model.application import Application
from bridge.model.delivery import Delivery, DeliveryState, Kind
from bridge.model.ids import uuid7
from bridge.model.lifecycle import TITLES, ApplicationState
from bridge.model.step import Standing, Step
from bridge.model.word import HandedOver, Handover, Word
from bridge.ports.events import Event
from bridge.ports.store import Store, UnitOfWork

MADE = frozenset({ApplicationState.ISSUED, ApplicationState.CLOSED, ApplicationState.REFUSED})
"""States in which there is a result to hand over; a granted one has it where its licence came with the grant."""


@dataclass(frozen=True, slots=True)
class HandoverTold:
    """What a clerk's word led to."""

    application: Application
    deliveries: Sequence[Delivery]
    again: bool = False

    def json(self) -> dict[str, Any]:
        """The answer as the doors give it."""
        return {
            "application": self.application.id,
            "number": self.application.number,
            "state": self.application.state.value,
            "again": self.again,
            "deliveries": [
                {"target": one.target, "kind": one.kind.value, "state": one.state.value} for one in self.deliveries
            ],
        }


class Handovers:
    """Takes in that results were handed over."""

    def __init__(self, store: Store, catalogue: Catalogue, targets: Targets, clock: Clock) -> None:
        self._store, self._catalogue, self._targets, self._clock = store, catalogue, targets, clock

    def hand_over(
        self, number: str, method: HandedOver, tracking: str | None, *, actor: str
    ) -> HandoverTold | Rejected:
        """The result of the application that `number` means was handed over. Raises NotFound, StoreError."""
        said = Handover(method, tracking)
        return self._store.write(lambda unit: self._take(unit, unit.find_application(number), said, actor))

    def _take(self, unit: UnitOfWork, application: Application, said: Handover, actor: str) -> HandoverTold | Rejected:
        """The step, its delivery and its event, in one unit."""
        steps = unit.steps(application.id)
        told = [one for one in steps if one.word.handover is not None and not self._was_dropped(unit, one)]
        if application.state is ApplicationState.SERVED or any(one.word.handover == said for one in told):
            return HandoverTold(application, (), again=True)
        if told:
            return _rejected(application, already_told())
        if not _has_result(application, steps):
            return _rejected(application, nothing_yet(*TITLES[application.state]))
        owner = self._catalogue.matter(application.matter).owners.get(ApplicationState.SERVED.value)
        if owner is None or owner not in self._targets or not self._hears(owner, application.matter):
            return _rejected(application, nobody_to_tell())
        now = to_micros(self._clock.now())
        step = Step(
            id=uuid7(now),
            application=application.id,
            place=unit.next_place(application.id),
            target="",
            revision=application.revision,
            state=ApplicationState.SERVED,
            status_raw="",
            at=now,
            recorded_at=now,
            via="entry",
            standing=Standing.NOTED,
            word=Word(handover=said),
        )
        event = Event(
            act="handed_over",
            at=now,
            actor=actor,
            application=application.id,
            target=owner,
            via="entry",
            data={"method": said.method.value},
            private={"tracking": said.tracking} if said.tracking else {},
        )
        unit.add_step(step, event)
        target = self._targets[owner]
        earlier = [one for one in unit.deliveries(application.id) if one.target == owner]
        mode = target.mode(application.matter)
        made = next_delivery(target, application, earlier, Kind.PROGRESS, mode=mode, event=step.id, now=now)
        store_made(unit, application, [made], via="entry", now=now)
        return HandoverTold(application, (made,))

    def _hears(self, owner: str, matter: str) -> bool:
        target = self._targets[owner]
        return target.mode(matter) is not Mode.OFF and speaks_of(target, matter, Kind.PROGRESS)

    def _was_dropped(self, unit: UnitOfWork, step: Step) -> bool:
        """Whether the owner will never hear of it: a person cancelled its delivery."""
        told = [one for one in unit.deliveries(step.application) if one.event == step.id]
        return all(one.state is DeliveryState.CANCELLED for one in told)


def _has_result(application: Application, steps: Sequence[Step]) -> bool:
    """Whether there is something to hand over (TARGETS 6.1: after 制证 or 办结)."""
    if application.state is ApplicationState.GRANTED:
        return any(one.word.licence is not None for one in steps)
    return application.state in MADE


def _rejected(application: Application, problem: Problem) -> Rejected:
    return Rejected(application.number, [problem])


def _problem(code: str, words: tuple[str, str], cure: tuple[str, str]) -> Problem:
    return Problem("", "送达", "Handover", words[0], words[1], cure[0], cure[1], code=code)


def nothing_yet(title: str, title_en: str) -> Problem:
    """There is no result to hand over."""
    return _problem(
        "no_result",
        (f"申请现为“{title}”，尚无可送达的结果", f"the application is {title_en}: there is no result to hand over yet"),
        (
            "请待审批机关制证或办结后再登记送达。",
            "Wait until the deciding body has issued the result or closed the case.",
        ),
    )


def nobody_to_tell() -> Problem:
    """No system of the route keeps 送达."""
    return _problem(
        "no_owner",
        ("此事项没有登记送达的系统，或该系统已停用", "no system keeps handovers for this matter, or it is off"),
        ("此事项无需在本系统登记送达。", "Nothing is to be recorded here."),
    )


def already_told() -> Problem:
    """Another way of handing over was told before."""
    return _problem(
        "already_told",
        ("此前已登记了另一种送达方式或单号", "another method or tracking number was recorded before"),
        (
            "请核对；前一次有误的，先用 bridge cancel 取消其推送。",
            "Check it; cancel the earlier delivery if that was wrong.",
        ),
    )
