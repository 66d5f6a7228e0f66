"""Numbers and facts that targets gave, what each target holds of an application, and the serial numbers of a day."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import bindparam, insert, select, update

from bridge.model.counterpart import Counterpart
from bridge.ports.events import Event
from bridge.storage import rows
from bridge.storage import tables as t
from bridge.storage.part import Part, listed

CASE_NUMBER = "case_number"
"""The fact that is also a column of the application."""

_c, _f, _n = t.counterparts.c, t.facts.c, t.numbers.c

_TAKE = (
    update(t.counters)
    .where(t.counters.c.name == bindparam("name_"))
    .values(value=t.counters.c.value + bindparam("count"))
    .returning(t.counters.c.value)
)
_FIRST = insert(t.counters)
_CARRIERS = select(_n.application).distinct().where(_n.value == bindparam("value_")).limit(2)
_CARRIERS_AT = (
    select(_n.application).distinct().where(_n.value == bindparam("value_"), _n.target == bindparam("target_")).limit(2)
)
_NUMBERS = select(_n.value, _n.application, _n.kind, _n.target).where(_n.value.in_(bindparam("values", expanding=True)))
_ADD_NUMBER = insert(t.numbers)
_COUNTERPARTS = select(*rows.COUNTERPART).where(_c.application == bindparam("application_")).order_by(_c.target)
_COUNTERPARTS_OF = select(*rows.COUNTERPART).where(_c.application.in_(bindparam("applications", expanding=True)))
_ADD_COUNTERPART = insert(t.counterparts)
_SET_COUNTERPART = (
    update(t.counterparts)
    .where(_c.application == bindparam("application_"), _c.target == bindparam("target_"))
    .values(
        number=bindparam("number_"),
        status=bindparam("status_"),
        status_raw=bindparam("status_raw_"),
        last_contact=bindparam("last_contact_"),
        said_at=bindparam("said_at_"),
    )
)
_FACTS = select(_f.name, _f.value).where(_f.application == bindparam("application_")).order_by(_f.name)
_FACTS_OF = select(_f.application, _f.name, _f.value, _f.target).where(
    _f.application.in_(bindparam("applications", expanding=True))
)
_ADD_FACT = insert(t.facts)
_SET_FACT = (
    update(t.facts)
    .where(_f.application == bindparam("application_"), _f.name == bindparam("name_"))
    .values(
        value=bindparam("value_"),
        target=bindparam("target_"),
        at=bindparam("at_"),
        recorded_at=bindparam("recorded_at_"),
    )
)
_HEARD = select(t.heard.c.message).where(
    t.heard.c.target == bindparam("target_"), t.heard.c.message == bindparam("message_")
)
_ADD_HEARD = insert(t.heard)
_SET_CASE_NUMBER = (
    update(t.applications)
    .where(t.applications.c.id == bindparam("application_"))
    .values(case_number=bindparam("value_"))
)


@dataclass(frozen=True, slots=True)
class GivenFact:
    """A fact as a target gave it."""

    application: str
    name: str
    value: str
    target: str
    at: int
    via: str


class NumbersPart(Part):
    """What the unit of work says about numbers, facts and counterparts."""

    def next_serial(self, day: str, count: int = 1) -> int:
        """The first of `count` serial numbers of the day `YYYYMMDD`, from 1, never given twice."""
        self._must_write()
        name = f"serial:{day}"
        last = self._run(_TAKE, {"name_": name, "count": count}).scalar_one_or_none()
        if last is None:
            self._run(_FIRST, {"name": name, "value": count})
            return 1
        return int(last) - count + 1

    def facts(self, application: str) -> Mapping[str, str]:
        """Facts that targets gave since: name → value."""
        return {row.name: row.value for row in self._run(_FACTS, {"application_": application})}

    def counterparts(self, application: str) -> Sequence[Counterpart]:
        """What each target holds of one application."""
        return [rows.counterpart(row) for row in self._run(_COUNTERPARTS, {"application_": application})]

    def put_facts(self, application: str, target: str, facts: Mapping[str, str], *, at: int, via: str) -> None:
        """Keep facts that a target gave of its own accord; what waited for them may go on."""
        self._must_write()
        given = [GivenFact(application, name, value, target, at, via) for name, value in sorted(facts.items())]
        self._put_facts(given, self._now())

    def hear_once(self, target: str, message: str, *, now: int) -> bool:
        """Remember a message of a target by its own id; False where it was heard before."""
        self._must_write()
        if self._run(_HEARD, {"target_": target, "message_": message}).first() is not None:
            return False
        self._run(_ADD_HEARD, {"target": target, "message": message, "recorded_at": now})
        return True

    def put_counterpart(self, counterpart: Counterpart, event: Event | None) -> None:
        """Remember what a target holds; with an event where it is news."""
        self._must_write()
        self._put_counterparts([counterpart])
        if event is not None:
            self._record(event)

    def _put_counterparts(self, news: Sequence[Counterpart]) -> None:
        """Remember what targets hold. What a target did not say this time stays as it said it before."""
        if not news:
            return
        applications = listed(one.application for one in news)
        held = {
            (row.application, row.target): rows.counterpart(row)
            for row in self._run(_COUNTERPARTS_OF, {"applications": applications})
        }
        known = set(held)
        for one in news:
            held[one.application, one.target] = _joined(held.get((one.application, one.target)), one)
        changed = {(one.application, one.target) for one in news}
        self._run_all(_ADD_COUNTERPART, [_columns(held[place]) for place in sorted(changed - known)])
        self._run_all(
            _SET_COUNTERPART,
            [{f"{name}_": value for name, value in _columns(held[place]).items()} for place in sorted(changed & known)],
        )
        self._add_numbers((one.number, one.application, "counterpart", one.target) for one in news if one.number)

    def _put_facts(self, given: Sequence[GivenFact], now: int) -> None:
        """Keep facts. One belongs to the target that gave it first: another's word does not change it (promise 7)."""
        if not given:
            return
        applications = listed(one.application for one in given)
        held = {
            (row.application, row.name): (row.value, row.target)
            for row in self._run(_FACTS_OF, {"applications": applications})
        }
        added: list[GivenFact] = []
        changed: list[GivenFact] = []
        for one in given:
            value, owner = held.get((one.application, one.name), (None, one.target))
            if value == one.value:
                continue
            if owner != one.target:
                self._record(_fact_event(one, f"{one.name}_contradicted"))
                continue
            (added if value is None else changed).append(one)
            held[one.application, one.name] = (one.value, one.target)
            self._record(_fact_event(one, f"{one.name}_given"))
        self._run_all(_ADD_FACT, [_fact_columns(one, now) for one in added])
        self._run_all(
            _SET_FACT, [{f"{name}_": value for name, value in _fact_columns(one, now).items()} for one in changed]
        )
        kept = [*added, *changed]
        self._run_all(
            _SET_CASE_NUMBER,
            [{"application_": one.application, "value_": one.value} for one in kept if one.name == CASE_NUMBER],
        )
        self._add_numbers((one.value, one.application, one.name, one.target) for one in kept if _is_number(one.name))

    def _add_numbers(self, numbers: Iterable[tuple[str, str, str, str]]) -> None:
        """Make numbers findable: value, application, kind, target."""
        wanted = set(numbers)
        if not wanted:
            return
        held = {tuple(row) for row in self._run(_NUMBERS, {"values": listed(number[0] for number in wanted)})}
        self._run_all(
            _ADD_NUMBER,
            [
                {"value": value, "application": application, "kind": kind, "target": target}
                for value, application, kind, target in sorted(wanted - held)
            ],
        )

    def _carriers(self, number: str) -> list[str]:
        """Applications that any target gave this number to; two at most."""
        return [row.application for row in self._run(_CARRIERS, {"value_": number})]

    def _carrier_at(self, target: str, number: str) -> str | None:
        """The one application that a target gave this number to."""
        carriers = [row.application for row in self._run(_CARRIERS_AT, {"value_": number, "target_": target})]
        return carriers[0] if len(carriers) == 1 else None


def _joined(before: Counterpart | None, now: Counterpart) -> Counterpart:
    """What a target says now, over what it said before."""
    if before is None:
        return now
    says_status = now.status_raw is not None or now.status is not None
    if before.said_at is not None and (now.said_at is None or now.said_at < before.said_at):
        says_status = False  # a receipt, or an older word, does not change what the target has said since
    return Counterpart(
        application=now.application,
        target=now.target,
        number=now.number or before.number,
        status=now.status if says_status else before.status,
        status_raw=now.status_raw if says_status else before.status_raw,
        said_at=now.said_at if says_status else before.said_at,
        last_contact=max((at for at in (before.last_contact, now.last_contact) if at is not None), default=None),
    )


def _columns(one: Counterpart) -> dict[str, object]:
    """A counterpart as columns."""
    return {
        "application": one.application,
        "target": one.target,
        "number": one.number,
        "status": one.status.value if one.status else None,
        "status_raw": one.status_raw,
        "last_contact": one.last_contact,
        "said_at": one.said_at,
    }


def _fact_columns(one: GivenFact, now: int) -> dict[str, object]:
    """A fact as columns."""
    return {
        "application": one.application,
        "name": one.name,
        "value": one.value,
        "target": one.target,
        "at": one.at,
        "recorded_at": now,
    }


def _fact_event(one: GivenFact, act: str) -> Event:
    """That a target gave a fact."""
    return Event(
        act=act, at=one.at, application=one.application, target=one.target, via=one.via, data={"value": one.value}
    )


def _is_number(name: str) -> bool:
    """Whether a fact is a number that people look up."""
    return name.endswith(("number", "_no"))
