"""Signatures and digests that targets ask for, on `cryptography`: SM3 (GB/T 32905) and HMAC-SM3 (GB/T 15852.2)."""

from __future__ import annotations

import hmac

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.hmac import HMAC


def sm3_hex(data: bytes) -> str:
    """The SM3 digest, 64 hexadecimal digits."""
    digest = hashes.Hash(hashes.SM3())
    digest.update(data)
    return digest.finalize().hex()


def hmac_sm3_hex(key: bytes, data: bytes) -> str:
    """The HMAC-SM3, 64 hexadecimal digits."""
    mac = HMAC(key, hashes.SM3())
    mac.update(data)
    return mac.finalize().hex()


def same(given: str, expected: str) -> bool:
    """Whether two signatures are equal, in constant time."""
    # a header may hold any byte, which is read as a lone surrogate
    return hmac.compare_digest(given.encode(errors="surrogatepass"), expected.encode(errors="surrogatepass"))
