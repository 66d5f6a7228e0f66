"""Text to documents: the first check of every door. Strict JSON, several documents in one text, and where it is wrong.

What is refused here would break something later or mean two things: duplicate names, NaN, lone surrogates, control and
invisible characters, numbers that do not fit, too much, too deep. A fast reader decides whether a text is clean; one
that is not, or may not be, is read again by `flaws`, which says why and where. What a form asks for does not belong
here (`forms`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from bridge.catalogue import flaws
from bridge.catalogue.characters import is_clean
from bridge.catalogue.flaws import MAX_DEPTH, MAX_STRING, Flaw
from bridge.errors import Problem

MAX_BYTES = 256 << 20
"""One text: a document or an array with its files inside, or one line of JSON Lines."""

MAX_PLAIN_BYTES = 5 << 20
"""One document without its files' content."""

BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Sourced:
    """One document of a text, or why it is none."""

    source: str
    """`file`, `file#index` (from 0), `file:line` (from 1) or `file!sheet:row` (from 1)."""
    document: dict[str, Any] | None
    """As far as it could be read: where there are problems it is only looked at for more of them."""
    problems: tuple[Problem, ...] = ()
    locate: Callable[[str], str] | None = None
    """Pointer → the cell of a table that it came from; None where the document came as text."""


def documents(data: bytes, name: str) -> Iterator[Sourced]:
    """The documents of a text: one object, an array of them, or JSON Lines (by the name's `.jsonl`, or by its look).

    One bad line or element does not spoil the others; only where the syntax of an array is broken is all of it refused.
    JSON Lines are read one by one as they are asked for. A byte order mark of UTF-8 is passed over.
    """
    data = data.removeprefix(BOM)
    if name.lower().endswith(".jsonl") or _begins_as_lines(data):
        yield from _lines(data, name)
        return
    whole = _read(data)
    if whole.unreadable and _has_a_line(data):
        yield from _lines(data, name)
    else:
        yield from _sourced(name, whole)


@dataclass(frozen=True, slots=True)
class _Text:
    """One JSON text as it was read."""

    value: Any
    """None where it could not be read at all."""
    flaws: Sequence[Flaw]
    size: int
    """Bytes."""

    @property
    def unreadable(self) -> bool:
        """Whether its syntax is broken, so that nothing can be said of its parts."""
        return any(flaw.fatal for flaw in self.flaws)


def _read(data: bytes, first_line: int = 1) -> _Text:
    """One JSON text, strictly; what is wrong with it comes with line and column, counted from `first_line`."""
    if len(data) > MAX_BYTES:
        return _Text(None, [flaws.too_large(MAX_BYTES)], len(data))
    if not data.strip():
        return _Text(None, [flaws.NOTHING], len(data))
    try:
        value = orjson.loads(data)
    except orjson.JSONDecodeError:
        pass
    else:
        if _is_clean(value, data):
            return _Text(value, (), len(data))
    value, found = flaws.explain(data, first_line)
    return _Text(value, found, len(data))


def _sourced(name: str, text: _Text) -> Iterator[Sourced]:
    """The document of a text, or those of its array; each flaw goes to the element in which it lies."""
    if not isinstance(text.value, list) or text.unreadable:
        yield _document(name, text.value, text.flaws, text.size)
        return
    if not text.value:
        yield _document(name, None, [flaws.NOTHING], 0)
    for index, one in enumerate(text.value):
        yield _document(f"{name}#{index}", one, [flaw for flaw in text.flaws if flaw.element == index], text.size)


def _document(source: str, value: Any, found: Sequence[Flaw], size: int) -> Sourced:
    """A value as a document, unless something is wrong with it."""
    if not found and not isinstance(value, dict):
        found = [flaws.NOT_A_DOCUMENT]
    elif not found and size > MAX_PLAIN_BYTES and _plain_size(value) > MAX_PLAIN_BYTES:
        found = [flaws.too_large(MAX_PLAIN_BYTES)]
    return Sourced(source, None if found else value, tuple(flaw.problem() for flaw in found))


def _lines(data: bytes, name: str) -> Iterator[Sourced]:
    """JSON Lines; an empty line counts and holds nothing."""
    found, start, number = False, 0, 0
    while start < len(data):
        end = data.find(b"\n", start)
        end = len(data) if end < 0 else end
        line, start, number = data[start:end], end + 1, number + 1
        if line.strip():
            found = True
            text = _read(line, number)
            yield _document(f"{name}:{number}", text.value, text.flaws, text.size)
    if not found:
        yield _document(name, None, [flaws.NOTHING], 0)


def _begins_as_lines(data: bytes) -> bool:
    """Whether a first line that ends an object is followed by something that can only be a text of its own."""
    start = len(data) - len(data.lstrip())
    end = data.find(b"\n", start)
    if end < 0 or data[start : start + 1] != b"{" or not data[start:end].rstrip().endswith(b"}"):
        return False
    following = data[end : end + 4096].lstrip()[:1]
    return following not in {b"", b",", b"}", b"]"}


def _has_a_line(data: bytes) -> bool:
    """Whether an unreadable text has a line, not indented, that is an object by itself: then its lines are meant."""
    lines = [line for line in data.split(b"\n") if line.strip()]
    return len(lines) > 1 and any(line.startswith(b"{") and isinstance(_read(line).value, dict) for line in lines)


def _is_clean(value: Any, data: bytes) -> bool:
    """Whether a text that orjson took is clean beyond doubt; False sends it to `flaws`, which may still clear it.

    orjson keeps the last of two equal names. Each name in the text is followed by a quote and a colon, so where these
    are as many as the names of the value, and no name has space before its colon, no name was lost.
    """
    return _is_plain(value, data) or _is_clean_within(value, data)


def _is_plain(value: Any, data: bytes) -> bool:
    """The same for a text as most programs write it, told sooner: written again it is the same, so nothing was lost."""
    again = orjson.dumps(value)
    if again != data or len(again) > MAX_STRING or b"\\" in again or not again.decode().isprintable():
        return False
    depth = -1
    level: list[Any] = [[value]]
    while level:
        depth += 1
        deeper: list[Any] = []
        for node in level:
            for part in node.values() if type(node) is dict else node:
                kind = type(part)
                if kind is str:
                    continue
                if kind is dict or kind is list:
                    deeper.append(part)
                elif kind is float or (kind is int and not -(1 << 63) <= part < 1 << 63):
                    return False
        level = deeper
    return depth <= MAX_DEPTH


def _is_clean_within(value: Any, data: bytes) -> bool:
    """The same for any text, by all its names and strings."""
    names, depth = 0, 0
    strings: list[str] = []
    level = [value]
    while level:
        depth += 1
        if depth > MAX_DEPTH + 1:
            return False
        deeper: list[Any] = []
        for node in level:
            if type(node) is dict:
                names += len(node)
                strings += node
                parts: Any = node.values()
            else:
                parts = node if type(node) is list else ()
            for part in parts:
                kind = type(part)
                if kind is str:
                    strings.append(part)
                elif kind is dict or kind is list:
                    deeper.append(part)
                elif kind is float or (kind is int and not -(1 << 63) <= part < 1 << 63):
                    return False
        level = deeper
    together = "".join(strings)
    return (
        data.count(b'":') == names
        and not _SPACED_NAME.search(data)
        and (len(together) <= MAX_STRING or not _has_long(value, strings))
        and is_clean(together)
    )


_SPACED_NAME = re.compile(rb'"[ \t\r\n]+:')


def _has_long(value: Any, strings: Sequence[str]) -> bool:
    """Whether a string is too long that is not a file's content."""
    return sum(len(one) > MAX_STRING for one in strings) != flaws.count_contents(value, MAX_STRING)


def _plain_size(document: dict[str, Any]) -> int:
    """Bytes of a document without the content of its files."""
    materials = document.get("materials")
    contents = [one.get("content") for one in materials if isinstance(one, dict)] if isinstance(materials, list) else []
    return len(orjson.dumps(document, default=str)) - sum(len(one) for one in contents if isinstance(one, str))
