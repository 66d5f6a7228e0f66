"""Views: what an application, a delivery and a target look like to a person or a program, as JSON values.

The fields are a contract (the commands' JSON): they stay, and unknown is null, never left out. Nothing here writes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from bridge.catalogue.catalogue import Catalogue
from bridge.clock import Clock, to_micros
from bridge.engine import words
from bridge.engine.conflicts import conflicts
from bridge.engine.deliver import is_held
from bridge.engine.plan import route
from bridge.engine.signing import to_sign
from bridge.engine.targets import Targets
from bridge.engine.timeline import entry
from bridge.engine.told import Told, problem, time
from bridge.model.application import Application
from bridge.model.counterpart import Counterpart
from bridge.model.delivery import ENDED, Delivery, DeliveryState, Reason
from bridge.model.lifecycle import TITLES, ApplicationState
from bridge.ports.machine import TargetRow
from bridge.ports.store import DeliveryFilter, Store, Trouble, UnitOfWork

PAGE = 200

ASKS = frozenset({Reason.SIGNATURE, Reason.ACCOUNT})
"""Reasons for which a delivery waits for a person outside."""


class Views:
    """Read-only answers."""

    def __init__(self, store: Store, catalogue: Catalogue, targets: Targets, clock: Clock) -> None:
        self._store, self._catalogue, self._targets, self._clock = store, catalogue, targets, clock

    def status(self, number: str) -> dict[str, Any]:
        """Where one application stands, by any of our numbers or a target's. Raises NotFound."""
        return self._store.read(lambda unit: self._status(unit, unit.find_application(number)))

    def conflicts(self) -> Iterator[dict[str, Any]]:
        """Where a target says what only another may say, by application."""
        return conflicts(self._store, self._catalogue)

    def applications(
        self, *, matter: str | None = None, state: ApplicationState | None = None, limit: int | None = None
    ) -> Iterator[dict[str, Any]]:
        """Applications, oldest first, read page by page."""
        pages = self._store.pages(
            lambda unit, after: unit.applications(matter=matter, state=state, after=after, limit=PAGE),
            lambda application: application.id,
        )
        for count, one in enumerate(pages):
            if count == limit:
                return
            yield {
                "application": one.id,
                "number": one.number,
                "case_number": one.case_number,
                "matter": one.matter,
                "type": one.type,
                "state": one.state.value,
                "label": TITLES[one.state][0],
                "label_en": TITLES[one.state][1],
                "body": one.body,
                "district": one.district,
                "revision": one.revision,
                "submitted_at": time(one.at),
                "entered_by": one.entered_by,
            }

    def deliveries(self, wanted: DeliveryFilter) -> Iterator[dict[str, Any]]:
        """Deliveries that the filter means, oldest first, read page by page."""
        left = wanted.limit
        after = wanted.after
        while left is None or left > 0:
            size = PAGE if left is None else min(PAGE, left)
            page = self._store.read(lambda unit, after=after, size=size: self._delivery_page(unit, wanted, after, size))  # type: ignore[misc]
            yield from page
            if len(page) < size:
                return
            after = page[-1]["delivery"]
            left = None if left is None else left - len(page)

    def counts(self) -> dict[str, int]:
        """How many deliveries stand in each state."""
        return {state.value: count for state, count in self._store.read(lambda unit: unit.counts()).items()}

    def _delivery_page(
        self, unit: UnitOfWork, wanted: DeliveryFilter, after: str | None, size: int
    ) -> list[dict[str, Any]]:
        """One page, each with its trouble in words."""
        paged = DeliveryFilter(
            ids=wanted.ids,
            target=wanted.target,
            states=wanted.states,
            reason=wanted.reason,
            matter=wanted.matter,
            limit=size,
            after=after,
        )
        return [
            {
                "delivery": one.id,
                "application": one.application,
                "number": number,
                "target": one.target,
                "kind": one.kind.value,
                "revision": one.revision,
                "state": one.state.value,
                "label": words.STATES[one.state][0],
                "label_en": words.STATES[one.state][1],
                "reason": one.reason.value if one.reason else None,
                "attempts": one.attempts,
                "failures": one.failures,
                "next_try": time(one.next_at),
                "made_at": time(one.made_at),
                "changed_at": time(one.changed_at),
                "problem": problem(unit.trouble(one.id)) if _needs_a_person(one) else None,
            }
            for one, number in unit.select_deliveries(paged)
        ]

    def _status(self, unit: UnitOfWork, application: Application) -> dict[str, Any]:
        """One application, inside one unit."""
        counterparts = {one.target: one for one in unit.counterparts(application.id)}
        deliveries = unit.deliveries(application.id)
        matter = self._catalogue.matter(application.matter)
        names = list(route(matter, self._targets))
        names += [name for name in dict.fromkeys(one.target for one in deliveries) if name not in names]
        title, title_en = TITLES[application.state]
        told = Told(unit, self._catalogue, self._targets, application)
        return {
            "application": application.id,
            "number": application.number,
            "case_number": application.case_number,
            "matter": application.matter,
            "type": application.type,
            "state": application.state.value,
            "label": title,
            "label_en": title_en,
            "body": application.body,
            "revision": application.revision,
            "licence": told.licence(),
            "documents": told.documents(),
            "correction": told.correction(),
            "targets": [
                self._target(
                    unit,
                    name,
                    [one for one in deliveries if one.target == name],
                    counterparts.get(name),
                    told.trouble() if name == matter.decider else None,
                )
                for name in names
            ],
            "timeline": [entry(stored, self._titles()) for stored in unit.events(application.id)],
        }

    def _titles(self) -> Mapping[str, tuple[str, str]]:
        """The targets' names in plain words."""
        return {
            name: (target.adapter.manifest.title, target.adapter.manifest.title_en)
            for name, target in self._targets.items()
        }

    def _target(
        self,
        unit: UnitOfWork,
        name: str,
        deliveries: Sequence[Delivery],
        counterpart: Counterpart | None,
        asked: Trouble | None,
    ) -> dict[str, Any]:
        """One target's line: the oldest delivery not ended, else the last. `asked`: what it wants of people."""
        current = next((one for one in deliveries if one.state not in ENDED), deliveries[-1] if deliveries else None)
        row = unit.target(name)
        trouble = unit.trouble(current.id) if current and _needs_a_person(current) else asked
        held = is_held(row, to_micros(self._clock.now()))
        title, title_en = self._titles().get(name, (name, name))
        text, text_en = _plain(current, row, held=held)
        if name in self._targets and (missing := self._targets[name].unusable):
            held, text, text_en = (
                True,
                f"{text}（缺少设置 {missing.setting}）",
                f"{text_en} ({missing.setting} is missing)",
            )
        return {
            "target": name,
            "title": title,
            "title_en": title_en,
            "state": current.state.value if current else None,
            "text": text,
            "text_en": text_en,
            "counterpart": counterpart.number if counterpart else None,
            "status": counterpart.status.value if counterpart and counterpart.status else None,
            "status_raw": counterpart.status_raw if counterpart else None,
            "last_contact": time(counterpart.last_contact) if counterpart else None,
            "next_try": time(_next_try(current, row)),
            "who_acts": _who(current, trouble, held=held),
            "problem": problem(trouble),
            "to_sign": to_sign(unit, current),
        }


def _needs_a_person(one: Delivery) -> bool:
    """Whether it says itself what a person must do."""
    return one.state is DeliveryState.PARKED or (one.state is DeliveryState.WAITING and one.reason in ASKS)


def _next_try(current: Delivery | None, row: TargetRow) -> int | None:
    """When it is tried next: its own time, but not before a silent target is probed."""
    if current is None or (
        current.state not in {DeliveryState.DUE, DeliveryState.UNKNOWN} and current.reason is not Reason.ACCOUNT
    ):
        return None
    times = [at for at in (current.next_at, row.open_until) if at is not None]
    return max(times) if times else None


def _plain(current: Delivery | None, row: TargetRow, *, held: bool) -> tuple[str, str]:
    """The state in plain words, with why it waits."""
    if current is None:
        return "尚未推送", "nothing to send yet"
    words_, words_en = words.STATES[current.state]
    if current.state not in ENDED and held:
        return f"{words_}（该系统已暂停推送：{row.held_reason}）", f"{words_en} (the target is held)"
    if current.state is DeliveryState.WAITING and current.reason:
        why, why_en = words.WAITS.get(current.reason, ("", ""))
        return f"{words_}：{why}", f"{words_en}: {why_en}"
    if current.state is DeliveryState.DUE and current.reason is Reason.RETRY:
        return f"{words_}（对方暂时不能办理，将自动重试）", f"{words_en} (will be tried again by itself)"
    return words_, words_en


def _who(current: Delivery | None, trouble: Trouble | None, *, held: bool) -> str:
    """Who must act for this target to go on."""
    if current is None or current.state in ENDED:
        return trouble.who if trouble else "nobody"
    if held:
        return "operator"
    if current.state is DeliveryState.PARKED:
        return trouble.who if trouble else "operator"
    if current.state is DeliveryState.WAITING:
        if current.reason in ASKS:
            return trouble.who if trouble else "applicant"
        return "operator" if current.reason is Reason.MODE else "nobody"
    return "target" if current.state is DeliveryState.LODGED else "nobody"
