"""`bridge simulate`: the targets as real servers on loopback, until stopped. Needs no `init`."""

from __future__ import annotations

import signal
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from bridge.cli.output import print_json


def command(
    ports: Annotated[
        int | None,
        typer.Option("--ports", metavar="BASE", help="起始端口，默认取空闲端口 (first port; free ones by default)"),
    ] = None,
    callback: Annotated[
        str | None,
        typer.Option("--callback", metavar="URL", help="回调发往 URL/callbacks/<系统> (post callbacks there)"),
    ] = None,
    faults: Annotated[
        Path | None,
        typer.Option("--faults", metavar="FILE", exists=True, dir_okay=False, help="故障文件 JSON (a plan of faults)"),
    ] = None,
    _json: Annotated[bool, typer.Option("--json", hidden=True, help="它总是 JSON (it always is JSON)")] = False,
) -> None:
    """启动各对接系统的模拟系统，首行输出地址和设置 (the targets as real servers on loopback)."""
    from bridge.testing.simulator.launch import launch

    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    with launch(simulated(), base_port=ports, callback_url=callback, faults_file=faults) as running:
        print_json(running.document())
        stop.wait()


def simulated() -> Sequence[str]:
    """The targets of all routes that have a simulator, each once, in the order of the routes."""
    from bridge.catalogue.catalogue import Catalogue
    from bridge.cli.opened import settings
    from bridge.testing.simulator.launch import has_simulator

    matters = Catalogue(settings().schemas_dir).matters()
    return [
        target
        for target in dict.fromkeys(step.target for matter in matters for step in matter.route)
        if has_simulator(target)
    ]
