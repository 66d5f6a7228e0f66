"""The types of 排污许可 at the gateway: bizType, what is told of each, and what the gateway asks for."""

from __future__ import annotations

import pytest

from adapters.municipal.codes import BUSINESS_TYPES, CHANGE_TYPES
from adapters.municipal.mapping import mappings
from adapters.municipal.simulator.gate import Denied
from adapters.municipal.simulator.rules import KINDS, rules_of
from bridge.kit.mapping.paths import flatten
from bridge.model.delivery import Kind
from bridge.testing.samples import generate

MATTER = "discharge-permit"
MAPPING = mappings()[MATTER, Kind.APPLY, None]

GOLDEN = {
    "new": ("1", "0", set()),
    "reapply": ("1", "3", {"reapplyReason"}),
    "change-basic": ("2", "1", {"changeReason", "changeDate"}),
    "change-other": ("2", "2", {"changeReason", "changeDate"}),
    "renew": ("3", "4", set()),
    "reissue": ("4", "5", {"reissueReason"}),
    "cancel": ("5", "6", {"cancelReason"}),
}
"""bizType (TARGETS 8.5: 1 新办 2 变更 3 延续 4 补办 5 注销), changeType, and what only this type says."""

CARDS = {"manageType", "rectify", "started", "pollutantTypes"}
OLD = {"oldLicenceNo", "oldLicenceIssuer", "oldLicenceFrom", "oldLicenceTo"}
OWN = {"reapplyReason", "changeReason", "changeDate", "reissueReason", "cancelReason"}


def received(enter, type_, seed=5):
    """What is handed in of a sample."""
    source, _ = enter(next(generate(MATTER, type=type_, seed=seed)), "YCL2026112300000055")
    assert list(MAPPING.preflight(source)) == []
    return MAPPING.write(source)["receive"]


@pytest.mark.parametrize("type_", GOLDEN)
def test_each_type_is_told_in_the_gateways_codes(enter, type_):
    """The golden pair of each type: its codes, the permit of before, its own reason; cards where it has some."""
    business, change, own = GOLDEN[type_]
    content = received(enter, type_)
    form = content["affFormInfo"]
    assert (content["bizType"], form["changeType"]) == (business, change)
    assert set(form) & OWN == own
    assert set(form) & OLD == (set() if type_ == "new" else OLD)
    assert set(form) & CARDS == (set() if type_ in ("reissue", "cancel") else CARDS)


def test_the_reasons_are_the_applicants_words(enter):
    """Grounds, causes and dates stay with the decider; the reason is told as it was entered."""
    for type_, part, name in (
        ("reapply", "reapply", "reapplyReason"),
        ("reissue", "reissue", "reissueReason"),
        ("cancel", "cancellation", "cancelReason"),
    ):
        one = next(generate(MATTER, type=type_, seed=5))
        one["data"][part]["reason"] = "甄别理由"
        told = flatten(MAPPING.write(enter(one, "YCL2026112300000055")[0]))
        assert [path for path, value in told.items() if value == "甄别理由"] == [f"receive.affFormInfo.{name}"]
        assert MAPPING.to_form(f"receive.affFormInfo.{name}") == f"/data/{part}/reason"


@pytest.mark.parametrize("type_", GOLDEN)
def test_the_gateway_asks_for_what_each_type_has(enter, type_):
    """The sample is taken; without its old permit, its own words or its cards it is refused at that field."""
    content = received(enter, type_)
    content.pop("suffInfoList")
    rules = rules_of(content["matterCode"])

    def wrong(changed):
        with pytest.raises(Denied) as denied:
            rules.check("receive", {**content, "suffInfoList": [], "affFormInfo": changed})
        return str(denied.value.answer.body)

    form = content["affFormInfo"]
    rules.check("receive", {**content, "suffInfoList": []})
    asked = GOLDEN[type_][2] | (set(form) & CARDS) | (set(form) & {"oldLicenceNo"})
    for name in asked:
        assert name in wrong({key: value for key, value in form.items() if key != name})


def test_a_type_under_another_business_is_refused(enter):
    """The two codes for the type must agree."""
    content = received(enter, "renew")
    with pytest.raises(Denied):
        rules_of(content["matterCode"]).check("receive", {**content, "bizType": "2"})
    assert {KINDS[CHANGE_TYPES[type_]] for type_ in GOLDEN} == {"1", "2", "3", "4", "5"}
    assert all(KINDS[CHANGE_TYPES[type_]] == BUSINESS_TYPES[type_] for type_ in GOLDEN)
