"""`bridge demo`: the simulators and the bridge together. One target is down, one loses its answers, all recovers."""

from __future__ import annotations

import asyncio
import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import orjson
import typer

from bridge.cli.failure import FAILED
from bridge.cli.output import console, print_table

if TYPE_CHECKING:
    from bridge.testing.simulator.launch import Running
    from bridge.wiring import Bridge

APPLICATIONS = 12
DOWN_SECONDS = 3.0
"""How long the one target stays down while the other is served."""
RECOVERY_SECONDS = 30.0
FAST = {"BRIDGE_RETRY__FIRST_SECONDS": "0.5", "BRIDGE_RETRY__CAP_SECONDS": "2", "BRIDGE_HTTP__TOTAL_SECONDS": "5"}
"""Retry times of a demonstration; the defaults are minutes."""


def command(
    once: Annotated[bool, typer.Option("--once", help="完成后退出 (print the result and leave)")] = False,
) -> None:
    """演示：一次录入，两个系统；一个停机，一个丢失答复，最后全部恢复 (one entry, two systems, faults, recovery)."""
    from bridge.cli.simulate import simulated
    from bridge.testing.simulator.launch import launch

    folder = Path(tempfile.mkdtemp(prefix="bridge-demo-"))
    try:
        with launch(simulated()) as running:
            good = _play(running, folder)
            if good and not once:
                _wait(running)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    if not good:
        raise typer.Exit(FAILED)


def _play(running: Running, folder: Path) -> bool:
    """The whole play; whether all ended well."""
    from bridge.settings import load
    from bridge.storage.migrate import migrate
    from bridge.storage.sealing import Keyring
    from bridge.testing.samples import generate
    from bridge.wiring import build

    _set({**running.settings, **FAST, "BRIDGE_DATA_DIR": str(folder)})
    settings = load()
    Keyring.create(settings.key_file)
    migrate(settings.database_url)
    bridge = build(settings)
    out = console()
    try:
        down, lossy = list(running.targets)[-1], next(iter(running.targets))
        titles = {name: target.adapter.manifest.title for name, target in bridge.targets.items()}
        out.print(
            f"[1/4] {titles[down]} 停机；{titles[lossy]} 收下后不答复 (one target is down, one loses its answers)"
        )
        running.ask(down, "/_control/faults", {"seed": 1, "faults": [{"fault": "refuse", "share": 1, "on": "all"}]})
        running.ask(lossy, "/_control/faults", {"seed": 1, "faults": [{"fault": "commit_then_drop", "share": 0.4}]})
        documents = generate("discharge-permit", seed=2026, count=APPLICATIONS)
        lines = b"".join(orjson.dumps(one) + b"\n" for one in documents)
        taken = bridge.acceptance.submit([("demo.jsonl", lines, None)], actor="demo", channel="batch")
        out.print(
            f"[2/4] 一次录入 {len(taken['accepted'])} 件，均已保存并给出收件编号 (entered once, stored, numbered)"
        )
        _drain(bridge, DOWN_SECONDS)
        out.print("[3/4] 停机期间：另一系统照常办理 (meanwhile the other is served)")
        _table(bridge, running)
        for target in running.targets:
            running.ask(target, "/_control/faults", {"faults": []})
        result = _drain(bridge, RECOVERY_SECONDS)
        out.print("[4/4] 恢复之后：不用任何人动手 (after recovery, by itself)")
        _table(bridge, running)
        held = {target: len(running.ask(target, "/_control/records")["records"]) for target in running.targets}
        good = all(count == APPLICATIONS for count in held.values()) and result["delivered"] > 0
        good = good and not any(result[name] for name in ("due", "waiting", "unknown", "parked"))
        example = taken["accepted"][0]["number"]
        status = bridge.views.status(example)
        out.print(f"例：{example} → 办件编号 {status['case_number']}")
        for one in status["targets"]:
            out.print(f"    {one['title']}：{one['text']}，对方编号 {one['counterpart']}")
        out.print(
            "结果：每件在每个系统各一份，没有遗失，没有重复 (each once in each system)"
            if good
            else "结果：没有完成 (not complete)"
        )
        return good
    finally:
        bridge.close()


def _drain(bridge: Bridge, seconds: float) -> dict[str, int]:
    """One drain, with how things stand shown live where there is a terminal."""
    from bridge.cli.output import progress
    from bridge.runners.embedded import drain

    with progress("推送 (delivering)") as bar:
        task = bar.add_task("", total=None)
        return asyncio.run(
            drain(bridge, seconds=seconds, progress=lambda now: bar.update(task, completed=now["delivered"]))
        )


def _table(bridge: Bridge, running: Running) -> None:
    """Each target's deliveries by state, beside what it holds itself."""
    from bridge.engine.words import STATES
    from bridge.ports.store import DeliveryFilter

    rows = []
    for name, target in bridge.targets.items():
        states = [one["state"] for one in bridge.views.deliveries(DeliveryFilter(target=name))]
        told = "，".join(f"{STATES[state][0]} {states.count(state)}" for state in STATES if state in states)
        held = len(running.ask(name, "/_control/records")["records"])
        rows.append((target.adapter.manifest.title, told, held))
    print_table(("系统", "我方记录", "对方实有"), iter(rows))


def _set(settings: Mapping[str, str]) -> None:
    """The demonstration's settings, and no others."""
    for name in [name for name in os.environ if name.startswith("BRIDGE_")]:
        del os.environ[name]
    os.environ.update(settings)


def _wait(running: Running) -> None:
    """Leave the simulators up until Ctrl-C, and say how to speak to them."""
    out = console()
    out.print("模拟系统仍在运行，按 Ctrl-C 结束。新终端中 (the simulators go on until Ctrl-C; in another terminal):")
    for name, value in running.settings.items():
        out.print(f"  export {name}={value}")
    import signal

    signal.pause()
