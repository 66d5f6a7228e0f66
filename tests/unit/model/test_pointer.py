from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.model.pointer import Pattern, Unresolved, escape, join, resolve, select, tokens

names = st.text(max_size=5)
values = st.recursive(
    st.integers() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3),
    max_leaves=10,
)


def everything(value: Any, way: tuple[str | int, ...] = ()) -> list[tuple[tuple[str | int, ...], Any]]:
    """Every place of a value, with the way to it."""
    if isinstance(value, dict):
        return [(way, value), *(one for name, part in value.items() for one in everything(part, (*way, name)))]
    if isinstance(value, list):
        return [(way, value), *(one for at, part in enumerate(value) for one in everything(part, (*way, at)))]
    return [(way, value)]


@given(values)
def test_every_place_is_found_by_its_pointer(value: Any) -> None:
    """RFC 6901: the pointer made of a way leads back to the value at its end, whatever the names are."""
    for way, part in everything(value):
        pointer = join(*way)
        assert tokens(pointer) == [str(one) for one in way]
        assert resolve(value, pointer) is part


@pytest.mark.parametrize(
    ("pointer", "value"),
    [("", {"a/b": [1], "m~n": 2, "": 0, " ": 3}), ("/a~1b/0", 1), ("/m~0n", 2), ("/", 0), ("/ ", 3)],
)
def test_examples_of_the_standard(pointer: str, value: Any) -> None:
    """RFC 6901, section 5."""
    assert resolve({"a/b": [1], "m~n": 2, "": 0, " ": 3}, pointer) == value


@pytest.mark.parametrize("pointer", ["/b", "/a/2", "/a/-1", "/a/01", "/a/-", "/a/０", "/a/" + "9" * 5000, "/a/0/x"])
def test_a_pointer_that_leads_nowhere_says_so(pointer: str) -> None:
    """Positions are plain digits without a leading zero, within the list; nothing else raises."""
    with pytest.raises(Unresolved):
        resolve({"a": [1, 2]}, pointer)
    assert list(select({"a": [1, 2]}, pointer)) == []


def test_a_star_means_every_position() -> None:
    """Patterns give each place in order, with its own pointer."""
    value = {"rows": [{"no": 1, "in": [5]}, {"in": [6, 7]}, {"no": 3}], "no": 9}
    assert list(select(value, "/rows/*/no")) == [("/rows/0/no", 1), ("/rows/2/no", 3)]
    assert [at for at, _ in select(value, "/rows/*/in/*")] == ["/rows/0/in/0", "/rows/1/in/0", "/rows/1/in/1"]


@given(values, st.lists(st.sampled_from(["*", "0", "1", "a", "", "~"]), max_size=4))
def test_a_pattern_read_once_finds_the_same(value: Any, way: list[str]) -> None:
    """`Pattern` is `select`, with and without pointers."""
    text = "".join(f"/{escape(one)}" for one in way)
    wanted = list(select(value, text))
    assert Pattern(text).places(value) == wanted
    assert Pattern(text).values(value) == [part for _, part in wanted]
