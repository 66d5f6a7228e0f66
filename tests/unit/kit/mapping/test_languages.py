"""Patterns as automata, held against Python's own `re`."""

from __future__ import annotations

import random
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.kit.mapping.languages import Unsupported, language, outside, sample

ATOMS = st.sampled_from(["a", "b", "[ab]", "[^a]", "(a|bb)", "(ab|)", "测", "\\.", "[a-c-]", "."])
COUNTS = st.sampled_from(["", "?", "{2}", "{1,3}", "{0,2}", "*", "+", "{2,}"])
BODIES = st.lists(st.tuples(ATOMS, COUNTS).map("".join), min_size=1, max_size=4).map("".join)
PATTERNS = st.builds(lambda body, other: f"^({body}|{other})$" if other else f"^{body}$", BODIES, BODIES | st.just(""))
TEXTS = st.text(alphabet="abc.-测𠮷", max_size=6)


@given(PATTERNS, st.integers())
def test_a_sample_is_of_its_pattern(pattern, seed):
    """Any, the shortest, the longest: Python's own engine finds the pattern in it, and its length is in the bounds."""
    dice = random.Random(seed)
    least, most = language(pattern).lengths()
    for extreme in (None, "shortest", "longest"):
        made = sample(pattern, dice, extreme=extreme)
        if "\n" not in made:
            assert re.fullmatch(pattern[1:-1], made)
        assert least <= len(made)
        assert most is None or len(made) <= most
    assert len(sample(pattern, dice, extreme="shortest")) == least


@settings(max_examples=300)
@given(PATTERNS, PATTERNS, TEXTS)
def test_what_is_inside_is_inside(one, other, text):
    """Where all texts of one are of the other, no text says otherwise; else the text that is given is a witness."""
    witness = outside([one], other)
    if witness is None:
        assert not re.fullmatch(one[1:-1], text) or re.fullmatch(other[1:-1], text)
    elif not set(witness) & {"\n", "\r", "\u2028"}:
        assert re.fullmatch(one[1:-1], witness)
        assert not re.fullmatch(other[1:-1], witness)


@given(PATTERNS, st.integers(0, 4), st.integers(0, 4), TEXTS)
def test_lengths_bound_what_is_looked_at(other, least, more, text):
    """Texts that are shorter or longer than may be do not count."""
    witness = outside([], other, least, least + more)
    if witness is None:
        assert not least <= len(text) <= least + more or re.fullmatch(other[1:-1], text)
    else:
        assert least <= len(witness) <= least + more


@pytest.mark.parametrize(
    ("inner", "outer", "holds"),
    [
        ("^(0|[1-9][0-9]{0,11})(\\.[0-9]{1,6})?$", "^-?[0-9]{1,12}(\\.[0-9]{1,8})?$", True),
        ("^(0|[1-9][0-9]{0,11})(\\.[0-9]{1,6})?$", "^-?[0-9]{1,11}(\\.[0-9]{1,8})?$", False),
        ("^[0-9A-Z]{5,20}$", "^[0-9A-Z]+$", True),
        ("^[0-9A-Za-z]{5,20}$", "^[0-9A-Z]+$", False),
        ("^H[0-9]{3}$", "^H", True),
        ("^[A-Z][a-z]?-[0-9]{1,3}m?(/[A-Z][a-z]?)?$", "[0-9]", True),
        ("^.*$", "^[\x01-\uffff]*$", False),
        ("^[一-龥]*$", "^[\x01-\uffff]*$", True),
    ],
)
def test_by_hand(inner, outer, holds):
    """Those that our forms and targets have; a pattern without anchors is searched for."""
    assert (outside([inner], outer) is None) is holds


@pytest.mark.parametrize(
    "pattern", ["^a|b$", "^(?=a)b$", "^a\\b$", "^(a$", "^[a$", "^a{2000}$", "^a+?$", "^\\1$", "a^b"]
)
def test_what_is_not_understood_is_said(pattern):
    """Never a wrong answer."""
    with pytest.raises(Unsupported):
        outside([pattern], "^a$")
