"""The laws of the sealed files."""

from __future__ import annotations

import io
import stat

import pytest

from bridge.errors import NotFound, StoreError
from bridge.model.ids import digest
from bridge.storage.materials import FRAME, HEAD_BYTES, TAG_BYTES, SealedMaterials
from bridge.storage.sealing import Keyring

SIZES = (0, 1, FRAME - 1, FRAME, FRAME + 1, 3 * FRAME + 17)


class Trickle(io.RawIOBase):
    """A stream that gives a thousand bytes at a time."""

    def __init__(self, data):
        self._data = io.BytesIO(data)

    def readable(self):
        """It is."""
        return True

    def read(self, size=-1):
        """Little at a time."""
        return self._data.read(min(size, 1000))


@pytest.fixture
def materials(tmp_path, keyring) -> SealedMaterials:
    """An empty folder of files."""
    return SealedMaterials(tmp_path / "materials", keyring)


def content(size: int) -> bytes:
    """Some bytes."""
    return (b"0123456789abcdef" * (size // 16 + 1))[:size]


def path_of(materials, name):
    """The file on the disk."""
    return materials._path(name)


@pytest.mark.parametrize("size", SIZES)
def test_comes_back_as_it_was_put(materials, size):
    """A file of any length, from any stream, comes back byte for byte under the digest of its bytes."""
    data = content(size)
    stored = materials.put(io.BytesIO(data), limit=size)
    assert (stored.digest, stored.size) == (digest(data), size)
    assert materials.put(Trickle(data), limit=size) == stored
    with materials.open(stored.digest) as stream:
        assert stream.read(10) == data[:10]
        assert stream.read() == data[10:]
        assert stream.read() == b""


def test_the_same_bytes_are_one_sealed_file(materials, tmp_path):
    """The same bytes twice are one file, mode 0600, without the bytes in clear and without leftovers."""
    data = b"MARKER-IN-CLEAR" * 100
    stored = [materials.put(io.BytesIO(data), limit=9999) for _ in range(2)]
    files = [path for path in (tmp_path / "materials").rglob("*") if path.is_file()]
    assert files == [path_of(materials, stored[0].digest)]
    assert stat.S_IMODE(files[0].stat().st_mode) == 0o600
    assert b"MARKER" not in files[0].read_bytes()


def test_past_the_limit_nothing_stays(materials, tmp_path):
    """A file past the limit is refused while it is read, and nothing is left behind."""
    with pytest.raises(ValueError, match="100"):
        materials.put(io.BytesIO(content(3 * FRAME)), limit=100)
    assert [path for path in (tmp_path / "materials").rglob("*") if path.is_file()] == []


@pytest.mark.parametrize("name", ["sha256:" + "0" * 64, "", "../../etc/passwd", "sha256:../x", "sha256:" + "A" * 64])
def test_what_is_not_there_is_not_found(materials, name):
    """An unknown digest, and what is none, is NotFound."""
    with pytest.raises(NotFound):
        materials.open(name)


SEALED_FRAME = FRAME + TAG_BYTES
DAMAGE = {
    "a byte": lambda sealed: sealed[:-20] + bytes([sealed[-20] ^ 1]) + sealed[-19:],
    "a head": lambda sealed: b"XXXX" + sealed[4:],
    "nothing left": lambda _: b"",
    "cut at a frame": lambda sealed: sealed[: HEAD_BYTES + SEALED_FRAME],
    "cut in a frame": lambda sealed: sealed[:-5],
    "joined": lambda sealed: sealed + sealed[HEAD_BYTES:],
    "swapped": lambda sealed: (
        sealed[:HEAD_BYTES]
        + sealed[HEAD_BYTES + SEALED_FRAME : HEAD_BYTES + 2 * SEALED_FRAME]
        + sealed[HEAD_BYTES : HEAD_BYTES + SEALED_FRAME]
        + sealed[HEAD_BYTES + 2 * SEALED_FRAME :]
    ),
}


@pytest.mark.parametrize("how", DAMAGE)
def test_damage_is_found_while_reading(materials, how):
    """A changed, cut, joined or reordered file does not read to its end."""
    stored = materials.put(io.BytesIO(content(3 * FRAME)), limit=4 * FRAME)
    path = path_of(materials, stored.digest)
    path.write_bytes(DAMAGE[how](path.read_bytes()))
    with pytest.raises(StoreError), materials.open(stored.digest) as stream:
        stream.read()


def test_a_file_under_anothers_name_is_found(materials):
    """A whole file under another's digest does not read to its end, and one of other keys does not open."""
    one, other = (materials.put(io.BytesIO(data), limit=99) for data in (b"one", b"other"))
    path_of(materials, one.digest).write_bytes(path_of(materials, other.digest).read_bytes())
    with pytest.raises(StoreError), materials.open(one.digest) as stream:
        stream.read()
    stranger = SealedMaterials(path_of(materials, one.digest).parent.parent, Keyring.generate())
    with pytest.raises(StoreError):
        stranger.open(other.digest)


def test_a_full_disk_is_a_store_error(materials, tmp_path):
    """Where the file cannot be written, that is a StoreError, and nothing is left."""
    (tmp_path / "materials").write_text("in the way")
    with pytest.raises(StoreError):
        materials.put(io.BytesIO(b"x"), limit=9)
