"""Samples of 辐射安全许可 need nobody: valid, varied, each of its own unit; and what their rules forbid is found."""

from __future__ import annotations

import copy
from pathlib import Path

import pytest

from bridge.catalogue.catalogue import Catalogue
from bridge.testing.samples import generate

MATTER = "radiation-licence"


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    """The product's own data."""
    return Catalogue(Path("schemas"))


def test_samples_are_valid_and_varied(catalogue):
    """No problem and no warning in 200 of them; no two of one unit and site; every kind of scope is there."""
    documents = list(generate(MATTER, seed=2, count=200))
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


def test_what_the_ministry_decides_is_said(catalogue):
    """449号 Art 6: a warning that tells where to go, and no refusal, for the Order knows exceptions."""
    document = rich()
    document["data"]["permit"]["kind_scope"]["use_sources"].append("USE-1")
    found = catalogue.check(document)
    assert found.ok
    (problem,) = found.problems
    assert problem.severity == "warning"
    assert "生态环境部" in problem.message
