"""The envelope of a document: its names, matter, type, form version and reference, before the form is looked at."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from bridge.catalogue.characters import shown
from bridge.catalogue.matters import Matter
from bridge.catalogue.messages import unknown_name
from bridge.catalogue.words import DOCUMENT, LABELS, REQUIRED, Words, choose, problem
from bridge.errors import Problem
from bridge.model.pointer import join

NAMES = ("matter", "type", "form", "reference", "data", "materials")
NEEDED = ("matter", "type", "form", "data")
REFERENCE = re.compile(r"[!-~]{1,64}")


def check_envelope(
    document: Mapping[str, Any], matters: Mapping[str, Matter], forms: Mapping[str, Collection[int]]
) -> list[Problem]:
    """What is wrong with names, matter, type, form version and reference; `forms` are the versions of each matter."""
    return [
        *_names(document),
        *_matter(document, matters),
        *_type_and_form(document, matters, forms),
        *_reference(document),
    ]


def matter_of(document: Mapping[str, Any], matters: Mapping[str, Matter]) -> Matter | None:
    """The matter that a document names, where there is such a one."""
    name = document.get("matter")
    return matters.get(name) if isinstance(name, str) else None


def _names(document: Mapping[str, Any]) -> Iterator[Problem]:
    """Names that a document does not have, and those that it lacks."""
    for name in document:
        if name not in NAMES:
            words = unknown_name(str(name), NAMES)
            yield problem(join(shown(str(name))), DOCUMENT, words, "unknown_field")
    for name in NEEDED:
        if name not in document:
            yield _at(name, REQUIRED, "required")


def _matter(document: Mapping[str, Any], matters: Mapping[str, Matter]) -> Iterator[Problem]:
    if "matter" in document and matter_of(document, matters) is None:
        known = [f"{one.name}（{one.title}）" for one in matters.values()]
        yield _at("matter", choose("没有这个事项", "no such matter", known, list(matters)), "unknown_matter")


def _type_and_form(
    document: Mapping[str, Any], matters: Mapping[str, Matter], forms: Mapping[str, Collection[int]]
) -> Iterator[Problem]:
    """The type and the form version; without a matter nothing can be said of them."""
    matter = matter_of(document, matters)
    if matter is None:
        return
    types = [one.id for one in matter.types]
    if "type" in document and document["type"] not in types:
        known = [f"{one.id}（{one.title}）" for one in matter.types]
        yield _at("type", choose("没有这个申请类型", "no such type", known, types), "unknown_type")
    form = document.get("form")
    if "form" in document and (type(form) is not int or form not in forms[matter.name]):
        versions = [str(one) for one in sorted(forms[matter.name])]
        yield _at("form", choose("没有这个表单版本", "no such version of the form", versions), "unknown_form")


def _reference(document: Mapping[str, Any]) -> Iterator[Problem]:
    reference = document.get("reference")
    if "reference" in document and not (isinstance(reference, str) and REFERENCE.fullmatch(reference)):
        words: Words = (
            "格式不正确",
            "not of the wanted form",
            "请用 1 至 64 个英文字母、数字或符号，不含空格；没有则不填此项。",
            "Use 1 to 64 ASCII characters without spaces, or leave it out.",
        )
        yield _at("reference", words, "reference")


def _at(name: str, words: Words, code: str) -> Problem:
    return problem(f"/{name}", LABELS[name], words, code)
