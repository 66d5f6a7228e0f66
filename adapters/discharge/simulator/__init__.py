"""The platform, simulated: strict as the real one would be, and everything of its wire INVENTED."""

from __future__ import annotations

from adapters.discharge.simulator.server import DischargeSimulator

SIMULATOR = DischargeSimulator
