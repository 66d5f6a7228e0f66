"""Samples of 排污许可 and 排污登记: valid in every type, varied, each of its own unit; what a type forbids is found."""

from __future__ import annotations

import copy
import datetime as dt
from pathlib import Path

import pytest

from bridge.catalogue.catalogue import Catalogue
from bridge.testing.samples import generate
from bridge.testing.samples.known import is_sample_permit_number

TODAY = dt.datetime(2026, 11, 23, 1, tzinfo=dt.UTC)
PERMIT, REGISTRATION = "discharge-permit", "discharge-registration"
TYPES = [
    *((PERMIT, one) for one in ("new", "reapply", "change-basic", "change-other", "renew", "reissue", "cancel")),
    *((REGISTRATION, one) for one in ("register", "change", "renew", "cancel")),
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
    """One that may be changed."""
    return copy.deepcopy(next(generate(matter, type=type_, seed=3)))


def test_the_types_are_those_of_the_design(catalogue):
    """DESIGN 9, in its order; the registration goes to the decider alone, and national is never told of it."""
    assert [(matter, one.id) for matter in (PERMIT, REGISTRATION) for one in catalogue.matter(matter).types] == TYPES
    assert [step.target for step in catalogue.matter(REGISTRATION).route] == ["discharge"]
    assert catalogue.matter(REGISTRATION).owners["registered"] == "discharge"


@pytest.mark.parametrize(("matter", "type_"), TYPES)
def test_samples_are_valid_and_varied(catalogue, matter, type_):
    """No problem and no warning in 100 of a type; the body and its item are there; earlier numbers are known ones."""
    documents = list(generate(matter, type=type_, seed=2, count=100))
    assert [problem for one in documents for problem in catalogue.check(one).problems] == []
    assert len({str(one["data"]) for one in documents}) == 100
    for one in documents[:30]:
        body = catalogue.body(matter, one["data"])
        assert catalogue.item(body.code, matter, type_, TODAY.date())["task_name"] == catalogue.matter(matter).title
    before = [one["data"].get("current_licence") or one["data"].get("current_registration") for one in documents]
    assert (before == [None] * 100) is (type_ in ("new", "register"))
    assert all(is_sample_permit_number(one["no"]) for one in before if one)


def test_no_two_samples_share_applicant_and_site():
    """Over matters, types and seeds."""
    units = [
        (one["data"]["applicant"]["id_no"], one["data"]["site"]["seq"])
        for matter, type_ in [*TYPES, ("radiation-licence", "new")]
        for seed in (1, 2, 3)
        for one in generate(matter, type=type_, seed=seed, count=40)
    ]
    assert len(set(units)) == len(units)


BROKEN = [
    # (matter, type, what is done to the document, where it is told)
    (PERMIT, "renew", lambda data: data.pop("current_licence"), "/data/current_licence"),
    (PERMIT, "new", lambda data: data.update(current_licence=licence("2028-01-01")), "/data/current_licence"),
    (PERMIT, "renew", lambda data: data.update(current_licence=licence("2026-11-22")), "/data/current_licence/to"),
    (PERMIT, "renew", lambda data: data["current_licence"].update(no="1234"), "/data/current_licence/no"),
    (PERMIT, "renew", lambda data: data.pop("permit"), "/data/permit"),
    (PERMIT, "cancel", lambda data: data.pop("cancellation"), "/data/cancellation"),
    (PERMIT, "cancel", lambda data: data.update(permit=sample(PERMIT, "renew")["data"]["permit"]), "/data/permit"),
    (
        PERMIT,
        "cancel",
        lambda data: data["cancellation"].update(stopped_on="2026-11-24"),
        "/data/cancellation/stopped_on",
    ),
    (PERMIT, "reissue", lambda data: data.pop("reissue"), "/data/reissue"),
    (PERMIT, "reissue", lambda data: data["reissue"].update(happened_on="2026-11-24"), "/data/reissue/happened_on"),
    (PERMIT, "reapply", lambda data: data.pop("reapply"), "/data/reapply"),
    (PERMIT, "renew", lambda data: data.update(reapply=sample(PERMIT, "reapply")["data"]["reapply"]), "/data/reapply"),
    (PERMIT, "reapply", lambda data: data["permit"].update(tier="KEY", publicity=None), "/data/permit/publicity"),
    (REGISTRATION, "register", lambda data: data.pop("registration"), "/data/registration"),
    (REGISTRATION, "change", lambda data: data.pop("change"), "/data/change"),
    (REGISTRATION, "renew", lambda data: data.pop("current_registration"), "/data/current_registration"),
    (REGISTRATION, "cancel", lambda data: data.pop("cancellation"), "/data/cancellation"),
    (
        REGISTRATION,
        "register",
        lambda data: data["registration"].update(air_outlets=[{"no": "DA1", "name": "a", "standard": "b"}]),
        "/data/registration/air_outlets/0/no",
    ),
    (
        REGISTRATION,
        "register",
        lambda data: data["registration"].update(water_outlets=[drain(), drain()]),
        "/data/registration/water_outlets/1/no",
    ),
]


def licence(to: str) -> dict[str, str]:
    """A permit of before that ends on a day."""
    return {"no": "91120116MA05000011901P", "issuer": "x", "from": "2021-11-23", "to": to}


def drain() -> dict[str, str]:
    """An outlet of a registration."""
    return {"no": "DW001", "name": "a", "standard": "b", "to": "c"}


@pytest.mark.parametrize(("matter", "type_", "spoil", "pointer"), BROKEN)
def test_what_a_type_asks_for_or_forbids_is_told_at_its_box(catalogue, matter, type_, spoil, pointer):
    """Parts are asked for by type, and what belongs to another type is no part of it."""
    document = sample(matter, type_)
    spoil(document["data"])
    found = catalogue.check(document)
    assert not found.ok
    assert pointer in {one.pointer for one in found.problems if one.severity == "error"}


@pytest.mark.parametrize(("days", "warned"), [(60, False), (59, True), (0, True)])
def test_a_renewal_is_made_60_days_before(catalogue, days, warned):
    """736号 Art 14 (TARGETS 8.7, 12): a warning, and no refusal as long as the permit is in force."""
    document = sample(PERMIT, "renew")
    document["data"]["current_licence"]["to"] = (TODAY.date() + dt.timedelta(days=days)).isoformat()
    found = catalogue.check(document)
    assert found.ok
    assert [(one.pointer, one.severity) for one in found.problems] == [("/data/current_licence/to", "warning")] * warned


@pytest.mark.parametrize(("days", "warned"), [(20, False), (21, True)])
def test_a_registration_is_changed_within_20_days(catalogue, days, warned):
    """736号 Art 24: a warning."""
    document = sample(REGISTRATION, "change")
    document["data"]["change"]["changed_on"] = (TODAY.date() - dt.timedelta(days=days)).isoformat()
    found = catalogue.check(document)
    assert found.ok
    assert [one.pointer for one in found.problems] == ["/data/change/changed_on"] * warned


WANTED = {
    "new": {"PW-M02", "PW-M03", "PW-M04", "PW-M05", "PW-M07", "PW-M08", "PW-M11", "PW-M13"},
    "reapply": {"PW-M02", "PW-M03", "PW-M04", "PW-M05", "PW-M07", "PW-M08", "PW-M11", "PW-M13"},
    "change-basic": {"PW-M02", "PW-M03"},
    "change-other": {"PW-M02", "PW-M03", "PW-M04", "PW-M05", "PW-M07", "PW-M13"},
    "renew": {"PW-M02", "PW-M03", "PW-M04", "PW-M07", "PW-M08", "PW-M13"},
    "reissue": {"PW-M02", "PW-M03", "PW-M05", "PW-M14"},
    "cancel": {"PW-M02", "PW-M03", "PW-M05"},
}
"""TARGETS 2.2, for a unit of key management that applies itself and claims no secret."""


@pytest.mark.parametrize("type_", WANTED)
def test_materials_are_wanted_by_type(catalogue, type_):
    """Without any file, every one that the type wants is asked for, and no other."""
    document = sample(PERMIT, type_)
    data = document["data"]
    data["contacts"] = [one for one in data["contacts"] if one["role"] != "AGENT"]
    if "permit" in data:
        data["permit"].update(tier="KEY", publicity={"from": "2026-08-03", "to": "2026-08-12"})
        data["permit"]["confidential"] = {"yes": False}
    document["materials"] = []
    titles = {one.code: one.title for one in catalogue.matter(PERMIT).materials}
    asked = [one.message + one.label for one in catalogue.check(document).problems if one.pointer.startswith("/mat")]
    assert {code for code, title in titles.items() if any(title in text for text in asked)} == WANTED[type_]
