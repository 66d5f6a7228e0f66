from __future__ import annotations

import copy
import datetime as dt
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.catalogue.catalogue import Catalogue
from bridge.catalogue.registers import districts
from bridge.errors import NotFound, SettingsError
from bridge.model.pointer import resolve, tokens
from bridge.testing.samples import generate

from .conftest import MATTER, ROOT, FrozenClock, text
from .conftest import group as make_group

MARK = "机密ZZ9"
"""Stands for a personal value; no problem may hold it."""


def changed(document: dict[str, Any], pointer: str, value: Any) -> dict[str, Any]:
    """A copy with another value at a pointer; `...` takes it away."""
    made = copy.deepcopy(document)
    *way, last = tokens(pointer)
    holder = resolve(made, "".join(f"/{one}" for one in way))
    step: Any = int(last) if isinstance(holder, list) else last
    if value is ...:
        del holder[step]
    else:
        holder[step] = value
    return made


CORPUS: list[tuple[str, Any, str]] = [
    # TARGETS 5.4, as far as a form can tell: (pointer, what is entered, where it is told)
    ("/matter", "nothing", ""),
    ("/matter", ["discharge-permit"], ""),
    ("/matter", ..., ""),
    ("/type", "transfer", ""),
    ("/type", None, ""),
    ("/form", 2, ""),
    ("/form", True, ""),
    ("/form", "1", ""),
    ("/form", 1.0, ""),
    ("/reference", "a b", ""),
    ("/reference", "参", ""),
    ("/reference", "x" * 65, ""),
    ("/extra", MARK, ""),
    ("/data", [], ""),
    ("/data", MARK, ""),
    ("/data", None, ""),
    ("/data/extra", {MARK: 1}, ""),
    ("/data/applicant/name", f" {MARK}", ""),
    ("/data/applicant/name", f"{MARK}\u200b", ""),
    ("/data/applicant/name", f"\u202e{MARK}", ""),
    ("/data/applicant/name", "   ", ""),
    ("/data/applicant/name", "", ""),
    ("/data/applicant/name", MARK * 100, ""),
    ("/data/applicant/name", None, ""),
    ("/data/applicant/name", 12345, ""),
    ("/data/applicant/id_no", "91I20116MA05000011", ""),
    ("/data/applicant/id_no", "91120116ma05000011", ""),
    ("/data/applicant/id_no", "９1120116MA05000011", ""),
    ("/data/applicant/id_no", "91120116 MA05000011", ""),
    ("/data/applicant/id_no", "91120116MA0500001O", ""),
    ("/data/applicant/id_no", "91120116MA05000012", ""),
    ("/data/applicant/id_no", "120116000012345", ""),
    ("/data/applicant/legal_rep", ..., ""),
    ("/data/applicant/legal_rep/id_no", "12010119800101001x", ""),
    ("/data/applicant/legal_rep/id_no", "1２0101198001010012", ""),
    ("/data/applicant/legal_rep/phone", "86 13800138000", ""),
    ("/data/applicant/legal_rep/phone", "12345678", ""),
    ("/data/applicant/industry_code", "C261", ""),
    ("/data/applicant/industry_code", "C", ""),
    ("/data/applicant/zip", "30004", ""),
    ("/data/contacts/0/mobile", "8613800138000", ""),
    ("/data/contacts/0/mobile", "02212345678", ""),
    ("/data/contacts", [], ""),
    ("/data/contacts", None, ""),
    ("/data/contacts/0", MARK, ""),
    ("/data/site/region_code", "120107", ""),
    ("/data/site/region_code", "120199", ""),
    ("/data/site/lon", "39.13", "/data/site/lon"),
    ("/data/site/lon", "117°12′30″", ""),
    ("/data/site/lon", "117,2", ""),
    ("/data/site/lat", "39.123456", ""),
    ("/data/site/lat", 39.1, ""),
    ("/data/site/seq", "000", ""),
    ("/data/permit/tier", "重点", ""),
    ("/data/permit/is_rectify", "否", ""),
    ("/data/permit/is_rectify", 0, ""),
    ("/data/permit/start_date", "2026-02-30", ""),
    ("/data/permit/start_date", "2026/02/01", ""),
    ("/data/permit/start_date", "2026-02-01\n", ""),
    ("/data/permit/start_date", "2027-01-01", ""),
    ("/data/permit/facilities/0/mf_no", "MF1", ""),
    ("/data/permit/nodes/0/mf_no", "MF9999", ""),
    ("/data/permit/main_pollutant_categories", ["AIR", "AIR"], ""),
    ("/data/permit/main_pollutant_categories/0", "АIR", ""),
    ("/data/permit/raw_materials/0/max_use", "1,5", ""),
    ("/data/permit/raw_materials/0/max_use", "１.5", ""),
    ("/data/permit/raw_materials/0/max_use", 1.5, ""),
    ("/data/permit/raw_materials/0/max_use", "-1", ""),
    ("/data/permit/raw_materials/0/max_use", "1e5", ""),
    ("/data/consent/commitment", False, ""),
    ("/data/consent/commitment", "true", ""),
    ("/data/consent", ..., "/data/consent"),
    ("/materials/0/name", f"{MARK}/x.pdf", ""),
    ("/materials/0/content", f"{MARK}!", ""),
    ("/materials/0/code", MARK, ""),
    ("/materials", ..., "/materials"),
    ("/materials", {}, ""),
]


@pytest.mark.parametrize(("pointer", "value", "at"), CORPUS)
def test_usual_slips_are_told_at_their_box_and_never_with_the_value(
    real: Catalogue, sample: dict[str, Any], pointer: str, value: Any, at: str
) -> None:
    """TARGETS 5.4: each has a place, a label, words and a cure in both languages, and does not repeat the value."""
    checked = real.check(changed(sample, pointer, value))
    assert checked.problems
    assert any(one.pointer == (at or pointer) or one.pointer.startswith(f"{pointer}/") for one in checked.problems)
    for one in checked.problems:
        words = (one.label, one.label_en, one.message, one.message_en, one.remedy, one.remedy_en)
        assert all(words)
        assert one.code
        shown = " ".join(words)
        assert MARK not in shown
        if isinstance(value, str) and len(value) > 8:
            assert value not in shown


@pytest.mark.parametrize("value", ["１２３", "12\n", "a\u200bb", "\u202e12", "1２", "DА001", "12\x00", "\ud800"])
@pytest.mark.parametrize(
    "pointer",
    [
        "/data/applicant/id_no",
        "/data/applicant/zip",
        "/data/site/seq",
        "/data/permit/facilities/0/mf_no",
        "/data/contacts/0/mobile",
        "/data/applicant/industry_code",
        "/data/site/region_code",
        "/data/site/lon",
    ],
)
def test_nothing_that_looks_like_a_code_gets_into_a_code(
    real: Catalogue, sample: dict[str, Any], pointer: str, value: str
) -> None:
    """HARDENING A13: full-width digits, line ends, zero-width and direction marks, Cyrillic look-alikes."""
    assert not real.check(changed(sample, pointer, value)).ok


def test_samples_are_valid(real: Catalogue) -> None:
    """What the product gives as examples, it takes."""
    for type_ in ("new", "change-basic", "change-other"):
        for document in generate("discharge-permit", type=type_, seed=11, count=20):
            assert real.check(document).problems == ()


def test_form_and_rules_are_told_at_once(real: Catalogue, sample: dict[str, Any]) -> None:
    """DESIGN 10: a wrong box does not hide a broken rule, a missing file, or another wrong box."""
    document = changed(sample, "/data/applicant/zip", "x")
    document = changed(document, "/data/permit/start_date", "2027-01-01")
    document["materials"] = []
    codes = {one.code for one in real.check(document).problems}
    assert {"format", "start-before-submission", "material_missing"} <= codes


def test_a_warning_does_not_refuse(real: Catalogue, sample: dict[str, Any]) -> None:
    """TARGETS 8.7: a warning is told after the errors and leaves the document acceptable."""
    checked = real.check(changed(changed(sample, "/data/site/lon", "100.0"), "/data/site/lat", "40.0"))
    assert [(one.severity, one.code) for one in checked.problems] == [("warning", "site-in-tianjin")]
    assert checked.ok
    both = real.check(changed(changed(sample, "/data/site/lon", "100.0"), "/data/applicant/zip", "x"))
    assert [one.severity for one in both.problems] == ["error", "warning"]


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
)
parts = st.fixed_dictionaries(
    {},
    optional={
        "matter": st.just("discharge-permit") | json_values,
        "type": st.just("new") | json_values,
        "form": st.just(1) | json_values,
        "reference": json_values,
        "data": json_values
        | st.fixed_dictionaries({"permit": json_values, "site": json_values, "contacts": json_values}),
        "materials": json_values,
    },
)
REAL = Catalogue(ROOT, FrozenClock())


@settings(deadline=None)
@given(parts, st.booleans())
def test_no_document_raises(document: dict[str, Any], paths: bool) -> None:
    """Whatever is entered, the answer is a list of problems."""
    assert not REAL.check(document, paths_allowed=paths).ok


def test_matters_are_read_from_their_data(bees: Catalogue, real: Catalogue) -> None:
    """A matter is a folder: its names, types, route, owners and boxes come from there."""
    [matter] = bees.matters()
    assert (matter.name, matter.title, matter.title_en, matter.form, matter.fields) == (
        "bees",
        "养蜂备案",
        "bee filing",
        1,
        10,
    )
    assert [one.target for one in matter.route] == ["office"]
    assert matter.owners["received"] == "office"
    permit = real.matter("discharge-permit")
    assert [one.id for one in permit.types] == [
        "new",
        "reapply",
        "change-basic",
        "change-other",
        "renew",
        "reissue",
        "cancel",
    ]
    assert {"municipal", "discharge"} <= {one.target for one in permit.route}
    assert permit.fields > 100
    with pytest.raises(NotFound, match="discharge-permit"):
        real.matter("nothing")


RULE = """
[[rule]]
id = "r"
kind = "{kind}"
pointer = "{pointer}"
message = "{message}"
message_en = "m"
remedy = "r"
remedy_en = "r"
{more}"""


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ("strange = 1", "strange"),
        ('\n[[material]]\ncode = "M1"\ntitle = "t"\ntitle_en = "t"', "M1"),
        ('\n[[material]]\ncode = "M2"\ntitle = "t"\ntitle_en = "t"\nwhenever = []', "whenever"),
        (
            '\n[[material]]\ncode = "M2"\ntitle = "t"\ntitle_en = "t"\nwhen = [{ pointer = "/data/nowhere" }]',
            "/data/nowhere",
        ),
        (RULE.format(kind="unique", pointer="/data/hives/*/number", message="m", more=""), "/data/hives/\\*/number"),
        (RULE.format(kind="unknown", pointer="/data/name", message="m", more=""), "rule r"),
        (RULE.format(kind="unique", pointer="/data/name", message="", more=""), "without words"),
        (RULE.format(kind="unique", pointer="/data/name", message="m", more='severity = "fatal"'), "severity"),
        (RULE.format(kind="references", pointer="/data/name", message="m", more='to = ["/data/x"]'), "/data/x"),
        ('\n[[route]]\ntarget = "b"\nafter = "accepted"', "after"),
    ],
)
def test_wrong_data_of_a_matter_stop_the_start(folder: Callable[..., Path], more: str, said: str) -> None:
    """A slip in matter.toml is found when it is read, and named; never when an applicant comes."""
    matter = more + MATTER if more == "strange = 1" else MATTER + more
    with pytest.raises(SettingsError, match=said):
        Catalogue(folder(matter=matter)).matters()


def test_a_matter_without_its_form_stops_the_start(folder: Callable[..., Path]) -> None:
    """The current version must be there."""
    with pytest.raises(SettingsError, match="第 2 版"):
        Catalogue(folder(matter=MATTER.replace("form = 1", "form = 2"))).matters()


def test_an_empty_folder_is_a_wrong_setting(tmp_path: Path) -> None:
    """Without a matter nothing can be taken in; the setting is named."""
    with pytest.raises(SettingsError, match="BRIDGE_SCHEMAS_DIR"):
        Catalogue(tmp_path).matters()


def test_nothing_is_read_before_it_is_needed(tmp_path: Path) -> None:
    """Building a catalogue reads no file."""
    Catalogue(tmp_path / "nowhere")


def test_an_older_form_is_still_taken(folder: Callable[..., Path], bee: dict[str, Any]) -> None:
    """Documents of an earlier version are judged by that version's form."""
    root = folder(matter=MATTER.replace("form = 1", "form = 2"))
    two = make_group(
        "two",
        {
            "name": text("name", maxLength=8),
            "seq": text("seq", maxLength=3),
            "district": text("d", format="district"),
            "park": text("p", maxLength=3),
        },
    )
    (root / "matters/bees/2.json").write_text(json.dumps(two), encoding="utf-8")
    catalogue = Catalogue(root)
    assert catalogue.check(bee).ok
    assert not catalogue.check({**bee, "form": 2}).ok
    assert [one.remedy for one in catalogue.check({**bee, "form": 3}).problems] == ["可选：1、2。"]


BODIES = """
[[body]]
code = "b1"
name = "区局"
uscc = "11120101MB0101001G"
district = "120101"
decides = ["bees"]
[[body]]
code = "b2"
name = "园区局"
uscc = "11120102MB01020016"
district = "120101"
decides = ["bees"]
parks = ["蜜园"]
"""
ITEM = """
[[item]]
matter = "bees"
type = "new"
catalog_code = "c"
task_code = "t{n}"
task_handle_item = "h"
task_version = {n}
task_name = "养蜂"
project_type = "PROMISE"
legal_days = 30
legal_unit = "workdays"
promise_days = 20
promise_unit = "workdays"
valid_from = {since}
provenance = "INVENTED"
"""


@pytest.fixture
def offices(folder: Callable[..., Path]) -> Catalogue:
    """`bees` with bodies and items."""
    root = folder()
    (root / "registers/bodies/x.toml").write_text(BODIES, encoding="utf-8")
    items = 'body = "b1"\n' + ITEM.format(n=1, since="2024-01-01") + ITEM.format(n=2, since="2026-07-01")
    (root / "items/b1.toml").write_text(items, encoding="utf-8")
    return Catalogue(root)


def test_the_body_is_that_of_the_district_or_of_the_park(offices: Catalogue) -> None:
    """DESIGN 9: the district of the site decides, unless its park has a body of its own."""
    assert offices.body("bees", {"district": "120101"}).code == "b1"
    assert offices.body("bees", {"district": "120101", "park": "别园"}).code == "b1"
    assert offices.body("bees", {"district": "120101", "park": "蜜园"}).code == "b2"
    for data in ({"district": "120104"}, {}):
        with pytest.raises(NotFound):
            offices.body("bees", data)


def test_the_item_is_the_one_in_force_on_the_day(offices: Catalogue) -> None:
    """Items are dated; what goes with an application is what was in force when it was made."""
    assert offices.item("b1", "bees", "new", dt.date(2026, 6, 30))["task_code"] == "t1"
    item = offices.item("b1", "bees", "new", dt.date(2026, 7, 1))
    assert (item["task_code"], item["org_name"], item["org_code"]) == ("t2", "区局", "11120101MB0101001G")
    assert "provenance" not in item
    for body, type_, day in (
        ("b1", "new", dt.date(2023, 12, 31)),
        ("b1", "old", dt.date(2026, 7, 1)),
        ("b9", "new", dt.date(2026, 7, 1)),
    ):
        with pytest.raises(NotFound):
            offices.item(body, "bees", type_, day)


@pytest.mark.parametrize(
    ("file", "content"),
    [
        ("registers/bodies/y.toml", '[[body]]\ncode = "x"\n'),
        ("registers/bodies/y.toml", "]"),
        ("items/y.toml", 'body = "b1"\n[[item]]\nmatter = "bees"\n'),
    ],
)
def test_wrong_registers_are_named(folder: Callable[..., Path], file: str, content: str) -> None:
    """A slip in a register names the file."""
    root = folder()
    (root / file).write_text(content, encoding="utf-8")
    with pytest.raises(SettingsError, match=r"y\.toml"):
        Catalogue(root).item("b1", "bees", "new", dt.date(2026, 1, 1)) if "items" in file else Catalogue(root).body(
            "bees", {"district": "120101"}
        )


def test_every_district_has_a_body_and_every_body_its_items(real: Catalogue) -> None:
    """No applicant of Tianjin is left without an office: districts, bodies and items fit together."""
    for district in (one for one, successor in districts(ROOT).items() if successor is None):
        body = real.body("discharge-permit", {"site": {"region_code": district}})
        for kind in real.matter("discharge-permit").types:
            assert real.item(body.code, "discharge-permit", kind.id, dt.date(2026, 11, 23))["task_code"]


def test_labels_are_the_forms_words(real: Catalogue) -> None:
    """A pointer of a target's refusal becomes the box that a person knows."""
    assert (
        real.label("discharge-permit", 1, "/data/permit/air_outlets/1/height_m")[0]
        == "排污许可 · 大气排放口 第 2 行 · 排气筒高度(m)"
    )
    assert real.label("discharge-permit", 1, "/materials/0/name") == (
        "申请材料 第 1 项 · 文件名",
        "Materials 1 · file name",
    )
    assert real.label("discharge-permit", 1, "/matter") == ("事项", "Matter")
    assert real.label("discharge-permit", 1, "") == ("申请文件", "Document")


def test_the_canonical_content_is_the_same_for_the_same_application(real: Catalogue, sample: dict[str, Any]) -> None:
    """DESIGN 10, 'Twice': order, content's encoding and reference do not count; every value and every file does."""
    digests = [f"sha256:{place}" for place in range(len(sample["materials"]))]
    first = real.canonical(sample, digests)
    turned = {
        **sample,
        "reference": "r",
        "data": dict(reversed(sample["data"].items())),
        "materials": sample["materials"][::-1],
    }
    assert real.canonical(turned, digests[::-1]) == first
    others = [
        real.canonical(sample, ["sha256:x", *digests[1:]]),
        real.canonical({**sample, "type": "change-basic"}, digests),
        real.canonical(changed(sample, "/data/applicant/name", "别名"), digests),
        real.canonical(changed(sample, "/materials/0/name", "b.pdf"), digests),
    ]
    assert len({first, *others}) == 5
