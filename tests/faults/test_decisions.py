"""Decisions arrive while targets misbehave and workers die: each system holds each row once, and none is lost."""

from __future__ import annotations

import random
import time
from collections import Counter
from typing import Any

import pytest

from bridge.testing.driver import Installation, Simulators, kill

HTTP = ("municipal", "discharge")
STORM: list[dict[str, Any]] = [
    {"fault": "commit_then_drop", "share": 0.5, "on": "writes"},
    {"fault": "refuse", "share": 0.1, "on": "writes"},
    {"fault": "error_500", "share": 0.1, "on": "writes"},
]
MESSAGES: list[dict[str, Any]] = [
    {"fault": "double_status", "share": 0.3, "on": "all"},
    {"fault": "wrong_order", "share": 0.3, "on": "all", "seconds": 1},
]
NATIONAL: dict[str, list[dict[str, Any]]] = {
    "locked": [{"fault": "refuse", "share": 0.4, "on": "all"}],
    "slow": [{"fault": "slow_commit", "share": 0.5, "on": "writes"}],
    "verdict late": [
        {"fault": "late_status", "share": 0.6, "on": "all", "seconds": 4},
        {"fault": "double_status", "share": 0.3, "on": "all"},
    ],
}


def submit(bridge: Installation, count: int, *, seed: int = 11) -> set[str]:
    """Enter samples; their numbers."""
    documents = bridge.run("sample", "discharge-permit", "--count", str(count), "--seed", str(seed)).out
    done = bridge.run("submit", "-", "--json", stdin=documents)
    assert done.code == 0, done.out[:2000]
    return {one["number"] for one in done.json["accepted"]}


def auto(sims: Simulators, *acts: str) -> None:
    """The decider does these by itself from now on."""
    sims.ask("discharge", "/_control/decide", {"auto": list(acts)})


def drain_until(bridge: Installation, count: int, seconds: float) -> None:
    """Drain until every application is granted and every delivery has ended; or fail with how things stand."""
    end = time.monotonic() + seconds
    while True:
        done = bridge.run("drain", "--json", "--for", "20", timeout=seconds + 60)
        assert done.code in (0, 75), done.out + done.err
        stands = done.json
        assert (stands["parked"], stands["unknown"]) == (0, 0), stands
        states = Counter(one["state"] for one in bridge.run("list", "--json").json)
        if states == {"granted": count} and not any(stands[name] for name in ("due", "lodged", "waiting")):
            return
        assert time.monotonic() < end, (stands, states)
        time.sleep(0.3)  # noqa: TID251 - verdicts and decisions of other processes take real time


def rows(record: dict[str, Any], table: str) -> int:
    """How many rows of a table a record has."""
    return len({path.partition(".")[0] for path in record["fields"] if path.split(".")[0].split("[")[0] == table})


def assert_all_granted_once(sims: Simulators, numbers: set[str]) -> None:
    """Each target holds each application once and as granted; national one accept and one result row, no step twice."""
    for target in HTTP:
        records = sims.records(target)
        assert sorted(one["key"] for one in records) == sorted(numbers), target
    cases = {one["number"] for one in sims.records("municipal")}
    assert {one["status"] for one in sims.records("municipal")} == {"10"}
    assert {one["status"] for one in sims.records("discharge")} == {"ZT_4"}
    national = sims.records("national")
    assert sorted(one["key"] for one in national) == sorted(cases)
    for one in national:
        assert (one["status"], rows(one, "accept"), rows(one, "result")) == ("3/0", 1, 1)
        assert rows(one, "material") == len(one["materials"])
        names = [value for path, value in one["fields"].items() if path.endswith("process_name")]
        assert sorted(names) == sorted(["收件", "受理", "决定"]), names


@pytest.mark.parametrize("national", NATIONAL)
def test_decisions_in_a_storm(bridge: Installation, sims: Simulators, national: str) -> None:
    """Lost answers, refused connections, doubled and shuffled messages, and a troubled front-end database."""
    auto(sims, "accept", "grant")
    for seed, target in enumerate(HTTP):
        sims.faults(target, [*STORM, *(MESSAGES if target == "discharge" else [])], seed=seed)
    sims.faults("national", NATIONAL[national], seed=3)
    numbers = submit(bridge, 12)
    bridge.run("drain", "--json", "--for", "15")
    sims.faults("national", [])
    drain_until(bridge, len(numbers), 180)
    assert_all_granted_once(sims, numbers)


def kills(bridge: Installation, sims: Simulators, count: int, times: int) -> None:
    """Kill `bridge work` at random moments while decisions arrive and national is troubled, then drain."""
    auto(sims, "accept", "grant")
    sims.faults("discharge", MESSAGES, seed=5)
    sims.faults("national", NATIONAL["slow"], seed=6)
    numbers = submit(bridge, count)
    dice = random.Random(9)
    for _ in range(times):
        worker = bridge.start("work")
        time.sleep(dice.uniform(0.7, 2.5))  # noqa: TID251 - the moment of a crash is real time
        kill(worker)
    for target in ("discharge", "national"):
        sims.faults(target, [])
    drain_until(bridge, count, 60 + count)
    assert_all_granted_once(sims, numbers)


def test_killed_workers_lose_no_decision(bridge: Installation, sims: Simulators) -> None:
    """`kill -9` of `bridge work` at four random moments: every decision is everywhere, once."""
    kills(bridge, sims, 40, 4)


@pytest.mark.long
def test_twenty_killed_workers_lose_no_decision(bridge: Installation, sims: Simulators) -> None:
    """`kill -9` of `bridge work` at twenty random moments over 500 applications: every decision everywhere, once."""
    kills(bridge, sims, 500, 20)


@pytest.mark.long
def test_long_storm_of_decisions(bridge: Installation, sims: Simulators) -> None:
    """A storm over 200 applications with decisions, national locked, slow and verdict-late by turns."""
    auto(sims, "accept", "grant")
    for seed, target in enumerate(HTTP):
        sims.faults(target, [*STORM, *(MESSAGES if target == "discharge" else [])], seed=seed)
    numbers = submit(bridge, 200)
    for plan in NATIONAL.values():
        sims.faults("national", plan, seed=3)
        bridge.run("drain", "--json", "--for", "20", timeout=600)
    sims.faults("national", [])
    drain_until(bridge, len(numbers), 600)
    assert_all_granted_once(sims, numbers)
