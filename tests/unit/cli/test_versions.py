"""Versions of mappings, with real deliveries in a real database: a target is planted that has two versions of one."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from bridge import wiring
from bridge.engine import rehearsal
from bridge.registry import available

Run = Callable[..., Any]
"""Runs a command by its words; gives `code`, `out`, `err` and `json`."""

ROOT = Path(__file__).parents[3]
NAME = "planted/radiation-licence/apply"

TABLES = '''
"""Two versions of one mapping."""

from bridge.kit.mapping.compiled import CompiledMapping
from bridge.kit.mapping.converters import codes, number
from bridge.kit.mapping.table import Each, Row, Table
from bridge.model.delivery import Kind

SAME = (Row("number", "/facts/number"), Row("kind", "/data/applicant/kind"))
ROWS = {
    1: (
        *SAME,
        Row("applicant.name", "/data/applicant/name"),
        Row("zip", "/data/applicant/zip"),
        Row("industry", "/data/applicant/industry_code"),
        Each("contacts", "/data/contacts", (Row("name", "./name"),)),
    ),
    2: (
        *SAME,
        Row("applicant.name", "/data/site/name"),
        Row("zip", "/data/applicant/zip", number()),
        Row("seat", "/data/applicant/registered_address"),
        Each("contacts", "/data/contacts", (Row("name", "./name"), Row("mobile", "./mobile"))),
    ),
    3: (*SAME, Row("industry", "/data/applicant/industry_code", codes({"Z0000": "1"}))),
    4: (*SAME, Row("licence", "/facts/licence_number", required=True)),
}
MADE = {
    ("radiation-licence", Kind.APPLY, version): CompiledMapping(
        Table(
            matter="radiation-licence",
            kind=Kind.APPLY,
            version=version,
            target_schema="planted-v1",
            length_unit="characters",
            rows=rows,
            needs=frozenset({"licence_number"}) if version == 4 else frozenset(),
        ),
        {"type": "object"},
    )
    for version, rows in ROWS.items()
}
'''


class Planted:
    """The planted target's folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        shutil.copytree(ROOT / "adapters/demo", folder, ignore=shutil.ignore_patterns("__pycache__"))
        (folder / "mapping.py").write_text(TABLES, encoding="utf-8")
        for name in ("__init__.py", "adapter.py"):
            text = (folder / name).read_text(encoding="utf-8")
            text = text.replace("adapters.demo", "plugged.planted").replace("import Verbatim", "import MADE")
            text = text.replace(
                "Verbatim() if version in (None, Verbatim.version) else None",
                "chosen(MADE, self.manifest, matter, kind, version)",
            ).replace("from bridge.clock", "from bridge.kit.mapping.versions import chosen\nfrom bridge.clock")
            (folder / name).write_text(text, encoding="utf-8")
        self.switch(1)

    def switch(self, version: int | None) -> None:
        """Name a version in force; None: the newest that is no draft, 3 and 4 being drafts."""
        text = (ROOT / "adapters/demo/manifest.toml").read_text(encoding="utf-8").replace('"demo"', '"planted"')
        text += f"\n[versions]\ndrafts = {json.dumps([f'radiation-licence/apply@{one}' for one in (3, 4)])}\n"
        if version is not None:
            text += f'[versions.in_force]\n"radiation-licence/apply" = {version}\n'
        (self._folder / "manifest.toml").write_text(text, encoding="utf-8")


@pytest.fixture
def planted(tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> Planted:
    """The target, in the route of radiation-licence, with version 1 in force; an initialised installation."""
    made = Planted(tmp_path / "plugged/planted")
    (tmp_path / "plugged/__init__.py").touch()
    shutil.copytree(ROOT / "schemas", tmp_path / "schemas")
    matter = tmp_path / "schemas/matters/radiation-licence/matter.toml"
    text = matter.read_text(encoding="utf-8").replace("[[route]]", '[[route]]\ntarget = "planted"\n\n[[route]]', 1)
    matter.write_text(text, encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(wiring, "available", lambda: {**available(), **available(tmp_path / "plugged")})
    monkeypatch.setenv("BRIDGE_SCHEMAS_DIR", str(tmp_path / "schemas"))
    monkeypatch.setenv("BRIDGE_TARGETS__PLANTED__MODE", "write")
    assert run("init").code == 0
    return made


def enter(run: Run, tmp_path: Path, count: int = 1, seed: int = 1) -> list[dict[str, Any]]:
    """Enter samples; the documents, each with its number."""
    text = run("sample", "radiation-licence", "--count", str(count), "--seed", str(seed)).out
    (tmp_path / "in.jsonl").write_text(text, encoding="utf-8")
    said = run("submit", "in.jsonl", "--json")
    assert said.code == 0, said.out + said.err
    documents = [json.loads(line) for line in text.splitlines()]
    return [{**one, **told} for one, told in zip(documents, said.json["accepted"], strict=True)]


def rows(tmp_path: Path, question: str) -> list[tuple[Any, ...]]:
    """What the database holds."""
    with closing(sqlite3.connect(tmp_path / "data/bridge.db")) as database:
        found: list[tuple[Any, ...]] = database.execute(question).fetchall()
    return found


def drain_until_parked(run: Run, tmp_path: Path, count: int) -> None:
    """Go on until so many deliveries to the planted target wait for a person: a busy machine takes its time."""
    parked = "select count(*) from deliveries where target = 'planted' and state = 'parked'"
    for _ in range(12):
        run("drain", "--for", "5")
        if rows(tmp_path, parked) == [(count,)]:
            return
    raise AssertionError(rows(tmp_path, "select target, state, reason from deliveries"))


@pytest.mark.parametrize(("named", "made_with"), [(1, 1), (2, 2), (None, 2)])
def test_the_version_in_force_is_data(
    run: Run, planted: Planted, tmp_path: Path, named: int | None, made_with: int
) -> None:
    """A new version may lie in the folder before it is switched on; what is made keeps the version it was made with."""
    planted.switch(named)
    enter(run, tmp_path)
    run("drain")
    found = rows(tmp_path, "select mapping_version, state from deliveries where target = 'planted'")
    assert found == [(made_with, "delivered")]


def test_what_one_version_made_is_traced_by_it(
    run: Run, planted: Planted, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Version 2 is switched on between two attempts: the payload stays, and a refusal of it means version 1's box."""
    (old,) = enter(run, tmp_path)
    monkeypatch.setenv("BRIDGE_TARGETS__PLANTED__BEHAVIOUR", "crashes")
    drain_until_parked(run, tmp_path, 1)
    payload = "select mapping_version, target_schema, p.* from deliveries join payloads p on delivery = id order by id"
    before = rows(tmp_path, payload)
    planted.switch(2)
    monkeypatch.setenv("BRIDGE_TARGETS__PLANTED__BEHAVIOUR", "refuses")
    (new,) = enter(run, tmp_path, seed=7)
    run("retry", "--target", "planted", "--all", "--reason", "mended")
    drain_until_parked(run, tmp_path, 2)
    assert rows(tmp_path, payload)[0] == before[0]
    boxes = {}
    for one in (old, new):
        told = run("status", one["number"], "--json").json["targets"]
        (problem,) = [target["problem"] for target in told if target["target"] == "planted"]
        boxes[one["number"]] = (problem["pointer"], problem["label"])
    assert boxes[old["number"]] == ("/data/applicant/name", "申请人 · 单位名称")
    assert boxes[new["number"]] == ("/data/site/name", "生产经营场所 · 场所名称")


def test_a_version_is_seen_before_it_is_switched_on(run: Run, planted: Planted, tmp_path: Path) -> None:
    """Each field that would change is named with counts and examples and without a value; nothing is stored."""
    del planted
    entered = enter(run, tmp_path, count=3)
    run("drain")
    state = "select id, state, mapping_version, changed_at from deliveries order by id"
    before = rows(tmp_path, state), rows(tmp_path, "select count(*) from ledger_events")
    said = run("mapping", "diff", f"{NAME}@1", "@2", "--json")
    assert said.code == 3
    found = {one["field"]: one for one in said.json["fields"]}
    assert set(found) == {"applicant.name", "zip", "seat", "industry", "contacts[].mobile"}
    counts = {path: (one["added"], one["removed"], one["changed"]) for path, one in found.items()}
    assert counts == {
        "applicant.name": (0, 0, 3),
        "zip": (0, 0, 3),
        "seat": (3, 0, 0),
        "industry": (0, 3, 0),
        "contacts[].mobile": (3, 0, 0),
    }
    assert found["zip"]["how"] == {"text→integer": 3}
    assert found["applicant.name"]["label"] == "生产经营场所 · 场所名称"
    assert found["industry"]["label"] == "申请人 · 行业类别代码"
    assert set(found["seat"]["examples"]) == {one["number"] for one in entered}
    text = run("mapping", "diff", f"{NAME}@1", "@2").out
    for one in entered:
        data = one["data"]
        for value in (data["applicant"]["name"], data["site"]["name"], data["contacts"][0]["mobile"]):
            assert value not in said.out + text
    assert (rows(tmp_path, state), rows(tmp_path, "select count(*) from ledger_events")) == before


def test_what_could_no_longer_be_written_is_named(run: Run, planted: Planted, tmp_path: Path) -> None:
    """Refused by the new version, by field and in the form's words; the other way round it is mended."""
    del planted
    numbers = {one["number"] for one in enter(run, tmp_path, count=2)}
    said = run("mapping", "diff", NAME, "@3", "--json")
    assert said.code == 3
    (refused,) = said.json["refused"]
    assert (refused["field"], refused["label"]) == ("industry", "申请人 · 行业类别代码")
    assert set(refused["numbers"]) == numbers
    back = run("mapping", "diff", f"{NAME}@3", f"{NAME}@1", "--json")
    assert (back.code, set(back.json["mended"])) == (3, numbers)
    waits = run("mapping", "diff", NAME, "@4", "--json")
    assert (waits.code, waits.json["needs"][0]["fact"], waits.json["replayed"]) == (3, "licence_number", 0)
    assert run("mapping", "diff", f"{NAME}@4", "@1", "--json").json["freed"][0]["fact"] == "licence_number"


def test_nothing_changes_is_zero(run: Run, planted: Planted, tmp_path: Path) -> None:
    """The same version: exit 0. What is not there: 4. What cannot be read or compared: 2."""
    del planted
    enter(run, tmp_path)
    assert run("mapping", "diff", NAME, f"{NAME}@1").code == 0
    for old, new in ((NAME, "@7"), ("nope/radiation-licence", "@1"), ("planted/nope", "@1")):
        assert run("mapping", "diff", old, new).code == 4
    for old, new in (("planted", "@1"), (NAME, "@x"), (f"{NAME}/x", "@1"), (NAME, "municipal/radiation-licence")):
        assert run("mapping", "diff", old, new).code == 2


def test_the_newest_are_replayed_page_by_page(
    run: Run, planted: Planted, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`--last` counts from the newest; whatever the page, no transaction reads more than one page."""
    del planted
    monkeypatch.setattr(rehearsal, "PAGE", 2)
    numbers = [one["number"] for one in enter(run, tmp_path, count=5)]
    found = run("mapping", "diff", NAME, "@3", "--last", "3", "--json").json
    assert (found["applications"], set(found["refused"][0]["numbers"])) == (3, set(numbers[2:]))
    assert run("mapping", "diff", NAME, "@3", "--json").json["applications"] == 5
