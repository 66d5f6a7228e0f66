"""`bridge sign`: take the form that a target wants signed, and hand the signed one in."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from bridge.cli.failure import FAILED, say
from bridge.cli.opened import opened
from bridge.cli.options import Actor, AsJson, Target
from bridge.cli.output import print_json, print_line
from bridge.cli.submit import require_readable, say_problems


def command(
    actor: Actor,
    number: Annotated[str, typer.Argument(metavar="ID", help="收件编号、办件编号或对方编号 (any number)")],
    get: Annotated[bool, typer.Option("--get", help="取出待签字的表单 (take the form that is to be signed)")] = False,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="FILE.pdf", help="写到该文件 (the file to write)")
    ] = None,
    form: Annotated[
        Path | None, typer.Option("--form", metavar="SIGNED.pdf", help="交回签字后的表单 (the signed form)")
    ] = None,
    of: Annotated[
        str | None,
        typer.Option("--of", metavar="DIGEST", help="签的是哪一份，取出时所示的摘要 (which form was signed)"),
    ] = None,
    target: Target = None,
    as_json: AsJson = False,
) -> None:
    """签字：取出对方系统生成的表单，交回签字后的 (a form that a system wants signed: take it, hand it in)."""
    if get == (form is not None):
        raise typer.BadParameter("请用 --get -o 取出，或用 --form 交回 (--get with -o, or --form: one of them)")
    if get and output is None:
        raise typer.BadParameter("请用 -o 说明写到哪个文件 (say with -o which file to write)")
    if form is None:
        _get(number, target, output or Path(), as_json=as_json)
    else:
        _hand_in(number, target, form, of, actor, as_json=as_json)


def _get(number: str, target: str | None, output: Path, *, as_json: bool) -> None:
    """Write the form out: a new file that others cannot read, for it holds personal data."""
    with opened() as bridge:
        request = bridge.signing.wanted(number, target)
        handle = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with os.fdopen(handle, "wb") as file:
            bridge.signing.write_form(request, file)
    if as_json:
        form = request.form
        told = {"name": form.name, "digest": form.digest, "size": form.size}
        print_json(
            {"application": request.application, "target": request.target, "to_sign": told, "output": str(output)}
        )
        return
    print_line(f"{request.form.name} → {output}")
    print_line(f"摘要 (digest) {request.form.digest}")
    print_line("签字盖章并扫描为 PDF 后，用 bridge sign 编号 --form 文件 交回 (sign it, then hand it in with --form)")


def _hand_in(number: str, target: str | None, form: Path, of: str | None, actor: str, *, as_json: bool) -> None:
    """Hand the signed form in."""
    require_readable([str(form)])
    from bridge.engine.checking import Rejected

    with opened() as bridge:
        answer = bridge.signing.hand_in(number, form.name, lambda: form.open("rb"), actor=actor, target=target, of=of)
    if isinstance(answer, Rejected):
        if as_json:
            print_json({"rejected": [answer.json()]})
        else:
            say(f"{answer.source}: 未接收 (not taken)")
            say_problems(answer.json()["problems"])
        raise typer.Exit(FAILED)
    told = answer.json()
    if as_json:
        print_json(told)
    else:
        print_line(f"{told['number']}  签字表单已收到，推送继续 (the signed form is taken, the delivery goes on)")
