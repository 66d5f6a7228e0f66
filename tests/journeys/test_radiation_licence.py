"""辐射安全许可 of every type, entered once: three systems hold a right record, and hear of the decision."""

from __future__ import annotations

import json
import time
from typing import Any

from bridge.testing.driver import Installation, Simulators

MATTER = "radiation-licence"
TYPES = {
    "new": ("LICENSE_APPLY", "1", "0"),
    "reapply": ("LICENSE_REAPPLY", "1", "3"),
    "change": ("LICENSE_MODIFY", "2", "7"),
    "renew": ("LICENSE_CONTINUE", "3", "4"),
    "part-end": ("LICENSE_PARTTERMINATE", "2", "8"),
    "cancel": ("LICENSE_CANCEL", "5", "6"),
}
"""businessType (TARGETS 8.4), bizType (TARGETS 8.5) and changeType."""


def drained(bridge: Installation) -> None:
    """Deliver and hear until nothing changes and no verdict is awaited."""
    for _ in range(60):
        done = bridge.run("drain", "--json", "--for", "20")
        assert done.code == 0, done.out + done.err
        if not done.json["lodged"]:
            return
        time.sleep(0.25)  # noqa: TID251 - a verdict of another process takes real time
    raise AssertionError("verdicts are still awaited")


def entered(bridge: Installation, documents: list[dict[str, Any]]) -> list[str]:
    """The numbers of documents that were entered together."""
    done = bridge.run("submit", "-", "--json", stdin=json.dumps(documents, ensure_ascii=False))
    assert done.code == 0, done.out[:3000]
    return [one["number"] for one in done.json["accepted"]]


def by_number(bridge: Installation, sims: Simulators, number: str) -> dict[str, dict[str, Any]]:
    """The one record of an application at each target."""
    status = bridge.run("status", number, "--json").json
    keys = {number, status["case_number"], status["application"]}
    found = {}
    for target in ("municipal", "radiation", "national"):
        (found[target],) = [one for one in sims.records(target) if one["key"] in keys]
    return found


def test_every_type_reaches_all_three_and_all_hear_the_grant(bridge: Installation, sims: Simulators) -> None:
    """Sample → submit → drain → 受理 → 准予: each system has its own codes, the same unit, every file, the number."""
    told = [bridge.run("sample", MATTER, "--type", one, "--seed", "1", "--count", "3").out for one in TYPES]
    documents = [json.loads(line) for lines in told for line in lines.splitlines()]
    numbers = entered(bridge, documents)
    drained(bridge)
    assert [len(sims.records(target)) for target in ("municipal", "radiation", "national")] == [18, 18, 0]
    for act in ("accept", "grant"):
        for record in sims.records("radiation"):
            sims.ask("radiation", "/_control/decide", {"number": record["number"], "act": act})
        drained(bridge)
    for number, document in zip(numbers, documents, strict=True):
        _right(bridge.run("status", number, "--json").json, by_number(bridge, sims, number), document)


def _right(status: dict[str, Any], held: dict[str, dict[str, Any]], document: dict[str, Any]) -> None:
    """What each of the three holds of a document that was granted."""
    type_, data = document["type"], document["data"]
    business, kind, change = TYPES[type_]
    city, system, state = (held[target]["fields"] for target in ("municipal", "radiation", "national"))
    assert system["businessType"] == business
    assert (city["receive.bizType"], city["receive.affFormInfo.changeType"]) == (kind, change)
    names = (system["companyName"], city["receive.applicantVO.name"], state["accept.applyer_name"])
    assert set(names) == {data["applicant"]["name"]}
    assert [held[target]["status"] for target in held] == ["10", "APPROVED", "3/0"]
    for target in ("municipal", "radiation"):
        told = {one["name"] for one in held[target]["materials"]}
        assert told >= {one["name"] for one in document["materials"]}, target
    assert len([path for path in state if path.endswith(".material_name")]) == len(document["materials"])
    assert status["state"] == "granted"
    assert all(one["state"] == "delivered" for one in status["targets"]), status["targets"]
    before = data.get("current_licence", {}).get("no")
    assert (system.get("licenseNo"), city.get("receive.affFormInfo.oldLicenceNo")) == (before, before)
    licence = status["licence"]
    assert state["result.result_cetr_no"] == licence["number"] == city["finish.resultCode"]
    if before:
        assert licence["number"] == before  # a licence keeps its number
    if type_ in ("change", "part-end"):
        assert licence["valid_to"] == data["current_licence"]["to"]
    assert bool(licence["files"]) == (type_ != "cancel")
