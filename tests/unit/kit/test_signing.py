"""SM3 and HMAC-SM3 against the vectors of the standards."""

from __future__ import annotations

import pytest

from bridge.kit.signing import hmac_sm3_hex, same, sm3_hex


@pytest.mark.parametrize(
    ("data", "digest"),
    [
        (b"abc", "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"),
        (b"abcd" * 16, "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732"),
        (b"", "1ab21d8355cfa17f8e61194831e81a8f22bec8c728fefb747ed035eb5082aa2b"),
    ],
)
def test_sm3_is_the_standards(data, digest):
    """GB/T 32905-2016, appendix A; and the digest of nothing."""
    assert sm3_hex(data) == digest


@pytest.mark.parametrize(
    ("key", "data", "mac"),
    [
        (
            bytes(range(1, 33)),
            b"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq" * 2,
            "ca05e144ed05d1857840d1f318a4a8669e559fc8391f414485bfdf7bb408963a",
        ),
        (bytes(range(1, 38)), b"\xcd" * 50, "220bf579ded555393f0159f66c99877822a3ecf610d1552154b41d44b94db3ae"),
        (b"\x0b" * 32, b"Hi There", "c0ba18c68b90c88bc07de794bfc7d2c8d19ec31ed8773bc2b390c9604e0be11e"),
        (b"Jefe", b"what do ya want for nothing?", "2e87f1d16862e6d964b50a5200bf2b10b764faa9680a296a2405f24bec39f882"),
    ],
)
def test_hmac_sm3_is_the_standards(key, data, mac):
    """GM/T 0042-2015, appendix D.3."""
    assert hmac_sm3_hex(key, data) == mac


def test_signatures_are_compared_whole():
    """Equal ones are the same; a different one, a shorter one and any byte of a header are not, and nothing breaks."""
    signature = hmac_sm3_hex(b"key", b"data")
    assert same(signature, signature)
    for other in (signature[:-1] + "g", signature[:-1], "", signature.upper(), "签名", "\udcff"):
        assert not same(other, signature)
