"""Puts a simulator on its ground: store, faults, stream, the service's door and the side door, in one event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from bridge.clock import Clock, SystemClock
from bridge.testing.simulator.faults import Faults
from bridge.testing.simulator.server import Ground, Simulator
from bridge.testing.simulator.sidedoor import SideDoor
from bridge.testing.simulator.store import Store
from bridge.testing.simulator.stream import Callbacks, Post, Stream
from bridge.testing.simulator.wire import Door, Service


class Host:
    """One running simulator: `async with Host(MunicipalSimulator, folder) as host`."""

    def __init__(
        self,
        simulator: type[Simulator],
        folder: Path,
        *,
        port: int = 0,
        control_port: int = 0,
        callback_url: str | None = None,
        clock: Clock | None = None,
    ) -> None:
        """Take the ports (0: free ones) and open the store in `folder`. Raises OSError where a port is taken."""
        clock = clock or SystemClock()
        self._store = Store(folder)
        self.faults = Faults(clock, simulator.supported)
        stream = Stream(self._store, self.faults)
        self.simulator = simulator(Ground(folder, self._store, self.faults, stream, clock))
        self._service = Service(self.simulator)
        address = f"{callback_url.rstrip('/')}/callbacks/{simulator.target}" if callback_url else None
        self._callbacks = Callbacks(address)
        stream.published = self._post
        self._door = Door(self._service.serve, port)
        try:
            side = SideDoor(self.simulator, faults_changed=self._obey, forget=self._forget)
            self._side_door = Door(side.serve, control_port)
        except OSError:
            self._door.release()
            self._store.close()
            raise
        self._clock = clock
        self._wake: asyncio.Task[None] | None = None

    @property
    def url(self) -> str:
        """The service."""
        return self._door.url

    @property
    def control(self) -> str:
        """The side door."""
        return self._side_door.url

    def settings(self) -> dict[str, str]:
        """Settings with which the bridge speaks to it."""
        return dict(self.simulator.settings(self.url))

    async def __aenter__(self) -> Self:
        """Listen."""
        await self._door.open()
        await self._side_door.open()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop, and let go of everything."""
        self._forget()
        if self._wake is not None:
            self._wake.cancel()
        self.simulator.stop()
        await self._callbacks.close()
        await self._door.close()
        await self._side_door.close()
        self._store.close()

    def _forget(self) -> None:
        """Drop what is still to come of earlier calls."""
        self._service.forget()
        self._callbacks.forget()

    def _post(self, message: Mapping[str, Any]) -> None:
        """A message has become visible."""
        if self._callbacks.wanted and self.simulator.callback(message) is not None:
            self._callbacks.post(partial(self._made, message))

    def _made(self, message: Mapping[str, Any]) -> Post:
        """The callback of a message, signed now."""
        post = self.simulator.callback(message)
        assert post is not None  # noqa: S101 - asked before it was queued
        return post

    async def _obey(self) -> None:
        """Shut the service's door, or open it again, as the plan of faults will have it."""
        if self._wake is not None:
            self._wake.cancel()
            self._wake = None
        if self.faults.deaf:
            if self._door.is_open:
                self._door.shut()
            self._wake = asyncio.create_task(self._open_again())
        elif not self._door.is_open:
            await self._door.open()

    async def _open_again(self) -> None:
        """Open when the fault has ended by itself."""
        while self.faults.deaf:
            await self._clock.sleep(0.05)
        await self._door.open()
