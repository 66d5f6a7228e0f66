"""`bridge submit`: enter applications from files or standard input."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, BinaryIO

import typer

from bridge.cli.failure import FAILED, PARTLY, say
from bridge.cli.opened import opened
from bridge.cli.options import Actor, AsJson
from bridge.cli.output import print_json, print_line, progress
from bridge.cli.tabular import Opened, is_table, open_tables, require_place, save_errors

if TYPE_CHECKING:
    from bridge.catalogue.text import Sourced

STDIN = "-"


def command(
    actor: Actor,
    files: Annotated[
        list[str],
        typer.Argument(
            metavar="FILE...", help="申请文件 .json、.jsonl、.xlsx、.csv，- 为标准输入 (files, or - for standard input)"
        ),
    ],
    matter: Annotated[str | None, typer.Option("--matter", help="CSV 文件的事项 (the matter of a CSV file)")] = None,
    type_: Annotated[
        str | None, typer.Option("--type", help="表格中未填类型的行的申请类型 (the type of rows that name none)")
    ] = None,
    errors: Annotated[
        Path | None,
        typer.Option("--errors", help="将表格中未录入的行另存为此 .xlsx，改正后可再提交 (save rejected rows there)"),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """录入申请：全部问题一次说明，有效的立即保存 (enter applications; all problems at once, valid ones are stored)."""
    require_readable(files)
    require_place(errors, files)
    with ExitStack() as stack:
        bridge = stack.enter_context(opened())
        tables = open_tables(stack, files, bridge.catalogue, matter, type_)
        with progress("录入 (entering)") as bar:
            task = bar.add_task("", total=None)
            answer = bridge.acceptance.submit(
                _entries(files, tables), actor=actor, channel="batch", progress=lambda done: bar.advance(task, done)
            )
        saved = save_errors(errors, tables, answer["rejected"]) if errors else 0
    if as_json:
        print_json(answer)
    else:
        _print(answer)
    if saved:
        say(f"未录入的 {saved} 件已另存，改正后提交该文件即可 (rejected rows are in): {errors}")
    if answer["rejected"]:
        raise typer.Exit(PARTLY if answer["accepted"] else FAILED)


def require_readable(files: Sequence[str]) -> None:
    """Refuse the command, before anything is stored, where one of the files cannot be what was meant."""
    for name in files:
        path = Path(name)
        if name != STDIN and (path.is_dir() or not path.exists()):
            raise typer.BadParameter(f"{name}: 没有这个文件 (no such file)")
    if files.count(STDIN) > 1:
        raise typer.BadParameter("标准输入只能读一次 (standard input can be read once)")


def _entries(files: Sequence[str], tables: Opened) -> Iterator[tuple[str, bytes | Iterable[Sourced], Path | None]]:
    """Each file with the folder that paths in it are relative to; a text is read when its turn comes."""
    for name in files:
        if is_table(name):
            yield name, documents_of(name, tables), Path(name).parent
            continue
        if name == STDIN:
            yield name, read_text(sys.stdin.buffer), Path.cwd()
            continue
        with Path(name).open("rb") as file:
            yield name, read_text(file), Path(name).parent


def documents_of(name: str, tables: Opened) -> Iterable[Sourced]:
    """The applications of a table, or why it was refused."""
    from bridge.sheets.tables import Tables, refused

    found = tables[name]
    return found.documents() if isinstance(found, Tables) else [refused(name, found)]


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
        place = one.get("cell") or one["pointer"]
        say(f"  {kind} {place} {one['label']}：{one['message']} {one['remedy']}")
        say(f"      {one['label_en']}: {one['message_en']} {one['remedy_en']}")
