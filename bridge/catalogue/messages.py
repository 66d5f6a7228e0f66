"""Why a form refuses what was entered: each failure of the explaining validator as a Problem, in the form's words.

What belongs here: the words of every keyword of the subset. The words of a format stand with it (`formats`), those of
a rule in the matter's data. No message holds a value.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from bridge.catalogue import slips
from bridge.catalogue.causes import WIDE
from bridge.catalogue.characters import shown
from bridge.catalogue.explaining import whole_match
from bridge.catalogue.words import Words

TYPES: Mapping[str, tuple[str, str]] = {
    "object": ("一组内容（JSON 对象）", "a group (JSON object)"),
    "array": ("列表", "a list"),
    "string": ("文字（带引号）", "a text in quotes"),
    "integer": ("整数", "a whole number"),
    "boolean": ("true 或 false", "true or false"),
}
"""Types of the subset, as a person knows them."""

NEAR = 60
"""Names longer than this are not compared with known ones."""

MANY = 20
"""Known names that are told, at most."""


def wrong_type(wanted: str, value: Any) -> Words:
    """Not of the type; null has a cure of its own."""
    kind, kind_en = TYPES[wanted]
    if value is None:
        cure = ("不知道的请不填此项，不要写 null。", "Leave it out instead of null.")
    elif wanted == "string" and isinstance(value, int | float):
        cure = ('请加上引号，例如 "12.5"。', 'Put it in quotes, for example "12.5".')
    else:
        cure = (f"请改为{kind}。", f"Make it {kind_en}.")
    return f"应为{kind}", f"{kind_en} is wanted", *cure


def unknown_name(name: str, known: Sequence[str]) -> Words:
    """A name that is not there, with the nearest one that is."""
    near = get_close_matches(name, known, 1) if len(name) <= NEAR else []
    message = (f"没有 {shown(name, NEAR)} 这个字段", f"there is no field {shown(name, NEAR)}")
    if near:
        return *message, f"是否应为 {near[0]}？", f"Did you mean {near[0]}?"
    first, more = known[:MANY], "…" if len(known) > MANY else ""
    return (
        *message,
        f"请删去此项；可用：{'、'.join(first)}{more}。",
        f"Leave it out; known are: {', '.join(first)}{more}.",
    )


def bound(keyword: str, schema: Mapping[str, Any], value: Any) -> Words:
    """What is out of the bounds that a keyword sets."""
    if keyword == "enum":
        return _enum(schema[keyword], schema)
    if keyword == "minLength" and not value:
        return _EMPTY
    if "pattern" in schema and isinstance(value, str):
        return _pattern(schema, value)
    words = _BOUNDS[keyword]
    now = len(value) if isinstance(value, str | list) else 0
    return (words[0].format(schema[keyword], now), words[1].format(schema[keyword], now), words[2], words[3])


_EMPTY: Words = ("不能为空", "it must not be empty", "请填写，或不填此项。", "Fill it in, or leave it out.")
_BOUNDS: Mapping[str, Words] = {
    "maxLength": ("最长 {} 个字符，现有 {} 个", "at most {} characters; there are {}", "请缩短。", "Shorten it."),
    "minLength": ("至少 {} 个字符", "at least {} characters", "请填写完整。", "Fill it in completely."),
    "maxItems": ("最多 {} 行，现有 {} 行", "at most {} rows; there are {}", "请合并或删去。", "Merge or remove rows."),
    "minItems": ("至少 {} 行", "at least {} rows", "请补充。", "Add what is missing."),
    "uniqueItems": ("列表中有重复项", "an item is there twice", "请删去重复项。", "Take the second one away."),
    "const": ("必须确认", "it must be confirmed", "请阅读后确认。", "Read it and confirm."),
    "minimum": ("不能小于 {}", "at least {}", "请核对数值。", "Check the number."),
    "maximum": ("不能大于 {}", "at most {}", "请核对数值。", "Check the number."),
}


def _enum(values: Sequence[Any], schema: Mapping[str, Any]) -> Words:
    """The choices, with the form's words for them."""
    options = schema.get("x-ui", {}).get("options", {})
    known = "、".join(f"{one}（{options[one][0]}）" if one in options else str(one) for one in values)
    known_en = ", ".join(f"{one} ({options[one][1]})" if one in options else str(one) for one in values)
    return "不在可选范围内", "not one of the choices", f"可选：{known}。", f"Choose one of: {known_en}."


def _pattern(schema: Mapping[str, Any], value: str) -> Words:
    """Not of the wanted form: which slip it is, where that is known; the form's own hint says how it is written."""
    least, most, pattern = schema.get("minLength", 0), schema.get("maxLength", slips.LONGEST), schema["pattern"]
    ui = schema.get("x-ui", {})
    hint = f"{ui['hint']}。" if "hint" in ui else ""
    hint_en = f"{ui['hint_en']}." if "hint_en" in ui else ""
    slip = slips.explain(value, most, lambda text: least <= len(text) <= most and whole_match(pattern, text))
    if slip is not None:
        return slip[0], slip[1], f"{slip[2]}{hint}", f"{slip[3]} {hint_en}".strip()
    cure = (hint or "请按表单说明填写，使用半角字符。", hint_en or "Write it as the form says, in ASCII.")
    if pattern.isascii() and not value.isascii():
        return *WIDE[:2], f"{WIDE[2]}{hint}", f"{WIDE[3]} {hint_en}".strip()
    if least == most != len(value):
        now = len(value)
        return f"应为 {most} 位，现有 {now} 位", f"{most} characters are wanted; there are {now}", *cure
    return "格式不正确", "not of the wanted form", *cure
