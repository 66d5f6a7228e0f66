"""The kinds of rules across fields. Which rules a matter has is its data (schemas/README.md); what a kind does is here.

A rule is compiled once into a check that gives the pointers at which a document breaks it. A check says nothing of a
box that is missing or not of its type: the form has told that already. Where the rule's own pointer goes through a list
(`/data/contacts/*/id_no`), pointers with the same beginning mean the same row; other `*` mean any row.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any, NamedTuple

from bridge.catalogue.matters import Condition, Rule, conditions
from bridge.catalogue.wholes import WHOLE, Check, decimal
from bridge.errors import SettingsError
from bridge.model import identity
from bridge.model.pointer import Pattern

Registers = Callable[[str], Mapping[str, Mapping[str, str]]]
"""The entries of a register, by key: what `register` of a rule names."""

TODAY = "today"
"""Stands for the day of the check where a rule wants a date."""


class _Scene(NamedTuple):
    """What a row's rule looks at."""

    document: Mapping[str, Any]
    row: Any
    today: dt.date


class _Place:
    """A pointer of a rule, read from the row where it begins like the row, else from the document."""

    def __init__(self, pointer: str, row: str) -> None:
        self._in_row = bool(row) and pointer.startswith(f"{row}/")
        self._pattern = Pattern(pointer.removeprefix(row) if self._in_row else pointer)

    def values(self, scene: _Scene) -> list[Any]:
        return self._pattern.values(scene.row if self._in_row else scene.document)

    def text(self, scene: _Scene) -> str | None:
        """The first text there."""
        for one in self.values(scene):
            if isinstance(one, str):
                return one
        return None


Broken = Callable[[_Scene], bool]


def _no_registers(name: str) -> Mapping[str, Mapping[str, str]]:
    raise KeyError(name)


def compile_rule(rule: Rule, registers: Registers = _no_registers) -> Check:
    """The check of one rule. Raises SettingsError where its kind is unknown or its data are not complete."""
    try:
        if rule.kind in WHOLE:
            return WHOLE[rule.kind](rule.pointer, **rule.values)
        return _by_row(rule, registers)
    except (KeyError, TypeError, ValueError, InvalidOperation, re.error) as exc:
        raise SettingsError(f"rule {rule.id}", f"规则数据有误 (bad rule): {exc!r}") from exc


def may_apply(wanted: Sequence[Condition], type_: str) -> bool:
    """Whether conditions can hold for a document of a type: not where they name other types."""
    return all(type_ in one.values for one in wanted if one.pointer == "/type" and one.values)


def compile_conditions(wanted: Sequence[Condition], row: str = "") -> Broken:
    """Whether all conditions hold: each by at least one of the places that it means; true where there are none."""
    places = [(_Place(one.pointer, row).values, one.values) for one in wanted]

    def holds(scene: _Scene) -> bool:
        for values_at, values in places:
            found = values_at(scene)
            if not (found and (not values or any(_equal_to_one(one, values) for one in found))):
                return False
        return True

    return holds


def compile_when(wanted: Sequence[Condition]) -> Callable[[Mapping[str, Any]], bool]:
    """Whether all conditions hold for a document."""
    holds = compile_conditions(wanted)
    return lambda document: holds(_Scene(document, document, dt.date.min))


def _equal_to_one(value: Any, wanted: Sequence[Any]) -> bool:
    """Equality of JSON: `1` is not `true`."""
    return any(type(value) is type(one) and value == one for one in wanted)


def _by_row(rule: Rule, registers: Registers) -> Check:
    """A rule about one row, or about the document where its pointer goes through no list."""
    values = dict(rule.values)
    if "register" in values:
        values["register"] = registers(values["register"])
    head, star, tail = rule.pointer.rpartition("/*")
    row = head + star
    wanted = compile_conditions(conditions(values.pop("when", ())), row)
    broken = ROWS[rule.kind](_Place(rule.pointer, row), row, **values)
    rows = Pattern(row)

    def check(document: Mapping[str, Any], today: dt.date) -> list[str]:
        scenes = [_Scene(document, one, today) for one in rows.values(document)]
        bad = [place for place, scene in enumerate(scenes) if wanted(scene) and broken(scene)]
        return [f"{rows.places(document)[place][0]}{tail}" for place in bad] if bad else []

    def check_whole(document: Mapping[str, Any], today: dt.date) -> list[str]:
        scene = _Scene(document, document, today)
        return [rule.pointer] if wanted(scene) and broken(scene) else []

    return check if row else check_whole


# -- kinds that look at one row


def _required(own: _Place, _row: str) -> Broken:
    return lambda scene: not own.values(scene)


def _forbidden(own: _Place, _row: str) -> Broken:
    return lambda scene: bool(own.values(scene))


def _at_least_one(_own: _Place, row: str, *, of: Sequence[str]) -> Broken:
    places = [_Place(one, row) for one in of]
    return lambda scene: not any(place.values(scene) for place in places)


def _date_order(_own: _Place, row: str, *, earlier: str, later: str) -> Broken:
    first, second = _date(earlier, row), _date(later, row)

    def broken(scene: _Scene) -> bool:
        one, other = first(scene), second(scene)
        return one is not None and other is not None and one > other

    return broken


def _days_before(
    _own: _Place, row: str, *, date: str, before: str, at_most: int | None = None, at_least: int | None = None
) -> Broken:
    if at_most is None and at_least is None:
        raise ValueError("at_most or at_least")
    first, second = _date(date, row), _date(before, row)

    def broken(scene: _Scene) -> bool:
        one, other = first(scene), second(scene)
        if one is None or other is None:
            return False
        days = (other - one).days
        return (at_most is not None and days > at_most) or (at_least is not None and days < at_least)

    return broken


def _equal(
    _own: _Place,
    row: str,
    *,
    a: str,
    b: str,
    length: int | None = None,
    a_from: int = 0,
    b_from: int = 0,
    unless: Sequence[str] = (),
) -> Broken:
    """Two texts, or `length` characters of each from a place on; not where `a` has nothing, or one of `unless`."""
    first, second = _Place(a, row), _Place(b, row)

    def broken(scene: _Scene) -> bool:
        one, other = first.text(scene), second.text(scene)
        if one is None or other is None:
            return False
        part = one[a_from:][:length]
        return bool(part) and part not in unless and part != other[b_from:][:length]

    return broken


def _differ(_own: _Place, row: str, *, a: str, b: str) -> Broken:
    """Two texts are not the same."""
    first, second = _Place(a, row), _Place(b, row)
    return lambda scene: first.text(scene) is not None and first.text(scene) == second.text(scene)


def _band(
    own: _Place,
    row: str,
    *,
    amount: str,
    of: str,
    register: Mapping[str, Mapping[str, str]],
    entry: str,
    bands: Sequence[tuple[str, str]],
    per: str | None = None,
    name_from: int = 0,
) -> Broken:
    """An amount, divided by what the register says of its kind, lies in the band that the box names.

    `bands` are name and lowest ratio, the highest first; the box names one from its place `name_from` on. `per` is a
    number that the amount is shared by. Silent on what the register does not have.
    """
    much, kind = _Place(amount, row), _Place(of, row)
    shared = _Place(per, row) if per else None
    floors = [(name, Decimal(lowest)) for name, lowest in bands]
    units = {key: Decimal(one[entry]) for key, one in register.items()}

    def broken(scene: _Scene) -> bool:
        declared, number, unit = own.text(scene), decimal(much.text(scene)), units.get(kind.text(scene) or "")
        parts = decimal(shared.text(scene)) if shared else Decimal(1)
        if declared is None or number is None or unit is None or not parts:
            return False
        return declared[name_from:] != next((name for name, low in floors if number / parts / unit >= low), None)

    return broken


def _floor(
    _own: _Place, row: str, *, amount: str, of: str, register: Mapping[str, Mapping[str, str]], entry: str
) -> Broken:
    """An amount is not below what the register says of its kind."""
    much, kind = _Place(amount, row), _Place(of, row)
    lowest = {key: Decimal(one[entry]) for key, one in register.items()}

    def broken(scene: _Scene) -> bool:
        number, least = decimal(much.text(scene)), lowest.get(kind.text(scene) or "")
        return number is not None and least is not None and number < least

    return broken


def _unlike(own: _Place, _row: str, *, having: str) -> Broken:
    """A text has something that such texts do not have, found by a regular expression."""
    search = re.compile(having).search
    return lambda scene: bool(search(own.text(scene) or ""))


def _same_means_same(_own: _Place, row: str, *, a: str, b: str, c: str, d: str) -> Broken:
    """Where the texts at `a` and `b` are the same, those at `c` and `d` are not."""
    first, second, third, fourth = (_Place(one, row) for one in (a, b, c, d))

    def broken(scene: _Scene) -> bool:
        one, other = third.text(scene), fourth.text(scene)
        if one is None or other is None or one == other:
            return False
        name = first.text(scene)
        return name is not None and name == second.text(scene)

    return broken


def _inside(_own: _Place, row: str, *, lon: str, lat: str, west: str, east: str, south: str, north: str) -> Broken:
    x, y = _Place(lon, row), _Place(lat, row)
    left, right, low, high = (Decimal(side) for side in (west, east, south, north))

    def broken(scene: _Scene) -> bool:
        here = decimal(x.text(scene)), decimal(y.text(scene))
        return None not in here and not (left <= (here[0] or 0) <= right and low <= (here[1] or 0) <= high)

    return broken


def _id_card(own: _Place, _row: str, *, doubt: bool = False) -> Broken:
    """GB 11643: the check character, or (as a doubt) region and birth date of a number that is right."""

    def broken(scene: _Scene) -> bool:
        number = own.text(scene)
        if number is None:
            return False
        wrong = identity.id_card_problem(number)
        return bool(not wrong and identity.id_card_doubt(number, scene.today)) if doubt else bool(wrong)

    return broken


def _date(pointer: str, row: str) -> Callable[[_Scene], dt.date | None]:
    """A date of the document, or today; None where it is missing or no date."""
    if pointer == TODAY:
        return lambda scene: scene.today
    place = _Place(pointer, row)

    def read(scene: _Scene) -> dt.date | None:
        text = place.text(scene)
        try:
            return dt.date.fromisoformat(text) if text else None
        except ValueError:
            return None

    return read


ROWS: dict[str, Callable[..., Broken]] = {
    "at_least_one": _at_least_one,
    "band": _band,
    "date_order": _date_order,
    "days_before": _days_before,
    "differ": _differ,
    "equal": _equal,
    "floor": _floor,
    "forbidden_when": _forbidden,
    "id_card": _id_card,
    "inside": _inside,
    "required_when": _required,
    "same_means_same": _same_means_same,
    "unlike": _unlike,
}
"""Kinds about one row, by the name that the data use. Each also takes `when`."""
