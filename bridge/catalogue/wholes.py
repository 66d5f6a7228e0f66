"""The kinds of rules that look at a whole document: references, what is there once, sums. By row: `rules`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from bridge.model.pointer import Pattern

Check = Callable[[Mapping[str, Any], dt.date], list[str]]
"""(document, today) → pointers at which it is broken."""


def decimal(text: Any) -> Decimal | None:
    """A decimal string as a number; None for `/` and for what is none."""
    if not isinstance(text, str) or text == "/":
        return None
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def _references(pointer: str, *, to: Sequence[str]) -> Check:
    own, others = Pattern(pointer), [Pattern(one) for one in to]

    def check(document: Mapping[str, Any], _today: dt.date) -> list[str]:
        known = {value for one in others for value in one.values(document) if isinstance(value, str)}
        if all(value in known for value in own.values(document) if isinstance(value, str)):
            return []
        return [at for at, value in own.places(document) if isinstance(value, str) and value not in known]

    return check


def _unique(pointer: str) -> Check:
    own = Pattern(pointer)

    def check(document: Mapping[str, Any], _today: dt.date) -> list[str]:
        values = [value for value in own.values(document) if isinstance(value, str)]
        if len(set(values)) == len(values):
            return []
        seen: set[str] = set()
        again = []
        for at, value in own.places(document):
            if isinstance(value, str):
                if value in seen:
                    again.append(at)
                seen.add(value)
        return again

    return check


def _above(pointer: str, *, limit: str) -> Check:
    """An amount is larger than any that is usual: perhaps it is in another unit."""
    own, most, digits = Pattern(pointer), Decimal(limit), len(str(int(limit)))

    def is_larger(text: Any) -> bool:
        if not isinstance(text, str) or len(text.partition(".")[0]) < digits:
            return False  # as nearly all: fewer digits before the point
        number = decimal(text)
        return number is not None and number > most

    def check(document: Mapping[str, Any], _today: dt.date) -> list[str]:
        if not any(map(is_larger, own.values(document))):
            return []
        return [at for at, value in own.places(document) if is_larger(value)]

    return check


def _sum_at_most(pointer: str, *, by: str, total: str) -> Check:
    """Lists of amounts, added by the neighbour `by`, against the list of the same neighbour; told at the total."""
    row, _, name = pointer.rpartition("/")
    total_row, _, total_name = total.rpartition("/")
    parts, totals = Pattern(row), Pattern(total_row)

    def check(document: Mapping[str, Any], _today: dt.date) -> list[str]:
        if _is_within(parts.values(document), totals.values(document), by, name, total_name):
            return []
        most = [(at, *_amounts(one, by, total_name)) for at, one in totals.places(document)]
        sums = {group: [Decimal(0)] * len(amounts) for _, group, amounts in most}
        for one in parts.values(document):
            group, amounts = _amounts(one, by, name)
            if group in sums:
                sums[group] = [so_far + (amount or 0) for so_far, amount in zip(sums[group], amounts, strict=False)]
        return [
            f"{at}/{total_name}/{place}"
            for at, group, amounts in most
            for place, (amount, added) in enumerate(zip(amounts, sums[group], strict=False))
            if amount is not None and added > amount
        ]

    return check


def _is_within(parts: list[Any], totals: list[Any], by: str, name: str, total_name: str) -> bool:
    """Whether no total is passed, told quickly; False also where a value is odd and the careful way must look."""
    try:
        room = {one[by]: [None if x == "/" else Decimal(x) for x in one[total_name]] for one in totals}
        for one in parts:
            if (left := room.get(one[by])) is not None:
                left[:] = [
                    most if most is None or amount == "/" else most - Decimal(amount)
                    for most, amount in zip(left, one[name], strict=False)
                ]
        return len(room) == len(totals) and all(not most or most > 0 for left in room.values() for most in left)
    except (KeyError, TypeError, ValueError, InvalidOperation):
        return False


def _sum_band(pointer: str, *, amount: str, by: str, bands: Sequence[tuple[str, str]]) -> Check:
    """Amounts, added by the neighbour `by`, lie in the band that the box names; `bands` are name and lowest sum."""
    row, _, name = pointer.rpartition("/")
    rows, floors = Pattern(row), [(band, Decimal(lowest)) for band, lowest in bands]

    def check(document: Mapping[str, Any], _today: dt.date) -> list[str]:
        sums: dict[str, Decimal] = {}
        named = ((at, one) for at, one in rows.places(document) if isinstance(one, dict))
        told = [(at, one) for at, one in named if isinstance(one.get(by), str)]
        for _, one in told:
            sums[one[by]] = sums.get(one[by], Decimal(0)) + (decimal(one.get(amount)) or 0)
        fits = {group: next((band for band, low in floors if added >= low), None) for group, added in sums.items()}
        return [f"{at}/{name}" for at, one in told if isinstance(one.get(name), str) and one[name] != fits[one[by]]]

    return check


def _amounts(row: Any, by: str, name: str) -> tuple[str | None, list[Decimal | None]]:
    """What a row's list of amounts is of, and the amounts; None stands for no amount (`/`)."""
    group = row.get(by) if isinstance(row, dict) else None
    amounts = row.get(name) if isinstance(row, dict) else None
    if not isinstance(group, str) or not isinstance(amounts, list):
        return None, []
    return group, [decimal(one) for one in amounts]


WHOLE: dict[str, Callable[..., Check]] = {
    "above": _above,
    "references": _references,
    "sum_band": _sum_band,
    "sum_at_most": _sum_at_most,
    "unique": _unique,
}
"""Kinds about the whole document."""
