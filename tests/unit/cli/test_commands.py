from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bridge.storage.locks import init_lock
from bridge.storage.schema import SCHEMA_VERSION

Run = Callable[..., Any]
"""Runs a command by its words; gives `code`, `out`, `err` and `json`."""

DELIVERY_FIELDS = {"delivery", "number", "target", "kind", "state", "reason", "attempts", "next_try", "problem"}


def test_init_may_be_run_twice(run: Run, tmp_path: Path) -> None:
    """The first makes database and key, for their owner's eyes alone; the second changes nothing."""
    first = run("init", "--json")
    assert (first.code, first.json) == (
        0,
        {"database": f"sqlite:///{tmp_path}/data/bridge.db", "schema_version": SCHEMA_VERSION},
    )
    key = (tmp_path / "data/bridge.key").read_bytes()
    assert run("init", "--json").json == first.json
    assert (tmp_path / "data/bridge.key").read_bytes() == key
    assert {path.stat().st_mode & 0o077 for path in (tmp_path / "data").iterdir()} == {0}
    assert (tmp_path / "data").stat().st_mode & 0o077 == 0


def test_init_waits_for_nobody(run: Run, tmp_path: Path) -> None:
    """While another `init` runs: exit 5."""
    with init_lock(tmp_path / "data") as ours:
        assert ours
        assert run("init").code == 5


def test_init_never_gives_a_database_another_key(run: Run, tmp_path: Path) -> None:
    """A database whose key file is gone is refused: what is sealed in it would be lost without a word."""
    run("init")
    (tmp_path / "data/bridge.key").unlink()
    said = run("init")
    assert said.code == 1
    assert "BRIDGE_KEY_FILE" in said.err
    assert not (tmp_path / "data/bridge.key").exists()


@pytest.mark.parametrize("words", [("list",), ("drain",), ("submit", "-"), ("status", "x"), ("retry", "--all")])
def test_without_init_it_says_so(run: Run, words: tuple[str, ...]) -> None:
    """Every command that needs a database names `bridge init`."""
    said = run(*words)
    assert said.code == 1
    assert "bridge init" in said.err


def test_matters_show_their_routes(run: Run) -> None:
    """Name, types, targets, decider and number of fields; the route follows the settings in force."""
    matter = next(one for one in run("matters", "--json").json if one["matter"] == "discharge-permit")
    assert {"title", "types", "route", "decider", "fields"} <= set(matter)
    assert matter["route"] == ["municipal", "discharge", "national"]
    assert "排污许可" in run("matters").out


def test_a_target_that_is_off_leaves_the_route(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """`off` is not told."""
    monkeypatch.setenv("BRIDGE_TARGETS__DISCHARGE__MODE", "off")
    assert run("matters", "--json").json[0]["route"] == ["municipal", "national"]


def test_samples_are_documents(run: Run) -> None:
    """One document, or JSON Lines; the same seed gives the same; an unknown matter or type is not found."""
    assert json.loads(run("sample", "discharge-permit").out)["matter"] == "discharge-permit"
    many = run("sample", "discharge-permit", "--count", "2", "--type", "change-basic")
    assert [json.loads(line)["type"] for line in many.out.splitlines()] == ["change-basic"] * 2
    assert run("sample", "discharge-permit", "--count", "2", "--type", "change-basic").out == many.out
    assert run("sample", "nope").code == 4
    assert run("sample", "discharge-permit", "--type", "nope").code == 4
    assert run("sample", "discharge-permit", "--count", "0").code == 2


def test_submit_says_what_is_stored_and_what_is_not(
    run: Run, entered: list[dict[str, Any]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Again is again; good beside bad is 3; all bad is 1; standard input is a file too."""
    assert [one["again"] for one in entered] == [False] * 3
    again = run("submit", "in.jsonl")
    assert again.code == 0
    assert [line.split()[0] for line in again.out.splitlines()] == [one["number"] for one in entered]
    (tmp_path / "bad.json").write_text('{"matter": "discharge-permit", "type": "new", "form": 1}', encoding="utf-8")
    both = run("submit", "in.jsonl", "bad.json", "--json")
    assert both.code == 3
    (rejected,) = both.json["rejected"]
    assert rejected["source"] == "bad.json"
    assert {"pointer", "label", "message", "remedy", "severity"} <= set(rejected["problems"][0])
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"[1,")))
    bad = run("submit", "-")
    assert (bad.code, bad.out) == (1, "")
    assert "rejected" in bad.err


@pytest.mark.parametrize("words", [("nowhere.json",), (".",), ("in.jsonl", "table.xlsx"), ("-", "-")])
def test_submit_stores_nothing_of_a_mistaken_command(run: Run, tmp_path: Path, words: tuple[str, ...]) -> None:
    """A file that cannot be meant is a usage error before the first is read."""
    run("init")
    (tmp_path / "in.jsonl").write_text(run("sample", "discharge-permit", "--count", "1").out, encoding="utf-8")
    assert run("submit", *words).code == 2
    assert run("list", "--json").json == []


def test_list_shows_applications_and_deliveries(run: Run, entered: list[dict[str, Any]]) -> None:
    """Both lists are JSON arrays; filters narrow them; a filter that cannot be meant is a usage error."""
    numbers = [one["number"] for one in entered]
    assert [one["number"] for one in run("list", "--json").json] == numbers
    assert len(run("list", "--json", "--limit", "2").json) == 2
    assert run("list", "--json", "--state", "granted").json == []
    deliveries = run("list", "--deliveries", "--json").json
    assert len(deliveries) == 6
    assert set(deliveries[0]) >= DELIVERY_FIELDS
    assert len(run("list", "--deliveries", "--target", "discharge", "--state", "waiting", "--json").json) == 3
    assert len(run("list", "--deliveries", numbers[0], "--because", "mode", "--json").json) == 2
    assert numbers[0] in run("list").out
    assert run("list", "--state", "nope").code == 2
    assert run("list", "--target", "discharge").code == 2
    assert run("list", "--deliveries", "--target", "nope").code == 4
    assert run("list", "--deliveries", "nope").code == 4


def test_status_by_number(run: Run, entered: list[dict[str, Any]]) -> None:
    """One entry per target of the route, in its order; an unknown number is 4 and prints nothing."""
    number = entered[0]["number"]
    status = run("status", number, "--json").json
    assert [one["target"] for one in status["targets"]] == ["municipal", "discharge", "national"]
    assert [one["who_acts"] for one in status["targets"]] == ["operator", "operator", "nobody"]
    assert status["licence"] is None
    assert number in run("status", number).out
    unknown = run("status", "nope", "--json")
    assert (unknown.code, unknown.out) == (4, "")


@pytest.mark.usefixtures("entered")
def test_a_target_is_held_and_released(run: Run) -> None:
    """By word or by option; twice is once; a reason is needed; an unknown target is 4."""
    assert run("hold", "discharge", "--reason", "维护", "--json", "--dry-run").json == {"matched": 1, "done": 0}
    assert run("hold", "discharge", "--reason", "维护", "--actor", "王", "--json").json == {"matched": 1, "done": 1}
    assert run("hold", "--target", "discharge", "--reason", "维护", "--json").json == {"matched": 1, "done": 0}
    assert run("release", "discharge", "--json").json == {"matched": 1, "done": 1}
    assert run("hold", "discharge").code == 2
    assert run("hold", "--reason", "x").code == 2
    assert run("hold", "discharge", "--reason", "x", "--until", "yesterday").code == 2
    assert run("hold", "discharge", "--reason", "x", "--until", "2020-01-01").code == 2
    assert run("hold", "nope", "--reason", "x").code == 4
    assert run("release", "nope").code == 4


def test_acts_on_deliveries_count_before_they_act(run: Run, entered: list[dict[str, Any]]) -> None:
    """Park, retry and cancel by number or filter: matched and done; who and why go into the history."""
    number = entered[0]["number"]
    assert run("park", number, "--reason", "核对", "--dry-run", "--json").json == {"matched": 2, "done": 0}
    assert run("park", number, "--reason", "核对", "--actor", "王工", "--json").json == {"matched": 2, "done": 2}
    assert len(run("list", "--deliveries", "--state", "parked", "--json").json) == 2
    assert run("retry", "--target", "municipal", "--dry-run", "--json").json == {"matched": 1, "done": 0}
    assert run("retry", "--target", "municipal", "--rate", "5/s", "--json").json == {"matched": 1, "done": 1}
    assert run("cancel", number, "--target", "discharge", "--reason", "重复", "--json").json["done"] == 1
    timeline = run("status", number, "--json").json["timeline"]
    assert [one["actor"] for one in timeline if one["act"] == "parked"] == ["王工"] * 2
    assert {"retried", "cancelled"} <= {one["act"] for one in timeline}


@pytest.mark.parametrize(
    "words",
    [
        ("retry",),
        ("retry", "--all", "--rate", "fast"),
        ("retry", "--all", "--rate", "-1"),
        ("retry", "--all", "--actor", " "),
        ("retry", "--all", "--actor", "a\nb"),
        ("cancel", "--all"),
        ("cancel", "--all", "--reason", "x" * 501),
        ("park", "--reason", "x"),
    ],
)
def test_an_act_without_scope_actor_or_reason_is_refused(run: Run, words: tuple[str, ...]) -> None:
    """All of everything must be said; what is kept for ever must be a line of text."""
    assert run(*words).code == 2


def test_an_act_on_what_is_not_there_is_not_found(run: Run, entered: list[dict[str, Any]]) -> None:
    """A number that means nothing is named, and nothing is done for the others."""
    said = run("cancel", entered[0]["number"], "nope", "--reason", "x")
    assert said.code == 4
    assert "nope" in said.err
    assert run("list", "--deliveries", "--state", "cancelled", "--json").json == []


@pytest.mark.usefixtures("entered")
def test_drain_says_how_things_stand(run: Run) -> None:
    """Nothing may be written in `observe`: all waits, and that is no failure."""
    drained = run("drain", "--json")
    assert drained.code == 0
    assert drained.json == {"delivered": 0, "due": 0, "lodged": 0, "waiting": 6, "unknown": 0, "parked": 0}
    assert run("drain", "--for", "nan").code == 2
    assert run("drain", "--for", "-1").code == 2


def test_adapters_are_listed(run: Run) -> None:
    """What is plugged in, from the manifests."""
    shown = {one["id"]: one for one in run("adapters", "list", "--json").json}
    assert {"demo", "discharge", "municipal"} <= set(shown)
    assert shown["demo"]["abilities"]["batch"] == 1
    assert "discharge" in run("adapters", "list").out


def test_doctor_names_what_is_wrong(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before `init` and with targets that lack settings: each check by itself, exit 1, no traceback."""
    first = run("doctor", "--json")
    assert first.code == 1
    checks = {one["check"]: one for one in first.json}
    assert {"python", "sqlite", "clock", "settings", "data_dir", "key_file", "database", "disk"} <= set(checks)
    assert {"catalogue", "calendar", "target municipal", "target discharge"} <= set(checks)
    assert not checks["data_dir"]["ok"]
    assert "BRIDGE_TARGETS__DISCHARGE__URL" in checks["target discharge"]["detail"]
    run("init")
    monkeypatch.setenv("BRIDGE_RETRI__ATTEMPTS", "3")
    monkeypatch.setenv("BRIDGE_TARGETS__DISCHARGE__MODE", "off")
    (tmp_path / "data").chmod(0o755)
    checks = {one["check"]: one for one in run("doctor", "--json").json}
    assert checks["database"]["ok"]
    assert checks["key_file"]["ok"]
    assert checks["target discharge"]["ok"]
    assert "BRIDGE_RETRI__ATTEMPTS" in checks["settings"]["detail"]
    assert "chmod 700" in checks["data_dir"]["detail"]


def test_doctor_survives_settings_that_are_wrong(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """What can be checked without settings still is."""
    monkeypatch.setenv("BRIDGE_RETRY__ATTEMPTS", "x")
    said = run("doctor", "--json")
    assert said.code == 1
    assert [one["check"] for one in said.json if not one["ok"]] == ["settings"]
    assert "有问题" in run("doctor").out


def test_the_reference_is_written_and_checked(run: Run) -> None:
    """`--check` fails until `--write` has been run; one of the two must be said."""
    assert run("docs", "--check", "out").code == 1
    assert run("docs", "--write", "out").code == 0
    assert run("docs", "--check", "out").code == 0
    assert run("docs").code == 2
