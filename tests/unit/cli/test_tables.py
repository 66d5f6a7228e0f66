"""Applications entered in bulk: template, submit, error file, mended and sent again."""

from __future__ import annotations

import base64
import json
import os
import pty
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from bridge.testing.samples import generate

Run = Callable[..., Any]

NAME, USCC = "/data/applicant/name", "/data/applicant/id_no"
MATTER = "isotope-transfer"


def column(sheet: Any, name: str) -> int:
    """The column of a machine name."""
    return next(one.column for one in sheet[2] if one.value == name)


@pytest.fixture
def filled(run: Run, tmp_path: Path) -> Path:
    """A template with five applications and their files, made and filled in as a person does."""
    assert run("init").code == 0
    assert run("template", MATTER, "-o", "in.xlsx").code == 0
    book = openpyxl.load_workbook(tmp_path / "in.xlsx")
    (tmp_path / "files").mkdir()
    for number, document in enumerate(generate(MATTER, seed=4, count=5), 1):
        fill(book, number, document, tmp_path)
    book.save(tmp_path / "in.xlsx")
    return tmp_path / "in.xlsx"


def fill(book: Any, number: int, document: dict[str, Any], folder: Path) -> None:
    """Type one application into the sheets."""
    lists = {"/data/contacts": document["data"]["contacts"], "/data/items": document["data"]["items"]}
    files = []
    for one in document["materials"]:
        path = folder / "files" / f"{number}-{one['code']}.pdf"
        path.write_bytes(base64.b64decode(one["content"]))
        files.append({"code": one["code"], "name": one["name"], "path": f"files/{path.name}"})
    lists["/materials"] = files
    for sheet in book.worksheets:
        key = (
            next((one.value for one in sheet[2] if str(one.value).startswith("#key:")), None) if sheet.max_row else None
        )
        if key is None:
            continue
        at = key.removeprefix("#key:")
        for row in lists.get(at, [document] if at == "" else []):
            line = []
            for head in sheet[2]:
                name = str(head.value).removeprefix(f"{at}/*") if at else str(head.value)
                line.append(str(number) if name.startswith("#key") else shown(row, name))
            sheet.append(line)


def shown(value: Any, pointer: str) -> str | None:
    """What is typed for a box: its code."""
    for step in pointer.split("/")[1:]:
        if not isinstance(value, dict) or step not in value:
            return None
        value = value[step]
    if isinstance(value, bool):
        return "是" if value else "否"
    return "\n".join(value) if isinstance(value, list) else str(value)


def test_the_whole_cycle(run: Run, filled: Path, tmp_path: Path) -> None:
    """Bad rows go to the error file with their reasons; mended and sent again they are stored, and nothing twice."""
    book = openpyxl.load_workbook(filled)
    sheet = book["主表"]
    bad = sheet.cell(4, column(sheet, USCC))
    bad.value, bad.number_format = 911201050000100000, "0"
    sheet.cell(6, column(sheet, NAME)).value = None
    book.save(filled)

    first = run("submit", "in.xlsx", "--errors", "bad.xlsx", "--json")
    assert first.code == 3
    assert [one["source"] for one in first.json["accepted"]] == [f"in.xlsx!主表:{row}" for row in (3, 5, 7)]
    assert [one["source"] for one in first.json["rejected"]] == [f"in.xlsx!主表:{row}" for row in (4, 6)]
    told = first.json["rejected"][0]["problems"]
    assert [(one["code"], one["cell"]) for one in told] == [("long_number", f"主表!{bad.coordinate}")]
    assert first.json["rejected"][1]["problems"][0]["cell"].startswith("主表!")

    errors = openpyxl.load_workbook(tmp_path / "bad.xlsx")
    main = errors["主表"]
    assert main.max_row == 4
    assert bad.coordinate in main["A3"].value
    cells = [main.cell(3, column(main, USCC)), main.cell(4, column(main, NAME))]
    assert [one.fill.fgColor.rgb for one in cells] == ["FFFFC7CE"] * 2
    keys = {errors["联系人"].cell(row, column(errors["联系人"], "#key:/data/contacts")).value for row in (3, 4, 5)}
    assert keys <= {"2", "4"}

    unmended = run("submit", "bad.xlsx", "--json")
    assert (unmended.code, len(unmended.json["rejected"])) == (1, 2)

    documents = list(generate(MATTER, seed=4, count=5))
    cells[0].value, cells[0].number_format = documents[1]["data"]["applicant"]["id_no"], "@"
    cells[1].value = documents[3]["data"]["applicant"]["name"]
    errors.save(tmp_path / "bad.xlsx")
    mended = run("submit", "bad.xlsx", "--json")
    assert (mended.code, [one["again"] for one in mended.json["accepted"]]) == (0, [False, False])

    again = run("submit", "in.xlsx", "bad.xlsx", "--json")
    assert [one["again"] for one in again.json["accepted"]] == [True] * 5
    assert len(again.json["rejected"]) == 2
    assert len({one["number"] for one in again.json["accepted"]}) == 5
    assert len(run("list", "--json").json) == 5


def test_the_same_without_references(run: Run, filled: Path) -> None:
    """Without references of the sender the same content is the same application."""
    book = openpyxl.load_workbook(filled)
    sheet = book["主表"]
    for row in range(3, 8):
        sheet.cell(row, column(sheet, "/reference")).value = None
    book.save(filled)
    assert run("submit", "in.xlsx", "--json").code == 0
    again = run("submit", "in.xlsx", "--json").json["accepted"]
    assert [one["again"] for one in again] == [True] * 5


def test_people_are_told_the_cell(run: Run, filled: Path) -> None:
    """On the screen a problem stands with the address of its cell."""
    book = openpyxl.load_workbook(filled)
    sheet = book["主表"]
    cell = sheet.cell(4, column(sheet, NAME))
    cell.value = "=A1"
    book.save(filled)
    said = run("submit", "in.xlsx", "--errors", "bad.xlsx")
    assert said.code == 3
    assert f"主表!{cell.coordinate}" in said.err
    assert "bad.xlsx" in said.err


def test_a_file_refused_as_a_whole_stores_nothing(run: Run, filled: Path, tmp_path: Path) -> None:
    """A merged cell in the last row keeps all out; no error file is made, others are taken."""
    book = openpyxl.load_workbook(filled)
    book["主表"].merge_cells("B6:B7")
    book.save(filled)
    (tmp_path / "good.jsonl").write_text(run("sample", MATTER, "--count", "1").out, encoding="utf-8")
    said = run("submit", "in.xlsx", "good.jsonl", "--errors", "bad.xlsx", "--json")
    assert (said.code, len(said.json["accepted"])) == (3, 1)
    assert said.json["rejected"][0]["problems"][0]["cell"] == "主表!B6:B7"
    assert not (tmp_path / "bad.xlsx").exists()


@pytest.mark.parametrize(
    "words",
    [
        ("submit", "in.xlsx", "--errors", "in.xlsx"),
        ("submit", "in.xlsx", "--errors", "bad.csv"),
        ("submit", "in.xlsx", "--errors", "files/bad.xlsx"),
        ("submit", "in.xlsx", "in.csv", "--errors", "bad.xlsx"),
        ("submit", "in.json", "--errors", "bad.xlsx"),
        ("template", MATTER, "-o", "in.json"),
        ("template", MATTER, "-o", "new.xlsx", "--type", "none"),
        ("template", MATTER, "-o", "new.csv", "--type", "transfer"),
    ],
)
@pytest.mark.usefixtures("filled")
def test_what_cannot_be_meant_is_refused_before_anything_is_done(
    words: tuple[str, ...], run: Run, tmp_path: Path
) -> None:
    """An error file that is there, of another kind, in another folder, or for several tables; wrong names and types."""
    for name in ("in.csv", "in.json"):
        (tmp_path / name).write_text("", encoding="utf-8")
    before = sorted(tmp_path.iterdir())
    assert run(*words).code == 2
    assert run("list", "--json").json == []
    assert sorted(tmp_path.iterdir()) == before


def test_a_template_is_never_overwritten(run: Run, filled: Path) -> None:
    """What was filled in stays."""
    data = filled.read_bytes()
    assert run("template", MATTER, "-o", "in.xlsx").code == 1
    assert filled.read_bytes() == data
    assert run("template", "nothing", "-o", "new.xlsx").code == 4


def test_an_old_workbook_is_told_how_to_become_new(run: Run, tmp_path: Path) -> None:
    """An .xls is refused with its cure, and CSV without a matter too."""
    run("init")
    (tmp_path / "old.xls").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 100)
    (tmp_path / "in.csv").write_text("/type\nnew\n", encoding="utf-8")
    said = run("submit", "old.xls", "in.csv", "--json")
    assert [one["problems"][0]["code"] for one in said.json["rejected"]] == ["old_workbook", "no_matter"]


def test_csv_goes_the_same_way(run: Run, tmp_path: Path) -> None:
    """A CSV file is entered with its matter named, and its error file is a workbook that can be sent again."""
    run("init")
    (tmp_path / "in.csv").write_text("/type,/data/applicant/name\ntransfer,=1+1\n", encoding="utf-8")
    said = run("submit", "in.csv", "--matter", MATTER, "--errors", "bad.xlsx", "--json")
    assert said.code == 1
    assert said.json["rejected"][0]["source"] == "in.csv!in:2"
    again = run("submit", "bad.xlsx", "--json").json["rejected"][0]
    assert again["source"] == "bad.xlsx!主表:3"
    first = said.json["rejected"][0]["problems"]
    assert [one["pointer"] for one in again["problems"]] == [one["pointer"] for one in first]
    assert openpyxl.load_workbook(tmp_path / "bad.xlsx")["主表"]["C3"].value == "=1+1"


@pytest.mark.usefixtures("filled")
def test_progress_is_for_terminals_only(tmp_path: Path) -> None:
    """Rows are counted before people's eyes, and not in a file."""
    words = [sys.executable, "-m", "bridge.cli", "submit", "in.xlsx", "--json"]
    environ = {**os.environ, "BRIDGE_DATA_DIR": str(tmp_path / "data"), "TERM": "xterm"}
    quiet = subprocess.run(words, cwd=tmp_path, env=environ, capture_output=True, check=True)
    assert quiet.stderr == b""
    assert len(json.loads(quiet.stdout)["accepted"]) == 5
    ours, theirs = pty.openpty()
    with subprocess.Popen(words, cwd=tmp_path, env=environ, stdout=subprocess.PIPE, stderr=theirs) as process:
        os.close(theirs)
        seen = b""
        while True:
            try:
                data = os.read(ours, 4096)
            except OSError:
                break
            if not data:
                break
            seen += data
        process.communicate()
    os.close(ours)
    assert "读取 (reading)".encode() in seen
    assert "录入 (entering)".encode() in seen
