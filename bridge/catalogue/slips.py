"""Slips of the hand: why a code or a number is not of the wanted form, found by undoing what people usually do wrong.

A slip is told only where the text without it would be of the form, so that the cure is right. Nothing is changed: the
person types it again. What belongs here: slips of boxes that have a pattern. Those of a format stand with the format
(`causes`), and what no pattern refuses is a rule's.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import NamedTuple

from bridge.catalogue.words import Words

LONGEST = 100
"""Characters of a text that is looked at."""

ELEMENTS: dict[str, str] = dict(
    re.findall(
        "(.)([A-Z][a-z]?)",
        "氢H氚H铍Be碳C磷P铬Cr铁Fe钴Co镍Ni硒Se氪Kr锶Sr锝Tc钌Ru镉Cd碘I钡Ba"
        "铯Cs钷Pm钆Gd铥Tm镱Yb铱Ir金Au铊Tl钋Po镭Ra钚Pu镅Am锔Cm锎Cf锗Ge",
    )
)
"""Chinese names of the elements in the register of nuclides, with their symbols."""

BRACKETS = str.maketrans("()（）【】〔〕｛｝{}［］", "[][][][][][][]")
LOOKALIKES = str.maketrans("OoIl", "0011")
NUMBER = re.compile(r"[0-9]+(?:\.[0-9]+)?")
NUCLIDE = re.compile(r"([A-Za-z]{1,2}|[一-鿿])[ _-]?([0-9]{1,3}m?)")
NUCLIDE_TURNED = re.compile(r"([0-9]{1,3}m?)[ _-]?([A-Za-z]{1,2}|[一-鿿])")
PADDABLE = re.compile(r"(D[AW]|MF|T[AWNS]|)[-_ ]?([0-9]+)")
"""Codes that count on from 1 (HJ 608); a short industry code is not one that lacks zeros."""
RANGE = re.compile(r"([0-9]+(?:\.[0-9]+)?)[-~～—–至到]+[0-9]+(?:\.[0-9]+)?")
STARTS = ("C", "D", "DA", "DW", "MF", "TA", "TW")
"""Beginnings that are left out: of an industry, an outlet, a facility, a treatment."""

Passes = Callable[[str], bool]
"""Whether a text is of the wanted form."""


class Slip(NamedTuple):
    """One kind of slip."""

    undo: Callable[[str, int], str]
    """(text, greatest length of the box) → the text without the slip."""
    words: Words


def explain(text: str, longest: int, passes: Passes) -> Words | None:
    """What was slipped in a text that is not of the form; None where that is not known.

    Width, spaces and case may be wrong beside one thing more; the words then tell all of it.
    """
    if len(text) > LONGEST:
        return None
    outer: list[Words] = []
    plain = text
    for slip in OUTER:
        without = slip.undo(plain, longest)
        if without != plain:
            outer.append(slip.words)
            if passes(without):
                return _all(outer)
            # A space or a capital that belongs to the form must not be undone for the steps that follow.
            plain = without
    for slip in INNER:
        if passes(slip.undo(text, longest)):
            return slip.words
    for slip in INNER if outer else ():
        if passes(slip.undo(plain, longest)):
            return _all([*outer, slip.words])
    return None


def _all(words: list[Words]) -> Words:
    """Several slips in one message and one cure."""
    message, message_en, remedy, remedy_en = zip(*words, strict=True)
    return "；".join(message), "; ".join(message_en), "".join(remedy), " ".join(remedy_en)


def _narrow(text: str, _longest: int) -> str:
    """Full-width forms as their ASCII ones."""
    return unicodedata.normalize("NFKC", text)


def _together(text: str, _longest: int) -> str:
    return "".join(text.split())


def _capitals(text: str, _longest: int) -> str:
    return text.upper()


def _padded(text: str, longest: int) -> str:
    """`DA1` and `DA-1` as `DA001`."""
    found = PADDABLE.fullmatch(text)
    return found[1] + found[2].zfill(longest - len(found[1])) if found else text


def _begun(text: str, longest: int) -> str:
    """With a beginning that makes it as long as the box; which one the person knows."""
    return next((start + text for start in STARTS if len(start) + len(text) == longest and text.isdigit()), text)


def _nuclide(text: str, _longest: int) -> str:
    """`钴-60`, `Co60`, `60Co` and `CO-60` as `Co-60`; what follows a stroke stays."""
    head, stroke, tail = text.partition("/")
    if found := NUCLIDE.fullmatch(head):
        symbol, mass = found[1], found[2]
    elif found := NUCLIDE_TURNED.fullmatch(head):
        mass, symbol = found[1], found[2]
    else:
        return text
    return f"{ELEMENTS.get(symbol, symbol.capitalize())}-{mass}{stroke}{ELEMENTS.get(tail, tail.capitalize())}"


def _only_number(text: str, _longest: int) -> str:
    """The one number of a text that has a unit or words beside it, a comma being no part of either."""
    found = NUMBER.findall(text)
    return found[0] if len(found) == 1 and not re.search(r"[0-9],|[-−]", text) else text


def _written_out(text: str, _longest: int) -> str:
    """`3.7E10` as `37000000000`, where it has an exponent."""
    bare = re.sub(r"(?:[x*×]10\^?|[eE]\+?)", "E", text)
    if not re.fullmatch(r"[0-9]{1,6}(?:\.[0-9]{1,6})?E-?[0-9]{1,2}", bare):
        return text
    try:
        return f"{Decimal(bare).normalize():f}"
    except InvalidOperation:
        return text


def _rounded(text: str, longest: int) -> str:
    """A number with six decimals, or with none where it has no more: the box then wants a whole number."""
    if not NUMBER.fullmatch(text):
        return text
    whole, _, decimals = text.partition(".")
    return f"{whole}.{decimals[:6]}"[:longest] if len(decimals) > 6 else whole


_COMMA: Words = (
    "数字中有逗号",
    "there is a comma in the number",
    "小数点请用半角“.”，千位不加分隔符，例如 12.5、12500。",
    "Write the decimal point as . and no separator of thousands, for example 12.5 or 12500.",
)
_UNIT: Words = (
    "数字前后有单位或其他文字",
    "a unit or words beside the number",
    "请只填数字，并按本栏的单位换算。",
    "Write the number alone, in the unit of this box.",
)
_BRACKETS: Words = (
    "编号没有用半角方括号",
    "the number is not in ASCII square brackets",
    "请改用半角方括号 [ ]。",
    "Write the brackets as [ ].",
)

OUTER = (
    Slip(
        _narrow,
        (
            "含有全角字符",
            "full-width characters",
            "请切换到半角英文输入法重新填写。",
            "Type it again in ASCII.",
        ),
    ),
    Slip(_together, ("中间有空格", "there is a space in it", "请删去空格。", "Take the space away.")),
    Slip(_capitals, ("字母须大写", "letters are capitals", "请改用大写字母。", "Write capitals.")),
)
"""Slips that may stand beside another one."""

INNER = (
    Slip(
        lambda text, _: text.translate(LOOKALIKES),
        (
            "数字 0 或 1 写成了字母 O、I 或 l",
            "a letter O, I or l in place of 0 or 1",
            "请改为数字。",
            "Write the digit.",
        ),
    ),
    Slip(
        lambda text, _: re.sub("[-_–—]", "", text) if text[:1].isalpha() else text,
        ("多了连字符", "there is a hyphen too many", "请删去连字符。", "Take the hyphen away."),
    ),
    Slip(
        _padded,
        (
            "编号位数不足",
            "too few digits",
            "数字前请补 0，补足位数，不加连字符。",
            "Fill up with zeros before the number, without a hyphen.",
        ),
    ),
    Slip(
        _begun,
        ("缺少开头的字母", "the letter at the beginning is missing", "请补上字母。", "Write the letter, too."),
    ),
    Slip(lambda text, _: text.translate(BRACKETS), _BRACKETS),
    Slip(lambda text, _: re.sub("([A-Z]?[0-9]{4,5})$", r"[\1]", text), _BRACKETS),
    Slip(
        _nuclide,
        (
            "核素写法不正确",
            "the nuclide is written in another way",
            "请写“元素符号-质量数”，首字母大写，中间加连字符。",
            "Write symbol, hyphen, mass.",
        ),
    ),
    Slip(lambda text, _: text.replace(",", "."), _COMMA),
    Slip(lambda text, _: text.replace(",", ""), _COMMA),
    Slip(
        _written_out,
        (
            "用了科学记数法",
            "scientific notation",
            "请写出全部数字，例如 37000000000。",
            "Write out all digits, for example 37000000000.",
        ),
    ),
    Slip(
        lambda text, _: text[1:] if text[:1] in "-−" else text,
        ("不能为负数", "it must not be negative", "请核对数值，不加负号。", "Check the number; write no minus."),
    ),
    Slip(
        lambda text, _: f"0{text}" if text.startswith(".") else text.removesuffix("."),
        (
            "小数点前后缺少数字",
            "a digit is missing beside the decimal point",
            "请补上，例如 0.5。",
            "Write it, for example 0.5.",
        ),
    ),
    Slip(
        lambda text, _: found[1] if (found := RANGE.fullmatch(text)) else text,
        ("填了一个范围", "a range was entered", "请只填一个数。", "Write one number."),
    ),
    Slip(_only_number, _UNIT),
    Slip(
        lambda text, _: re.sub("^0+(?=[0-9])", "", text),
        ("数字前有多余的 0", "there are zeros before the number", "请删去。", "Take them away."),
    ),
    Slip(
        _rounded,
        (
            "小数位数过多，或本栏只填整数",
            "too many decimals, or a whole number is wanted",
            "请按本栏说明保留小数位数。",
            "Keep as many decimals as this box takes.",
        ),
    ),
    Slip(lambda text, longest: _rounded(_only_number(text, longest), longest), _UNIT),
)
"""Slips of which there is one at a time, the surest first."""
