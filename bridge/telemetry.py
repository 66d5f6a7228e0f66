"""Telemetry: structured logs on standard error, one JSON line per event, that cannot show a personal value.

Two nets: only fields of the allow-list are written, and what looks like a number of a person or company is blotted out
of what remains. What does not belong here: what is worth logging (each room decides for itself).
"""

from __future__ import annotations

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

PERSONAL = re.compile(
    r"(?<![0-9A-Za-z])(?:[1-9][0-9]{16}[0-9Xx]|1[3-9][0-9]{9}|[0-9A-HJ-NPQRTUWXY]{18})(?![0-9A-Za-z])", re.ASCII
)
"""Identity numbers, mobile numbers and 统一社会信用代码."""

CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
"""What could forge a line or drive a terminal."""

QUIETED = ("httpx", "httpcore", "aiohttp", "asyncio", "alembic", "sqlalchemy")
"""Libraries whose own logs are let through from WARNING on only."""


def configure(level: str = "WARNING", stream: TextIO | None = None) -> None:
    """Set up logging for this process; below `level` an event costs one comparison."""
    number = logging.getLevelNamesMapping()[level.upper()]
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            redact,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.WriteLoggerFactory(stream or sys.stderr),
        cache_logger_on_first_use=False,
    )
    for name in QUIETED:
        logging.getLogger(name).setLevel(max(number, logging.WARNING))  # noqa: TID251 - quieting others is done here


def logger(name: str) -> FilteringBoundLogger:
    """The logger of a module. Nothing is set up until it is used."""
    return cast("FilteringBoundLogger", structlog.get_logger(name))


def redact(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Let through allowed fields only, and these blotted."""
    return {name: _blot(value) if name in FIELDS else REDACTED for name, value in event.items()}


def _blot(value: Any) -> Any:
    """A value without personal numbers and control characters."""
    if isinstance(value, str):
        return PERSONAL.sub(REDACTED, CONTROL.sub(lambda found: f"\\x{ord(found[0]):02x}", value))
    return value if isinstance(value, int | float | bool | None) else _blot(str(value))
