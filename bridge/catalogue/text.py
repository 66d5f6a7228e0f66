"""Text to documents: the first check of every door. Strict JSON, several documents in one text, and where it is wrong.

What is refused here would break something later or mean two things: duplicate names, NaN, lone surrogates, control
characters, numbers that do not fit, too much, too deep. The fast path is the C scanner; the slow one explains.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NoReturn

from bridge.errors import Problem

MAX_BYTES = 256 << 20
"""One text, with the files inside."""
MAX_STRING = 100_000
"""Characters of one string that is not a file's content."""
MAX_DEPTH = 40
BOM = b"\xef\xbb\xbf"
TOO_DEEP = re.compile(rb"[\[{]")
SURROGATE = re.compile("[\ud800-\udfff]")
CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufeff\u200b-\u200f\u202a-\u202e\u2066-\u2069]")
"""What cannot be seen: C0 and C1 controls, zero-width characters, direction marks."""


@dataclass(frozen=True, slots=True)
class Sourced:
    """One document of a text, or why it is none."""

    source: str
    """`file`, `file#index` or `file:line`."""
    document: dict[str, Any] | None
    problems: tuple[Problem, ...] = ()


class _Bad(Exception):
    """What is wrong with a text, and where; line and column count from 1, 0 where there is no one place."""

    def __init__(self, message: str, message_en: str, remedy: str, remedy_en: str, place: int = -1) -> None:
        super().__init__(message)
        self.words = (message, message_en, remedy, remedy_en)
        self.place = place


def documents(data: bytes, name: str) -> Iterator[Sourced]:
    """The documents of a text: one object, an array of them, or JSON Lines. A bad line does not spoil the others."""
    if len(data) > MAX_BYTES:
        yield _spoiled(
            name, _Bad("文件过大", "the text is too large", "请分成几个文件。", "Split it into several files.")
        )
        return
    data = data.removeprefix(BOM)
    if name.endswith(".jsonl") or _looks_like_lines(data):
        yield from _lines(data, name)
        return
    try:
        value = _parse(data)
    except _Bad as bad:
        yield _spoiled(name, bad, _text(data))
        return
    if isinstance(value, list):
        if not value:
            yield _spoiled(name, _NOTHING)
        for index, one in enumerate(value):
            yield _document(f"{name}#{index}", one)
        return
    yield _document(name, value)


def _looks_like_lines(data: bytes) -> bool:
    """Whether the text is several JSON values, a line each: its first line is a whole object and there are more."""
    first, newline, rest = data.lstrip().partition(b"\n")
    if not newline or not first.rstrip().endswith(b"}") or not first.startswith(b"{") or not rest.strip():
        return False
    return rest.lstrip()[:1] != b"," and not rest.strip().startswith((b"}", b"]"))


def _lines(data: bytes, name: str) -> Iterator[Sourced]:
    """JSON Lines; empty lines count but hold nothing."""
    found = False
    for number, line in enumerate(data.split(b"\n"), 1):
        if not line.strip():
            continue
        found = True
        source = f"{name}:{number}"
        try:
            yield _document(source, _parse(line))
        except _Bad as bad:
            yield _spoiled(source, bad, _text(line), first_line=number)
    if not found:
        yield _spoiled(name, _NOTHING)


def _document(source: str, value: Any) -> Sourced:
    """A parsed value as a document."""
    if isinstance(value, dict):
        return Sourced(source, value)
    return _spoiled(
        source,
        _Bad(
            "不是一份申请（应为 JSON 对象）",
            "not an application: a JSON object is wanted",
            "请按样例提交。",
            "See `bridge sample`.",
        ),
    )


_NOTHING = _Bad("没有内容", "there is nothing in it", "请提交至少一份申请。", "Submit at least one application.")


def _spoiled(source: str, bad: _Bad, text: str = "", first_line: int = 1) -> Sourced:
    """A source that is no document, with line and column."""
    message, message_en, remedy, remedy_en = bad.words
    if bad.place >= 0:
        line = text.count("\n", 0, bad.place) + first_line
        column = bad.place - (text.rfind("\n", 0, bad.place) + 1) + 1
        message, message_en = f"第 {line} 行第 {column} 列：{message}", f"line {line}, column {column}: {message_en}"
    return Sourced(
        source, None, (Problem("", "申请文件", "Document", message, message_en, remedy, remedy_en, code="text"),)
    )


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace")


def _parse(data: bytes) -> Any:
    """Strict JSON. Raises _Bad."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as exc:
        place = len(data[: exc.start].decode("utf-8", "replace"))
        raise _Bad("不是 UTF-8 编码", "not UTF-8", "请另存为 UTF-8 编码。", "Save it as UTF-8.", place) from None
    _check_depth(data, text)
    try:
        value = json.loads(
            text, object_pairs_hook=_pairs, parse_constant=_constant, parse_int=_integer, parse_float=_float
        )
    except json.JSONDecodeError as exc:
        if exc.msg.startswith("Invalid control"):
            raise _Bad("文字中有控制字符", "a control character in a text", *_REWRITE, exc.pos) from None
        raise _Bad(
            "JSON 语法错误",
            f"not JSON: {exc.msg}",
            "请检查括号、引号和逗号。",
            "Check brackets, quotes and commas.",
            exc.pos,
        ) from None
    except RecursionError:
        raise _TOO_DEEP from None
    except _Duplicate as exc:
        place = _second_place(text, exc.name)
        raise _Bad(
            "同一对象中名称重复", "a name stands twice in one object", "请删去其中一个。", "Take one away.", place
        ) from None
    except _Number as exc:
        raise _Bad(*exc.words, text.find(exc.text)) from None
    if CONTROL.search(text) or "\\u" in text:
        _check_strings(value, text)
    if len(text) > MAX_STRING:
        _check_lengths(value, text)
    return value


_REWRITE = ("请删去该字符后重新录入。", "Delete the character and type it again.")
_TOO_DEEP = _Bad("嵌套过深", "nested too deep", f"最多 {MAX_DEPTH} 层。", f"At most {MAX_DEPTH} levels.")


def _check_depth(data: bytes, text: str) -> None:
    """Refuse nesting that no form has; counted without strings only where there are brackets enough."""
    if data.count(b"[") + data.count(b"{") <= MAX_DEPTH:
        return
    depth, inside, skip = 0, False, False
    for place, char in enumerate(text) if _may_be_deep(text) else ():
        if skip:
            skip = False
        elif inside:
            inside, skip = char != '"', char == "\\"
        elif char == '"':
            inside = True
        elif char in "[{":
            depth += 1
            if depth > MAX_DEPTH:
                raise _Bad(*_TOO_DEEP.words, place)
        elif char in "]}":
            depth -= 1


BRACKETS = re.compile(r'"(?:[^"\\]|\\.)*"|[^\[\]{}"]+')
"""What is not a bracket, to be taken away; linear, since each part begins differently."""


def _may_be_deep(text: str) -> bool:
    """Whether the brackets outside strings go too deep; quick for what people send."""
    depth = deepest = 0
    for char in BRACKETS.sub("", text):
        depth += 1 if char in "[{" else -1
        deepest = max(deepest, depth)
    return deepest > MAX_DEPTH


class _Duplicate(Exception):
    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name


class _Number(Exception):
    def __init__(self, text: str, message: str, message_en: str, remedy: str, remedy_en: str) -> None:
        super().__init__()
        self.text = text
        self.words = (message, message_en, remedy, remedy_en)


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        seen: set[str] = set()
        for name, _ in pairs:
            if name in seen:
                raise _Duplicate(name)
            seen.add(name)
    return made


def _constant(text: str) -> NoReturn:
    raise _Number(
        text,
        "不允许 NaN 或 Infinity",
        "NaN and Infinity are not allowed",
        "不知道的请不填。",
        "Leave out what is unknown.",
    )


def _integer(text: str) -> int:
    if len(text) > 19 or not -(1 << 63) <= int(text) < 1 << 63:
        raise _Number(
            text,
            "整数过大",
            "the whole number is too large",
            "数量请写成带引号的文字。",
            "Write quantities as texts in quotes.",
        )
    return int(text)


def _float(text: str) -> float:
    value = float(text)
    if value in (float("inf"), float("-inf")):
        raise _Number(
            text,
            "数字过大",
            "the number is too large",
            "数量请写成带引号的文字。",
            "Write quantities as texts in quotes.",
        )
    return value


def _second_place(text: str, name: str) -> int:
    """Where a name that stands twice in one object stands for the second time; the first such pair in the text."""
    found = [one.start() for one in re.finditer(re.escape(json.dumps(name, ensure_ascii=False)) + r"\s*:", text)]
    return found[1] if len(found) > 1 else -1


def _check_strings(value: Any, text: str) -> None:
    """Refuse what cannot be stored or seen."""
    for one in _strings(value):
        if bad := SURROGATE.search(one) or CONTROL.search(one):
            what = (
                ("文字中有不成对的代理字符", "a lone surrogate in a text")
                if SURROGATE.match(bad[0])
                else (
                    "文字中有控制字符或不可见字符",
                    "a control or invisible character in a text",
                )
            )
            place = text.find(bad[0])
            if place < 0:
                place = text.lower().find(f"\\u{ord(bad[0]):04x}")
            raise _Bad(*what, *_REWRITE, place)


def _check_lengths(value: Any, text: str) -> None:
    """Refuse a string that no box can hold; the content of a file may be long."""
    if not isinstance(value, dict):
        for one in value if isinstance(value, list) else ():
            _check_lengths(one, text)
        return
    plain = {name: part for name, part in value.items() if name != "materials"}
    for material in value.get("materials", ()) if isinstance(value.get("materials"), list) else ():
        plain_material = (
            {name: part for name, part in material.items() if name != "content"}
            if isinstance(material, dict)
            else material
        )
        plain.setdefault("", []).append(plain_material)
    for one in _strings(plain):
        if len(one) > MAX_STRING:
            raise _Bad(
                "文字过长",
                "a text is too long",
                "请缩短，或作为材料附上。",
                "Shorten it, or attach it as a file.",
                text.find(one[:50]),
            )


def _strings(value: Any) -> Iterator[str]:
    """Every string of a value, names included."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for name, part in value.items():
            yield name
            yield from _strings(part)
    elif isinstance(value, list):
        for part in value:
            yield from _strings(part)
