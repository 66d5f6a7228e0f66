"""The targets as the engine knows them: an adapter, and whether we may write there. Which ones exist is wiring's."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from bridge.contract.adapter import Adapter
from bridge.errors import NotFound, SettingsError


class Mode(StrEnum):
    """What we may do at a target, per matter."""

    WRITE = "write"
    """Deliver and read."""
    OBSERVE = "observe"
    """Read and reconcile, never write."""
    OFF = "off"
    """Leave it alone."""


@dataclass(frozen=True, slots=True)
class Target:
    """One target with its adapter."""

    adapter: Adapter
    mode: Callable[[str], Mode]
    """The mode for a matter, by its name."""
    unusable: SettingsError | None = None
    """Why no call can be made: a setting is missing. The mapping works all the same."""

    @property
    def id(self) -> str:
        """The target's name."""
        return self.adapter.manifest.id

    @property
    def settle_micros(self) -> int:
        """The longest time after an attempt in which the target may still commit it, in microseconds."""
        return int(self.adapter.manifest.settle_seconds * 1_000_000)


class Targets(Mapping[str, Target]):
    """All targets that are plugged in, by name."""

    def __init__(self, targets: Mapping[str, Target]) -> None:
        self._targets = dict(targets)

    def __getitem__(self, name: str) -> Target:
        try:
            return self._targets[name]
        except KeyError:
            known = "、".join(sorted(self._targets))
            raise NotFound(f"没有名为 {name} 的对接系统，已接入：{known} (no such target; known: {known})") from None

    def __contains__(self, name: object) -> bool:
        return name in self._targets

    def __iter__(self) -> Iterator[str]:
        return iter(self._targets)

    def __len__(self) -> int:
        return len(self._targets)
