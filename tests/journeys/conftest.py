"""A fresh installation for each journey; the simulators are started once and forget everything between journeys."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bridge.testing.driver import Installation, Simulators, simulators

FAST = {"BRIDGE_RETRY__FIRST_SECONDS": "0.5", "BRIDGE_RETRY__CAP_SECONDS": "2", "BRIDGE_HTTP__TOTAL_SECONDS": "5"}


@pytest.fixture(scope="session")
def running() -> Iterator[Simulators]:
    """The simulators, for all journeys of this process."""
    with simulators() as started:
        yield started


@pytest.fixture
def sims(running: Simulators) -> Simulators:
    """The simulators, empty and well-behaved."""
    for target in running.targets:
        running.faults(target, [])
        running.ask(target, "/_control/reset", {})
    return running


@pytest.fixture
def bridge(sims: Simulators, tmp_path: Path) -> Installation:
    """A new installation that speaks to the simulators."""
    installation = Installation(tmp_path / "data", {**sims.settings, **FAST})
    done = installation.run("init", "--json")
    assert done.code == 0, done.err
    return installation
