"""`bridge matters`: the matters and their routes."""

from __future__ import annotations

from typing import Any

from bridge.cli.opened import settings
from bridge.cli.options import AsJson
from bridge.cli.output import print_json, print_table


def command(as_json: AsJson = False) -> None:
    """列出事项及其推送路线 (the matters and their routes)."""
    from bridge.catalogue.catalogue import Catalogue
    from bridge.clock import SystemClock
    from bridge.engine.plan import route
    from bridge.wiring import build_targets

    found = settings()
    catalogue = Catalogue(found.schemas_dir)
    targets = build_targets(found, catalogue, SystemClock())
    rows: list[dict[str, Any]] = [
        {
            "matter": matter.name,
            "title": matter.title,
            "title_en": matter.title_en,
            "types": [one.id for one in matter.types],
            "type_titles": [one.title for one in matter.types],
            "route": list(route(matter, targets)),
            "decider": matter.decider,
            "fields": matter.fields,
        }
        for matter in catalogue.matters()
    ]
    if as_json:
        print_json(rows)
        return
    print_table(
        ("事项", "名称", "申请类型", "推送路线", "审批系统", "字段数"),
        (
            (
                one["matter"],
                one["title"],
                "、".join(f"{title} {id_}" for id_, title in zip(one["types"], one["type_titles"], strict=True)),
                " ".join(one["route"]),
                one["decider"],
                one["fields"],
            )
            for one in rows
        ),
    )
