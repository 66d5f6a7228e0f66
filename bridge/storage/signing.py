"""The key that signs checkpoints: one file in PEM (PKCS #8, RFC 8410), made by `bridge init`, mode 0600.

It lies beside the data key and not in the database: who has the database alone can rewrite the ledger, but not sign
what he made of it. What does not belong here: what is signed (`bridge.ledger.checkpoint`).
"""

from __future__ import annotations

import os
import stat
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from bridge.errors import SettingsError
from bridge.storage.sealing import sync_folder

SETTING = "BRIDGE_LEDGER__KEY_FILE"
"""The setting that a wrong key file is named by."""


def create_signing_key(path: Path) -> None:
    """Make a fresh key file, mode 0600. Raises SettingsError where there is one already, or it cannot be made."""
    content = Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    except FileExistsError as exc:
        message = "签名密钥文件已存在，不会覆盖 (the signing key file exists and is never overwritten)"
        raise SettingsError(SETTING, message) from exc
    except OSError as exc:
        raise SettingsError(SETTING, "无法创建签名密钥文件，请检查目录权限 (cannot create the signing key)") from exc
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    sync_folder(path.parent)


def load_signing_key(path: Path) -> Ed25519PrivateKey:
    """Read the key. Raises SettingsError where it is missing, damaged, of another kind, or readable by others."""
    try:
        with path.open("rb") as file:
            mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
            content = file.read()
    except FileNotFoundError as exc:
        message = "没有账本签名密钥，请运行 bridge init 或从备份恢复 (no signing key: run `bridge init`, or restore it)"
        raise SettingsError(SETTING, message) from exc
    except OSError as exc:
        raise SettingsError(SETTING, "无法读取账本签名密钥 (cannot read the signing key)") from exc
    if mode & 0o077:
        message = "签名密钥文件可被他人读取，请改为 0600 (others can read the signing key: chmod 600 it)"
        raise SettingsError(SETTING, message)
    try:
        key = serialization.load_pem_private_key(content, password=None)
    except (ValueError, TypeError) as exc:
        message = "签名密钥文件已损坏，请从备份恢复 (the signing key file is damaged: restore it from a backup)"
        raise SettingsError(SETTING, message) from exc
    if not isinstance(key, Ed25519PrivateKey):
        raise SettingsError(SETTING, "签名密钥不是 Ed25519 (the signing key is not of Ed25519)")
    return key
