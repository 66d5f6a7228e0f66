"""Material files (申请材料) at rest: stored once by digest, streamed, sealed in frames.

A file begins with a head (mark, key id, nonce prefix); frames of 64 KiB follow, each AES-256-GCM under the prefix, its
own number and a mark on the last (the STREAM construction of Hoang, Reyhanitabar, Rogaway and Vizár, 2015): frames can
be neither swapped, cut off nor joined to another file. Reading to the end also checks the digest of the bytes in clear.
Anybody who may list the folder sees digests and sizes, no content and no name.
"""

from __future__ import annotations

import hashlib
import io
import os
import re
import secrets
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, closing, suppress
from pathlib import Path
from typing import BinaryIO, cast

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from bridge.errors import NotFound, StoreError
from bridge.ports.materials import FileToKeep, StoredFile
from bridge.storage.sealing import KEY_ID_BYTES, Keyring, sync_folder

MARK = b"PBM1"
PREFIX_BYTES = 7
HEAD_BYTES = len(MARK) + KEY_ID_BYTES + PREFIX_BYTES
FRAME = 64 * 1024
"""Bytes in clear per frame; the last may have fewer."""
TAG_BYTES = 16
SMALL = 1 << 20
"""Bytes of a file below which it is looked for before it is written."""
KNOWN = 10_000
ABREAST = 16
"""Files that are stored side by side, at most."""
_DIGEST = re.compile(r"sha256:([0-9a-f]{64})")


class SealedMaterials:
    """Sealed files in a folder, as `bridge.ports.materials.Materials` promises."""

    def __init__(self, folder: Path, keyring: Keyring) -> None:
        self._folder, self._keyring = folder, keyring
        self._threads: ThreadPoolExecutor | None = None
        self._durable: set[str] = set()
        """Digests of files that we have seen on the disk."""

    def put(self, stream: BinaryIO, *, limit: int) -> StoredFile:
        """Store what `stream` gives, at most `limit` bytes, and make it durable; the same bytes twice are one file.

        Raises ValueError past the limit, with nothing left behind; StoreError.
        """
        incoming = self._folder / "incoming"
        try:
            start = _full(stream, SMALL)
            if len(start) < SMALL:
                if (stored := self._there(start)) is not None and stored.size <= limit:
                    return stored
                stream = io.BytesIO(start)
            else:
                stream = cast("BinaryIO", _Rest(start, stream))
            incoming.mkdir(mode=0o700, parents=True, exist_ok=True)
            temporary = incoming / secrets.token_hex(16)
            try:
                stored = self._write(stream, temporary, limit)
                self._settle(temporary, stored.digest)
            finally:
                temporary.unlink(missing_ok=True)
        except OSError as exc:
            raise StoreError(
                f"申请材料无法保存，请检查磁盘空间与权限 (a file cannot be stored): {type(exc).__name__}"
            ) from exc
        return stored

    def _there(self, content: bytes) -> StoredFile | None:
        """A small file that is stored already, and durably: nothing is written again. None where it is not."""
        stored = StoredFile(f"sha256:{hashlib.sha256(content).hexdigest()}", len(content))
        path = self._path(stored.digest)
        if not path.exists():
            return None
        if stored.digest not in self._durable:
            sync_folder(path.parent)  # whoever wrote it may not have come so far
            if len(self._durable) >= KNOWN:
                self._durable.clear()
            self._durable.add(stored.digest)
        return stored

    def put_all(self, files: Sequence[FileToKeep]) -> list[StoredFile | None]:
        """Store several side by side, as `put` does: a disk makes many durable in the time of one.

        None where one could not be opened or read, or is longer than it was said to be. Raises StoreError.
        """
        if len(files) < 2:
            return [self._try(one) for one in files]
        if self._threads is None:
            self._threads = ThreadPoolExecutor(max_workers=ABREAST, thread_name_prefix="materials")
        return list(self._threads.map(self._try, files))

    def _try(self, file: FileToKeep) -> StoredFile | None:
        """One of several."""
        try:
            with file.open() as stream:
                return self.put(stream, limit=file.size)
        except (OSError, ValueError):
            return None

    def open(self, digest: str) -> AbstractContextManager[BinaryIO]:
        """The bytes in clear, as a stream that raises StoreError where they were changed. Raises NotFound."""
        path = self._path(digest)
        try:
            file = path.open("rb")
        except FileNotFoundError as exc:
            raise NotFound("没有这个申请材料文件 (no such file)") from exc
        except OSError as exc:
            raise StoreError("申请材料无法读取 (a file cannot be read)") from exc
        try:
            opened = _Opened(file, self._keyring, digest)
        except BaseException:
            file.close()
            raise
        return closing(cast("BinaryIO", io.BufferedReader(opened, FRAME)))

    def _path(self, digest: str) -> Path:
        """Where a file lies. Raises NotFound where `digest` is none."""
        match = _DIGEST.fullmatch(digest)
        if match is None:
            raise NotFound("不是有效的文件摘要 (not a digest)")
        return self._folder / match[1][:2] / match[1]

    def _write(self, stream: BinaryIO, path: Path, limit: int) -> StoredFile:
        """Seal the stream into a new file and bring it to the disk."""
        sha, size = hashlib.sha256(), 0
        head = MARK + self._keyring.current_id + os.urandom(PREFIX_BYTES)
        cipher = _cipher(self._keyring, head)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(head)
            for number, (frame, last) in enumerate(_frames(stream)):
                size += len(frame)
                if size > limit:
                    raise ValueError(f"文件超过 {limit} 字节 (the file has more than {limit} bytes)")
                sha.update(frame)
                file.write(cipher.encrypt(_nonce(head, number, last=last), frame, head))
            file.flush()
            os.fsync(file.fileno())
        return StoredFile(f"sha256:{sha.hexdigest()}", size)

    def _settle(self, temporary: Path, digest: str) -> None:
        """Give a whole file its name, durably. One that is there already stays, and the new one goes."""
        path = self._path(digest)
        if not path.parent.exists():
            with suppress(FileExistsError):
                path.parent.mkdir(mode=0o700)
            sync_folder(self._folder)
        if not path.exists():
            temporary.replace(path)
        sync_folder(path.parent)


class _Rest:
    """A stream whose start has been read already."""

    def __init__(self, start: bytes, stream: BinaryIO) -> None:
        self._start, self._stream = start, stream

    def read(self, size: int = -1) -> bytes:
        """The start first, then the rest."""
        if not self._start:
            return self._stream.read(size)
        taken, self._start = (self._start, b"") if size < 0 else (self._start[:size], self._start[size:])
        return taken


class _Opened(io.RawIOBase):
    """A sealed file, read frame by frame."""

    def __init__(self, file: BinaryIO, keyring: Keyring, digest: str) -> None:
        self._file, self._digest = file, digest
        self._head = file.read(HEAD_BYTES)
        self._cipher = _cipher(keyring, self._head)
        self._sha = hashlib.sha256()
        self._number = 0
        self._ahead = file.read(FRAME + TAG_BYTES)
        self._left = memoryview(b"")
        self._ended = False

    def readable(self) -> bool:
        """It can only be read, from the start to the end."""
        return True

    def readinto(self, buffer: memoryview | bytearray) -> int:  # type: ignore[override]
        """The next bytes in clear; 0 at the end. Raises StoreError where a frame was changed."""
        if not self._left and not self._ended:
            self._left = memoryview(self._next_frame())
        taken = min(len(buffer), len(self._left))
        buffer[:taken] = self._left[:taken]
        self._left = self._left[taken:]
        return taken

    def close(self) -> None:
        """Close the file below, too."""
        self._file.close()
        super().close()

    def _next_frame(self) -> bytes:
        """The next frame in clear; with the last, the digest of the whole is checked."""
        sealed, self._ahead = self._ahead, self._file.read(FRAME + TAG_BYTES)
        self._ended = not self._ahead
        try:
            frame = self._cipher.decrypt(_nonce(self._head, self._number, last=self._ended), sealed, self._head)
        except InvalidTag as exc:
            raise _damaged() from exc
        self._number += 1
        self._sha.update(frame)
        if self._ended and f"sha256:{self._sha.hexdigest()}" != self._digest:
            raise _damaged()
        return frame


def _frames(stream: BinaryIO) -> Iterator[tuple[bytes, bool]]:
    """Full frames and the last one (empty where the stream is), each with whether it is the last."""
    frame = _full(stream)
    while len(frame) == FRAME and (following := _full(stream)):
        yield frame, False
        frame = following
    yield frame, True


def _full(stream: BinaryIO, wanted: int = FRAME) -> bytes:
    """So many bytes, fewer only at the end, also from streams that give little at a time."""
    pieces = []
    while wanted and (piece := stream.read(wanted)):
        pieces.append(piece)
        wanted -= len(piece)
    return b"".join(pieces)


def _nonce(head: bytes, number: int, *, last: bool) -> bytes:
    """The nonce of a frame: the file's prefix, the frame's number, and whether it is the last."""
    return head[-PREFIX_BYTES:] + number.to_bytes(4, "big") + (b"\x01" if last else b"\x00")


def _cipher(keyring: Keyring, head: bytes) -> AESGCM:
    """The cipher that a file was sealed with. Raises StoreError."""
    cipher = keyring.cipher(head[len(MARK) : len(MARK) + KEY_ID_BYTES])
    if cipher is None or len(head) != HEAD_BYTES or not head.startswith(MARK):
        raise _damaged()
    return cipher


def _damaged() -> StoreError:
    return StoreError("申请材料文件校验失败，请从备份恢复 (a stored file was changed: restore it from a backup)")
