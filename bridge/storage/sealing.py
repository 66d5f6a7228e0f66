"""Sealing: personal values at rest, and keyed digests to search by. One key file, made by `bridge init`, mode 0600.

Layout of a sealed value: version (1 byte), key id (8), nonce (12), ciphertext, tag (16): AES-256-GCM (NIST SP 800-38D)
with `table.column.row-id` as associated data, so that a value moved to another row does not open. A keyed digest is
HMAC-SHA256 with a purpose label, cut to 16 bytes. What does not belong here: the tables.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import os
import stat
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from bridge.errors import SettingsError, StoreError

SETTING = "BRIDGE_KEY_FILE"
"""The setting that a wrong key file is named by."""

VERSION = b"\x01"
KEY_ID_BYTES = 8
NONCE_BYTES = 12
SALT_BYTES = 16
HEAD_BYTES = len(VERSION) + KEY_ID_BYTES + NONCE_BYTES
COMPRESS_ABOVE = 1024
PLAIN, DEFLATED = b"\x00", b"\x01"
"""First byte under the seal: as it is, or compressed with zlib (RFC 1950)."""


class Keyring:
    """The data keys by id, the one in use, and the index key."""

    def __init__(self, keys: Mapping[str, bytes], current: str, index: bytes) -> None:
        self._ciphers = {bytes.fromhex(name): AESGCM(key) for name, key in keys.items()}
        self._keys = dict(keys)
        self._current = bytes.fromhex(current)
        self._index = index
        self.current = current
        """Id of the key in use, 16 hexadecimal digits."""

    @classmethod
    def generate(cls) -> Keyring:
        """A keyring of fresh keys."""
        name = os.urandom(KEY_ID_BYTES).hex()
        return cls({name: AESGCM.generate_key(256)}, name, os.urandom(32))

    @classmethod
    def create(cls, path: Path) -> Keyring:
        """Make a key file with fresh keys, mode 0600. Raises SettingsError where one is there already."""
        keyring = cls.generate()
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        except FileExistsError as exc:
            message = "密钥文件已存在，不会覆盖 (the key file exists and is never overwritten)"
            raise SettingsError(SETTING, message) from exc
        except OSError as exc:
            raise SettingsError(SETTING, "无法创建密钥文件，请检查目录权限 (cannot create the key file)") from exc
        with os.fdopen(handle, "wb") as file:
            file.write(keyring.dump())
            file.flush()
            os.fsync(file.fileno())
        sync_folder(path.parent)
        return keyring

    @classmethod
    def load(cls, path: Path) -> Keyring:
        """Read a key file. Raises SettingsError where it is missing, damaged, or readable by others."""
        try:
            with path.open("rb") as file:
                mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
                content = file.read()
        except FileNotFoundError as exc:
            message = "没有密钥文件，请先运行 bridge init (no key file: run `bridge init` first)"
            raise SettingsError(SETTING, message) from exc
        except OSError as exc:
            raise SettingsError(SETTING, "无法读取密钥文件 (cannot read the key file)") from exc
        if mode & 0o077:
            message = "密钥文件可被他人读取，请改为 0600 (others can read the key file: chmod 600 it)"
            raise SettingsError(SETTING, message)
        try:
            loaded = orjson.loads(content)
            keys = {name: base64.b64decode(key, validate=True) for name, key in loaded["keys"].items()}
            return cls(keys, loaded["current"], base64.b64decode(loaded["index"], validate=True))
        except (ValueError, KeyError, TypeError, AttributeError, binascii.Error) as exc:
            message = "密钥文件已损坏，请从备份恢复 (the key file is damaged: restore it from a backup)"
            raise SettingsError(SETTING, message) from exc

    def dump(self) -> bytes:
        """The content of a key file: JSON."""
        return orjson.dumps(
            {
                "version": 1,
                "current": self.current,
                "keys": {name: base64.b64encode(key).decode() for name, key in self._keys.items()},
                "index": base64.b64encode(self._index).decode(),
            },
            option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS,
        )

    def seal(self, value: bytes, place: str) -> bytes:
        """Seal bytes for one place, `table.column.row-id`; long ones are compressed first."""
        body = DEFLATED + zlib.compress(value, 1) if len(value) > COMPRESS_ABOVE else PLAIN + value
        nonce = os.urandom(NONCE_BYTES)
        sealed = self._ciphers[self._current].encrypt(nonce, body, place.encode())
        return VERSION + self._current + nonce + sealed

    def unseal(self, sealed: bytes, place: str) -> bytes:
        """The bytes in clear. Raises StoreError where they were changed, moved, or sealed with a key we lack."""
        cipher = self._ciphers.get(sealed[1 : 1 + KEY_ID_BYTES])
        if cipher is None or sealed[:1] != VERSION:
            raise StoreError("缺少解密所需的密钥 (the key file lacks the key of a stored value)")
        try:
            body = cipher.decrypt(sealed[1 + KEY_ID_BYTES : HEAD_BYTES], sealed[HEAD_BYTES:], place.encode())
        except InvalidTag as exc:
            raise StoreError("数据库中的密文校验失败 (a sealed value in the database was changed)") from exc
        return zlib.decompress(body[1:]) if body[:1] == DEFLATED else body[1:]

    def seal_json(self, value: Any, place: str) -> bytes:
        """Seal plain JSON data."""
        return self.seal(plain(value), place)

    def unseal_json(self, sealed: bytes, place: str) -> Any:
        """The JSON data in clear."""
        return orjson.loads(self.unseal(sealed, place))

    def seal_salted(self, value: bytes, place: str) -> tuple[bytes, str]:
        """Seal bytes behind a fresh salt; also the digest of salt and bytes, which the ledger may name openly."""
        salted = os.urandom(SALT_BYTES) + value
        return self.seal(salted, place), salted_digest(salted)

    def unseal_salted(self, sealed: bytes, place: str) -> bytes:
        """The bytes in clear, without their salt."""
        return self.unseal(sealed, place)[SALT_BYTES:]

    def blind(self, purpose: str, *values: str) -> bytes:
        """The keyed digest of values under a purpose: equal values give equal digests, nothing else is told."""
        parts = [purpose.encode(), *(value.encode() for value in values)]
        message = b"".join(len(part).to_bytes(4, "big") + part for part in parts)
        return hmac.digest(self._index, message, "sha256")[:16]

    def cipher(self, key_id: bytes) -> AESGCM | None:
        """The cipher of a key, for the sealed files."""
        return self._ciphers.get(key_id)

    @property
    def current_id(self) -> bytes:
        """Id of the key in use, as stored in sealed values."""
        return self._current


def sync_folder(folder: Path) -> None:
    """Make a folder's entries durable: a new name may else be lost with the power."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def plain(value: Any) -> bytes:
    """JSON data as bytes: keys sorted, no spaces."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def salted_digest(salted: bytes) -> str:
    """The digest that the ledger names sealed content by."""
    return "sha256:" + hashlib.sha256(salted).hexdigest()
