"""The discharge matters at the systems of their route: reviewed pairs of a source and what each is told of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest

from adapters.discharge import mapping as discharge
from adapters.municipal import mapping as municipal
from adapters.national import mapping as national
from adapters.national.mapping.rows import Options
from bridge.catalogue.catalogue import Catalogue
from bridge.kit.exchange.rules import Rules
from bridge.kit.mapping.compiled import CompiledMapping
from bridge.model.delivery import Kind
from bridge.model.ids import digest
from bridge.testing.samples import generate

MATTERS = ("discharge-permit", "discharge-registration")
GOLDEN = Path(__file__).parent / "golden"
PAIRS = sorted(one for one in GOLDEN.glob("*.json") if one.name.startswith(MATTERS))
CATALOGUE = Catalogue(Path("schemas"))
TYPES = [(matter, one.id) for matter in MATTERS for one in CATALOGUE.matter(matter).types]


def applied(target: str, matter: str) -> CompiledMapping:
    """The mapping of an application."""
    if target == "national":
        return national.mappings(Options(), Rules())[matter, Kind.APPLY, None]
    return {"municipal": municipal, "discharge": discharge}[target].mappings()[matter, Kind.APPLY, None]


def sources(matter: str, type_: str, count: int) -> Iterator[dict[str, Any]]:
    """Samples as the engine would hand them on once the decider has accepted them."""
    step = {"id": "s1", "state": "accepted", "at": "2026-11-23T10:00:00.000+08:00", "name": "受理", "result": "pass"}
    for document in generate(matter, type=type_, seed=7, count=count):
        body = CATALOGUE.body(matter, document["data"]).code
        facts = {
            "id": "01963a5c-0000-7000-8000-000000000001",
            "number": "YCL2026112300000015",
            "case_number": "11120000MB1200001E4000116001000202611230001",
            "revision": 1,
            "matter": matter,
            "type": type_,
            "channel": "web",
            "title": "办件摘要",
            "submitted_at": "2026-11-23T09:30:00.000+08:00",
            "item": dict(CATALOGUE.item(body, matter, type_, dt.date(2026, 11, 23))),
            "steps": [step],
            "states": {"accepted": step},
        }
        materials = [
            {"id": f"m-{one['code']}", "code": one["code"], "name": one["name"], "digest": digest(b""), "size": 0}
            for one in document["materials"]
        ]
        yield {"data": document["data"], "materials": materials, "facts": facts}


@pytest.mark.parametrize("pair", PAIRS, ids=lambda path: path.stem)
def test_golden(pair: Path) -> None:
    """Each system of the route is told exactly what was reviewed."""
    told = orjson.loads(pair.read_bytes())
    matter = told["source"]["facts"]["matter"]
    route = [step.target for step in CATALOGUE.matter(matter).route]
    assert sorted(told) == sorted(["source", *route])
    for target in route:
        assert applied(target, matter).write(told["source"]) == told[target]


def test_a_pair_for_each_type() -> None:
    """No matter and type is without its pair."""
    facts = [orjson.loads(pair.read_bytes())["source"]["facts"] for pair in PAIRS]
    assert sorted((one["matter"], one["type"]) for one in facts) == sorted(TYPES)
