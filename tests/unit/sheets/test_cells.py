"""Cells as people leave them: taken where nothing can have been lost, else refused with address and cure."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from bridge.catalogue.catalogue import Catalogue
from bridge.catalogue.text import Sourced
from bridge.errors import Problem
from bridge.sheets.layout import layout
from bridge.sheets.refused import RefusedFile

from .conftest import Typed, documents, read, workbook

USCC, ZIP, MOBILE = "/data/applicant/id_no", "/data/applicant/zip", "/data/applicant/legal_rep/phone"
ID_CARD, NAME, LON = "/data/applicant/legal_rep/id_no", "/data/applicant/name", "/data/site/lon"
DAY, PARK, AT = "/data/licence/from", "/data/site/park/in_park", "/data/consent/at"


def value(sourced: Sourced, pointer: str) -> Any:
    """A box of the document; None where it is not there."""
    found: Any = sourced.document
    for step in pointer.split("/")[1:]:
        found = found.get(step) if isinstance(found, dict) else None
    return found


def only(sourced: Sourced) -> Problem:
    """The one problem."""
    (found,) = sourced.problems
    return found


@pytest.mark.parametrize("number", [120105196704074123, 1.20105196704074e17, 1234567890123456])
@pytest.mark.parametrize("pattern", [ID_CARD, USCC, NAME])
def test_a_long_number_kept_as_a_number_is_refused(typed: Typed, pattern: str, number: float) -> None:
    """More digits than a spreadsheet keeps: refused at the cell, with the cure, and never with the digits."""
    cell = typed.cell(pattern)
    cell.value, cell.number_format = number, "0"
    problem = only(typed.saved())
    assert (problem.code, problem.pointer, problem.cell) == ("long_number", pattern, f"主表!{cell.coordinate}")
    assert "文本" in problem.remedy
    assert "Text" in problem.remedy_en
    assert "12" not in f"{problem}".replace(problem.cell or "", "")


@pytest.mark.parametrize(
    ("pattern", "number", "taken"),
    [
        (ZIP, 300402, "300402"),
        (ZIP, 30402, None),
        (MOBILE, 16704537214, "16704537214"),
        (LON, 117.77681, "117.77681"),
        (LON, 117.7, "117.7"),
        (NAME, 12, None),
        ("/data/site/seq", 4, None),
    ],
)
def test_a_number_is_taken_where_no_zero_can_be_lost(typed: Typed, pattern: str, number: float, taken: Any) -> None:
    """Digits of a fixed number, and decimals, pass; where a zero may have stood before them the cell is refused."""
    cell = typed.cell(pattern)
    cell.value, cell.number_format = number, "General"
    sourced = typed.saved()
    assert value(sourced, pattern) == taken
    if taken is None:
        assert (only(sourced).code, only(sourced).pointer) == ("number_cell", pattern)
    else:
        assert sourced.problems == ()


def test_dates_are_taken_from_date_cells(typed: Typed) -> None:
    """A day becomes ISO 8601, a time is Beijing's; a day with a time, or a date where none is wanted, is refused."""
    typed.cell(DAY).value = dt.date(2024, 2, 29)
    typed.cell(AT).value = dt.datetime(2026, 10, 29, 10, 30)  # noqa: DTZ001 - a sheet has no zone
    sourced = typed.saved()
    assert sourced.problems == ()
    assert (value(sourced, DAY), value(sourced, AT)) == ("2024-02-29", "2026-10-29T10:30:00+08:00")
    typed.cell(DAY).value = dt.datetime(2024, 2, 29, 8, 0)  # noqa: DTZ001 - the same
    typed.cell(NAME).value = dt.date(2024, 2, 29)
    assert {(one.pointer, one.code) for one in typed.saved().problems} == {(DAY, "date_cell"), (NAME, "date_cell")}


def test_days_are_counted_from_1904_where_the_workbook_says_so(typed: Typed) -> None:
    """Excel for Mac's old calendar gives the same day."""
    typed.book.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904
    typed.cell(DAY).value = dt.date(2024, 2, 29)
    assert value(typed.saved(), DAY) == "2024-02-29"


@pytest.mark.parametrize("serial", [0, 59, 60, -5, 3e6, 1e300])
def test_days_that_never_were_are_refused(typed: Typed, serial: float) -> None:
    """Before March 1900 Excel counts a day too many; beyond 9999 there is none."""
    cell = typed.cell(DAY)
    cell.value, cell.number_format = serial, "yyyy-mm-dd"
    assert only(typed.saved()).code == "date_cell"


@pytest.mark.parametrize("said", [True, "是", "true", 1])
def test_truth_is_said_in_several_ways(typed: Typed, said: Any) -> None:
    """A truth value, its word, or 1."""
    typed.cell(PARK).value = said
    assert value(typed.saved(), PARK) is True


@pytest.mark.parametrize(("said", "code"), [("yes", "yes_or_no"), (2, "number_cell")])
def test_what_is_no_truth_value_is_refused(typed: Typed, said: Any, code: str) -> None:
    """Nothing is taken for yes or no that does not say so."""
    typed.cell(PARK).value = said
    assert only(typed.saved()).code == code


@pytest.mark.parametrize(
    ("said", "form", "code"),
    [
        ("=A1", "@", "formula_cell"),
        ("=1+1", "General", "formula_cell"),
        ("#N/A", "General", "error_cell"),
        (True, "General", "bool_cell"),
        (0.5, "0%", "percent_cell"),
        (0.5, '0.0"%"', "number_cell"),
    ],
)
def test_what_is_no_plain_value_is_refused(typed: Typed, said: Any, form: str, code: str) -> None:
    """Formulas, errors, truth values and percentages in a box for text: each with its cure."""
    cell = typed.cell(NAME)
    cell.value, cell.number_format = said, form
    problem = only(typed.saved())
    assert (problem.code, problem.cell) == (code, f"主表!{cell.coordinate}")
    assert problem.remedy
    assert problem.remedy_en


def test_what_looks_like_a_formula_is_content(typed: Typed) -> None:
    """A text that begins as a formula does is a text, on the way in as on the way out."""
    for text in ("=1+1", "+8612", "-x", "@sum", "＝1"):
        cell = typed.cell(NAME)
        cell.value, cell.data_type = text, "s"
        assert value(typed.saved(), NAME) == text


def test_space_alone_is_nothing(typed: Typed) -> None:
    """A cell that looks empty is; space around a text is left for the form to refuse, as in JSON."""
    typed.cell("/data/applicant/principal/name").value = " 　"
    typed.cell(NAME).value = "天津甲公司 "
    sourced = typed.saved()
    assert sourced.problems == ()
    assert value(sourced, "/data/applicant/principal") is None
    assert value(sourced, NAME) == "天津甲公司 "


def test_merged_cells_are_refused(typed: Typed) -> None:
    """What several rows seem to share only the first has; a merged title does no harm."""
    typed.book["主表"].merge_cells("A1:B1")
    assert typed.saved().document is not None
    typed.book["主表"].merge_cells("C3:C4")
    with pytest.raises(RefusedFile) as refused:
        typed.saved()
    assert (refused.value.problem.code, refused.value.problem.cell) == ("merged_cells", "主表!C3:C4")


def test_rows_are_joined_by_number(real: Catalogue, tmp_path: Path) -> None:
    """A row of nobody, an application without a number, and a number of two are told where they are."""
    found = documents("isotope-transfer", count=3)
    path = workbook(tmp_path / "x.xlsx", layout(real, "isotope-transfer", 1), found)
    book = openpyxl.load_workbook(path)
    book["联系人"].append(["9", "主要负责人", "某某"])
    book["主表"]["A4"] = "3"
    book["主表"]["A3"] = None
    book.save(path)
    first, second, third, *strays = read(path, real)
    assert [(one.code, one.cell) for one in first.problems] == [("required", "主表!A3")]
    assert [(one.code, one.cell) for one in second.problems] == [("key_twice", "主表!A4")]
    assert [(one.code, one.cell) for one in third.problems] == [("key_twice", "主表!A5")]
    assert {one.document for one in strays} == {None}
    assert {one.problems[0].code for one in strays} == {"no_such_key"}
    row = book["联系人"].max_row
    assert f"x.xlsx!联系人:{row}" in {one.source for one in strays}


def test_rows_within_rows_are_joined_by_number(real: Catalogue, tmp_path: Path) -> None:
    """A row that refers to no row above it, or to one of two, is told."""
    found = documents("radiation-licence")
    path = workbook(tmp_path / "x.xlsx", layout(real, "radiation-licence", found[0]["form"]), found)
    book = openpyxl.load_workbook(path)
    (below,) = (one for one in book.worksheets if one.cell(2, 2).value == "#parent" and one.max_row > 2)
    below["B3"] = "99"
    book.save(path)
    (problem,) = read(path, real)[0].problems
    assert (problem.code, problem.cell) == ("no_such_row", f"{below.title}!B3")


def test_each_place_has_its_cell(typed: Typed) -> None:
    """A box, a group, a row, a list and a file are found where they stand."""
    sourced = typed.saved()
    assert sourced.locate is not None
    names = [one.value for one in typed.book["主表"][2]]
    where = openpyxl.utils.get_column_letter(names.index(NAME) + 1)
    assert sourced.locate(NAME) == f"主表!{where}3"
    assert sourced.locate("/data/contacts/1/mobile").startswith("联系人!")
    assert sourced.locate("/data/contacts/1/mobile").endswith("4")
    assert sourced.locate("/data/site/area_flags/0").startswith("主表!")
    assert sourced.locate("/materials/0/path") == "材料!D3"
    assert sourced.locate("/materials/0") == "材料!B3"
    assert sourced.locate("") == sourced.locate("/materials") == "主表!A3"
    assert sourced.locate("/data/applicant").startswith("主表!D")
