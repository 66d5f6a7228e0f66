"""What a process that does nothing but deliver sets for itself: how often Python looks for garbage.

What does not belong here: anything that a library call should do to its caller's process.
"""

from __future__ import annotations

import gc

YOUNG = 50_000
"""Objects made before the youngest are looked at: a mapped form is thousands of them, and all die at once."""


def settle_in() -> None:
    """Leave what was loaded at the start alone, and look for cycles seldom: a full look takes tens of milliseconds."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, 50, 100)
