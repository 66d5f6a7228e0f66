"""Matters as data: reading `schemas/matters/<matter>/matter.toml` into frozen records. Rules are run in `rules`."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bridge.errors import SettingsError, Severity
from bridge.model.lifecycle import ApplicationState

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
    """One target that hears of a matter, and from when on."""

    target: str
    after: ApplicationState | None
    """The state, by its owner's word, at which the target is told first; None: at once."""


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
    hint: str
    hint_en: str


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule across fields, as data: its kind, its words, and what its kind asks for."""

    id: str
    kind: str
    severity: Severity
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
    """By which the competent body is found."""
    park: str = ""
    """The functional zone or park that may have a body of its own; "" where there is none."""


@dataclass(frozen=True, slots=True)
class Matter:
    """事项: a kind of permit or filing."""

    name: str
    title: str
    title_en: str
    guidance: str
    """What everybody should know before beginning; "" for nothing."""
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


def read_matter(path: Path) -> Matter:
    """The matter in the TOML file at `path`; its boxes are not counted yet.

    Raises SettingsError naming the file and what is missing, unknown or there twice.
    """
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
        matter = Matter(
            name=path.parent.name,
            title=raw.pop("title"),
            title_en=raw.pop("title_en"),
            guidance=raw.pop("guidance", ""),
            types=tuple(TypeInfo(**one) for one in raw.pop("type")),
            form=raw.pop("form"),
            route=tuple(_step(one) for one in raw.pop("route")),
            decider=raw.pop("decider"),
            owners=raw.pop("owners"),
            identity=_identity(raw.pop("identity")),
            materials=tuple(_material(one) for one in raw.pop("material", ())),
            rules=tuple(_rule(one) for one in raw.pop("rule", ())),
            fields=0,
        )
        _check(matter, raw)
    except (OSError, KeyError, TypeError, ValueError) as exc:
        raise SettingsError(f"{path.parent.name}/{path.name}", f"事项数据有误 (bad matter): {exc!r}") from exc
    return matter


def conditions(raw: Any) -> tuple[Condition, ...]:
    """`when` of a material or a rule."""
    return tuple(Condition(one["pointer"], tuple(one.get("values", ()))) for one in raw)


def pointers(matter: Matter) -> Iterator[tuple[str, str]]:
    """(what names it, pointer) for every pointer in the matter's data; each must lead to a place of the form."""
    identity = matter.identity
    for pointer in (identity.applicant, identity.district, *identity.site, identity.park):
        if pointer:
            yield "identity", pointer
    for material in matter.materials:
        for condition in material.when:
            yield f"material {material.code}", condition.pointer
    for rule in matter.rules:
        yield f"rule {rule.id}", rule.pointer
        for value in _texts(rule.values):
            if value.startswith("/data/"):
                yield f"rule {rule.id}", value


def _texts(value: Any) -> Iterator[str]:
    """Every text of a rule's data, but not the values that a condition compares with."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for name, part in value.items():
            if name != "values":
                yield from _texts(part)
    elif isinstance(value, list):
        for part in value:
            yield from _texts(part)


def _check(matter: Matter, rest: Mapping[str, Any]) -> None:
    """What a file of a matter must not have. Raises ValueError."""
    if rest:
        raise ValueError(f"unknown: {sorted(rest)}")
    if type(matter.form) is not int:
        raise ValueError("form is a whole number")
    for what, names in (
        ("type", [one.id for one in matter.types]),
        ("route", [one.target for one in matter.route]),
        ("material", [one.code for one in matter.materials]),
        ("rule", [one.id for one in matter.rules]),
    ):
        if twice := sorted({one for one in names if names.count(one) > 1}):
            raise ValueError(f"{what} twice: {twice}")
    if silent := [one.id for one in matter.rules if not all(one.words)]:
        raise ValueError(f"rule without words: {silent}")
    if ownerless := [step.after.value for step in matter.route if step.after and step.after.value not in matter.owners]:
        raise ValueError(f"route: after {sorted(ownerless)}, which nobody owns")


def _step(raw: dict[str, Any]) -> RouteStep:
    return RouteStep(**{**raw, "after": ApplicationState(raw["after"]) if "after" in raw else None})


def _identity(raw: dict[str, Any]) -> Identity:
    return Identity(**{**raw, "site": tuple(raw["site"])})


def _material(raw: dict[str, Any]) -> MaterialRule:
    values = {
        "when": (),
        "optional": False,
        "max_bytes": MAX_FILE_BYTES,
        "types": MEDIA_TYPES,
        "hint": "",
        "hint_en": "",
        **raw,
    }
    return MaterialRule(**{**values, "when": conditions(values["when"]), "types": tuple(values["types"])})


def _rule(raw: dict[str, Any]) -> Rule:
    values = dict(raw)
    severity = values.pop("severity", "error")
    if severity not in {"error", "warning"}:
        raise ValueError(f"severity of rule {raw['id']}")
    words = (values.pop("message"), values.pop("message_en"), values.pop("remedy"), values.pop("remedy_en"))
    return Rule(
        id=values.pop("id"),
        kind=values.pop("kind"),
        severity=severity,
        pointer=values.pop("pointer"),
        words=words,
        values=values,
    )
