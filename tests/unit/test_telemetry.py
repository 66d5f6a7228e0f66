"""Logs are JSON lines that show no personal value, whatever they are given."""

from __future__ import annotations

import io
import json
import logging

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from bridge import telemetry
from bridge.telemetry import FIELDS, REDACTED, configure, logger

PERSONAL = ["120101198001010012", "12010119800101001X", "13900000001", "8613900000001", "91120116MA05000011"]


@pytest.fixture(autouse=True)
def _as_before():
    """Logging is the process's: each test leaves it as it was."""
    root = logging.getLogger()  # noqa: TID251 - what libraries use is what is tested
    handlers = list(root.handlers)
    yield
    structlog.reset_defaults()
    root.handlers = handlers
    for name in telemetry.QUIETED:
        logging.getLogger(name).setLevel(logging.NOTSET)  # noqa: TID251 - as above


@pytest.fixture
def out():
    """Where lines go."""
    return io.StringIO()


def written(out):
    """The lines, each one JSON object."""
    return [json.loads(line) for line in out.getvalue().splitlines()]


def test_an_event_is_one_json_line(out):
    """Name, fields, level, module and time."""
    configure("INFO", out)
    logger("bridge.engine.worker").info("lease_lost", worker="w1", count=3)
    (line,) = written(out)
    assert line.pop("timestamp").endswith("Z")
    assert line == {
        "event": "lease_lost",
        "worker": "w1",
        "count": 3,
        "level": "info",
        "module": "bridge.engine.worker",
    }


def test_only_allowed_fields_are_written(out):
    """A field that nobody allowed shows that it was there, and nothing else."""
    configure("INFO", out)
    logger("x").warning("sent", applicant="天津海晏试验化工有限公司", payload={"name": "测试甲"}, target="municipal")
    (line,) = written(out)
    assert (line["applicant"], line["payload"], line["target"]) == (REDACTED, REDACTED, "municipal")
    assert "applicant" not in FIELDS


@pytest.mark.parametrize("value", PERSONAL)
@pytest.mark.parametrize("around", ["{}", "电话{}。", "id={}&x=1", "+{}", "a {} b", '{{"mobile": "{}"}}'])
def test_personal_numbers_are_blotted(out, value, around):
    """Identity numbers, mobile numbers and USCCs do not pass, wherever they stand in an allowed field."""
    configure("INFO", out)
    logger("x").warning(around.format(value), reason=around.format(value), error=ValueError(value), code=[value])
    assert value not in out.getvalue()
    assert value[2:-2] not in out.getvalue()


def test_personal_numbers_are_blotted_as_numbers(out):
    """A mobile number is one as an integer too; counts and times are not."""
    configure("INFO", out)
    logger("x").warning("sent", count=13900000001, milliseconds=1_763_900_000_123, attempt=2)
    (line,) = written(out)
    assert (line["count"], line["milliseconds"], line["attempt"]) == (REDACTED, 1_763_900_000_123, 2)


@pytest.mark.parametrize("value", ["YCL2026112300000015", "019aa7b0-6d3c-7b1e-8f00-13900000001f", "sha256:" + "1" * 64])
def test_our_own_numbers_are_kept(out, value):
    """What an operator looks up is not taken for a person's."""
    configure("INFO", out)
    logger("x").warning("sent", number=value)
    assert written(out)[0]["number"] == value


@given(st.text(), st.text())
def test_no_text_forges_a_line_or_drives_a_terminal(event, value):
    """Whatever is logged is one line, and holds no control character and nothing that turns text around."""
    out = io.StringIO()
    configure("INFO", out)
    logger("x").warning(event, reason=value + "\n2026-11-23 ADMIN login ok\x1b[31m\u202e\u2028")
    text = out.getvalue()
    assert text.count("\n") == len(text.splitlines()) == 1
    assert not any(sign in text for sign in "\x1b\x00\x85\u202e\u2028\u200b\ufeff")
    json.loads(text)


def test_a_long_value_is_cut(out):
    """A page that a target sent does not fill the log."""
    configure("INFO", out)
    logger("x").warning("sent", reason="长" * 100_000)
    assert len(out.getvalue()) < 1000


def test_no_traceback_is_written(out):
    """A traceback could show what stood in a variable or a message."""
    configure("INFO", out)
    logger("x").error("failed", exc_info=ValueError("测试甲"))
    assert "测试甲" not in out.getvalue()
    assert "Traceback" not in out.getvalue()


def test_below_the_level_nothing_is_made(out):
    """What is not written is not rendered either."""

    class Loud:
        def __str__(self):
            raise AssertionError("rendered")

    configure("WARNING", out)
    logger("x").info("sent", reason=Loud())
    logger("x").debug("sent", reason=Loud())
    assert out.getvalue() == ""


def test_a_logger_made_early_follows_the_set_up(out):
    """Modules make theirs at import; the level and the stream of the process come later, and may change."""
    log = logger("x")
    configure("ERROR", out)
    log.warning("one")
    configure("WARNING", out)
    log.warning("two")
    assert [line["event"] for line in written(out)] == ["two"]


def test_libraries_speak_the_same_language(out):
    """Their warnings are events too, by their template, without what was put into it and without tracebacks."""
    configure("DEBUG", out)
    configure("DEBUG", out)
    library = logging.getLogger("aiohttp.client")  # noqa: TID251 - a library's own
    library.info("quiet")
    library.warning("cannot reach %s", "测试甲", exc_info=ValueError("测试甲"))
    logging.getLogger("other").log(35, "odd\nlevel")  # noqa: TID251 - a library's own
    lines = [{name: line[name] for name in ("event", "module", "reason", "error", "level")} for line in written(out)]
    assert lines == [
        {
            "event": "library",
            "module": "aiohttp.client",
            "reason": "cannot reach %s",
            "error": "ValueError",
            "level": "warning",
        },
        {"event": "library", "module": "other", "reason": "odd", "error": None, "level": "warning"},
    ]


def test_a_stream_that_is_gone_stops_nobody(capsys):
    """Work goes on when its log cannot be written; without a stream it is the standard error of the moment."""
    gone = io.StringIO()
    configure("INFO", gone)
    gone.close()
    logger("x").warning("unheard")
    configure("INFO")
    logger("x").warning("heard")
    captured = capsys.readouterr()
    assert (captured.out, json.loads(captured.err)["event"]) == ("", "heard")
