"""The installation that a command works on: settings read, everything plugged together, closed at the end."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bridge.settings import Settings
    from bridge.wiring import Bridge


def settings() -> Settings:
    """The settings in force; also sets up the logs. Raises SettingsError."""
    from bridge import telemetry
    from bridge.settings import load

    found = load()
    telemetry.configure(found.log_level)
    return found


@contextmanager
def opened() -> Iterator[Bridge]:
    """Everything, plugged together. Raises SettingsError where `bridge init` has not been run."""
    from bridge.wiring import build

    bridge = build(settings())
    try:
        yield bridge
    finally:
        bridge.close()
