"""Lineage: which box of a matter becomes which field at which target, asked from either end; of mappings, not values.

`field` is a form pointer (positions as digits or `*`), a part of one, a box's Chinese label or a part of it, or a
target's field name. What is counted of all this is `coverage`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from bridge.catalogue.catalogue import Catalogue
from bridge.contract.lineage import Line, Lineage
from bridge.contract.manifest import Manifest
from bridge.contract.mapping import PayloadMapping
from bridge.engine.labels import both, label
from bridge.engine.targets import Targets
from bridge.errors import NotFound
from bridge.model.delivery import Kind

BRACKETS = re.compile(r"\[[0-9]*\]", re.ASCII)
"""A list position in a target's path."""


@dataclass(frozen=True, slots=True)
class Mapped:
    """One mapping in force, with its lineage."""

    manifest: Manifest
    kind: Kind
    mapping: PayloadMapping
    lineage: Lineage


def mapped(catalogue: Catalogue, targets: Targets, matter: str, target: str | None = None) -> Iterator[Mapped]:
    """Every mapping of a matter, by the order of its route and of the kinds, whatever mode a target is in.

    Raises NotFound where the matter or the target is not there, or the target has no mapping of it.
    """
    route = [step.target for step in catalogue.matter(matter).route]
    wanted = [one for one in route if one in targets] if target is None else [target]
    some = False
    for name in wanted:
        adapter = targets[name].adapter
        for kind in Kind:
            mapping = adapter.mapping(matter, kind) if kind.value in adapter.manifest.kinds else None
            if mapping is not None:
                some = True
                yield Mapped(adapter.manifest, kind, mapping, mapping.lineage())
    if not some:
        raise NotFound(f"没有 {matter} 到 {target or '任何系统'} 的映射 (no such mapping)")


def lineage(
    catalogue: Catalogue, targets: Targets, matter: str, *, field: str | None = None, target: str | None = None
) -> dict[str, Any]:
    """`{"matter","title","title_en","form","targets":[{"target","title","title_en","mappings":[…]}]}`.

    A mapping is `{"kind","version","schema","length_unit","charset","needs","lines","left_out"}`, a line
    `{"pointer","label","label_en","field","how","required","limit","when","loss","loss_en","many"}` (a constant has no
    pointer, its value is `how`), and what is left out `{"pointer","label","label_en","reason","reason_en"}`. With
    `field`, only what means it. Raises NotFound, also where nothing means it.
    """
    found = catalogue.matter(matter)
    there = list(mapped(catalogue, targets, matter, target))
    told = [(one, [_line(catalogue, matter, found.form, line) for line in one.lineage.lines]) for one in there]
    left = [_left_out(catalogue, matter, found.form, one.lineage) for one in there]
    keep = _meaning(field, [*(line for _, lines in told for line in lines), *(box for boxes in left for box in boxes)])
    by_target: dict[str, dict[str, Any]] = {}
    for (one, lines), boxes in zip(told, left, strict=True):
        mapping = {
            "kind": one.kind.value,
            "version": one.mapping.version,
            "schema": one.mapping.target_schema,
            "length_unit": one.lineage.length_unit,
            "charset": one.lineage.charset,
            "needs": list(one.lineage.needs),
            "lines": [line for line in lines if keep(line)],
            "left_out": [box for box in boxes if keep(box)],
        }
        if field is None or mapping["lines"] or mapping["left_out"]:
            at = by_target.setdefault(one.manifest.id, target_words(one.manifest))
            at["mappings"].append(mapping)
    if not by_target:
        raise NotFound("没有这样的字段，请用 bridge lineage 查看全部 (no such field; leave --field out to see all)")
    return {
        "matter": matter,
        "title": found.title,
        "title_en": found.title_en,
        "form": found.form,
        "targets": list(by_target.values()),
    }


def target_words(manifest: Manifest) -> dict[str, Any]:
    """A target as the answer names it, its mappings to come."""
    return {"target": manifest.id, "title": manifest.title, "title_en": manifest.title_en, "mappings": []}


def _line(catalogue: Catalogue, matter: str, form: int, line: Line) -> dict[str, Any]:
    """One row, for people and programs."""
    zh, en = (None, None) if line.source is None else label(catalogue, matter, form, line.source)
    loss, loss_en = both(line.loss)
    return {
        "pointer": line.source,
        "label": zh,
        "label_en": en,
        "field": line.target,
        "how": line.how,
        "required": line.required,
        "limit": line.limit,
        "when": _in_words(catalogue, matter, form, line.when),
        "loss": loss,
        "loss_en": loss_en,
        "many": line.many,
    }


def _in_words(catalogue: Catalogue, matter: str, form: int, when: str | None) -> str | None:
    """A condition with its box by name: `/data/applicant/kind ∈ …` → `申请人 · 类型 ∈ …`."""
    if when is None:
        return None
    pointer, space, rest = when.partition(" ")
    return f"{label(catalogue, matter, form, pointer)[0]}{space}{rest}" if pointer.startswith("/") else when


def _left_out(catalogue: Catalogue, matter: str, form: int, lineage: Lineage) -> list[dict[str, Any]]:
    """What a target does not get, with the reasons."""
    told = []
    for pointer, why in lineage.left_out.items():
        (zh, en), (reason, reason_en) = label(catalogue, matter, form, pointer), both(why)
        told.append({"pointer": pointer, "label": zh, "label_en": en, "reason": reason, "reason_en": reason_en})
    return told


def _meaning(field: str | None, lines: Sequence[dict[str, Any]]) -> Callable[[dict[str, Any]], bool]:
    """Which lines a field means: those that are it, else those that lie in it or hold it, else those named like it."""
    if field is None:
        return lambda _: True
    for test in (_is, _near, _like):
        if any(test(line, field) for line in lines):
            return partial(test, field=field)
    return lambda _: False


def _ends(line: dict[str, Any]) -> Iterator[list[str]]:
    """Pointer and target path of a line, in parts."""
    for end in (line["pointer"], line.get("field")):
        if end is not None:
            yield _parts(end)


def _parts(path: str) -> list[str]:
    """A path of either side in parts, each list position as `*`: `6[2].no` → `6`, `*`, `no`."""
    first, *others = [part for part in re.split(r"[./]", BRACKETS.sub("/*", path)) if part] or [""]
    return [first, *("*" if part.isdecimal() else part for part in others)]


def _is(line: dict[str, Any], field: str) -> bool:
    """The very pointer, path or label."""
    return field == line["label"] or _parts(field) in _ends(line)


def _near(line: dict[str, Any], field: str) -> bool:
    """What lies in it, what it lies in, a run of its parts, or one part of a label."""
    run, source = _parts(field), _parts(line["pointer"] or "")
    within = line["pointer"] is not None and run[: len(source)] == source
    holds = any(end[start : start + len(run)] == run for end in _ends(line) for start in range(len(end)))
    return within or holds or field in (line["label"] or "").split(" · ")


def _like(line: dict[str, Any], field: str) -> bool:
    """A part of a label or of a name."""
    texts = (line["label"] or "", line["pointer"] or "", line.get("field") or "")
    return any(field.casefold() in text.casefold() for text in texts)
