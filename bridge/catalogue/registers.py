"""Registers and items as data: competent bodies, districts, what each body offers, and tables that rules look up.

Read from `registers/` and `items/` of the schemas folder. What belongs here: reading these files and finding one
entry. What does not: forms and rules.
"""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from bridge.errors import NotFound, SettingsError

FACTS = (
    "task_code",
    "catalog_code",
    "task_handle_item",
    "task_version",
    "task_name",
    "project_type",
    "promise_days",
    "promise_unit",
    "legal_days",
    "legal_unit",
)
"""Of an item, what goes with every application."""


@dataclass(frozen=True, slots=True)
class Body:
    """审批机关: a competent body."""

    code: str
    name: str
    uscc: str
    district: str
    """GB/T 2260; `120000` is the whole city."""
    decides: tuple[str, ...]
    """Matters."""
    parks: tuple[str, ...] = ()
    """Functional zones and parks, by name: a site in one of these is its business, whatever its district."""


@dataclass(frozen=True, slots=True)
class Item:
    """业务办理项: a matter and type as one body offers it, from a day and perhaps to a day (both included)."""

    matter: str
    type: str
    valid_from: dt.date
    valid_to: dt.date | None
    facts: Mapping[str, str | int]


def districts(root: Path) -> dict[str, str | None]:
    """District codes with their successors; None for one that is in force. Raises SettingsError."""
    found = _entries((root / "registers/districts").glob("*.toml"), "district")
    return {one["code"]: one.get("successor") for _, one in found if "code" in one}


def bodies(root: Path) -> list[Body]:
    """All bodies, in the order of their files. Raises SettingsError."""
    made = []
    for path, raw in _entries((root / "registers/bodies").glob("*.toml"), "body"):
        try:
            values: dict[str, Any] = {
                name: tuple(value) if isinstance(value, list) else value for name, value in raw.items()
            }
            made.append(Body(**values))
        except TypeError as exc:
            known = ", ".join(one.name for one in fields(Body))
            raise SettingsError(path.name, f"机关数据有误，字段为 {known} (bad body): {exc}") from exc
    return made


def items(root: Path) -> dict[str, list[Item]]:
    """The items of each body, newest first. Raises SettingsError."""
    made: dict[str, list[Item]] = {}
    for path in sorted((root / "items").glob("*.toml")):
        raw = _toml(path)
        try:
            made[raw["body"]] = sorted((_item(one) for one in raw["item"]), key=_began, reverse=True)
        except (KeyError, TypeError) as exc:
            raise SettingsError(path.name, f"业务办理项数据有误 (bad item): {exc!r}") from exc
    return made


def entries(root: Path, name: str) -> dict[str, Mapping[str, str]]:
    """The entries of the register `registers/<name>`, by key. Raises SettingsError where there is no such register."""
    found: dict[str, Mapping[str, str]] = {
        one.pop("key"): one for _, one in _entries((root / "registers" / name).glob("*.toml"), "entry")
    }
    if not found:
        raise SettingsError(f"registers/{name}", "没有这个登记表，或其中没有条目 (no such register, or no entry in it)")
    return found


def body_for(found: Sequence[Body], matter: str, district: str, park: str | None) -> Body:
    """The body that decides a matter for a site: the park's own where there is one, else the district's.

    Where the matter is no district's, it is the body's of the whole city. Raises NotFound.
    """
    able = [body for body in found if matter in body.decides]
    for body in able:
        if park is not None and park in body.parks:
            return body
    for body in able:
        if body.district == district and not body.parks:
            return body
    for body in able:
        if body.district == f"{district[:2]}0000":
            return body
    raise NotFound("没有登记该区的审批机关 (no competent body is registered for the district)")


def item_on(found: Iterable[Item], matter: str, type_: str, on: dt.date) -> Item:
    """The item of a matter and type that is in force on a day. Raises NotFound."""
    for item in found:
        began = item.valid_from <= on and (item.valid_to is None or on <= item.valid_to)
        if began and (item.matter, item.type) == (matter, type_):
            return item
    raise NotFound("没有登记该机关的业务办理项 (no item is registered for the body)")


def _item(raw: Mapping[str, Any]) -> Item:
    """One item. Raises KeyError, TypeError."""
    if not isinstance(raw["valid_from"], dt.date):
        raise TypeError("valid_from")
    facts = {name: raw[name] for name in FACTS}
    return Item(raw["matter"], raw["type"], raw["valid_from"], raw.get("valid_to"), facts)


def _began(item: Item) -> dt.date:
    return item.valid_from


def _entries(paths: Iterable[Path], name: str) -> list[tuple[Path, dict[str, Any]]]:
    """The `[[name]]` tables of files, with the file of each."""
    return [(path, one) for path in sorted(paths) for one in _toml(path).get(name, ())]


def _toml(path: Path) -> dict[str, Any]:
    """A data file. Raises SettingsError naming it."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as exc:
        raise SettingsError(path.name, f"无法读取 (cannot be read): {exc}") from exc
