"""Units of work off the event loop: the store's calls block, so they run on threads of their own."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from bridge.ports.store import Store, UnitOfWork

T = TypeVar("T")


class Units:
    """The store for coroutines. Looks have a thread of their own, so that no claim and no settle waits behind them."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self._threads = ThreadPoolExecutor(max_workers=2, thread_name_prefix="units")
        self._looks = ThreadPoolExecutor(max_workers=1, thread_name_prefix="looks")

    async def write(self, work: Callable[[UnitOfWork], T]) -> T:
        """Run `work` in one write transaction, away from the loop."""
        return await self.call(lambda: self.store.write(work))

    async def read(self, work: Callable[[UnitOfWork], T]) -> T:
        """Run `work` in one read transaction, away from the loop."""
        return await asyncio.get_running_loop().run_in_executor(self._looks, lambda: self.store.read(work))

    async def call(self, function: Callable[[], T]) -> T:
        """Run any blocking function on the same threads."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, function)

    def close(self) -> None:
        """Let the threads end."""
        self._threads.shutdown(wait=True)
        self._looks.shutdown(wait=True)
