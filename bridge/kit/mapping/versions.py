"""Which version of a mapping is used: the one asked for, else the one in force by the manifest.

A delivery keeps the version that it was made with, so every version stays; switching is data (`[versions]` of the
manifest). What does not belong here: what a version says (`table`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from bridge.contract.manifest import Manifest
from bridge.errors import AdapterBug
from bridge.model.delivery import Kind

M = TypeVar("M")


def chosen(
    mappings: Mapping[tuple[str, Kind, int | None], M], manifest: Manifest, matter: str, kind: Kind, version: int | None
) -> M | None:
    """The mapping of a matter and kind, of that version, or of the one in force where `version` is None.

    In force is what the manifest names, else the newest that is no draft. `mappings` may hold the newest under version
    None, too. Raises AdapterBug where the manifest names a version that is not there.
    """
    if version is not None:
        return mappings.get((matter, kind, version))
    named = manifest.versions.named(matter, kind.value)
    if named is not None and (matter, kind, named) not in mappings:
        raise AdapterBug(f"{manifest.id}: [versions] {matter}/{kind.value} = {named}：没有这一版 (no such version)")
    if named is None and (manifest.versions.drafts or (matter, kind, None) not in mappings):
        named = max(_ready(mappings, manifest, matter, kind), default=-1)
    return mappings.get((matter, kind, named))


def _ready(
    mappings: Mapping[tuple[str, Kind, int | None], M], manifest: Manifest, matter: str, kind: Kind
) -> list[int]:
    """The versions that are no drafts."""
    there = [version for name, what, version in mappings if (name, what) == (matter, kind) and version is not None]
    return [version for version in there if not manifest.versions.is_draft(matter, kind.value, version)]
