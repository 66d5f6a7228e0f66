"""The start of a new adapter: `bridge adapters new` copies this folder. What to change: README.md."""

from __future__ import annotations

from adapters._template.adapter import TemplateAdapter
from bridge.contract.adapter import Adapter, AdapterContext


def create(context: AdapterContext) -> Adapter:
    """The adapter for one installation. Opens nothing."""
    return TemplateAdapter(context)
