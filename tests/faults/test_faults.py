"""Faults at the targets and crashes of ours: one record each, none lost, none parked."""

from __future__ import annotations

import json
import os
import random
import signal
import sqlite3
import subprocess
import time
from contextlib import closing
from typing import Any

import pytest

from bridge.testing.driver import Installation, Simulators, kill

TARGETS = ("municipal", "discharge")
STORM: list[dict[str, Any]] = [
    {"fault": "commit_then_drop", "share": 0.5, "on": "writes"},
    {"fault": "refuse", "share": 0.1, "on": "writes"},
    {"fault": "error_500", "share": 0.1, "on": "writes"},
]


def submit(bridge: Installation, count: int) -> set[str]:
    """Enter samples; their numbers."""
    documents = bridge.run("sample", "discharge-permit", "--count", str(count), "--seed", "11").out
    done = bridge.run("submit", "-", "--json", stdin=documents)
    assert done.code == 0, done.out[:2000]
    return {one["number"] for one in done.json["accepted"]}


def assert_one_each(sims: Simulators, numbers: set[str]) -> None:
    """Each target holds each application once, with its files."""
    for target in TARGETS:
        records = sims.records(target)
        keys = [one["key"] for one in records]
        assert sorted(keys) == sorted(numbers), target
        assert all(one["materials"] for one in records)


def storm(bridge: Installation, sims: Simulators, count: int, seconds: int) -> None:
    """Lost answers on half, refused connections on a tenth, 5xx on a tenth of the writing calls."""
    for seed, target in enumerate(TARGETS):
        sims.faults(target, STORM, seed=seed)
    numbers = submit(bridge, count)
    done = bridge.run("drain", "--json", "--for", str(seconds), timeout=seconds + 120)
    assert done.code == 0, done.out + done.err
    assert done.json["delivered"] == 2 * count
    assert_one_each(sims, numbers)


def test_storm(bridge: Installation, sims: Simulators) -> None:
    """A storm over 40 applications: all delivered once, none parked."""
    storm(bridge, sims, 40, 120)


@pytest.mark.long
def test_long_storm(bridge: Installation, sims: Simulators) -> None:
    """A storm over 500 applications with materials ends within 10 minutes: one record each, none lost, none parked."""
    storm(bridge, sims, 500, 600)


@pytest.mark.parametrize("target", TARGETS)
def test_slow_commit_makes_no_duplicate(bridge: Installation, sims: Simulators, target: str) -> None:
    """A target that commits seconds after we gave up is asked late enough: nothing is sent twice."""
    quick = Installation(bridge.folder, {**bridge.settings, "BRIDGE_HTTP__TOTAL_SECONDS": "1"})
    sims.faults(target, [{"fault": "slow_commit", "share": 0.4, "on": "writes"}])
    numbers = submit(quick, 10)
    done = quick.run("drain", "--json", "--for", "120")
    assert done.code == 0, done.out + done.err
    assert_one_each(sims, numbers)


def crash(bridge: Installation, sims: Simulators, count: int, kills: int) -> None:
    """Kill `bridge work` at random moments, then drain."""
    numbers = submit(bridge, count)
    dice = random.Random(4)
    for target in TARGETS:
        sims.faults(target, [{"fault": "drip", "share": 0.05, "on": "writes"}])
    for _ in range(kills):
        worker = bridge.start("work")
        time.sleep(dice.uniform(0.5, 2.0))  # noqa: TID251 - the moment of a crash is real time
        kill(worker)
    for target in TARGETS:
        sims.faults(target, [])
    done = bridge.run("drain", "--json", "--for", "30")
    assert done.code == 0, done.out + done.err
    assert_one_each(sims, numbers)


def test_killed_workers_lose_and_double_nothing(bridge: Installation, sims: Simulators) -> None:
    """`kill -9` of `bridge work` at three random moments, then a drain: one record each."""
    crash(bridge, sims, 150, 3)


@pytest.mark.long
def test_twenty_killed_workers_lose_and_double_nothing(bridge: Installation, sims: Simulators) -> None:
    """`kill -9` of `bridge work` at twenty random moments, then a drain: one record each."""
    crash(bridge, sims, 1500, 20)


def test_two_drains_at_once_double_nothing(bridge: Installation, sims: Simulators) -> None:
    """Any number of workers run side by side: the claims keep them apart."""
    numbers = submit(bridge, 100)
    others = [bridge.start("work") for _ in range(2)]
    done = bridge.run("drain", "--json", "--for", "30")
    for other in others:
        other.terminate()
        assert other.wait(timeout=60) == 0
    assert done.code in (0, 75), done.out
    assert bridge.run("drain", "--json", "--for", "20").code == 0
    assert_one_each(sims, numbers)


def stop_outside_a_transaction(process: subprocess.Popen[bytes], bridge: Installation) -> None:
    """Pause a process while it neither reads nor writes the database: else all others rightly wait for it."""
    while True:
        os.killpg(process.pid, signal.SIGSTOP)
        with closing(sqlite3.connect(bridge.folder / "bridge.db", timeout=0.0, isolation_level=None)) as connection:
            try:
                connection.execute("BEGIN EXCLUSIVE")
            except sqlite3.OperationalError:
                os.killpg(process.pid, signal.SIGCONT)
                continue
            connection.execute("ROLLBACK")
            return


def test_a_paused_worker_that_comes_back_late_doubles_nothing(bridge: Installation, sims: Simulators) -> None:
    """A worker stopped past its lease, overtaken by another and continued can neither settle nor send again."""
    short = Installation(bridge.folder, {**bridge.settings, "BRIDGE_LEASE_SECONDS": "2"})
    numbers = submit(short, 60)
    sleeper = short.start("work")
    time.sleep(1.5)  # noqa: TID251 - the moment of a pause is real time
    stop_outside_a_transaction(sleeper, short)
    time.sleep(2.5)  # noqa: TID251 - the lease must really end
    done = short.run("drain", "--json", "--for", "30")
    assert done.code == 0, done.out + done.err
    os.killpg(sleeper.pid, signal.SIGCONT)
    time.sleep(2.0)  # noqa: TID251 - what it still wants to do, it does now
    sleeper.terminate()
    assert sleeper.wait(timeout=60) == 0
    assert_one_each(sims, numbers)
    assert short.run("drain", "--json", "--for", "20").code == 0


def test_submission_killed_half_way_is_entered_once(bridge: Installation) -> None:
    """A submission killed before its answer and entered again doubles nothing."""
    documents = bridge.run("sample", "discharge-permit", "--count", "120", "--seed", "3").out
    file = bridge.folder / "in.jsonl"
    file.write_text(documents, encoding="utf-8")
    started = bridge.start("submit", str(file), "--json")
    time.sleep(1.2)  # noqa: TID251 - the moment of a crash is real time
    kill(started)
    done = bridge.run("submit", str(file), "--json")
    assert done.code == 0
    listed = bridge.run("list", "--json").json
    assert len(listed) == len({one["number"] for one in listed}) == 120
    assert {one["number"] for one in done.json["accepted"]} == {one["number"] for one in listed}


def test_marked_values_are_nowhere_in_clear(bridge: Installation) -> None:
    """No personal value is in the database file, the logs or the errors in clear."""
    documents = [json.loads(line) for line in bridge.run("sample", "discharge-permit", "--count", "5").out.splitlines()]
    marks = []
    for place, one in enumerate(documents):
        mark = f"甄别标记{place}"
        one["data"]["applicant"]["legal_rep"]["name"] = mark
        marks += [mark, one["data"]["applicant"]["legal_rep"]["id_no"], one["data"]["contacts"][0]["mobile"]]
    text = "".join(json.dumps(one, ensure_ascii=False) + "\n" for one in documents)
    spoiled = json.loads(json.dumps(documents[0]))
    spoiled["data"]["applicant"]["legal_rep"]["id_no"] = marks[1] + "9"
    spoken = bridge.run("submit", "-", "--json", stdin=text + json.dumps(spoiled, ensure_ascii=False) + "\n")
    assert spoken.code == 3
    worked = bridge.run("drain", "--json")
    assert worked.code == 0
    said = spoken.out + spoken.err + worked.out + worked.err
    held = b"".join(path.read_bytes() for path in bridge.folder.rglob("*") if path.is_file())
    for mark in marks:
        assert mark not in said
        assert mark.encode() not in held
