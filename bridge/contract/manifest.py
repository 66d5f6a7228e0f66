"""The manifest: what a target can and allows, as data in `adapters/<target>/manifest.toml`.

The engine reads abilities and limits from here and never asks which target it is. Reading and checking the file is
here; finding it is the registry's.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Literal

from bridge.errors import SettingsError

NAME = re.compile(r"[a-z][a-z0-9-]*/[a-z]+", re.ASCII)
"""A mapping of a target: `<matter>/<kind>`."""

LengthUnit = Literal["characters", "utf16", "gbk"]
"""How a target counts the length of a text: Unicode characters, UTF-16 units, or bytes in GB 18030."""


@dataclass(frozen=True, slots=True)
class Abilities:
    """What the target can do. An engine rule may depend on these, never on the target's name."""

    idempotent_create: bool
    """The same key sent twice makes one record."""
    find: bool
    """The target can be asked whether it holds a delivery."""
    changes: bool
    """It tells what has changed since a cursor."""
    callbacks: bool
    """It calls us."""
    records: bool
    """It tells what it holds."""
    batch: int
    """Deliveries per `send`."""
    stages: tuple[str, ...] = ()
    """What one delivery goes through there, in order (draft, publish, sign, submit); empty where it is one step."""
    acts_for_company: bool = False
    """It keeps an account per company and site, under which we act once it is bound to us."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What the target allows."""

    concurrency: int
    """Deliveries under way at once."""
    calls_per_second: float
    """Calls per second, all together."""
    length_unit: LengthUnit
    file_bytes: int
    """The largest single file."""
    total_bytes: int
    """All files of one application together."""
    file_name_length: int
    """In `length_unit`."""
    file_types: tuple[str, ...]
    """Media types taken."""


@dataclass(frozen=True, slots=True)
class Setting:
    """One value that an operator gives: `BRIDGE_TARGETS__<TARGET>__<NAME>`."""

    name: str
    help: str
    default: str | None = None
    """None: it must be given."""


@dataclass(frozen=True, slots=True)
class Versions:
    """Which version of each mapping makes new deliveries. What is not named here: the newest that is no draft."""

    in_force: Mapping[str, int] = field(default_factory=dict)
    """`<matter>/<kind>` → version."""
    drafts: tuple[str, ...] = ()
    """`<matter>/<kind>@<version>`: there to be looked at (`bridge mapping diff`), not switched on."""

    def named(self, matter: str, kind: str) -> int | None:
        """The version that the manifest names, if any."""
        return self.in_force.get(f"{matter}/{kind}")

    def is_draft(self, matter: str, kind: str, version: int) -> bool:
        """Whether a version is not to be used unless it is asked for."""
        return f"{matter}/{kind}@{version}" in self.drafts


@dataclass(frozen=True, slots=True)
class Manifest:
    """One target, as data."""

    id: str
    """The folder's name, and the target's name everywhere."""
    title: str
    title_en: str
    settle_seconds: float
    """The longest time after the end of an attempt in which the target may still commit it."""
    kinds: tuple[str, ...]
    """Which deliveries it takes."""
    gives: tuple[str, ...]
    """Facts that only this target gives (`case_number`, …)."""
    abilities: Abilities
    limits: Limits
    settings: tuple[Setting, ...]
    secrets: tuple[Setting, ...]
    schemas: Mapping[str, str] = field(default_factory=dict)
    """Target schema of each matter, `<matter>` → file under the adapter's `schemas/`."""
    versions: Versions = field(default_factory=Versions)
    provenance: Mapping[str, str] = field(default_factory=dict)
    """What each part of this adapter rests on, with its confidence (HIGH, MEDIUM, LOW, INVENTED)."""


def length(text: str, unit: LengthUnit) -> int:
    """The length of a text as a target counts it."""
    if unit == "utf16":
        return len(text.encode("utf-16-le", "surrogatepass")) // 2
    return len(text.encode("gb18030", "replace")) if unit == "gbk" else len(text)


def read_manifest(path: Path) -> Manifest:
    """The manifest in the TOML file at `path`.

    Raises SettingsError naming the file and the key that is missing, unknown or of the wrong type.
    """
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
        return Manifest(
            id=raw.pop("id"),
            title=raw.pop("title"),
            title_en=raw.pop("title_en"),
            settle_seconds=float(raw.pop("settle_seconds")),
            kinds=tuple(raw.pop("kinds")),
            gives=tuple(raw.pop("gives", ())),
            abilities=_abilities(raw.pop("abilities")),
            limits=_limits(raw.pop("limits")),
            settings=_settings(raw.pop("settings", {})),
            secrets=_settings(raw.pop("secrets", {})),
            schemas=raw.pop("schemas", {}),
            versions=_versions(raw.pop("versions", {})),
            provenance=raw.pop("provenance", {}),
        )
    except (KeyError, TypeError, ValueError, tomllib.TOMLDecodeError) as exc:
        raise SettingsError(str(path), f"清单文件有误 (bad manifest): {exc}") from exc


def _abilities(raw: dict[str, Any]) -> Abilities:
    """The abilities table, its list made a tuple. Raises TypeError for one unknown."""
    return Abilities(**{**raw, "stages": tuple(raw.get("stages", ()))})


def _limits(raw: dict[str, Any]) -> Limits:
    """The limits table, its lists made tuples."""
    known = {f.name for f in fields(Limits)}
    if unknown := set(raw) - known:
        raise ValueError(f"limits: unknown {sorted(unknown)}")
    return Limits(**{**raw, "file_types": tuple(raw["file_types"])})


def _versions(raw: dict[str, Any]) -> Versions:
    """`[versions]`: `drafts`, a list, and `[versions.in_force]`. Raises ValueError."""
    in_force, drafts = dict(raw.pop("in_force", {})), tuple(raw.pop("drafts", ()))
    if raw:
        raise ValueError(f"versions: unknown {sorted(raw)}")
    if wrong := [name for name, one in in_force.items() if type(one) is not int or not NAME.fullmatch(name)]:
        raise ValueError(f"versions.in_force: <matter>/<kind> = version is wanted: {wrong}")
    if wrong := [one for one in drafts if not NAME.fullmatch(one.rpartition("@")[0])]:
        raise ValueError(f"versions.drafts: <matter>/<kind>@<version> is wanted: {wrong}")
    if both := [f"{name}@{one}" for name, one in in_force.items() if f"{name}@{one}" in drafts]:
        raise ValueError(f"versions: in force and a draft: {both}")
    return Versions(in_force, drafts)


def _settings(raw: dict[str, dict[str, str]]) -> tuple[Setting, ...]:
    """`[settings.<name>]` tables, in the file's order."""
    return tuple(Setting(name=name, **values) for name, values in raw.items())
