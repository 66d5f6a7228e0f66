"""One page per target and matter, made from the mapping tables in force: every row, what is left out, what it rests on.

What belongs here: how they are laid out, Chinese first. Settings of an installation do not count: an adapter is asked
as it is without any, and only our own adapters are described.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from bridge.catalogue.catalogue import Catalogue
from bridge.cli.lineage import KINDS, limit
from bridge.cli.markdown import MADE, table
from bridge.contract.manifest import Manifest
from bridge.engine.coverage import coverage
from bridge.engine.lineage import lineage
from bridge.engine.targets import Mode, Target, Targets

UP = "../../../"
"""From a page to the root."""

ROW = ("表单项 (box)", "指针 (pointer)", "对方字段 (field)", "转换 (how)", "必填", "上限", "条件 (when)", "说明 (note)")


TOTALS = ("boxes", "typed", "delivered", "times")


def pages() -> dict[str, str]:
    """Every page by its path below `docs/targets`: `README.md` and `<target>/<matter>.md`."""
    catalogue, targets = _plugged()
    found: dict[str, str] = {}
    counted: list[dict[str, Any]] = []
    for matter in catalogue.matters():
        counts = coverage(catalogue, targets, matter.name)
        counted.append(counts)
        for told in lineage(catalogue, targets, matter.name)["targets"]:
            count = next((one for one in counts["targets"] if one["target"] == told["target"]), None)
            manifest = targets[told["target"]].adapter.manifest
            text = "\n".join(_page(counts, told, count, manifest)) + "\n"
            found[f"{told['target']}/{matter.name}.md"] = MADE + text
    return {"README.md": MADE + "\n".join(_index(counted)) + "\n", **found}


def _plugged() -> tuple[Catalogue, Targets]:
    """Our own adapters, for their mappings alone, and the matters that come with the program."""
    from bridge.clock import SystemClock
    from bridge.registry import FOLDER, available, build_adapter
    from bridge.settings import Settings

    clock = SystemClock()
    made = {
        name: build_adapter(found, {}, {}, clock=clock, total_seconds=1, strict=False)
        for name, found in available().items()
        if found.folder.parent == FOLDER
    }
    schemas = Settings.model_fields["schemas_dir"].default
    return Catalogue(schemas), Targets({name: Target(one, lambda _: Mode.OFF) for name, one in made.items()})


def _index(counted: Sequence[dict[str, Any]]) -> Iterator[str]:
    """The way to all pages, with the numbers."""
    yield from (
        "# 各系统字段对应 (which box becomes which field)",
        "",
        "一次录入，送达各系统：每页是一个事项在一个系统中的字段对应，由映射表生成。“送达项”是表单中送达该系统的项，",
        "其余各项在页末列出不送的原因；“必填有来源”是对方格式必填的字段中有来源的个数。",
        "",
        "Entered once, told to every system: a page per matter and target, made from the mapping tables. Boxes that a",
        "target does not get are listed with the reason; of what its schema requires it is said how many",
        "have a source. The same from the command line: `bridge lineage MATTER [--field F] [--target T] [--coverage]`.",
        "",
        "## 一次录入，送达几次 (typed once, delivered how often)",
        "",
    )
    yield from table(
        ("事项 (matter)", "表单项 (boxes)", "至少送达一处 (typed)", "送达字段 (delivered)", "平均每项 (times)"),
        (
            (
                f"{one['title']} `{one['matter']}`",
                *(str(one[name]) for name in ("boxes", "typed", "delivered", "times")),
            )
            for one in counted
        ),
    )
    yield from ("", "## 各系统 (by target)", "")
    yield from table(
        (
            "事项 (matter)",
            "系统 (target)",
            "送达项 (boxes)",
            "比例",
            "写入字段 (fields)",
            "必填有来源 (required fed)",
            "有损",
        ),
        (
            (
                f"[{matter['title']}]({one['target']}/{matter['matter']}.md)",
                f"{one['title']} `{one['target']}`",
                f"{one['mapped']} / {one['boxes']}",
                f"{one['share']:.1%}",
                f"{one['fields']}（来自表单 {one['from_form']}）",
                f"{one['required_fed']} / {one['required']}",
                str(len(one["lossy"])),
            )
            for matter in counted
            for one in matter["targets"]
        ),
    )


def _page(
    matter: Mapping[str, Any], told: Mapping[str, Any], count: Mapping[str, Any] | None, manifest: Manifest
) -> Iterator[str]:
    """One matter at one target."""
    yield f"# {matter['title']} → {told['title']}"
    yield ""
    yield f"{matter['title_en']} → {told['title_en']}。"
    yield f"`{matter['matter']}` 表单第 {matter['form']} 版 (form version) → `{told['target']}`。"
    yield f"适配器说明 (the adapter): [adapters/{told['target']}]({UP}adapters/{told['target']}/README.md)."
    yield from ("", "## 依据 (what it rests on)", "")
    yield "**INVENTED** 表示无公开依据、由本项目自拟，不代表对方系统的实际接口"
    yield "(made up here; not the target's own word)."
    yield ""
    yield from table(
        ("部分 (part)", "依据与可信度 (basis and confidence)"),
        ((f"`{part}`", why.replace("INVENTED", "**INVENTED**")) for part, why in manifest.provenance.items()),
    )
    if count is not None:
        yield from ("", "## 统计 (in numbers)", "")
        yield from _counts(count)
    done: dict[str, Mapping[str, Any]] = {}
    for mapping in told["mappings"]:
        yield from ("", f"## {KINDS[mapping['kind']]} ({mapping['kind']})", "")
        yield from _mapping(told["target"], mapping, done)
        done[mapping["kind"]] = mapping


def _counts(count: Mapping[str, Any]) -> Iterator[str]:
    """The numbers of one target, and by name what should not be: a required field without a source, a lost box."""
    yield f"表单 {count['boxes']} 项：送达 {count['mapped']} 项（{count['share']:.1%}），"
    yield f"不送 {len(count['left_out'])} 项。"
    yield f"写入字段 {count['fields']} 个，其中来自表单 {count['from_form']} 个；有损 {len(count['lossy'])} 行。"
    yield f"对方格式必填 {count['required']} 个，有来源 {count['required_fed']} 个。"
    for path in count["required_missing"]:
        yield f"必填而没有来源 (required, without a source)：`{path}`。"
    for pointer in count["lost"]:
        yield f"无声丢失 (lost)：`{pointer}`。"


def _mapping(target: str, mapping: Mapping[str, Any], done: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    """One kind of delivery: what it is made by, its rows, and what it leaves out; or which other kind it is like."""
    schema = f"{UP}adapters/{target}/schemas/{mapping['schema']}.json"
    yield f"映射第 {mapping['version']} 版 (mapping version)；对方格式 (schema) [{mapping['schema']}]({schema})；"
    yield f"长度单位 (lengths in) {mapping['length_unit']}；字符集 (charset) {mapping['charset']}；"
    yield f"须先有 (needs first)：{'、'.join(f'`{one}`' for one in mapping['needs']) or '无'}。"
    yield ""
    for kind, other in done.items():
        if (other["lines"], other["left_out"]) == (mapping["lines"], mapping["left_out"]):
            yield f"各行与“{KINDS[kind]}”相同 (the same rows as {kind})."
            return
    yield from table(ROW, (_cells(line, mapping["length_unit"]) for line in mapping["lines"]))
    yield from ("", "不送的项 (boxes that it does not get):", "")
    if not mapping["left_out"]:
        yield "无 (none)."
        return
    yield from table(
        ("表单项 (box)", "指针 (pointer)", "原因 (why)"),
        ((box["label"], f"`{box['pointer']}`", _both(box, "reason")) for box in mapping["left_out"]),
    )


def _cells(line: Mapping[str, Any], unit: str) -> tuple[str, ...]:
    """A row of the table."""
    return (
        line["label"] or "固定值 (constant)",
        f"`{line['pointer']}`" if line["pointer"] else "",
        f"`{line['field']}`",
        line["how"],
        "是" if line["required"] else "",
        limit(line, unit) or "",
        line["when"] or "",
        _both(line, "loss"),
    )


def _both(told: Mapping[str, Any], name: str) -> str:
    """Chinese, then English where there is any."""
    zh, en = told[name] or "", told[f"{name}_en"]
    return f"{zh} ({en})" if en else zh
