"""The front of the catalogue: finds matters, items, bodies and forms, and checks documents against them.

Read lazily from the `schemas/` folder and kept; nothing is read when it is built.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import orjson

from bridge.catalogue import subset
from bridge.catalogue.attachments import check_file, check_materials
from bridge.catalogue.envelope import check_envelope, matter_of
from bridge.catalogue.formats import Format, formats
from bridge.catalogue.forms import Form
from bridge.catalogue.matters import MaterialRule, Matter, Rule, conditions, pointers, read_matter
from bridge.catalogue.registers import Body, Item, bodies, body_for, districts, entries, item_on, items
from bridge.catalogue.rules import compile_rule, compile_when, may_apply
from bridge.catalogue.telling import words_of
from bridge.catalogue.wholes import Check
from bridge.catalogue.words import envelope_label, problem
from bridge.clock import CHINA, Clock, SystemClock
from bridge.errors import NotFound, Problem, SettingsError
from bridge.model.pointer import Unresolved, resolve, select

NO_TYPE = ""
"""Stands for a type that the matter does not have: then only rules that ask for no type are tried."""


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check found."""

    problems: tuple[Problem, ...]
    """Errors, then warnings."""

    @property
    def ok(self) -> bool:
        """Whether it may be taken in."""
        return not any(one.severity == "error" for one in self.problems)


class Catalogue:
    """All that is data about matters."""

    def __init__(self, root: Path, clock: Clock | None = None) -> None:
        self._root = root
        self._clock = clock or SystemClock()
        self._forms: dict[tuple[str, int], Form] = {}
        self._rules: dict[tuple[str, str], list[tuple[Rule, Check]]] = {}  # by matter and type

    def matters(self) -> Sequence[Matter]:
        """All matters, by name. Raises SettingsError where their data are wrong."""
        return list(self._matters.values())

    def matter(self, name: str) -> Matter:
        """One by its name. Raises NotFound."""
        try:
            return self._matters[name]
        except KeyError:
            known = "、".join(self._matters)
            raise NotFound(f"没有名为 {name} 的事项，已有：{known} (no such matter; known: {known})") from None

    def form(self, matter: str, version: int) -> Form:
        """A version of a matter's form. Raises SettingsError where it is not there or outside the subset."""
        key = (matter, version)
        if key not in self._forms:
            path = self._root / "matters" / matter / f"{version}.json"
            self._forms[key] = Form(subset.load(self._root, path, frozenset(self._formats)), self._formats)
        return self._forms[key]

    def leaves(self, matter: str, form_version: int) -> Sequence[str]:
        """Every leaf of a form as a document pointer, with `*` for positions."""
        return [f"/data{one}" for one in subset.leaves(self.form(matter, form_version).schema)]

    def shared(self, matter: str, form_version: int) -> Mapping[str, str]:
        """The parts of a form that other forms have, too: document pointer → the part's name in `schemas/common`."""
        path = self._root / "matters" / matter / f"{form_version}.json"
        return {f"/data{place}": name for place, name in subset.shared(self._root, path).items()}

    def check(self, document: Mapping[str, Any], *, paths_allowed: bool = False) -> Checked:
        """Envelope, files, form and rules: all problems at once, in the form's words, never with a value."""
        found = check_envelope(document, self._matters, self._versions)
        matter = matter_of(document, self._matters)
        if matter is None:
            return Checked(tuple(found))
        form = document.get("form")
        if type(form) is int and form in self._versions[matter.name] and "data" in document:
            of_form = self.form(matter.name, form).problems(document["data"])
            told = {one.pointer for one in of_form}
            found += of_form
            if isinstance(document["data"], dict):
                found += (one for one in self._broken_rules(matter, document) if one.pointer not in told)
        type_ = str(document.get("type"))
        wanted_of_type = self._needed.get((matter.name, type_), self._needed[matter.name, NO_TYPE])
        needed = [rule for rule, is_wanted in wanted_of_type if is_wanted(document)]
        found += check_materials(document, matter, needed, paths_allowed=paths_allowed)
        return Checked(tuple(sorted(found, key=lambda one: one.severity != "error")))

    def check_material(self, rule: MaterialRule, head: bytes, size: int, name: str = "") -> tuple[list[Problem], str]:
        """What is wrong with the bytes of one file, pointers being below its own, and its media type.

        `head` are the first bytes, eight at least; where `name` is given its extension is looked at, too.
        """
        return check_file(rule, head, size, name)

    def label(self, matter: str, form_version: int, pointer: str) -> tuple[str, str]:
        """The box at a document pointer, as the form calls it: Chinese, English."""
        if pointer.startswith("/data/"):
            return self.form(matter, form_version).label(pointer.removeprefix("/data"))
        return envelope_label(pointer)

    def body(self, matter: str, data: Mapping[str, Any]) -> Body:
        """The competent body of a matter for the district of the site. Raises NotFound."""
        identity, document = self.matter(matter).identity, {"data": data}
        park = next((value for _, value in select(document, identity.park)), None) if identity.park else None
        try:
            return body_for(self._bodies, matter, resolve(document, identity.district), park)
        except Unresolved:
            raise NotFound("没有填写场所所在区 (the district of the site is not given)") from None

    def item(self, body: str, matter: str, type_: str, on: dt.date) -> Mapping[str, str | int]:
        """The facts of the item that a body offers on a day: codes, limits, names. Raises NotFound."""
        item = item_on(self._items.get(body, ()), matter, type_, on)
        owner = next((one for one in self._bodies if one.code == body), None)
        if owner is None:
            raise NotFound("没有登记该机关 (no such body is registered)")
        return {**item.facts, "org_name": owner.name, "org_code": owner.uscc}

    def canonical(self, document: Mapping[str, Any], digests: Sequence[str]) -> bytes:
        """What makes two submissions the same: matter, type, form, data, and each file by code, name and digest.

        Neither the order of names nor that of the files counts; `digests` stand in the order of the files.
        """
        files = sorted(
            [one["code"], one["name"], digest]
            for one, digest in zip(document.get("materials", ()), digests, strict=True)
        )
        content = {name: document[name] for name in ("matter", "type", "form", "data")}
        return orjson.dumps({**content, "materials": files}, option=orjson.OPT_SORT_KEYS)

    def _broken_rules(self, matter: Matter, document: Mapping[str, Any]) -> list[Problem]:
        """What the rules across fields find."""
        today = self._clock.now().astimezone(CHINA).date()
        found = []
        rules = self._rules.get((matter.name, str(document.get("type"))), self._rules[matter.name, NO_TYPE])
        for rule, check in rules:
            for pointer in check(document, today):
                label = self.label(matter.name, document["form"], pointer)
                words = words_of(rule, document, pointer, today)
                found.append(problem(pointer, label, words, rule.id, severity=rule.severity))
        return found

    @cached_property
    def _versions(self) -> dict[str, frozenset[int]]:
        """Form versions of each matter, by the files that are there."""
        return {
            path.parent.name: frozenset(int(one.stem) for one in path.parent.glob("*.json") if one.stem.isdigit())
            for path in (self._root / "matters").glob("*/matter.toml")
        }

    @cached_property
    def _matters(self) -> dict[str, Matter]:
        made: dict[str, Matter] = {}
        for path in sorted((self._root / "matters").glob("*/matter.toml")):
            name = path.parent.name
            matter = read_matter(path)
            if matter.form not in self._versions[name]:
                raise SettingsError(f"{name}/matter.toml", f"没有第 {matter.form} 版表单 (there is no such form)")
            form = self.form(name, matter.form)
            for what, pointer in pointers(matter):
                if pointer.startswith("/data") and not form.has(pointer.removeprefix("/data")):
                    raise SettingsError(f"{name}/matter.toml", f"{what}: 表单中没有 (not in the form) {pointer}")
            rules = [(rule, compile_rule(rule, partial(entries, self._root))) for rule in matter.rules]
            for kind in (NO_TYPE, *(one.id for one in matter.types)):
                self._rules[name, kind] = [
                    (rule, check) for rule, check in rules if may_apply(conditions(rule.values.get("when", ())), kind)
                ]
            made[name] = replace(matter, fields=len(self.leaves(name, matter.form)))
        if not made:
            raise SettingsError("BRIDGE_SCHEMAS_DIR", "目录中没有事项 (no matter in this folder)")
        return made

    @cached_property
    def _needed(self) -> dict[tuple[str, str], list[tuple[MaterialRule, Callable[[Mapping[str, Any]], bool]]]]:
        return {
            (name, kind): [
                (rule, compile_when(rule.when))
                for rule in matter.materials
                if not rule.optional and may_apply(rule.when, kind)
            ]
            for name, matter in self._matters.items()
            for kind in (NO_TYPE, *(one.id for one in matter.types))
        }

    @cached_property
    def _formats(self) -> dict[str, Format]:
        return formats(districts(self._root))

    @cached_property
    def _bodies(self) -> list[Body]:
        return bodies(self._root)

    @cached_property
    def _items(self) -> dict[str, list[Item]]:
        return items(self._root)
