"""全国排污许可证管理信息平台: the decider's system of 排污许可. What is official and what is invented: README.md."""

from __future__ import annotations

from adapters.discharge.adapter import DischargeAdapter
from bridge.contract.adapter import Adapter, AdapterContext


def create(context: AdapterContext) -> Adapter:
    """The adapter for one installation. Opens nothing."""
    return DischargeAdapter(context)
