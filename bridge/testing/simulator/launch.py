"""Start simulators, each in a process of its own, and stop them: for `bridge simulate`, `bridge demo` and tests."""

from __future__ import annotations

import importlib.util
import json
import os
import selectors
import shutil
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from bridge.clock import Clock, SystemClock
from bridge.errors import SettingsError

READY_SECONDS = 60.0
STOP_SECONDS = 10.0


class Running:
    """Simulators that run. A context manager: they stop at its end, and also when this process dies."""

    def __init__(self, targets: Mapping[str, Mapping[str, str]], settings: Mapping[str, str], stack: ExitStack) -> None:
        self.targets, self.settings = targets, settings
        self._stack = stack

    def document(self) -> dict[str, Any]:
        """What `bridge simulate` prints as its first line."""
        return {"targets": self.targets, "settings": self.settings}

    def ask(self, target: str, path: str, body: object | None = None) -> Any:
        """Call the side door of a target: GET without a body, POST with one. Raises SettingsError by its answer."""
        return ask(self.targets[target]["control"], path, body)

    def stop(self) -> None:
        """Stop them all, and forget what they held unless their folder was told."""
        self._stack.close()

    def __enter__(self) -> Self:
        """They run already."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop."""
        self.stop()


def has_simulator(target: str, package: str | None = None) -> bool:
    """Whether the adapter (the package `adapters.<target>` unless told) has a simulator."""
    return importlib.util.find_spec(_module(target, package)) is not None


def launch(
    targets: Sequence[str],
    *,
    base_port: int | None = None,
    callback_url: str | None = None,
    faults_file: Path | None = None,
    folder: Path | None = None,
    packages: Mapping[str, str] | None = None,
    clock: Clock | None = None,
) -> Running:
    """Start the simulators of `targets` and wait until all are ready.

    With `base_port` the first target's service and side door get BASE and BASE+1, the second's BASE+2 and BASE+3, and
    so on; else each gets free ports. Their stores lie under `folder`, or in one that is removed at the end.
    `packages` names the packages of adapters that are installed and no folders of ours. `faults_file` is JSON: one plan
    for all (`{"seed","faults"}`), or one per target (`{TARGET: {"seed","faults"}}`).
    Raises SettingsError where a target has no simulator, a port is taken, or a fault has no meaning.
    """
    plans = _plans(faults_file, targets)
    known = packages or {}
    for target in targets:
        if not has_simulator(target, known.get(target)):
            raise SettingsError(target, "没有模拟系统 (no simulator in this adapter)")
    with ExitStack() as stack:
        root = folder or Path(tempfile.mkdtemp(prefix="bridge-simulators-"))
        if folder is None:
            stack.callback(shutil.rmtree, root, ignore_errors=True)
        started: list[tuple[str, subprocess.Popen[bytes]]] = []
        for place, target in enumerate(targets):
            words = _words(target, known.get(target), root / target, callback_url)
            started.append((target, _start([*words, *_ports(base_port, place)], stack)))
        addresses: dict[str, dict[str, str]] = {}
        settings: dict[str, str] = {}
        for target, process in started:
            ready = _first_line(target, process, clock or SystemClock())
            addresses[target] = {"url": ready["url"], "control": ready["control"]}
            settings |= ready["settings"]
        for target, plan in plans.items():
            ask(addresses[target]["control"], "/_control/faults", plan)
        return Running(addresses, settings, stack.pop_all())


def ask(control: str, path: str, body: object | None = None) -> Any:
    """Call a side door: GET without a body, POST with one. Raises SettingsError with what it says against it."""
    request = urllib.request.Request(  # noqa: S310 - a loopback address of a simulator
        control.rstrip("/") + path,
        data=None if body is None else json.dumps(body).encode(),
        headers={"Content-Type": "application/json"},
    )
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=READY_SECONDS) as answer:
            return json.loads(answer.read())
    except urllib.error.HTTPError as refused:
        with refused:
            said = refused.read().decode(errors="replace")
        raise SettingsError(path, f"模拟系统答复 (the simulator answers) {refused.code}: {said}") from None


def _module(target: str, package: str | None = None) -> str:
    """The module that has the class SIMULATOR."""
    return f"{package or f'adapters.{target}'}.simulator"


def _ports(base_port: int | None, place: int) -> Sequence[str]:
    """The ports of the target at `place`, as words of its command."""
    if base_port is None:
        return ()
    first = base_port + 2 * place
    return ("--port", str(first), "--control-port", str(first + 1))


def _words(target: str, package: str | None, folder: Path, callback_url: str | None) -> list[str]:
    """The command of one simulator, without ports."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    words = [sys.executable, "-m", "bridge.testing.simulator.main", _module(target, package)]
    words += ["--folder", str(folder)]
    if callback_url:
        words += ["--callback", callback_url]
    return words


def _start(words: Sequence[str], stack: ExitStack) -> subprocess.Popen[bytes]:
    """One process. Its standard input is a pipe that ends with us."""
    paths = os.pathsep.join(path for path in sys.path if path)
    process = subprocess.Popen(  # noqa: S603 - our own module
        words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env={**os.environ, "PYTHONPATH": paths}
    )
    stack.callback(_stop, process)
    return process


def _first_line(target: str, process: subprocess.Popen[bytes], clock: Clock) -> Any:
    """What it says when it is ready. Raises SettingsError where it ends before, or says nothing."""
    assert process.stdout is not None  # noqa: S101 - a pipe was asked for
    ends = clock.monotonic() + READY_SECONDS
    line = b""
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        while not line.endswith(b"\n"):
            left = ends - clock.monotonic()
            if left <= 0 or not selector.select(left):
                raise SettingsError(target, "模拟系统没有按时启动 (the simulator did not come up in time)")
            piece = os.read(process.stdout.fileno(), 65_536)
            if not piece:
                raise SettingsError(target, "模拟系统启动失败，请检查端口 (the simulator ended; is its port taken?)")
            line += piece
    return json.loads(line)


def _stop(process: subprocess.Popen[bytes]) -> None:
    """End a process and its pipes."""
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            pipe.close()


def _plans(faults_file: Path | None, targets: Sequence[str]) -> dict[str, Any]:
    """The plan of faults for each target that has one."""
    if faults_file is None:
        return {}
    try:
        told = json.loads(faults_file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as exc:
        raise SettingsError(str(faults_file), "故障文件无法读取 (the file of faults cannot be read)") from exc
    if not isinstance(told, dict):
        raise SettingsError(str(faults_file), "应为 JSON 对象 (a JSON object is wanted)")
    if "faults" in told:
        return dict.fromkeys(targets, told)
    if unknown := set(told) - set(targets):
        raise SettingsError(str(faults_file), f"没有启动这些系统 (not started): {', '.join(sorted(unknown))}")
    return told
