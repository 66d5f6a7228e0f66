"""Contradictions: a target says of an application what only another may say, and that one has not said it.

Nothing is moved by such a word (promise 7); here it is shown with both sides, until its owner says the same or the
target something else. What does not belong here: what a target holds of the contents (reconciliation).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from bridge.catalogue.catalogue import Catalogue
from bridge.engine.told import time
from bridge.model.application import Application
from bridge.model.counterpart import Counterpart
from bridge.model.lifecycle import STAGES, TITLES, ApplicationState
from bridge.ports.store import Store, UnitOfWork

PAGE = 200


def conflicts(store: Store, catalogue: Catalogue) -> Iterator[dict[str, Any]]:
    """All that stand now, by application, read page by page, as the commands' JSON."""

    def page(unit: UnitOfWork, after: str | None) -> Sequence[tuple[Counterpart, Application]]:
        return [(one, unit.application(one.application)) for one in unit.unsaid(after=after, limit=PAGE)]

    for held, application in store.pages(page, lambda pair: f"{pair[0].application} {pair[0].target}"):
        if held.status is not None and _is_anothers(catalogue, application, held.target, held.status):
            yield _shown(application, held, held.status)


def _is_anothers(catalogue: Catalogue, application: Application, target: str, status: ApplicationState) -> bool:
    """Whether a status is another target's to say. That something was handed in, whoever holds it may say."""
    owner = catalogue.matter(application.matter).owners.get(status.value)
    return owner not in (None, target) and STAGES[status] > STAGES[ApplicationState.RECEIVED]


def _shown(application: Application, held: Counterpart, status: ApplicationState) -> dict[str, Any]:
    """One contradiction."""
    return {
        "application": application.id,
        "number": application.number,
        "target": held.target,
        "field": "status",
        "ours": application.state.value,
        "ours_label": TITLES[application.state][0],
        "ours_label_en": TITLES[application.state][1],
        "theirs": status.value,
        "theirs_label": TITLES[status][0],
        "theirs_label_en": TITLES[status][1],
        "theirs_raw": held.status_raw,
        "since": time(held.said_at or held.last_contact),
    }
