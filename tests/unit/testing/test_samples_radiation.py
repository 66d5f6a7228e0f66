"""Samples of 辐射安全许可 need nobody: valid, varied, each of its own unit; and what their rules forbid is found."""

from __future__ import annotations

import copy
import datetime as dt
from pathlib import Path

import pytest

from bridge.catalogue.catalogue import Catalogue
from bridge.testing.samples import generate

MATTER = "radiation-licence"


class Still:
    """A clock that stands still."""

    def now(self) -> dt.datetime:
        """The day of these tests."""
        return dt.datetime(2026, 11, 23, 1, tzinfo=dt.UTC)

    def monotonic(self) -> float:
        """Zero."""
        return 0.0

    async def sleep(self, seconds: float) -> None:
        """Nothing."""


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    """The product's own data."""
    return Catalogue(Path("schemas"), Still())


def test_samples_are_valid_and_varied(catalogue):
    """No problem and no warning in 200 of a type; no two of one unit and site; every kind of scope is there."""
    for type_ in ASKED:
        told = list(generate(MATTER, type=type_, seed=2, count=200))
        assert [problem for one in told for problem in catalogue.check(one).problems] == []
    documents = [one for type_ in ("new", "renew") for one in generate(MATTER, type=type_, seed=2, count=200)]
    assert [problem for one in documents for problem in catalogue.check(one).problems] == []
    units = {(one["data"]["applicant"]["id_no"], one["data"]["site"]["seq"]) for one in documents}
    assert len(units) == len(documents)
    used = {name for one in documents for name, value in one["data"]["permit"]["kind_scope"].items() if value}
    assert used >= {"sell_sources", "use_sources", "produce_devices", "sell_devices", "use_devices", "nonseal_levels"}


def test_the_same_seed_gives_the_same():
    """And another seed other units, also than those of another matter."""
    assert list(generate(MATTER, seed=2, count=3)) == list(generate(MATTER, seed=2, count=3))
    units = [
        {one["data"]["applicant"]["id_no"] for one in generate(matter, seed=seed, count=50)}
        for matter, seed in ((MATTER, 1), (MATTER, 2), ("discharge-permit", 1), ("discharge-permit", 2))
    ]
    assert len(set.union(*units)) == 200


def test_the_citys_bureau_decides_wherever_the_site_is(catalogue):
    """449号 Art 6: one body for all districts, and it offers the item; districts go on deciding 排污许可."""
    for document in generate(MATTER, seed=2, count=40):
        body = catalogue.body(MATTER, document["data"])
        assert (body.code, body.name) == ("tj-120000", "天津市生态环境局")
    for document in generate("discharge-permit", seed=2, count=40):
        assert catalogue.body("discharge-permit", document["data"]).district == document["data"]["site"]["region_code"]


def rich() -> dict:
    """A document with sources and devices."""
    return copy.deepcopy(
        next(
            one
            for one in generate(MATTER, seed=2, count=100)
            if one["data"]["permit"]["sources"] and one["data"]["permit"]["devices"]
        )
    )


@pytest.mark.parametrize(
    ("spoil", "pointer"),
    [
        (lambda permit: permit["kind_scope"].update(use_sources=[], sell_sources=[]), "/sources/0/scope"),
        (lambda permit: permit["devices"][0].update(scope="PRODUCE-3"), "/devices/0/scope"),
        (lambda permit: permit["sources"][0].update(work_site="别处"), "/sources/0/work_site"),
        (
            lambda permit: permit["nonseal"].append(
                {
                    "nuclide": "I-131",
                    "site_level": "A",
                    "day_max_bq": "1",
                    "year_max_bq": "1",
                    "work_site": permit["departments"][0]["sites"][0],
                }
            ),
            "/nonseal/0/site_level",
        ),
        (lambda permit: permit["kind_scope"].update(nonseal_levels=["B"]), "/kind_scope/nonseal_activities"),
        (lambda permit: permit["departments"].append(permit["departments"][0]), "/departments/1/name"),
        (lambda permit: permit["sources"][0].update(total_bq="3.7E+11"), "/sources/0/total_bq"),
        (lambda permit: permit["sources"][0].update(nuclide="钴60"), "/sources/0/nuclide"),
    ],
)
def test_what_contradicts_itself_is_found_at_its_box(catalogue, spoil, pointer):
    """The scope covers each row (TARGETS 8.7, 9); each workplace is a department's; numbers are whole Bq."""
    document = rich()
    spoil(document["data"]["permit"])
    found = catalogue.check(document)
    assert not found.ok
    assert f"/data/permit{pointer}" in {one.pointer for one in found.problems}


def test_an_empty_scope_is_found(catalogue):
    """An application for nothing is none."""
    document = rich()
    permit = document["data"]["permit"]
    permit.update(sources=[], devices=[], nonseal=[], kind_scope={name: [] for name in permit["kind_scope"]})
    assert "/data/permit/kind_scope" in {one.pointer for one in catalogue.check(document).problems}


def found(catalogue: Catalogue, document: dict) -> list[tuple[str, str]]:
    """Severity and code of each problem, but those of materials."""
    problems = [one for one in catalogue.check(document).problems if not one.pointer.startswith("/materials")]
    return [(one.severity, one.code) for one in problems]


def of_type(type_: str, seed: int = 3) -> dict:
    """One of a type that may be changed."""
    return copy.deepcopy(next(generate(MATTER, type=type_, seed=seed)))


def put(document: dict, path: str, value: object) -> dict:
    """A value at a path of the form; None takes it away."""
    *way, last = path.split("/")
    node = document["data"]
    for step in way:
        node = node[int(step)] if isinstance(node, list) else node[step]
    if value is None:
        del node[last]
    else:
        node[int(last) if isinstance(node, list) else last] = value
    return document


def plain() -> dict:
    """A document in which one source, one workplace with unsealed material and one worker agree with the rules."""
    document = of_type("new")
    permit = document["data"]["permit"]
    site = permit["departments"][0]["sites"][0]
    scope = {name: [] for name in permit["kind_scope"]}
    scope |= {"use_sources": ["USE-4"], "nonseal_activities": ["USE"], "nonseal_levels": ["B"]}
    nonseal = {"site_level": "B", "year_max_bq": "1", "work_site": site}
    permit.pop("exceptions", None)
    permit |= {
        "kind_scope": scope,
        "sources": [{"scope": "USE-4", "nuclide": "Cs-137", "total_bq": "7400000000", "count": "2", "work_site": site}],
        "devices": [],
        "nonseal": [
            {**nonseal, "nuclide": "I-131", "day_max_bq": "3000000000"},
            {**nonseal, "nuclide": "Tc-99m", "day_max_bq": "1000000"},
        ],
        "waste_capability": "衰变池",
    }
    permit["workers"] = permit["workers"][:1]
    permit["workers"][0]["exam"] = {
        "kind": "ONLINE",
        "report_no": "模拟-FS1",
        "passed_on": "2024-03-01",
        "valid_to": "2029-02-28",
    }
    return document


CASES = [
    # categories by activity of each source (TARGETS 3.4), workplaces by all that is handled there (TARGETS 3.2)
    ("sources/0/count", "1", []),
    ("sources/0/total_bq", "200000000000", [("warning", "category-by-activity")]),
    ("sources/0/total_bq", "199999999998", []),
    ("sources/0/total_bq", "1999999999", [("warning", "category-by-activity")]),
    ("sources/0/nuclide", "Zz-99", []),
    ("sources/0/total_bq", "9999", [("warning", "category-by-activity"), ("warning", "below-exemption")]),
    ("nonseal/1/day_max_bq", "1000000000", []),
    ("nonseal/1/day_max_bq", "1000000001", [("warning", "level-by-quantity")] * 2),
    ("nonseal/0/day_max_bq", "19000000", [("warning", "level-by-quantity")] * 2),
    ("nonseal/0/day_max_bq", "19000001", []),
    ("nonseal/1/work_site", "别处", [("warning", "level-by-quantity"), ("error", "nonseal-site-exists")]),
    # people and things
    ("waste_capability", None, [("error", "waste-wanted")]),
    ("workers/0/exam/report_no", None, [("error", "online-exam-has-report")]),
    ("workers/0/exam/passed_on", "2029-03-01", [("error", "exam-in-the-past"), ("error", "exam-term")]),
    ("workers/0/exam/valid_to", "2026-11-22", [("warning", "exam-valid")]),
    ("workers/0/exam/valid_to", "2026-11-23", []),
    ("workers/0/exam/valid_to", "2029-03-02", []),
    ("workers/0/exam/valid_to", "2029-03-03", [("warning", "exam-five-years")]),
    ("workers/0/dose_record", False, [("warning", "dose-record")]),
    ("workers/0/id_no", "120101198001010011", [("error", "worker-id")]),
    ("workers", [], [("error", "minItems")]),
    ("instruments", [], [("warning", "instruments-wanted")]),
    ("protect_goods", [], [("warning", "protection-wanted")]),
    # the ministry's competence (449号 Art 6), and its exceptions
    ("kind_scope/sell_devices", ["SELL-1"], [("warning", "ministry-sell-devices")]),
    ("kind_scope/use_devices", ["USE-1"], [("warning", "ministry-use-devices")]),
    ("kind_scope/sell_sources", ["SELL-1"], [("warning", "ministry-sell-sources")]),
    ("kind_scope/produce_sources", ["PRODUCE-5"], [("warning", "ministry-produces-sources")]),
    ("kind_scope/use_sources", ["USE-4", "USE-1"], [("warning", "ministry-use-sources")]),
    ("kind_scope/nonseal_activities", ["PRODUCE", "USE"], [("warning", "ministry-produces-nonseal")]),
]


@pytest.mark.parametrize(("path", "value", "told"), CASES)
def test_what_the_rules_of_the_scope_find(catalogue, path, value, told):
    """Each broken rule is told: as an error where the law or a target forbids it, else as a warning."""
    assert found(catalogue, plain()) == []
    assert sorted(found(catalogue, put(plain(), f"permit/{path}", value))) == sorted(told)


@pytest.mark.parametrize(
    ("path", "value", "exception"),
    [
        ("kind_scope/use_sources", ["USE-4", "USE-1"], {"medical_use": "γ刀治疗"}),
        ("kind_scope/nonseal_activities", ["PRODUCE", "USE"], {"pet_own_use": "自用"}),
    ],
)
def test_the_exceptions_of_the_order_stay_with_the_city(catalogue, path, value, exception):
    """Medical use of sources of Ⅰ类, and PET drugs for own use: whoever names it is sent to nobody else."""
    document = put(plain(), f"permit/{path}", value)
    (told,) = [one for one in catalogue.check(document).problems if one.code.startswith("ministry")]
    assert "生态环境部" in told.remedy
    document["data"]["permit"]["exceptions"] = exception
    assert found(catalogue, document) == []


OF_TYPES = [
    ("renew", {"current_licence/to": "2026-12-23"}, []),
    ("renew", {"current_licence/to": "2026-12-22"}, [("warning", "renew-30-days-before")]),
    (
        "renew",
        {"current_licence/to": "2026-11-22"},
        [("error", "renew-before-expiry"), ("warning", "renew-30-days-before")],
    ),
    ("reapply", {"current_licence/to": "2026-11-22"}, [("warning", "licence-in-force")]),
    ("cancel", {"current_licence/to": "2026-11-22"}, []),
    ("renew", {"current_licence/issuer": "生态环境部"}, [("warning", "ministry-issued")]),
    ("renew", {"current_licence/from": "2026-12-01"}, [("error", "licence-begun")]),
    ("renew", {"current_licence/no": "津环辐证(00052)"}, [("error", "pattern")]),
    ("change", {"change/changed_on": "2026-11-03"}, []),
    ("change", {"change/changed_on": "2026-11-02"}, [("warning", "change-within-20-days")]),
    ("change", {"change/changed_on": "2026-11-24"}, [("error", "change-in-the-past")]),
    ("change", {"change/old": {}}, [("error", "change-names-one")]),
    ("part-end", {"termination/scope": None}, [("error", "part-end-needs-scope")]),
    ("part-end", {"termination/ended_on": "2026-11-24"}, [("error", "ended-in-the-past")]),
    ("cancel", {"termination": None}, [("error", "end-needs-termination")]),
    ("reapply", {"reapply": None}, [("error", "reapply-needs-grounds")]),
]


@pytest.mark.parametrize(("type_", "changes", "told"), OF_TYPES)
def test_what_the_rules_of_a_type_find(catalogue, type_, changes, told):
    """Windows of 449号 Art 11 and 13, and the parts that a type is about."""
    document = of_type(type_)
    assert found(catalogue, document) == []
    for path, value in changes.items():
        put(document, path, value)
    assert sorted(found(catalogue, document)) == sorted(told)


PARTS = ("permit", "current_licence", "change", "reapply", "termination")
ASKED = {
    "new": {"permit"},
    "reapply": {"permit", "current_licence", "reapply"},
    "change": {"current_licence", "change"},
    "renew": {"permit", "current_licence"},
    "part-end": {"current_licence", "termination"},
    "cancel": {"current_licence", "termination"},
}


@pytest.mark.parametrize("type_", ASKED)
def test_a_type_asks_for_its_parts_and_no_others(catalogue, type_):
    """Without a part that it wants, and with one of another type, it is told at that part."""
    for part in PARTS:
        if part in ASKED[type_]:
            problems = catalogue.check(put(of_type(type_), part, None)).problems
        elif (type_, part) == ("reapply", "change"):
            continue
        else:
            other = next(one for one in ASKED if part in ASKED[one])
            problems = catalogue.check(put(of_type(type_), part, of_type(other)["data"][part])).problems
        assert f"/data/{part}" in {one.pointer for one in problems if one.severity == "error"}, part


@pytest.mark.parametrize(
    ("path", "now"),
    [
        ("name", lambda unit: unit["name"]),
        ("address/text", lambda unit: unit["registered_address"]),
        ("legal_rep/id_no", lambda unit: unit["legal_rep"]["id_no"]),
    ],
)
def test_what_has_not_changed_is_no_change(catalogue, path, now):
    """What is so now stands in the applicant's part: the same before and after is told at the box."""
    document = next(one for one in generate(MATTER, type="change", count=200) if len(one["data"]["change"]["old"]) == 3)
    put(document, f"change/old/{path}", now(document["data"]["applicant"]))
    assert [one.pointer for one in catalogue.check(document).problems] == [f"/data/change/old/{path}"]


def test_materials_are_those_of_the_type(catalogue):
    """TARGETS 3.1: 变更 and 延续 hand in other files than a first application."""
    wanted = {}
    for type_ in ASKED:
        document = of_type(type_)
        document["materials"] = []
        wanted[type_] = "".join(one.message for one in catalogue.check(document).problems)
    assert all(name in wanted["renew"] for name in ("申请报告", "监测报告", "工作总结", "正、副本"))
    assert all(name in wanted["change"] for name in ("申请报告", "执照", "正、副本"))
    assert all(name in wanted["new"] for name in ("申请表", "执照", "法定代表人", "环境影响", "证明材料"))
    assert all(name in wanted[type_] for name in ("去向证明", "正、副本") for type_ in ("part-end", "cancel"))
    assert "环境影响" in wanted["reapply"]
    assert not any("环境影响" in wanted[type_] for type_ in ("change", "renew", "part-end", "cancel"))
