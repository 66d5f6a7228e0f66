"""Every adapter's folder has the same names, and its manifest is its own."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from bridge.registry import MANIFEST, available

NAMES = frozenset({"adapter", "mapping", "codes", "simulator", "client"})
"""Each a module, or a package with a file per matter."""

OTHERS = frozenset({"__init__.py", MANIFEST, "schemas", "README.md"})

REAL = ("adapter", "mapping", "codes", "simulator", "schemas", "README.md", MANIFEST, "__init__.py")
"""What an adapter of a real target must have; only `client` is optional."""

PRETEND = frozenset({"demo"})
"""Targets that do not exist: they need no codes, schemas or simulator."""


def names(folder: Path) -> set[str]:
    """What lies in a folder, modules and packages without their ending."""
    return {path.stem if path.stem in NAMES else path.name for path in folder.iterdir() if path.name != "__pycache__"}


def folders(root: Path) -> Iterable[Path]:
    """The adapters' folders."""
    return (path for path in root.iterdir() if path.is_dir() and path.name != "__pycache__")


def strangers(root: Path) -> list[str]:
    """What lies in an adapter's folder and has no place there."""
    return [f"{folder.name}/{name}" for folder in folders(root) for name in names(folder) - NAMES - OTHERS]


def test_only_the_agreed_names(repository: Path) -> None:
    """Know one adapter, know all: no folder has a file of another name."""
    assert strangers(repository / "adapters") == []


def test_another_name_is_found(tmp_path: Path) -> None:
    """The law can fail: a file of another name is named."""
    (tmp_path / "one").mkdir()
    for name in ("adapter.py", MANIFEST, "helpers.py"):
        (tmp_path / "one" / name).touch()
    assert strangers(tmp_path) == ["one/helpers.py"]


def test_nothing_is_missing(repository: Path) -> None:
    """An adapter of a real target has all that the others have."""
    for folder in folders(repository / "adapters"):
        if folder.name not in PRETEND:
            assert set(REAL) <= names(folder), folder.name


def test_a_manifest_is_its_folders(repository: Path) -> None:
    """Every folder has a manifest whose id is the folder's name, and says what it rests on."""
    found = available(repository / "adapters")
    shown = {folder.name for folder in folders(repository / "adapters") if not folder.name.startswith("_")}
    assert shown == {name for name, one in found.items() if one.folder.parent == repository / "adapters"}
    for name, one in found.items():
        assert one.manifest.provenance, name


def test_schemas_named_are_there(repository: Path) -> None:
    """Every target schema that a manifest names is a file of the adapter's `schemas/`."""
    for found in available(repository / "adapters").values():
        for schema in found.manifest.schemas.values():
            assert list((found.folder / "schemas").glob(f"{schema}.*")), f"{found.manifest.id}: {schema}"
