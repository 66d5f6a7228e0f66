from __future__ import annotations

from collections.abc import Callable
from typing import Any

Run = Callable[..., Any]
"""Runs a command by its words; gives `code`, `out`, `err` and `json`."""


def test_lineage_needs_no_database(run: Run) -> None:
    """It is answered before `bridge init`: as a table in Chinese, and as JSON with null for what there is not."""
    said = run("lineage", "discharge-permit", "--field", "applicant/name")
    assert said.code == 0
    assert "申请人 · 单位名称" in said.out
    assert "receive.applicantVO.name" in said.out
    found = run("lineage", "discharge-permit", "--field", "accept.applyer_name", "--json").json
    (target,) = found["targets"]
    (line,) = target["mappings"][0]["lines"]
    assert (target["target"], line["pointer"], line["when"]) == ("national", "/data/applicant/name", None)
    assert line["loss"] == "括号改为全角"
    assert line["loss_en"] == "brackets made wide"


def test_coverage_is_the_mission_in_numbers(run: Run) -> None:
    """Boxes typed once, fields delivered; the form is counted whole, so `--field` with it is a slip."""
    found = run("lineage", "isotope-transfer", "--coverage", "--json").json
    assert found["delivered"] > found["typed"] > 0
    text = run("lineage", "isotope-transfer", "--coverage").out
    assert f"一次录入 {found['typed']} 项，送达各系统字段 {found['delivered']} 个" in text
    assert run("lineage", "isotope-transfer", "--coverage", "--field", "name").code == 2


def test_lineage_that_is_not_there(run: Run) -> None:
    """Exit 4 for a matter, a target and a field that nobody has."""
    for words in (("nope",), ("discharge-permit", "--target", "nope"), ("discharge-permit", "--field", "no-such")):
        said = run("lineage", *words)
        assert (said.code, said.out) == (4, "")
