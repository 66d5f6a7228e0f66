"""The files of a submission: read from where they were entered, measured, digested and checked; stored by `accept`."""

from __future__ import annotations

import base64
import binascii
import hashlib
import io
import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

from bridge.catalogue.catalogue import Catalogue
from bridge.catalogue.matters import Matter
from bridge.engine import refusals
from bridge.errors import Problem
from bridge.model.application import MaterialRef

HEAD = 1024
"""Bytes from which the type of a file is told."""

PIECE = 1 << 20
"""Bytes read at a time."""

PDF = "application/pdf"

ENCRYPTED = re.compile(rb"/Encrypt\s+[0-9]+\s+[0-9]+\s+R|/Encrypt\s*<<")
"""The entry of a PDF's trailer without which no reader decrypts (ISO 32000-1, 7.5.5); never compressed or encrypted
in a trailer, nor in the dictionary of a cross-reference stream."""

OVERLAP = 64
"""Bytes of the piece before that are looked at again, so that the entry is found across two pieces."""


@dataclass(frozen=True, slots=True)
class EnteredFile:
    """A file as it was entered."""

    ref: MaterialRef
    open: Callable[[], AbstractContextManager[BinaryIO]]

    @property
    def size(self) -> int:
        """Bytes."""
        return self.ref.size


def read_files(
    matter: Matter, catalogue: Catalogue, materials: Sequence[Mapping[str, Any]], folder: Path | None
) -> tuple[list[EnteredFile], list[Problem]]:
    """The files of a document whose structure has been checked, and what is wrong with them."""
    files: list[EnteredFile] = []
    problems: list[Problem] = []
    for place, material in enumerate(materials):
        try:
            opener = _opener(material, folder)
            with opener() as stream:
                size, head, digest, locked = measure(stream)
        except (OSError, binascii.Error):
            problems.append(refusals.file_not_found(place))
            continue
        rule = next(rule for rule in matter.materials if rule.code == material["code"])
        found, media_type = catalogue.check_material(rule, head, size, material["name"])
        if locked and media_type == PDF:
            found = [*found, refusals.file_encrypted()]
        problems += [problem.under(f"/materials/{place}") for problem in found]
        ref = MaterialRef(code=material["code"], name=material["name"], digest=digest, size=size, media_type=media_type)
        files.append(EnteredFile(ref, opener))
    return files, problems


def _opener(material: Mapping[str, Any], folder: Path | None) -> Callable[[], AbstractContextManager[BinaryIO]]:
    """How to open it, again and again."""
    if "content" in material:
        return partial(io.BytesIO, base64.b64decode(material["content"], validate=True))
    return partial(_open, (folder or Path()) / material["path"])


def _open(path: Path) -> BinaryIO:
    """A regular file, for reading."""
    if not path.is_file():
        raise FileNotFoundError
    return path.open("rb")


def measure(stream: BinaryIO) -> tuple[int, bytes, str, bool]:
    """Size, first bytes, digest, and whether a PDF with these bytes is encrypted, read piece by piece."""
    sha, size, head, tail, locked = hashlib.sha256(), 0, b"", b"", False
    while piece := stream.read(PIECE):
        head = head or piece[:HEAD]
        size += len(piece)
        sha.update(piece)
        locked = locked or ENCRYPTED.search(tail + piece) is not None
        tail = piece[-OVERLAP:]
    return size, head, f"sha256:{sha.hexdigest()}", locked
