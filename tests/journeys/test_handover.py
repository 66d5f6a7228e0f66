"""送达: the clerk says that the result was handed over, its owner is told, and only its owner's word serves."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bridge.testing.driver import Installation, Simulators


class Case:
    """One application, driven by the decider."""

    def __init__(self, bridge: Installation, sims: Simulators) -> None:
        self.bridge, self.sims = bridge, sims
        document = bridge.run("sample", "discharge-permit", "--seed", "3").out
        self.number: str = bridge.run("submit", "-", "--json", stdin=document).json["accepted"][0]["number"]
        self.drain()

    def drain(self) -> None:
        """Deliver and hear until nothing changes."""
        done = self.bridge.run("drain", "--json", "--for", "20")
        assert done.code == 0, done.out + done.err

    def decide(self, act: str, **words: Any) -> None:
        """The decider acts, and everyone hears of it."""
        number = next(one["number"] for one in self.sims.records("discharge"))
        self.sims.ask("discharge", "/_control/decide", {"number": number, "act": act, **words})
        self.drain()

    def hand_over(self, *words: str) -> Any:
        """Say that it was handed over."""
        return self.bridge.run("handover", self.number, *words, "--json")

    def status(self) -> dict[str, Any]:
        """What is shown."""
        shown: dict[str, Any] = self.bridge.run("status", self.number, "--json").json
        return shown


@pytest.fixture
def case(bridge: Installation, sims: Simulators) -> Case:
    """One application that two systems hold."""
    return Case(bridge, sims)


def test_what_is_handed_over_is_told_and_served_by_its_owner(case: Case) -> None:
    """Refused before there is a result; then told once, with method and tracking number, and served by its owner."""
    early = case.hand_over("--method", "pickup")
    assert early.code == 1
    assert early.json["rejected"][0]["problems"][0]["code"] == "no_result"
    case.decide("accept")
    case.decide("grant", licence=None)
    assert case.hand_over("--method", "pickup").code == 1  # granted, and no licence yet
    case.decide("issue")
    told = case.hand_over("--method", "express", "--tracking", "SF1234567890")
    assert told.code == 0, told.err
    assert told.json["state"] == "issued"  # nobody but its owner serves
    assert told.json["deliveries"] == [{"target": "municipal", "kind": "progress", "state": "due"}]
    assert case.hand_over("--method", "express", "--tracking", "SF1234567890").json["again"] is True
    other = case.hand_over("--method", "download")
    assert other.json["rejected"][0]["problems"][0]["code"] == "already_told"
    case.drain()
    status = case.status()
    assert status["state"] == "served"
    (record,) = [one for one in case.sims.records("municipal") if one["key"] == case.number]
    assert record["status"] == "11"
    assert (record["fields"]["serve.method"], record["fields"]["serve.expressNo"]) == ("1", "SF1234567890")
    assert case.hand_over("--method", "pickup").json["again"] is True
    assert "SF1234567890" not in json.dumps(status["timeline"])


def test_a_tracking_number_goes_with_the_post_alone(case: Case) -> None:
    """A tracking number for what was picked up is a slip: usage, and nothing is kept."""
    assert case.hand_over("--method", "pickup", "--tracking", "SF1").code == 2
