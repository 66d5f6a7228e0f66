"""OAuth2 client credentials (RFC 6749, 4.4): one token for all calls, fetched once however many wait for it."""

from __future__ import annotations

import asyncio
import copy
from collections.abc import Awaitable, Callable

from bridge.clock import Clock
from bridge.errors import TargetError

EARLY = 60.0
"""Seconds before its end at which a token is no longer used."""

Fetch = Callable[[], Awaitable[tuple[str, float]]]
"""Fetches a token and how many seconds it lives."""


class TokenHolder:
    """Holds one token and renews it in time."""

    def __init__(self, fetch: Fetch, clock: Clock) -> None:
        self._fetch, self._clock = fetch, clock
        self._token, self._good_until = "", 0.0
        self._tries = 0
        self._failure: TargetError | None = None
        self._lock: asyncio.Lock | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    async def token(self) -> str:
        """A token that is good now. Raises what fetching raises; all who wait for one try hear the same of it.

        So a target that gives no token is asked once, and not once for each call that waits.
        """
        if self._clock.monotonic() < self._good_until:
            return self._token
        waiting_for = self._tries + 1
        async with self._own_lock():
            if self._clock.monotonic() < self._good_until:
                return self._token
            if self._failure is not None and self._tries >= waiting_for:
                raise copy.copy(self._failure)  # each caller notes its own memo on its own error
            return await self._renew()

    def refuse(self, token: str) -> None:
        """The target does not take this token any more; another that came meanwhile is kept."""
        if token == self._token:
            self._good_until = 0.0

    async def _renew(self) -> str:
        """Fetch one. Who is cancelled, or may not send any more, has not tried for the others."""
        asked = self._clock.monotonic()
        try:
            self._token, seconds = await self._fetch()
        except TargetError as failure:
            self._tries, self._failure = self._tries + 1, failure
            raise
        self._tries, self._failure = self._tries + 1, None
        self._good_until = asked + max(seconds - EARLY, seconds / 2)
        return self._token

    def _own_lock(self) -> asyncio.Lock:
        """The lock of this event loop."""
        loop = asyncio.get_running_loop()
        if self._lock is None or self._loop is not loop:
            self._lock, self._loop = asyncio.Lock(), loop
        return self._lock
