"""Lineage and coverage, asked of every adapter that is plugged in, and of schemas made for the purpose."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bridge.catalogue.catalogue import Catalogue
from bridge.clock import SystemClock
from bridge.contract.lineage import Line
from bridge.engine.coverage import coverage, fed
from bridge.engine.labels import both, label
from bridge.engine.lineage import lineage
from bridge.engine.targets import Mode, Target, Targets
from bridge.errors import NotFound
from bridge.registry import available, build_adapter

NAME = "/data/applicant/name"


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    """All matters."""
    return Catalogue(Path("schemas"))


@pytest.fixture(scope="module")
def targets() -> Targets:
    """Every adapter of ours, for its mapping alone."""
    made = {
        name: build_adapter(found, {}, {}, clock=SystemClock(), total_seconds=1, strict=False)
        for name, found in available().items()
    }
    return Targets({name: Target(one, lambda _: Mode.OFF) for name, one in made.items()})


MATTERS = [path.parent.name for path in sorted(Path("schemas/matters").glob("*/matter.toml"))]


def fields(found: dict[str, Any]) -> set[tuple[str, str, str]]:
    """(target, pointer, field) of all lines of an answer."""
    return {
        (target["target"], line["pointer"], line["field"])
        for target in found["targets"]
        for mapping in target["mappings"]
        for line in mapping["lines"]
    }


@pytest.mark.parametrize("matter", MATTERS)
def test_both_ends_lead_to_the_same_line(catalogue: Catalogue, targets: Targets, matter: str) -> None:
    """Every line is found by its pointer and by its target field, whatever its converter."""
    everything = fields(lineage(catalogue, targets, matter))
    assert everything
    for target, pointer, field in everything:
        for end in filter(None, (pointer, field)):
            assert (target, pointer, field) in fields(lineage(catalogue, targets, matter, field=end, target=target))


@pytest.mark.parametrize("field", [NAME, "applicant/name", "申请人 · 单位名称", "单位名称", "applyer_name"])
def test_a_box_is_found_by_any_of_its_names(catalogue: Catalogue, targets: Targets, field: str) -> None:
    """A pointer, a part of it, the label, the last word of the label, or a target's own name."""
    found = lineage(catalogue, targets, "discharge-permit", field=field, target="national")
    assert fields(found) == {("national", NAME, "accept.applyer_name")}


def test_positions_do_not_matter(catalogue: Catalogue, targets: Targets) -> None:
    """The third outlet is any outlet, at both ends, and a list holds what is asked of its parts."""
    ends = ("/data/permit/air_outlets/2/no", "/data/permit/air_outlets/*/no", "6[2].排放口编号", "6[].排放口编号")
    told = [fields(lineage(catalogue, targets, "discharge-permit", field=end)) for end in ends]
    assert told == [{("discharge", "/data/permit/air_outlets/*/no", "6[].排放口编号")}] * 4


def test_what_is_left_out_is_found_too(catalogue: Catalogue, targets: Targets) -> None:
    """A box in a part that a target does not get is answered with the reason."""
    found = lineage(catalogue, targets, "discharge-permit", field="/data/permit/air_outlets/0/no", target="municipal")
    (mapping, *_) = found["targets"][0]["mappings"]
    assert mapping["lines"] == []
    assert [box["pointer"] for box in mapping["left_out"]] == ["/data/permit/air_outlets"]
    assert mapping["left_out"][0]["reason"]


def test_what_is_not_there_is_not_found(catalogue: Catalogue, targets: Targets) -> None:
    """A matter, a target, a pair without a mapping, or a field that nobody has."""
    for matter, target, field in (
        ("nope", None, None),
        ("discharge-permit", "nope", None),
        ("discharge-permit", "radiation", None),
        ("discharge-permit", None, "no-such-field"),
    ):
        with pytest.raises(NotFound):
            lineage(catalogue, targets, matter, target=target, field=field)


def test_a_target_without_a_table_answers(catalogue: Catalogue, targets: Targets) -> None:
    """The engine asks any adapter: the demonstration target maps a whole form in one line and has no schema."""
    found = coverage(catalogue, targets, "discharge-permit", target="demo")
    (one,) = found["targets"]
    assert (one["share"], one["required"], one["left_out"]) == (1.0, 0, [])


@pytest.mark.parametrize("matter", MATTERS)
def test_everything_has_a_name(catalogue: Catalogue, targets: Targets, matter: str) -> None:
    """No line or reason is told in code words: each pointer has a Chinese label and each reason Chinese words."""
    for target in lineage(catalogue, targets, matter)["targets"]:
        for mapping in target["mappings"]:
            for line in mapping["lines"]:
                assert line["pointer"] is None or all("一" <= part[0] <= "鿿" for part in line["label"].split(" · "))
                assert line["pointer"] is not None or line["loss"], "a constant without its reason"
            assert all(box["reason"] and box["label"] for box in mapping["left_out"])


@pytest.mark.parametrize("matter", MATTERS)
def test_every_box_is_counted_once(catalogue: Catalogue, targets: Targets, matter: str) -> None:
    """Mapped, left out and lost are the whole form at each target; nothing is lost, all that is required is fed."""
    found = coverage(catalogue, targets, matter)
    assert [one["target"] for one in found["targets"]] == [step.target for step in catalogue.matter(matter).route]
    assert found["boxes"] == len(catalogue.leaves(matter, found["form"]))
    assert found["delivered"] == sum(one["from_form"] for one in found["targets"])
    for one in found["targets"]:
        assert one["mapped"] + len(one["left_out"]) + len(one["lost"]) == one["boxes"]
        assert (one["lost"], one["required_missing"]) == ([], [])
        assert one["required_fed"] == one["required"]


SCHEMA = {
    "required": ["a", "list"],
    "properties": {
        "a": {"$ref": "#/$defs/a"},
        "list": {"type": "array", "items": {"required": ["x", "y"], "properties": {"x": {}, "y": {}}}},
        "spare": {"required": ["z"], "properties": {"z": {}}},
    },
    "$defs": {"a": {"required": ["b"], "properties": {"b": {"required": ["c"], "properties": {"c": {}}}}}},
}


def test_a_hole_at_any_depth_is_seen() -> None:
    """A required field that no row feeds is named, in an object, behind a reference, and in a list."""
    rows = [Line("/data/c", "a.b.c", ""), Line("/data/l", "list", "", many=True), Line("/data/l/*/x", "list[].x", "")]
    y = Line("/data/l/*/y", "list[].y", "")
    assert fed(SCHEMA, [*rows, y]).missing == ()
    assert set(fed(SCHEMA, [*rows, y]).fed) == {"a", "a.b", "a.b.c", "list", "list[].x", "list[].y"}
    assert fed(SCHEMA, rows).missing == ("list[].y",)
    assert fed(SCHEMA, [*rows[1:], y]).missing == ("a", "a.b", "a.b.c")


def test_what_an_optional_part_requires_counts_where_it_is_written() -> None:
    """`spare` may be left out whole; a row that writes in it must then write all that it requires."""
    rows = [Line(None, "a", "{}"), Line("/data/l", "list", "joined")]
    assert fed(SCHEMA, rows).missing == ()
    assert fed(SCHEMA, [*rows, Line("/data/s", "spare.other", "")]).missing == ("spare.z",)


def test_labels_of_what_is_known(catalogue: Catalogue) -> None:
    """Facts and files have names as boxes have; both languages of a text are parted."""
    assert label(catalogue, "discharge-permit", 1, "/facts/states/accepted/officer")[0] == "已到状态 · 已受理 · 经办人"
    assert label(catalogue, "discharge-permit", 1, "/facts/number") == ("收件编号", "our number")
    assert label(catalogue, "discharge-permit", 1, "/materials/*/name")[0] == "申请材料 · 文件名"
    assert both("没有 (a (b))") == ("没有", "a (b)")
    assert both("没有") == ("没有", None)
