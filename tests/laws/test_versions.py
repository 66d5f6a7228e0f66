"""What a manifest says of versions is there: nothing is switched on, or held back, that does not exist."""

from __future__ import annotations

from collections.abc import Iterator

from bridge.clock import SystemClock
from bridge.contract.adapter import Adapter
from bridge.contract.manifest import Versions
from bridge.model.delivery import Kind
from bridge.registry import available, build_adapter


def adapters() -> Iterator[Adapter]:
    """Every adapter of ours, for its mappings alone."""
    for found in available().values():
        yield build_adapter(found, {}, {}, clock=SystemClock(), total_seconds=1, strict=False)


def unknown(adapter: Adapter, versions: Versions) -> list[str]:
    """Versions that are named and are not there."""
    named = [*versions.drafts, *(f"{name}@{version}" for name, version in versions.in_force.items())]
    return [one for one in named if not _is_there(adapter, one)]


def _is_there(adapter: Adapter, name: str) -> bool:
    path, _, version = name.partition("@")
    matter, _, kind = path.partition("/")
    return version.isdecimal() and adapter.mapping(matter, Kind(kind), int(version)) is not None


def test_every_version_that_is_named_is_there() -> None:
    """In force or a draft: the adapter has it."""
    assert {one.manifest.id: missing for one in adapters() if (missing := unknown(one, one.manifest.versions))} == {}


def test_the_law_can_fail() -> None:
    """A version that is not there is named, a draft's and one in force."""
    adapter = next(one for one in adapters() if one.manifest.id == "municipal")
    told = Versions({"discharge-permit/apply": 99, "discharge-permit/amend": 1}, ("discharge-permit/apply@x",))
    assert unknown(adapter, told) == ["discharge-permit/apply@x", "discharge-permit/apply@99"]
