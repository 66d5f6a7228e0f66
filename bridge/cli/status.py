"""`bridge status`: where one application stands in each system, and what to do."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from bridge.cli.opened import opened
from bridge.cli.options import AsJson
from bridge.cli.output import print_json, print_line, print_table

WHO = {
    "nobody": "",
    "applicant": "申请人",
    "clerk": "窗口人员",
    "operator": "运维人员",
    "target": "对方系统",
    "decider": "审批机关",
}
"""Who must act, in plain words."""


def command(
    number: Annotated[str, typer.Argument(metavar="ID", help="收件编号、办件编号、对方编号或业务流水号 (any number)")],
    as_json: AsJson = False,
) -> None:
    """查询一件申请在各系统的状态 (where an application stands, by any of our numbers or a target's)."""
    with opened() as bridge:
        status = bridge.views.status(number)
    if as_json:
        print_json(status)
    else:
        _print(status)


def _print(status: dict[str, Any]) -> None:
    """For people."""
    print_line(f"收件编号 {status['number']}")
    print_line(f"办件编号 {status['case_number'] or '尚未给出 (not given yet)'}")
    print_line(f"状态 {status['label']} ({status['label_en']})")
    print_table(
        ("系统", "状态", "对方编号", "最近联系", "下次尝试", "待谁处理"),
        (
            (
                one["title"],
                one["text"],
                one["counterpart"],
                one["last_contact"],
                one["next_try"],
                WHO[one["who_acts"]],
            )
            for one in status["targets"]
        ),
    )
    for one in status["targets"]:
        if problem := one["problem"]:
            box = f"〔{problem['label']}〕" if problem["label"] else ""
            print_line(f"{one['title']}：{problem['reason']}{box}")
            print_line(f"  怎么办：{problem['remedy']} 去哪里：{problem['where']}")
        if form := one["to_sign"]:
            print_line(f"  待签字：{form['name']}（摘要 {form['digest']}）")
    if correction := status["correction"]:
        for number, item in enumerate(correction["items"], 1):
            box = f"〔{item['label']}〕" if item["label"] else ""
            print_line(f"补正 {number}：{item['text']}{box}")
    if licence := status["licence"]:
        term = f"{licence['valid_from'] or ''} 至 {licence['valid_to'] or ''}"
        print_line(f"证照 {licence['name'] or ''} {licence['number']} 有效期 {term} {licence['issuer'] or ''}")
    for one in status["documents"]:
        kept = "" if one["digest"] else "（文件尚未取得）"
        print_line(f"文书 {one['title']} {one['number'] or ''} {one['date'] or ''}{kept}")
    print_table(("时间", "经过", "操作人"), ((one["at"], one["text"], one["actor"]) for one in status["timeline"]))
