"""The laws of the tree: RFC 6962's roots and proofs, by both hash functions, whole or grown, in memory or in tiles."""

from __future__ import annotations

import hashlib
from functools import cache
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.ledger import merkle
from bridge.ledger.merkle import Frontier, hashes
from bridge.ledger.tiles import FULL, Growing, edge, node_of

RFC_LEAVES = [
    bytes.fromhex(one)
    for one in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
RFC_ROOTS = (
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
)
"""The vectors of the certificate-transparency project (its `merkle_tree_test`), sizes 1 to 8."""

FUNCTIONS = ("sha256", "sm3")
MOST = 70


def digest(name: str, data: bytes) -> bytes:
    """The plain function, straight from the library."""
    return hashlib.new(name, data).digest()


def naive(name: str, leaves: list[bytes]) -> bytes:
    """The definition of RFC 6962 section 2.1, word by word."""
    if not leaves:
        return digest(name, b"")
    if len(leaves) == 1:
        return digest(name, b"\x00" + leaves[0])
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return digest(name, b"\x01" + naive(name, leaves[:k]) + naive(name, leaves[k:]))


def naive_path(name: str, m: int, leaves: list[bytes]) -> list[bytes]:
    """PATH of RFC 6962 section 2.1.1, word by word."""
    if len(leaves) == 1:
        return []
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    if m < k:
        return [*naive_path(name, m, leaves[:k]), naive(name, leaves[k:])]
    return [*naive_path(name, m - k, leaves[k:]), naive(name, leaves[:k])]


def naive_proof(name: str, m: int, leaves: list[bytes], *, whole: bool = True) -> list[bytes]:
    """SUBPROOF of RFC 6962 section 2.1.2, word by word."""
    if m == len(leaves):
        return [] if whole else [naive(name, leaves)]
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    if m <= k:
        return [*naive_proof(name, m, leaves[:k], whole=whole), naive(name, leaves[k:])]
    return [*naive_proof(name, m - k, leaves[k:], whole=False), naive(name, leaves[:k])]


def some(size: int) -> list[bytes]:
    """Leaves that differ."""
    return [f"event {at}".encode() for at in range(size)]


@cache
def nodes(name: str, size: int):
    """The complete subtrees of `some(size)`."""
    leaves = some(size)
    return cache(lambda level, place: naive(name, leaves[place << level : (place + 1) << level]))


def test_sm3_is_the_standards():
    """SM3 gives the two examples of GB/T 32905-2016 annex A, by Python's OpenSSL and by the other library alike."""
    vectors = {
        b"abc": "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0",
        b"abcd" * 16: "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732",
    }
    for data, wanted in vectors.items():
        for start in (merkle._start_sm3, merkle._OpenSslSm3):
            state = start()
            state.update(data)
            assert state.copy().digest().hex() == wanted


def test_the_published_roots():
    """The roots of the first one to eight leaves of the transparency project's vectors come out, and of no leaf."""
    sha = hashes()["sha256"]
    assert sha.empty.hex() == hashlib.sha256(b"").hexdigest()
    tree = Frontier(sha)
    for leaf, wanted in zip(RFC_LEAVES, RFC_ROOTS, strict=True):
        tree.append(sha.leaf(leaf))
        assert tree.root().hex() == wanted


@pytest.mark.parametrize("name", FUNCTIONS)
def test_grown_is_the_definition(name):
    """A tree grown leaf by leaf has at every size the root that the definition gives, and few peaks."""
    hash_ = hashes()[name]
    tree = Frontier(hash_)
    for size in range(MOST):
        assert tree.root() == naive(name, some(size)) == merkle.root(hash_, nodes(name, MOST), size)
        assert len(tree.peaks) == size.bit_count()
        tree.append(hash_.leaf(some(size + 1)[-1]))


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_inclusion(name):
    """For every leaf of every small tree the proof is the definition's, and holds; with anything changed it fails."""
    hash_ = hashes()[name]
    for size in range(1, 34):
        leaves = some(size)
        root = naive(name, leaves)
        for index in range(size):
            leaf = hash_.leaf(leaves[index])
            path = merkle.inclusion(hash_, nodes(name, size), index, size)
            assert path == naive_path(name, index, leaves)
            check = lambda *given: merkle.verify_inclusion(hash_, *given)  # noqa: E731 - said once
            assert check(leaf, index, size, path, root)
            assert not check(hash_.leaf(b"other"), index, size, path, root)
            assert not check(leaf, (index + 1) % size, size, path, root) or size == 1
            assert not check(leaf, index, size, [*path, root], root)
            assert not check(leaf, index, size, path, hash_.leaf(b"other"))
            assert not check(leaf, size, size, path, root)
            if path:
                assert not check(leaf, index, size, path[:-1], root)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_consistency(name):
    """For every pair of small trees the proof is the definition's, and holds; from another beginning it does not."""
    hash_ = hashes()[name]
    for size in range(1, 34):
        root = naive(name, some(size))
        for old in range(1, size + 1):
            old_root = naive(name, some(old))
            path = merkle.consistency(hash_, nodes(name, size), old, size)
            assert path == naive_proof(name, old, some(size))
            check = lambda *given: merkle.verify_consistency(hash_, *given)  # noqa: E731 - said once
            assert check(old, size, path, old_root, root)
            assert not check(old, size, path, hash_.leaf(b"other"), root)
            assert not check(old, size, path, old_root, hash_.leaf(b"other"))
            assert not check(old, size, [*path, root], old_root, root)
            if path:
                assert not check(old, size, path[:-1], old_root, root)
                assert not check(old, size, [hash_.leaf(b"other"), *path[1:]], old_root, root)


def test_what_is_not_there_has_no_proof():
    """A proof of a leaf behind the end, or from no tree, is refused."""
    hash_ = hashes()["sha256"]
    for index, size in ((5, 5), (-1, 5), (0, 0)):
        with pytest.raises(ValueError, match="no such"):
            merkle.inclusion(hash_, nodes("sha256", 5), index, size)
    for old in (0, 6):
        with pytest.raises(ValueError, match="no such"):
            merkle.consistency(hash_, nodes("sha256", 5), old, 5)


@settings(max_examples=25, deadline=None)
@given(data=st.data(), name=st.sampled_from(FUNCTIONS))
def test_tiles_are_the_tree(data, name):
    """Grown in steps through kept tiles, the tree has the whole tree's root and proofs, of this and earlier sizes."""
    hash_ = hashes()[name]
    size = data.draw(st.integers(1, 2 * FULL * 3), "size")
    steps = sorted(data.draw(st.sets(st.integers(0, size), max_size=4), "steps") | {0, size})
    leaves = [hash_.leaf(one) for one in some(size)]
    kept: dict[tuple[int, int], bytes] = {}
    read = lambda level, place: kept[level, place]  # noqa: E731 - said once
    for start, end in pairwise(steps):
        tree = Growing.resumed(hash_, start, read)
        for leaf in leaves[start:end]:
            tree.append(leaf)
        kept.update({(tile.level, tile.place): tile.hashes for tile in tree.take()})
    whole = Frontier(hash_)
    old = data.draw(st.integers(1, size), "old")
    for at, leaf in enumerate(leaves):
        whole.append(leaf)
        if at + 1 == old:
            old_root = whole.root()
    node = node_of(hash_, read)
    resumed = Growing.resumed(hash_, size, read)
    assert whole.root() == resumed.root() == merkle.root(hash_, node, size)
    index = data.draw(st.integers(0, size - 1), "index")
    path = merkle.inclusion(hash_, node, index, size)
    assert merkle.verify_inclusion(hash_, leaves[index], index, size, path, whole.root())
    proof = merkle.consistency(hash_, node, old, size)
    assert merkle.verify_consistency(hash_, old, size, proof, old_root, whole.root())


def test_three_levels_of_tiles():
    """A tree that fills a tile of the second level, and the first of the third, still has the grown tree's root."""
    hash_ = hashes()["sha256"]
    size = FULL * FULL + 300
    grown, whole = Growing(hash_), Frontier(hash_)
    for at in range(size):
        leaf = hash_.leaf(at.to_bytes(4, "big"))
        grown.append(leaf)
        whole.append(leaf)
    kept = {(tile.level, tile.place): tile.hashes for tile in grown.take()}
    assert [level for level, _, _ in edge(size)] == [0, 1, 2]
    node = node_of(hash_, lambda level, place: kept[level, place])
    assert grown.root() == whole.root() == merkle.root(hash_, node, size)
