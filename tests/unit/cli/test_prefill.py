from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from bridge.catalogue.catalogue import Catalogue
from bridge.model.pointer import resolve

Run = Callable[..., Any]
"""Runs a command by its words; gives `code`, `out`, `err` and `json`."""

CODE = "91120101M0007HY34F"
NEVER = {"consent", "authorization", "counterpart", "delivery", "change", "items", "permit", "transfer"}


@pytest.fixture
def enter(run: Run, tmp_path: Path) -> Callable[..., dict[str, Any]]:
    """Enter a sample of a matter for one and the same company, changed as told; the document."""
    run("init")

    def once(matter: str, seed: int = 1, **changes: Any) -> dict[str, Any]:
        document: dict[str, Any] = json.loads(run("sample", matter, "--seed", str(seed)).out)
        document["data"]["applicant"]["id_no"] = CODE
        for place, value in changes.items():
            *above, last = place.split("__")
            node = document["data"]
            for name in above:
                node = node[name]
            node[last] = value
        (tmp_path / "in.json").write_text(json.dumps(document), encoding="utf-8")
        said = run("submit", "in.json", "--json")
        assert said.code == 0, said.out + said.err
        return {**document, "number": said.json["accepted"][0]["number"]}

    return once


def lookers(tmp_path: Path) -> list[str]:
    """Who looked, by the ledger."""
    with closing(sqlite3.connect(tmp_path / "data/bridge.db")) as database:
        rows = database.execute("select bytes from ledger_events where act = 'prefill_shown' order by position")
        return [json.loads(row)["actor"] for (row,) in rows]


@pytest.mark.parametrize("matter", ["isotope-transfer", "discharge-permit", "waste-source-filing"])
def test_the_newest_is_offered_with_its_source(run: Run, enter: Callable[..., Any], matter: str) -> None:
    """Each box is what was told last, with number, matter and date; what was told before is listed beside it."""
    old = enter("discharge-permit")
    new = enter("radiation-licence", applicant__name="示例更名有限公司")
    found = run("prefill", matter, "--uscc", CODE, "--json").json
    form = Catalogue(Path(__file__).parents[3] / "schemas").form(matter, found["form"])
    assert found["data"]["applicant"]["name"] == "示例更名有限公司"
    assert {one["number"] for one in found["from"]} <= {new["number"], old["number"]}
    for one in found["from"]:
        source = new if one["number"] == new["number"] else old
        assert resolve(found, one["pointer"]) == resolve(source, one["pointer"])
        assert one["matter"] == source["matter"]
        assert one["label"]
        assert one["by"] == "applicant"
        assert one["at"]
    assert {problem.code for problem in form.problems(found["data"])} <= {"required"}
    assert not NEVER & set(found["data"])
    other = {one["pointer"]: one["value"] for one in found["others"]}
    assert other["/data/applicant/name"] == old["data"]["applicant"]["name"]
    assert other["/data/contacts"] == old["data"]["contacts"]


def test_a_part_is_never_mixed(run: Run, enter: Callable[..., Any]) -> None:
    """A person's name and number, or a site's address and place, come from one application, never from two."""
    first, second = enter("radiation-licence"), enter("radiation-licence", seed=7)
    data = run("prefill", "isotope-transfer", "--uscc", CODE, "--json").json["data"]
    for part in ("site", "contacts"):
        assert data[part] == second["data"][part] != first["data"][part]
    assert data["applicant"]["legal_rep"] == second["data"]["applicant"]["legal_rep"]


def test_a_site_is_told_apart(run: Run, enter: Callable[..., Any]) -> None:
    """With `--site`, the site is the one that was asked for, however it was written, or none."""
    first = enter("radiation-licence", site__seq="005")
    enter("radiation-licence", seed=7, site__seq="006")
    for written in ("5", "005"):
        data = run("prefill", "isotope-transfer", "--uscc", CODE, "--site", written, "--json").json["data"]
        assert data["site"] == first["data"]["site"]
    assert "site" not in run("prefill", "isotope-transfer", "--uscc", CODE, "--site", "9", "--json").json["data"]
    assert run("prefill", "isotope-transfer", "--uscc", CODE, "--site", "x").code == 2


def test_a_licence_is_offered_where_its_kind_is_asked_for(run: Run, enter: Callable[..., Any]) -> None:
    """The radiation permit told with a transfer is offered to a filing, and never to a discharge permit."""
    told = enter("isotope-transfer")["data"]["licence"]
    assert run("prefill", "waste-source-filing", "--uscc", CODE, "--json").json["data"]["licence"] == told
    data = run("prefill", "discharge-permit", "--uscc", CODE, "--json").json["data"]
    assert "current_licence" not in data


def test_a_correction_is_what_counts(run: Run, enter: Callable[..., Any], tmp_path: Path) -> None:
    """Offered is the latest revision, not what was corrected."""
    document = enter("radiation-licence")
    number = document.pop("number")
    document["data"]["applicant"]["registered_address"] = "天津市南开区更正路九十九号"
    (tmp_path / "in.json").write_text(json.dumps(document), encoding="utf-8")
    assert run("amend", number, "in.json", "--reason", "地址有误").code == 0
    found = run("prefill", "isotope-transfer", "--uscc", CODE, "--json").json
    assert found["data"]["applicant"]["registered_address"] == "天津市南开区更正路九十九号"
    assert found["others"] == []


def test_looking_is_an_act(run: Run, enter: Callable[..., Any], tmp_path: Path) -> None:
    """One event per use, with who looked; none where there was nothing to see; the ledger holds no personal value."""
    enter("radiation-licence")
    run("prefill", "isotope-transfer", "--uscc", CODE, "--json", "--actor", "窗口一号")
    run("prefill", "isotope-transfer", "--uscc", CODE.lower(), "--actor", "窗口二号")
    assert run("prefill", "isotope-transfer", "--uscc", "911201160000000000").code == 4
    assert run("prefill", "nope", "--uscc", CODE).code == 4
    assert lookers(tmp_path) == ["窗口一号", "窗口二号"]
    assert CODE.encode() not in (tmp_path / "data/bridge.db").read_bytes()


def test_a_wrong_code_is_not_repeated(run: Run, enter: Callable[..., Any]) -> None:
    """Exit 2, and what was typed is not said: it may be a person's number."""
    del enter
    said = run("prefill", "isotope-transfer", "--uscc", "12010119950122937")
    assert said.code == 2
    assert "12010119950122937" not in said.err
