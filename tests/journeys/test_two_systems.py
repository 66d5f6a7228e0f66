"""One entry reaches two systems: the main journey, through the commands, on real wires."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import Any

from bridge.testing.driver import Installation, Simulators

TARGETS = ("municipal", "discharge")


def sample(bridge: Installation, count: int, *, seed: int = 1, type_: str | None = None) -> list[dict[str, Any]]:
    """Valid applications from the command."""
    words = ["sample", "discharge-permit", "--seed", str(seed), "--count", str(count)]
    done = bridge.run(*words, *(["--type", type_] if type_ else []))
    assert done.code == 0, done.err
    return [json.loads(line) for line in done.out.splitlines()]


def lines(documents: list[dict[str, Any]]) -> str:
    """JSON Lines."""
    return "".join(json.dumps(one, ensure_ascii=False) + "\n" for one in documents)


def digests(document: dict[str, Any]) -> set[str]:
    """The digests of its materials."""
    return {"sha256:" + hashlib.sha256(base64.b64decode(one["content"])).hexdigest() for one in document["materials"]}


def test_every_application_is_held_once_by_both(bridge: Installation, sims: Simulators) -> None:
    """200 samples submitted and drained: each target holds each once, with its files, and its number is shown."""
    documents = sample(bridge, 200)
    submitted = bridge.run("submit", "-", "--json", stdin=lines(documents))
    assert submitted.code == 0, submitted.out[:2000] + submitted.err
    numbers = [one["number"] for one in submitted.json["accepted"]]
    assert len(set(numbers)) == 200
    drained = bridge.run("drain", "--json")
    assert drained.code == 0, drained.out + drained.err
    assert drained.json == {"delivered": 400, "due": 0, "lodged": 0, "waiting": 0, "unknown": 0, "parked": 0}
    records = {target: {one["key"]: one for one in sims.records(target)} for target in TARGETS}
    for target in TARGETS:
        assert sorted(records[target]) == sorted(numbers), target
        assert len(sims.records(target)) == 200
    for number, document in zip(numbers, documents, strict=True):
        for target in TARGETS:
            assert {one["digest"] for one in records[target][number]["materials"]} >= digests(document)
        applicant = document["data"]["applicant"]
        assert records["municipal"][number]["fields"]["receive.applicantVO.name"] == applicant["name"]
        assert records["discharge"][number]["fields"]["1.单位名称"] == applicant["name"]
        assert records["discharge"][number]["fields"]["1.统一社会信用代码"] == applicant["id_no"]
        assert records["discharge"][number]["fields"]["1.注册地址"] == applicant["registered_address"]
        assert records["discharge"][number]["fields"]["1.生产经营场所地址"] == document["data"]["site"]["address"]
    status = bridge.run("status", numbers[0], "--json").json
    shown = {one["target"]: one for one in status["targets"]}
    assert [one["target"] for one in status["targets"]] == [*TARGETS, "national"]
    assert shown["national"]["state"] is None
    assert sims.records("national") == []
    for target in TARGETS:
        assert shown[target]["state"] == "delivered"
        assert shown[target]["counterpart"] == records[target][numbers[0]]["number"]
    assert status["case_number"] == records["municipal"][numbers[0]]["number"]
    assert status["state"] == "received"
    assert bridge.run("status", status["case_number"], "--json").json["number"] == numbers[0]
    assert bridge.run("status", shown["discharge"]["counterpart"], "--json").json["number"] == numbers[0]


def test_changes_of_a_permit_travel_too(bridge: Installation, sims: Simulators) -> None:
    """Both kinds of 变更 end with one record in each system."""
    documents = sample(bridge, 5, type_="change-basic") + sample(bridge, 5, seed=2, type_="change-other")
    submitted = bridge.run("submit", "-", "--json", stdin=lines(documents))
    assert submitted.code == 0, submitted.out[:3000]
    drained = bridge.run("drain", "--json")
    assert drained.code == 0, drained.out + drained.err
    assert [len(sims.records(target)) for target in TARGETS] == [10, 10]


def test_a_stopped_target_delays_nobody_and_completes_by_itself(bridge: Installation, sims: Simulators) -> None:
    """While one target does not listen the other is complete; when it is back, nobody has to do anything."""
    sims.faults("discharge", [{"fault": "refuse", "share": 1, "on": "all"}])
    bridge.run("submit", "-", "--json", stdin=lines(sample(bridge, 30)))
    first = bridge.run("drain", "--json", "--for", "3")
    assert (first.code, first.json["delivered"], first.json["due"]) == (75, 30, 30), first.out
    assert len(sims.records("municipal")) == 30
    sims.faults("discharge", [])
    second = bridge.run("drain", "--json", "--for", "20")
    assert (second.code, second.json["delivered"]) == (0, 30), second.out
    assert len(sims.records("discharge")) == 30


def test_the_same_document_again_is_the_same_application(bridge: Installation, sims: Simulators) -> None:
    """Submitted twice, with and without a reference: one application, one number, one record per target."""
    document = sample(bridge, 1)[0]
    for one in (document, {name: value for name, value in sample(bridge, 1, seed=5)[0].items() if name != "reference"}):
        first = bridge.run("submit", "-", "--json", stdin=json.dumps(one)).json["accepted"][0]
        again = bridge.run("submit", "-", "--json", stdin=json.dumps(one))
        assert again.code == 0
        assert again.json["accepted"][0]["again"] is True
        assert again.json["accepted"][0]["number"] == first["number"]
        bridge.run("drain", "--json")
        assert [one["key"] for one in sims.records("discharge")].count(first["number"]) == 1


def test_a_clash_is_rejected_and_named(bridge: Installation) -> None:
    """The same reference with other content, and a second open application of one site, are rejected by name."""
    document = {**sample(bridge, 1)[0], "reference": "R-1"}
    number = bridge.run("submit", "-", "--json", stdin=json.dumps(document)).json["accepted"][0]["number"]
    document["data"]["applicant"]["industry_name"] = "其他制造业"
    clash = bridge.run("submit", "-", "--json", stdin=json.dumps(document))
    assert clash.code == 1
    assert number in clash.json["rejected"][0]["problems"][0]["message"]
    other = bridge.run("submit", "-", "--json", stdin=json.dumps({**document, "reference": "R-2"}))
    assert other.code == 1
    assert number in other.json["rejected"][0]["problems"][0]["message"]


def test_good_ones_beside_bad_ones_are_taken(bridge: Installation) -> None:
    """A bad document is named with place and cure; the good ones beside it are stored; exit 3."""
    good, bad = sample(bridge, 2)
    del bad["data"]["applicant"]["name"]
    bad["data"]["site"]["lon"] = 117.2
    done = bridge.run("submit", "-", "--json", stdin=json.dumps([good, bad]))
    assert done.code == 3
    assert len(done.json["accepted"]) == 1
    problems = done.json["rejected"][0]["problems"]
    assert {"/data/applicant/name", "/data/site/lon"} <= {one["pointer"] for one in problems}
    assert all(one["label"] and one["message"] and one["remedy"] for one in problems)
    assert "Traceback" not in done.err
