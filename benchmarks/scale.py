"""How much each cell does: for the table (minutes), for a quick look (`--quick`), and for the smoke test."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Scale:
    """Numbers of one kind of run."""

    accepted: int
    """Applications that are accepted in one go."""
    single: int
    """Applications that are accepted one by one."""
    delivered: int
    """Deliveries through the pipeline, per case."""
    rounds: int
    """How often the pipeline, the bare client and Celery are measured in turn; the median counts."""
    queued: tuple[int, ...]
    """Prefork sizes that Celery is tried with; the best counts."""
    seconds: float
    """How long applications come in, for latencies."""
    due: tuple[int, int]
    """Deliveries due, few and many, for the time of a claim."""
    held: int
    """Deliveries due, for the memory."""
    memory_seconds: float
    """How long the runner delivers while its memory is watched."""
    events: int
    """Events of the ledger that is sealed, verified and proved."""
    mapped: int
    """How often one application is read, checked and mapped in a round."""
    in_table: int
    """Applications of one workbook."""


FULL = Scale(
    accepted=1000,
    single=200,
    delivered=3000,
    rounds=3,
    queued=(2, 4, 8),
    seconds=20.0,
    due=(1_000, 1_000_000),
    held=100_000,
    memory_seconds=10.0,
    events=1_000_000,
    mapped=300,
    in_table=50_000,
)
QUICK = Scale(
    accepted=200,
    single=50,
    delivered=600,
    rounds=1,
    queued=(4,),
    seconds=4.0,
    due=(1_000, 50_000),
    held=10_000,
    memory_seconds=3.0,
    events=100_000,
    mapped=100,
    in_table=2_000,
)
TINY = Scale(
    accepted=5,
    single=2,
    delivered=8,
    rounds=1,
    queued=(1,),
    seconds=0.4,
    due=(1_000, 2_000),
    held=300,
    memory_seconds=0.5,
    events=700,
    mapped=2,
    in_table=20,
)
