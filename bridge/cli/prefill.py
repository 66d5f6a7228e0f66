"""`bridge prefill`: what a company told before, offered for its next application."""

from __future__ import annotations

import re
from typing import Annotated, Any

import typer

from bridge.cli.opened import opened
from bridge.cli.options import Actor, AsJson
from bridge.cli.output import print_json, print_line, print_table

USCC = re.compile(r"[0-9A-Z]{18}", re.ASCII)


def _uscc(text: str) -> str:
    """A 统一社会信用代码 in capitals. Raises BadParameter without the value."""
    made = text.strip().upper()
    if not USCC.fullmatch(made):
        raise typer.BadParameter("应为 18 位统一社会信用代码 (18 digits and capitals are wanted)")
    return made


def _seq(text: str | None) -> str | None:
    """场所顺序码: `1` is `001`."""
    if text is not None and not re.fullmatch("[0-9]{1,3}", text, re.ASCII):
        raise typer.BadParameter("应为场所顺序码，例如 001 (up to three digits are wanted)")
    return text and text.zfill(3)


def command(
    actor: Actor,
    matter: Annotated[str, typer.Argument(help="要办的事项，见 bridge matters (the matter to apply for)")],
    uscc: Annotated[
        str, typer.Option("--uscc", metavar="CODE", callback=_uscc, help="统一社会信用代码 (the company's code)")
    ],
    site: Annotated[
        str | None,
        typer.Option("--site", metavar="N", callback=_seq, help="场所顺序码，只取该场所的 (only what is of this site)"),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """取该单位以前填报的内容供新申请预填，查看记入日志 (what a company told before; looking goes into the ledger).

    JSON: {"matter","form","data":{…},"from":[{"pointer","label","number","matter","at","by"}],"others":[the same and
    "value"]}: `data` is to be looked through and completed, never submitted unseen; `by` is `applicant` or the target
    that gave a licence.
    """
    with opened() as bridge:
        found = bridge.prefill.offer(matter, uscc, site=site, actor=actor)
    if as_json:
        print_json(found)
    else:
        _print(found)


def _print(found: dict[str, Any]) -> None:
    """For people."""
    from bridge.model.pointer import resolve

    print_table(
        ("表单项", "内容", "来源", "事项", "时间"),
        (
            (one["label"], resolve(found, one["pointer"]), one["number"], one["matter"], one["at"])
            for one in found["from"]
        ),
    )
    if found["others"]:
        print_line("其他填报过的内容 (told otherwise)：")
        print_table(
            ("表单项", "来源", "事项", "时间"),
            ((one["label"], one["number"], one["matter"], one["at"]) for one in found["others"]),
        )
