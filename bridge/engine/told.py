"""What owners told of one application, as the doors show it: the licence, the documents, what is to be corrected.

JSON values of the commands' contract. What does not belong here: deliveries and targets (`views`).
"""

from __future__ import annotations

from typing import Any

from bridge.catalogue.catalogue import Catalogue
from bridge.clock import from_micros, rfc3339
from bridge.engine import words
from bridge.engine.targets import Targets
from bridge.errors import NotFound, Problem
from bridge.model.application import Application
from bridge.model.delivery import Kind
from bridge.model.lifecycle import TITLES, ApplicationState
from bridge.model.step import KeptPaper, Standing, Step
from bridge.model.word import CorrectionItem, PaperKind
from bridge.ports.store import Trouble, UnitOfWork

SAID_NO = frozenset({ApplicationState.NOT_ACCEPTED, ApplicationState.REFUSED, ApplicationState.NOT_FILED})
"""States that end an application without what was asked for."""

ASKS = frozenset({ApplicationState.CORRECTION_REQUESTED, ApplicationState.RETURNED})
"""States in which the applicant must correct."""


class Told:
    """The words about one application, read inside a unit."""

    def __init__(self, unit: UnitOfWork, catalogue: Catalogue, targets: Targets, application: Application) -> None:
        self._catalogue, self._targets, self._application = catalogue, targets, application
        self._unit = unit
        steps = unit.steps(application.id)
        self._steps = [one for one in steps if one.standing is not Standing.PENDING]
        self._papers = unit.papers(application.id) if steps else ()

    def licence(self) -> dict[str, Any] | None:
        """结果证照, by its issuer's last word; None where none was given."""
        given = next((one.word.licence for one in reversed(self._steps) if one.word.licence is not None), None)
        if given is None:
            return None
        return {
            "number": given.number,
            "name": given.name,
            "issued_on": given.issued_on,
            "valid_from": given.valid_from,
            "valid_to": given.valid_to,
            "issuer": given.issuer,
            "files": [_file(one) for one in self._papers if one.paper.kind is PaperKind.LICENCE],
        }

    def documents(self) -> list[dict[str, Any]]:
        """文书, oldest first; licence files stand with the licence."""
        return [
            {
                "kind": one.paper.kind.value,
                "title": one.paper.title,
                "number": one.paper.number,
                "date": one.paper.date,
                "target": one.target,
                "at": time(one.at),
                **_file(one),
            }
            for one in self._papers
            if one.paper.kind is not PaperKind.LICENCE
        ]

    def correction(self) -> dict[str, Any] | None:
        """What the applicant is asked to correct now, each item at the box of the form that it means."""
        step = self._asking()
        if step is None:
            return None
        paper = next((one for one in step.word.papers if one.number), None)
        return {
            "at": time(step.at),
            "target": step.target,
            "reason": step.word.reason,
            "document_no": paper.number if paper else None,
            "items": [{"text": item.text, **_box(self._box(step, item))} for item in step.word.items],
        }

    def trouble(self) -> Trouble | None:
        """What the decider's word asks of a person, if anything."""
        if step := self._asking():
            title = self._title(step)
            items = step.word.items or (CorrectionItem(step.word.reason or TITLES[step.state][0]),)
            return words.correction(title, items[0].text, len(items) - 1, self._box(step, items[0]))
        if self._application.state not in SAID_NO:
            return None
        step = next((one for one in reversed(self._steps) if one.state is self._application.state), None)
        if step is None:
            return None
        return words.ended_without(self._title(step), *TITLES[step.state], step.word.reason)

    def _asking(self) -> Step | None:
        """The step that asks for a correction now."""
        if self._application.state not in ASKS:
            return None
        return next((one for one in reversed(self._steps) if one.state is self._application.state), None)

    def _title(self, step: Step) -> str:
        return self._targets[step.target].adapter.manifest.title if step.target in self._targets else step.target

    def _box(self, step: Step, item: CorrectionItem) -> Problem | None:
        """The box of the form that an item means; None where it names no field of ours."""
        if item.field is None or step.target not in self._targets:
            return None
        application = self._application
        kind, version = self._told_by(step)
        mapping = self._targets[step.target].adapter.mapping(application.matter, kind, version)
        try:
            pointer = mapping.to_form(item.field) if mapping else None
            if pointer is None:
                return None
            label, label_en = self._catalogue.label(application.matter, application.form_version, pointer)
        except (NotFound, ValueError, KeyError, IndexError):
            return None  # a target may name any field: what cannot be traced is shown without its box
        return Problem(pointer, label, label_en, message="", message_en="", remedy="", remedy_en="")

    def _told_by(self, step: Step) -> tuple[Kind, int | None]:
        """The mapping by which the target was told: a field that it names is one of that version."""
        for one in reversed(self._unit.deliveries(self._application.id)):
            is_whole = one.kind in (Kind.APPLY, Kind.AMEND) and one.mapping_version is not None
            if is_whole and one.target == step.target and one.revision <= step.revision:
                return one.kind, one.mapping_version
        return Kind.APPLY, None


def _box(box: Problem | None) -> dict[str, Any]:
    return {
        "pointer": box.pointer if box else None,
        "label": box.label if box else None,
        "label_en": box.label_en if box else None,
    }


def _file(one: KeptPaper) -> dict[str, Any]:
    """Our copy of a paper's file; the digest is null until it has been fetched."""
    return {"name": one.paper.name, "digest": one.digest, "size": one.size}


def problem(trouble: Trouble | None) -> dict[str, Any] | None:
    """A trouble as the doors show it."""
    if trouble is None:
        return None
    return {
        "reason": trouble.reason,
        "reason_en": trouble.reason_en,
        "remedy": trouble.remedy,
        "remedy_en": trouble.remedy_en,
        "where": trouble.where,
        "pointer": trouble.pointer,
        "label": trouble.label,
        "label_en": trouble.label_en,
    }


def time(micros: int | None) -> str | None:
    """An instant as every door shows it."""
    return None if micros is None else rfc3339(from_micros(micros))
