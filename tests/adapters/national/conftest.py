"""A small complete source with every identity invented, and the simulated platform in a process of its own."""

from __future__ import annotations

import asyncio
import copy
import sqlite3
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, ClassVar

import pytest

from adapters.national import create
from adapters.national.mapping import mappings
from adapters.national.mapping.rows import Options
from bridge.clock import Clock, SystemClock
from bridge.contract.adapter import AdapterContext
from bridge.contract.manifest import read_manifest
from bridge.contract.outgoing import BusinessKey, Outgoing
from bridge.errors import TargetError
from bridge.kit.exchange.rules import Rules
from bridge.model.delivery import Kind
from bridge.testing.simulator.launch import Running, launch

TARGET = "national"
TASK = "11120116MB01160014" + "4" + "000116001000"
CASE = TASK + "202611230001"
APPLICATION = "0190aaaa-0000-7000-8000-000000000001"


def step(id_: str, state: str, name: str, at: str, **said: Any) -> dict[str, Any]:
    """One step as the engine keeps it."""
    result = {"refused": "return", "correction_requested": "return", "suspended": "other"}.get(state, "pass")
    return {"id": id_, "state": state, "name": name, "result": result, "target": "discharge", "at": at, **said}


RECEIVED = step("step-1", "received", "收件", "2026-11-23T09:31:00.000+08:00")
ACCEPTED = step(
    "step-2",
    "accepted",
    "受理",
    "2026-11-24T10:00:00.500+08:00",
    officer="受理员甲",
    document_no="津审受〔2026〕1号",
    opinion="材料齐全",
)
REVIEWING = step("step-3", "reviewing", "审查", "2026-11-26T10:00:00.000+08:00")
GRANTED = step("step-4", "granted", "决定", "2026-12-01T10:00:00.000+08:00", officer="审批员乙", opinion="准予许可")
REFUSED = step("step-4", "refused", "决定", "2026-12-01T10:00:00.000+08:00", reason="不符合许可条件")


@pytest.fixture
def source() -> dict[str, Any]:
    """The tree that a mapping reads: form, files, facts, as it is when the decider has accepted."""
    return {
        "data": {
            "applicant": {
                "kind": "ENTERPRISE",
                "name": " 天津海晏(试验)化工有限公司",
                "id_type": "USCC",
                "id_no": "91120116MA05000011",
                "legal_rep": {"name": "测试甲", "id_type": "ID_CARD", "id_no": "120101198001010012"},
                "registered_address": "天津市滨海新区试验路1号",
                "region_code": "120116",
                "zip": "300450",
                "industry_code": "C2614",
                "industry_name": "有机化学原料制造",
            },
            "site": {"name": "一厂区", "address": "天津市滨海新区试验路2号", "region_code": "120116", "seq": "001"},
            "contacts": [
                {"role": "TECH", "name": "测试丙", "mobile": "13900000003"},
                {"role": "CONTACT", "name": "测试乙", "mobile": "022-66666666", "phone": "022-66666666"},
            ],
            "delivery": {"method": "EXPRESS"},
        },
        "materials": [
            {"id": "m-1", "code": "PW-M02", "name": "营业执照.pdf", "digest": "sha256:00", "size": 3},
            {"id": "m-2", "code": "PW-M07", "name": "自行监测方案.v2.pdf", "digest": "sha256:01", "size": 4},
        ],
        "facts": {
            "id": APPLICATION,
            "number": "YCL2026112300000012",
            "revision": 1,
            "matter": "discharge-permit",
            "type": "new",
            "channel": "web",
            "submitted_at": "2026-11-23T09:30:00.123+08:00",
            "title": "天津海晏试验化工有限公司 排污许可（首次申请）",
            "case_number": CASE,
            "item": {
                "task_code": TASK,
                "catalog_code": TASK[19:],
                "task_handle_item": TASK + "01",
                "task_version": 1,
                "task_name": "排污许可",
                "project_type": "PROMISE",
                "org_name": "天津市滨海新区行政审批局",
                "org_code": TASK[:18],
            },
            "step": ACCEPTED,
            "steps": [RECEIVED, ACCEPTED],
            "states": {"received": RECEIVED, "accepted": ACCEPTED},
        },
    }


class Story:
    """A case as it goes on: sources and deliveries of what is said of it, step by step."""

    ACCEPTED, RECEIVED, REVIEWING, GRANTED, REFUSED = ACCEPTED, RECEIVED, REVIEWING, GRANTED, REFUSED
    LICENCE: ClassVar[dict[str, Any]] = {
        "licence_number": "91120116MA05000011001P",
        "licence": {"number": "91120116MA05000011001P", "name": "排污许可证"},
    }
    step = staticmethod(step)

    def __init__(self, source: dict[str, Any]) -> None:
        self.source = source

    def then(self, *steps: dict[str, Any], **facts: Any) -> Story:
        """The same case, later: with further steps and facts."""
        made = copy.deepcopy(self.source)
        for one in steps:
            made["facts"]["steps"].append(one)
            made["facts"]["states"][one["state"]] = one
            made["facts"]["step"] = one
        made["facts"].update(facts)
        return Story(made)

    def another(self, number: int) -> Story:
        """Another case."""
        made = Story(copy.deepcopy(self.source))
        facts = made.source["facts"]
        facts["id"], facts["case_number"] = f"{APPLICATION[:-6]}{number:06d}", f"{CASE[:-4]}{number:04d}"
        facts["steps"] = [{**one, "id": f"{one['id']}-{number}"} for one in facts["steps"]]
        for one in made.source["materials"]:
            one["id"] += f"-{number}"
        return made

    def payload(self, kind: Kind, options: Options | None = None, rules: Rules | None = None) -> Any:
        """What the mapping makes of it."""
        return mappings(options or Options(), rules or Rules())["discharge-permit", kind, None].write(self.source)

    def delivery(self, kind: Kind, delivery: str | None = None) -> Outgoing:
        """A delivery, as the engine hands it over."""
        facts = self.source["facts"]
        key = BusinessKey(
            application=facts["id"],
            number=facts["number"],
            case_number=facts["case_number"],
            target_number=None,
            matter=facts["matter"],
            type=facts["type"],
            applicant=self.source["data"]["applicant"]["id_no"],
            site="001",
            submitted_at=0,
        )
        event = facts["step"]["id"]
        return Outgoing(delivery or f"d-{uuid.uuid4()}", kind, 1, event, self.payload(kind), key, (), {})


@pytest.fixture
def story(source: dict[str, Any]) -> Story:
    """The case when the decider has accepted it."""
    return Story(source)


class Sim:
    """The simulated platform in a process of its own, and the adapter against it."""

    def __init__(self, running: Running) -> None:
        self._running = running
        self.url = running.settings["BRIDGE_TARGETS__NATIONAL__URL"]
        self.path = Path(self.url.removeprefix("sqlite:///"))

    def ask(self, path: str, body: object | None = None) -> Any:
        """Call the side door."""
        return self._running.ask(TARGET, path, body)

    def records(self) -> list[dict[str, Any]]:
        """What it holds."""
        records: list[dict[str, Any]] = self.ask("/_control/records")["records"]
        return records

    def faults(self, *names: str, **more: object) -> None:
        """Let it misbehave; without names, behave."""
        self.ask("/_control/faults", {"seed": 1, "faults": [{"fault": name, **more} for name in names]})

    def rows(self, table: str) -> list[dict[str, Any]]:
        """What lies in a table of the front-end database."""
        with sqlite3.connect(self.path, timeout=10) as db:
            db.row_factory = sqlite3.Row
            rows = [dict(row) for row in db.execute(f"SELECT * FROM {table} ORDER BY id")]
        db.close()
        return rows

    def collected(self) -> None:
        """Wait until nothing lies there."""
        self.until(lambda: not any(self.rows(f"up_pro_{part}") for part in ("accept", "process", "result", "material")))

    @staticmethod
    def until(happened: Callable[[], Any], seconds: float = 15) -> Any:
        """Look again and again; what was looked for, once it is there."""
        ends = time.monotonic() + seconds
        while not (found := happened()):
            assert time.monotonic() < ends, "did not happen"
        return found

    def context(self, *, clock: Clock | None = None, total_seconds: float = 10, **settings: str) -> AdapterContext:
        """What the adapter is built from."""
        manifest = read_manifest(Path(create.__code__.co_filename).parent / "manifest.toml")
        return AdapterContext(
            manifest=manifest,
            settings={"url": self.url, "charset": "utf8mb4", **settings},
            secrets={},
            clock=clock or SystemClock(),
            total_seconds=total_seconds,
        )

    def play(self, act: Callable[[Any], Any], **context: Any) -> Any:
        """Run `act(adapter)` in an event loop of its own."""

        async def run() -> Any:
            adapter = create(self.context(**context))
            try:
                return await act(adapter)
            finally:
                await adapter.close()

        return asyncio.run(run())

    @staticmethod
    async def send(adapter: Any, one: Outgoing) -> Any:
        """One delivery; an error comes back as a value."""
        try:
            (outcome,) = await adapter.send([one])
        except TargetError as error:
            return error
        return outcome

    @staticmethod
    async def verdicts(adapter: Any, *wanted: Outgoing, seconds: float = 15) -> dict[str, Any]:
        """Read changes until each of the deliveries has its verdict: the changes, by delivery."""
        found: dict[str, Any] = {}
        cursor, ends = None, time.monotonic() + seconds
        while {one.delivery for one in wanted} - set(found):
            assert time.monotonic() < ends, "no verdict"
            page = await adapter.changes(cursor)
            found |= {change.verdict.delivery: change for change in page.items}
            cursor = page.cursor
            await asyncio.sleep(0.1)
        return found


@pytest.fixture(scope="session")
def started() -> Iterator[Running]:
    """One process for all tests."""
    with launch([TARGET]) as running:
        yield running


@pytest.fixture
def sim(started: Running) -> Sim:
    """The platform, empty and well-behaved."""
    started.ask(TARGET, "/_control/reset", {})
    return Sim(started)
