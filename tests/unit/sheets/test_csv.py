"""CSV as programs save it: three encodings are read, the others refused clearly, and content stays content."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bridge.catalogue.catalogue import Catalogue
from bridge.sheets import csvtext
from bridge.sheets.refused import RefusedFile

from .conftest import read

NAMES = "申请人名称,场所地址,证件号码\n/data/applicant/name,/data/site/address,/data/applicant/legal_rep/id_no\n"
LINE = "天津市河北区水务科技有限公司,天津市河北区铁东路三百六十八号院东侧,120105196704074123\n"


@pytest.fixture
def take(real: Catalogue, tmp_path: Path) -> Callable[[bytes], Any]:
    """What is read from these bytes."""

    def once(data: bytes) -> Any:
        path = tmp_path / "x.csv"
        path.write_bytes(data)
        return read(path, real, matter="isotope-transfer")

    return once


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_three_encodings_are_read(encoding: str, end: str, take: Callable[[bytes], Any]) -> None:
    """UTF-8 with and without its mark, and GB18030, to the same document."""
    (only,) = take((NAMES + LINE).replace("\n", end).encode(encoding))
    assert only.problems == ()
    assert only.document["data"]["applicant"]["name"] == "天津市河北区水务科技有限公司"
    assert only.document["data"]["applicant"]["legal_rep"]["id_no"] == "120105196704074123"
    assert only.source == "x.csv!x:3"
    assert only.locate("/data/site/address") == "x!B3"


def test_a_rare_name_in_gb18030_is_read(take: Callable[[bytes], Any]) -> None:
    """A character past the set of 1980 does not make a text garbage."""
    (only,) = take((NAMES + LINE.replace("水务", "㛃𠮷")).encode("gb18030"))
    assert only.document["data"]["applicant"]["name"] == "天津市河北区㛃𠮷科技有限公司"


@pytest.mark.parametrize(
    "data",
    [
        (NAMES + LINE).encode("utf-16"),
        (NAMES + LINE).encode("utf-16-le"),
        (NAMES + LINE).encode("utf-16-be"),
        (NAMES + "天津市河北區鐵東路,汙水處理及其再生利用有限公司,1\n").encode("big5", "ignore"),
        (NAMES + LINE).encode("utf-8")[:-3] + b"\xff\xff\n",
        b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR",
        b"PK\x03\x04\x14\0\0\0",
        (NAMES + LINE).encode() + "水务".encode("gb18030"),
    ],
)
def test_other_encodings_are_refused(data: bytes, take: Callable[[bytes], Any]) -> None:
    """UTF-16, Big5, binary and mixed files: no guessing, and the cure."""
    with pytest.raises(RefusedFile) as why:
        take(data)
    assert why.value.problem.code == "encoding"
    assert "UTF-8" in why.value.problem.remedy


def test_quotes_hold_commas_and_line_ends(take: Callable[[bytes], Any]) -> None:
    """Fields with commas, quotes and line ends; the row is named by its first line."""
    line = '"甲,""乙""\r\n丙",=1+1,\'x\r\n,,\r\n丁,@x,+1\r\n'
    first, second = take((NAMES.replace("\n", "\r\n") + line).encode())
    assert first.document["data"]["applicant"]["name"] == '甲,"乙"\n丙'
    assert first.document["data"]["site"]["address"] == "=1+1"
    assert first.document["data"]["applicant"]["legal_rep"]["id_no"] == "'x"
    assert (first.source, second.source) == ("x.csv!x:3", "x.csv!x:6")


@pytest.mark.parametrize("long", ["1.20105E+17", "1.20105196704074E+17", "1E+17"])
def test_a_long_number_that_the_spreadsheet_rewrote_is_refused(long: str, take: Callable[[bytes], Any]) -> None:
    """An exponent where digits are wanted: refused at the cell with its cure."""
    (only,) = take((NAMES + LINE.replace("120105196704074123", long)).encode())
    (problem,) = only.problems
    assert (problem.code, problem.cell) == ("long_number", "x!C3")


@pytest.mark.parametrize("data", [NAMES + '"open,1,2\n', NAMES + '"a"b,1,2\n', NAMES + "x" * 40_000 + ",1,2\n"])
def test_broken_csv_is_refused(data: str, take: Callable[[bytes], Any]) -> None:
    """Quotes that do not pair and endless fields."""
    with pytest.raises(RefusedFile) as why:
        take(data.encode())
    assert why.value.problem.code == "broken_csv"


@pytest.mark.parametrize(
    ("data", "code"),
    [
        ("名称,地址\n甲,乙\n", "no_machine_names"),
        ("/data/applicant/name,/data/nothing\n甲,乙\n", "bad_column"),
        ("/data/applicant/name,/data/applicant/name\n甲,乙\n", "bad_column"),
        ("/data/applicant/name\n甲,乙\n", "unknown_column"),
    ],
)
def test_columns_are_known_by_their_machine_names(data: str, code: str, take: Callable[[bytes], Any]) -> None:
    """Titles alone are not enough, and nothing in a column without a name is dropped in silence."""
    with pytest.raises(RefusedFile) as why:
        take(data.encode())
    assert why.value.problem.code in {code, "no_main_sheet"}


def test_a_gap_in_a_list_is_told(take: Callable[[bytes], Any]) -> None:
    """An empty item before one that is not."""
    (only,) = take(b"/data/contacts/0/name,/data/contacts/1/name,/data/contacts/2/name\na,,c\n")
    assert [one.code for one in only.problems] == ["gap"]


def test_an_empty_file_says_so(take: Callable[[bytes], Any]) -> None:
    """A header alone is no application; nothing at all has no header."""
    (only,) = take(NAMES.encode())
    assert only.problems[0].code == "empty"
    with pytest.raises(RefusedFile):
        take(b"")


@pytest.mark.parametrize(("limit", "few"), [("MAX_ROWS", 2), ("MAX_COLUMNS", 2), ("MAX_BYTES", 50)])
def test_every_limit_ends_the_reading(
    limit: str, few: int, take: Callable[[bytes], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rows, columns and bytes past a limit are refused as such."""
    monkeypatch.setattr(csvtext, limit, few)
    with pytest.raises(RefusedFile) as why:
        take((NAMES + LINE).encode())
    assert why.value.problem.code == "too_large"
