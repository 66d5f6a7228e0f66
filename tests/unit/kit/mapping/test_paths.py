"""Paths of a target's fields."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bridge.kit.mapping.paths import flatten, readings

NAMES = st.sampled_from(["a", "6", "单位名称", "b"])
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=8,
)


def test_leaves_by_their_paths():
    """Each leaf stands under its own path, in order; what is empty is a leaf."""
    payload = {"1": {"名称": "甲"}, "6": [{"号": "DA001"}, {"号": "DA002", "项": ["a", "b"]}], "x": [], "y": {}}
    assert list(flatten(payload).items()) == [
        ("1.名称", "甲"),
        ("6[0].号", "DA001"),
        ("6[1].号", "DA002"),
        ("6[1].项[0]", "a"),
        ("6[1].项[1]", "b"),
        ("x", []),
        ("y", {}),
    ]


@given(st.dictionaries(NAMES, VALUES, min_size=1))
def test_no_leaf_is_lost_and_none_is_made(payload):
    """As many paths as leaves, each leading to its own."""

    def leaves(value):
        if isinstance(value, dict | list) and value:
            return sum(map(leaves, value.values() if isinstance(value, dict) else value))
        return 1

    assert len(flatten(payload)) == leaves(payload)


def test_readings_of_a_path():
    """Positions stand in brackets; without brackets, names of digits may be positions, but names first."""
    assert list(readings("6[2].排放口编号")) == [("6[].排放口编号", (2,))]
    assert list(readings("3[0].设施参数[4].设计值")) == [("3[].设施参数[].设计值", (0, 4))]
    assert list(readings("1.单位名称")) == [("1.单位名称", ())]
    assert list(readings("6.2.排放口编号")) == [("6.2.排放口编号", ()), ("6[].排放口编号", (2,))]
    assert list(readings("a.1")) == [("a.1", ()), ("a[]", (1,))]
    assert list(readings("")) == [("", ())]
