"""Matters as data: reading `schemas/matters/<matter>/matter.toml` into frozen records. Rules are run in `rules`."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bridge.errors import SettingsError

MEDIA_TYPES = ("application/pdf", "image/jpeg", "image/png")
MAX_FILE_BYTES = 20 << 20


@dataclass(frozen=True, slots=True)
class TypeInfo:
    """申请类型: one type of a matter."""

    id: str
    title: str
    title_en: str


@dataclass(frozen=True, slots=True)
class RouteStep:
    """One target that hears of a matter, and which others come before it."""

    target: str
    after: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Condition:
    """Something of the document: exists, or is one of `values`. A `*` means any position."""

    pointer: str
    values: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class MaterialRule:
    """申请材料: a file that a matter asks for."""

    code: str
    title: str
    title_en: str
    when: tuple[Condition, ...]
    """Needed where all hold; always, where there are none."""
    optional: bool
    max_bytes: int
    types: tuple[str, ...]
    """Media types taken."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule across fields, as data: its kind, its words, and what its kind asks for."""

    id: str
    kind: str
    severity: str
    pointer: str
    """The box that is told of it."""
    words: tuple[str, str, str, str]
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Identity:
    """Which fields say who applies for which site."""

    applicant: str
    site: tuple[str, ...]
    district: str


@dataclass(frozen=True, slots=True)
class Matter:
    """事项: a kind of permit or filing."""

    name: str
    title: str
    title_en: str
    types: tuple[TypeInfo, ...]
    form: int
    """The current version of its form."""
    route: tuple[RouteStep, ...]
    decider: str
    owners: Mapping[str, str]
    """State or fact → the target whose word it is."""
    identity: Identity
    materials: tuple[MaterialRule, ...]
    rules: tuple[Rule, ...]
    fields: int
    """Boxes of the form."""


def read_matter(path: Path, *, fields: int) -> Matter:
    """The matter in the TOML file at `path`. Raises SettingsError naming the file and what is wrong."""
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
        return Matter(
            name=path.parent.name,
            title=raw["title"],
            title_en=raw["title_en"],
            types=tuple(TypeInfo(**one) for one in raw["type"]),
            form=raw["form"],
            route=tuple(RouteStep(one["target"], tuple(one.get("after", ()))) for one in raw["route"]),
            decider=raw["decider"],
            owners=raw["owners"],
            identity=Identity(**{**raw["identity"], "site": tuple(raw["identity"]["site"])}),
            materials=tuple(_material(one) for one in raw["material"]),
            rules=tuple(_rule(one) for one in raw["rule"]),
            fields=fields,
        )
    except (OSError, KeyError, TypeError, ValueError) as exc:
        raise SettingsError(f"{path.parent.name}/{path.name}", f"事项数据有误 (bad matter): {exc!r}") from exc


def conditions(raw: Any) -> tuple[Condition, ...]:
    """`when` of a material or a rule."""
    return tuple(Condition(one["pointer"], tuple(one.get("values", ()))) for one in raw)


def _material(raw: dict[str, Any]) -> MaterialRule:
    return MaterialRule(
        code=raw["code"],
        title=raw["title"],
        title_en=raw["title_en"],
        when=conditions(raw.get("when", ())),
        optional=raw.get("optional", False),
        max_bytes=raw.get("max_bytes", MAX_FILE_BYTES),
        types=tuple(raw.get("types", MEDIA_TYPES)),
    )


def _rule(raw: dict[str, Any]) -> Rule:
    values = dict(raw)
    words = (values.pop("message"), values.pop("message_en"), values.pop("remedy"), values.pop("remedy_en"))
    return Rule(
        id=values.pop("id"),
        kind=values.pop("kind"),
        severity=values.pop("severity", "error"),
        pointer=values.pop("pointer"),
        words=words,
        values=values,
    )
