"""Pre-flight: every target's limits are checked at entry and told in the words of the form, before anything is sent."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from bridge.catalogue.catalogue import Catalogue
from bridge.contract.manifest import Limits, length
from bridge.contract.mapping import Unfit
from bridge.engine.targets import Target
from bridge.errors import Problem
from bridge.model.application import MaterialRef
from bridge.model.delivery import Kind
from bridge.telemetry import logger

log = logger(__name__)


def preflight(
    document: Mapping[str, Any],
    materials: Sequence[MaterialRef],
    *,
    facts: Mapping[str, Any],
    targets: Iterable[Target],
    catalogue: Catalogue,
) -> list[Problem]:
    """What the targets of the route could not take, all at once. The same box is told once per target."""
    tree = {"data": document["data"], "materials": [asdict(ref) for ref in materials], "facts": facts}
    problems: list[Problem] = []
    for target in targets:
        manifest = target.adapter.manifest
        for unfit in _unfit(target, document["matter"], tree):
            label, label_en = catalogue.label(document["matter"], document["form"], unfit.pointer)
            problems.append(
                Problem(
                    pointer=unfit.pointer,
                    label=label,
                    label_en=label_en,
                    message=f"{manifest.title}：{unfit.message}",
                    message_en=f"{manifest.title_en}: {unfit.message_en}",
                    remedy=unfit.remedy,
                    remedy_en=unfit.remedy_en,
                    code="preflight",
                )
            )
        problems += _files(manifest.title, manifest.title_en, manifest.limits, materials)
    return problems


def _unfit(target: Target, matter: str, tree: Mapping[str, Any]) -> Sequence[Unfit]:
    """What a mapping finds; its bug is no flaw of the entry: the delivery will be parked for a developer."""
    try:
        mapping = target.adapter.mapping(matter, Kind.APPLY)
        return list(mapping.preflight(tree)) if mapping else ()
    except Exception as exc:  # noqa: BLE001 - one target's bug must not stop the taking in
        log.error("preflight_failed", target=target.id, matter=matter, error=type(exc).__name__)
        return ()


def _files(title: str, title_en: str, limits: Limits, materials: Sequence[MaterialRef]) -> Iterator[Problem]:
    """What a target cannot take of the files."""
    for place, ref in enumerate(materials):
        where = f"/materials/{place}"
        what, what_en = f"申请材料 第 {place + 1} 项", f"Material {place + 1}"
        if ref.size > limits.file_bytes:
            mib = limits.file_bytes >> 20
            yield Problem(
                where,
                what,
                what_en,
                message=f"{title}只接收不超过 {mib} MB 的文件",
                message_en=f"{title_en} takes files of at most {mib} MB",
                remedy="请压缩或拆分该文件。",
                remedy_en="Compress or split the file.",
                code="preflight",
            )
        if length(ref.name, limits.length_unit) > limits.file_name_length:
            yield Problem(
                f"{where}/name",
                f"{what} · 文件名",
                f"{what_en} · file name",
                message=f"{title}的文件名不能超过 {limits.file_name_length} 个字符",
                message_en=f"{title_en} takes file names of at most {limits.file_name_length} characters",
                remedy="请缩短文件名。",
                remedy_en="Shorten the file name.",
                code="preflight",
            )
        if ref.media_type not in limits.file_types:
            yield Problem(
                where,
                what,
                what_en,
                message=f"{title}不接收这种类型的文件",
                message_en=f"{title_en} does not take files of this type",
                remedy="请转换为 PDF 后重新附上。",
                remedy_en="Convert the file to PDF and attach it again.",
                code="preflight",
            )
    if sum(ref.size for ref in materials) > limits.total_bytes:
        mib = limits.total_bytes >> 20
        yield Problem(
            "/materials",
            "申请材料",
            "Materials",
            message=f"{title}接收的全部材料合计不能超过 {mib} MB",
            message_en=f"{title_en} takes at most {mib} MB of materials in all",
            remedy="请压缩材料或减少页数。",
            remedy_en="Compress the materials.",
            code="preflight",
        )
