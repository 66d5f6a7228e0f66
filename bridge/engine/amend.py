"""Amending and withdrawing: the applicant's acts on what was entered, made into deliveries in one transaction.

A new revision replaces every delivery of the older one that had no effect; where a target holds the older one, or may,
it is told of the correction after that is known. What does not belong here: what a body asks to be corrected
(`hearing`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from bridge.catalogue.catalogue import Catalogue
from bridge.catalogue.text import documents
from bridge.clock import Clock, to_micros
from bridge.engine import refusals, words
from bridge.engine.checking import Candidate, Checker, Rejected
from bridge.engine.propagate import delivery_made, next_delivery, speaks_of, store_made
from bridge.engine.targets import Mode, Target, Targets
from bridge.errors import Problem
from bridge.model.application import Application, Revision
from bridge.model.delivery import ENDED, Delivery, DeliveryState, Kind, Reason
from bridge.model.ids import uuid7
from bridge.model.lifecycle import AMENDABLE, STAGES, TITLES, WITHDRAWABLE, ApplicationState
from bridge.model.step import Standing, Step
from bridge.model.word import Word
from bridge.ports.events import Event
from bridge.ports.store import NewApplication, Store, UnitOfWork

CONTENT = frozenset({Kind.APPLY, Kind.AMEND})
"""Kinds that carry what was entered."""

NO_EFFECT = frozenset({Reason.REFUSED, Reason.PREFLIGHT})
"""Parked for one of these, the target surely has nothing of it."""

CORRECTED = ("补正后的申请", "the corrected application")
WITHDRAWN = ("撤回", "the withdrawal")


@dataclass(frozen=True, slots=True)
class Amended:
    """What an act of the applicant led to."""

    application: Application
    deliveries: Sequence[Delivery]
    again: bool = False
    """The very same had been entered before."""
    warnings: Sequence[Problem] = ()

    def json(self) -> dict[str, Any]:
        """The answer as the doors give it."""
        return {
            "application": self.application.id,
            "number": self.application.number,
            "revision": self.application.revision,
            "state": self.application.state.value,
            "again": self.again,
            "deliveries": [
                {"target": one.target, "kind": one.kind.value, "state": one.state.value} for one in self.deliveries
            ],
            "warnings": [asdict(warning) for warning in self.warnings],
        }


class Amendments:
    """Takes corrected revisions and withdrawals in."""

    def __init__(self, checker: Checker, *, store: Store, catalogue: Catalogue, targets: Targets, clock: Clock) -> None:
        self._checker, self._store, self._catalogue = checker, store, catalogue
        self._targets, self._clock = targets, clock

    def amend(
        self, number: str, name: str, data: bytes, folder: Path | None, *, actor: str, reason: str
    ) -> Amended | Rejected:
        """Take in the corrected document of the application that `number` means. Raises NotFound, StoreError."""
        application = self._store.read(lambda unit: unit.find_application(number))
        found = list(documents(data, name))
        if len(found) != 1:
            return Rejected(name, [refusals.one_document(len(found))])
        checked = self._checker.check(found[0], folder)
        if isinstance(checked, Rejected):
            return checked
        if problems := _other(application, checked.document):
            return Rejected(checked.source, problems)
        (kept,) = self._checker.keep_files([checked])
        if isinstance(kept, Rejected):
            return kept
        return self._store.write(lambda unit: self._amend(unit, application.id, kept, actor, reason))

    def withdraw(self, number: str, *, actor: str, reason: str) -> Amended | Rejected:
        """Take the application back. Raises NotFound, StoreError."""
        return self._store.write(lambda unit: self._withdraw(unit, unit.find_application(number), actor, reason))

    # -- amending

    def _amend(self, unit: UnitOfWork, id_: str, candidate: Candidate, actor: str, reason: str) -> Amended | Rejected:
        """The revision, its deliveries and its events, in one unit."""
        application = unit.application(id_)
        held = unit.revision(id_, application.revision)
        materials = tuple(file.ref for file in candidate.files)
        if held.data == candidate.document["data"] and held.materials == materials:
            return Amended(application, unit.deliveries(id_), again=True, warnings=candidate.warnings)
        if application.state not in AMENDABLE:
            title = TITLES[application.state]
            return Rejected(candidate.source, [refusals.not_amendable(*title)])
        if problem := self._same_case(unit, application, candidate):
            return Rejected(candidate.source, [problem])
        now = to_micros(self._clock.now())
        amended = replace(application, revision=application.revision + 1, form_version=candidate.document["form"])
        revision = Revision(
            application=id_,
            number=amended.revision,
            form_version=amended.form_version,
            data=candidate.document["data"],
            materials=materials,
            at=now,
            recorded_at=now,
            entered_by=actor,
            reason=reason,
        )
        event = Event(
            act="amended",
            at=now,
            actor=actor,
            application=id_,
            via="entry",
            data={"revision": amended.revision, "materials": len(materials)},
            private={"reason": reason},
        )
        new = NewApplication(
            amended, revision, candidate.facts, candidate.content_digest, candidate.applicant, candidate.site
        )
        unit.amend_application(new, [], [event])
        amended = self._move_on(unit, amended, actor, now)
        self._tell_correction(unit, amended, now)
        return Amended(amended, unit.deliveries(id_), warnings=candidate.warnings)

    def _same_case(self, unit: UnitOfWork, application: Application, candidate: Candidate) -> Problem | None:
        """A correction may not turn the application into another's, or into one for another site."""
        same = unit.is_case_of(application.id, candidate.applicant, candidate.site)
        return None if same else refusals.other_case()

    def _move_on(self, unit: UnitOfWork, application: Application, actor: str, now: int) -> Application:
        """Where the application stands once it has been corrected."""
        state = application.state
        if state is ApplicationState.CORRECTION_REQUESTED:
            seen = any(one.state is ApplicationState.RECEIVED for one in unit.steps(application.id))
            state = ApplicationState.RECEIVED if seen else ApplicationState.SUBMITTED
        elif state is ApplicationState.RETURNED:
            state = ApplicationState.REVIEWING
        if state is application.state:
            return application
        unit.move_application(application.id, state, _moved(application, state, actor, now))
        return replace(application, state=state)

    def _tell_correction(self, unit: UnitOfWork, application: Application, now: int) -> None:
        """Replace what had no effect, and correct what had, at every target that has been told anything."""
        matter = self._catalogue.matter(application.matter)
        begun = {step.target: step.after for step in matter.route}
        for line in self._lines(unit, application, now):
            gone = line.cancel_what_had_no_effect(Reason.SUPERSEDED)
            event = _begun_by(unit, application.id, begun.get(line.target.id))
            if line.holds_content():
                line.follow(Kind.AMEND, event)
                continue
            line.add(Kind.APPLY, event)
            # what was to be told after the application comes again after it, but for the request that is now answered
            for one in gone:
                if one.kind not in CONTENT and not _is_answered(unit, one):
                    line.add(one.kind, one.event)

    # -- withdrawing

    def _withdraw(self, unit: UnitOfWork, application: Application, actor: str, reason: str) -> Amended | Rejected:
        """The withdrawal, its deliveries and its events, in one unit."""
        if application.state is ApplicationState.WITHDRAWN:
            return Amended(application, unit.deliveries(application.id), again=True)
        if application.state not in WITHDRAWABLE:
            return Rejected(application.number, [refusals.not_withdrawable(*TITLES[application.state])])
        now = to_micros(self._clock.now())
        step = Step(
            id=uuid7(now),
            application=application.id,
            place=unit.next_place(application.id),
            target="",
            revision=application.revision,
            state=ApplicationState.WITHDRAWN,
            status_raw="",
            at=now,
            recorded_at=now,
            via="entry",
            standing=Standing.APPLIED,
            word=Word(reason=reason),
        )
        unit.add_step(step, None)
        event = _moved(application, ApplicationState.WITHDRAWN, actor, now)
        unit.move_application(application.id, ApplicationState.WITHDRAWN, replace(event, private={"reason": reason}))
        withdrawn = replace(application, state=ApplicationState.WITHDRAWN)
        drafts = {one.target for one in unit.signature_requests(application.id)}
        for line in self._lines(unit, withdrawn, now):
            line.cancel_what_had_no_effect(Reason.WITHDRAWN)
            if line.holds_content() or line.target.id in drafts:  # a draft that was to be signed is not left behind
                line.follow(Kind.WITHDRAW, step.id)
        return Amended(withdrawn, unit.deliveries(application.id))

    def _lines(self, unit: UnitOfWork, application: Application, now: int) -> list[_Line]:
        """The targets that have been told anything, and may be told more."""
        told = dict.fromkeys(one.target for one in unit.deliveries(application.id))
        known = [self._targets[name] for name in told if name in self._targets]
        return [
            _Line(unit, application, target, now) for target in known if target.mode(application.matter) is not Mode.OFF
        ]


@dataclass(frozen=True, slots=True)
class _Line:
    """The deliveries of one application to one target, inside a unit."""

    unit: UnitOfWork
    application: Application
    target: Target
    now: int

    def deliveries(self) -> list[Delivery]:
        """All of them, as they stand."""
        return [one for one in self.unit.deliveries(self.application.id) if one.target == self.target.id]

    def holds_content(self) -> bool:
        """Whether the target holds what was entered, or may, or waits for a person about it."""
        return any(one.kind in CONTENT and one.state is not DeliveryState.CANCELLED for one in self.deliveries())

    def cancel_what_had_no_effect(self, reason: Reason) -> list[Delivery]:
        """Cancel the content that surely had no effect; where none is left, what was to follow it too."""
        gone = [one for one in self.deliveries() if one.kind in CONTENT and _had_no_effect(one)]
        gone = [one for one in gone if self._cancel(one, reason)]
        if not self.holds_content():
            open_ = [one for one in self.deliveries() if one.state not in ENDED]
            gone += [one for one in open_ if self._cancel(one, reason)]
        return gone

    def add(self, kind: Kind, event: str | None) -> Delivery:
        """One more delivery."""
        mode = self.target.mode(self.application.matter)
        made = next_delivery(
            self.target, self.application, self.deliveries(), kind, mode=mode, event=event, now=self.now
        )
        store_made(self.unit, self.application, [made], via="entry", now=self.now)
        return made

    def follow(self, kind: Kind, event: str | None) -> None:
        """One more delivery about what the target holds; for a person where the wire cannot say it."""
        made = self.add(kind, event)
        if speaks_of(self.target, self.application.matter, kind):
            return
        title = self.target.adapter.manifest.title
        trouble = words.by_hand(title, *(CORRECTED if kind is Kind.AMEND else WITHDRAWN))
        parked = replace(
            delivery_made(made, via="entry", at=self.now), act="delivery_parked", data={"reason": Reason.BY_HAND.value}
        )
        self.unit.operate(made.id, DeliveryState.PARKED, Reason.BY_HAND, parked, trouble=trouble)

    def _cancel(self, one: Delivery, reason: Reason) -> bool:
        """Cancel one; False where it moved meanwhile."""
        event = Event(
            act="delivery_cancelled",
            at=self.now,
            application=one.application,
            target=one.target,
            delivery=one.id,
            via="entry",
            data={"reason": reason.value},
        )
        return self.unit.operate(one.id, DeliveryState.CANCELLED, reason, event)


def _other(application: Application, document: Any) -> list[Problem]:
    """What a correction may not change: the matter and the type."""
    return [
        refusals.other_kind(name)
        for name, held in (("matter", application.matter), ("type", application.type))
        if document[name] != held
    ]


def _had_no_effect(one: Delivery) -> bool:
    if one.state is DeliveryState.PARKED:
        return one.reason in NO_EFFECT
    return one.state in {DeliveryState.DUE, DeliveryState.WAITING}


def _begun_by(unit: UnitOfWork, application: str, after: ApplicationState | None) -> str | None:
    """The step at which a target of the route was first told; None where it was told at once."""
    if after is None:
        return None
    steps = [one for one in unit.steps(application) if one.standing is not Standing.PENDING]
    reached = [one for one in steps if STAGES[one.state] == STAGES[after]]
    return reached[-1].id if reached else None


def _is_answered(unit: UnitOfWork, one: Delivery) -> bool:
    """Whether a delivery tells of a request to correct, which the correction answers."""
    step = next((step for step in unit.steps(one.application) if step.id == one.event), None)
    return step is None or step.state is ApplicationState.CORRECTION_REQUESTED


def _moved(application: Application, state: ApplicationState, actor: str, now: int) -> Event:
    """That the applicant's act moved the application."""
    return Event(
        act="state_changed",
        at=now,
        actor=actor,
        application=application.id,
        via="entry",
        data={"from": application.state.value, "to": state.value, "label": TITLES[state][0]},
    )
