"""The isotope matters at the three systems of their route: reviewed pairs of a source and what each is told of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema_rs
import orjson
import pytest

from adapters.municipal import mapping as municipal
from adapters.municipal.simulator.rules import rules_of
from adapters.national import mapping as national
from adapters.national.mapping.rows import Options
from adapters.radiation import mapping as radiation
from adapters.radiation.simulator.rules import Schema, check_business
from bridge.catalogue.catalogue import Catalogue
from bridge.errors import Refused
from bridge.kit.exchange.rules import Rules
from bridge.kit.mapping.compiled import CompiledMapping
from bridge.model.delivery import Kind
from bridge.model.ids import digest
from bridge.testing.samples import generate

MATTERS = ("isotope-transfer", "isotope-transfer-filing", "isotope-offsite-filing", "waste-source-filing")
PAIRS = sorted(one for one in (Path(__file__).parent / "golden").glob("*.json") if one.name.startswith(MATTERS))
CATALOGUE = Catalogue(Path("schemas"))
TYPES = [(matter, one.id) for matter in MATTERS for one in CATALOGUE.matter(matter).types]


def applied(target: str, matter: str) -> CompiledMapping:
    """The mapping of an application."""
    if target == "national":
        return national.mappings(Options(), Rules())[matter, Kind.APPLY, None]
    return {"municipal": municipal, "radiation": radiation}[target].mappings()[matter, Kind.APPLY, None]


def sources(matter: str, type_: str, count: int, seed: int = 7) -> Iterator[dict[str, Any]]:
    """Samples as the engine would hand them on once they are accepted or filed."""
    begun = "accepted" if matter == "isotope-transfer" else "filed"
    step = {"id": "s1", "state": begun, "at": "2026-11-23T10:00:00.000+08:00", "name": "办理", "result": "pass"}
    facts = {
        "id": "01963a5c-0000-7000-8000-000000000001",
        "number": "YCL2026112300000015",
        "case_number": "11120000MB1200001E4001016003001202611230001",
        "revision": 1,
        "matter": matter,
        "type": type_,
        "channel": "web",
        "title": "办件摘要",
        "submitted_at": "2026-11-23T09:30:00.000+08:00",
        "item": CATALOGUE.item("tj-120000", matter, type_, dt.date(2026, 11, 23)),
        "steps": [step],
        "states": {begun: step},
    }
    for document in generate(matter, type=type_, seed=seed, count=count):
        materials = [
            {"id": f"m-{one['code']}", "code": one["code"], "name": one["name"], "digest": digest(b""), "size": 0}
            for one in document["materials"]
        ]
        yield {"data": document["data"], "materials": materials, "facts": facts}


@pytest.mark.parametrize("pair", PAIRS, ids=lambda path: path.stem)
@pytest.mark.parametrize("target", ["municipal", "radiation", "national"])
def test_golden(pair, target):
    """Each system is told exactly what was reviewed; the pairs cover each matter and type."""
    told = orjson.loads(pair.read_bytes())
    matter = told["source"]["facts"]["matter"]
    assert applied(target, matter).write(told["source"]) == told[target]


def test_a_pair_for_each_type():
    """No matter and type is without its pair."""
    facts = [orjson.loads(pair.read_bytes())["source"]["facts"] for pair in PAIRS]
    assert sorted((one["matter"], one["type"]) for one in facts) == sorted(TYPES)


@pytest.mark.parametrize(("matter", "type_"), TYPES)
def test_samples_are_taken_by_all_three(matter, type_):
    """Pre-flight finds nothing, the schemas take it, and the simulators' own rules find nothing either."""
    checks = {
        "radiation": Schema(radiation.schema(f"{matter}-v1")),
        "municipal": jsonschema_rs.validator_for(dict(municipal.schema(f"{matter}-v1"))),
    }
    for source in sources(matter, type_, 60):
        written = {}
        for target in ("municipal", "radiation", "national"):
            mapping = applied(target, matter)
            assert (list(mapping.missing(source)), list(mapping.preflight(source))) == ([], []), target
            written[target] = mapping.write(source)
        assert checks["radiation"].check(written["radiation"]) == []
        assert check_business(written["radiation"]) == []
        assert checks["municipal"].is_valid(written["municipal"])
        rules_of(written["municipal"]["receive"]["matterCode"]).check("receive", written["municipal"]["receive"])


def test_national_hears_of_a_filing_once_it_is_filed():
    """Before that it waits; then it gets accept row and result row together, without a licence number."""
    source = next(sources("waste-source-filing", "store", 1))
    mapping = applied("national", "waste-source-filing")
    filed = source["facts"].pop("states")
    assert list(mapping.missing(source)) == ["filed"]
    written = mapping.write({**source, "facts": {**source["facts"], "states": filed}})
    assert written["accept"]["accept_date"] == written["result"]["result_date"] == "2026-11-23 10:00:00"
    assert written["result"]["result_type"] == "0"
    assert "result_cetr_no" not in written["result"]


def test_category_one_has_a_type_of_its_own():
    """TARGETS 8.4: one source of Ⅰ类 among them is enough, and the system holds it to that."""
    source = next(sources("isotope-transfer-filing", "in", 1))
    source["data"]["items"][0]["category"] = "1"
    written = applied("radiation", "isotope-transfer-filing").write(source)
    assert written["businessType"] == "NUCLIDE_CAT_I_TRANSFER_RECORD"
    assert check_business(written) == []
    written["businessType"] = "NUCLIDE_TRANSFER_RECORD"
    assert [one.path for one in check_business(written)] == ["businessType"]


def test_the_own_side_stands_in_the_company_fields():
    """Of a 转让备案 only the other side is told as in… or out…; both would be refused."""
    source = next(sources("isotope-transfer-filing", "out", 1))
    written = applied("radiation", "isotope-transfer-filing").write(source)
    assert written["inCompanyName"] == source["data"]["counterpart"]["name"]
    assert "outCompanyName" not in written
    assert [one.path for one in check_business({**written, "outCompanyName": "甲"})] == ["outCompanyName"]


def test_a_type_of_another_matter_is_refused():
    """A mapping answers only for the types of its matter."""
    source = next(sources("waste-source-filing", "store", 1))
    source["facts"] = {**source["facts"], "type": "move-in"}
    with pytest.raises(Refused):
        applied("radiation", "waste-source-filing").write(source)
