"""`bridge sample`: valid, varied, invented applications."""

from __future__ import annotations

import sys
from typing import Annotated

import orjson
import typer

from bridge.cli.output import progress


def command(
    matter: Annotated[str, typer.Argument(help="事项，见 bridge matters (a matter)")],
    type_: Annotated[
        str | None, typer.Option("--type", help="申请类型，默认第一种 (a type; the first by default)")
    ] = None,
    seed: Annotated[
        int, typer.Option("--seed", help="种子：同一种子，同样的样例 (the same seed, the same samples)", min=0)
    ] = 1,
    count: Annotated[
        int | None, typer.Option("--count", help="份数，逐行输出 (how many, as JSON Lines)", min=1)
    ] = None,
    _json: Annotated[bool, typer.Option("--json", hidden=True, help="它总是 JSON (it always is JSON)")] = False,
) -> None:
    """生成有效的样例申请，内容均为虚构 (valid, varied applications; everything in them is invented)."""
    from bridge.testing.samples import generate

    if count is None:
        (document,) = generate(matter, type=type_, seed=seed, count=1)
        sys.stdout.write(orjson.dumps(document, option=orjson.OPT_INDENT_2).decode() + "\n")
        return
    with progress("生成样例 (sampling)") as bar:
        task = bar.add_task("", total=count)
        for document in generate(matter, type=type_, seed=seed, count=count):
            sys.stdout.write(orjson.dumps(document).decode() + "\n")
            bar.advance(task)
