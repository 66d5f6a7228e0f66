"""Rehearsal: stored applications replayed through another version of a mapping, before it is switched on.

Told is which fields change for how many, and what could no longer be written; never a value, only what kind of change
it is. Nothing is written. Read page by page in short transactions: a mapping runs outside of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from bridge.catalogue.catalogue import Catalogue
from bridge.contract.mapping import Payload, PayloadMapping, Source
from bridge.engine.labels import label
from bridge.engine.source import source
from bridge.engine.targets import Targets
from bridge.errors import FieldRefusal, NotFound, Refused
from bridge.model.application import Application
from bridge.model.delivery import DeliveryState, Kind
from bridge.ports.store import Store, UnitOfWork

PAGE = 20
"""Applications read in one transaction: a form may have half a megabyte."""

EXAMPLES = 5
"""收件编号 named with each changed field."""


@dataclass(frozen=True, slots=True)
class Name:
    """A version of a mapping, as people write it: `TARGET/MATTER/KIND@VERSION`."""

    target: str
    matter: str
    kind: Kind
    version: int | None
    """None: the one in force."""

    def __str__(self) -> str:
        at = "" if self.version is None else f"@{self.version}"
        return f"{self.target}/{self.matter}/{self.kind.value}{at}"


def read_name(text: str, like: Name | None = None) -> Name:
    """`TARGET/MATTER[/KIND][@VERSION]` (the kind is `apply`, the version the one in force), or `@VERSION` of `like`.

    Raises ValueError.
    """
    path, at, number = text.partition("@")
    version = int(number) if number.isascii() and number.isdecimal() else None
    if at and version is None:
        raise ValueError(text)
    if not path and like is not None:
        return Name(like.target, like.matter, like.kind, version)
    target, matter, *rest = path.split("/")
    if not target or not matter or len(rest) > 1:
        raise ValueError(text)
    return Name(target, matter, Kind(rest[0]) if rest else Kind.APPLY, version)


@dataclass(slots=True)
class _Change:
    """What becomes of one target field, over all that was replayed."""

    added: set[str] = field(default_factory=set)
    removed: set[str] = field(default_factory=set)
    changed: set[str] = field(default_factory=set)
    how: dict[str, int] = field(default_factory=dict)
    """`text→integer`, `longer`, `shorter`, `other text`, …: how many values."""


@dataclass(slots=True)
class _Found:
    """What the replay has found so far. Numbers are 收件编号."""

    replayed: int = 0
    waiting: int = 0
    both_refused: int = 0
    changes: dict[str, _Change] = field(default_factory=dict)
    refused: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    """(field, reason) → what could no longer be written."""
    mended: list[str] = field(default_factory=list)
    needs: dict[str, list[str]] = field(default_factory=dict)
    """Fact → what would wait for it and does not now."""
    freed: dict[str, list[str]] = field(default_factory=dict)
    """Fact → what waits for it now and would not."""


class Rehearsal:
    """Tries another version on what is stored."""

    def __init__(self, store: Store, catalogue: Catalogue, targets: Targets) -> None:
        self._store, self._catalogue, self._targets = store, catalogue, targets

    def diff(self, old: Name, new: Name, *, last: int = 100) -> dict[str, Any]:
        """What would change for the newest `last` applications of the matter.

        `{"old","new","old_schema","new_schema","applications","replayed","waiting","both_refused","fields","refused",
        "mended","needs","freed"}`: `fields` are `{"field","pointer","label","label_en","applications","added",
        "removed","changed","how","examples"}`, `refused` `{"field","reason","pointer","label","label_en",
        "applications","numbers"}`, `needs` and `freed` `{"fact","applications","numbers"}`. One application may tell a
        target several things of one kind (`progress`): each is replayed. Raises NotFound for a matter, target or
        version that is not there.
        """
        first, second = self._mapping(old), self._mapping(new)
        found, applications = _Found(), 0
        for application, sources in self._sources(old, last):
            applications += 1
            for one in sources:
                _replay(application.number, one, first, second, found)
        form = self._catalogue.matter(old.matter).form
        return {
            "old": str(Name(old.target, old.matter, old.kind, first.version)),
            "new": str(Name(new.target, new.matter, new.kind, second.version)),
            "old_schema": first.target_schema,
            "new_schema": second.target_schema,
            "applications": applications,
            "replayed": found.replayed,
            "waiting": found.waiting,
            "both_refused": found.both_refused,
            "fields": [
                {"field": path, **self._box(old.matter, form, path, second, first), **_told(change)}
                for path, change in sorted(found.changes.items())
            ],
            "refused": [
                {
                    "field": path,
                    "reason": reason,
                    **self._box(old.matter, form, path, second, first),
                    "applications": len(set(numbers)),
                    "numbers": list(dict.fromkeys(numbers)),
                }
                for (path, reason), numbers in sorted(found.refused.items())
            ],
            "mended": list(dict.fromkeys(found.mended)),
            "needs": _facts(found.needs),
            "freed": _facts(found.freed),
        }

    def _mapping(self, name: Name) -> PayloadMapping:
        """The version that is meant. Raises NotFound."""
        self._catalogue.matter(name.matter)
        mapping = self._targets[name.target].adapter.mapping(name.matter, name.kind, name.version)
        if mapping is None:
            raise NotFound(f"没有这一版映射 (no such mapping): {name}")
        return mapping

    def _sources(self, name: Name, last: int) -> Iterator[tuple[Application, Sequence[Source]]]:
        """The newest applications, each with what was or would be told of it."""

        def page(unit: UnitOfWork, before: str | None) -> list[tuple[Application, Sequence[Source]]]:
            some = unit.latest_applications(name.matter, before=before, limit=min(PAGE, last))
            return [(one, _sources_of(unit, one, name)) for one in some]

        return islice(self._store.pages(page, lambda one: one[0].id), last)

    def _box(self, matter: str, form: int, path: str, *mappings: PayloadMapping) -> dict[str, Any]:
        """The box of the form behind a target field, by the first mapping that knows it."""
        bare = path.replace("[]", "[0]")
        pointer = next((found for mapping in mappings if (found := mapping.to_form(bare)) is not None), None)
        zh, en = (None, None) if pointer is None else label(self._catalogue, matter, form, pointer)
        return {"pointer": pointer, "label": zh, "label_en": en}


def _sources_of(unit: UnitOfWork, application: Application, name: Name) -> list[Source]:
    """What the target was told, or waits for, of this kind; of one without such a delivery, the application itself."""
    told = [
        (one.revision, one.event)
        for one in unit.deliveries(application.id)
        if one.target == name.target and one.kind is name.kind and one.state is not DeliveryState.CANCELLED
    ]
    if not told and name.kind is Kind.APPLY:
        told = [(application.revision, None)]
    tells = name.kind is not Kind.APPLY or any(event is not None for _, event in told)
    steps, given = (unit.steps(application.id) if tells else ()), unit.facts(application.id)
    return [
        source(
            application,
            unit.revision(application.id, revision),
            unit.revision_facts(application.id, revision),
            given,
            steps=steps,
            event=event,
        )
        for revision, event in told
    ]


def _replay(number: str, tree: Source, old: PayloadMapping, new: PayloadMapping, found: _Found) -> None:
    """One thing to tell, by both versions."""
    before, after = set(old.missing(tree)), set(new.missing(tree))
    for facts, kept in ((after - before, found.needs), (before - after, found.freed)):
        for fact in facts:
            kept.setdefault(fact, []).append(number)
    if before or after:
        found.waiting += 1
        return
    found.replayed += 1
    was, now = _written(old, tree), _written(new, tree)
    if isinstance(now, list):
        if isinstance(was, list):
            found.both_refused += 1
        else:
            for one in now:
                found.refused.setdefault((_starred(one.path), one.reason), []).append(number)
    elif isinstance(was, list):
        found.mended.append(number)
    else:
        _compare(number, dict(_leaves(was, "")), dict(_leaves(now, "")), found.changes)


def _written(mapping: PayloadMapping, tree: Source) -> Payload | list[FieldRefusal]:
    """The payload, or why there is none, by field."""
    try:
        return mapping.write(tree)
    except Refused as refusal:
        return list(refusal.fields) or [FieldRefusal("", str(refusal))]
    except Exception as exc:  # noqa: BLE001 - a new version may have any bug: finding it here is what this is for
        return [FieldRefusal("", f"映射程序出错 (the mapping failed): {type(exc).__name__}")]


def _compare(number: str, old: Mapping[str, Any], new: Mapping[str, Any], changes: dict[str, _Change]) -> None:
    """Field by field, positions of a list against each other."""
    for path in old.keys() | new.keys():
        if path in old and path in new and old[path] == new[path] and type(old[path]) is type(new[path]):
            continue
        change = changes.setdefault(_starred(path), _Change())
        if path not in old:
            change.added.add(number)
        elif path not in new:
            change.removed.add(number)
        else:
            change.changed.add(number)
            how = _how(old[path], new[path])
            change.how[how] = change.how.get(how, 0) + 1


KINDS = {
    str: "text",
    int: "integer",
    float: "number",
    bool: "boolean",
    type(None): "null",
    list: "list",
    dict: "object",
}


def _how(old: Any, new: Any) -> str:
    """The kind of a change, without the value."""
    was, now = KINDS[type(old)], KINDS[type(new)]
    if was != now:
        return f"{was}→{now}"
    if isinstance(old, str) and len(old) != len(new):
        return "longer" if len(new) > len(old) else "shorter"
    return f"other {now}"


def _told(change: _Change) -> dict[str, Any]:
    """The counts of one field."""
    everyone = change.added | change.removed | change.changed
    return {
        "applications": len(everyone),
        "added": len(change.added),
        "removed": len(change.removed),
        "changed": len(change.changed),
        "how": dict(sorted(change.how.items())),
        "examples": sorted(everyone, reverse=True)[:EXAMPLES],
    }


def _facts(kept: Mapping[str, list[str]]) -> list[dict[str, Any]]:
    """What waits for which fact."""
    return [
        {"fact": fact, "applications": len(set(numbers)), "numbers": list(dict.fromkeys(numbers))}
        for fact, numbers in sorted(kept.items())
    ]


def _leaves(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    """The leaves of a payload by their paths; an empty list or object is its own leaf."""
    if isinstance(value, Mapping) and value:
        for name, part in value.items():
            yield from _leaves(part, f"{path}.{name}" if path else str(name))
    elif isinstance(value, list) and value:
        for place, part in enumerate(value):
            yield from _leaves(part, f"{path}[{place}]")
    else:
        yield path, value


def _starred(path: str) -> str:
    """A path without its list positions."""
    head, *rest = path.split("[")
    return head + "".join(f"[]{part.partition(']')[2]}" for part in rest)
