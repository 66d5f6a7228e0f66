"""OAuth2 client credentials (RFC 6749, 4.4): one token for all calls, fetched once however many wait for it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from bridge.clock import Clock

EARLY = 60.0
"""Seconds before its end at which a token is no longer used."""

Fetch = Callable[[], Awaitable[tuple[str, float]]]
"""Fetches a token and how many seconds it lives."""


class TokenHolder:
    """Holds one token and renews it in time."""

    def __init__(self, fetch: Fetch, clock: Clock) -> None:
        self._fetch, self._clock = fetch, clock
        self._token, self._good_until = "", 0.0
        self._lock: asyncio.Lock | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    async def token(self) -> str:
        """A token that is good now. Raises what fetching raises."""
        if self._clock.monotonic() < self._good_until:
            return self._token
        loop = asyncio.get_running_loop()
        if self._lock is None or self._loop is not loop:
            self._lock, self._loop = asyncio.Lock(), loop
        async with self._lock:
            if self._clock.monotonic() >= self._good_until:
                asked = self._clock.monotonic()
                self._token, seconds = await self._fetch()
                self._good_until = asked + max(seconds - EARLY, seconds / 2)
            return self._token

    def refuse(self, token: str) -> None:
        """The target does not take this token any more; another that came meanwhile is kept."""
        if token == self._token:
            self._good_until = 0.0
