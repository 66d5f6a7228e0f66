"""The front of the catalogue: finds matters, items, bodies and forms, and checks documents against them.

Read lazily from the `schemas/` folder and kept; nothing is read when it is built.
"""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import orjson

from bridge.catalogue import subset
from bridge.catalogue.envelope import LABELS, check_envelope, check_file, check_materials
from bridge.catalogue.formats import Format, formats
from bridge.catalogue.forms import Form, problem
from bridge.catalogue.matters import MaterialRule, Matter, Rule, read_matter
from bridge.catalogue.rules import Check, compile_rule
from bridge.clock import CHINA, Clock, SystemClock
from bridge.errors import NotFound, Problem, SettingsError
from bridge.model.pointer import resolve


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check found."""

    problems: tuple[Problem, ...]
    """Errors, then warnings."""

    @property
    def ok(self) -> bool:
        """Whether it may be taken in."""
        return not any(one.severity == "error" for one in self.problems)


@dataclass(frozen=True, slots=True)
class Body:
    """审批机关: a competent body."""

    code: str
    name: str
    uscc: str
    district: str
    decides: tuple[str, ...]


class Catalogue:
    """All that is data about matters."""

    def __init__(self, root: Path, clock: Clock | None = None) -> None:
        self._root = root
        self._clock = clock or SystemClock()
        self._forms: dict[tuple[str, int], Form] = {}

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

    def check(self, document: Mapping[str, Any], *, paths_allowed: bool = False) -> Checked:
        """Envelope, files, form and rules: all problems at once, in the form's words, never with a value."""
        found = check_envelope(document, self._matters)
        name = document.get("matter")
        matter = self._matters.get(name) if isinstance(name, str) else None
        if matter is None or any(one.pointer == "/form" for one in found):
            return Checked(tuple(found))
        if "data" in document:
            found += self.form(matter.name, document["form"]).problems(document["data"])
        sound = not found
        if isinstance(document.get("data"), dict):
            found += check_materials(document, matter, paths_allowed=paths_allowed)
        if sound:
            found += self._broken_rules(matter, document)
        return Checked(tuple(sorted(found, key=lambda one: one.severity != "error")))

    def check_material(self, rule: MaterialRule, head: bytes, size: int) -> tuple[list[Problem], str]:
        """What is wrong with the bytes of one file, and its media type."""
        return check_file(rule, head, size)

    def label(self, matter: str, form_version: int, pointer: str) -> tuple[str, str]:
        """The box at a document pointer, as the form calls it: Chinese, English."""
        if pointer.startswith("/data/"):
            label, label_en = self.form(matter, form_version).label(pointer.removeprefix("/data"))
            return label or pointer, label_en or pointer
        first, _, rest = pointer.removeprefix("/").partition("/")
        label, label_en = LABELS.get(first, ("申请文件", "Document"))
        place = rest.partition("/")[0]
        return (
            (f"{label} 第 {int(place) + 1} 项", f"{label_en} {int(place) + 1}")
            if place.isdigit()
            else (label, label_en)
        )

    def body(self, matter: str, data: Mapping[str, Any]) -> Body:
        """The competent body of a matter for the district of the site. Raises NotFound."""
        district = resolve({"data": data}, self.matter(matter).identity.district)
        for body in self._bodies:
            if body.district == district and matter in body.decides:
                return body
        raise NotFound("没有登记该区的审批机关 (no competent body is registered for the district)")

    def item(self, body: str, matter: str, type_: str, on: dt.date) -> Mapping[str, str | int]:
        """The facts of the item that a body offers on a day: codes, limits, names. Raises NotFound."""
        for one in self._items.get(body, ()):
            if (one["matter"], one["type"]) == (matter, type_) and one["valid_from"] <= on:
                owner = next(other for other in self._bodies if other.code == body)
                facts = {name: value for name, value in one.items() if isinstance(value, str | int)}
                return {**facts, "org_name": owner.name, "org_code": owner.uscc}
        raise NotFound("没有登记该机关的业务办理项 (no item is registered for the body)")

    def canonical(self, document: Mapping[str, Any], digests: Sequence[str]) -> bytes:
        """What makes two submissions the same: matter, type, form, data, and each file by code, name and digest."""
        files = [
            [one["code"], one["name"], digest]
            for one, digest in zip(document.get("materials", ()), digests, strict=True)
        ]
        content = {name: document[name] for name in ("matter", "type", "form", "data")}
        return orjson.dumps({**content, "materials": files}, option=orjson.OPT_SORT_KEYS)

    def _broken_rules(self, matter: Matter, document: Mapping[str, Any]) -> list[Problem]:
        """What the rules across fields find."""
        today = self._clock.now().astimezone(CHINA).date()
        found = []
        for rule, check in self._rules[matter.name]:
            for pointer in check(document, today):
                label, label_en = self.label(matter.name, document["form"], pointer)
                made = problem(pointer, label, label_en, rule.words, rule.id)
                found.append(replace(made, severity="warning") if rule.severity == "warning" else made)
        return found

    @cached_property
    def _matters(self) -> dict[str, Matter]:
        made: dict[str, Matter] = {}
        for path in sorted((self._root / "matters").glob("*/matter.toml")):
            newest = max((int(one.stem) for one in path.parent.glob("[0-9]*.json")), default=0)
            if not newest:
                raise SettingsError(path.parent.name, "没有表单 (the matter has no form)")
            fields = len(self.leaves(path.parent.name, newest))
            made[path.parent.name] = read_matter(path, fields=fields)
        if not made:
            raise SettingsError("BRIDGE_SCHEMAS_DIR", "目录中没有事项 (no matter in this folder)")
        return made

    @cached_property
    def _rules(self) -> dict[str, list[tuple[Rule, Check]]]:
        return {name: [(rule, compile_rule(rule)) for rule in matter.rules] for name, matter in self._matters.items()}

    @cached_property
    def _formats(self) -> dict[str, Format]:
        districts = {
            one["code"]: one.get("successor")
            for path in sorted((self._root / "registers/districts").glob("*.toml"))
            for one in _toml(path)["district"]
        }
        return formats(districts)

    @cached_property
    def _bodies(self) -> list[Body]:
        return [
            Body(**{**one, "decides": tuple(one["decides"])})
            for path in sorted((self._root / "registers/bodies").glob("*.toml"))
            for one in _toml(path)["body"]
        ]

    @cached_property
    def _items(self) -> dict[str, list[dict[str, Any]]]:
        files = [_toml(path) for path in sorted((self._root / "items").glob("*.toml"))]
        return {one["body"]: sorted(one["item"], key=lambda item: item["valid_from"], reverse=True) for one in files}


def _toml(path: Path) -> dict[str, Any]:
    """A data file. Raises SettingsError naming it."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as exc:
        raise SettingsError(path.name, f"无法读取 (cannot be read): {exc}") from exc
