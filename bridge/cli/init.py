"""`bridge init`: make or migrate the database, make the key file. Safe to run twice."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from bridge.cli.failure import LOCKED, say
from bridge.cli.opened import settings
from bridge.cli.options import AsJson
from bridge.cli.output import print_json, print_line
from bridge.errors import SettingsError

if TYPE_CHECKING:
    from bridge.settings import Settings


def command(as_json: AsJson = False) -> None:
    """建立或升级数据库，生成密钥文件 (create or migrate the database, make the key file)."""
    from bridge.storage.locks import init_lock
    from bridge.storage.migrate import migrate

    found = settings()
    with init_lock(found.data_dir) as ours:
        if not ours:
            say("另一个 bridge init 正在运行 (another `bridge init` is running)")
            raise typer.Exit(LOCKED)
        _key(found)
        version = migrate(found.database_url)
        _signing_key(found)
    if as_json:
        print_json({"database": found.database_url, "schema_version": version})
    else:
        print_line(f"已就绪 (ready): {found.data_dir}，数据库版本 (schema version) {version}")


def _key(found: Settings) -> None:
    """Make the key file, or see that the one there can be read. A database without its key is never given a new one."""
    from bridge.storage import schema
    from bridge.storage.sealing import SETTING, Keyring

    if found.key_file.exists():
        Keyring.load(found.key_file)
    elif schema.current(found.database_url) is None:
        Keyring.create(found.key_file)
    else:
        raise SettingsError(
            SETTING,
            "已有数据库而没有它的密钥文件，请从备份恢复 (there is a database but not its key file: restore it)",
        )


def _signing_key(found: Settings) -> None:
    """Make the key that signs checkpoints, or see that the one there can be read. A signed ledger gets no other."""
    from bridge.clock import SystemClock
    from bridge.storage.engine import SqlStore
    from bridge.storage.sealing import Keyring
    from bridge.storage.signing import SETTING, create_signing_key, load_signing_key

    if found.signing_key_file.exists():
        load_signing_key(found.signing_key_file)
        return
    store = SqlStore(found.database_url, Keyring.load(found.key_file), SystemClock())
    try:
        signed = store.read(lambda unit: unit.newest_checkpoint())
    finally:
        store.close()
    if signed is not None:
        message = "账本已有签名检查点而没有签名密钥，请从备份恢复 (there are checkpoints but not their key: restore it)"
        raise SettingsError(SETTING, message)
    create_signing_key(found.signing_key_file)
