"""Samples of the isotope matters: valid and varied in every type; and what their rules find."""

from __future__ import annotations

import copy
import datetime as dt
from pathlib import Path

import pytest

from bridge.catalogue.catalogue import Catalogue
from bridge.testing.samples import generate

TODAY = dt.datetime(2026, 11, 23, 1, tzinfo=dt.UTC)
TRANSFER, FILING, OFFSITE, WASTE = (
    *("isotope-transfer", "isotope-transfer-filing"),
    *("isotope-offsite-filing", "waste-source-filing"),
)
TYPES = [
    (TRANSFER, "transfer"),
    *((FILING, one) for one in ("out", "in")),
    *((OFFSITE, one) for one in ("move-in", "move-out", "move-in-cancel", "move-out-cancel")),
    *((WASTE, one) for one in ("return-producer", "return-exporter", "store")),
]


class Still:
    """A clock that stands still."""

    def now(self) -> dt.datetime:
        """The day of these tests."""
        return TODAY

    def monotonic(self) -> float:
        """Zero."""
        return 0.0

    async def sleep(self, seconds: float) -> None:
        """Nothing."""


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    """The product's own data."""
    return Catalogue(Path("schemas"), Still())


def sample(matter: str, type_: str) -> dict:
    """One that may be changed, with one source that agrees with itself."""
    document = copy.deepcopy(next(generate(matter, type=type_, seed=3)))
    document["data"]["items"] = [
        {
            "source_code": "GB87AB099603",
            "nuclide": "Am-241/Be",
            "category": "3",
            "factory_activity_bq": "111000000000",
            "factory_date": "1987-05-01",
            "use": "中子测井",
        }
    ]
    return document


def found(catalogue: Catalogue, document: dict) -> list[tuple[str, str]]:
    """Severity and pointer of each problem."""
    return [(one.severity, one.pointer) for one in catalogue.check(document).problems]


def put(document: dict, path: str, value: object) -> dict:
    """A value at a path of the form; None takes it away."""
    *way, last = path.split("/")
    node = document["data"]
    for step in way:
        node = node[int(step)] if isinstance(node, list) else node[step]
    if value is None:
        del node[last]
    else:
        node[last] = value
    return document


def test_the_types_are_those_of_the_design(catalogue):
    """DESIGN 9, in its order; each goes to all three, and national hears of it at 受理, or once it is filed."""
    matters = [catalogue.matter(name) for name in (TRANSFER, FILING, OFFSITE, WASTE)]
    assert [(matter.name, one.id) for matter in matters for one in matter.types] == TYPES
    after = [[(step.target, step.after) for step in matter.route] for matter in matters]
    first = [("municipal", None), ("radiation", None)]
    assert after == [[*first, ("national", "accepted")], *([*first, ("national", "filed")],) * 3]
    for matter in matters[1:]:
        assert {state for state, who in matter.owners.items() if who == "radiation"} >= {"filed", "not_filed"}
        assert "accepted" not in matter.owners


@pytest.mark.parametrize(("matter", "type_"), TYPES)
def test_samples_are_valid_and_varied(catalogue, matter, type_):
    """No problem and no warning in 100 of a type; each of its own unit; the body is 市局 and offers the type."""
    documents = list(generate(matter, type=type_, seed=2, count=100))
    assert [problem for one in documents for problem in catalogue.check(one).problems] == []
    assert len({one["data"]["applicant"]["id_no"] for one in documents}) == 100
    assert len({str(one["data"]["items"]) for one in documents}) > 90
    body = catalogue.body(matter, documents[0]["data"])
    assert body.code == "tj-120000"
    assert catalogue.item(body.code, matter, type_, TODAY.date())["org_name"] == "天津市生态环境局"


def test_no_two_types_share_a_unit():
    """The same seed gives other units for each matter and type, so that all can be entered side by side."""
    codes = [
        one["data"]["applicant"]["id_no"]
        for matter, type_ in TYPES
        for one in generate(matter, type=type_, seed=2, count=20)
    ]
    assert len(set(codes)) == len(codes)


CASES = [
    # the category and the code (TARGETS 3.3, 3.4): doubts, never errors
    (TRANSFER, "transfer", {"items/0/factory_activity_bq": "3000000000000"}, [("warning", "/data/items/0/category")]),
    (TRANSFER, "transfer", {"items/0/factory_activity_bq": "59999999999"}, [("warning", "/data/items/0/category")]),
    (TRANSFER, "transfer", {"items/0/factory_activity_bq": "600000000000", "items/0/category": "2"}, "code"),
    (TRANSFER, "transfer", {"items/0/source_code": "GB87AB09960N"}, []),
    (TRANSFER, "transfer", {"items/0/factory_date": "1988-05-01"}, [("warning", "/data/items/0/factory_date")]),
    (TRANSFER, "transfer", {"items/0/source_code": "GBNNAB099603"}, []),
    (TRANSFER, "transfer", {"items/0/source_code": "GB87AB09960"}, [("error", "/data/items/0/source_code")]),
    # numbers of licences (TARGETS 3.2)
    (TRANSFER, "transfer", {"counterpart/licence_no": "吉环辐证[A0622]"}, []),
    (TRANSFER, "transfer", {"licence/no": "津环辐证〔00052〕"}, [("error", "/data/licence/no")]),
    (TRANSFER, "transfer", {"counterpart/licence_no": None}, [("error", "/data/counterpart/licence_no")]),
    # a transfer is approved before it is filed (TARGETS 8.7, 13), and filed within 20 days
    (FILING, "out", {"approval": None}, [("error", "/data/approval")]),
    (
        FILING,
        "in",
        {"approval/date": "2026-11-22", "filing/done_on": "2026-11-21"},
        [("error", "/data/filing/done_on")],
    ),
    (FILING, "in", {"filing/done_on": "2026-11-03"}, []),
    (FILING, "in", {"filing/done_on": "2026-11-02"}, [("warning", "/data/filing/done_on")]),
    (FILING, "in", {"filing/done_on": "2026-11-24"}, [("error", "/data/filing/done_on")]),
    (FILING, "out", {"licence/to": "2026-10-01"}, [("error", "/data/filing/done_on")]),
    # use in another province
    (OFFSITE, "move-in", {"offsite/region_code": "130100"}, [("error", "/data/offsite/region_code")]),
    (OFFSITE, "move-out", {"offsite/from": "2026-11-01"}, [("warning", "/data/offsite/from")]),
    (OFFSITE, "move-in", {"offsite": None}, [("error", "/data/offsite")]),
    (OFFSITE, "move-in-cancel", {"ending": None}, [("error", "/data/ending")]),
    (OFFSITE, "move-out-cancel", {"ending/ended_on": "2026-11-02"}, [("warning", "/data/ending/ended_on")]),
    # disused sources
    (WASTE, "store", {"counterpart/licence_no": None}, [("error", "/data/counterpart/licence_no")]),
    (WASTE, "return-exporter", {"waste/done_on": "2026-11-02"}, [("warning", "/data/waste/done_on")]),
]


@pytest.mark.parametrize(("matter", "type_", "changes", "told"), CASES)
def test_what_the_rules_find(catalogue, matter, type_, changes, told):
    """Each broken rule is told at its box: as an error where the law or a target forbids it, else as a warning."""
    document = sample(matter, type_)
    if matter == WASTE:
        document["data"]["waste"] |= {"agreement_no": "甲-1", "agreement_date": "2020-05-08"}
        document["materials"].append({**document["materials"][0], "code": "FJ-M03", "name": "协议.pdf"})
        document["materials"] = list({one["code"]: one for one in document["materials"]}.values())
    assert found(catalogue, document) == []
    for path, value in changes.items():
        put(document, path, value)
    problems = [one for one in found(catalogue, document) if "materials" not in one[1]]
    if told == "code":  # category Ⅱ by activity, Ⅲ in the code: only the code is doubted
        told = [("warning", "/data/items/0/category")]
        assert [one.code for one in catalogue.check(document).problems] == ["category-by-code"]
    assert problems == told
