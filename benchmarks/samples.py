"""Applications of a wanted size, out of the generator of the samples. A leaf is a value of the form below no other."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

import orjson

from bridge.testing.samples import generate

Document = dict[str, Any]

MATTER = "discharge-permit"

MEDIAN = (290, 355)
"""Leaves of the form, from and to: about the median of the generator's new applications (323 of 300 samples)."""

LARGE = (560, 650)
"""Plants of five lines: about 600 leaves."""

POOL = 4000
"""Samples of one seed that are looked through before the next seed begins."""


def leaves(value: Any) -> int:
    """How many values stand in a JSON tree that hold no other; an empty list or object counts none."""
    if isinstance(value, dict):
        return sum(map(leaves, value.values()))
    if isinstance(value, list):
        return sum(map(leaves, value))
    return 1


def documents(count: int, size: tuple[int, int], *, seed: int, files: bool = True) -> list[Document]:
    """`count` new applications whose forms have between `size[0]` and `size[1]` leaves, no two of one applicant.

    Seeds a thousand apart give other applicants. Without `files` each file of a document is a PDF of a few bytes, the
    same in all: a matter asks for files, so there is no application without any.
    """
    made = list(islice(_of_size(size, seed), count))
    if not files:
        for document in made:
            for material in document["materials"]:
                material["content"] = TINY_FILE
    return made


TINY_FILE = base64.b64encode(b"%PDF-1.4\n%%EOF\n").decode()


def _of_size(size: tuple[int, int], seed: int) -> Iterator[Document]:
    """For ever: generated applications of the wanted size."""
    while True:
        for document in generate(MATTER, type="new", seed=seed, count=POOL):
            if size[0] <= leaves(document["data"]) <= size[1]:
                yield document
        seed += 1


def lines(made: Sequence[Document]) -> bytes:
    """The documents as one entry door takes them: JSON lines."""
    return b"".join(orjson.dumps(document) + b"\n" for document in made)
