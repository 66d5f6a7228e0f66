"""What is wrong with a JSON text, and where: the slow reader, for texts that the fast one did not clear.

It tells every flaw of a text that can be read, and the first place at which one cannot be read. No message holds a
value; a name that stands twice is named.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from bridge.catalogue.characters import REFUSED, is_clean, shown
from bridge.errors import Problem

MAX_DEPTH = 64
"""Objects and lists within each other."""
MAX_STRING = 100_000
"""Characters of one string that is not a file's content."""
MAX_FLAWS = 50
"""Told of one document."""

TOKEN = re.compile(r'"(?:[^"\\]+|\\.)*+"|[\[\]{}:,]|[^\s\[\]{}:,"]+', re.DOTALL)
ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|(.))", re.DOTALL)
NUMBER = re.compile(r"-?[0-9]+")

Words = tuple[str, str, str, str]
"""Message and remedy, each Chinese and English: message, message_en, remedy, remedy_en."""


@dataclass(frozen=True, slots=True)
class Flaw:
    """One thing that is wrong with a text. Line and column count from 1; 0 where there is no one place."""

    words: Words
    code: str
    line: int = 0
    column: int = 0
    element: int | None = None
    """Position in the array that the text is."""
    fatal: bool = False
    """Nothing can be said of the rest of the text."""

    def problem(self) -> Problem:
        """The flaw as a person is told of it."""
        message, message_en, remedy, remedy_en = self.words
        if self.line:
            message = f"第 {self.line} 行第 {self.column} 列：{message}"
            message_en = f"line {self.line}, column {self.column}: {message_en}"
        return Problem("", "申请文件", "Document", message, message_en, remedy, remedy_en, code=self.code)


NOTHING = Flaw(
    ("没有内容", "there is nothing in it", "请提交至少一份申请。", "Submit at least one application."), "empty"
)
NOT_A_DOCUMENT = Flaw(
    (
        "不是一份申请（应为 JSON 对象）",
        "not an application: a JSON object is wanted",
        "请按 bridge sample 的样例提交。",
        "Submit it as `bridge sample` shows.",
    ),
    "not_a_document",
)


def too_large(limit: int) -> Flaw:
    """More bytes than are taken."""
    mib = limit >> 20
    words = (
        f"内容过大，超过 {mib} MB",
        f"more than {mib} MB",
        "请分成几个文件，材料请压缩。",
        "Split it into several files, and compress the attached ones.",
    )
    return Flaw(words, "too_large", fatal=True)


def fits(number: str) -> bool:
    """Whether a number of the text fits: whole ones in 64 bits with sign, others in a double."""
    if NUMBER.fullmatch(number):
        return len(number) <= 20 and -(1 << 63) <= int(number) < 1 << 63
    return len(number) <= 400 and abs(float(number)) != float("inf")


def explain(data: bytes, first_line: int = 1) -> tuple[Any, list[Flaw]]:
    """The value of a text as far as it can be read, and every flaw in it."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as exc:
        return None, [_at(data[: exc.start].decode("utf-8", "replace"), exc.start, first_line, _ENCODING, "encoding")]
    if deep := _too_deep(text):
        return None, [_at(text, deep, first_line, _DEPTH, "depth")]
    try:
        value = _LENIENT.decode(text)
    except json.JSONDecodeError as exc:
        return None, [_at(text, *_syntax_flaw(text, exc, first_line))]
    found = [
        replace(_at(text, place, first_line, words, code), element=element, fatal=False)
        for place, words, code, element in _Reader(text).read()
    ]
    return value, found


def count_contents(value: Any, longer: int) -> int:
    """How many contents of files are longer than so many characters, in a document or in each of an array."""
    documents = value if isinstance(value, list) else [value]
    lists = [one.get("materials") for one in documents if isinstance(one, dict)]
    files = [one for files in lists if isinstance(files, list) for one in files if isinstance(one, dict)]
    return sum(isinstance(one.get("content"), str) and len(one["content"]) > longer for one in files)


@dataclass(slots=True)
class _Open:
    """An object or list that has not ended."""

    is_list: bool
    names: set[str] = field(default_factory=set)
    at: str | int = 0
    """The name or position of the part that is being read."""
    wants_name: bool = False


class _Reader:
    """Reads the tokens of a text whose syntax is right, and knows the way to each."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._open: list[_Open] = []

    def read(self) -> Iterator[tuple[int, Words, str, int | None]]:
        """Place, words and code of each flaw, and the element in which it lies."""
        told: Counter[int | None] = Counter()
        for token in TOKEN.finditer(self._text):
            for place, words, code in self._token(token[0], token.start()):
                element = self._element()
                told[element] += 1
                if told[element] <= MAX_FLAWS:
                    yield place, words, code, element

    def _element(self) -> int | None:
        """The element of the array that is being read, where the text is an array."""
        outer = self._open[0] if self._open else None
        return outer.at if outer and outer.is_list and isinstance(outer.at, int) else None

    def _token(self, part: str, place: int) -> Iterator[tuple[int, Words, str]]:
        inner = self._open[-1] if self._open else None
        if part in "{[":
            self._open.append(_Open(is_list=part == "[", wants_name=part == "{"))
        elif part in "}]":
            self._open.pop()
        elif part == "," and inner:
            inner.wants_name = not inner.is_list
            if isinstance(inner.at, int) and inner.is_list:
                inner.at += 1
        elif part.startswith('"'):
            yield from self._string(part, place, inner)
        elif part in {"NaN", "Infinity", "-Infinity"}:
            yield place, _CONSTANT, "not_a_number"
        elif part not in {":", ",", "true", "false", "null"} and not fits(part):
            yield place, _NUMBER, "number"

    def _string(self, token: str, place: int, inner: _Open | None) -> Iterator[tuple[int, Words, str]]:
        if inner and inner.wants_name:
            name = json.loads(token, strict=False)
            if name in inner.names:
                yield place, _duplicate(name), "duplicate_name"
            inner.names.add(name)
            inner.at, inner.wants_name = name, False
        if len(token) > MAX_STRING and len(json.loads(token, strict=False)) > MAX_STRING and not self._is_content():
            yield place, _LONG, "long_text"
        elif (bad := _bad_character(token)) is not None:
            yield place + bad, *_CHARACTER

    def _is_content(self) -> bool:
        """Whether the string being read is the content of a file: /materials/*/content, perhaps in an array."""
        way = [one.at for one in self._open]
        way = way[1:] if self._open[0].is_list else way
        return len(way) == 3 and way[0] == "materials" and way[2] == "content"


def _bad_character(token: str) -> int | None:
    """Where in a string's token a character is that is refused, written as it is or escaped."""
    if raw := REFUSED.search(token):
        return raw.start()
    high = None
    for escape in ESCAPE.finditer(token):
        code = int(escape[1], 16) if escape[1] else ord(_SHORT.get(escape[2], " "))
        if high is not None and (escape.start() != high + 6 or not 0xDC00 <= code < 0xE000):
            return high
        if 0xD800 <= code < 0xDC00:
            high = escape.start()
        elif high is not None:
            high = None
        elif not is_clean(chr(code)):
            return escape.start()
    return high


def _too_deep(text: str) -> int:
    """Where the text first goes deeper than is allowed; 0 where it does not. Bracket by bracket, never by recursion."""
    if text.count("[") + text.count("{") <= MAX_DEPTH:
        return 0
    depth = 0
    for token in TOKEN.finditer(text):
        if token[0] in "[{":
            depth += 1
            if depth > MAX_DEPTH:
                return token.start()
        elif token[0] in "]}":
            depth -= 1
    return 0


def _at(text: str, place: int, first_line: int, words: Words, code: str) -> Flaw:
    """A flaw at a place of the text."""
    line = text.count("\n", 0, place) + first_line
    column = min(place, len(text)) - (text.rfind("\n", 0, place) + 1) + 1
    return Flaw(words, code, line, column, fatal=True)


def _duplicate(name: str) -> Words:
    what = f"“{shown(name, 40)}”"
    return (
        f"同一对象中名称 {what} 重复",
        f"the name {what} stands twice in one object",
        "请删去其中一个。",
        "Take one of them away.",
    )


def _syntax_flaw(text: str, exc: json.JSONDecodeError, first_line: int) -> tuple[int, int, Words, str]:
    """Where a syntax error is and what is said of it; a comma too many is named alike on every Python."""
    before = text[: exc.pos].rstrip()
    if exc.msg.startswith("Expecting property name") and before.endswith(",") and text[exc.pos : exc.pos + 1] == "}":
        return len(before) - 1, first_line, _syntax("Illegal trailing comma"), "syntax"
    return exc.pos, first_line, _syntax(exc.msg), "syntax"


def _syntax(message: str) -> Words:
    """The scanner's word for a syntax error, which never holds a value, as a person understands it."""
    said, said_en = next((words for start, words in _SYNTAX.items() if message.startswith(start)), _SYNTAX["Expecting"])
    return f"JSON 语法错误：{said}", f"not JSON: {said_en}", "请检查此处的括号、引号和逗号。", _CHECK_EN


_CHECK_EN = "Check brackets, quotes and commas here."
_SYNTAX = {
    "Expecting property name": ("此处应为带双引号的名称", "a name in double quotes is wanted here"),
    "Expecting ':'": ("此处应为冒号", "a colon is wanted here"),
    "Expecting ','": ("此处应为逗号或右括号", "a comma or a closing bracket is wanted here"),
    "Expecting": ("此处应有内容", "a value is wanted here"),
    "Extra data": ("此处之后有多余内容", "there is something after the end"),
    "Unterminated string": ("引号没有配对", "a string does not end"),
    "Invalid \\": ("反斜杠转义不正确", "an escape with a backslash is wrong"),
    "Illegal trailing comma": ("多余的逗号", "there is a comma too many"),
}
_SHORT = {"b": "\b", "f": "\f", "r": "\r", "n": "\n", "t": "\t"}


def _number(text: str) -> int | float:
    """A number; one that does not fit is a flaw of its own, and 0 stands in for it."""
    if not fits(text):
        return 0
    return int(text) if NUMBER.fullmatch(text) else float(text)


_LENIENT = json.JSONDecoder(strict=False, parse_int=_number, parse_float=_number)
"""Takes whatever has the shape of JSON."""

_ENCODING: Words = (
    "不是 UTF-8 编码（可能是 GBK 或 UTF-16）",
    "not UTF-8; perhaps GBK or UTF-16",
    "请另存为 UTF-8 编码。",
    "Save it as UTF-8.",
)
_DEPTH: Words = ("嵌套过深", "nested too deep", f"最多 {MAX_DEPTH} 层。", f"At most {MAX_DEPTH} levels.")
_CONSTANT: Words = (
    "不允许 NaN 或 Infinity",
    "NaN and Infinity are not allowed",
    "不知道的请不填。",
    "Leave out what is unknown.",
)
_NUMBER: Words = (
    "数字过大",
    "the number is too large",
    "数量请写成带引号的文字。",
    "Write quantities as texts in quotes.",
)
_LONG: Words = (
    f"文字过长（超过 {MAX_STRING} 个字符）",
    f"a text of more than {MAX_STRING} characters",
    "请缩短，或作为材料附上。",
    "Shorten it, or attach it as a file.",
)
_CHARACTER: tuple[Words, str] = (
    (
        "文字中有控制字符、不可见字符或不成对的代理字符",
        "a control or invisible character, or a lone surrogate, in a text",
        "请删去该字符后重新录入；换行只用 \\n。",
        "Delete the character and type it again; a line ends with \\n alone.",
    ),
    "character",
)
