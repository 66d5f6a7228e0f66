"""Slips of boxes that have a pattern: what is told is what was done, and undoing it makes the text right."""

from __future__ import annotations

import random
import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.catalogue.catalogue import Catalogue
from bridge.catalogue.causes import (
    DATE_CAUSES,
    DEGREES_CAUSES,
    ID_CARD_CAUSES,
    PERMIT_CAUSES,
    PHONE_CAUSES,
    USCC_CAUSES,
)
from bridge.catalogue.formats import formats
from bridge.catalogue.messages import bound
from bridge.catalogue.slips import ELEMENTS, INNER, LONGEST, OUTER, explain
from bridge.kit.mapping.languages import sample
from bridge.testing.values import FORMATS

from .conftest import ROOT, FrozenClock

CATALOGUE = Catalogue(ROOT, FrozenClock())
WIDE = str.maketrans({chr(code): chr(code + 0xFEE0) for code in range(0x21, 0x7F)})
KNOWN = formats({"120101": None, "120107": "120116"})


def boxes() -> dict[str, dict[str, Any]]:
    """Every box with a pattern, of every matter: pattern → one such box."""
    found: dict[str, dict[str, Any]] = {}

    def walk(node: dict[str, Any]) -> None:
        if "pattern" in node:
            found.setdefault(node["pattern"], node)
        for part in [*node.get("properties", {}).values(), *([node["items"]] if "items" in node else [])]:
            walk(part)

    for matter in CATALOGUE.matters():
        walk(dict(CATALOGUE.form(matter.name, matter.form).schema))
    return found


BOXES = boxes()


def right(node: dict[str, Any], dice: random.Random) -> str:
    """A text that a box takes."""
    while not node.get("minLength", 0) <= len(text := sample(node["pattern"], dice)) <= node["maxLength"]:
        pass
    return text


def told(node: dict[str, Any], text: str) -> str:
    """Message and cure, in Chinese."""
    words = bound("pattern", node, text)
    return f"{words[0]}。{words[2]}"


@pytest.mark.parametrize("pattern", sorted(BOXES))
@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 1 << 32))
def test_width_space_and_case_are_told_at_every_box(pattern: str, seed: int) -> None:
    """What is right but for full-width characters, a space or small letters is told so, whatever the box."""
    node, dice = BOXES[pattern], random.Random(seed)
    text = right(node, dice)

    def is_right(one: str) -> bool:
        fits = node.get("minLength", 0) <= len(one) <= node["maxLength"]
        return fits and re.fullmatch(pattern[1:-1], one, re.ASCII) is not None

    spoilt = {"全角": text.translate(WIDE), "删去空格": f"{text[:1]} {text[1:]}"}
    if len(text) > 1 and text == text.upper() != text.lower():
        spoilt["大写"] = text.lower()
    for words, wrong in spoilt.items():
        if not is_right(wrong):
            assert words in told(node, wrong), (text, wrong)


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=12) | st.text("DAW0O19.,-+e/[]() 吨钴Cobq", max_size=12), st.sampled_from(sorted(BOXES)))
def test_a_slip_is_told_only_where_the_text_without_it_is_right(text: str, pattern: str) -> None:
    """A cure that would not help is never given."""
    longest = BOXES[pattern]["maxLength"]
    asked: list[str] = []

    def passes(one: str) -> bool:
        fits = len(one) <= longest and re.fullmatch(pattern[1:-1], one, re.ASCII) is not None
        if fits:
            asked.append(one)
        return fits

    words = explain(text, longest, passes)
    assert (words is not None) == bool(asked)


@pytest.mark.parametrize("pattern", sorted(BOXES))
def test_no_text_makes_it_slow_or_untold(pattern: str) -> None:
    """Long, empty and odd texts have words, too, and none repeats the text."""
    for text in ("", "?", "机" * 3, "x" * LONGEST * 100, "0" * 50, "\ud800", "a\u200bb", "1 2 3 4"):
        words = bound("pattern", BOXES[pattern], text)
        assert all(words)
        assert len(text) < 5 or text not in "".join(words)


def test_every_slip_has_all_words() -> None:
    """Chinese and English, message and cure; each Chinese sentence of a cure ends."""
    causes = [USCC_CAUSES, ID_CARD_CAUSES, PERMIT_CAUSES, PHONE_CAUSES, DATE_CAUSES, DEGREES_CAUSES]
    for words in [*(one.words for one in (*OUTER, *INNER)), *(one for some in causes for one in some.values())]:
        assert all(words)
        assert words[2].endswith("。")
        assert words[3].endswith(".")


def test_the_elements_are_those_of_the_register() -> None:
    """Each nuclide of the register can be told by the Chinese name of its element."""
    nuclides = (ROOT / "registers/nuclides").glob("*.toml")
    symbols = {one for path in nuclides for one in re.findall(r'key = "([A-Z][a-z]?)-', path.read_text("utf-8"))}
    assert symbols <= set(ELEMENTS.values())
    assert len(ELEMENTS) == 32


@pytest.mark.parametrize("name", sorted(KNOWN))
@settings(max_examples=50, deadline=None)
@given(seed=st.integers(0, 1 << 32), odd=st.text(max_size=8))
def test_every_format_explains_whatever_it_refuses(name: str, seed: int, odd: str) -> None:
    """Rightly written texts with one character more, less or other: words in both languages, never the text."""
    dice = random.Random(seed)
    text = FORMATS[name][1](dice)
    at = dice.randrange(len(text))
    for wrong in (odd, text[:at] + odd + text[at:], text[:at] + text[at + 1 :], text.translate(WIDE), f"{text} "):
        if not KNOWN[name].check(wrong):
            words = KNOWN[name].explain(wrong)
            assert all(words)
            assert len(wrong) < 9 or wrong not in "".join(words)
