"""What a table tells people, and that no leaf of a form is lost without a word."""

from __future__ import annotations

from dataclasses import replace

from bridge.contract.lineage import Line
from bridge.kit.mapping.lineage import coverage, lines
from bridge.kit.mapping.table import Row

LEAVES = (
    "/data/keeper/name",
    "/data/keeper/kind",
    "/data/keeper/licence",
    "/data/keeper/note",
    "/data/keeper/age",
    "/data/contacts/*/phone",
    "/data/labels/*",
    "/data/hives/*/no",
    "/data/hives/*/place/lon",
    "/data/hives/*/queens/*",
    "/data/hives/*/frames/*/wax",
    "/data/garden/size",
    "/data/garden/trees/*/kind",
)


def test_every_row_is_a_line(table):
    """In the table's order, with sources from the root, and why where something is lost or always the same."""
    told = {line.target: line for line in lines(table)}
    assert list(told)[:3] == ["number", "source", "keeper.name"]
    assert told["source"] == Line(None, "source", "112", loss="agreed with the target")
    assert told["keeper.name"] == Line("/data/keeper/name", "keeper.name", "原样", required=True, limit=5)
    assert told["keeper.kind"].how == "代码表 PERSON→1、COMPANY→2"
    assert told["keeper.licence"].when == "/data/keeper/kind ∈ COMPANY"
    assert told["phone"].loss == "the first only"
    assert told["hives"] == Line("/data/hives", "hives", "逐行 (row by row)", limit=3, many=True)
    assert told["hives[].queens"].when == "/data/hives/*/queens 有值 (is there)"
    assert told["hives[].frames[].wax"].source == "/data/hives/*/frames/*/wax"
    assert told["hives[].keeper"].source == "/data/keeper/name"
    assert told["tags[].tag"].source == "/data/labels/*"


def test_no_leaf_is_silently_lost(table):
    """Each leaf is mapped or left out with a reason: nothing is both, and nothing is neither."""
    covered = coverage(table, LEAVES)
    assert set(covered.mapped) | set(covered.left_out) == set(LEAVES)
    assert not set(covered.mapped) & set(covered.left_out)
    assert (covered.lost, covered.stale) == ((), ())
    assert covered.left_out == {
        "/data/keeper/age": "the target has no box for it",
        "/data/garden/size": "stays here",
        "/data/garden/trees/*/kind": "stays here",
    }


def test_a_leaf_without_a_row_is_lost(table):
    """The law can fail: a row less, and its leaf is named; and so is a leaf that is new in the form."""
    less = replace(table, rows=tuple(row for row in table.rows if row.target != "keeper.licence"))
    assert coverage(less, LEAVES).lost == ("/data/keeper/licence",)
    new = ("/data/hives/*/colour", "/data/keeper/name/given")
    assert coverage(table, [*LEAVES, new[0]]).lost == (new[0],)


def test_a_list_carries_nothing_but_its_rows(table):
    """That a list is told does not mean that all of its elements is."""
    less = replace(table, rows=tuple(replace(row, rows=()) if row.target == "hives" else row for row in table.rows))
    assert set(coverage(less, LEAVES).lost) == {leaf for leaf in LEAVES if leaf.startswith("/data/hives")}


def test_a_row_that_reads_a_whole_carries_what_is_in_it(table):
    """A converter that reads a whole part carries its leaves, but for those that are left out by name."""
    whole = replace(table, rows=(*table.rows, Row("all", "/data/garden")), left_out={"/data/garden/size": "no box"})
    covered = coverage(whole, [leaf for leaf in LEAVES if leaf.startswith("/data/garden")])
    assert covered.mapped == ("/data/garden/trees/*/kind",)
    assert covered.left_out == {"/data/garden/size": "no box"}


def test_a_reason_for_nothing_is_stale(table):
    """An entry that means no leaf, or one that is mapped all the same, contradicts the table."""
    wrong = replace(table, left_out={**table.left_out, "/data/gone": "x", "/data/keeper/name": "x"})
    assert coverage(wrong, LEAVES).stale == ("/data/gone", "/data/keeper/name")
