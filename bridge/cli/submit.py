"""`bridge submit`: enter applications from files or standard input."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any, BinaryIO

import typer

from bridge.cli.failure import FAILED, PARTLY, say
from bridge.cli.opened import opened
from bridge.cli.options import Actor, AsJson
from bridge.cli.output import print_json, print_line, progress

NOT_YET = (".xlsx", ".xls", ".csv")
"""Files that a later release takes."""

STDIN = "-"


def command(
    actor: Actor,
    files: Annotated[
        list[str],
        typer.Argument(metavar="FILE...", help="申请文件 .json、.jsonl，- 为标准输入 (files, or - for standard input)"),
    ],
    as_json: AsJson = False,
) -> None:
    """录入申请：全部问题一次说明，有效的立即保存 (enter applications; all problems at once, valid ones are stored)."""
    require_readable(files)
    with opened() as bridge, progress("录入 (entering)") as bar:
        task = bar.add_task("", total=None)
        answer = bridge.acceptance.submit(
            _entries(files), actor=actor, channel="batch", progress=lambda done: bar.advance(task, done)
        )
    if as_json:
        print_json(answer)
    else:
        _print(answer)
    if answer["rejected"]:
        raise typer.Exit(PARTLY if answer["accepted"] else FAILED)


def require_readable(files: Sequence[str]) -> None:
    """Refuse the command, before anything is stored, where one of the files cannot be what was meant."""
    for name in files:
        path = Path(name)
        if path.suffix.lower() in NOT_YET:
            raise typer.BadParameter(f"{name}: 本版本只接收 .json 和 .jsonl (this release takes .json and .jsonl)")
        if name != STDIN and (path.is_dir() or not path.exists()):
            raise typer.BadParameter(f"{name}: 没有这个文件 (no such file)")
    if files.count(STDIN) > 1:
        raise typer.BadParameter("标准输入只能读一次 (standard input can be read once)")


def _entries(files: Sequence[str]) -> Iterator[tuple[str, bytes, Path | None]]:
    """Each file with the folder that paths in it are relative to; read when its turn comes."""
    for name in files:
        if name == STDIN:
            yield name, read_text(sys.stdin.buffer), Path.cwd()
            continue
        with Path(name).open("rb") as file:
            yield name, read_text(file), Path(name).parent


def read_text(file: BinaryIO) -> bytes:
    """The bytes of a text, and one more than is allowed where it is too long."""
    from bridge.catalogue.text import MAX_BYTES

    return file.read(MAX_BYTES + 1)


def _print(answer: dict[str, Any]) -> None:
    """For people: numbers on standard output, problems on standard error."""
    for one in answer["accepted"]:
        print_line(f"{one['number']}  {'已录入过 (again)' if one['again'] else '已保存 (stored)'}  {one['source']}")
        say_problems(one["warnings"])
    for one in answer["rejected"]:
        say(f"{one['source']}: 未录入，请更正后重新提交 (rejected: correct it and submit it again)")
        say_problems(one["problems"])


def say_problems(problems: Sequence[dict[str, Any]]) -> None:
    """Each with its place and cure."""
    for one in problems:
        kind = "提示 (note)" if one["severity"] == "warning" else "错误 (error)"
        say(f"  {kind} {one['pointer']} {one['label']}：{one['message']} {one['remedy']}")
        say(f"      {one['label_en']}: {one['message_en']} {one['remedy_en']}")
