"""A strict stand-in for the platform behind a front-end database, in a process of its own; INVENTED: README.md.

It judges by its own code, never by the adapter's tables, mapping or client.
"""

from __future__ import annotations

from adapters.national.simulator.service import NationalSimulator

SIMULATOR = NationalSimulator
"""What `bridge simulate` starts."""
