"""The laws of sealing: what is stored tells nothing, opens only in its place, and only with our keys."""

from __future__ import annotations

import stat

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.errors import SettingsError, StoreError
from bridge.storage.sealing import Keyring, salted_digest

KEYS = Keyring.generate()


@given(st.binary(max_size=4000))
def test_opens_to_what_was_sealed(value):
    """Unsealing gives back the very bytes, short or long enough to be compressed."""
    assert KEYS.unseal(KEYS.seal(value, "t.c.1"), "t.c.1") == value
    sealed, digest = KEYS.seal_salted(value, "t.c.1")
    assert KEYS.unseal_salted(sealed, "t.c.1") == value
    assert salted_digest(KEYS.unseal(sealed, "t.c.1")) == digest


@given(st.data())
def test_no_bit_can_change(data):
    """A sealed value in which any byte was changed does not open."""
    sealed = KEYS.seal(b"91120116MA06AAAA1X", "t.c.1")
    at = data.draw(st.integers(0, len(sealed) - 1))
    changed = sealed[:at] + bytes([sealed[at] ^ data.draw(st.integers(1, 255))]) + sealed[at + 1 :]
    with pytest.raises(StoreError):
        KEYS.unseal(changed, "t.c.1")


def test_opens_in_its_own_place_only():
    """A value that was copied to another row, or sealed with other keys, does not open."""
    sealed = KEYS.seal(b"x", "t.c.1")
    with pytest.raises(StoreError):
        KEYS.unseal(sealed, "t.c.2")
    with pytest.raises(StoreError):
        Keyring.generate().unseal(sealed, "t.c.1")


def test_equal_values_look_different():
    """Sealing twice never gives the same bytes, nor does a salted digest tell that two values are equal."""
    assert KEYS.seal(b"x", "p") != KEYS.seal(b"x", "p")
    assert KEYS.seal_salted(b"x", "p")[1] != KEYS.seal_salted(b"x", "p")[1]


def test_blind_digests_are_equal_for_equal_values_alone():
    """A keyed digest finds the same values under the same purpose, and tells values apart however they are cut."""
    assert KEYS.blind("open", "a", "b") == KEYS.blind("open", "a", "b")
    others = [
        KEYS.blind("open", "ab"),
        KEYS.blind("open", "a", "b", ""),
        KEYS.blind("other", "a", "b"),
        Keyring.generate().blind("open", "a", "b"),
    ]
    assert KEYS.blind("open", "a", "b") not in others
    assert len(KEYS.blind("open", "a")) == 16


def test_a_key_file_is_ours_alone(tmp_path):
    """The key file is made with mode 0600, opens what was sealed, and is never overwritten."""
    path = tmp_path / "new" / "keys.json"
    made = Keyring.create(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert Keyring.load(path).unseal(made.seal(b"x", "p"), "p") == b"x"
    with pytest.raises(SettingsError):
        Keyring.create(path)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660])
def test_a_key_file_that_others_can_read_is_refused(tmp_path, mode):
    """A key file that the group or the world can read is refused, with the cure."""
    path = tmp_path / "keys.json"
    Keyring.create(path)
    path.chmod(mode)
    with pytest.raises(SettingsError, match="0600"):
        Keyring.load(path)


@pytest.mark.parametrize(
    "content",
    [b"", b"[]", b"{}", b'{"current":"00","keys":{"00":"AAAA"},"index":"AAAA"}', b'{"current":1,"keys":{},"index":""}'],
)
def test_a_damaged_key_file_is_named(tmp_path, content):
    """A key file that is missing or damaged is a SettingsError that says what to do."""
    path = tmp_path / "keys.json"
    with pytest.raises(SettingsError, match="bridge init"):
        Keyring.load(path)
    path.write_bytes(content)
    path.chmod(0o600)
    with pytest.raises(SettingsError, match="damaged"):
        Keyring.load(path)
