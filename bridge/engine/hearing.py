"""Hearing: what a target said, by poll, callback or receipt, is kept, and applied where it is its owner's word.

One path for all ways in which a word comes. The owner's word moves the application by the table of legal moves, becomes
a step, and others are told of it (`propagate`). Anybody else's is kept with the counterpart and moves nothing. A word
that comes before what it follows from waits for it; one that comes late is history (promise 7). What does not belong
here: how words are fetched (`hear`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from bridge.catalogue.catalogue import Catalogue
from bridge.clock import Clock, to_micros
from bridge.contract.remote import RemoteChange, Verdict
from bridge.engine import words
from bridge.engine.propagate import tell_others
from bridge.engine.targets import Targets
from bridge.errors import Refused
from bridge.model.application import Application
from bridge.model.counterpart import Counterpart
from bridge.model.delivery import Delivery, DeliveryState, Reason
from bridge.model.ids import uuid7
from bridge.model.lifecycle import STAGES, TITLES, ApplicationState, may_move
from bridge.model.step import KeptPaper, Standing, Step
from bridge.model.word import SILENT, Word
from bridge.ports.events import Event
from bridge.ports.store import Trouble, UnitOfWork

STEPWISE = frozenset({ApplicationState.REVIEWING, ApplicationState.SUSPENDED, ApplicationState.EXTENDED})
"""States in which a decider takes several steps: each that an officer takes is told, though the state stays."""

LICENCE_NUMBER = "licence_number"
"""The fact that a licence's number is, wherever it is looked up or waited for."""


@dataclass(slots=True)
class Heard:
    """What came of a page of changes."""

    news: int = 0
    """Changes that were not known before."""
    delivered: int = 0
    """Lodged deliveries that a verdict ended as delivered."""


class Hearing:
    """Applies what targets say, inside a unit of work."""

    def __init__(self, catalogue: Catalogue, targets: Targets, clock: Clock) -> None:
        self._catalogue, self._targets, self._clock = catalogue, targets, clock

    def apply(self, unit: UnitOfWork, target: str, changes: Sequence[RemoteChange], *, via: str) -> Heard:
        """Apply changes, oldest first. A case that we do not know is left to adoption."""
        heard = Heard()
        for change in changes:
            heard.news += self._apply_one(unit, target, change, via, heard)
        return heard

    def knows(self, unit: UnitOfWork, target: str, change: RemoteChange) -> bool:
        """Whether the change is about an application of ours."""
        return unit.application_at(target, number=change.number, key=change.key) is not None

    def _apply_one(self, unit: UnitOfWork, target: str, change: RemoteChange, via: str, heard: Heard) -> bool:
        """Keep one change, and do what follows from it; True where it was news."""
        application = unit.application_at(target, number=change.number, key=change.key)
        now = to_micros(self._clock.now())
        if application is None or (change.id is not None and not unit.hear_once(target, change.id, now=now)):
            return False
        news = False
        if change.verdict is not None and self._judged(unit, target, change.verdict, application, via):
            news = True
            heard.delivered += change.verdict.refusal is None
        held = next((one for one in unit.counterparts(application.id) if one.target == target), None)
        if held is None or _is_newer(change, held):
            news = True
            self._note(unit, target, change, application.id, held, via=via)
        elif change.id is None:
            return news  # the same again, or older, and not even a message of its own
        if given := self._given(target, change):
            unit.put_facts(application.id, target, given, at=change.at or now, via=via)
        if change.status is not None:
            news |= self.word(
                unit,
                application.id,
                target,
                change.status,
                status_raw=change.status_raw,
                at=change.at or now,
                via=via,
                word=change.word,
            )
        if given:
            unit.keep_order(application.id, via=via)
        return news

    def word(
        self,
        unit: UnitOfWork,
        application_id: str,
        target: str,
        status: ApplicationState,
        *,
        status_raw: str,
        at: int,
        via: str,
        word: Word = SILENT,
    ) -> bool:
        """What follows where a target says that an application stands in `status`; whether it moved.

        Nothing, unless the target is the one whose word that is.
        """
        application = unit.application(application_id)
        if self._catalogue.matter(application.matter).owners.get(status.value) != target:
            return False
        standing = _standing(application.state, status)
        if application.state is status and status in STEPWISE and (word.officer or word.opinion):
            standing = Standing.APPLIED
        if standing is Standing.NOTED and word == SILENT and _was_said(unit, application, target, status):
            return False
        now = to_micros(self._clock.now())
        step = Step(
            id=uuid7(now),
            application=application.id,
            place=unit.next_place(application.id),
            target=target,
            revision=application.revision,
            state=status,
            status_raw=status_raw,
            at=at,
            recorded_at=now,
            via=via,
            standing=Standing.PENDING,
            word=word,
        )
        self._keep(unit, step, standing, now)
        if standing is not Standing.APPLIED:
            return False
        if application.state is status:
            self._tell(unit, application, step, now)
            return False
        self._move(unit, application, step, now)
        self._apply_pending(unit, application.id, now)
        return True

    def _keep(self, unit: UnitOfWork, step: Step, standing: Standing, now: int) -> None:
        """Store a step with its papers and its licence's number."""
        event = None
        if standing is not Standing.APPLIED:
            event = Event(
                act="word_kept",
                at=step.at,
                application=step.application,
                target=step.target,
                via=step.via,
                data={"to": step.state.value, "standing": standing.value},
            )
        unit.add_step(replace(step, standing=standing), event)
        for paper in step.word.papers:
            unit.add_paper(
                KeptPaper(
                    id=uuid7(now),
                    application=step.application,
                    target=step.target,
                    paper=paper,
                    at=step.at,
                    recorded_at=now,
                    digest=None,
                    size=None,
                ),
                wanted_at=now if paper.file else None,
            )
        if step.word.licence is not None:
            number = {LICENCE_NUMBER: step.word.licence.number}
            unit.put_facts(step.application, step.target, number, at=step.at, via=step.via)
            unit.keep_order(step.application, via=step.via)

    def _move(self, unit: UnitOfWork, application: Application, step: Step, now: int) -> None:
        """Move the application, and tell the others."""
        event = Event(
            act="state_changed",
            at=step.at,
            application=application.id,
            target=step.target,
            via=step.via,
            data={"from": application.state.value, "to": step.state.value, "label": TITLES[step.state][0]},
        )
        unit.move_application(application.id, step.state, event)
        self._tell(unit, application, step, now)

    def _tell(self, unit: UnitOfWork, application: Application, step: Step, now: int) -> None:
        """Make the deliveries that tell the others of a step."""
        tell_others(unit, self._catalogue.matter(application.matter), self._targets, application, step, now=now)

    def _apply_pending(self, unit: UnitOfWork, application_id: str, now: int) -> None:
        """Apply what had come too early, as long as one of it can follow now."""
        while True:
            application = unit.application(application_id)
            pending = [one for one in unit.steps(application_id) if one.standing is Standing.PENDING]
            ready = [one for one in pending if _standing(application.state, one.state) is Standing.APPLIED]
            if not ready:
                return
            step = min(ready, key=lambda one: (one.at, one.place))
            unit.stand(step.id, Standing.APPLIED)
            self._move(unit, application, step, now)

    def _note(
        self,
        unit: UnitOfWork,
        target: str,
        change: RemoteChange,
        application: str,
        held: Counterpart | None,
        *,
        via: str,
    ) -> None:
        """Remember what the target holds now."""
        now = to_micros(self._clock.now())
        counterpart = Counterpart(
            application=application,
            target=target,
            number=change.number or (held.number if held else None),
            status=change.status or (held.status if held else None),
            status_raw=change.status_raw,
            last_contact=now,
            said_at=change.at,
        )
        event = Event(
            act="status_heard",
            at=change.at or now,
            application=application,
            target=target,
            via=via,
            data={"status_raw": change.status_raw, "status": change.status.value if change.status else None},
        )
        unit.put_counterpart(counterpart, event)

    def _given(self, target: str, change: RemoteChange) -> dict[str, str]:
        """The facts of a change that this target may give."""
        gives = self._targets[target].adapter.manifest.gives
        return {name: value for name, value in change.facts.items() if name in gives}

    def _judged(self, unit: UnitOfWork, target: str, verdict: Verdict, application: Application, via: str) -> bool:
        """A verdict: the lodged delivery ends, or waits for a person. Kept where ours does not yet say lodged."""
        delivery = next((one for one in unit.deliveries(application.id) if one.id == verdict.delivery), None)
        if delivery is None or delivery.target != target:
            return False
        if delivery.state is not DeliveryState.LODGED:
            unit.keep_verdict(delivery.id, verdict.refusal, now=to_micros(self._clock.now()))
            return False
        return self.end_lodged(unit, delivery, verdict.refusal, via=via)

    def end_lodged(self, unit: UnitOfWork, delivery: Delivery, refusal: Refused | None, *, via: str) -> bool:
        """End a lodged delivery by its verdict."""
        event = Event(
            act="verdict_refused" if refusal else "verdict_taken",
            at=to_micros(self._clock.now()),
            application=delivery.application,
            target=delivery.target,
            delivery=delivery.id,
            via=via,
            data={"code": refusal.code} if refusal else {},
        )
        if refusal is None:
            return unit.operate(delivery.id, DeliveryState.DELIVERED, None, event)
        trouble = self._in_words(unit.application(delivery.application), delivery, refusal)
        return unit.operate(delivery.id, DeliveryState.PARKED, Reason.REFUSED, event, trouble=trouble)

    def _in_words(self, application: Application, delivery: Delivery, refusal: Refused) -> Trouble:
        """A refusal in the words of the entry form."""
        adapter = self._targets[delivery.target].adapter
        mapping = adapter.mapping(application.matter, delivery.kind, delivery.mapping_version)
        box = words.box(self._catalogue, application, mapping, refusal)
        return words.refused(adapter.manifest.title, refusal, box)


def _standing(now: ApplicationState, said: ApplicationState) -> Standing:
    """What becomes of a word, by where the application stands. Back goes an application by its applicant's act only."""
    if may_move(now, said) and STAGES[said] >= STAGES[now]:
        return Standing.APPLIED
    return Standing.PENDING if STAGES[said] > STAGES[now] else Standing.NOTED


def _was_said(unit: UnitOfWork, application: Application, target: str, status: ApplicationState) -> bool:
    """Whether the same was said before: a receipt and a message may tell one and the same step."""
    if application.state is status:
        return True
    return any(one.state is status and one.target == target for one in unit.steps(application.id))


def _is_newer(change: RemoteChange, held: Counterpart) -> bool:
    """Whether a change says something other than what is held, and not something older (promise 7)."""
    if held.status_raw == change.status_raw and held.number == (change.number or held.number):
        return False
    if held.said_at is None or change.at is None:
        return True
    return change.at > held.said_at or (change.at == held.said_at and change.id is not None)
