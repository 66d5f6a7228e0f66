"""What no schema says about the values of a form, whatever the box.

No blank text, no space at its ends, no character that cannot be seen, no fraction (quantities are decimal strings), no
number past 64 bits.

Documents that come as text have had their characters checked before; those that a page builds have not.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from bridge.catalogue.characters import is_clean, shown
from bridge.catalogue.words import Words
from bridge.model.pointer import escape

UNTIDY: dict[str, Words] = {
    "blank": ("只有空白", "nothing but space", "请填写，或不填此项。", "Fill it in, or leave it out."),
    "space": ("首尾有空格或换行", "space at the beginning or the end", "请删去首尾空白。", "Take it away."),
    "character": (
        "文字中有控制字符、不可见字符或不成对的代理字符",
        "a control or invisible character, or a lone surrogate",
        "请删去后重新录入。",
        "Delete the text and type it again.",
    ),
    "fraction": (
        "数量不能写成 JSON 小数",
        "a quantity is not a JSON fraction",
        '请写成带引号的文字，例如 "12.5"。',
        'Write it as a text in quotes, for example "12.5".',
    ),
    "number": ("数字过大", "the number is too large", "请写成带引号的文字。", "Write it as a text in quotes."),
}
"""What is told of each."""


def is_tidy(data: Any) -> bool:
    """Whether there is nothing to say; level by level, so that no depth can harm."""
    texts: list[str] = []
    level: list[Any] = [[data]]
    while level:
        deeper: list[Any] = []
        for node in level:
            for part in node.values() if isinstance(node, dict) else node:
                kind = type(part)
                if kind is str:
                    texts.append(part)
                elif kind is dict or kind is list:
                    deeper.append(part)
                elif kind is not bool and part is not None and _untidy(part):
                    return False
        level = deeper
    return texts == [text.strip() for text in texts] and is_clean("".join(texts))


def untidy(data: Any, at: str = "") -> Iterator[tuple[str, str]]:
    """(pointer below the form, which of `UNTIDY`) for each value that is not tidy; names are fit to be shown."""
    left = [(at, data)]
    while left:
        where, node = left.pop()
        if isinstance(node, dict):
            left += [(f"{where}/{escape(shown(str(name)))}", part) for name, part in reversed(node.items())]
        elif isinstance(node, list):
            left += [(f"{where}/{place}", part) for place, part in reversed(list(enumerate(node)))]
        elif what := _untidy(node):
            yield where, what


def _untidy(value: Any) -> str:
    """What is wrong with one value; "" where nothing is."""
    if isinstance(value, str):
        if value and not value.strip():
            return "blank"
        if not is_clean(value):
            return "character"
        return "space" if value != value.strip() else ""
    if isinstance(value, bool) or value is None:
        return ""
    if isinstance(value, int):
        return "" if -(1 << 63) <= value < 1 << 63 else "number"
    return "fraction"
