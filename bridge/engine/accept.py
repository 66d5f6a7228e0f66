"""Accepting: the one entry door for data, whichever door it came in by.

Text, form, rules, files and every target's limits are checked first, and all problems told at once. What passes is
stored with its deliveries and its history in one transaction, and only then answered (promise 1). The same submission
again, also after a crash before the answer, gives the same application.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from bridge.catalogue.catalogue import Catalogue
from bridge.catalogue.text import Sourced, documents
from bridge.clock import CHINA, Clock, to_micros
from bridge.engine import refusals
from bridge.engine.files import EnteredFile, read_files
from bridge.engine.plan import plan, route
from bridge.engine.preflight import preflight
from bridge.engine.targets import Targets
from bridge.errors import NotFound, Problem
from bridge.model.application import Application, MaterialRef, Revision
from bridge.model.delivery import Delivery
from bridge.model.ids import digest, receipt_number, uuid7
from bridge.model.lifecycle import ApplicationState
from bridge.model.pointer import resolve
from bridge.ports.events import Event
from bridge.ports.materials import Materials
from bridge.ports.store import NewApplication, Store, UnitOfWork

GROUP = 25
"""Submissions per transaction, at most: each is answered only after its transaction."""

Entry = tuple[str, bytes, Path | None]
"""Name of the source, its bytes, and the folder that `path` of a material is relative to (None: no paths allowed)."""


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A document that passed every check and is not stored yet."""

    source: str
    document: Mapping[str, Any]
    applicant: str
    site: str
    body: str
    district: str
    facts: Mapping[str, Any]
    files: Sequence[EnteredFile]
    content_digest: str
    warnings: Sequence[Problem]


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


@dataclass(frozen=True, slots=True)
class Rejected:
    """A submission of which nothing was stored."""

    source: str
    problems: Sequence[Problem]

    def json(self) -> dict[str, Any]:
        """The answer as the doors give it."""
        return {"source": self.source, "problems": [asdict(problem) for problem in self.problems]}


class Acceptance:
    """Takes submissions in."""

    def __init__(
        self, *, store: Store, catalogue: Catalogue, targets: Targets, materials: Materials, clock: Clock
    ) -> None:
        self._store, self._catalogue, self._targets = store, catalogue, targets
        self._materials, self._clock = materials, clock

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
        checked = (self._check(sourced, folder) for name, data, folder in entries for sourced in documents(data, name))
        while group := list(islice(checked, GROUP)):
            group = [self._keep_files(one) if isinstance(one, _Candidate) else one for one in group]
            candidates = [one for one in group if isinstance(one, _Candidate)]
            stored = iter(self._store.write(lambda unit: self._store_all(unit, candidates, actor, channel)))  # noqa: B023 - called here
            for one in group:
                yield next(stored) if isinstance(one, _Candidate) else one
            progress(len(group))

    def _keep_files(self, candidate: _Candidate) -> _Candidate | Rejected:
        """Store the files; one that is no longer what was checked spoils its own document only."""
        for place, file in enumerate(candidate.files):
            try:
                with file.open() as stream:
                    kept = self._materials.put(stream, limit=file.size)
            except (OSError, ValueError):
                kept = None
            if kept is None or kept.digest != file.ref.digest:
                return Rejected(candidate.source, [refusals.file_changed(place)])
        return candidate

    def _check(self, sourced: Sourced, folder: Path | None) -> _Candidate | Rejected:
        """Every check that needs no database, all problems at once."""
        if sourced.document is None:
            return Rejected(sourced.source, sourced.problems)
        document = sourced.document
        checked = self._catalogue.check(document, paths_allowed=folder is not None)
        if not checked.ok:
            return Rejected(sourced.source, checked.problems)
        matter = self._catalogue.matter(document["matter"])
        files, problems = read_files(matter, self._catalogue, document.get("materials", ()), folder)
        try:
            fixed, body, district = self._fixed_facts(document)
        except NotFound:
            return Rejected(sourced.source, [*problems, refusals.no_competent_body()])
        applicant = str(resolve(document, matter.identity.applicant))
        problems += preflight(
            document,
            [file.ref for file in files],
            facts=self._sample_facts(document, fixed),
            targets=[self._targets[name] for name in route(matter, self._targets)],
            catalogue=self._catalogue,
        )
        if any(problem.severity == "error" for problem in problems):
            return Rejected(sourced.source, [*checked.problems, *problems])
        return _Candidate(
            source=sourced.source,
            document=document,
            applicant=applicant,
            site=" ".join(str(resolve(document, pointer)) for pointer in matter.identity.site),
            body=body,
            district=district,
            facts=fixed,
            files=files,
            content_digest=digest(self._catalogue.canonical(document, [file.ref.digest for file in files])),
            warnings=[*checked.problems, *problems],
        )

    def _fixed_facts(self, document: Mapping[str, Any]) -> tuple[dict[str, Any], str, str]:
        """The facts that are fixed with the revision, the body's code and its district. Raises NotFound."""
        matter = self._catalogue.matter(document["matter"])
        body = self._catalogue.body(matter.name, document["data"])
        today = self._clock.now().astimezone(CHINA).date()
        item = self._catalogue.item(body.code, matter.name, document["type"], today)
        kind = next(one for one in matter.types if one.id == document["type"])
        title = f"{document['data']['applicant']['name']} {matter.title}（{kind.title}）"
        facts = {
            "title": title,
            "item": dict(item),
            "body": {"code": body.code, "name": body.name, "uscc": body.uscc, "district": body.district},
        }
        return facts, body.code, body.district

    def _sample_facts(self, document: Mapping[str, Any], fixed: Mapping[str, Any]) -> dict[str, Any]:
        """Facts for the pre-flight: the fixed ones, and stand-ins of full length for what storing will give."""
        now = self._clock.now()
        return {
            "id": uuid7(to_micros(now)),
            "number": receipt_number(now.date(), 0),
            "revision": 1,
            "matter": document["matter"],
            "type": document["type"],
            "channel": "web",
            "submitted_at": now.astimezone(CHINA).isoformat(timespec="milliseconds"),
            **fixed,
        }

    def _store_all(
        self, unit: UnitOfWork, candidates: Sequence[_Candidate], actor: str, channel: str
    ) -> list[Accepted | Rejected]:
        """A group, inside its one transaction."""
        return [self._store_one(unit, candidate, actor, channel) for candidate in candidates]

    def _store_one(self, unit: UnitOfWork, candidate: _Candidate, actor: str, channel: str) -> Accepted | Rejected:
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

    def _add(self, unit: UnitOfWork, candidate: _Candidate, actor: str, channel: str) -> Accepted:
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
    made = [
        Event(
            act="delivery_made",
            at=application.at,
            application=application.id,
            target=one.target,
            delivery=one.id,
            via="entry",
            data={"kind": one.kind.value, "revision": one.revision, "state": one.state.value},
        )
        for one in deliveries
    ]
    return [submitted, *made]


def _again(unit: UnitOfWork, candidate: _Candidate, earlier: Application) -> Accepted:
    """The application that this very submission made before."""
    return Accepted(
        candidate.source,
        earlier.id,
        earlier.number,
        again=True,
        deliveries=unit.deliveries(earlier.id),
        warnings=candidate.warnings,
    )
