"""`bridge demo`: the simulators and the bridge together. Faults and recovery; then a decision that goes round."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import orjson
import typer

from bridge.cli.failure import FAILED
from bridge.cli.options import AsJson
from bridge.cli.output import console, print_json, print_line, print_table, table

if TYPE_CHECKING:
    from rich.table import Table

    from bridge.testing.simulator.launch import Running
    from bridge.wiring import Bridge

MATTER = "discharge-permit"
APPLICATIONS = 12
SEED = 2026
DOWN_SECONDS = 3.0
"""How long one target stays down while the other is served."""
RECOVERY_SECONDS = 30.0
"""At most; what is left then is told as not complete."""
FAST = {
    "BRIDGE_RETRY__FIRST_SECONDS": "0.5",
    "BRIDGE_RETRY__CAP_SECONDS": "2",
    "BRIDGE_HTTP__TOTAL_SECONDS": "5",
    "BRIDGE_CONFIG": os.devnull,
    "BRIDGE_LOG_LEVEL": "ERROR",
}
"""Settings of a demonstration: retry times in seconds, where the defaults are minutes, and no file of the folder."""
DOWN = [{"fault": "refuse", "share": 1, "on": "all"}]
LOSSY = [{"fault": "commit_then_drop", "share": 0.4}]


def command(
    once: Annotated[bool, typer.Option("--once", help="完成后退出 (print the result and leave)")] = False,
    as_json: AsJson = False,
) -> None:
    """演示：一次录入；停机与丢失答复，自动恢复；一次决定，各系统同步 (one entry, faults, recovery, one decision)."""
    from bridge.cli.simulate import simulated
    from bridge.testing.simulator.launch import launch

    folder = Path(tempfile.mkdtemp(prefix="bridge-demo-"))
    try:
        with _settings({}):
            targets = simulated()
        with launch(targets) as running, _settings({**running.settings, "BRIDGE_DATA_DIR": str(folder)}):
            result = _play(running, quiet=as_json)
            if as_json:
                print_json(result)
            if not once:
                _leave_up(running)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    if not result["complete"]:
        raise typer.Exit(FAILED)


@contextmanager
def _settings(settings: Mapping[str, str]) -> Iterator[None]:
    """The demonstration's settings and no others, for the length of the block."""
    before = {name: value for name, value in os.environ.items() if name.startswith("BRIDGE_")}
    try:
        for name in before:
            del os.environ[name]
        os.environ.update({**FAST, **settings})
        yield
    finally:
        for name in {**FAST, **settings}:
            os.environ.pop(name, None)
        os.environ.update(before)


def _play(running: Running, *, quiet: bool) -> dict[str, Any]:
    """The whole play in five acts; what came of it."""
    from bridge.cli.opened import opened, settings
    from bridge.storage.migrate import migrate
    from bridge.storage.sealing import Keyring
    from bridge.storage.signing import create_signing_key

    found = settings()
    Keyring.create(found.key_file)
    create_signing_key(found.signing_key_file)
    migrate(found.database_url)
    with opened() as bridge:
        show = _Stage(bridge, running, quiet=quiet)
        lossy, decider = show.names[0], show.decider
        show.act(
            f"[1/5] {show.titles[decider]} 停机；{show.titles[lossy]} 收下后不答复 (one is down, one loses answers)"
        )
        running.ask(lossy, "/_control/faults", {"seed": 1, "faults": LOSSY})
        running.ask(decider, "/_control/faults", {"seed": 1, "faults": DOWN})
        numbers = _enter(bridge)
        show.act(f"[2/5] 一次录入 {len(numbers)} 件，均已保存并给出收件编号 (entered once, stored, numbered)")
        show.drain(DOWN_SECONDS)
        show.act("[3/5] 停机期间，另一系统照常办理 (meanwhile the other one is served)", stand=True)
        for name in (lossy, decider):
            running.ask(name, "/_control/faults", {"faults": []})
        show.drain(RECOVERY_SECONDS)
        show.act("[4/5] 恢复之后，无需任何人操作 (after recovery, nobody had to do anything)", stand=True)
        counts = _decide(show)
        show.act("[5/5] 审批系统受理并准予一次，各系统自动同步 (decided once, and every system knows)", stand=True)
        held = {name: show.held(name) for name in show.names}
        left = sum(counts[name] for name in ("due", "lodged", "waiting", "unknown", "parked"))
        granted = sum(one["state"] == "granted" for one in bridge.views.applications())
        once_each = all(len(keys) == len(set(keys)) == len(numbers) for keys in held.values())
        complete = not left and granted == len(numbers) and once_each
        if not quiet:
            _tell(bridge.views.status(numbers[0]), complete=complete)
        return {
            "applications": len(numbers),
            "held": {name: len(keys) for name, keys in held.items()},
            "complete": complete,
            **counts,
        }


def _enter(bridge: Bridge) -> list[str]:
    """Enter the applications; their numbers."""
    from bridge.testing.samples import generate

    documents = generate(MATTER, seed=SEED, count=APPLICATIONS)
    lines = b"".join(orjson.dumps(one) + b"\n" for one in documents)
    answer = bridge.acceptance.submit([("demo.jsonl", lines, None)], actor="demo", channel="batch")
    return [one["number"] for one in answer["accepted"]]


def _decide(show: _Stage) -> dict[str, int]:
    """The decider accepts and grants every application; what is told of it, until the last verdict has come."""
    show.decide("accept")
    show.drain(RECOVERY_SECONDS)
    show.decide("grant")
    counts = show.drain(RECOVERY_SECONDS)
    until = show.now() + RECOVERY_SECONDS
    while counts["lodged"] and show.now() < until:
        show.wait(0.5)
        counts = show.drain(RECOVERY_SECONDS)
    return counts


def _tell(status: Mapping[str, Any], *, complete: bool) -> None:
    """One application as an example, and the result in a sentence."""
    print_line(f"例如 (for example) {status['number']}，办件编号 (case number) {status['case_number']}:")
    print_table(
        ("系统", "状态", "对方编号"),
        ((one["title"], one["text"], one["counterpart"]) for one in status["targets"]),
    )
    if licence := status["licence"]:
        term = f"{licence['valid_from']} 至 {licence['valid_to']}"
        print_line(
            f"{status['label']}，证照 (licence) {licence['number']}，有效期 {term}，{len(licence['files'])} 个文件"
        )
    print_line(
        "结果：每件在每个系统各一份，决定已到达，没有遗失，没有重复 (each once in each system, none lost, none doubled)"
        if complete
        else "结果：没有完成 (not complete)"
    )


def _leave_up(running: Running) -> None:
    """Leave the simulators up until Ctrl-C, and say how to speak to them."""
    print_line("模拟系统仍在运行，按 Ctrl-C 结束；其设置 (the simulators go on until Ctrl-C; their settings):")
    for name, value in running.settings.items():
        print_line(f"export {name}={value}")
    signal.sigwait({signal.SIGINT, signal.SIGTERM})


class _Stage:
    """What is shown of the play: titles, tables, and how things stand while they happen."""

    def __init__(self, bridge: Bridge, running: Running, *, quiet: bool) -> None:
        self._bridge, self._running, self._quiet = bridge, running, quiet
        self._shown_at = 0.0
        matter = bridge.catalogue.matter(MATTER)
        self.names = [step.target for step in matter.route if step.target in running.targets]
        self.decider = matter.decider
        self.titles = {name: bridge.targets[name].adapter.manifest.title for name in self.names}

    def act(self, text: str, *, stand: bool = False) -> None:
        """Say what happens; with `stand`, how each target stands."""
        if not self._quiet:
            print_line(text)
            if stand:
                console().print(self._table(beside_theirs=True))

    def held(self, name: str) -> list[str]:
        """What a target itself holds: our numbers, one for each record."""
        return [one["key"] for one in self._running.ask(name, "/_control/records")["records"]]

    def decide(self, act: str) -> None:
        """The decider acts on every application."""
        for one in self._running.ask(self.decider, "/_control/records")["records"]:
            self._running.ask(self.decider, "/_control/decide", {"number": one["number"], "act": act})

    def now(self) -> float:
        """Seconds, by a clock that never goes back."""
        return self._bridge.clock.monotonic()

    def wait(self, seconds: float) -> None:
        """Let the simulators work."""
        asyncio.run(self._bridge.clock.sleep(seconds))

    def drain(self, seconds: float) -> dict[str, int]:
        """One drain; each target's state is shown live where there is a terminal."""
        from rich.live import Live

        from bridge.runners.embedded import drain

        screen = console(stderr=True)
        if self._quiet or not screen.is_terminal:
            return asyncio.run(drain(self._bridge, seconds=seconds))
        with Live(self._table(), console=screen, transient=True, auto_refresh=False) as live:

            def show(_: dict[str, int]) -> None:
                now = self._bridge.clock.monotonic()
                if now - self._shown_at >= 0.25:
                    self._shown_at = now
                    live.update(self._table(), refresh=True)

            return asyncio.run(drain(self._bridge, seconds=seconds, progress=show))

    def _table(self, *, beside_theirs: bool = False) -> Table:
        """Each target's deliveries by state; beside how many records it holds itself."""
        from bridge.engine.words import STATES
        from bridge.ports.store import DeliveryFilter

        rows = []
        for name in self.names:
            states = [one["state"] for one in self._bridge.views.deliveries(DeliveryFilter(target=name))]
            told = "，".join(
                f"{words} {states.count(state)}" for state, (words, _) in STATES.items() if state in states
            )
            rows.append((self.titles[name], told, *([len(self.held(name))] if beside_theirs else [])))
        columns = ("系统", "推送 (deliveries)", "对方实有 (it holds)")
        return table(columns if beside_theirs else columns[:2], rows)
