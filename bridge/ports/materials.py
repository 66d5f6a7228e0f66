"""Where material files live: stored once by digest, streamed, sealed at rest."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import BinaryIO, Protocol


@dataclass(frozen=True, slots=True)
class StoredFile:
    """What is known of a stored file."""

    digest: str
    """`sha256:` and hex of the bytes in clear."""
    size: int


@dataclass(frozen=True, slots=True)
class FileToKeep:
    """A file that is to be stored."""

    open: Callable[[], AbstractContextManager[BinaryIO]]
    """May raise OSError."""
    size: int
    """Bytes that it may have at most."""


class Materials(Protocol):
    """A content-addressed store of files."""

    def put(self, stream: BinaryIO, *, limit: int) -> StoredFile:
        """Store what `stream` gives, at most `limit` bytes, and make it durable; storing the same bytes twice is one.

        Raises ValueError past the limit; nothing is left behind then.
        """
        ...

    def put_all(self, files: Sequence[FileToKeep]) -> list[StoredFile | None]:
        """Store several side by side; None where one could not be read or is too long. Raises StoreError."""
        ...

    def open(self, digest: str) -> AbstractContextManager[BinaryIO]:
        """The bytes in clear, as a stream. Raises NotFound."""
        ...
