"""A small complete source with files, every identity invented, and the simulated gateway in a process of its own."""

from __future__ import annotations

import asyncio
import base64
import copy
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from dataclasses import replace
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from adapters.municipal import create
from adapters.municipal.mapping import mappings
from bridge.clock import Clock, SystemClock
from bridge.contract.adapter import AdapterContext
from bridge.contract.manifest import read_manifest
from bridge.contract.outgoing import BusinessKey, MaterialFile, Outgoing
from bridge.errors import TargetError
from bridge.model.delivery import Kind
from bridge.model.ids import digest
from bridge.model.lifecycle import DECISIONS, ApplicationState
from bridge.model.step import NAMES
from bridge.testing.simulator.launch import Running, launch

TARGET = "municipal"
NUMBER = "YCL2026112300000012"
TASK = "11120116MB011600144000116001000"
FILES = {"PW-M02": ("营业执照.pdf", b"%PDF-1.4 licence"), "PW-M07": ("自行监测方案.pdf", b"%PDF-1.4 plan")}

AT = "2026-11-24T10:11:12.345+08:00"
"""When each step happened."""
REASONED = frozenset({"not_accepted", "not_required", "refused"})
"""States that nobody may say without a reason."""
LICENCE = {
    "number": "91120116MA05000011001P",
    "name": "排污许可证",
    "valid_from": "2026-11-24",
    "valid_to": "2031-11-23",
}


def made_files() -> tuple[MaterialFile, ...]:
    """The files as the engine hands them over."""
    return tuple(
        MaterialFile(code, name, digest(data), len(data), "application/pdf", partial(_opened, data))
        for code, (name, data) in FILES.items()
    )


def _opened(data: bytes) -> nullcontext[BytesIO]:
    return nullcontext(BytesIO(data))


@pytest.fixture
def source() -> dict[str, Any]:
    """The tree that a mapping reads: form, files, facts."""
    return {
        "data": {
            "applicant": {
                "kind": "ENTERPRISE",
                "name": "天津海晏试验化工有限公司",
                "id_type": "USCC",
                "id_no": "91120116MA05000011",
                "legal_rep": {
                    "name": "测试甲",
                    "id_type": "ID_CARD",
                    "id_no": "120101198001010012",
                    "phone": "13800000000",
                },
                "registered_address": "天津市滨海新区试验路1号",
                "region_code": "120116",
                "zip": "300450",
                "industry_code": "C2614",
                "industry_name": "有机化学原料制造",
            },
            "site": {
                "name": "一厂区",
                "address": "天津市滨海新区试验路2号",
                "region_code": "120116",
                "zip": "300451",
                "lon": "117.70123",
                "lat": "39.01234",
                "seq": "001",
                "park": {"in_park": True, "name": "试验工业园"},
                "area_flags": ["AIR_KEY", "TN"],
            },
            "contacts": [{"role": "CONTACT", "name": "测试乙", "mobile": "13900000001", "phone": "022-66666666"}],
            "delivery": {"method": "PICKUP"},
            "permit": {
                "tier": "KEY",
                "is_rectify": False,
                "production_started": True,
                "start_date": "2020-05-01",
                "main_pollutant_categories": ["AIR", "WATER"],
            },
            "consent": {"commitment": True, "text_version": "1", "at": "2026-11-23T09:00:00+08:00", "by": "测试甲"},
        },
        "materials": [
            {"code": one.code, "name": one.name, "digest": one.digest, "size": one.size, "media_type": one.media_type}
            for one in made_files()
        ],
        "facts": {
            "id": "0190aaaa-0000-7000-8000-000000000001",
            "number": NUMBER,
            "revision": 1,
            "matter": "discharge-permit",
            "type": "new",
            "channel": "web",
            "submitted_at": "2026-11-23T09:30:00.123+08:00",
            "title": "天津海晏试验化工有限公司 排污许可（首次申请）",
            "item": {
                "task_code": TASK,
                "catalog_code": TASK[19:],
                "task_handle_item": TASK + "01",
                "task_version": 1,
                "task_name": "排污许可",
                "project_type": "PROMISE",
                "org_name": "天津市滨海新区行政审批局",
                "org_code": TASK[:18],
                "promise_days": 20,
                "promise_unit": "workdays",
                "legal_days": 30,
                "legal_unit": "workdays",
            },
        },
    }


@pytest.fixture
def outgoing(source: dict[str, Any]) -> Outgoing:
    """The source, mapped, as the engine hands it over."""
    return sent(source)


def sent(source: dict[str, Any], files: tuple[MaterialFile, ...] | None = None) -> Outgoing:
    """A source as a delivery of its revision."""
    facts = source["facts"]
    type_ = facts["type"]
    key = BusinessKey(facts["id"], facts["number"], None, None, "discharge-permit", type_, "91120116MA05000011", "", 0)
    payload = mappings()["discharge-permit", Kind.APPLY, None].write(source)
    made = made_files() if files is None else files
    return Outgoing("d1", Kind.APPLY, facts["revision"], None, payload, key, made, {})


@pytest.fixture(scope="session")
def deliver() -> Callable[..., Outgoing]:
    """`sent`, for tests."""
    return sent


@pytest.fixture
def told(source: dict[str, Any]) -> Callable[..., Outgoing]:
    """Make the delivery that tells a case of a step: of its state, and with it what `said` says."""

    def make(state: str, case: str, sn: str = "s1", **said: Any) -> Outgoing:
        step = {"id": sn, "state": state, "name": NAMES[ApplicationState(state)], "at": AT, **said}
        if state in REASONED:
            step.setdefault("reason", "不符合条件")
        facts = {"case_number": case, "step": step}
        if state == "granted":
            facts |= {"licence_number": LICENCE["number"], "licence": LICENCE}
        return message(source, Kind.DECISION if ApplicationState(state) in DECISIONS else Kind.PROGRESS, facts)

    return make


@pytest.fixture
def withdrawal(source: dict[str, Any]) -> Callable[..., Outgoing]:
    """Make the delivery that withdraws a case."""

    def make(case: str, sn: str = "w1", reason: str = "项目取消") -> Outgoing:
        step = {"id": sn, "state": "withdrawn", "name": "撤回", "at": AT}
        facts = {"case_number": case, "step": step, "withdrawal": {"at": AT, "reason": reason}}
        return message(source, Kind.WITHDRAW, facts)

    return make


@pytest.fixture
def corrected(source: dict[str, Any]) -> Callable[[int], Outgoing]:
    """Make the delivery of a corrected revision."""

    def make(revision: int) -> Outgoing:
        tree = copy.deepcopy(source)
        tree["facts"]["revision"] = revision
        tree["data"]["applicant"]["registered_address"] = f"天津市滨海新区更正路{revision}号"
        payload = mappings()["discharge-permit", Kind.AMEND, None].write(tree)
        return replace(sent(tree), kind=Kind.AMEND, payload=payload)

    return make


def message(source: dict[str, Any], kind: Kind, facts: dict[str, Any]) -> Outgoing:
    """The delivery of a message about a case: the source with what is known besides."""
    payload = mappings()["discharge-permit", kind, None].write({**source, "facts": source["facts"] | facts})
    return replace(sent(source), kind=kind, event=facts["step"]["id"], payload=payload, materials=())


@pytest.fixture
def enter(source: dict[str, Any]) -> Callable[[dict[str, Any], str], tuple[dict[str, Any], tuple[MaterialFile, ...]]]:
    """A document as the engine would hand it on once it has a number: the source of a mapping, and the files."""

    def entered(document: dict[str, Any], number: str) -> tuple[dict[str, Any], tuple[MaterialFile, ...]]:
        files = []
        for one in document["materials"]:
            data = base64.b64decode(one["content"])
            made = partial(_opened, data)
            files.append(MaterialFile(one["code"], one["name"], digest(data), len(data), "application/pdf", made))
        listed = [{"code": one.code, "name": one.name, "digest": one.digest, "size": one.size} for one in files]
        facts = {**source["facts"], "number": number, "type": document["type"]}
        return {"data": document["data"], "materials": listed, "facts": facts}, tuple(files)

    return entered


class Sim:
    """The simulated gateway in a process of its own, and the adapter against it."""

    def __init__(self, running: Running) -> None:
        self._running = running
        self.url = running.targets[TARGET]["url"]

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

    def context(self, *, clock: Clock | None = None, total_seconds: float = 5, secret: str | None = None, **settings):
        """What the adapter is built from."""
        told = self._running.settings
        kept = Path(told["BRIDGE_TARGETS__MUNICIPAL__SECRETS__APP_SECRET"].removeprefix("file:")).read_text("ascii")
        return AdapterContext(
            manifest=read_manifest(Path(create.__code__.co_filename).parent / "manifest.toml"),
            settings={
                "url": self.url,
                "app_key": told["BRIDGE_TARGETS__MUNICIPAL__APP_KEY"],
                **settings,
            },
            secrets={"app_secret": secret or kept},
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
    async def send(adapter: Any, outgoing: Outgoing, memo: Any = None) -> Any:
        """One delivery; an error comes back as a value."""
        try:
            (outcome,) = await adapter.send([outgoing if memo is None else replace(outgoing, memo=memo)])
        except TargetError as error:
            return error
        return outcome


@pytest.fixture(scope="session")
def started() -> Iterator[Running]:
    """One process for all tests."""
    with launch([TARGET]) as running:
        yield running


@pytest.fixture
def sim(started: Running) -> Sim:
    """The gateway, empty and well-behaved."""
    started.ask(TARGET, "/_control/reset", {})
    return Sim(started)
