from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bridge.cli import app, failure, main
from bridge.cli.failure import clean, report, say
from bridge.errors import InvalidApplication, NotFound, Problem, SettingsError, StoreError

Run = Callable[..., Any]
"""Runs a command by its words; gives `code`, `out`, `err` and `json`."""

PROBLEM = Problem("/data/a", "甲", "A", "有误", "wrong", "请改", "mend it")


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (InvalidApplication([PROBLEM]), 1, "/data/a 甲：有误 请改"),
        (SettingsError("BRIDGE_X", "缺少"), 1, "BRIDGE_X: 缺少"),
        (StoreError(), 1, "本系统数据库暂不可用"),
        (NotFound("没有找到"), 4, "没有找到"),
        (failure.UsageMistake("用法"), 2, "用法"),
        (KeyboardInterrupt(), 130, "已中断"),
        (OSError(28, "No space left on device", "x.db"), 1, "No space left on device: x.db"),
        (ValueError("geheim"), 1, "ValueError"),
        (RecursionError("geheim"), 1, "RecursionError"),
    ],
)
def test_every_error_has_words_and_a_code(
    error: BaseException, code: int, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """One line or two for a person on standard error; an unknown error shows its class alone."""
    assert report(error) == code
    told = capsys.readouterr()
    assert said in told.err
    assert "geheim" not in told.err
    assert "Traceback" not in told.err
    assert told.out == ""


def test_a_bug_shows_no_traceback_unless_asked(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """BRIDGE_DEBUG=1 raises it; without it a person hears what to do."""

    def broken() -> None:
        raise ZeroDivisionError("geheim")

    monkeypatch.setitem(app.COMMANDS, "matters", broken)
    said = run("matters")
    assert said.code == 1
    assert "ZeroDivisionError" in said.err
    assert "geheim" not in said.err
    monkeypatch.setenv("BRIDGE_DEBUG", "1")
    with pytest.raises(ZeroDivisionError):
        main(["matters"])


@pytest.mark.parametrize(
    "words", [("nope",), ("status",), ("drain", "--for", "x"), ("status", "\udcff"), ("adapters",)]
)
def test_usage_errors_leave_with_two(run: Run, words: tuple[str, ...]) -> None:
    """A command not given as it should be says so on standard error, and does nothing."""
    said = run(*words)
    assert (said.code, said.out) == (2, "")
    assert said.err


def test_no_words_are_a_question(run: Run) -> None:
    """`bridge` alone shows the help and leaves with 0; every command is on it."""
    said = run()
    assert said.code == 0
    assert all(name in said.out for name in app.COMMANDS)
    assert "docs" not in said.out.split("Commands:")[1].split()


def test_the_version_is_told(run: Run) -> None:
    """One line."""
    said = run("--version")
    assert (said.code, len(said.out.split())) == (0, 1)


def test_what_could_drive_a_terminal_is_not_printed(capsys: pytest.CaptureFixture[str]) -> None:
    """Escape sequences, line breaks and turns of direction that others chose are blotted out; Chinese is not."""
    assert clean("天津\u3000①\U00020bb7 ok") == "天津\u3000①\U00020bb7 ok"
    assert clean("a\x1b[31m\r\n\u202eb\u2028") == "a?[31m???b?"
    say("一\n二\x07")
    assert capsys.readouterr().err == "一\n二?\n"


def test_starting_is_fast() -> None:
    """`bridge --version` needs none of the rooms below: it starts at once, and imports no database and no client."""
    heavy = ("sqlalchemy", "aiohttp", "pydantic", "rich.table")
    code = f"import sys, bridge.cli.app; print([name for name in {heavy} if name in sys.modules])"
    start = time.monotonic()
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
    assert time.monotonic() - start < 5


def test_who_stops_reading_is_no_error(tmp_path: Path) -> None:
    """`bridge sample … | head -1`: quiet."""
    line = f"{sys.executable} -m bridge.cli sample discharge-permit --count 60 | head -c 1"
    done = subprocess.run(["sh", "-c", line], capture_output=True, text=True, check=True, cwd=tmp_path)
    assert (done.stdout, done.stderr) == ("{", "")
