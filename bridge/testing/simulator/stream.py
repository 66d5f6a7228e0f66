"""What a simulated target tells of its own accord: one ordered stream, read by polls and posted as callbacks.

Faults that strike messages (late, twice, in the wrong order) are done here. How a message is written and signed on a
target's wire does not belong here.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import aiohttp

from bridge.testing.simulator.faults import Fault, Faults
from bridge.testing.simulator.store import Store

MESSAGE = "message"
"""Kind of document under which messages are kept."""

AGAIN = (1.0, 5.0, 30.0)
"""Seconds until a callback that was not taken is posted again. Real gateways wait as many minutes (TARGETS 4.3)."""

CALLBACK_SECONDS = 10.0


class Stream:
    """The messages of one target, in the order in which callers see them."""

    def __init__(self, store: Store, faults: Faults) -> None:
        self._store, self._faults = store, faults
        self._new: list[Mapping[str, Any]] = []
        self._held: list[Mapping[str, Any]] = []
        self._timers: set[asyncio.TimerHandle] = set()
        self.published: Callable[[Mapping[str, Any]], None] = lambda _message: None
        """Called with each message as it becomes visible."""

    def tell(self, message: Mapping[str, Any]) -> None:
        """Tell a message; it becomes visible when the call or act that tells it has had its effect."""
        self._new.append(message)

    def since(self, place: int, limit: int = -1) -> Iterator[tuple[int, dict[str, Any]]]:
        """Messages visible after `place`, each with its own place, oldest first."""
        return self._store.since(MESSAGE, place, limit)

    def discard(self) -> None:
        """Take back what was told since the last flush: its cause was undone."""
        self._new.clear()

    def flush(self) -> None:
        """Make visible what was told, as the faults in force will have it."""
        told, self._new = self._new, []
        for message in told:
            struck = self._faults.strike_message()
            held, self._held = self._held, []
            if struck is None or struck.fault is Fault.DOUBLE_STATUS:
                self._publish(message)
                if struck:
                    self._publish(message)
            elif struck.fault is Fault.WRONG_ORDER:
                self._held.append(message)
                self._later(struck.delay, lambda message=message: self._release(message))  # type: ignore[misc]
            else:
                self._later(struck.delay, lambda message=message: self._publish(message))  # type: ignore[misc]
            for late in held:
                self._publish(late)

    def forget(self) -> None:
        """Forget what is still to come."""
        self.discard()
        self._held.clear()
        for timer in self._timers:
            timer.cancel()
        self._timers.clear()

    def _release(self, message: Mapping[str, Any]) -> None:
        """A message that waited for a next one in vain."""
        if any(held is message for held in self._held):
            self._held = [held for held in self._held if held is not message]
            self._publish(message)

    def _publish(self, message: Mapping[str, Any]) -> None:
        self._store.put(MESSAGE, uuid.uuid4().hex, message)
        self.published(message)

    def _later(self, seconds: float, do: Callable[[], None]) -> None:
        def run() -> None:
            self._timers.discard(timer)
            do()

        timer = asyncio.get_running_loop().call_later(seconds, run)
        self._timers.add(timer)


@dataclass(frozen=True, slots=True)
class Post:
    """One callback on the wire."""

    body: bytes
    headers: Mapping[str, str]


class Callbacks:
    """Posts callbacks to one address, in order; what is not taken is posted again later, without holding up others."""

    def __init__(self, url: str | None) -> None:
        self._url = url
        self._queue: asyncio.Queue[tuple[Callable[[], Post], int]] = asyncio.Queue()
        self._worker: asyncio.Task[None] | None = None
        self._timers: set[asyncio.TimerHandle] = set()

    @property
    def wanted(self) -> bool:
        """Whether there is an address."""
        return self._url is not None

    def post(self, make: Callable[[], Post]) -> None:
        """Post what `make` gives, anew for each try: a signature is good for one. Without an address, nothing."""
        if self._url is None:
            return
        self._queue.put_nowait((make, 0))
        if self._worker is None:
            self._worker = asyncio.create_task(self._work(self._url))

    def forget(self) -> None:
        """Drop what is still to be posted."""
        while not self._queue.empty():
            self._queue.get_nowait()
        for timer in self._timers:
            timer.cancel()
        self._timers.clear()

    async def close(self) -> None:
        """Stop."""
        self.forget()
        if self._worker is not None:
            self._worker.cancel()
            await asyncio.gather(self._worker, return_exceptions=True)
            self._worker = None

    async def _work(self, url: str) -> None:
        """One after the other."""
        timeout = aiohttp.ClientTimeout(total=CALLBACK_SECONDS)
        async with aiohttp.ClientSession(timeout=timeout, trust_env=False) as session:
            while True:
                make, tries = await self._queue.get()
                if not await _taken(session, url, make()) and tries < len(AGAIN):
                    self._again(make, tries)

    def _again(self, make: Callable[[], Post], tries: int) -> None:
        """Once more, later."""

        def requeue() -> None:
            self._timers.discard(timer)
            self._queue.put_nowait((make, tries + 1))

        timer = asyncio.get_running_loop().call_later(AGAIN[tries], requeue)
        self._timers.add(timer)


async def _taken(session: aiohttp.ClientSession, url: str, post: Post) -> bool:
    """Whether the caller has taken it."""
    try:
        async with session.post(url, data=post.body, headers=post.headers) as answer:
            await answer.read()
            return 200 <= answer.status < 300
    except (aiohttp.ClientError, TimeoutError, OSError):
        return False
