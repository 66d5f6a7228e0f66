"""Checking what was entered: text, form, rules, files and every target's limits, all problems at once.

The one check for a first submission and for a corrected revision. What does not belong here: storing (`accept`,
`amend`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from bridge.catalogue.catalogue import Catalogue
from bridge.catalogue.text import Sourced
from bridge.clock import CHINA, Clock, to_micros
from bridge.engine import refusals
from bridge.engine.files import EnteredFile, read_files
from bridge.engine.plan import route
from bridge.engine.preflight import preflight
from bridge.engine.targets import Targets
from bridge.errors import NotFound, Problem
from bridge.model.ids import digest, receipt_number, uuid7
from bridge.model.pointer import resolve
from bridge.ports.materials import FileToKeep, Materials

Entry = tuple[str, bytes | Iterable[Sourced], Path | None]
"""Name of the source, its text or the documents read from it, and the folder that `path` of a material is relative to
(None: no paths allowed)."""


@dataclass(frozen=True, slots=True)
class Candidate:
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
class Rejected:
    """A submission of which nothing was stored."""

    source: str
    problems: Sequence[Problem]

    def json(self) -> dict[str, Any]:
        """The answer as the doors give it."""
        return {"source": self.source, "problems": [asdict(problem) for problem in self.problems]}


class Checker:
    """Checks documents, and keeps the files of those that pass."""

    def __init__(self, *, catalogue: Catalogue, targets: Targets, materials: Materials, clock: Clock) -> None:
        self._catalogue, self._targets, self._materials, self._clock = catalogue, targets, materials, clock

    def keep_files(self, candidates: Sequence[Candidate]) -> list[Candidate | Rejected]:
        """Store the files of all; one that is no longer what was checked spoils its own document only."""
        wanted = [FileToKeep(file.open, file.ref.size) for one in candidates for file in one.files]
        kept = iter(self._materials.put_all(wanted))
        checked: list[Candidate | Rejected] = []
        for one in candidates:
            stored = [next(kept) for _ in one.files]
            changed = [
                refusals.file_changed(place)
                for place, (file, found) in enumerate(zip(one.files, stored, strict=True))
                if found is None or found.digest != file.ref.digest
            ]
            checked.append(Rejected(one.source, changed[:1]) if changed else one)
        return checked

    def check(self, sourced: Sourced, folder: Path | None) -> Candidate | Rejected:
        """Every check that needs no database, all problems at once."""
        if sourced.document is None:
            return Rejected(sourced.source, sourced.problems)
        document = sourced.document
        checked = self._catalogue.check(document, paths_allowed=folder is not None)
        if sourced.problems or not checked.ok:
            told = {one.pointer for one in sourced.problems if one.pointer}
            return Rejected(
                sourced.source, [*sourced.problems, *(one for one in checked.problems if one.pointer not in told)]
            )
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
        return Candidate(
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
