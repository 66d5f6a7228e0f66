"""A database's errors read as ours, by what is known of them: nothing was done, refused, denied, or perhaps done.

Messages of a database may hold values, so none of them goes on: only the columns that it names.
Sources: the error references of SQLite (result codes), MySQL 8 (server and client errors), Oracle (ORA-…) and
PostgreSQL (SQLSTATE). What does not belong here: when a transaction is made (`database`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from enum import Enum
from typing import Any

from sqlalchemy.exc import (
    DataError,
    DBAPIError,
    DisconnectionError,
    IntegrityError,
    NoSuchModuleError,
    ProgrammingError,
    SQLAlchemyError,
)

from bridge.errors import AccessDenied, FieldRefusal, OutcomeUnknown, Refused, TargetError, TryLater


class Means(Enum):
    """What an error says."""

    BUSY = "busy"
    """Locked, full or overloaded: not done."""
    SILENT = "silent"
    """Nobody answers: not done, before a COMMIT."""
    DENIED = "denied"
    """Our account may not."""
    SETUP = "setup"
    """A table or column is not there."""
    REFUSED = "refused"
    """The data are not taken."""


SQLITE: Mapping[str, Means] = {
    "SQLITE_BUSY": Means.SILENT,  # a file has no server: nobody has answered
    "SQLITE_LOCKED": Means.SILENT,
    "SQLITE_FULL": Means.BUSY,
    "SQLITE_CANTOPEN": Means.SILENT,
    "SQLITE_IOERR": Means.SILENT,
    "SQLITE_NOTADB": Means.SETUP,
    "SQLITE_ERROR": Means.SETUP,
    "SQLITE_READONLY": Means.DENIED,
    "SQLITE_PERM": Means.DENIED,
    "SQLITE_AUTH": Means.DENIED,
    "SQLITE_CONSTRAINT": Means.REFUSED,
    "SQLITE_MISMATCH": Means.REFUSED,
    "SQLITE_TOOBIG": Means.REFUSED,
}
"""By the start of the result code's name."""

MYSQL: Mapping[int, Means] = {
    **dict.fromkeys((1044, 1045, 1142, 1143, 1227, 1698), Means.DENIED),
    **dict.fromkeys((1021, 1040, 1114, 1203, 1205, 1213, 1290, 1836, 3024), Means.BUSY),
    **dict.fromkeys((1053, 2002, 2003, 2005, 2006, 2013, 2055), Means.SILENT),
    **dict.fromkeys((1048, 1062, 1264, 1265, 1292, 1364, 1366, 1406, 3819), Means.REFUSED),
    **dict.fromkeys((1049, 1054, 1146), Means.SETUP),
}

ORACLE: Mapping[int, Means] = {
    **dict.fromkeys((1017, 1031, 1045, 28000, 28001), Means.DENIED),
    **dict.fromkeys((18, 20, 54, 60, 257, 1536, 1653, 1654, 1688, 30006), Means.BUSY),
    **dict.fromkeys((1033, 1034, 1089, 1092, 3113, 3114, 3135, 12170, 12514, 12541, 12571), Means.SILENT),
    **dict.fromkeys((1, 1400, 1438, 1861, 2290, 12899), Means.REFUSED),
    **dict.fromkeys((904, 942), Means.SETUP),
}

SQLSTATE: Mapping[str, Means] = {
    "08": Means.SILENT,
    "57P": Means.SILENT,
    "22": Means.REFUSED,
    "23": Means.REFUSED,
    "28": Means.DENIED,
    "42501": Means.DENIED,
    "3D": Means.SETUP,
    "42": Means.SETUP,
    "25006": Means.BUSY,
    "40": Means.BUSY,
    "53": Means.BUSY,
    "55P03": Means.BUSY,
}
"""By its start; the longest that fits counts."""

NOT_DONE_AT_COMMIT = frozenset({Means.BUSY, Means.REFUSED, Means.DENIED})
"""What a database says of a COMMIT that it has not done. A busy SQLite keeps the transaction open, so it is one."""


def not_done(exc: Exception, columns: Mapping[str, str] | None = None, path: str = "") -> TargetError:
    """An error before COMMIT: nothing has been done.

    `columns` are the columns of the table that was being written, by their names there; `path` its place in the
    payload.
    """
    means = meaning(exc)
    if means is Means.REFUSED:
        fields = [FieldRefusal(f"{path}.{name}", "前置库不接收此项 (not taken)") for name in _named(exc, columns or {})]
        what = "、".join(one.path for one in fields) or path
        message = f"前置库按约束拒绝了 {what} (the front-end database refuses it)"
        return Refused(message, fields=fields, code=_code(exc))
    if means is Means.DENIED:
        return AccessDenied(
            "前置库不接受我方账号或权限不足 (our account is not accepted there, or may not)", code=_code(exc)
        )
    if means is Means.SETUP:
        message = (
            "前置库缺表或缺列，请核对建表与 naming 设置 (a table or column is missing: check the tables and `naming`)"
        )
        return AccessDenied(message, code=_code(exc))
    if means is Means.BUSY:
        return TryLater("前置库忙或空间不足 (the front-end database is busy or full)", code=_code(exc))
    return TryLater("前置库连不上或被锁 (the front-end database cannot be reached, or is locked)", answered=False)


def at_commit(exc: Exception) -> TargetError:
    """An error of COMMIT itself: not done only where the database says so."""
    means = meaning(exc)
    if means in NOT_DONE_AT_COMMIT or (means is Means.SILENT and _sqlite_name(exc) in ("SQLITE_BUSY", "SQLITE_FULL")):
        return not_done(exc)
    return OutcomeUnknown("提交时连接中断，结果不明 (the line was lost at COMMIT)", answered=False, code=_code(exc))


def meaning(exc: Exception) -> Means:
    """What an error says; where nothing is known of it, by its class, and else that nobody answered."""
    if isinstance(exc, DisconnectionError) or (isinstance(exc, DBAPIError) and exc.connection_invalidated):
        return Means.SILENT
    for known in (_of_sqlite(exc), _of_number(exc), _of_state(exc)):
        if known is not None:
            return known
    if isinstance(exc, IntegrityError | DataError):
        return Means.REFUSED
    if isinstance(exc, ProgrammingError | NoSuchModuleError):
        return Means.SETUP
    return Means.SILENT


def is_ours(exc: BaseException) -> bool:
    """Whether an exception is the database's, and no bug of the caller's."""
    return isinstance(exc, SQLAlchemyError)


def _sqlite_name(exc: Exception) -> str:
    """The main result code of an SQLite error, `SQLITE_BUSY` of `SQLITE_BUSY_SNAPSHOT`."""
    name = str(getattr(getattr(exc, "orig", None), "sqlite_errorname", ""))
    return "_".join(name.split("_")[:2])


def _of_sqlite(exc: Exception) -> Means | None:
    return SQLITE.get(_sqlite_name(exc))


def _of_number(exc: Exception) -> Means | None:
    """MySQL's drivers give a number first; Oracle's an object with `code` and `full_code`."""
    first: Any = next(iter(getattr(getattr(exc, "orig", None), "args", ())), None)
    if isinstance(first, int):
        return MYSQL.get(first)
    if isinstance(number := getattr(first, "code", None), int):
        return ORACLE.get(number)
    return None


def _of_state(exc: Exception) -> Means | None:
    """PostgreSQL's SQLSTATE."""
    state = str(getattr(getattr(exc, "orig", None), "sqlstate", None) or "")
    fits = sorted((start for start in SQLSTATE if state.startswith(start)), key=len)
    return SQLSTATE[fits[-1]] if fits else None


def _code(exc: Exception) -> str | None:
    """The database's own code."""
    orig = getattr(exc, "orig", None)
    if name := _sqlite_name(exc):
        return name
    first: Any = next(iter(getattr(orig, "args", ())), None)
    if isinstance(first, int):
        return str(first)
    number = getattr(first, "code", None) or getattr(orig, "sqlstate", None)
    return str(number) if number else None


def _named(exc: Exception, columns: Mapping[str, str]) -> Iterable[str]:
    """Our names of the columns that an error names. Its text is searched and never shown."""
    words = {word.casefold() for word in re.findall(r"\w+", str(getattr(exc, "orig", "")), re.ASCII)}
    return [ours for theirs, ours in columns.items() if theirs.casefold() in words]
