"""辐射安全许可 at the gateway: the summary that goes along, valid for whatever a person can enter."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import jsonschema_rs

from adapters.municipal.mapping import mappings, schema
from adapters.municipal.simulator.rules import MATTERS
from bridge.catalogue.catalogue import Catalogue
from bridge.kit.mapping.paths import flatten
from bridge.model.delivery import Kind
from bridge.model.ids import digest
from bridge.testing.samples import generate

MATTER = "radiation-licence"


def sources(count):
    """Samples as the engine would hand them on."""
    catalogue = Catalogue(Path("schemas"))
    facts = {
        "id": "01963a5c-0000-7000-8000-000000000001",
        "number": "YCL2026112300000015",
        "revision": 1,
        "matter": MATTER,
        "type": "new",
        "channel": "batch",
        "title": "辐射安全许可",
        "submitted_at": "2026-11-23T09:30:00.000+08:00",
        "item": catalogue.item("tj-120000", MATTER, "new", dt.date(2026, 11, 23)),
    }
    for document in generate(MATTER, seed=13, count=count):
        materials = [
            {"id": one["code"], "code": one["code"], "name": one["name"], "digest": digest(b""), "size": 0}
            for one in document["materials"]
        ]
        yield {"data": document["data"], "materials": materials, "facts": facts}


def test_every_sample_is_valid_at_the_gateway():
    """Pre-flight finds nothing, and the schema takes what is written; the simulator knows the 基本编码."""
    mapping = mappings()[MATTER, Kind.APPLY, None]
    validator = jsonschema_rs.Draft202012Validator(dict(schema("radiation-licence-v1")))
    for source in sources(80):
        assert list(mapping.preflight(source)) == []
        written = mapping.write(source)
        assert [str(error) for error in validator.iter_errors(written)] == []
        assert MATTERS[written["receive"]["matterCode"][19:]] == "radiation-licence-v1"


def test_the_scope_is_told_as_the_licence_states_it():
    """Each list under its activity, in the licence's own words; the rows behind it are not told."""
    source = next(sources(1))
    source["data"]["permit"]["kind_scope"] = {
        "produce_sources": [],
        "sell_sources": ["SELL-5"],
        "use_sources": ["USE-2", "USE-3"],
        "produce_devices": [],
        "sell_devices": [],
        "use_devices": ["USE-2"],
        "nonseal_activities": ["USE"],
        "nonseal_levels": ["A", "B"],
    }
    written = flatten(mappings()[MATTER, Kind.APPLY, None].write(source))
    told = {path.rpartition(".")[2]: value for path, value in written.items() if ".affFormInfo." in path}
    assert told["sellSources"] == "Ⅴ类"
    assert told["useSources"] == "Ⅱ类、Ⅲ类"
    assert (told["useDevices"], told["produceDevices"]) == ("Ⅱ类", "")
    assert (told["nonsealActivities"], told["nonsealLevels"]) == ("使用", "甲级、乙级")
    assert not any(name in str(written) for name in ("radialDepartments", "work_site"))
