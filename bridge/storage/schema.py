"""The schema's version: which one this release needs, which one a database has."""

from __future__ import annotations

from sqlalchemy import URL, inspect, make_url, text
from sqlalchemy.exc import SQLAlchemyError

from bridge.errors import SettingsError, StoreError
from bridge.storage.sqlite import SETTING, database_path, open_engine

SCHEMA_VERSION = 3
"""The newest migration, as a number; `migrations/versions` has one file for each."""

VERSION_TABLE = "alembic_version"


def current(url: str | URL) -> int | None:
    """The schema version of a database; None where there is none yet. Raises StoreError where it cannot be read."""
    parsed = make_url(url)
    if not database_path(parsed).exists():
        return None
    engine = open_engine(parsed, writes=False, busy_seconds=30.0)
    try:
        with engine.begin() as connection:
            if not inspect(connection).has_table(VERSION_TABLE):
                return None
            found = connection.execute(text(f"SELECT version_num FROM {VERSION_TABLE}")).scalar_one_or_none()  # noqa: S608 - a constant
    except SQLAlchemyError as exc:
        if "locked" in str(exc.args[:1]):
            raise StoreError("数据库被另一进程占用，请稍后再试 (another process holds the database)") from exc
        raise StoreError(
            "数据库文件无法读取，可能已损坏 (the database file cannot be read, perhaps it is damaged)"
        ) from exc
    finally:
        engine.dispose()
    return None if found is None else int(found)


def require_current(url: URL) -> None:
    """Refuse a database that this release cannot use. Raises SettingsError with the cure; StoreError."""
    version = current(url)
    if version is None:
        raise SettingsError(
            SETTING, "数据库尚未初始化，请先运行 bridge init (no database yet: run `bridge init` first)"
        )
    if version < SCHEMA_VERSION:
        message = f"数据库版本 {version} 较旧，请运行 bridge init 升级 (older schema: run `bridge init` to migrate)"
        raise SettingsError(SETTING, message)
    if version > SCHEMA_VERSION:
        message = f"数据库版本 {version} 比本程序新，请升级本程序 (newer schema: install the release that made it)"
        raise SettingsError(SETTING, message)
