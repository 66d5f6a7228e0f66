"""Which texts a pattern means, and whether all texts of some patterns are texts of another one.

Patterns are read with the plain part of their syntax that all validators read alike: characters, classes, groups,
alternatives, counts. Everything is exact: a pattern becomes an automaton, and the two are walked together. What does
not belong here: what is not a text (`fits`).
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from random import Random

Chars = tuple[tuple[int, int], ...]
"""Characters as ranges of code points, both ends in, in order."""

ALL: Chars = ((0, 0x10FFFF),)
MOST_STATES = 60_000
MOST_COUNT = 1_000
COUNT = re.compile(r"([?*+])|\{([0-9]{1,4})(?:(,)([0-9]{0,4}))?\}")
NAMED: dict[str, Chars] = {
    "d": ((48, 57),),
    "w": ((48, 57), (65, 90), (95, 95), (97, 122)),
    "n": ((10, 10),),
    "t": ((9, 9),),
}


class Unsupported(ValueError):
    """A pattern outside the syntax, or an automaton that grows too large: nothing is proven then."""


@dataclass(frozen=True, slots=True)
class _Chars:
    chars: Chars


@dataclass(frozen=True, slots=True)
class _Row:
    parts: tuple[_Node, ...]


@dataclass(frozen=True, slots=True)
class _Or:
    parts: tuple[_Node, ...]


@dataclass(frozen=True, slots=True)
class _Count:
    part: _Node
    least: int
    most: int | None


_Node = _Chars | _Row | _Or | _Count


@dataclass(frozen=True, slots=True)
class Language:
    """The texts of one pattern."""

    tree: _Node

    def lengths(self) -> tuple[int, int | None]:
        """The shortest and the longest text, in characters; None: without end."""
        return _lengths(self.tree)

    def widest(self) -> int:
        """The highest code point that a text may hold."""
        return max((high for chars in _leaves(self.tree) for _, high in chars), default=0)


@cache
def language(pattern: str) -> Language:
    """What a pattern means: it is searched for, as JSON Schema wants, so that only anchors bind it to the ends."""
    start, end = pattern.startswith("^"), pattern.endswith("$") and not pattern.endswith("\\$")
    parser = _Parser(pattern[1 if start else 0 : -1 if end else None])
    tree = parser.alternatives()
    if parser.rest or (isinstance(tree, _Or) and (start or end)):
        raise Unsupported(pattern)
    anything = _Count(_Chars(ALL), 0, None)
    return Language(_Row((*(() if start else (anything,)), tree, *(() if end else (anything,)))))


def outside(patterns: Sequence[str], other: str, least: int = 0, most: int | None = None) -> str | None:
    """A text of all `patterns` with a length in the bounds that `other` does not mean; None where there is none.

    Raises Unsupported.
    """
    if len(patterns) == 1 and patterns[0] == other:
        return None
    automata = [*(_automaton(one) for one in patterns), _automaton(other)]
    found = _walk(automata, 0, None)
    return found if found is None or (least == 0 and most is None) else _walk(automata, least, most)


def _walk(automata: Sequence[_Automaton], least: int, most: int | None) -> str | None:
    """The first text that all but the last accept and the last does not."""
    limit = most if most is not None else least
    start = (tuple(one.closure({one.start}) for one in automata), 0)
    queue = deque([(start, "")])
    seen = {start}
    while queue:
        (states, length), text = queue.popleft()
        ends = [one.end in state for one, state in zip(automata, states, strict=True)]
        if all(ends[:-1]) and not ends[-1] and length >= least:
            return text
        if most is not None and length >= most:
            continue
        for sample, following in _steps(automata, states):
            after = (following, min(length + 1, limit) if least or most is not None else 0)
            if after not in seen:
                seen.add(after)
                if len(seen) > MOST_STATES:
                    raise Unsupported("too many states")
                queue.append((after, text + sample))
    return None


def _steps(
    automata: Sequence[_Automaton], states: tuple[frozenset[int], ...]
) -> Iterator[tuple[str, tuple[frozenset[int], ...]]]:
    """Where one more character leads: once for each class of characters that lead to the same."""
    edges = [one.edges(state) for one, state in zip(automata, states, strict=True)]
    cuts = {0x110000, 0, 0x4E00}
    for several in edges:
        for chars, _ in several:
            for low, high in chars:
                cuts.update((low, high + 1))
    points = sorted(cuts)
    told: set[tuple[frozenset[int], ...]] = set()
    for low in points[:-1]:
        following = tuple(
            one.closure({to for chars, to in several if any(a <= low <= b for a, b in chars)})
            for one, several in zip(automata, edges, strict=True)
        )
        if all(following[:-1]) and following not in told:
            told.add(following)
            yield chr(low) if not 0xD800 <= low <= 0xDFFF else "\ue000", following


@dataclass(slots=True)
class _Automaton:
    """A pattern as states: which follow without a character, and which with one."""

    free: dict[int, list[int]] = field(default_factory=dict)
    taking: dict[int, list[tuple[Chars, int]]] = field(default_factory=dict)
    count: int = 0
    start: int = 0
    end: int = 0

    def state(self) -> int:
        """A new state."""
        self.count += 1
        if self.count > MOST_STATES:
            raise Unsupported("too many states")
        return self.count

    def closure(self, states: Iterable[int]) -> frozenset[int]:
        """These states, and all that follow without a character."""
        found = set(states)
        todo = list(found)
        while todo:
            for to in self.free.get(todo.pop(), ()):
                if to not in found:
                    found.add(to)
                    todo.append(to)
        return frozenset(found)

    def edges(self, states: Iterable[int]) -> list[tuple[Chars, int]]:
        """What may follow with a character."""
        return [edge for state in states for edge in self.taking.get(state, ())]

    def add(self, node: _Node, at: int) -> int:
        """The states of one part of a pattern, beginning `at`; where it ends."""
        match node:
            case _Chars(chars):
                end = self.state()
                self.taking.setdefault(at, []).append((chars, end))
                return end
            case _Row(parts):
                for one in parts:
                    at = self.add(one, at)
                return at
            case _Or(parts):
                end = self.state()
                for one in parts:
                    self.free.setdefault(self.add(one, at), []).append(end)
                return end
            case _Count(one, least, most):
                return self._repeated(one, least, most, at)

    def _repeated(self, node: _Node, least: int, most: int | None, at: int) -> int:
        for _ in range(least):
            at = self.add(node, at)
        end = self.state()
        self.free.setdefault(at, []).append(end)
        if most is None:
            loop = self.state()
            self.free[at].append(loop)
            self.free.setdefault(self.add(node, loop), []).extend([loop, end])
            return end
        for _ in range(most - least):
            begin = self.state()
            self.free.setdefault(at, []).append(begin)
            at = self.add(node, begin)
            self.free.setdefault(at, []).append(end)
        return end


@cache
def _automaton(pattern: str) -> _Automaton:
    made = _Automaton()
    made.end = made.add(language(pattern).tree, made.start)
    return made


class _Parser:
    """Reads a pattern. Raises Unsupported."""

    def __init__(self, text: str) -> None:
        self.rest = text

    def alternatives(self) -> _Node:
        """`a|b|c`."""
        parts = [self._row()]
        while self.rest.startswith("|"):
            self.rest = self.rest[1:]
            parts.append(self._row())
        return parts[0] if len(parts) == 1 else _Or(tuple(parts))

    def _row(self) -> _Node:
        parts: list[_Node] = []
        while self.rest and self.rest[0] not in "|)":
            parts.append(self._counted(self._part()))
        return _Row(tuple(parts))

    def _part(self) -> _Node:
        first = self.rest[0]
        if first == "(":
            self.rest = self.rest.removeprefix("(?:") if self.rest.startswith("(?:") else self.rest[1:]
            inside = self.alternatives()
            if not self.rest.startswith(")"):
                raise Unsupported("group")
            self.rest = self.rest[1:]
            return inside
        if first == "[":
            return _Chars(self._class())
        if first in "^$*+?{":
            raise Unsupported(first)
        if first == ".":
            self.rest = self.rest[1:]
            return _Chars(_without(((10, 10), (13, 13), (0x2028, 0x2029))))
        return _Chars(self._one())

    def _one(self) -> Chars:
        """One character, escaped or not."""
        if not self.rest.startswith("\\"):
            code = ord(self.rest[0])
            self.rest = self.rest[1:]
            return ((code, code),)
        name, self.rest = self.rest[1:2], self.rest[2:]
        if name in NAMED:
            return NAMED[name]
        if not name or name.isalnum():
            raise Unsupported(f"\\{name}")
        return ((ord(name), ord(name)),)

    def _class(self) -> Chars:
        self.rest = self.rest[1:]
        negated = self.rest.startswith("^")
        self.rest = self.rest[negated:]
        found: list[tuple[int, int]] = []
        while not self.rest.startswith("]"):
            if not self.rest:
                raise Unsupported("class")
            low = self._one()
            if self.rest.startswith("-") and not self.rest.startswith("-]"):
                self.rest = self.rest[1:]
                found.append((low[0][0], self._one()[-1][1]))
            else:
                found.extend(low)
        self.rest = self.rest[1:]
        chars = tuple(sorted(found))
        return _without(chars) if negated else chars

    def _counted(self, node: _Node) -> _Node:
        found = COUNT.match(self.rest)
        if not found:
            return node
        self.rest = self.rest[found.end() :]
        if self.rest[:1] in {"?", "+", "*"}:
            raise Unsupported("count")
        if found[1]:
            return _Count(node, int(found[1] == "+"), 1 if found[1] == "?" else None)
        least = int(found[2])
        most = least if not found[3] else (int(found[4]) if found[4] else None)
        if max(least, most or 0) > MOST_COUNT:
            raise Unsupported("count")
        return _Count(node, least, most)


def _without(chars: Chars) -> Chars:
    """All characters but these, which are in order."""
    found, low = [], 0
    for start, end in chars:
        if start > low:
            found.append((low, start - 1))
        low = max(low, end + 1)
    return (*found, (low, 0x10FFFF)) if low <= 0x10FFFF else tuple(found)


def _lengths(node: _Node) -> tuple[int, int | None]:
    match node:
        case _Chars():
            return 1, 1
        case _Row(parts):
            bounds = [_lengths(one) for one in parts]
            mosts = [most for _, most in bounds]
            return sum(least for least, _ in bounds), None if None in mosts else sum(one or 0 for one in mosts)
        case _Or(parts):
            bounds = [_lengths(one) for one in parts]
            mosts = [most for _, most in bounds]
            return min(least for least, _ in bounds), None if None in mosts else max(one or 0 for one in mosts)
        case _Count(one, least, most):
            low, high = _lengths(one)
            return low * least, None if most is None or high is None else high * most


def _leaves(node: _Node) -> Iterator[Chars]:
    match node:
        case _Chars(chars):
            yield chars
        case _Row(parts) | _Or(parts):
            for one in parts:
                yield from _leaves(one)
        case _Count(one, _, _):
            yield from _leaves(one)


def sample(pattern: str, dice: Random, *, extreme: str | None = None) -> str:
    """A text that a pattern means: any, or one that is as short (`shortest`) or as long (`longest`) as may be.

    Without an upper bound a part is repeated a few times. Raises Unsupported.
    """
    return _sample(language(pattern).tree, dice, extreme)


def _sample(node: _Node, dice: Random, extreme: str | None) -> str:
    match node:
        case _Chars(chars):
            low, high = dice.choice(chars)
            return chr(dice.randint(low, high))
        case _Row(parts):
            return "".join(_sample(one, dice, extreme) for one in parts)
        case _Or(parts):
            sized = sorted(parts, key=lambda one: _lengths(one)[extreme == "longest"] or 0)
            chosen = dice.choice(parts) if extreme is None else sized[-1 if extreme == "longest" else 0]
            return _sample(chosen, dice, extreme)
        case _Count(one, least, most):
            high = least + 3 if most is None else most
            times = {"shortest": least, "longest": high}.get(extreme or "", dice.randint(least, high))
            return "".join(_sample(one, dice, extreme) for _ in range(times))
