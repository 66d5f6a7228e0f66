"""`bridge evidence`: everything of one application with its proofs, in one file that is checked without us."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bridge.cli.opened import opened
from bridge.cli.options import Actor, AsJson
from bridge.cli.output import print_json, print_line


def command(
    number: Annotated[str, typer.Argument(metavar="ID", help="申请的任一编号 (any number of the application)")],
    output: Annotated[Path, typer.Option("-o", "--output", metavar="FILE.zip", help="写到该文件 (the file to write)")],
    actor: Actor,
    as_json: AsJson = False,
) -> None:
    """制作一件申请的证据包 (the evidence pack of an application; contains personal data)."""
    with opened() as bridge:
        made = bridge.evidence.make(number, output, actor=actor)
    if as_json:
        print_json(made)
    else:
        print_line(f"{made['number']}：{made['files']} 个文件 (files)，{made['file']}")
        print_line(f"核验 (check): python verify.py {made['file']}（verify.py 在包内 (inside the pack)）")
