"""辐射安全许可 at the three systems of its route: reviewed pairs of a source and what each is told of it, by type."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema_rs
import orjson
import pytest

from adapters.municipal import mapping as municipal
from adapters.municipal.simulator.gate import Denied
from adapters.municipal.simulator.rules import rules_of
from adapters.national import mapping as national
from adapters.national.mapping.rows import Options
from adapters.radiation import mapping as radiation
from adapters.radiation.client.messages import BUSINESS
from adapters.radiation.simulator.rules import ASKED, PAIRS, TYPED, Schema, check_business
from bridge.catalogue.catalogue import Catalogue
from bridge.kit.exchange.rules import Rules
from bridge.kit.mapping.compiled import CompiledMapping
from bridge.kit.soap.literal import element, value
from bridge.model.delivery import Kind
from bridge.model.ids import digest
from bridge.testing.samples import generate, radiation_licence
from bridge.testing.samples.radiation_licence import TYPES

MATTER = "radiation-licence"
GOLDEN = sorted((Path(__file__).parent / "golden").glob(f"{MATTER}-*.json"))
CATALOGUE = Catalogue(Path("schemas"))
TARGETS = ("municipal", "radiation", "national")
SYSTEM = Schema(radiation.schema(f"{MATTER}-v1"))


def applied(target: str) -> CompiledMapping:
    """The mapping of an application."""
    if target == "national":
        return national.mappings(Options(), Rules())[MATTER, Kind.APPLY, None]
    return {"municipal": municipal, "radiation": radiation}[target].mappings()[MATTER, Kind.APPLY, None]


def source_of(document: dict[str, Any]) -> dict[str, Any]:
    """A document as the engine would hand it on once it is accepted."""
    step = {"id": "s1", "state": "accepted", "at": "2026-11-23T10:00:00.000+08:00", "name": "受理", "result": "pass"}
    facts = {
        "id": "01963a5c-0000-7000-8000-000000000001",
        "number": "YCL2026112300000015",
        "case_number": "11120000MB1200001E4000116002000202611230001",
        "revision": 1,
        "matter": MATTER,
        "type": document["type"],
        "channel": "web",
        "title": "办件摘要",
        "submitted_at": "2026-11-23T09:30:00.000+08:00",
        "item": CATALOGUE.item("tj-120000", MATTER, document["type"], dt.date(2026, 11, 23)),
        "steps": [step],
        "states": {"accepted": step},
    }
    materials = [
        {"id": f"m-{one['code']}", "code": one["code"], "name": one["name"], "digest": digest(b""), "size": 0}
        for one in document["materials"]
    ]
    return {"data": document["data"], "materials": materials, "facts": facts}


def sources(type_: str, count: int, seed: int = 7) -> Iterator[dict[str, Any]]:
    """Samples of a type."""
    return map(source_of, generate(MATTER, type=type_, seed=seed, count=count))


@pytest.mark.parametrize("pair", GOLDEN, ids=lambda path: path.stem)
@pytest.mark.parametrize("target", TARGETS)
def test_golden(pair, target):
    """Each system is told exactly what was reviewed."""
    told = orjson.loads(pair.read_bytes())
    assert applied(target).write(told["source"]) == told[target]


def test_a_pair_for_each_type():
    """No type is without its pair; together they fill every field that the system has for this matter."""
    told = [orjson.loads(pair.read_bytes()) for pair in GOLDEN]
    assert sorted(one["source"]["facts"]["type"] for one in told) == sorted(TYPES)
    assert {name for one in told for name in one["radiation"]} == set(radiation.schema(f"{MATTER}-v1")["properties"])


@pytest.mark.parametrize("type_", TYPES)
def test_samples_are_taken_by_all_three(type_):
    """Pre-flight finds nothing, the schemas take it, and the simulators' own rules find nothing either."""
    city = jsonschema_rs.validator_for(dict(municipal.schema(f"{MATTER}-v1")))
    for source in sources(type_, 80):
        written = {}
        for target in TARGETS:
            mapping = applied(target)
            assert (list(mapping.missing(source)), list(mapping.preflight(source))) == ([], []), target
            written[target] = mapping.write(source)
        assert SYSTEM.check(written["radiation"]) == []
        assert check_business(written["radiation"]) == []
        assert city.is_valid(written["municipal"])
        rules_of(written["municipal"]["receive"]["matterCode"]).check("receive", written["municipal"]["receive"])


def test_the_largest_form_is_taken():
    """200 devices, 500 workers: as many rows as the form takes pass every target, and come back from XML as sent."""
    document = next(
        one
        for seed in range(50)
        for one in [radiation_licence.make(radiation_licence.random.Random(seed), "new", 1, seed, rows=500)]
        if one["data"]["permit"]["devices"]
    )
    assert CATALOGUE.check(document).ok
    permit = document["data"]["permit"]
    assert (len(permit["workers"]), len(permit["devices"])) == (500, 200)
    source = source_of(document)
    written = applied("radiation").write(source)
    assert check_business(written) == []
    back = value(element("business", written, BUSINESS, namespace="urn:x"), BUSINESS)
    assert back == {name: one for name, one in written.items() if one != []}
    assert not list(applied("municipal").preflight(source))


@pytest.mark.parametrize("type_", TYPES)
def test_the_system_asks_each_type_for_its_own(type_):
    """Without what a type must tell, and with what is another's, it is refused at that field."""
    must, may = ASKED[type_]
    written = applied("radiation").write(next(sources(type_, 1)))
    others = {name: one for other in TYPES for name, one in applied("radiation").write(next(sources(other, 1))).items()}
    assert check_business(written) == []
    for name in must:
        less = {key: one for key, one in written.items() if key != name}
        assert [one.path for one in check_business(less)] == [name]
    for name in TYPED - set(must) - set(may):
        if name in others:
            assert name in [one.path for one in check_business({**written, name: others[name]})]


@pytest.mark.parametrize("type_", TYPES)
def test_the_city_asks_each_type_for_its_own(type_):
    """At the gateway too: its codes agree, and what its type asks for is there."""
    content = applied("municipal").write(next(sources(type_, 1)))["receive"]
    rules, form = rules_of(content["matterCode"]), content["affFormInfo"]
    rules.check("receive", content)
    asked = {"oldLicenceNo"} & set(form) | {"useSources", "nonsealLevels"} & set(form)
    asked |= {"changeReason", "changeDate", "reapplyReason", "endReason", "endDate"} & set(form)
    for name in asked - ({"changeReason", "changeDate"} if type_ == "reapply" else set()):
        with pytest.raises(Denied) as denied:
            rules.check("receive", {**content, "affFormInfo": {key: form[key] for key in form if key != name}})
        assert f"receive.affFormInfo.{name}" in json.dumps(denied.value.answer.body.decode())
    with pytest.raises(Denied):
        rules.check("receive", {**content, "bizType": "4"})


def changed(old: dict[str, Any]) -> dict[str, Any]:
    """What the system is told of a change of these things."""
    source = next(sources("change", 1))
    source["data"]["change"]["old"] = old
    written: dict[str, Any] = applied("radiation").write(source)
    return written


def test_a_change_is_told_in_pairs():
    """TARGETS 3.5: old… as it was entered, new… as the applicant now is; what has not changed has no pair."""
    rep = {"name": "测试甲", "id_type": "PASSPORT", "id_no": "E12345678"}
    place = {"text": "天津市旧路1号", "region_code": "120101"}
    for old, names in (
        ({"name": "旧名"}, {"CompanyName"}),
        ({"address": place}, {"Address", "District"}),
        ({"legal_rep": rep}, {"LegalPerson", "LegalPersonIdType", "LegalPersonId"}),
        ({"name": "旧名", "address": place, "legal_rep": rep}, set(PAIRS)),
    ):
        written = changed(old)
        assert {one.removeprefix("old") for one in written if one.startswith("old")} == names
        assert {one.removeprefix("new") for one in written if one.startswith("new")} == names
        assert check_business(written) == []
    assert (written["oldCompanyName"], written["newCompanyName"]) == ("旧名", written["companyName"])
    assert (written["oldLegalPersonIdType"], written["newLegalPersonId"]) == ("414", written["legalIdCode"])
    assert (written["oldDistrict"], written["newAddress"]) == ("120101", written["registedAddr"])


@pytest.mark.parametrize(
    ("spoil", "path"),
    [
        (lambda one: one.pop("newAddress"), "newAddress"),
        (lambda one: (one.pop("oldDistrict"), one.pop("newDistrict")), "oldDistrict"),
        (lambda one: one.update(newCompanyName="别的"), "newCompanyName"),
        (lambda one: one.update(oldCompanyName=one["companyName"]), "newCompanyName"),
        (lambda one: one.update(changeDate="2026-02-30"), "changeDate"),
    ],
)
def test_the_system_refuses_pairs_that_contradict(spoil, path):
    """A pair is whole, says what the unit says of itself, and differs."""
    written = changed({"name": "旧名", "address": {"text": "天津市旧路1号", "region_code": "120101"}})
    spoil(written)
    assert path in {one.path for one in check_business(written)}


@pytest.mark.parametrize(
    ("spoil", "path"),
    [
        (lambda one: one["radialWorkers"].append(one["radialWorkers"][0]), "radialWorkers[2].personIdCode"),
        (
            lambda one: one["radialWorkers"][0].update(personIdCode="120101198001010013"),
            "radialWorkers[0].personIdCode",
        ),
        (lambda one: one["radialWorkers"][0].pop("trainNo"), "radialWorkers[0].trainNo"),
        (lambda one: one["radialWorkers"][1].update(endTrainDate="2020-01-01"), "radialWorkers[1].endTrainDate"),
        (lambda one: one["radialWorkers"][1].update(beginTrainDate="2025-02-30"), "radialWorkers[1].beginTrainDate"),
        (lambda one: one["instruments"][0].update(buyDate="2025-13-01"), "instruments[0].buyDate"),
        (lambda one: one.update(usableNuclideCategories="4"), "nuclideActiveRange[0].nuclideCategory"),
    ],
)
def test_the_system_refuses_people_and_lists_that_are_wrong(spoil, path):
    """Each worker once, with a right number and days in order; the scope covers each row (TARGETS 8.7, 9)."""
    told = orjson.loads((Path(__file__).parent / "radiation" / "source.json").read_bytes())
    written = applied("radiation").write(told | {"materials": source_of(next(generate(MATTER)))["materials"]})
    assert check_business(written) == []
    spoil(written)
    assert path in {one.path for one in check_business(written)}
