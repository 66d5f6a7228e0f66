"""The simulated platform: collects rows every half second, judges them, and writes its verdicts back a second later.

There is no call to answer: its door is the front-end database that `settings` names.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from adapters.national.simulator import office
from adapters.national.simulator.desk import Collected, Desk, Verdict
from adapters.national.simulator.faults import SUPPORTED, Locks, PlannedFaults
from adapters.national.simulator.front import FrontDatabase
from bridge.clock import CHINA
from bridge.testing.simulator.calls import Route
from bridge.testing.simulator.faults import Fault, ImpossibleFault
from bridge.testing.simulator.server import Ground, Illegal, Record, Simulator

TICK_SECONDS = 0.1
COLLECT_SECONDS = 0.5
VERDICT_SECONDS = 1.0
"""From the collection of a row to the verdict on it; real ones take minutes."""

WALL = "%Y-%m-%d %H:%M:%S"


class NationalSimulator(Simulator):
    """国家政务服务平台, simulated. Made inside a running event loop: it works by itself."""

    target: ClassVar[str] = "national"
    supported: ClassVar[frozenset[Fault]] = SUPPORTED

    def __init__(self, ground: Ground) -> None:
        super().__init__(ground)
        self.front = FrontDatabase(ground.folder)
        self.desk = Desk(ground.store)
        self.faults = PlannedFaults(ground.clock, self._faults_changed)
        self._locks = Locks(self.front, self.faults, ground.clock)
        self._out_of_order: list[tuple[str, Verdict]] = []
        self._work = self._start()

    def routes(self) -> list[Route]:
        """None: no HTTP leads here."""
        return []

    def settings(self, url: str) -> Mapping[str, str]:
        """Settings with which the bridge speaks to it. An SQLite file keeps every character."""
        return {
            self.setting("url"): f"sqlite:///{self.front.path.absolute()}",
            self.setting("mode"): "write",
            self.setting("charset"): "utf8mb4",
        }

    def records(self) -> Iterable[Record]:
        """What it holds, and what lies in the front-end database still."""
        return self.desk.records(self.front.rows())

    def decide(self, number: str, act: str, words: Mapping[str, Any]) -> Mapping[str, Any]:
        """It decides nothing, ever: asking for it is a mistake of the caller's (400)."""
        raise ImpossibleFault(
            "国家平台不作任何决定，请对审批业务系统操作 (the platform decides nothing: ask the decider)"
        )

    def tamper(self, words: Mapping[str, Any]) -> Mapping[str, Any]:
        """Change what is held, collecting first what lies there."""
        self._collect_now()
        return {"number": office.tamper(self.desk, words)}

    def born(self, words: Mapping[str, Any]) -> Mapping[str, Any]:
        """A case that another system reported."""
        row = office.born(self.desk, self._wall(), words)
        return {"number": row["row_guid"], "key": row["project_no"]}

    def load(self, words: Mapping[str, Any]) -> Mapping[str, Any]:
        """Hold many."""
        return {"loaded": office.load(self.desk, self._wall(), words)}

    def forget(self) -> None:
        """Start anew, after a reset has stopped everything."""
        self.front = FrontDatabase(self.ground.folder)
        self.front.empty()
        self.desk.load()
        self._locks = Locks(self.front, self.faults, self.clock)
        self._out_of_order = []
        self._work = self._start()

    def stop(self) -> None:
        """End the collector and let go of the database."""
        super().stop()
        self._work.cancel()
        self.front.close()

    # -- by itself

    def _faults_changed(self) -> None:
        self._locks.anew()

    def _start(self) -> asyncio.Task[None]:
        return asyncio.get_running_loop().create_task(self._live())

    async def _live(self) -> None:
        """Faults, collection, verdicts."""
        next_collection = self.clock.monotonic()
        while True:
            self._locks.obey()
            if self.clock.monotonic() >= next_collection and not self.front.locked:
                self.front.collect(self._take)
                next_collection = self.clock.monotonic() + COLLECT_SECONDS
            self._tell()
            await self.clock.sleep(TICK_SECONDS)

    def _collect_now(self) -> None:
        """Collect before the next time. Raises Illegal where it is locked."""
        if self.front.locked:
            raise Illegal("前置库被锁，请先结束故障 (the front-end database is locked: end the fault first)")
        self.front.collect(self._take)

    def _take(self, collected: Collected) -> None:
        """Judge what was collected, and plan when each row's verdict is told."""
        try:
            self.whole(lambda: self._judge(collected))
        except BaseException:
            self.desk.load()
            raise

    def _judge(self, collected: Collected) -> None:
        due = self.clock.monotonic() + VERDICT_SECONDS
        for verdict in self.desk.judge(collected):
            struck = self.faults.strike_message()
            held, self._out_of_order = self._out_of_order, []
            if struck is None:
                self.desk.later(verdict, due)
            elif struck.fault is Fault.DOUBLE_STATUS:
                self.desk.later(verdict, due)
                self.desk.later(verdict, due + VERDICT_SECONDS)
            elif struck.fault is Fault.WRONG_ORDER:
                self._out_of_order = [(self.desk.later(verdict, due + struck.delay), verdict)]
            else:
                self.desk.later(verdict, due + struck.delay)
            for key, late in held:  # after the one that came next
                self.desk.told([key])
                self.desk.later(late, due)

    def _tell(self) -> None:
        """Write back the verdicts that are due."""
        due = self.desk.due(self.clock.monotonic())
        if due and self.front.tell([verdict for _, verdict in due], self._wall()):
            self.desk.told(key for key, _ in due)

    def _wall(self) -> str:
        return self.clock.now().astimezone(CHINA).strftime(WALL)
