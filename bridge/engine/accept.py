"""Accepting: the one entry door for data, whichever door it came in by.

Text, form, rules, files and every target's limits are checked first, and all problems told at once. What passes is
stored with its deliveries and its history in one transaction, and only then answered (promise 1). The same submission
again, also after a crash before the answer, gives the same application.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import islice
from typing import Any

from bridge.catalogue.catalogue import Catalogue
from bridge.catalogue.text import Sourced, documents
from bridge.clock import CHINA, Clock, to_micros
from bridge.engine import refusals
from bridge.engine.checking import Candidate, Checker, Entry, Rejected
from bridge.engine.plan import plan
from bridge.engine.propagate import delivery_made
from bridge.engine.targets import Targets
from bridge.errors import Problem
from bridge.model.application import Application, MaterialRef, Revision
from bridge.model.delivery import Delivery
from bridge.model.ids import receipt_number, uuid7
from bridge.model.lifecycle import ApplicationState
from bridge.ports.events import Event
from bridge.ports.store import NewApplication, Store, UnitOfWork

GROUP = 25
"""Submissions per transaction, at most: each is answered only after its transaction."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """A submission that is stored, new or from before."""

    source: str
    application: str
    number: str
    again: bool
    deliveries: Sequence[Delivery]
    warnings: Sequence[Problem]

    def json(self) -> dict[str, Any]:
        """The answer as the doors give it."""
        return {
            "source": self.source,
            "application": self.application,
            "number": self.number,
            "again": self.again,
            "deliveries": [
                {"target": one.target, "kind": one.kind.value, "state": one.state.value} for one in self.deliveries
            ],
            "warnings": [asdict(warning) for warning in self.warnings],
        }


class Acceptance:
    """Takes submissions in."""

    def __init__(self, *, store: Store, catalogue: Catalogue, targets: Targets, checker: Checker, clock: Clock) -> None:
        self._store, self._catalogue, self._targets = store, catalogue, targets
        self._checker, self._clock = checker, clock

    def submit(
        self, entries: Iterable[Entry], *, actor: str, channel: str, progress: Callable[[int], None] = lambda _: None
    ) -> dict[str, Any]:
        """Take in every document of every entry; the answer as the doors give it. Raises StoreError."""
        accepted: list[dict[str, Any]] = []
        rejected: list[dict[str, Any]] = []
        for answer in self.take(entries, actor=actor, channel=channel, progress=progress):
            (accepted if isinstance(answer, Accepted) else rejected).append(answer.json())
        return {"accepted": accepted, "rejected": rejected}

    def take(
        self, entries: Iterable[Entry], *, actor: str, channel: str, progress: Callable[[int], None] = lambda _: None
    ) -> Iterator[Accepted | Rejected]:
        """Take in every document of every entry, in order; each answer comes only once it is durable.

        Raises StoreError; what was answered before it stays stored, and submitting all again doubles nothing.
        """
        sources = (
            (sourced, folder)
            for name, data, folder in entries
            for sourced in (documents(data, name) if isinstance(data, bytes) else data)
        )
        while several := list(islice(sources, GROUP)):
            group = [self._checker.check(sourced, folder) for sourced, folder in several]
            kept = iter(self._checker.keep_files([one for one in group if isinstance(one, Candidate)]))
            group = [next(kept) if isinstance(one, Candidate) else one for one in group]
            candidates = [one for one in group if isinstance(one, Candidate)]
            stored = iter(self._store.write(lambda unit: self._store_all(unit, candidates, actor, channel)))  # noqa: B023 - called here
            for one, (sourced, _) in zip(group, several, strict=True):
                yield _placed(next(stored) if isinstance(one, Candidate) else one, sourced)
            progress(len(group))

    def _store_all(
        self, unit: UnitOfWork, candidates: Sequence[Candidate], actor: str, channel: str
    ) -> list[Accepted | Rejected]:
        """A group, inside its one transaction."""
        return [self._store_one(unit, candidate, actor, channel) for candidate in candidates]

    def _store_one(self, unit: UnitOfWork, candidate: Candidate, actor: str, channel: str) -> Accepted | Rejected:
        """The same again, a clash, or a new application."""
        document = candidate.document
        reference = document.get("reference")
        if reference is not None:
            if earlier := unit.by_reference(reference):
                if unit.same_content(earlier.id, candidate.content_digest):
                    return _again(unit, candidate, earlier)
                return Rejected(candidate.source, [refusals.reference_taken(earlier.number)])
        elif earlier := unit.by_content(candidate.content_digest):
            return _again(unit, candidate, earlier)
        if open_one := unit.open_application(candidate.applicant, candidate.site, document["matter"], document["type"]):
            return Rejected(candidate.source, [refusals.already_open(open_one.number)])
        return self._add(unit, candidate, actor, channel)

    def _add(self, unit: UnitOfWork, candidate: Candidate, actor: str, channel: str) -> Accepted:
        """A new application, its deliveries and its first events."""
        instant = self._clock.now()
        now = to_micros(instant)
        today: dt.date = instant.astimezone(CHINA).date()
        document = candidate.document
        matter = self._catalogue.matter(document["matter"])
        application = Application(
            id=uuid7(now),
            number=receipt_number(today, unit.next_serial(f"{today:%Y%m%d}")),
            case_number=None,
            reference=document.get("reference"),
            matter=matter.name,
            type=document["type"],
            state=ApplicationState.SUBMITTED,
            revision=1,
            form_version=document["form"],
            body=candidate.body,
            district=candidate.district,
            hall=None,
            channel=channel,
            origin="entered",
            entered_by=actor,
            at=now,
            recorded_at=now,
        )
        revision = Revision(
            application=application.id,
            number=1,
            form_version=document["form"],
            data=document["data"],
            materials=tuple(file.ref for file in candidate.files),
            at=now,
            recorded_at=now,
            entered_by=actor,
            reason=None,
        )
        deliveries = plan(matter, self._targets, application=application.id, revision=1, now=now)
        unit.add_application(
            NewApplication(
                application=application,
                revision=revision,
                facts=candidate.facts,
                content_digest=candidate.content_digest,
                applicant=candidate.applicant,
                site=candidate.site,
            ),
            deliveries,
            _first_events(application, deliveries, revision.materials, actor, candidate.warnings),
        )
        return Accepted(
            candidate.source,
            application.id,
            application.number,
            again=False,
            deliveries=deliveries,
            warnings=candidate.warnings,
        )


def _first_events(
    application: Application,
    deliveries: Sequence[Delivery],
    materials: Sequence[MaterialRef],
    actor: str,
    warnings: Sequence[Problem],
) -> list[Event]:
    """That it was submitted, with the warnings that were passed over, and each delivery that was made."""
    submitted = Event(
        act="submitted",
        at=application.at,
        actor=actor,
        application=application.id,
        via="entry",
        data={
            "number": application.number,
            "matter": application.matter,
            "type": application.type,
            "form": application.form_version,
            "revision": 1,
            "channel": application.channel,
            "body": application.body,
            "materials": len(materials),
            "warnings": sorted({f"{warning.code} {warning.pointer}".strip() for warning in warnings}),
        },
    )
    made = [delivery_made(one, via="entry", at=application.at) for one in deliveries]
    return [submitted, *made]


def _placed(answer: Accepted | Rejected, sourced: Sourced) -> Accepted | Rejected:
    """An answer whose problems say in which cell they are, where the document came from a table."""
    if sourced.locate is None:
        return answer
    if isinstance(answer, Rejected):
        return replace(answer, problems=[_with_cell(one, sourced.locate) for one in answer.problems])
    return replace(answer, warnings=[_with_cell(one, sourced.locate) for one in answer.warnings])


def _with_cell(problem: Problem, locate: Callable[[str], str]) -> Problem:
    return problem if problem.cell is not None else replace(problem, cell=locate(problem.pointer))


def _again(unit: UnitOfWork, candidate: Candidate, earlier: Application) -> Accepted:
    """The application that this very submission made before."""
    return Accepted(
        candidate.source,
        earlier.id,
        earlier.number,
        again=True,
        deliveries=unit.deliveries(earlier.id),
        warnings=candidate.warnings,
    )
