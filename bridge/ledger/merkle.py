"""The Merkle tree of RFC 6962 section 2.1 (the same in RFC 9162): roots, proofs, and how proofs are checked.

A leaf is hashed behind a byte 0, an inner node behind a byte 1. Every function is written for one hash function;
`HASHES` names the two that the ledger uses side by side: SHA-256 (FIPS 180-4, GB/T 18238.3) and SM3 (GB/T 32905-2016,
GB/T 18238.4), which GB/T 39786 wants. What does not belong here: where nodes are kept (`tiles`), and what a leaf is.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from types import MappingProxyType
from typing import Protocol

LEAF, NODE = b"\x00", b"\x01"

WIDTH = 32
"""Bytes of a hash, of either function."""

Node = Callable[[int, int], bytes]
"""The hash of a complete subtree: (level, place) → the hash over leaves [place·2^level, (place+1)·2^level)."""


class Running(Protocol):
    """A hash under way, as `hashlib` has it."""

    def update(self, data: bytes, /) -> None:
        """Take more bytes."""

    def digest(self) -> bytes:
        """The hash of what was taken."""

    def copy(self) -> Running:
        """The same state again."""


@dataclass(frozen=True, slots=True)
class Hash:
    """One hash function, ready to hash leaves and nodes."""

    name: str
    leaf: Callable[[bytes], bytes]
    """The hash of a leaf's bytes."""
    node: Callable[[bytes, bytes], bytes]
    """The hash of the node above two hashes."""
    empty: bytes
    """The root of a tree without leaves: the hash of nothing."""


def _made(name: str, start: Callable[[], Running]) -> Hash:
    """A hash function of trees; the prefixes are taken once and the state copied, which is half the cost."""
    leaf_state, node_state = start(), start()
    leaf_state.update(LEAF)
    node_state.update(NODE)

    def leaf(data: bytes) -> bytes:
        state = leaf_state.copy()
        state.update(data)
        return state.digest()

    def node(left: bytes, right: bytes) -> bytes:
        state = node_state.copy()
        state.update(left + right)
        return state.digest()

    return Hash(name, leaf, node, start().digest())


class _OpenSslSm3:
    """SM3 where Python's own OpenSSL was built without it: that of the package `cryptography`."""

    def __init__(self) -> None:
        from cryptography.hazmat.primitives.hashes import SM3, Hash as State  # noqa: PLC0415, I001 - seldom needed

        self._state = State(SM3())

    def update(self, data: bytes, /) -> None:
        self._state.update(data)

    def digest(self) -> bytes:
        return self._state.copy().finalize()

    def copy(self) -> _OpenSslSm3:
        made = object.__new__(_OpenSslSm3)
        made._state = self._state.copy()
        return made


def _start_sm3() -> Running:
    try:
        return hashlib.new("sm3")
    except ValueError:
        return _OpenSslSm3()


@lru_cache(maxsize=1)
def hashes() -> MappingProxyType[str, Hash]:
    """The two hash functions of the ledger, by name, in the order in which checkpoints name them."""
    return MappingProxyType({"sha256": _made("sha256", hashlib.sha256), "sm3": _made("sm3", _start_sm3)})


def split(size: int) -> int:
    """The largest power of two below `size` (RFC 6962: k). `size` is 2 or more."""
    return 1 << ((size - 1).bit_length() - 1)


def level_of(size: int) -> int:
    """The level of a complete subtree of `size` leaves, a power of two."""
    return size.bit_length() - 1


@dataclass(slots=True)
class Frontier:
    """A tree of which only the complete subtrees at its right edge are known: enough to add leaves and give the root.

    `peaks` are their hashes, from the largest (left) to the smallest: one for each bit that is set in `size`. Adding a
    leaf costs at most log2(size) hashes, one on average; memory is log2(size) hashes.
    """

    hash: Hash
    size: int = 0
    peaks: list[bytes] = field(default_factory=list)

    def append(self, leaf: bytes) -> None:
        """Add a leaf, by its hash."""
        carried, size = leaf, self.size
        while size & 1:
            carried = self.hash.node(self.peaks.pop(), carried)
            size >>= 1
        self.peaks.append(carried)
        self.size += 1

    def root(self) -> bytes:
        """The root of the tree as it is now."""
        return peaks_root(self.hash, self.peaks)


def peaks_root(hash_: Hash, peaks: Sequence[bytes]) -> bytes:
    """The root over the complete subtrees of a tree, from the largest to the smallest."""
    if not peaks:
        return hash_.empty
    *left, root = peaks
    for peak in reversed(left):
        root = hash_.node(peak, root)
    return root


def root(hash_: Hash, node: Node, size: int) -> bytes:
    """The root of the first `size` leaves. Asks for at most log2(size) + 1 nodes."""
    return hash_.empty if size == 0 else _range(hash_, node, 0, size)


def inclusion(hash_: Hash, node: Node, index: int, size: int) -> list[bytes]:
    """The proof that leaf `index` (from 0) is in the tree of `size` leaves: RFC 6962 section 2.1.1, PATH(m, D[n]).

    Raises ValueError where there is no such leaf.
    """
    if not 0 <= index < size:
        raise ValueError("no such leaf")
    path: list[bytes] = []
    start, end = 0, size
    while end - start > 1:
        middle = start + split(end - start)
        if index < middle:
            path.append(_range(hash_, node, middle, end))
            end = middle
        else:
            path.append(_range(hash_, node, start, middle))
            start = middle
    path.reverse()
    return path


def consistency(hash_: Hash, node: Node, old: int, size: int) -> list[bytes]:
    """The proof that the tree of `old` leaves is the beginning of that of `size`: RFC 6962 section 2.1.2.

    Raises ValueError where `old` is not between 1 and `size`.
    """
    if not 0 < old <= size:
        raise ValueError("no such older tree")
    path: list[bytes] = []
    start, end, whole = 0, size, True
    while end != old:
        middle = start + split(end - start)
        if old <= middle:
            path.append(_range(hash_, node, middle, end))
            end = middle
        else:
            path.append(_range(hash_, node, start, middle))
            start, whole = middle, False
    if not whole:
        path.append(_range(hash_, node, start, end))
    path.reverse()
    return path


def verify_inclusion(  # noqa: PLR0917 - the order is that of the standard
    hash_: Hash, leaf: bytes, index: int, size: int, path: Sequence[bytes], root_: bytes
) -> bool:
    """Whether `path` proves that the leaf of this hash is number `index` of `size` under the root: RFC 9162 2.1.3.2."""
    if not 0 <= index < size:
        return False
    place, last, found = index, size - 1, leaf
    for step in path:
        if last == 0:
            return False
        if place & 1 or place == last:
            found = hash_.node(step, found)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            found = hash_.node(found, step)
        place, last = place >> 1, last >> 1
    return last == 0 and found == root_


def verify_consistency(  # noqa: PLR0917 - the order is that of the standard
    hash_: Hash, old: int, size: int, path: Sequence[bytes], old_root: bytes, root_: bytes
) -> bool:
    """Whether `path` proves that the tree of `old` leaves is the beginning of that of `size`: RFC 9162 2.1.4.2."""
    if not 0 < old <= size:
        return False
    if old == size:
        return not path and old_root == root_
    steps = [old_root, *path] if old & (old - 1) == 0 else list(path)
    if not steps:
        return False
    place, last = old - 1, size - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    before = after = steps[0]
    for step in steps[1:]:
        if last == 0:
            return False
        if place & 1 or place == last:
            before, after = hash_.node(step, before), hash_.node(step, after)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            after = hash_.node(after, step)
        place, last = place >> 1, last >> 1
    return last == 0 and before == old_root and after == root_


def _range(hash_: Hash, node: Node, start: int, end: int) -> bytes:
    """The hash over leaves [start, end), where `start` is a multiple of the power of two that is not below its length.

    It is what RFC 6962 calls MTH(D[start:end]); complete subtrees are asked for, not computed.
    """
    peaks: list[bytes] = []
    while start < end:
        size = 1 << ((end - start).bit_length() - 1)
        peaks.append(node(level_of(size), start // size))
        start += size
    return peaks_root(hash_, peaks)
