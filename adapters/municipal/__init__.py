"""天津市政务一网通: takes applications in (收件) and gives the 办件编号. What of it is invented: README.md."""

from __future__ import annotations

from adapters.municipal.adapter import MunicipalAdapter
from bridge.contract.adapter import Adapter, AdapterContext


def create(context: AdapterContext) -> Adapter:
    """The adapter for one installation. Opens nothing."""
    return MunicipalAdapter(context)
