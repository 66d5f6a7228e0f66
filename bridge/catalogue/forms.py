"""A form: its schema, a fast validator for yes or no, and a slow one that says why not, in the form's words.

Both validators read the subset alike; a test shows it. Messages name box, problem and cure, never the value.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Any

import jsonschema_rs
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError
from jsonschema.validators import extend

from bridge.catalogue.formats import Format
from bridge.errors import Problem
from bridge.model.pointer import escape, tokens

TYPES = {
    "object": ("一组内容（JSON 对象）", "a group (JSON object)"),
    "array": ("列表", "a list"),
    "string": ("文字（带引号）", "a text in quotes"),
    "integer": ("整数", "a whole number"),
    "boolean": ("true 或 false", "true or false"),
}


Words = tuple[str, str, str, str]
"""Message and remedy: Chinese, English, Chinese, English."""


def problem(pointer: str, label: str, label_en: str, words: Words, code: str) -> Problem:
    """A Problem of severity `error` from its words."""
    message, message_en, remedy, remedy_en = words
    return Problem(pointer, label, label_en, message, message_en, remedy, remedy_en, code=code)


class Form:
    """One version of one matter's entry form."""

    def __init__(self, schema: Mapping[str, Any], formats: Mapping[str, Format]) -> None:
        self.schema = schema
        self._formats = formats
        used = {name: one.check for name, one in formats.items()}
        self._fast = jsonschema_rs.validator_for(dict(schema), validate_formats=True, formats=used)
        self._slow = _explainer(formats)(dict(schema))

    def is_valid(self, data: Any) -> bool:
        """Yes or no, in microseconds."""
        return self._fast.is_valid(data)

    def problems(self, data: Any) -> list[Problem]:
        """Everything that is wrong, each at its box; empty where `is_valid`."""
        if self.is_valid(data):
            return []
        found = {(one.pointer, one.code): one for error in self._slow.iter_errors(data) for one in self._say(error)}
        return list(found.values())

    def label(self, pointer: str) -> tuple[str, str]:
        """The box at `pointer` (below `/data`) as the form calls it, with its card and the row in each list."""
        node: Mapping[str, Any] | None = self.schema
        words: list[str] = []
        words_en: list[str] = []
        for name in tokens(pointer):
            if node is None:
                break
            if node["type"] == "array" and (name.isdigit() or name == "*"):
                if words and name != "*":
                    words[-1] += f" 第 {int(name) + 1} 行"
                    words_en[-1] += f" row {int(name) + 1}"
                node = node["items"]
                continue
            node = node.get("properties", {}).get(name)
            if node is not None:
                words.append(node["title"])
                words_en.append(node["x-ui"]["title_en"])
        return " · ".join(words), " · ".join(words_en)

    def _say(self, error: ValidationError) -> Iterator[Problem]:
        """One failure of the explaining validator, as problems."""
        pointer = "".join(f"/{escape(str(part))}" for part in error.absolute_path)
        schema: Any = error.schema
        bound: Any = error.validator_value
        instance: Any = error.instance
        match error.validator:
            case "required":
                name = _quoted(error.message)
                yield self._problem(f"{pointer}/{escape(name)}", "required", _REQUIRED)
            case "additionalProperties":
                known = list(schema.get("properties", {}))
                for name in set(instance) - set(known):
                    yield self._unknown(pointer, name, known)
            case "type":
                kind, kind_en = TYPES[bound]
                null = error.instance is None
                cure = (
                    ("不知道的请不填此项，不要写 null。", "Leave it out instead of null.")
                    if null
                    else (
                        f"请改为{kind}。",
                        f"Make it {kind_en}.",
                    )
                )
                yield self._problem(pointer, "type", (f"应为{kind}", f"{kind_en} is wanted", *cure))
            case "format":
                one = self._formats[bound]
                yield self._problem(pointer, "format", (one.message, one.message_en, one.remedy, one.remedy_en))
            case _:
                yield self._problem(pointer, str(error.validator), _bound(str(error.validator), bound, schema))

    def _problem(self, pointer: str, code: str, words: Words) -> Problem:
        label, label_en = self.label(pointer)
        return problem(f"/data{pointer}", label or "申请内容", label_en or "Data", words, code)

    def _unknown(self, pointer: str, name: str, known: Sequence[str]) -> Problem:
        """A name that the form does not have, with the nearest that it has."""
        label, label_en = self.label(pointer)
        near = get_close_matches(name, known, 1)
        cure = (
            (f"是否应为 {near[0]}？", f"Did you mean {near[0]}?")
            if near
            else (
                "请删去此项。",
                "Leave it out.",
            )
        )
        where = f"/data{pointer}/{escape(name[:100])}"
        words = ("表单中没有这个字段", "the form has no such field", *cure)
        return problem(where, label or "申请内容", label_en or "Data", words, "unknown_field")


_REQUIRED = ("必须填写", "it must be filled in", "请填写此项。", "Fill it in.")


def _bound(keyword: str, bound: Any, schema: Mapping[str, Any]) -> Words:
    """Words for what is out of bounds."""
    if keyword == "enum":
        options = schema.get("x-ui", {}).get("options", {})
        known = "、".join(f"{one}（{options[one][0]}）" if one in options else str(one) for one in bound)
        known_en = ", ".join(str(one) for one in bound)
        return "不在可选范围内", "not one of the choices", f"可选：{known}。", f"Choose one of: {known_en}."
    if keyword == "pattern":
        hint, hint_en = schema.get("x-ui", {}).get("hint"), schema.get("x-ui", {}).get("hint_en")
        cure = (f"{hint}。", f"{hint_en}.") if hint else ("请按表单说明填写。", "Write it as the form says.")
        return ("格式不正确", "not of the wanted form", *cure)
    message, message_en, remedy, remedy_en = BOUNDS[keyword]
    return message.format(bound), message_en.format(bound), remedy, remedy_en


BOUNDS: dict[str, Words] = {
    "maxLength": ("最长 {} 个字符", "at most {} characters", "请缩短。", "Shorten it."),
    "minLength": ("不能为空", "it must not be empty", "请填写，或不填此项。", "Fill it in, or leave it out."),
    "maxItems": ("最多 {} 行", "at most {} rows", "请合并或删去多余的行。", "Merge rows, or leave some out."),
    "minItems": ("至少 {} 行", "at least {} rows", "请补充。", "Add what is missing."),
    "uniqueItems": ("列表中有重复项", "an item is there twice", "请删去重复项。", "Take the second one away."),
    "const": ("必须确认", "it must be confirmed", "请阅读后确认。", "Read it and confirm."),
    "minimum": ("不能小于 {}", "at least {}", "请核对数值。", "Check the number."),
    "maximum": ("不能大于 {}", "at most {}", "请核对数值。", "Check the number."),
}
"""What is said of each keyword that bounds a value; braces are the bound."""


def _quoted(message: str) -> str:
    """The name in `'name' is a required property`."""
    return message.rpartition(" is a required")[0].strip("'\"")


def _explainer(formats: Mapping[str, Format]) -> Any:
    """A validator class with our readings: patterns match whole and in ASCII, formats count, unique by hash."""

    def pattern(_validator: Any, value: str, instance: Any, _schema: Any) -> Iterator[ValidationError]:
        if isinstance(instance, str) and not re.fullmatch(
            value.removeprefix("^").removesuffix("$"), instance, re.ASCII
        ):
            yield ValidationError("pattern")

    def format_(_validator: Any, value: str, instance: Any, _schema: Any) -> Iterator[ValidationError]:
        if isinstance(instance, str) and not formats[value].check(instance):
            yield ValidationError("format")

    def unique(_validator: Any, value: bool, instance: Any, _schema: Any) -> Iterator[ValidationError]:
        if value and isinstance(instance, list) and len({repr(one) for one in instance}) != len(instance):
            yield ValidationError("uniqueItems")

    return extend(  # type: ignore[no-untyped-call]  # the stubs leave it open
        Draft202012Validator, {"pattern": pattern, "format": format_, "uniqueItems": unique}
    )
