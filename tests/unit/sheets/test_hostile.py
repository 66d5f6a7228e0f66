"""Files that would harm, or mean something else than they seem to: refused early, in bounded memory, clearly."""

from __future__ import annotations

import time
import tracemalloc
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from bridge.catalogue.catalogue import Catalogue
from bridge.errors import NotFound
from bridge.sheets import package, workbook
from bridge.sheets import tables as front
from bridge.sheets.layout import layout
from bridge.sheets.refused import RefusedFile

from .conftest import documents, read
from .conftest import workbook as written

MAIN = "xmlns='http://schemas.openxmlformats.org/spreadsheetml/2006/main'"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
Parts = Mapping[str, bytes | str]


def zipped(path: Path, parts: Parts, method: int = zipfile.ZIP_DEFLATED) -> Path:
    """A zip of parts."""
    with zipfile.ZipFile(path, "w", method) as file:
        for name, data in parts.items():
            file.writestr(name, data)
    return path


def book(rows: str, *, before: str = "", shared: str | None = None, sheets: int = 1) -> dict[str, str]:
    """The smallest workbook with these rows in its main sheet."""
    related = "".join(
        f"<Relationship Id='r{one}' Type='{RELATIONS}/worksheet' Target='worksheets/sheet1.xml'/>"
        for one in range(sheets)
    )
    named = "".join(
        f"<sheet name='{'主表' if one == 0 else one}' sheetId='{one + 1}' r:id='r{one}'/>" for one in range(sheets)
    )
    texts = f"<Relationship Id='s' Type='{RELATIONS}/sharedStrings' Target='sharedStrings.xml'/>" if shared else ""
    package_ns = "xmlns='http://schemas.openxmlformats.org/package/2006/relationships'"
    parts = {
        "_rels/.rels": f"<Relationships {package_ns}><Relationship Id='b' Type='{RELATIONS}/officeDocument' "
        "Target='xl/workbook.xml'/></Relationships>",
        "xl/workbook.xml": f"<workbook {MAIN} xmlns:r='{RELATIONS}'><sheets>{named}</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": f"<Relationships {package_ns}>{related}{texts}</Relationships>",
        "xl/worksheets/sheet1.xml": f"{before}<worksheet {MAIN}><sheetData>{HEADER}{rows}</sheetData></worksheet>",
    }
    return parts | ({"xl/sharedStrings.xml": f"<sst {MAIN}>{shared}</sst>"} if shared else {})


def inline(reference: str, text: str) -> str:
    """A cell with its text in it."""
    return f"<c r='{reference}' t='inlineStr'><is><t>{text}</t></is></c>"


HEADER = f"<row r='2'>{inline('A2', '#key:')}{inline('B2', '/data/applicant/name')}</row>"


@pytest.fixture
def refused(real: Catalogue) -> Callable[[Path], str]:
    """Why a file is refused, quickly and in little memory."""

    def code(path: Path, matter: str | None = "isotope-transfer") -> str:
        begun = time.monotonic()
        tracemalloc.start()
        try:
            with pytest.raises(RefusedFile) as why:
                read(path, real, matter=matter)
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
        assert time.monotonic() - begun < 20
        assert peak < 30 << 20
        problem = why.value.problem
        assert all((problem.message, problem.message_en, problem.remedy, problem.remedy_en))
        return problem.code

    return code


def test_the_smallest_workbook_is_taken(real: Catalogue, tmp_path: Path) -> None:
    """The files of this test are refused for what is planted in them, not for being small."""
    path = zipped(tmp_path / "x.xlsx", book(f"<row r='3'>{inline('A3', '1')}{inline('B3', '甲')}</row>"))
    (only,) = read(path, real, matter="isotope-transfer")
    assert only.document is not None
    assert only.document["data"]["applicant"]["name"] == "甲"


@pytest.mark.parametrize(
    ("head", "code"),
    [
        (package.OLE + b"\0" * 500, "old_workbook"),
        (b"", "damaged_workbook"),
        (b"<html><table>", "damaged_workbook"),
        (b"PK\x03\x04 and no more", "damaged_workbook"),
        (b"a,b\n1,2\n", "damaged_workbook"),
    ],
)
def test_what_is_no_workbook_is_refused(head: bytes, code: str, refused: Callable[[Path], str], tmp_path: Path) -> None:
    """Old or locked workbooks, web pages and CSV by another name."""
    path = tmp_path / "x.xlsx"
    path.write_bytes(head)
    assert refused(path) == code


def test_bombs_do_not_go_off(refused: Callable[[Path], str], tmp_path: Path) -> None:
    """Too much unpacked, packed too tightly, or in too many parts: refused by the zip's own directory."""
    zeros = b"\0" * (package.RATIO_FROM + 1)
    assert refused(zipped(tmp_path / "a.xlsx", {"xl/a.xml": zeros})) == "zip_bomb"
    parts = {f"p{one}": b"" for one in range(package.MAX_PARTS + 1)}
    assert refused(zipped(tmp_path / "b.xlsx", parts)) == "too_large"


def test_more_than_is_taken_unpacked_is_refused(
    refused: Callable[[Path], str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Files on the disk and unpacked have their limits."""
    path = zipped(tmp_path / "a.xlsx", book(""))
    monkeypatch.setattr(package, "MAX_UNPACKED_BYTES", 100)
    assert refused(path) == "too_large"
    monkeypatch.setattr(package, "MAX_FILE_BYTES", 100)
    assert refused(path) == "too_large"


def test_a_million_empty_rows_are_nothing(real: Catalogue, tmp_path: Path) -> None:
    """A sheet with a last row far down, or a million rows without content, has no applications."""
    for place, rows in enumerate(("<row r='1048576'/>", "<row/>" * 1_000_000)):
        path = tmp_path / f"{place}.xlsx"
        (only,) = read(zipped(path, book(rows), zipfile.ZIP_STORED), real, matter="isotope-transfer")
        assert only.problems[0].code == "empty"


@pytest.mark.parametrize("limit", ["MAX_ROWS", "MAX_EMPTY_ROWS", "MAX_COLUMNS", "MAX_TEXT", "MAX_TEXTS", "MAX_SHEETS"])
def test_every_limit_ends_the_reading(
    limit: str, refused: Callable[[Path], str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rows, columns, texts and sheets past a limit are refused as such."""
    rows = "".join(
        f"<row r='{one}'>{inline(f'B{one}', 'x' * 30)}<c r='C{one}' t='s'><v>0</v></c></row>" for one in range(3, 9)
    )
    shared = "<si><t>text</t></si>" * 8
    path = zipped(tmp_path / "x.xlsx", book(rows, shared=shared, sheets=5))
    monkeypatch.setattr("bridge.sheets.workbook." + limit, {"MAX_COLUMNS": 2, "MAX_TEXT": 25}.get(limit, 4))
    assert refused(path) == "too_large"


def test_all_rows_together_have_a_limit(
    refused: Callable[[Path], str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Many sheets of many rows are too much, too."""
    monkeypatch.setattr(front, "MAX_ALL_ROWS", 4)
    rows = "".join(f"<row r='{one}'>{inline(f'B{one}', 'x')}</row>" for one in range(3, 9))
    assert refused(zipped(tmp_path / "x.xlsx", book(rows))) == "too_large"


@pytest.mark.parametrize(
    "doctype",
    [
        "<!DOCTYPE x>",
        "<!DOCTYPE x [<!ENTITY a 'b'>]>",
        "<!DOCTYPE x SYSTEM 'file:///etc/passwd'>",
        "<!DOCTYPE x [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;&a;&a;&a;&a;'>]>",
    ],
)
@pytest.mark.parametrize("part", ["xl/workbook.xml", "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", "_rels/.rels"])
def test_no_document_type_in_any_part(doctype: str, part: str, refused: Callable[[Path], str], tmp_path: Path) -> None:
    """An entity is never expanded, a file never fetched."""
    parts = book("", shared="<si><t>a</t></si>")
    parts[part] = doctype + parts[part]
    assert refused(zipped(tmp_path / "x.xlsx", parts)) == "doctype"


@pytest.mark.parametrize(
    ("name", "code"),
    [("xl/vbaProject.bin", "macro"), ("xl/externalLinks/externalLink1.xml", "external_link")],
)
def test_what_does_more_than_hold_values_is_refused(
    name: str, code: str, refused: Callable[[Path], str], tmp_path: Path
) -> None:
    """Macros, and links to other files or programs (DDE)."""
    assert refused(zipped(tmp_path / "x.xlsx", {**book(""), name: b"x"})) == code


@pytest.mark.parametrize(
    "rows",
    [
        "<row r='5'/><row r='4'/>",
        f"<row r='3'>{inline('B3', 'x')}{inline('A3', 'x')}</row>",
        f"<row r='3'>{inline('B3', 'x')}{inline('B3', 'x')}</row>",
        "<row r='3'><c r='B3' t='s'><v>7</v></c></row>",
        "<row r='3'><c r='B3' t='s'><v>x</v></c></row>",
        "<row r='3'><c r='3B'><v>1</v></c></row>",
        "<row r='3'><c r='B3'><v>1</c></row>",
        "<row r='3'><c r='B3'><v>\x01</v></c></row>",
        "<row r='3'>&undefined;</row>",
    ],
)
def test_a_broken_sheet_is_refused(rows: str, refused: Callable[[Path], str], tmp_path: Path) -> None:
    """Rows or cells out of order or twice, texts that are not there, XML that is none: no guessing."""
    parts = book(rows, shared="<si><t>a</t></si>")
    assert refused(zipped(tmp_path / "x.xlsx", parts)) == "damaged_workbook"


def test_a_part_that_does_not_hold_what_it_says_is_refused(refused: Callable[[Path], str], tmp_path: Path) -> None:
    """Missing parts, a broken stream, the same part twice."""
    whole = book("")
    for name in whole:
        parts = {one: data for one, data in whole.items() if one != name}
        assert refused(zipped(tmp_path / "x.xlsx", parts)) == "damaged_workbook"
    path = zipped(tmp_path / "x.xlsx", whole)
    data = bytearray(path.read_bytes())
    place = data.index(b"sheet1.xml") + 20
    data[place : place + 8] = b"\xff" * 8
    path.write_bytes(data)
    assert refused(path) == "damaged_workbook"
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("xl/workbook.xml", b"")
        file.writestr("xl/Workbook.xml", b"")
    assert refused(path) == "damaged_workbook"


def test_what_would_be_lost_is_refused(refused: Callable[[Path], str], tmp_path: Path) -> None:
    """Columns that nobody knows, doubled ones, ones without a name, and a sheet of ours without its names."""
    cell = inline("C3", "x")
    assert refused(zipped(tmp_path / "a.xlsx", book(f"<row r='3'>{cell}</row>"))) == "unknown_column"
    for name in ("/data/applicant/nome", "/data/applicant/name", "#key:", "/data/contacts/*/name"):
        parts = book("")
        sheet = parts["xl/worksheets/sheet1.xml"]
        parts["xl/worksheets/sheet1.xml"] = sheet.replace("</row>", inline("C2", name) + "</row>", 1)
        assert refused(zipped(tmp_path / "b.xlsx", parts)) == "bad_column", name
    parts = book("")
    parts["xl/worksheets/sheet1.xml"] = f"<worksheet {MAIN}><sheetData/></worksheet>"
    assert refused(zipped(tmp_path / "c.xlsx", parts)) == "no_machine_names"


def test_a_workbook_says_which_matter_it_is_for(real: Catalogue, refused: Callable[..., str], tmp_path: Path) -> None:
    """Without a matter, with another one, or with a template of another version it is refused."""
    path = zipped(tmp_path / "a.xlsx", book(""))
    assert refused(path, None) == "no_matter"
    made = layout(real, "isotope-transfer", 1)
    template = written(tmp_path / "b.xlsx", made, documents("isotope-transfer"))
    assert refused(template, "discharge-permit") == "other_matter"
    with zipfile.ZipFile(template) as file:
        parts = {name: file.read(name) for name in file.namelist()}
    for old, new in ((b"<t>isotope-transfer<", b"<t>nothing<"), (b"permit-bridge", b"other")):
        changed = {name: data.replace(old, new) for name, data in parts.items()}
        assert changed != parts
        assert refused(zipped(tmp_path / "c.xlsx", changed), None) == "unknown_template"


def test_an_unknown_matter_is_not_found(real: Catalogue, tmp_path: Path) -> None:
    """A matter that is named wrongly on the command line is the caller's slip, not the file's."""
    path = tmp_path / "x.csv"
    path.write_text("/type\nnew\n", encoding="utf-8")
    with pytest.raises(NotFound):
        read(path, real, matter="nothing")


def test_columns_are_counted_as_people_do() -> None:
    """Letters to numbers: A is the first, AA comes after Z."""
    assert [workbook._column(one) for one in ("A1", "Z9", "AA1", "XFD1048576")] == [0, 25, 26, 16383]
