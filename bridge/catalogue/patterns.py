r"""Which regular expressions a form may use: those that every engine reads alike, and that no text can make slow.

Allowed between `^` and `$`: characters, escaped punctuation, classes with ranges (`[0-9A-Z]`), groups with
alternatives, and the counts `?`, `*`, `+`, `{n}`, `{n,m}`. Not allowed: `\d \w \s \b` and other letter escapes, the
dot, look-arounds, back references, negated classes; a group that is repeated while it repeats or chooses something
inside (backtracking of `^(a+)+$` is exponential); and more than one count without an upper bound.
"""

from __future__ import annotations

import re

COUNT = re.compile(r"[?*+]|\{[0-9]{1,4}(,[0-9]{0,4})?\}")
ESCAPED = re.compile(r"\\[\\^$.|?*+()\[\]{}/-]")
CLASS = re.compile(r"\[(?:[^\\^\[\]]|\\[\\^\[\].-])(?:[^\\\[\]]|\\[\\^\[\].-])*\]")
SET_OPERATION = re.compile(r"--|&&|\|\||~~")
"""In a class some engines read these as operations on sets, others as characters."""
PLAIN = re.compile(r"[^\\^$.|?*+()\[\]{}]")


class BadPattern(ValueError):
    """The pattern is outside what is allowed."""


def check_pattern(pattern: str) -> None:
    """Raises BadPattern, which says why, where `pattern` may not be used."""
    if not (pattern.startswith("^") and pattern.endswith("$")) or pattern.endswith("\\$"):
        raise BadPattern("须以 ^ 开头、以 $ 结尾 (must be anchored by ^ and $)")
    body = pattern[1:-1]
    reader = _Reader(body)
    reader.sequence()
    if reader.place != len(body):
        raise BadPattern(f"第 {reader.place + 2} 个字符处不允许的写法 (not allowed at character {reader.place + 2})")
    try:
        re.compile(pattern, re.ASCII)
    except re.error as exc:
        raise BadPattern(f"不是正则表达式 (not a regular expression): {exc.msg}") from exc


class _Reader:
    """Reads a pattern by its grammar; stops at what is not in it."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._unbounded = 0
        self.place = 0

    def sequence(self) -> bool:
        """A run of counted parts; whether its length may vary."""
        varies = False
        while (inside := self._part()) is not None:
            counted = self._count()
            if inside and counted == "many":
                raise BadPattern("重复的组内又有重复或选择 (a repeated group repeats or chooses inside)")
            varies = varies or inside or counted != "once"
        return varies

    def _part(self) -> bool | None:
        """One character, class or group: whether its length may vary; None where there is none of them."""
        for kind in (PLAIN, ESCAPED, CLASS):
            if found := kind.match(self._text, self.place):
                if kind is CLASS and SET_OPERATION.search(found[0]):
                    raise BadPattern("字符类中不能有 -- && || ~~ (not in a class: engines read them differently)")
                self.place = found.end()
                return False
        return self._group() if self._text.startswith("(", self.place) else None

    def _group(self) -> bool:
        """`(a|b)` or `(?:a|b)`: it varies where a part does, and where there is a choice."""
        self.place += 3 if self._text.startswith("(?:", self.place) else 1
        varies = self.sequence()
        while self._text.startswith("|", self.place):
            self.place += 1
            self.sequence()
            varies = True
        if not self._text.startswith(")", self.place):
            where = self.place + 2
            raise BadPattern(f"第 {where} 个字符处括号内不允许的写法 (not allowed at character {where})")
        self.place += 1
        return varies

    def _count(self) -> str:
        """How often the part before stands: `once`, `optional` or `many`."""
        found = COUNT.match(self._text, self.place)
        if not found:
            return "once"
        self.place = found.end()
        if COUNT.match(self._text, self.place):
            raise BadPattern("重复符号不能连用 (one count after another)")
        self._unbounded += found[0] in "*+" or found[0].endswith(",}")
        if self._unbounded > 1:
            raise BadPattern("最多一处没有上限的重复 (more than one count without an upper bound)")
        return "optional" if found[0] == "?" else "many"
