"""Telemetry: structured logs on standard error, one JSON line per event, that cannot show a personal value.

Two nets: only fields of the allow-list are written, and what looks like a number of a person or company is blotted out
of what remains. Libraries' own records go the same way. What does not belong here: what is worth logging (each room
decides for itself).
"""

from __future__ import annotations

import contextlib
import logging
import re
import sys
from typing import TYPE_CHECKING, Any, TextIO, cast

import structlog

if TYPE_CHECKING:
    from structlog.typing import EventDict, FilteringBoundLogger, WrappedLogger

FIELDS = frozenset(
    {
        "act",
        "application",
        "attempt",
        "code",
        "count",
        "delivery",
        "error",
        "event",
        "kind",
        "lane",
        "level",
        "matter",
        "milliseconds",
        "module",
        "number",
        "outcome",
        "port",
        "reason",
        "setting",
        "state",
        "status",
        "target",
        "timestamp",
        "version",
        "worker",
    }
)
"""Fields that may be written; any other is replaced by REDACTED."""

REDACTED = "[redacted]"

LONGEST = 500
"""Characters of one value that are written."""

PERSONAL = re.compile(
    r"(?<![0-9A-Za-z])(?:[1-9][0-9]{16}[0-9Xx]|(?:(?:00)?86)?1[3-9][0-9]{9}|[0-9A-HJ-NPQRTUWXY]{18})(?![0-9A-Za-z])",
    re.ASCII,
)
"""Identity numbers, mobile numbers and 统一社会信用代码."""

CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]")
"""What could forge a line, drive a terminal, or hide and turn around what is read."""

QUIETED = ("httpx", "httpcore", "aiohttp", "asyncio", "alembic", "sqlalchemy")
"""Libraries whose own logs are let through from WARNING on only."""


def configure(level: str = "WARNING", stream: TextIO | None = None) -> None:
    """Set up logging for this process, to `stream` or standard error; below `level` an event costs next to nothing."""
    number = logging.getLevelNamesMapping()[level.upper()]
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            redact,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.WriteLoggerFactory(cast("TextIO", _Sink(stream))),
        cache_logger_on_first_use=False,
    )
    for name in QUIETED:
        logging.getLogger(name).setLevel(max(number, logging.WARNING))  # noqa: TID251 - quieting others is done here
    root = logging.getLogger()  # noqa: TID251 - what libraries say is caught here
    root.handlers = [one for one in root.handlers if not isinstance(one, _OfLibraries)]
    root.addHandler(_OfLibraries())


def logger(name: str) -> FilteringBoundLogger:
    """The logger of a module. Nothing is set up until it is used."""
    return cast("FilteringBoundLogger", structlog.get_logger(module=name))


def redact(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Let through allowed fields only, and these blotted."""
    return {name: _blot(value) if name in FIELDS else REDACTED for name, value in event.items()}


def _blot(value: Any) -> Any:
    """A value without personal numbers and control characters."""
    if isinstance(value, bool | float | None):
        return value
    if isinstance(value, int):
        return REDACTED if PERSONAL.fullmatch(str(value)) else value
    text = value if isinstance(value, str) else str(value)
    whole = PERSONAL.sub(REDACTED, CONTROL.sub(lambda found: f"\\x{ord(found[0]):02x}", text))
    return whole if len(whole) <= LONGEST else whole[:LONGEST] + "…"


class _OfLibraries(logging.Handler):
    """What a library logs, as an event of ours: the first line of its template, never the values put into it."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write one record."""
        error = record.exc_info[0].__name__ if record.exc_info and record.exc_info[0] else None
        first = str(record.msg).partition("\n")[0]
        level = min(max(record.levelno // 10 * 10, logging.DEBUG), logging.CRITICAL)  # a library may have its own
        logger(record.name).log(level, "library", reason=first, error=error)


class _Sink:
    """A stream that may be gone: what cannot be logged must not stop what was going to be done."""

    def __init__(self, stream: TextIO | None) -> None:
        self._stream = stream

    def write(self, line: str) -> None:
        """Write a line, to whatever standard error is now where no stream was given."""
        with contextlib.suppress(OSError, ValueError):
            (self._stream or sys.stderr).write(line)

    def flush(self) -> None:
        """Bring it out."""
        with contextlib.suppress(OSError, ValueError):
            (self._stream or sys.stderr).flush()
