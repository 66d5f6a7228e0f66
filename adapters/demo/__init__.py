"""A target that lives in memory and fails on purpose, so that every way out of a delivery can be seen on a laptop.

It is in no matter's route. What a real adapter's folder looks like: `adapters/_template`.
"""

from __future__ import annotations

from adapters.demo.adapter import DemoAdapter
from bridge.contract.adapter import Adapter, AdapterContext


def create(context: AdapterContext) -> Adapter:
    """The adapter, behaving as the setting `behaviour` says. Raises SettingsError for a behaviour it does not know."""
    return DemoAdapter(context)
