"""What is written into a template is read back as it was, whatever the form and the texts."""

from __future__ import annotations

import csv
import json
import random
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bridge.catalogue.catalogue import Catalogue
from bridge.catalogue.characters import REFUSED
from bridge.sheets.layout import NONE, layout
from bridge.sheets.tables import tables
from bridge.sheets.writing import write_csv_template, write_template
from bridge.testing.samples import handmade

from .conftest import SCHEMAS, FrozenClock, by_path, documents, read, workbook

KINDS = [(one.name, kind.id) for one in Catalogue(SCHEMAS).matters() for kind in one.types]

MATTER = """
title = "养蜂备案"
title_en = "bee filing"
form = 1
route = []
decider = "office"
owners = {}
[[type]]
id = "new"
title = "首次"
title_en = "first"
[identity]
applicant = "/data/name"
site = ["/data/seq"]
district = "/data/district"
"""


def text(title: str, **more: Any) -> dict[str, Any]:
    """A box for a text."""
    return {"title": title, "type": "string", "x-ui": {"title_en": title.upper()}, **more}


def group(title: str, properties: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A closed group."""
    made = {"title": title, "type": "object", "properties": properties, "additionalProperties": False}
    return {**made, "x-ui": {"title_en": title.upper()}, **more}


def rows(title: str, item: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A bounded list."""
    return {"title": title, "type": "array", "items": item, "maxItems": 5, "x-ui": {"title_en": title.upper()}, **more}


LEAF = text("leaf", minLength=1, maxLength=200)
FORM = group(
    "bees",
    {
        "name": text("name", minLength=1, maxLength=200),
        "seq": text("seq", pattern="^[0-9]{3}$", maxLength=3),
        "district": text("district", format="district"),
        "park": LEAF,
        "colour": text("colour", enum=["RED", "BLUE"]),
        "count": {"title": "count", "type": "integer", "minimum": 0, "maximum": 9, "x-ui": {"title_en": "COUNT"}},
        "sworn": {"title": "sworn", "type": "boolean", "x-ui": {"title_en": "SWORN"}},
        "flags": rows("flags", text("flag", enum=["A", "B、C"]), uniqueItems=True),
        "years": rows("years", text("year", pattern="^[0-9]{1,3}$", maxLength=3)),
        "notes": rows("notes", LEAF),
        "hives": rows(
            "hives",
            group(
                "hive",
                {
                    "no": text("no", pattern="^H[0-9]{2}$", maxLength=3),
                    "place": group("place", {"row": LEAF, "frames": rows("frames", group("frame", {"wax": LEAF}))}),
                    "queens": rows("queens", LEAF, minItems=1),
                },
                required=["no"],
            ),
        ),
        "must": group("must", {"rows": rows("rows", group("row", {"a": LEAF})), "b": LEAF}, required=["rows"]),
    },
    required=["name", "seq", "district", "must"],
)

TRICKY = [
    "=1+1",
    "+1",
    "-1",
    "@x",
    "'x",
    "＝1",
    "0012",
    "1E5",
    "_x000D_",
    "_x005F_",
    "a\nb",
    "𠮷",
    "<&>\"'",
    "true",
    "是",
]


def texts() -> st.SearchStrategy[str]:
    """Texts that the form takes; a sheet cannot tell one row that says 无 from no rows, so that one is left out."""
    free = st.text(min_size=1, max_size=30).filter(lambda one: one == one.strip() and not REFUSED.search(one))
    return (free | st.sampled_from(TRICKY)).filter(lambda one: one != NONE)


def values(node: Mapping[str, Any]) -> st.SearchStrategy[Any]:
    """Values that a form takes; a group that need not be there is left out where nothing is in it."""
    if "enum" in node:
        return st.sampled_from(node["enum"])
    if "pattern" in node:
        return st.from_regex(node["pattern"], fullmatch=True, alphabet=st.sampled_from("H0123456789"))
    if "format" in node:
        return st.just("120101")
    kinds = {"integer": lambda: st.integers(0, 9), "boolean": st.booleans, "string": texts}
    return kinds.get(node["type"], lambda: several(node))()


def several(node: Mapping[str, Any]) -> st.SearchStrategy[Any]:
    """Values of a list or a group."""
    if node["type"] == "array":
        items = node["items"]
        return st.lists(values(items), min_size=node.get("minItems", 0), max_size=3, unique="enum" in items)
    needed = node.get("required", [])
    parts = {name: values(part) for name, part in node["properties"].items()}
    must = {name: part for name, part in parts.items() if name in needed}
    may = {name: part for name, part in parts.items() if name not in needed}
    whole = st.fixed_dictionaries(must, optional=may)
    return whole if needed else whole.filter(lambda one: any(one.values()))


@pytest.fixture(scope="module")
def bees(tmp_path_factory: pytest.TempPathFactory) -> Catalogue:
    """A matter whose form has every way of nesting."""
    root = tmp_path_factory.mktemp("schemas")
    for name in ("matters/bees", "registers/districts", "registers/bodies", "items"):
        (root / name).mkdir(parents=True)
    (root / "matters/bees/1.json").write_text(json.dumps(FORM), encoding="utf-8")
    (root / "matters/bees/matter.toml").write_text(MATTER, encoding="utf-8")
    (root / "registers/districts/x.toml").write_text('[[district]]\ncode = "120101"\n', encoding="utf-8")
    return Catalogue(root, FrozenClock())


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(found=st.lists(values(FORM), min_size=1, max_size=3))
def test_any_document_of_any_form_comes_back(found: list[Any], bees: Catalogue, tmp_path_factory: Any) -> None:
    """Nested lists, lists in a cell, empty lists, and texts that look like formulas, escapes or numbers are kept."""
    form = bees.form("bees", 1)
    assert all(form.is_valid(one) for one in found)
    made = [{"matter": "bees", "type": "new", "form": 1, "data": one} for one in found]
    path = workbook(tmp_path_factory.mktemp("x") / "x.xlsx", layout(bees, "bees", 1), made)
    assert [one.document for one in read(path, bees)] == made


@pytest.mark.parametrize(("matter", "type_"), KINDS)
def test_every_sample_comes_back(matter: str, type_: str, real: Catalogue, tmp_path: Path) -> None:
    """A valid application of any matter and type, written and read, is the same document, with nothing to say of it."""
    found = [one for seed in range(4) for one in documents(matter, type_, seed)]
    path = workbook(tmp_path / "x.xlsx", layout(real, matter, found[0]["form"]), found)
    read_back = read(path, real)
    assert [one.document for one in read_back] == found
    assert [one.problems for one in read_back] == [()] * len(found)
    assert [one.source for one in read_back] == [f"x.xlsx!主表:{3 + place}" for place in range(len(found))]


def test_the_handmade_ones_come_back(real: Catalogue, tmp_path: Path) -> None:
    """Large applications with lists within lists are kept, too."""
    found = [by_path(one) for one in handmade()]
    path = workbook(tmp_path / "x.xlsx", layout(real, found[0]["matter"], found[0]["form"]), found)
    assert [one.document for one in read(path, real)] == found


def test_other_programs_may_save_it(real: Catalogue, tmp_path: Path) -> None:
    """Opened and saved elsewhere (texts in the shared table, columns and rows moved) it says the same."""
    found = documents("discharge-permit", "new", seed=3)
    path = workbook(tmp_path / "x.xlsx", layout(real, "discharge-permit", 1), found)
    book = openpyxl.load_workbook(path)
    for sheet in book.worksheets:
        if sheet.title in {"说明", "选项", "_meta"}:
            continue
        order = list(range(1, sheet.max_column + 1))
        random.Random(1).shuffle(order)
        lines = [[sheet.cell(row, column).value for column in order] for row in range(1, sheet.max_row + 1)]
        for row, line in enumerate(lines, 1):
            for column, value in enumerate(line, 1):
                sheet.cell(row, column).value = value
    book.move_sheet("材料", -4)
    book.save(path)
    assert [one.document for one in read(path, real)] == found


def test_codes_are_taken_for_words(real: Catalogue, tmp_path: Path) -> None:
    """A choice may be written by the form's word or by its code."""
    (found,) = documents("isotope-transfer")
    path = workbook(tmp_path / "x.xlsx", layout(real, "isotope-transfer", 1), [found])
    book = openpyxl.load_workbook(path)
    sheet = book["主表"]
    (kind,) = (one for one in sheet[3] if sheet.cell(2, one.column).value == "/data/applicant/kind")
    assert kind.value != found["data"]["applicant"]["kind"]
    kind.value = found["data"]["applicant"]["kind"]
    book.save(path)
    assert read(path, real)[0].document == found


def test_an_empty_template_says_how(real: Catalogue, tmp_path: Path) -> None:
    """A template is text through and through, has drop-downs, hints, and refuses to be taken for an application."""
    for matter in real.matters():
        path = tmp_path / f"{matter.name}.xlsx"
        with path.open("wb") as out:
            write_template(out, layout(real, matter.name, matter.form), type_=matter.types[0].id)
        book = openpyxl.load_workbook(path)
        sheet = book["主表"]
        assert {one.number_format for one in sheet.column_dimensions.values()} == {"@"}
        assert sheet.row_dimensions[2].hidden
        assert len(sheet.data_validations.dataValidation) > 3
        assert any(one.comment for one in sheet[1])
        (only,) = read(path, real)
        assert (only.document, only.problems[0].code) == (None, "empty")


def test_the_type_of_the_template_holds_where_a_row_names_none(real: Catalogue, tmp_path: Path) -> None:
    """A template made for a type gives it; one made for none leaves it out, and the form asks for it."""
    (found,) = documents("waste-source-filing", "store")
    typeless = {name: one for name, one in found.items() if name != "type"}
    path = workbook(tmp_path / "x.xlsx", layout(real, "waste-source-filing", 1), [typeless])
    assert "type" not in (read(path, real)[0].document or {})
    assert read(path, real, type_="store")[0].document == found


def test_csv_says_the_same(real: Catalogue, tmp_path: Path) -> None:
    """A document fits one line of CSV, whatever its lists: their rows are columns with positions."""
    (found,) = documents("isotope-transfer", seed=9)
    made = layout(real, "isotope-transfer", 1)
    with (tmp_path / "t.csv").open("wb") as out:
        write_csv_template(out, made)
    with (tmp_path / "t.csv").open(encoding="utf-8-sig", newline="") as file:
        titles, names = csv.reader(file)
    assert titles[0] == "申请类型 *"
    assert {"/data/contacts/0/name", "/data/items/0/nuclide", "/materials/0/path"} <= set(names)
    flat = flatten(found)
    path = tmp_path / "x.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([list(flat), list(flat.values())])
    assert [one.document for one in read(path, real, matter="isotope-transfer")] == [found]


def flatten(document: Mapping[str, Any]) -> dict[str, str]:
    """A document as columns of CSV."""
    made: dict[str, str] = {}

    def walk(value: Any, at: str) -> None:
        if isinstance(value, dict):
            for name, part in value.items():
                walk(part, f"{at}/{name}")
        elif isinstance(value, list) and at == "/data/site/area_flags":
            made[at] = "\n".join(value) or NONE
        elif isinstance(value, list):
            for place, part in enumerate(value):
                walk(part, f"{at}/{place}")
        else:
            made[at] = {True: "是", False: "否"}.get(value, value) if isinstance(value, bool) else str(value)

    walk({name: one for name, one in document.items() if name not in {"matter", "form"}}, "")
    return made


def test_nothing_is_cut_or_left_out_in_silence(real: Catalogue, tmp_path: Path) -> None:
    """A text that no cell can hold, and a file that has no path, are not written at all."""
    (found,) = documents("isotope-transfer")
    made = layout(real, "isotope-transfer", 1)
    found["data"]["applicant"]["name"] = "x" * 32_768
    with pytest.raises(ValueError, match="fit a cell"):
        workbook(tmp_path / "x.xlsx", made, [found])
    found["materials"] = [{"code": "x", "name": "x", "content": "eA=="}]
    with pytest.raises(ValueError, match="path"):
        workbook(tmp_path / "x.xlsx", made, [found])


def test_progress_is_told(real: Catalogue, tmp_path: Path) -> None:
    """Every row of every sheet is counted once."""
    found = documents("isotope-transfer", count=3)
    path = workbook(tmp_path / "x.xlsx", layout(real, "isotope-transfer", 1), found)
    told: list[int] = []
    with tables(path, "x", real, progress=told.append):
        pass
    lists = sum(len(one["data"]["contacts"]) + len(one["data"]["items"]) + len(one["materials"]) for one in found)
    assert sum(told) == 3 + lists
