"""The laws of `bridge audit`: exit codes and JSON are a contract; what leaves the machine is checked, and dated."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., Any]
"""Runs a command by its words; gives `code`, `out`, `err` and `json`."""


def sql(tmp_path: Path, *statements: str) -> None:
    """Behind the bridge's back."""
    with closing(sqlite3.connect(tmp_path / "data/bridge.db")) as connection, connection:
        for statement in statements:
            connection.execute(statement)


LAST = "(SELECT max(position) FROM ledger_events)"
CUT = (
    f"""UPDATE ledger_heads SET sequence = sequence - 1,
        digest = (SELECT previous FROM ledger_events WHERE position = {LAST})
        WHERE application = (SELECT application FROM ledger_events WHERE position = {LAST})""",
    "DELETE FROM ledger_heads WHERE sequence = 0",
    f"DELETE FROM ledger_events WHERE position = {LAST}",
    "UPDATE counters SET value = value - 1 WHERE name = 'ledger'",
    "DELETE FROM ledger_tiles",
    "DELETE FROM ledger_checkpoints",
    "UPDATE counters SET value = 0 WHERE name = 'ledger_tree'",
)
"""The last event cut off, with everything that tells of it."""


@pytest.fixture
def events(entered: list[Any], run: Run) -> int:
    """How many events there are after three applications were entered."""
    del entered
    found: int = run("audit", "status", "--json").json["events"]
    assert found >= 3
    return found


def test_a_whole_ledger(run: Run, events: int) -> None:
    """Verified whole: exit 0, the fields of the contract."""
    said = run("audit", "verify", "--json")
    assert said.code == 0
    assert said.json.items() >= {"events": events, "ok": True, "first_bad": None}.items()
    assert run("audit", "verify").out.startswith(f"完好 (whole): {events}")


@pytest.mark.usefixtures("entered")
def test_a_changed_event_is_named(run: Run, tmp_path: Path) -> None:
    """One event changed: exit 1, the first bad entry with its id, its application and what happened."""
    sql(tmp_path, "UPDATE ledger_events SET recorded_at = 1 WHERE position = 2")
    said = run("audit", "verify", "--json")
    assert (said.code, said.json["ok"]) == (1, False)
    assert (said.json["first_bad"]["id"], said.json["first_bad"]["what"]) == (2, "changed")
    assert said.json["first_bad"]["application"]
    assert "第 2 条" in run("audit", "verify").out


def test_a_checkpoint_leaves_the_machine(run: Run, tmp_path: Path, events: int) -> None:
    """A checkpoint is written outside, status tells when; a ledger cut later with all its traces does not pass it."""
    before = run("audit", "status", "--json").json
    assert (before["checkpoint"], before["outside"]) == (None, None)
    made = run("audit", "checkpoint", "-o", "kept.txt", "--json")
    assert (made.code, made.json["size"]) == (0, events)
    assert (tmp_path / "kept.txt").read_text(encoding="utf-8") == made.json["note"]
    after = run("audit", "status", "--json").json
    assert (after["outside"]["size"], after["exposed_seconds"]) == (events, None)
    assert after["outside"]["place"] == str(tmp_path / "kept.txt")
    assert run("audit", "verify", "--checkpoint", "kept.txt", "--json").json["outside"] == 1
    sql(tmp_path, *CUT)
    assert run("audit", "checkpoint", "-o", "other.txt").code == 0  # who has the key too can sign what is left
    assert run("audit", "verify").code == 0
    said = run("audit", "verify", "--checkpoint", "kept.txt", "--json")
    assert said.code == 1
    assert (said.json["first_bad"]["id"], said.json["first_bad"]["what"]) == (events, "truncated")
    kept = (tmp_path / "kept.txt").read_bytes()
    assert run("audit", "checkpoint", "-o", "kept.txt").code == 1  # the witness is left alone
    assert (tmp_path / "kept.txt").read_bytes() == kept


@pytest.mark.usefixtures("entered")
def test_drain_writes_one_outside(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a folder set, a drain leaves the newest checkpoint of the day there, and `verify` looks at it unasked."""
    outside = tmp_path / "outside"
    outside.mkdir()
    monkeypatch.setenv("BRIDGE_LEDGER__CHECKPOINT_DIR", str(outside))
    run("drain")
    (file,) = outside.glob("checkpoint-*.txt")
    assert (outside / f"ledger-{file.name.split('-')[1]}.pub").is_file()
    assert run("audit", "status", "--json").json["outside"]["place"] == str(file)
    first = file.read_bytes()
    run("drain")
    assert file.read_bytes() == first
    assert run("audit", "verify", "--json").json["outside"] == 1
    sql(tmp_path, *CUT)
    assert run("audit", "verify").code == 1
    monkeypatch.setenv("BRIDGE_LEDGER__CHECKPOINT_DIR", str(tmp_path / "not-mounted"))
    assert run("audit", "checkpoint").code == 1
    assert not (tmp_path / "not-mounted").exists()


@pytest.mark.usefixtures("entered")
def test_the_age_is_told(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """An event that has been too long without a checkpoint outside is warned of by `status` and `doctor`."""
    checks = {one["check"]: one for one in run("doctor", "--json").json}
    assert checks["ledger"]["ok"]
    monkeypatch.setenv("BRIDGE_LEDGER__WARN_SECONDS", "0.000001")
    assert run("audit", "status", "--json").json["warning"]
    assert "bridge audit checkpoint" in run("audit", "status").err
    checks = {one["check"]: one for one in run("doctor", "--json").json}
    assert not checks["ledger"]["ok"]
    run("audit", "checkpoint", "-o", "kept.txt")
    assert run("audit", "status", "--json").json["warning"] is None


@pytest.mark.usefixtures("entered")
def test_inside_is_not_outside(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The data folder is no place outside, neither as a word nor as a setting."""
    assert run("audit", "checkpoint", "-o", str(tmp_path / "data" / "x.txt")).code == 1
    monkeypatch.setenv("BRIDGE_LEDGER__CHECKPOINT_DIR", str(tmp_path / "data" / "outside"))
    said = run("audit", "status")
    assert said.code == 1
    assert "BRIDGE_LEDGER__CHECKPOINT_DIR" in said.err


@pytest.mark.usefixtures("entered")
def test_a_signed_ledger_gets_no_other_key(run: Run, tmp_path: Path) -> None:
    """`init` makes the signing key once; where checkpoints are signed and the key is gone it makes no other."""
    path = tmp_path / "data/ledger.key"
    path.unlink()
    assert run("init").code == 0
    assert path.stat().st_mode & 0o777 == 0o600
    run("audit", "checkpoint", "-o", "kept.txt")
    path.unlink()
    said = run("init")
    assert said.code == 1
    assert "BRIDGE_LEDGER__KEY_FILE" in said.err
    assert not path.exists()


@pytest.mark.usefixtures("entered")
def test_a_file_that_is_no_checkpoint(run: Run, tmp_path: Path) -> None:
    """A file that is not there is a mistake of use; one that is no checkpoint is refused in words."""
    assert run("audit", "verify", "--checkpoint", "none.txt").code == 2
    (tmp_path / "bad.txt").write_bytes(b"\xff\xfe")
    said = run("audit", "verify", "--checkpoint", "bad.txt")
    assert (said.code, "检查点" in said.err) == (1, True)
