"""Fetching: the files of documents and licences that a target named are brought here and kept by digest.

Only their issuer makes them; we keep the file as it came. What does not belong here: what the papers say (`hearing`).
"""

from __future__ import annotations

import asyncio
import hashlib
import io

from bridge.clock import Clock, to_micros
from bridge.contract.adapter import answer_came
from bridge.engine.breaker import Breaker
from bridge.engine.deliver import is_held
from bridge.engine.retry import RetryPolicy
from bridge.engine.targets import Target
from bridge.engine.units import Units
from bridge.errors import Refused, TargetError
from bridge.model.step import KeptPaper
from bridge.ports.events import Event
from bridge.ports.materials import Materials, StoredFile
from bridge.telemetry import logger

log = logger(__name__)

GROUP = 20
"""Files of one turn: hearing what is new comes in between."""


class Fetcher:
    """Fetches the papers of one target."""

    def __init__(
        self,
        *,
        target: Target,
        units: Units,
        materials: Materials,
        breaker: Breaker,
        policy: RetryPolicy,
        clock: Clock,
        stopping: asyncio.Event,
    ) -> None:
        self._target, self._units, self._materials = target, units, materials
        self._breaker, self._policy, self._clock, self._stopping = breaker, policy, clock, stopping

    async def turn(self) -> int:
        """Fetch what is wanted now; how many files came. Raises StoreError."""
        now = to_micros(self._clock.now())
        target = self._target.id
        row, wanted = await self._units.read(
            lambda unit: (unit.target(target), unit.wanted_papers(target, now=now, limit=GROUP))
        )
        if not wanted or self._target.unusable or is_held(row, now) or self._breaker.resting(now):
            return 0
        came = 0
        for paper, failures in wanted:
            if self._stopping.is_set():
                break
            came += await self._fetch(paper, failures)
        return came

    async def next_time(self) -> int | None:
        """When the next file is wanted."""
        return await self._units.read(lambda unit: unit.next_paper(self._target.id))

    async def _fetch(self, paper: KeptPaper, failures: int) -> bool:
        """One file; whether it came."""
        answer_came.set(self._breaker.note_answer)
        try:
            data = await self._target.adapter.fetch(paper.paper)
        except Refused:
            await self._put_off(paper, None, "paper_missing")
            return False
        except TargetError as error:
            log.warning("paper_not_fetched", target=self._target.id, error=type(error).__name__)
            await self._put_off(paper, failures)
            return False
        except Exception as exc:  # noqa: BLE001 - a bug in reading must not stop the hearing
            log.error("paper_failed", target=self._target.id, error=type(exc).__name__)
            await self._put_off(paper, failures)
            return False
        if not self._fits(paper, data):
            await self._put_off(paper, failures, "paper_differs")
            return False
        await self._units.call(lambda: self._keep(paper, data))
        return True

    def _fits(self, paper: KeptPaper, data: object) -> bool:
        """Whether it is bytes, not too many, and those that the target announced."""
        if not isinstance(data, bytes) or len(data) > self._target.adapter.manifest.limits.file_bytes:
            return False
        return paper.paper.digest in {None, f"sha256:{hashlib.sha256(data).hexdigest()}"}

    def _keep(self, paper: KeptPaper, data: bytes) -> None:
        """Store the bytes, then say that we have them."""
        file: StoredFile = self._materials.put(io.BytesIO(data), limit=len(data))
        event = self._event("paper_kept", paper, {"digest": file.digest, "size": file.size})
        self._units.store.write(lambda unit: unit.keep_paper(paper.id, file, event))

    async def _put_off(self, paper: KeptPaper, failures: int | None, act: str | None = None) -> None:
        """Ask again later; `failures` None: never by ourselves."""
        now = to_micros(self._clock.now())
        again = None if failures is None else now + self._policy.delay(failures + 1)
        first = act is not None and not failures
        event = self._event(act, paper, {}) if first and act else None
        await self._units.write(lambda unit: unit.put_off_paper(paper.id, wanted_at=again, event=event))

    def _event(self, act: str, paper: KeptPaper, data: dict[str, object]) -> Event:
        return Event(
            act=act,
            at=to_micros(self._clock.now()),
            application=paper.application,
            target=paper.target,
            via="poll",
            data={"paper": paper.paper.kind.value, **data},
        )
