"""The manifest: what a target can and allows, as data in `adapters/<target>/manifest.toml`.

The engine reads abilities and limits from here and never asks which target it is. Reading and checking the file is
here; finding it is the registry's.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Literal

from bridge.errors import SettingsError

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
            abilities=Abilities(**raw.pop("abilities")),
            limits=_limits(raw.pop("limits")),
            settings=_settings(raw.pop("settings", {})),
            secrets=_settings(raw.pop("secrets", {})),
            schemas=raw.pop("schemas", {}),
            provenance=raw.pop("provenance", {}),
        )
    except (KeyError, TypeError, ValueError, tomllib.TOMLDecodeError) as exc:
        raise SettingsError(str(path), f"清单文件有误 (bad manifest): {exc}") from exc


def _limits(raw: dict[str, Any]) -> Limits:
    """The limits table, its lists made tuples."""
    known = {f.name for f in fields(Limits)}
    if unknown := set(raw) - known:
        raise ValueError(f"limits: unknown {sorted(unknown)}")
    return Limits(**{**raw, "file_types": tuple(raw["file_types"])})


def _settings(raw: dict[str, dict[str, str]]) -> tuple[Setting, ...]:
    """`[settings.<name>]` tables, in the file's order."""
    return tuple(Setting(name=name, **values) for name, values in raw.items())
