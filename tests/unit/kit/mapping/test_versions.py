"""Which version of a mapping is used: data of the manifest, never a guess."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.contract.manifest import Manifest, Versions, read_manifest
from bridge.errors import AdapterBug, SettingsError
from bridge.kit.mapping.versions import chosen
from bridge.model.delivery import Kind

DEMO = Path("adapters/demo/manifest.toml")


def manifest(versions: Versions) -> Manifest:
    """A manifest with these versions."""
    return replace(read_manifest(DEMO), versions=versions)


def mappings(there: set[int]) -> dict[tuple[str, Kind, int | None], str]:
    """Each version, and the newest under None, as adapters keep them; another matter beside it."""
    made: dict[tuple[str, Kind, int | None], str] = {("m", Kind.AMEND, 9): "another", ("n", Kind.APPLY, 9): "another"}
    for version in sorted(there):
        made["m", Kind.APPLY, version] = made["m", Kind.APPLY, None] = f"v{version}"
    return made


@given(there=st.sets(st.integers(1, 5)), drafts=st.sets(st.integers(1, 6)), asked=st.integers(1, 6))
def test_the_newest_that_is_no_draft(there: set[int], drafts: set[int], asked: int) -> None:
    """Without a name the newest that is no draft is in force; any version is had that is asked for, a draft too."""
    found = manifest(Versions(drafts=tuple(f"m/apply@{one}" for one in drafts)))
    newest = max(there - drafts, default=None)
    expected = None if newest is None else f"v{newest}"
    bare = {key: one for key, one in mappings(there).items() if key[2] is not None}
    for kept in (mappings(there), bare):
        assert chosen(kept, found, "m", Kind.APPLY, None) == expected
    assert chosen(mappings(there), found, "m", Kind.APPLY, asked) == (f"v{asked}" if asked in there else None)


@given(there=st.sets(st.integers(1, 5), min_size=1), named=st.integers(1, 6))
def test_what_the_manifest_names_is_in_force(there: set[int], named: int) -> None:
    """A version that is named is used, older or newer; one that is not there is a bug of the adapter, not silence."""
    found = manifest(Versions(in_force={"m/apply": named}))
    if named in there:
        assert chosen(mappings(there), found, "m", Kind.APPLY, None) == f"v{named}"
    else:
        with pytest.raises(AdapterBug, match="m/apply"):
            chosen(mappings(there), found, "m", Kind.APPLY, None)


@pytest.mark.parametrize(
    "told",
    [
        "[versions]\ndraft = []",
        '[versions]\ndrafts = ["m/apply"]',
        '[versions]\ndrafts = ["apply@2"]',
        '[versions.in_force]\n"m/apply" = "1"',
        '[versions.in_force]\n"m" = 1',
        '[versions]\ndrafts = ["m/apply@2"]\n[versions.in_force]\n"m/apply" = 2',
    ],
)
def test_a_slip_in_the_manifest_is_told(tmp_path: Path, told: str) -> None:
    """A word or form that is not known, or a draft that is in force, is refused with the file's name."""
    path = tmp_path / "manifest.toml"
    path.write_text(DEMO.read_text(encoding="utf-8") + "\n" + told + "\n", encoding="utf-8")
    with pytest.raises(SettingsError, match="versions"):
        read_manifest(path)


def test_versions_are_read(tmp_path: Path) -> None:
    """Drafts and what is in force, by matter and kind."""
    path = tmp_path / "manifest.toml"
    told = '[versions]\ndrafts = ["m/apply@3"]\n[versions.in_force]\n"m/apply" = 1\n'
    path.write_text(DEMO.read_text(encoding="utf-8") + "\n" + told, encoding="utf-8")
    assert read_manifest(path).versions == Versions({"m/apply": 1}, ("m/apply@3",))
