"""`bridge amend`: hand in a corrected revision of an application."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from bridge.cli.failure import FAILED, say
from bridge.cli.opened import opened
from bridge.cli.options import Actor, AsJson, Reason
from bridge.cli.output import print_json, print_line
from bridge.cli.submit import STDIN, read_text, require_readable, say_problems


def command(
    actor: Actor,
    number: Annotated[str, typer.Argument(metavar="ID", help="收件编号、办件编号或对方编号 (any number)")],
    file: Annotated[str, typer.Argument(metavar="FILE", help="更正后的完整申请 (the whole corrected document)")],
    reason: Reason,
    as_json: AsJson = False,
) -> None:
    """补正：提交更正后的申请，并送达各系统 (a corrected revision, which every system is told of)."""
    if not reason:
        raise typer.BadParameter("请用 --reason 说明原因 (say why with --reason)")
    require_readable([file])
    folder = Path.cwd() if file == STDIN else Path(file).parent
    data = read_text(sys.stdin.buffer) if file == STDIN else _bytes(Path(file))
    from bridge.engine.checking import Rejected

    with opened() as bridge:
        answer = bridge.amendments.amend(number, file, data, folder, actor=actor, reason=reason)
    if isinstance(answer, Rejected):
        if as_json:
            print_json({"rejected": [answer.json()]})
        else:
            say(f"{answer.source}: 未保存，请更正后重新提交 (rejected: correct it and hand it in again)")
            say_problems(answer.json()["problems"])
        raise typer.Exit(FAILED)
    told = answer.json()
    if as_json:
        print_json(told)
        return
    print_line(f"{told['number']}  第 {told['revision']} 版已保存 (revision {told['revision']} is stored)")
    say_problems(told["warnings"])


def _bytes(path: Path) -> bytes:
    """The file's bytes, as far as they are looked at."""
    with path.open("rb") as opened_file:
        return read_text(opened_file)
