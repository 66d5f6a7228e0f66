"""The system, simulated: strict as the real one would be, and everything of its wire INVENTED."""

from __future__ import annotations

from adapters.radiation.simulator.server import RadiationSimulator

SIMULATOR = RadiationSimulator
