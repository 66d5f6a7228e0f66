"""The laws of the schema: the migrations make what the tables say, whole or not at all."""

from __future__ import annotations

import sqlite3

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine

from bridge.errors import SettingsError, StoreError
from bridge.storage import migrate as migrations
from bridge.storage import schema
from bridge.storage.tables import metadata


def shape(path) -> set[tuple[str, str, str]]:
    """Every table and index, as SQL."""
    connection = sqlite3.connect(path)
    rows = connection.execute("SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL").fetchall()
    connection.close()
    return {(kind, name, " ".join(sql.split())) for kind, name, sql in rows if name != schema.VERSION_TABLE}


def test_the_migrations_make_the_tables(tmp_path):
    """A migrated database has exactly the tables, columns, keys and indexes that the metadata names."""
    address = f"sqlite:///{tmp_path / 'migrated.db'}"
    assert migrations.migrate(address) == schema.SCHEMA_VERSION
    engine = create_engine(f"sqlite:///{tmp_path / 'created.db'}")
    metadata.create_all(engine)
    engine.dispose()
    assert shape(tmp_path / "migrated.db") == shape(tmp_path / "created.db")
    engine = create_engine(address)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []
    engine.dispose()


def test_the_newest_migration_is_the_version():
    """The version that this release needs is that of its newest migration, and there is only one newest."""
    scripts = ScriptDirectory(str(migrations.MIGRATIONS))
    assert scripts.get_heads() == [f"{schema.SCHEMA_VERSION:04d}"]


def test_again_changes_nothing(tmp_path):
    """Migrating again keeps the installation's own id and birthday."""
    address = f"sqlite:///{tmp_path / 'a' / 'bridge.db'}"
    assert schema.current(address) is None
    migrations.migrate(address)
    connection = sqlite3.connect(tmp_path / "a" / "bridge.db")
    before = connection.execute("SELECT key, value FROM installation").fetchall()
    migrations.migrate(address)
    assert connection.execute("SELECT key, value FROM installation").fetchall() == before
    assert {key for key, _ in before} == {"id", "created"}
    connection.close()
    assert schema.current(address) == schema.SCHEMA_VERSION


def test_a_migration_that_fails_leaves_nothing(tmp_path, monkeypatch):
    """A migration that breaks in the middle is undone as a whole, and can be run again."""
    address = f"sqlite:///{tmp_path / 'bridge.db'}"

    def broken(connection):
        upgrade(connection)
        connection.exec_driver_sql("SELECT * FROM no_such_table")

    upgrade = migrations.upgrade
    monkeypatch.setattr(migrations, "upgrade", broken)
    with pytest.raises(StoreError):
        migrations.migrate(address)
    assert shape(tmp_path / "bridge.db") == set()
    assert schema.current(address) is None
    monkeypatch.undo()
    assert migrations.migrate(address) == schema.SCHEMA_VERSION


def test_a_newer_database_is_left_alone(tmp_path):
    """A database of a newer release is not touched."""
    address = f"sqlite:///{tmp_path / 'bridge.db'}"
    migrations.migrate(address)
    connection = sqlite3.connect(tmp_path / "bridge.db")
    with connection:
        connection.execute(f"UPDATE {schema.VERSION_TABLE} SET version_num = '0099'")
    connection.close()
    with pytest.raises(SettingsError):
        migrations.migrate(address)
