"""The way back: what a payload tells of its source, and what it says where it tells nothing."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from bridge.contract.mapping import Readback
from bridge.kit.mapping.converters import codes, contains, yes_no
from bridge.kit.mapping.table import Constant, Each, Row, When


def test_what_was_written_is_read_back(mapping, source):
    """Nesting, lists in lists, elements, codes and degrees; what is lossy or was not told is not there."""
    read = mapping.read(mapping.write(source))
    assert read == Readback(
        {
            "facts": {"number": "N1"},
            "data": {
                "keeper": {"name": "蜂农", "kind": "COMPANY", "licence": "L1"},
                "hives": [
                    {"no": "H1", "place": {"lon": "117.50000"}, "frames": [{"wax": True}, {"wax": False}]},
                    {"no": "H2", "queens": ["a", "b"], "frames": []},
                ],
                "labels": ["ORGANIC", "LOCAL"],
            },
            "materials": [{"name": "plan.pdf"}],
        }
    )


def test_a_blank_is_nothing(mapping, source):
    """What a row writes where there is no value reads back as no value; null and a missing field are the same."""
    payload = mapping.write(source)
    assert payload["keeper"]["note"] == "/"
    assert "note" not in mapping.read(payload).source["data"]["keeper"]
    payload["keeper"]["name"] = None
    del payload["hives"]
    read = mapping.read(payload)
    assert read.unreadable == ()
    assert "name" not in read.source["data"]["keeper"]


def test_part_of_a_record_is_enough(mapping):
    """A record may hold a few fields only."""
    assert mapping.read({}) == Readback({})
    assert mapping.read({"keeper": {"kind": "1"}}).source == {"data": {"keeper": {"kind": "PERSON"}}}


@pytest.mark.parametrize(
    ("change", "paths"),
    [
        (lambda told: told["keeper"].update(kind="9"), ["keeper.kind"]),
        (lambda told: told["keeper"].update(kind=["1"]), ["keeper.kind"]),
        (lambda told: told["hives"][0]["frames"][1].update(wax="maybe"), ["hives[0].frames[1].wax"]),
        (lambda told: told["hives"][0].update(lon="117.5"), ["hives[0].lon"]),
        (lambda told: told.update(hives={"no": 1}), ["hives"]),
        (lambda told: told["hives"].insert(0, "x"), ["hives[0]", "hives"]),
        (lambda told: told.update(keeper="x"), ["keeper"]),
    ],
)
def test_what_cannot_be_read_is_named_never_raised(mapping, source, change, paths):
    """A value outside a domain, or a shape that a payload never has: the field, and no value of it."""
    payload = mapping.write(source)
    change(payload)
    read = mapping.read(payload)
    assert list(dict.fromkeys(one.path for one in read.unreadable)) == paths
    assert all("(" in one.why and "maybe" not in one.why for one in read.unreadable)
    assert read.source["facts"] == {"number": "N1"}


def test_a_row_that_is_lost_does_not_shift_the_others(mapping):
    """A list with an element of which nothing is known keeps its positions."""
    assert mapping.read({"hives": [{}, {"no": "H2"}]}).source == {"data": {"hives": [{}, {"no": "H2"}]}}


def test_fields_that_disagree_are_reported_and_left_out(make):
    """Two fields of one box: the same value is read, different ones are a disagreement."""
    mapping = make({}, rows=(Row("a", "/data/x"), Row("b.c", "/data/x"), Row("d", "/data/y")))
    assert mapping.read({"a": "1", "b": {"c": "1"}, "d": "2"}) == Readback({"data": {"x": "1", "y": "2"}})
    read = mapping.read({"a": "1", "b": {"c": "2"}, "d": "2"})
    assert read.source == {"data": {"y": "2"}}
    assert [(one.pointer, one.paths) for one in read.disagreements] == [("/data/x", ("a", "b.c"))]
    assert mapping.read({"a": 1, "b": {"c": True}}).disagreements


def test_a_code_told_in_two_boxes_is_read_from_both(make):
    """Each box alone is lossy; together they are one code, or none, or not enough."""
    activity, level = (
        codes({"USE-1": "使用", "USE-2": "使用", "SELL-1": "销售"}),
        codes({"USE-1": "1", "USE-2": "2", "SELL-1": "1"}),
    )
    rows = (Each("all", "/data/all", (Row("a", "./s", activity, loss="two"), Row("b", "./s", level, loss="two"))),)
    mapping = make({}, rows=rows)
    source: dict[str, Any] = {"data": {"all": [{"s": "USE-2"}, {"s": "SELL-1"}]}}
    assert mapping.read(mapping.write(source)).source == source
    assert [one.path for one in mapping.read({"all": [{"a": "销售", "b": "2"}]}).unreadable] == ["all[0].a"]
    assert mapping.read({"all": [{"a": "销售"}]}) == Readback({"data": {"all": [{}]}})


def test_a_list_told_as_boxes_is_read_from_all_of_them(make):
    """One box per member; one box alone says nothing of the list."""
    rows = tuple(Row(one, "/data/list", contains(one, "Y", "N"), absent="N") for one in ("A", "B", "C"))
    mapping = make({}, rows=rows)
    assert mapping.read({"A": "Y", "B": "N", "C": "Y"}).source == {"data": {"list": ["A", "C"]}}
    assert mapping.read({"A": "Y", "B": "N"}).source == {}
    assert make({}, rows=rows[:1]).read({"A": "Y"}).source == {}


def test_rows_by_turns_read_by_the_one_that_can(make):
    """Two converters of one field: the value says which wrote it."""
    rows = (
        Row("f", "/data/f", codes({"A": "1"}), when=When("/facts/x", ("a",))),
        Row("f", "/data/f", codes({"B": "2"}), when=When("/facts/x", ("b",))),
        Constant("k", 1, "reason"),
    )
    mapping = make({}, rows=rows)
    assert mapping.read({"f": "2", "k": 1}).source == {"data": {"f": "B"}}
    assert [one.path for one in mapping.read({"f": "3"}).unreadable] == ["f"]


def test_fixed_positions_make_a_list_or_nothing(make):
    """Five columns are a list of five; a gap in it is no list."""
    mapping = make({}, rows=tuple(Row(f"y{place}", f"/data/y/{place}") for place in range(3)))
    assert mapping.read({"y0": "a", "y1": "b", "y2": "c"}).source == {"data": {"y": ["a", "b", "c"]}}
    read = mapping.read({"y0": "a", "y2": "c"})
    assert (read.source, [one.path for one in read.unreadable]) == ({"data": {}}, ["y0"])


def test_reading_changes_nothing(mapping, source):
    """The payload stays, and reading twice gives the same."""
    payload = mapping.write(source)
    before = copy.deepcopy(payload)
    assert mapping.read(payload) == mapping.read(payload)
    assert payload == before


def test_lossless_but_never_writing_yes(make):
    """A yes that looks like the no is no yes: then it is not read."""
    mapping = make({}, rows=(Row("f", "/data/f", yes_no("1", "1")),))
    assert mapping.read({"f": "1"}).source == {}
