"""Our own identifiers: sortable ids, the 收件编号 with its check digit, and digests of bytes.

What does not belong here: identifiers that others issue (`identity`).
"""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
import uuid

NUMBER_PREFIX = "YCL"
"""一次录."""


def uuid7(micros: int) -> str:
    """A UUID of version 7 (RFC 9562) for the instant `micros`: later ids sort after earlier ones."""
    milliseconds, rest = divmod(micros, 1000)
    fraction = rest * 4096 // 1000
    value = milliseconds << 80 | 0x7 << 76 | fraction << 64 | 0b10 << 62 | secrets.randbits(62)
    return str(uuid.UUID(int=value))


def check_digit(digits: str) -> str:
    """The check digit of a string of decimal digits by ISO/IEC 7064 MOD 11,10 (finds every single wrong digit)."""
    product = 10
    for digit in digits:
        total = (product + int(digit)) % 10 or 10
        product = total * 2 % 11
    return str((11 - product) % 10)


def receipt_number(day: dt.date, serial: int) -> str:
    """The 收件编号 of the `serial`-th application of `day`: `YCL`, date, seven digits, check digit (19 characters)."""
    body = f"{day:%Y%m%d}{serial:07d}"
    return f"{NUMBER_PREFIX}{body}{check_digit(body)}"


def digest(data: bytes) -> str:
    """`sha256:` and 64 hexadecimal digits, the form in which every digest is written."""
    return "sha256:" + hashlib.sha256(data).hexdigest()
