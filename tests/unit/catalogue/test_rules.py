from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.catalogue.matters import Rule
from bridge.catalogue.rules import ROWS, WHOLE, compile_rule
from bridge.errors import SettingsError
from bridge.model.identity import id_card_check

TODAY = dt.date(2026, 11, 23)
REGISTERS = {"units": {"x": {"one": "10", "least": "0.5"}, "y": {"one": "1000", "least": "2"}}}
WORDS = ("message", "message_en", "remedy", "remedy_en")


def broken(document: Any, kind: str, pointer: str, **values: Any) -> list[str]:
    """Where a document breaks a rule."""
    return compile_rule(Rule("r", kind, "error", pointer, WORDS, values), REGISTERS.__getitem__)(document, TODAY)


def where(pointer: str, *values: Any) -> dict[str, Any]:
    """One condition."""
    return {"pointer": pointer, **({"values": list(values)} if values else {})}


def test_required_when() -> None:
    """A box is required exactly where all conditions hold."""
    rule = {"kind": "required_when", "pointer": "/data/x", "when": [where("/type", "new"), where("/data/y")]}
    assert broken({"type": "new", "data": {"y": 0}}, **rule) == ["/data/x"]
    assert broken({"type": "new", "data": {"y": 0, "x": 1}}, **rule) == []
    assert broken({"type": "old", "data": {"y": 0}}, **rule) == []
    assert broken({"type": "new", "data": {}}, **rule) == []


def test_forbidden_when() -> None:
    """The opposite."""
    rule = {"kind": "forbidden_when", "pointer": "/data/x", "when": [where("/type", "new")]}
    assert broken({"type": "new", "data": {"x": 1}}, **rule) == ["/data/x"]
    assert broken({"type": "new", "data": {}}, **rule) == []
    assert broken({"type": "old", "data": {"x": 1}}, **rule) == []


def test_a_star_in_a_condition_means_any_row() -> None:
    """One agent among the contacts is enough."""
    rule = {"kind": "required_when", "pointer": "/a", "when": [where("/rows/*/role", "AGENT")]}
    assert broken({"rows": [{"role": "X"}, {"role": "AGENT"}]}, **rule) == ["/a"]
    assert broken({"rows": [{"role": "X"}]}, **rule) == []


def test_pointers_that_begin_like_the_rules_own_mean_the_same_row() -> None:
    """Where the rule is about rows, a condition about that list looks at the row itself."""
    rule = {
        "kind": "required_when",
        "pointer": "/rows/*/why",
        "when": [{"pointer": "/rows/*/ok", "values": [False]}, where("/type", "new")],
    }
    document = {"type": "new", "rows": [{"ok": True}, {"ok": False}, {"ok": False, "why": "x"}, {}]}
    assert broken(document, **rule) == ["/rows/1/why"]
    assert broken({**document, "type": "old"}, **rule) == []


def test_conditions_compare_as_json_does() -> None:
    """`true` is not `1`."""
    rule = {"kind": "required_when", "pointer": "/a", "when": [{"pointer": "/b", "values": [True]}]}
    assert broken({"b": 1}, **rule) == []
    assert broken({"b": True}, **rule) == ["/a"]


def test_references() -> None:
    """TARGETS 8.7, 6: what is referred to is in one of the lists."""
    rule = {"kind": "references", "pointer": "/use/*/no", "to": ["/a/*/no", "/b/*/no"]}
    document = {"a": [{"no": "1"}], "b": [{"no": "2"}], "use": [{"no": "1"}, {"no": "3"}, {}, {"no": "2"}]}
    assert broken(document, **rule) == ["/use/1/no"]


def test_unique() -> None:
    """The second one is told, and each after it."""
    assert broken({"a": [{"n": "x"}, {"n": "y"}, {"n": "x"}, {"n": "x"}]}, "unique", "/a/*/n") == ["/a/2/n", "/a/3/n"]


def test_sum_at_most() -> None:
    """TARGETS 8.7, 7: year by year and pollutant by pollutant; a total of `/` sets no limit."""
    rule = {"kind": "sum_at_most", "pointer": "/parts/*/y", "by": "p", "total": "/totals/*/y"}
    document = {
        "parts": [{"p": "a", "y": ["0.1", "1", "/"]}, {"p": "a", "y": ["0.2", "1", "5"]}, {"p": "c", "y": ["9"]}],
        "totals": [{"p": "a", "y": ["0.3", "1.9", "/"]}, {"p": "b", "y": ["1"]}],
    }
    assert broken(document, **rule) == ["/totals/0/y/1"]


def test_date_order() -> None:
    """The same day is no error; today is a date like others."""
    rule = {"kind": "date_order", "pointer": "/to", "earlier": "/from", "later": "/to"}
    assert broken({"from": "2026-02-01", "to": "2026-01-31"}, **rule) == ["/to"]
    assert broken({"from": "2026-02-01", "to": "2026-02-01"}, **rule) == []
    past = {"kind": "date_order", "pointer": "/d", "earlier": "/d", "later": "today"}
    assert broken({"d": "2026-11-23"}, **past) == []
    assert broken({"d": "2026-11-24"}, **past) == ["/d"]


def test_days_before() -> None:
    """736号 Art 14 and its like: at most, or at least, so many days before."""
    rule = {"kind": "days_before", "pointer": "/d", "date": "/d", "before": "today"}
    assert broken({"d": "2026-10-24"}, **rule, at_most=30) == []
    assert broken({"d": "2026-10-23"}, **rule, at_most=30) == ["/d"]
    assert broken({"d": "2026-10-24"}, **rule, at_least=30) == []
    assert broken({"d": "2026-10-25"}, **rule, at_least=30) == ["/d"]


def test_equal() -> None:
    """Of two texts as much as is asked for."""
    rule = {"kind": "equal", "pointer": "/b", "a": "/a", "b": "/b"}
    assert broken({"a": "abc", "b": "abd"}, **rule, length=2) == []
    assert broken({"a": "abc", "b": "abd"}, **rule) == ["/b"]
    assert broken({"a": "abc"}, **rule) == []


def test_equal_from_a_place_on() -> None:
    """TARGETS 3.3: what a code has at a place; not where it says that it does not know."""
    rule = {"kind": "equal", "pointer": "/b", "a": "/a", "b": "/b", "a_from": 2, "length": 1, "unless": ["N"]}
    assert broken({"a": "xx4", "b": "4"}, **rule) == []
    assert broken({"a": "xx4", "b": "5"}, **rule) == ["/b"]
    assert broken({"a": "xxN", "b": "5"}, **rule) == []
    assert broken({"a": "xx4", "b": "94"}, **rule, b_from=1) == []


def test_band() -> None:
    """TARGETS 3.4: the ratio to the register's entry says the band; a bound belongs to the band above it."""
    rule = {"kind": "band", "pointer": "/rows/*/c", "amount": "/rows/*/n", "of": "/rows/*/k"}
    rule |= {"register": "units", "entry": "one", "bands": [["A", "1000"], ["B", "1"], ["C", "0"]]}

    def rows(*told: tuple[str, str, str]) -> dict[str, Any]:
        return {"rows": [{"k": kind, "n": amount, "c": band} for kind, amount, band in told]}

    assert broken(rows(("x", "10000", "A"), ("x", "9999", "B"), ("x", "10", "B"), ("x", "9", "C")), **rule) == []
    assert broken(rows(("x", "9999", "A"), ("y", "9999", "C")), **rule) == ["/rows/0/c", "/rows/1/c"]
    assert broken(rows(("z", "9999", "A")), **rule) == [], "what the register does not have is not judged"
    assert broken({"rows": [{"k": "x", "n": "10"}]}, **rule) == []


def test_band_of_each() -> None:
    """An amount of several is shared by their number first, and a box may name the band at its end."""
    rule = {"kind": "band", "pointer": "/c", "amount": "/n", "of": "/k", "per": "/count", "name_from": -1}
    rule |= {"register": "units", "entry": "one", "bands": [["A", "10"], ["B", "0"]]}
    assert broken({"k": "x", "n": "200", "count": "2", "c": "use-A"}, **rule) == []
    assert broken({"k": "x", "n": "198", "count": "2", "c": "use-A"}, **rule) == ["/c"]
    assert broken({"k": "x", "n": "198", "count": "0", "c": "use-A"}, **rule) == [], "shared by none: not judged"
    assert broken({"k": "x", "n": "198", "c": "use-A"}, **rule) == []


def test_sum_band() -> None:
    """GB 18871-2002: the class of a workplace is that of all that is handled there; each of its rows is told."""
    rule = {"kind": "sum_band", "pointer": "/rows/*/c", "amount": "n", "by": "w", "bands": [["A", "10"], ["B", "0"]]}
    rows = [{"w": "x", "n": "6", "c": "B"}, {"w": "x", "n": "4", "c": "A"}, {"w": "y", "n": "9", "c": "B"}, {"c": "A"}]
    assert broken({"rows": rows}, **rule) == ["/rows/0/c"]
    assert broken({"rows": rows[:1]}, **rule) == []


def test_differ() -> None:
    """What is said to have changed is not what it was; nothing is said of what is missing."""
    assert broken({"a": "x", "b": "x"}, "differ", "/a", a="/a", b="/b") == ["/a"]
    assert broken({"a": "x", "b": "y"}, "differ", "/a", a="/a", b="/b") == []
    assert broken({}, "differ", "/a", a="/a", b="/b") == []


def test_floor() -> None:
    """GB 18871: below what the register says; at it is not below."""
    rule = {"kind": "floor", "pointer": "/n", "amount": "/n", "of": "/k", "register": "units", "entry": "least"}
    assert broken({"k": "y", "n": "2"}, **rule) == []
    assert broken({"k": "y", "n": "1.9"}, **rule) == ["/n"]
    assert broken({"k": "z", "n": "0"}, **rule) == []


def test_inside() -> None:
    """TARGETS 5.4: longitude and latitude exchanged are outside Tianjin."""
    rule = {
        "kind": "inside",
        "pointer": "/lon",
        "lon": "/lon",
        "lat": "/lat",
        "west": "116.70",
        "east": "118.07",
        "south": "38.55",
        "north": "40.25",
    }
    assert broken({"lon": "117.2", "lat": "39.1"}, **rule) == []
    assert broken({"lon": "39.1", "lat": "117.2"}, **rule) == ["/lon"]
    assert broken({"lon": "0", "lat": "0"}, **rule) == ["/lon"]
    assert broken({"lon": "117.2"}, **rule) == []


def test_at_least_one() -> None:
    """TARGETS 8.7, 14: one of several boxes is enough."""
    assert broken({}, "at_least_one", "/a", of=["/a/0", "/b"]) == ["/a"]
    assert broken({"a": [1]}, "at_least_one", "/a", of=["/a/0", "/b"]) == []
    assert broken({"b": 1}, "at_least_one", "/a", of=["/a/0", "/b"]) == []


def test_id_card() -> None:
    """HARDENING finding 6: the checksum is one rule, the doubt about region and date another."""
    good, odd = (body + id_card_check(body) for body in ("12010119800101001", "12010119900230001"))
    rows = {
        "rows": [
            {"t": "ID", "no": good},
            {"t": "ID", "no": good[:-1] + "Z"},
            {"t": "ID", "no": odd},
            {"t": "P", "no": "E1"},
        ]
    }
    rule = {"kind": "id_card", "pointer": "/rows/*/no", "when": [where("/rows/*/t", "ID")]}
    assert broken(rows, **rule) == ["/rows/1/no"]
    assert broken(rows, **rule, doubt=True) == ["/rows/2/no"]


EVERY: dict[str, dict[str, Any]] = {
    "required_when": {"pointer": "/a/*/x", "when": [where("/a/*/y", "1"), where("/b")]},
    "forbidden_when": {"pointer": "/a/*/x", "when": [where("/a/*/y", "1")]},
    "references": {"pointer": "/a/*/x", "to": ["/b/*/x"]},
    "unique": {"pointer": "/a/*/x"},
    "sum_at_most": {"pointer": "/a/*/x", "by": "y", "total": "/b/*/x"},
    "date_order": {"pointer": "/a/*/x", "earlier": "/a/*/x", "later": "/a/*/y"},
    "days_before": {"pointer": "/a/*/x", "date": "/a/*/x", "before": "today", "at_most": 3},
    "equal": {"pointer": "/a/*/x", "a": "/a/*/x", "b": "/b/x"},
    "inside": {"pointer": "/a/x", "lon": "/a/x", "lat": "/a/y", "west": "1", "east": "2", "south": "1", "north": "2"},
    "at_least_one": {"pointer": "/a", "of": ["/a/x", "/b/*/x"]},
    "id_card": {"pointer": "/a/*/x", "doubt": True},
    "band": {
        "pointer": "/a/*/x",
        "amount": "/a/*/y",
        "of": "/b/x",
        "register": "units",
        "entry": "one",
        "bands": [["1", "1"], ["x", "0"]],
        "per": "/a/*/b",
        "name_from": -1,
    },
    "differ": {"pointer": "/a/*/x", "a": "/a/*/x", "b": "/b/x"},
    "sum_band": {"pointer": "/a/*/x", "amount": "y", "by": "b", "bands": [["1", "1"], ["x", "0"]]},
    "above": {"pointer": "/a/*/x", "limit": "5"},
    "unlike": {"pointer": "/a/*/x", "having": "[()]"},
    "same_means_same": {"pointer": "/a/*/x", "a": "/a/*/x", "b": "/b/x", "c": "/a/*/y", "d": "/b/y"},
    "floor": {"pointer": "/a/*/x", "amount": "/a/*/y", "of": "/b/x", "register": "units", "entry": "least"},
}

junk = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-3, 3)
    | st.floats()
    | st.sampled_from(["", "1", "x", "/", "NaN", "2026-01-01"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abxy"), inner, max_size=3),
    max_leaves=15,
)


@pytest.mark.parametrize("kind", sorted({*ROWS, *WHOLE}))
@given(st.dictionaries(st.sampled_from("ab"), junk))
def test_no_kind_raises_on_rubbish(kind: str, document: Any) -> None:
    """Rules run beside the form's own check, on documents of any shape; what is not of its type is passed over."""
    for pointer in broken(document, kind, **EVERY[kind]):
        assert pointer.startswith("/")


@pytest.mark.parametrize(
    "rule",
    [
        Rule("r", "no_such_kind", "error", "/a", WORDS, {}),
        Rule("r", "references", "error", "/a", WORDS, {}),
        Rule("r", "unique", "error", "/a", WORDS, {"of": 1}),
        Rule("r", "days_before", "error", "/a", WORDS, {"date": "/a", "before": "today"}),
        Rule(
            "r",
            "inside",
            "error",
            "/a",
            WORDS,
            {"lon": "/a", "lat": "/b", "west": "w", "east": "1", "south": "1", "north": "1"},
        ),
        Rule("r", "required_when", "error", "/a", WORDS, {"when": [{"values": [1]}]}),
        Rule("r", "unlike", "error", "/a", WORDS, {"having": "("}),
        Rule("r", "floor", "error", "/a", WORDS, {"amount": "/a", "of": "/b", "register": "no such", "entry": "one"}),
    ],
)
def test_bad_rules_are_refused_by_name(rule: Rule) -> None:
    """An unknown kind or missing data stop the start, not an applicant."""
    with pytest.raises(SettingsError, match="rule r"):
        compile_rule(rule)
