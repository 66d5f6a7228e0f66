"""国家政务服务平台: is shown what was accepted and decided, by rows in a front-end database (README.md)."""

from __future__ import annotations

from adapters.national.adapter import NationalAdapter
from bridge.contract.adapter import Adapter, AdapterContext


def create(context: AdapterContext) -> Adapter:
    """The adapter for one installation. Opens nothing. Raises SettingsError where a setting does not suit it."""
    return NationalAdapter(context)
