"""Time as a port: instants and how they are written. Nothing else in the product asks the machine for the time.

Instants are aware datetimes in UTC inside and RFC 3339 with +08:00 outside; in the store they are integers of
microseconds since 1970-01-01 UTC. What does not belong here: rules of law about days; they are data of the items.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import time
from typing import Protocol

CHINA = dt.timezone(dt.timedelta(hours=8))
"""China Standard Time; the country has one zone and no summer time (since 1991)."""

EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


class Clock(Protocol):
    """What the product may ask of time."""

    def now(self) -> dt.datetime:
        """The current instant, aware, UTC."""
        ...

    def monotonic(self) -> float:
        """Seconds that never run backwards, for durations and leases inside one process."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait without blocking the event loop."""
        ...


class SystemClock:
    """The machine's own time."""

    def now(self) -> dt.datetime:
        """The current instant, aware, UTC."""
        return dt.datetime.now(dt.UTC)  # noqa: TID251 - this is the one place that may

    def monotonic(self) -> float:
        """Seconds that never run backwards."""
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        """Wait without blocking the event loop."""
        await asyncio.sleep(seconds)


def to_micros(instant: dt.datetime) -> int:
    """Microseconds since the epoch, as the store keeps an instant."""
    return (instant - EPOCH) // dt.timedelta(microseconds=1)


def from_micros(micros: int) -> dt.datetime:
    """The aware UTC instant that the store keeps as `micros`."""
    return EPOCH + dt.timedelta(microseconds=micros)


def rfc3339(instant: dt.datetime) -> str:
    """The instant as every door shows it: `2026-11-23T09:30:00.123+08:00` (milliseconds, China Standard Time)."""
    return instant.astimezone(CHINA).isoformat(timespec="milliseconds")


def parse_rfc3339(text: str) -> dt.datetime:
    """The instant that `text` names; a time without a zone is taken as China Standard Time.

    Raises ValueError where `text` is no RFC 3339 date or date-time.
    """
    instant = dt.datetime.fromisoformat(text)
    return (instant if instant.tzinfo else instant.replace(tzinfo=CHINA)).astimezone(dt.UTC)
