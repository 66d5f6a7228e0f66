"""Numbers of earlier permits that samples name without our holding them: a range that every simulator knows."""

from __future__ import annotations

from bridge.model.identity import is_permit_number

FIRST_SITE = 900
"""Sites from 900 on are samples: no real unit has so many."""


def sample_permit_number(uscc: str, serial: int) -> str:
    """The permit number of a sample: the unit's code, a site from 900 on, and `P`."""
    return f"{uscc}{FIRST_SITE + serial % 100:03d}P"


def sample_registration_number(uscc: str, serial: int) -> str:
    """The number of a sample's 排污登记: the unit's code, a site from 900 on, and `W`."""
    return f"{uscc}{FIRST_SITE + serial % 100:03d}W"


def is_sample_permit_number(number: str) -> bool:
    """Whether the number of a permit or registration lies in the samples' range."""
    return is_permit_number(number) and int(number[18:21]) >= FIRST_SITE
