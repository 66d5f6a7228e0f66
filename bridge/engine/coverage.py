"""Coverage: how much of a form reaches each target, what is left out and why, and whether a target gets what it needs.

Counted of the mapping that tells an application (`apply`). Boxes are the form's leaves: one in a list counts once.
What the target's schema requires only under a condition (`if`) is not counted; the laws of mappings see to that.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bridge.catalogue.catalogue import Catalogue
from bridge.contract.lineage import Line
from bridge.engine.labels import both, label
from bridge.engine.lineage import Mapped, mapped, target_words
from bridge.engine.targets import Targets
from bridge.model.delivery import Kind


@dataclass(frozen=True, slots=True)
class Fed:
    """What a target's schema requires, by path, parted by whether a row feeds it."""

    fed: tuple[str, ...]
    missing: tuple[str, ...]


def coverage(catalogue: Catalogue, targets: Targets, matter: str, *, target: str | None = None) -> dict[str, Any]:
    """`{"matter","title","title_en","form","boxes","typed","delivered","times","targets":[…]}`.

    `typed`: boxes that at least one target gets; `delivered`: fields of all targets that these feed; `times`: fields
    per box typed. A target is `{"target","title","title_en","version","schema","boxes","mapped","share","fields",
    "from_form","required","required_fed","required_missing","left_out","lost","lossy"}`: `fields` written, `from_form`
    of them fed by boxes, the others by what is known. Raises NotFound.
    """
    found = catalogue.matter(matter)
    leaves = catalogue.leaves(matter, found.form)
    told: list[dict[str, Any]] = []
    typed: set[str] = set()
    for one in mapped(catalogue, targets, matter, target):
        if one.kind is Kind.APPLY:
            mine = one.mapping.coverage(leaves)
            typed.update(mine.mapped)
            words = {name: text for name, text in target_words(one.manifest).items() if name != "mappings"}
            told.append({**words, **_of_one(catalogue, matter, found.form, one, leaves)})
    delivered = sum(one["from_form"] for one in told)
    return {
        "matter": matter,
        "title": found.title,
        "title_en": found.title_en,
        "form": found.form,
        "boxes": len(leaves),
        "typed": len(typed),
        "delivered": delivered,
        "times": round(delivered / len(typed), 2) if typed else None,
        "targets": told,
    }


def _of_one(catalogue: Catalogue, matter: str, form: int, one: Mapped, leaves: Sequence[str]) -> dict[str, Any]:
    """What is counted of one mapping."""

    def box(pointer: str) -> dict[str, Any]:
        zh, en = label(catalogue, matter, form, pointer)
        return {"pointer": pointer, "label": zh, "label_en": en}

    cover, lines = one.mapping.coverage(leaves), one.lineage.lines
    written = {line.target for line in lines if not line.many}
    from_form = {line.target for line in lines if not line.many and (line.source or "").startswith("/data")}
    need = fed(one.lineage.schema or {}, lines)
    return {
        "version": one.mapping.version,
        "schema": one.mapping.target_schema,
        "boxes": len(leaves),
        "mapped": len(cover.mapped),
        "share": round(len(cover.mapped) / len(leaves), 4) if leaves else None,
        "fields": len(written),
        "from_form": len(from_form),
        "required": len(need.fed) + len(need.missing),
        "required_fed": len(need.fed),
        "required_missing": list(need.missing),
        "left_out": [{**box(leaf), **_said("reason", why)} for leaf, why in cover.left_out.items()],
        "lost": list(cover.lost),
        "lossy": [
            {**box(line.source), "field": line.target, **_said("loss", line.loss)}
            for line in lines
            if line.source is not None and line.loss is not None
        ],
    }


def _said(name: str, text: str | None) -> dict[str, Any]:
    """A text for people under its name, and its English."""
    said, said_en = both(text)
    return {name: said, f"{name}_en": said_en}


def fed(schema: Mapping[str, Any], lines: Sequence[Line]) -> Fed:
    """Which required fields of a target's schema the rows feed, through nested objects and lists.

    What an optional object requires counts only where a row feeds anything in it. A row that writes a whole object or
    list feeds all of it.
    """
    whole = {line.target for line in lines if not line.many}
    parts = {part for line in lines for part in _above(line.target)}
    need = list(dict.fromkeys(_required(schema, schema, "", parts)))
    is_fed = [any(part in whole for part in _above(path)) or path in parts for path in need]
    return Fed(
        tuple(path for path, yes in zip(need, is_fed, strict=True) if yes),
        tuple(path for path, yes in zip(need, is_fed, strict=True) if not yes),
    )


def _required(root: Mapping[str, Any], node: Mapping[str, Any], at: str, parts: set[str]) -> Iterator[str]:
    """Paths that a schema requires below `at`, lists as `[]`."""
    node = _resolved(root, node)
    required = set(node.get("required", ()))
    for one in node.get("allOf", ()):
        yield from _required(root, one, at, parts) if "if" not in one else ()
    for name in required - set(node.get("properties", {})):
        yield _joined(at, name)
    for name, below in node.get("properties", {}).items():
        path = _joined(at, name)
        if name in required:
            yield path
        if name in required or path in parts:
            yield from _required(root, below, path, parts)
    if "items" in node and isinstance(node["items"], Mapping):
        yield from _required(root, node["items"], f"{at}[]", parts)


def _joined(at: str, name: str) -> str:
    return f"{at}.{name}" if at else name


def _resolved(root: Mapping[str, Any], node: Mapping[str, Any]) -> Mapping[str, Any]:
    """A schema behind its `$ref`, which is always one inside the same file (`#/$defs/…`)."""
    while (ref := node.get("$ref")) is not None:
        found: Any = root
        for name in str(ref).removeprefix("#/").split("/"):
            found = found[name]
        node = found
    return node


def _above(path: str) -> list[str]:
    """A path and everything that it lies in: `a.b[].c` → `a`, `a.b`, `a.b[]`, `a.b[].c`."""
    found: list[str] = []
    for name in path.split("."):
        at = _joined(found[-1] if found else "", name)
        bare = at
        while bare.endswith("[]"):
            bare = bare.removesuffix("[]")
        found += [bare + "[]" * count for count in range((len(at) - len(bare)) // 2 + 1)]
    return found
