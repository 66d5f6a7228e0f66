"""全国核技术利用辐射安全申报系统: the decider's system of 辐射安全许可. What is official, what invented: README.md."""

from __future__ import annotations

from adapters.radiation.adapter import RadiationAdapter
from bridge.contract.adapter import Adapter, AdapterContext


def create(context: AdapterContext) -> Adapter:
    """The adapter for one installation. Opens nothing."""
    return RadiationAdapter(context)
