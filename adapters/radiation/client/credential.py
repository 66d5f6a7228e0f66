"""The digest by which a login proves the password, in the style of a WS-Security UsernameToken. INVENTED in detail."""

from __future__ import annotations

import hashlib
import hmac


def digest_of(password: str, nonce: str, created: str) -> str:
    """HMAC-SHA256 over nonce and instant, hexadecimal: the password itself never leaves."""
    return hmac.new(password.encode(), f"{nonce}\n{created}".encode(), hashlib.sha256).hexdigest()
