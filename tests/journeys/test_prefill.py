"""What a decider gave is offered for the company's next application, with the decider as its source."""

from __future__ import annotations

import json

from bridge.testing.driver import Installation, Simulators


def test_a_licence_given_is_offered(bridge: Installation, sims: Simulators) -> None:
    """After 准予 the licence's number, issuer and dates are offered for a change of it; after 撤销 they are not."""
    document = bridge.run("sample", "discharge-permit", "--seed", "3").json
    bridge.run("submit", "-", "--json", stdin=json.dumps(document, ensure_ascii=False))
    bridge.run("drain", "--json", "--for", "20")
    (case,) = sims.records("discharge")
    code = document["data"]["applicant"]["id_no"]

    def offered() -> object:
        return bridge.run("prefill", "discharge-permit", "--uscc", code, "--json").json

    assert "current_licence" not in offered()["data"]
    for act in ("accept", "grant"):
        sims.ask("discharge", "/_control/decide", {"number": case["number"], "act": act})
        bridge.run("drain", "--json", "--for", "20")
    found = offered()
    (application,) = bridge.run("list", "--json").json
    licence = bridge.run("status", application["number"], "--json").json["licence"]
    assert found["data"]["current_licence"] == {
        "no": licence["number"],
        "issuer": licence["issuer"],
        "from": licence["valid_from"],
        "to": licence["valid_to"],
    }
    sources = {one["pointer"]: one["by"] for one in found["from"]}
    assert sources["/data/current_licence/no"] == "discharge"
    assert sources["/data/applicant/name"] == "applicant"
    sims.ask("discharge", "/_control/decide", {"number": case["number"], "act": "revoke"})
    bridge.run("drain", "--json", "--for", "20")
    assert "current_licence" not in offered()["data"]
