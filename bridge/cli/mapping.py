"""`bridge mapping diff`: what another version of a mapping would change, before it is switched on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from bridge.cli.failure import PARTLY
from bridge.cli.opened import opened
from bridge.cli.options import AsJson
from bridge.cli.output import print_json, print_line, print_table, progress

if TYPE_CHECKING:
    from bridge.engine.rehearsal import Name


def command(
    old: Annotated[
        str,
        typer.Argument(metavar="OLD", help="系统/事项[/种类][@版本]，默认 apply、现行版本 (what to compare with)"),
    ],
    new: Annotated[str, typer.Argument(metavar="NEW", help="同上，或只写 @版本 (the same, or just @VERSION)")],
    last: Annotated[
        int, typer.Option("--last", metavar="N", min=1, help="重放最近几件申请 (how many of the newest applications)")
    ] = 100,
    as_json: AsJson = False,
) -> None:
    """用另一版映射重放已存的申请，逐字段比较，不显示内容 (replay stored applications through another version).

    OLD and NEW are TARGET/MATTER/KIND@VERSION, such as municipal/discharge-permit/apply@1. Nothing is sent or stored.
    Exit: 0 nothing changes · 3 something does · 4 no such mapping.

    JSON: {"old","new","old_schema","new_schema","applications","replayed","waiting","both_refused",
    "fields":[{"field","pointer","label","applications","added","removed","changed","how","examples"}],
    "refused":[{"field","reason","pointer","label","applications","numbers"}],"mended":[numbers],
    "needs":[{"fact","applications","numbers"}],"freed":[the same]}. `refused` could no longer be written, `mended`
    could not before; `needs` would wait for a fact, `freed` no longer.
    """
    first, second = _names(old, new)
    with opened() as bridge, progress("重放 (replaying)"):
        found = bridge.rehearsal.diff(first, second, last=last)
    if as_json:
        print_json(found)
    else:
        _print(found)
    same_schema = found["old_schema"] == found["new_schema"]
    if not same_schema or any(found[name] for name in ("fields", "refused", "mended", "needs", "freed")):
        raise typer.Exit(PARTLY)


def _names(old: str, new: str) -> tuple[Name, Name]:
    """What is compared with what."""
    from bridge.engine.rehearsal import read_name

    try:
        first = read_name(old)
        second = read_name(new, first)
    except ValueError:
        raise typer.BadParameter("应为 系统/事项/种类@版本 (TARGET/MATTER/KIND@VERSION is wanted)") from None
    if (first.target, first.matter) != (second.target, second.matter):
        raise typer.BadParameter("两者应为同一系统的同一事项 (both must be of one target and matter)")
    return first, second


def _print(found: dict[str, Any]) -> None:
    """For people."""
    print_line(f"{found['old']} {found['old_schema']} → {found['new']} {found['new_schema']}")
    print_line(f"申请 {found['applications']} 件，重放 {found['replayed']} 次，尚缺前置信息 {found['waiting']} 次")
    print_table(
        ("对方字段", "表单项", "申请数", "新增", "不再写", "改变", "如何改变", "例如"),
        (
            (
                one["field"],
                one["label"],
                one["applications"],
                one["added"],
                one["removed"],
                one["changed"],
                "、".join(f"{how} {count}" for how, count in one["how"].items()),
                " ".join(one["examples"]),
            )
            for one in found["fields"]
        ),
    )
    for one in found["refused"]:
        numbers = " ".join(one["numbers"])
        box = f"〔{one['label']}〕" if one["label"] else ""
        print_line(f"将无法写入 (no longer written) {one['field']}{box}：{one['reason']} {numbers}")
    for one in found["needs"]:
        print_line(f"将等待 (would wait for) {one['fact']}：{' '.join(one['numbers'])}")
    for one in found["freed"]:
        print_line(f"将不再等待 (would not wait for) {one['fact']}：{' '.join(one['numbers'])}")
    if found["mended"]:
        print_line(f"将可以写入 (could be written) {' '.join(found['mended'])}")
