"""What converters make of shapes: for each converter of `converters` the values that may come out. Upper bounds.

What does not belong here: the converters themselves; whether what comes out fits a target (`fits`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from bridge.kit.mapping.languages import Unsupported, language, outside
from bridge.kit.mapping.shapes import Anything, Choice, Either, Group, Items, Shape, Text, Whole, part

Image = Callable[[Shape], Shape]

DIRECTIVES = {
    "%Y": "[1-9][0-9]{3}",
    "%m": "(0[1-9]|1[0-2])",
    "%d": "(0[1-9]|[12][0-9]|3[01])",
    "%H": "([01][0-9]|2[0-3])",
    "%M": "[0-5][0-9]",
    "%S": "[0-5][0-9]",
}
SPECIAL = re.compile(r"[\\^$.|?*+()\[\]{}/-]")
LARGEST = 10**15 - 1
"""Of `converters.WHOLE`."""


def literal(text: str) -> str:
    """A text as a pattern of itself."""
    return SPECIAL.sub(r"\\\g<0>", text)


def within(shape: Shape, pattern: str) -> bool:
    """Whether every text of a shape is surely one of a pattern."""
    match shape:
        case Choice(values):
            return all(isinstance(one, str) and re.search(pattern, one) for one in values)
        case Text(patterns, least, most):
            try:
                return outside(patterns, pattern, least, most) is None
            except Unsupported:
                return False
        case Either(shapes):
            return all(within(one, pattern) for one in shapes)
    return False


def text(shape: Shape) -> Shape:
    """The texts of a shape."""
    return shape if isinstance(shape, Text | Choice) else Text()


def codes(table: Mapping[Any, Any]) -> Image:
    """Theirs, of those of ours that may stand there."""

    def image(shape: Shape) -> Shape:
        ours = shape.values if isinstance(shape, Choice) else tuple(table)
        return Choice(tuple(dict.fromkeys(table[one] for one in ours if one in table)))

    return image


def one_of(*values: Any) -> Image:
    """Always one of these."""
    return lambda _shape: Choice(tuple(dict.fromkeys(values)))


def clock(form: str) -> Image:
    """A date or an instant by strftime; of a form with anything but numbers nothing is known."""
    parts = re.split(r"(%.)", form)
    if any(part_.startswith("%") and part_ not in DIRECTIVES for part_ in parts):
        return lambda _shape: Text()
    pattern = "".join(DIRECTIVES.get(part_) or literal(part_) for part_ in parts)
    return lambda _shape: Text((f"^{pattern}$",))


def dms(shape: Shape) -> Shape:
    """Degrees as far as they may have a sign, and as many digits."""
    sign = "" if within(shape, "^[0-9]") else "-?"
    digits = "{1,2}" if within(shape, "^-?[0-9]{1,2}(\\.[0-9]*)?$") else "{1,3}"
    return Text((f"^{sign}[0-9]{digits}°[0-5][0-9]′[0-5][0-9]\\.[0-9]{{2}}″$",))


def decimal(shape: Shape) -> Shape:
    """A decimal number as text."""
    known = shape if isinstance(shape, Text) else Text()
    return replace(known, patterns=(*known.patterns, "^-?(0|[1-9][0-9]*)(\\.[0-9]+)?$"))


def decimal_of_any_length(shape: Shape) -> Shape:
    """A decimal number of which only the form is known, and whether it may have a sign."""
    sign = "" if within(shape, "^[0-9]") else "-?"
    return Text((f"^{sign}(0|[1-9][0-9]*)(\\.[0-9]+)?$",))


def number(shape: Shape) -> Shape:
    """A whole number, of as many digits as the text had."""
    match shape:
        case Whole():
            return shape
        case Choice(values):
            wholes = [str(one) for one in values if not isinstance(one, bool)]
            return Choice(tuple(int(one) for one in wholes if re.fullmatch("-?(0|[1-9][0-9]{0,14})", one)))
        case Text():
            longest = lengths(shape)[1]
            most = min(LARGEST, 10**longest - 1) if longest is not None else LARGEST
            least = 1 if within(shape, "^[1-9]") else 0 if within(shape, "^[0-9]") else -most
            return Whole(least, most)
    return Whole(-LARGEST, LARGEST)


def upper(shape: Shape) -> Shape:
    """A text in capitals: the same where it had no letters but these; else its length may change, too."""
    if isinstance(shape, Choice):
        return Choice(tuple(one.upper() for one in shape.values if isinstance(one, str)))
    return shape if within(shape, "^[ -`{-~]*$") else Text()


def joined(separator: str) -> Image:
    """Texts with the separator between."""

    def image(shape: Shape) -> Shape:
        if not isinstance(shape, Items):
            return Text()
        shortest, longest = lengths(shape.of)
        gap = len(separator)
        most = None if longest is None or shape.most is None else shape.most * (longest + gap)
        return Text((), shape.least * shortest + max(shape.least - 1, 0) * gap, most and most - gap)

    return image


def each_coded(code: Image, separator: str) -> Image:
    """A list of codes, each as theirs, with the separator between: which texts these are is known exactly."""

    def image(shape: Shape) -> Shape:
        theirs = code(shape.of) if isinstance(shape, Items) else Anything()
        if not isinstance(theirs, Choice) or not isinstance(shape, Items) or not theirs.values:
            return Text()
        one = "(" + "|".join(literal(str(value)) for value in theirs.values) + ")"
        if shape.most is None:
            return Text((f"^({one}({literal(separator)}{one})*)?$",))
        more = f"{one}({literal(separator)}{one}){{{max(shape.least - 1, 0)},{max(shape.most - 1, 0)}}}"
        return Text((f"^{more}$" if shape.least else f"^({more})?$",))

    return image


def of_one(name: str, *otherwise: Any, roles: Sequence[str] = (), convert: Image | None = None) -> Image:
    """One value `name` of the first element whose `role` is one of `roles`, or, where there is none, of `otherwise`."""

    def image(shape: Shape) -> Shape:
        found = part(shape.of, name) if isinstance(shape, Items) else Anything()
        made = found if convert is None else convert(found)
        return made if not otherwise or _surely_has(shape, name, roles) else Either((made, Choice(otherwise)))

    return image


def _surely_has(shape: Shape, name: str, roles: Sequence[str]) -> bool:
    """Whether a list always has an element with one of the roles and a value `name` in it."""
    if not isinstance(shape, Items) or shape.least == 0 or not isinstance(shape.of, Group):
        return False
    role = part(shape.of, "role")
    return {"role", name} <= shape.of.always and isinstance(role, Choice) and set(role.values) <= set(roles)


def items(names: Mapping[str, str]) -> Image:
    """A list of groups, of which only some parts go along, under other names: theirs → ours."""

    def image(shape: Shape) -> Shape:
        if not isinstance(shape, Items) or not isinstance(shape.of, Group):
            return Anything()
        parts = {theirs: part(shape.of, ours) for theirs, ours in names.items()}
        always = frozenset(theirs for theirs, ours in names.items() if ours in shape.of.always)
        return Items(Group(parts, always), shape.least, shape.most)

    return image


def lengths(shape: Shape) -> tuple[int, int | None]:
    """The shortest and the longest text, in characters."""
    match shape:
        case Choice(values):
            sizes = [len(str(one)) for one in values]
            return min(sizes, default=0), max(sizes, default=0)
        case Text(patterns, least, most):
            mosts = [] if most is None else [most]
            for pattern in patterns:
                try:
                    low, high = language(pattern).lengths()
                except Unsupported:
                    continue
                least = max(least, low)
                mosts += [] if high is None else [high]
            return least, min(mosts, default=None)
        case Either(shapes):
            bounds = [lengths(one) for one in shapes]
            highs = [high for _, high in bounds]
            return min(low for low, _ in bounds), None if None in highs else max(one or 0 for one in highs)
    return 0, None
