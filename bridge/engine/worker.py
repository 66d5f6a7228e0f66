"""A worker: who claims deliveries, under a lease that a thread of it renews, and how dead ones are found.

The lease is the worker's, so renewing it is one row however many deliveries it holds. A worker whose lease has ended
may neither send nor settle; what it was sending becomes `unknown`, never `due`.
"""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Collection

from bridge.clock import Clock, to_micros
from bridge.errors import LeaseLost, StoreError
from bridge.model.ids import uuid7
from bridge.ports.liveness import Liveness
from bridge.ports.store import Store
from bridge.telemetry import logger

log = logger(__name__)

MARGIN = 0.8
"""The share of the lease that we trust ourselves with: the rest is for the clock and the wire."""


class Worker:
    """One worker of this process. `start` and `stop` frame its life; `may_send` is asked before each request."""

    def __init__(
        self, store: Store, clock: Clock, liveness: Liveness, *, lease_seconds: float, targets: Collection[str]
    ) -> None:
        self._targets = targets
        self._store, self._clock, self._liveness = store, clock, liveness
        self._lease_seconds = lease_seconds
        self._host = socket.gethostname()
        self._stopped = threading.Event()
        self._one_at_a_time = threading.Lock()
        """Renewing and beginning anew do not cross."""
        self._thread: threading.Thread | None = None
        self._lease = ("", 0.0)
        """Our id and until when we trust its lease: one value, since two threads use it."""

    @property
    def id(self) -> str:
        """The id of the lease in force."""
        return self._lease[0]

    def start(self) -> None:
        """Register under a fresh id and begin to renew."""
        self._begin()
        self._thread = threading.Thread(target=self._renew_for_ever, name="lease", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the lease; nothing may be in flight any more."""
        self._stopped.set()
        if self._thread:
            self._thread.join()
        try:
            self._end_own_lease()
        except StoreError:
            log.warning("worker_end_not_stored", worker=self.id)
        self._liveness.give_up(self.id)

    def may_send(self, claimed_by: str) -> None:
        """Raise LeaseLost where the lease that a delivery was claimed under has ended, or may have."""
        worker, trusted_until = self._lease
        if worker != claimed_by or self._clock.monotonic() >= trusted_until:
            raise LeaseLost

    def renew(self) -> None:
        """Prolong the lease once; begin anew under another id where it has already been ended."""
        asked = self._clock.monotonic()
        worker, lease_until = self.id, self._lease_until()
        if self._store.write(lambda unit: unit.renew_worker(worker, lease_until=lease_until)):
            self._trust(worker, asked)
            return
        log.warning("lease_lost", worker=worker)
        self._lease = (worker, 0.0)
        self._liveness.give_up(worker)
        self._begin()

    def begin_anew(self) -> None:
        """Give up the lease and all that is held under it, and go on under a fresh id; after a step failed.

        Raises StoreError: then nothing may be sent, and it is to be called again.
        """
        with self._one_at_a_time:
            worker = self.id
            self._lease = (worker, 0.0)
            self._end_own_lease()
            self._liveness.give_up(worker)
            self._begin()

    def end_dead(self) -> int:
        """End the leases of workers that died or fell silent; how many deliveries became `unknown`."""
        now = self._now()
        dead = [
            worker
            for worker, host, _pid, lease_until in self._store.read(lambda unit: unit.workers())
            if worker != self.id and (lease_until <= now or self._liveness.is_dead(worker, host))
        ]
        if not dead:
            return 0
        ask_at = dict.fromkeys(self._targets, now)
        return self._store.write(lambda unit: sum(unit.end_worker(id_, ask_at=ask_at, now=now) for id_ in dead))

    def _end_own_lease(self) -> None:
        """What we may still be sending becomes unknown."""
        now = self._now()
        ask_at = dict.fromkeys(self._targets, now)
        self._store.write(lambda unit: unit.end_worker(self.id, ask_at=ask_at, now=now))

    def _begin(self) -> None:
        """Take a fresh id, its operating-system lock, and a lease."""
        asked = self._clock.monotonic()
        worker = uuid7(self._now())
        self._liveness.take(worker)
        lease_until = self._lease_until()
        self._store.write(
            lambda unit: unit.register_worker(worker, host=self._host, pid=os.getpid(), lease_until=lease_until)
        )
        self._trust(worker, asked)

    def _trust(self, worker: str, asked: float) -> None:
        """The store said yes to a question that was asked at `asked`."""
        self._lease = (worker, asked + self._lease_seconds * MARGIN)

    def _renew_for_ever(self) -> None:
        """The renewing thread: three times in each lease, so that one missed beat does no harm."""
        while not self._stopped.wait(self._lease_seconds / 3):
            try:
                with self._one_at_a_time:
                    self.renew()
            except StoreError:
                log.warning("lease_not_renewed", worker=self.id)

    def _lease_until(self) -> int:
        return self._now() + int(self._lease_seconds * 1_000_000)

    def _now(self) -> int:
        return to_micros(self._clock.now())
