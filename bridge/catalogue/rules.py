"""The kinds of rules across fields. Which rules a matter has is its data (schemas/README.md); what a kind does is here.

A kind looks at a document whose structure is right and gives the pointers at which the rule is broken.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from bridge.catalogue.matters import Condition, Rule, conditions
from bridge.errors import SettingsError
from bridge.model.pointer import select

Check = Callable[[Mapping[str, Any], dt.date], Iterator[str]]
"""(document, today) → pointers at which it is broken."""


def holds(document: Mapping[str, Any], wanted: Sequence[Condition]) -> bool:
    """Whether all conditions hold: each by at least one of the places that it means."""
    return all(
        any(not one.values or value in one.values for _, value in select(document, one.pointer)) for one in wanted
    )


def compile_rule(rule: Rule) -> Check:
    """The check of one rule. Raises SettingsError where its kind is unknown or its data are not complete."""
    try:
        return KINDS[rule.kind](rule.pointer, **rule.values)
    except (KeyError, TypeError) as exc:
        raise SettingsError(f"rule {rule.id}", f"规则数据有误 (bad rule): {exc!r}") from exc


def _required_when(pointer: str, *, when: Any) -> Check:
    wanted = conditions(when)

    def check(document: Mapping[str, Any], _today: dt.date) -> Iterator[str]:
        if holds(document, wanted) and not any(True for _ in select(document, pointer)):
            yield pointer

    return check


def _forbidden_when(pointer: str, *, when: Any) -> Check:
    wanted = conditions(when)

    def check(document: Mapping[str, Any], _today: dt.date) -> Iterator[str]:
        if holds(document, wanted):
            yield from (at for at, _ in select(document, pointer))

    return check


def _references(pointer: str, *, to: Sequence[str]) -> Check:
    def check(document: Mapping[str, Any], _today: dt.date) -> Iterator[str]:
        known = {value for pattern in to for _, value in select(document, pattern)}
        yield from (at for at, value in select(document, pointer) if value not in known)

    return check


def _unique(pointer: str) -> Check:
    def check(document: Mapping[str, Any], _today: dt.date) -> Iterator[str]:
        seen = set()
        for at, value in select(document, pointer):
            if value in seen:
                yield at
            seen.add(value)

    return check


def _sum_at_most(pointer: str, *, by: str, total: str) -> Check:
    def check(document: Mapping[str, Any], _today: dt.date) -> Iterator[str]:
        totals = {_beside(document, at, by): amounts for at, amounts in select(document, total)}
        sums: dict[Any, list[Decimal]] = {}
        last: dict[Any, str] = {}
        for at, amounts in select(document, pointer):
            group = _beside(document, at, by)
            sums[group] = [a + _amount(b) for a, b in zip(sums.get(group, [Decimal(0)] * 5), amounts, strict=True)]
            last[group] = at
        for group, added in sums.items():
            most = totals.get(group)
            if most and any(b != "/" and a > _amount(b) for a, b in zip(added, most, strict=True)):
                yield last[group]

    return check


def _beside(document: Mapping[str, Any], at: str, name: str) -> Any:
    """The neighbour of a field by name."""
    parent = at.rpartition("/")[0]
    return next((value for _, value in select(document, f"{parent}/{name}")), None)


def _amount(text: str) -> Decimal:
    return Decimal(0) if text == "/" else Decimal(text)


def _date_order(pointer: str, *, earlier: str, later: str) -> Check:
    def check(document: Mapping[str, Any], today: dt.date) -> Iterator[str]:
        first, second = _date(document, earlier, today), _date(document, later, today)
        if first and second and first > second:
            yield pointer

    return check


def _days_before(pointer: str, *, date: str, before: str, at_most: int) -> Check:
    def check(document: Mapping[str, Any], today: dt.date) -> Iterator[str]:
        first, second = _date(document, date, today), _date(document, before, today)
        if first and second and (second - first).days > at_most:
            yield pointer

    return check


def _date(document: Mapping[str, Any], pointer: str, today: dt.date) -> dt.date | None:
    """A date of the document, or today."""
    if pointer == "today":
        return today
    return next((dt.date.fromisoformat(value) for _, value in select(document, pointer)), None)


def _equal(pointer: str, *, a: str, b: str, length: int) -> Check:
    def check(document: Mapping[str, Any], _today: dt.date) -> Iterator[str]:
        first = next((value for _, value in select(document, a)), None)
        second = next((value for _, value in select(document, b)), None)
        if first is not None and second is not None and first[:length] != second[:length]:
            yield pointer

    return check


def _inside(pointer: str, *, lon: str, lat: str, west: str, east: str, south: str, north: str) -> Check:
    box = tuple(Decimal(side) for side in (west, east, south, north))

    def check(document: Mapping[str, Any], _today: dt.date) -> Iterator[str]:
        x = next((Decimal(value) for _, value in select(document, lon)), None)
        y = next((Decimal(value) for _, value in select(document, lat)), None)
        if x is not None and y is not None and not (box[0] <= x <= box[1] and box[2] <= y <= box[3]):
            yield pointer

    return check


def _at_least_one(pointer: str, *, of: Sequence[str]) -> Check:
    def check(document: Mapping[str, Any], _today: dt.date) -> Iterator[str]:
        if not any(True for one in of for _ in select(document, one)):
            yield pointer

    return check


KINDS: dict[str, Callable[..., Check]] = {
    "at_least_one": _at_least_one,
    "date_order": _date_order,
    "days_before": _days_before,
    "equal": _equal,
    "forbidden_when": _forbidden_when,
    "inside": _inside,
    "references": _references,
    "required_when": _required_when,
    "sum_at_most": _sum_at_most,
    "unique": _unique,
}
"""Each kind, by the name that the data use."""
