"""`bridge lineage`: which box becomes which field of which target, and how much of a form reaches each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bridge.cli.opened import settings
from bridge.cli.options import AsJson, Target
from bridge.cli.output import print_json, print_line, print_table

if TYPE_CHECKING:
    from bridge.catalogue.catalogue import Catalogue
    from bridge.engine.targets import Targets

KINDS = {
    "apply": "申请",
    "amend": "更正",
    "withdraw": "撤回",
    "progress": "环节",
    "document": "文书",
    "decision": "决定",
}
"""Each kind of delivery in plain words."""

UNITS = {"characters": "字符", "utf16": "UTF-16 单元", "gbk": "GB 18030 字节"}
"""How a target counts the length of a text."""


def command(
    matter: Annotated[str, typer.Argument(help="事项，见 bridge matters (a matter)")],
    field: Annotated[
        str | None,
        typer.Option(
            "--field",
            metavar="F",
            help="只看这一项：表单指针或其一部分、中文名称、对方字段名 (a pointer, a label, or a target's field)",
        ),
    ] = None,
    target: Target = None,
    counted: Annotated[
        bool, typer.Option("--coverage", help="改为统计：送达多少、不送什么及原因 (count instead: what reaches each)")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """查询表单各项与各系统字段的对应 (which box becomes which field at which target, asked from either end).

    JSON: {"matter","title","form","targets":[{"target","title","mappings":[{"kind","version","schema","length_unit",
    "charset","needs","lines":[{"pointer","label","field","how","required","limit","when","loss","many"}],
    "left_out":[{"pointer","label","reason"}]}]}]}. A constant has no pointer; its value is `how`, its reason `loss`.

    JSON with --coverage: {"matter","title","form","boxes","typed","delivered","times","targets":[{"target","title",
    "version","schema","boxes","mapped","share","fields","from_form","required","required_fed","required_missing",
    "left_out","lost","lossy"}]}: `typed` boxes feed `delivered` fields of all targets, `times` for each.
    """
    from bridge.engine.coverage import coverage
    from bridge.engine.lineage import lineage

    if counted and field is not None:
        raise typer.BadParameter("--coverage 统计整份表单，不能与 --field 同用 (--coverage counts the whole form)")
    catalogue, targets = plugged()
    if counted:
        found = coverage(catalogue, targets, matter, target=target)
    else:
        found = lineage(catalogue, targets, matter, field=field, target=target)
    if as_json:
        print_json(found)
    elif counted:
        _print_coverage(found)
    else:
        _print(found)


def plugged() -> tuple[Catalogue, Targets]:
    """The catalogue and the targets of the settings in force, without a database. Raises SettingsError."""
    from bridge.catalogue.catalogue import Catalogue
    from bridge.clock import SystemClock
    from bridge.wiring import build_targets

    found = settings()
    catalogue = Catalogue(found.schemas_dir)
    return catalogue, build_targets(found, catalogue, SystemClock())


def _print(found: dict[str, Any]) -> None:
    """For people: a table per mapping."""
    print_line(f"{found['title']} {found['matter']} 表单第 {found['form']} 版")
    for one in found["targets"]:
        for mapping in one["mappings"]:
            kind = KINDS[mapping["kind"]]
            print_line()
            print_line(f"{one['title']} {one['target']} · {kind} {mapping['kind']} 映射第 {mapping['version']} 版")
            if not mapping["lines"]:
                print_line("没有对应的字段 (no field)")
            else:
                _print_lines(mapping)
            for box in mapping["left_out"]:
                print_line(f"不送：{box['label']} {box['pointer']}（{box['reason']}）")


def _print_lines(mapping: dict[str, Any]) -> None:
    """The rows of one mapping."""
    print_table(
        ("表单项", "指针", "对方字段", "转换", "必填", "上限", "条件", "说明"),
        (
            (
                line["label"] or "（固定值）",
                line["pointer"],
                line["field"],
                line["how"],
                "是" if line["required"] else "",
                limit(line, mapping["length_unit"]),
                line["when"],
                line["loss"],
            )
            for line in mapping["lines"]
        ),
    )


def limit(line: Mapping[str, Any], unit: str) -> str | None:
    """The longest text or list that a line may have, with its unit."""
    if line["limit"] is None:
        return None
    return f"{line['limit']} {'行' if line['many'] else UNITS[unit]}"


def _print_coverage(found: dict[str, Any]) -> None:
    """For people: the numbers, then what is left out and what is lossy."""
    print_line(f"{found['title']} {found['matter']} 表单第 {found['form']} 版，共 {found['boxes']} 项")
    print_line(f"一次录入 {found['typed']} 项，送达各系统字段 {found['delivered']} 个（平均每项 {found['times']} 个）")
    print_table(
        ("系统", "名称", "送达项", "比例", "写入字段", "其中来自表单", "必填字段", "已有来源", "不送", "有损"),
        (
            (
                one["target"],
                one["title"],
                one["mapped"],
                f"{one['share']:.1%}",
                one["fields"],
                one["from_form"],
                one["required"],
                one["required_fed"],
                len(one["left_out"]),
                len(one["lossy"]),
            )
            for one in found["targets"]
        ),
    )
    for one in found["targets"]:
        for path in one["required_missing"]:
            print_line(f"{one['title']}：必填字段没有来源 {path}")
        for pointer in one["lost"]:
            print_line(f"{one['title']}：无声丢失 {pointer}")
        print_line(f"{one['title']} 不送的项")
        print_table(("表单项", "指针", "原因"), ((b["label"], b["pointer"], b["reason"]) for b in one["left_out"]))
        print_line(f"{one['title']} 有损的项")
        print_table(
            ("表单项", "对方字段", "不能原样读回的原因"), ((b["label"], b["field"], b["loss"]) for b in one["lossy"])
        )
