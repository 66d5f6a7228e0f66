"""A strict stand-in for 政务一网通, as a real server: INVENTED like the wire that it speaks (README.md).

It judges by its own code and by `schemas/`, never by the adapter's mapping or client.
"""

from __future__ import annotations

from adapters.municipal.simulator.service import MunicipalSimulator

SIMULATOR = MunicipalSimulator
"""What `bridge simulate` starts."""
