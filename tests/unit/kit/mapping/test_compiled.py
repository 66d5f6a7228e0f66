"""What a table writes, what it finds in advance, and how it traces a field to its box."""

from __future__ import annotations

import time

import pytest

from bridge.errors import AdapterBug, Refused
from bridge.kit.mapping.converters import codes, joined, yes_no
from bridge.kit.mapping.paths import flatten
from bridge.kit.mapping.table import Constant, Each, Row, When

# -- writing


def test_the_payload_is_what_the_table_says(mapping, source):
    """Names, nesting, constants, conditions, blanks, lists in lists, elements and the way up from them."""
    assert mapping.write(source) == {
        "number": "N1",
        "source": "112",
        "keeper": {"name": "蜂农", "kind": "2", "licence": "L1", "note": "/"},
        "phone": "1",
        "organic": "Y",
        "hives": [
            {
                "no": "H1",
                "lon": "117°30′00.00″",
                "keeper": "蜂农",
                "type": "HIVE",
                "frames": [{"wax": "是"}, {"wax": "否"}],
            },
            {"no": "H2", "keeper": "蜂农", "queens": "a、b", "type": "HIVE", "frames": []},
        ],
        "tags": [{"tag": "ORGANIC"}, {"tag": "LOCAL"}],
        "files": [{"name": "plan.pdf"}],
    }


def test_fields_come_in_the_tables_order(mapping, source):
    """So a payload is written alike every time."""
    assert list(mapping.write(source))[:3] == ["number", "source", "keeper"]
    assert list(mapping.write(source)["hives"][0]) == ["no", "lon", "keeper", "type", "frames"]


def test_what_is_absent_is_left_out_or_blank(mapping, source):
    """A source without the optional parts gives the least payload; a condition that fails writes nothing."""
    source["data"] = {"keeper": {"name": "甲", "kind": "PERSON", "licence": "L1"}}
    source["materials"] = []
    assert mapping.write(source) == {
        "number": "N1",
        "source": "112",
        "keeper": {"name": "甲", "kind": "1", "note": "/"},
        "organic": "N",
        "files": [],
    }


def test_the_same_source_gives_the_same_payload_and_stays(mapping, source):
    """Writing changes nothing of the source, and two payloads share no list that one could change."""
    before = repr(source)
    one, two = mapping.write(source), mapping.write(source)
    assert one == two
    one["hives"][0]["frames"].clear()
    assert two["hives"][0]["frames"]
    assert repr(source) == before


@pytest.mark.parametrize(
    ("change", "path"),
    [
        (lambda data: data["keeper"].update(kind="GHOST"), "keeper.kind"),
        (lambda data: data["hives"][1].update(place={"lon": "x"}), "hives[1].lon"),
        (lambda data: data["hives"][0]["frames"][1].update(wax="yes"), "hives[0].frames[1].wax"),
    ],
)
def test_a_value_outside_a_domain_is_refused_by_its_field(mapping, source, change, path):
    """It names the field at the target, positions of lists in lists in their order, and never the value."""
    change(source["data"])
    with pytest.raises(Refused) as caught:
        mapping.write(source)
    assert [one.path for one in caught.value.fields] == [path]
    assert "GHOST" not in str(caught.value)
    assert mapping.to_form(path) is not None


@pytest.mark.parametrize(
    ("change", "path"),
    [
        (lambda source: source["facts"].clear(), "number"),
        (lambda source: source["data"]["keeper"].update(name="长" * 6), "keeper.name"),
        (lambda source: source["data"]["keeper"].pop("name"), "keeper.name"),
        (lambda source: source["data"]["hives"][1].update(no="X"), "hives[1].no"),
        (lambda source: source["data"]["hives"][0]["frames"][1].pop("wax"), "hives[0].frames[1].wax"),
    ],
)
def test_what_the_schema_refuses_is_named_by_its_field(mapping, source, change, path):
    """Missing or wrong: the field itself is named, in the payload and in the refusal."""
    change(source)
    with pytest.raises(Refused) as caught:
        mapping.write(source)
    assert [one.path for one in caught.value.fields] == [path]


def test_every_refused_field_is_named(mapping, source):
    """All at once."""
    payload = mapping.write(source)
    payload["keeper"]["name"] = 1
    payload["hives"][1]["no"] = "X"
    payload["phone"] = "a"
    assert {one.path for one in mapping.check(payload)} == {"keeper.name", "hives[1].no", "phone"}
    assert mapping.check(mapping.write(source)) == []


def test_what_it_says_of_itself(mapping):
    """Version, schema and needed facts are the table's."""
    assert (mapping.version, mapping.target_schema, mapping.missing({"facts": {}})) == (3, "bees-v3", ["case_number"])


# -- pre-flight


def test_what_fits_fits(mapping, source):
    """A source that can be written has no problem."""
    assert mapping.preflight(source) == []


def test_all_that_does_not_fit_is_found_at_once(mapping, source):
    """Too long, outside a code table, too many rows, missing: each at its box, real positions, both languages."""
    data = source["data"]
    data["keeper"] |= {"name": "长" * 6, "kind": "GHOST", "note": "六个字的说明"}
    data["hives"][1] |= {"no": "H2345", "frames": [{}, {"wax": True}, {"wax": "x"}]}
    data["hives"] += [{"no": "H3"}, {}]
    source["materials"].append({"name": "a-long-name.pdf"})
    found = mapping.preflight(source)
    assert {one.pointer: one.message for one in found} == {
        "/data/keeper/name": "最长 5 个字符",
        "/data/keeper/kind": "不在代码表中",
        "/data/keeper/note": "最长 5 个字符",
        "/data/hives": "最多 3 行",
        "/data/hives/1/no": "最长 4 个字符",
        "/data/hives/1/frames": "最多 2 行",
        "/data/hives/1/frames/0/wax": "必须填写",
        "/data/hives/1/frames/2/wax": "应为是或否",
        "/data/hives/3/no": "必须填写",
        "/materials/1/name": "最长 8 个字符",
    }
    words = [word for one in found for word in (one.message_en, one.remedy, one.remedy_en)]
    assert all(words)
    assert not any("GHOST" in word for word in words)


def test_facts_that_are_not_there_yet_are_nobodys_fault(mapping, source):
    """What a person cannot fill in is not asked for at entry, though the payload cannot be made yet."""
    source["facts"] = {}
    assert mapping.preflight(source) == []


def test_a_condition_holds_in_advance_too(make, source):
    """A row that would not be written is not held against anybody."""
    only = (Row("a", "/data/keeper/licence", codes({}), when=When("/data/keeper/kind", ("PERSON",))),)
    assert make(rows=only, schema={}).preflight(source) == []


def test_what_only_the_schema_refuses_is_found_in_advance(mapping, source):
    """What passes pre-flight is valid under the target's schema: the gap is told at the box, once."""
    source["data"]["contacts"][0]["phone"] = "12a"
    source["data"]["hives"][1]["no"] = "X"
    source["data"]["keeper"]["note"] = "no"
    found = mapping.preflight(source)
    assert sorted(one.pointer for one in found) == ["/data/contacts/0/phone", "/data/hives/1/no", "/data/keeper/note"]
    assert {one.message for one in found} == {"不符合对方字段要求"}


@pytest.mark.parametrize(
    ("unit", "text", "fits"),
    [
        ("characters", "𠮷" * 5, True),
        ("characters", "长" * 6, False),
        ("utf16", "𠮷" * 2 + "a", True),
        ("utf16", "𠮷" * 3, False),
        ("utf16", "长" * 5, True),
        ("gbk", "长长a", True),
        ("gbk", "长长长", False),
        ("gbk", "𠮷a", True),
        ("gbk", "𠮷长", False),
        ("gbk", "a" * 5, True),
        ("gbk", "\ud800", True),
    ],
)
def test_lengths_are_counted_as_the_target_counts(make, source, unit, text, fits):
    """Five: as characters, as UTF-16 units, or as bytes in GB 18030."""
    source["data"]["keeper"]["note"] = text
    mapping = make(rows=(Row("note", "/data/keeper/note", max_length=5),), schema={}, length_unit=unit)
    assert (not mapping.preflight(source)) is fits


@pytest.mark.parametrize(
    ("charset", "text", "place"),
    [("gbk", "张三", None), ("gbk", "张三𠮷", 3), ("gbk", "😀", 1), ("gb18030", "𠮷😀", None), ("utf-8", "𠮷", None)],
)
def test_characters_that_the_target_cannot_keep(make, source, charset, text, place):
    """A rare ideograph or an emoji is found at entry by its place, not when it has become a question mark."""
    source["data"]["keeper"]["note"] = text
    found = make(rows=(Row("note", "/data/keeper/note"),), schema={}, charset=charset).preflight(source)
    assert [one.message for one in found] == ([] if place is None else [f"第 {place} 个字对方系统无法保存"])


# -- tracing


@pytest.mark.parametrize(
    ("path", "pointer"),
    [
        ("number", "/facts/number"),
        ("keeper.name", "/data/keeper/name"),
        ("phone", "/data/contacts/0/phone"),
        ("hives[2].no", "/data/hives/2/no"),
        ("hives.2.no", "/data/hives/2/no"),
        ("hives[2].lon", "/data/hives/2/place/lon"),
        ("hives[2].frames[1].wax", "/data/hives/2/frames/1/wax"),
        ("hives.2.frames.1.wax", "/data/hives/2/frames/1/wax"),
        ("hives[2].keeper", "/data/keeper/name"),
        ("hives[2].unknown", "/data/hives/2"),
        ("hives", "/data/hives"),
        ("hives[7]", "/data/hives/7"),
        ("tags[1].tag", "/data/labels/1"),
        ("source", None),
        ("nowhere.at.all", None),
        ("", None),
    ],
)
def test_a_field_leads_to_its_box(mapping, path, pointer):
    """The target's path, with positions in brackets or between dots, leads to the box, or to the nearest one above."""
    assert mapping.to_form(path) == pointer


@pytest.mark.parametrize(
    ("pointer", "paths"),
    [
        ("/data/keeper/name", ["keeper.name", "hives[].keeper"]),
        ("/data/hives/2/no", ["hives[2].no"]),
        ("/data/hives/2/frames/1/wax", ["hives[2].frames[1].wax"]),
        ("/data/contacts/0/phone", ["phone"]),
        ("/data/contacts/1/phone", []),
        ("/data/labels", ["organic", "tags"]),
        ("/data/nowhere", []),
        ("", []),
    ],
)
def test_a_box_leads_to_its_fields(mapping, pointer, paths):
    """A box of the form feeds these fields, and no other."""
    assert mapping.to_target(pointer) == paths


def test_each_written_leaf_leads_back(mapping, source):
    """Every leaf of a payload but the constants is traced to where its value stands."""
    for path in flatten(mapping.write(source)):
        pointer = mapping.to_form(path)
        assert (pointer is None) == (path == "source"), path


# -- tables that contradict themselves


@pytest.mark.parametrize(
    "rows",
    [
        (Row("a", "/data/x"), Row("a", "/data/y")),
        (Row("a", "/data/x"), Constant("a", "1", "")),
        (Constant("a", "1", ""), Constant("a", "2", "")),
        (Row("a", "/data/x"), Row("a.b", "/data/y")),
        (Each("a", "/data/x", ()), Row("a.b", "/data/y")),
        (Each("a", "/data/x", ()), Each("a", "/data/x", ())),
        (Each("l", "/data/l", (Row("a", "./x"), Row("a", "./y"))),),
    ],
)
def test_rows_that_write_over_each_other_are_a_bug(make, rows):
    """Found when the table is compiled, not when somebody's value is lost."""
    with pytest.raises(AdapterBug):
        make(rows=rows, schema={})


def test_rows_may_take_turns(make, source):
    """One source, written in one way or another by condition."""
    rows = (
        Row("labels", "/data/labels", joined("、"), when=When("/data/keeper/kind", ("PERSON",))),
        Row("labels", "/data/labels", joined(";"), when=When("/data/keeper/kind", ("COMPANY",))),
    )
    assert make(rows=rows, schema={}).write(source) == {"labels": "ORGANIC;LOCAL"}


@pytest.mark.parametrize("element", ["text", 1, None, ["list"]])
def test_elements_of_another_kind_have_no_names(make, element):
    """What is no object has none of the names that rows ask for; nothing breaks."""
    each = Each("l", "/data/l", (Row("a", "./a"), Row("b", "./a/b"), Row("c", "./0", yes_no(1, 0), absent="-")))
    made = make(rows=(each,), schema={})
    if isinstance(element, list):
        with pytest.raises(Refused):
            made.write({"data": {"l": [element]}})
    else:
        assert made.write({"data": {"l": [element]}}) == {"l": [{"c": "-"}]}


def test_a_large_form_costs_little(mapping, source):
    """600 leaves are written and checked in a few milliseconds even on a slow machine (measured: 0.2 ms)."""
    source["data"]["hives"] = [{"no": f"H{number}", "place": {"lon": "117.5"}} for number in range(150)]
    best = 1.0
    for _ in range(5):
        began = time.perf_counter()
        payload = mapping.write(source)
        best = min(best, time.perf_counter() - began)
    assert len(flatten(payload)) > 600
    assert best < 0.005
