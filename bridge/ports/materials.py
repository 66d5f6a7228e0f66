"""Where material files live: stored once by digest, streamed, sealed at rest."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import BinaryIO, Protocol


@dataclass(frozen=True, slots=True)
class StoredFile:
    """What is known of a stored file."""

    digest: str
    """`sha256:` and hex of the bytes in clear."""
    size: int


class Materials(Protocol):
    """A content-addressed store of files."""

    def put(self, stream: BinaryIO, *, limit: int) -> StoredFile:
        """Store what `stream` gives, at most `limit` bytes, and make it durable; storing the same bytes twice is one.

        Raises ValueError past the limit; nothing is left behind then.
        """
        ...

    def open(self, digest: str) -> AbstractContextManager[BinaryIO]:
        """The bytes in clear, as a stream. Raises NotFound."""
        ...
