"""Migrating: bring a database to this release's schema, in one transaction, with Alembic and without its ini file."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext, MigrationStep
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, insert, make_url, select
from sqlalchemy.exc import SQLAlchemyError

from bridge.clock import Clock, SystemClock, rfc3339
from bridge.errors import SettingsError, StoreError
from bridge.storage import schema
from bridge.storage import tables as t
from bridge.storage.sqlite import SETTING, make_file, open_engine

MIGRATIONS = Path(__file__).parent / "migrations"


def migrate(url: str, clock: Clock | None = None) -> int:
    """Create the database, or bring it up to date; the schema version then. Running it again changes nothing.

    Raises SettingsError where the database is newer than this release; StoreError.
    """
    parsed = make_url(url)
    make_file(parsed)
    version = schema.current(parsed)
    if version is not None and version > schema.SCHEMA_VERSION:
        raise SettingsError(
            SETTING, f"数据库版本 {version} 比本程序新，请升级本程序 (newer schema: install its release)"
        )
    engine = open_engine(parsed, writes=True, busy_seconds=30.0)
    try:
        with engine.begin() as connection:
            upgrade(connection)
            _install(connection, clock or SystemClock())
    except SQLAlchemyError as exc:
        raise StoreError("数据库升级失败，未作任何更改 (the migration failed, nothing was changed)") from exc
    finally:
        engine.dispose()
    return schema.SCHEMA_VERSION


def upgrade(connection: Connection) -> None:
    """Run the migrations that a database lacks, inside the caller's transaction."""
    scripts = ScriptDirectory(str(MIGRATIONS))

    def steps(current: Sequence[str], _context: MigrationContext) -> list[Any]:
        """The missing migrations, oldest first."""
        missing = list(scripts.iterate_revisions("head", tuple(current) or "base"))
        return [MigrationStep.upgrade_from_script(scripts.revision_map, script) for script in reversed(missing)]

    options = {
        "fn": steps,
        "script": scripts,
        "transactional_ddl": True,
        "version_table": schema.VERSION_TABLE,
        "target_metadata": t.metadata,  # for its naming convention
    }
    context = MigrationContext.configure(connection, opts=options)
    with Operations.context(context), context.begin_transaction():
        context.run_migrations()


def _install(connection: Connection, clock: Clock) -> None:
    """Give a new database its own id and birthday."""
    if connection.execute(select(t.installation.c.key).where(t.installation.c.key == "id")).first() is None:
        connection.execute(
            insert(t.installation),
            [{"key": "id", "value": str(uuid.uuid4())}, {"key": "created", "value": rfc3339(clock.now())}],
        )
