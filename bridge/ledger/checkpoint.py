"""Checkpoints: what the tree was at a moment, in a short signed text that can be kept outside this machine.

The form is C2SP's: `tlog-checkpoint` (origin, size, SHA-256 root, each on a line) with two extension lines of our own
(`sm3 <root>` and `time <RFC 3339>`), as a `signed-note` with one Ed25519 signature (RFC 8032). Who holds a checkpoint
from before can see that the ledger was cut or rewritten since, also by someone who holds the signing key. What does
not belong here: the key's file and where checkpoints are kept (both are storage's).
"""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import hashlib
import re
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from bridge.clock import from_micros, rfc3339, to_micros
from bridge.errors import BridgeError
from bridge.ledger.merkle import WIDTH

ORIGIN = "permit-bridge/"
"""An origin is this and the installation's id (INVENTED, high confidence: C2SP leaves the name to the log)."""

ED25519 = b"\x01"
"""The kind of signature, in C2SP's signed-note."""

SIGNATURE_BYTES = 64
KEY_HASH_BYTES = 4
LONGEST = 4096
"""Bytes that a checkpoint's text may have."""

_SIGNATURE = re.compile(r"— (\S+) ([A-Za-z0-9+/]+={0,2})")
_SIZE = re.compile(r"0|[1-9][0-9]{0,17}")


class BadCheckpoint(BridgeError):
    """不是本账本的检查点 (a text that is no checkpoint of this ledger); the message says why, never the text itself."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The tree at a moment."""

    origin: str
    """Which ledger: `permit-bridge/` and the installation's id."""
    size: int
    """Events in the tree: those at positions 1 to `size`."""
    sha256: bytes
    """The root by SHA-256, 32 bytes."""
    sm3: bytes
    """The root by SM3, 32 bytes."""
    at: int
    """When it was signed, microseconds since the epoch."""

    def body(self) -> str:
        """The text that is signed."""
        lines = (
            self.origin,
            str(self.size),
            base64.b64encode(self.sha256).decode(),
            f"sm3 {base64.b64encode(self.sm3).decode()}",
            f"time {rfc3339(from_micros(self.at))}",
        )
        return "".join(f"{line}\n" for line in lines)


def signed(checkpoint: Checkpoint, key: Ed25519PrivateKey) -> str:
    """The checkpoint as a signed note."""
    body = checkpoint.body()
    mark = key_hash(checkpoint.origin, key.public_key())
    signature = base64.b64encode(mark + key.sign(body.encode())).decode()
    return f"{body}\n— {checkpoint.origin} {signature}\n"


def opened(text: str, origin: str, key: Ed25519PublicKey) -> Checkpoint:
    """The checkpoint of a signed note, its signature checked. Raises BadCheckpoint.

    Signatures of others (witnesses) are let stand and not looked at.
    """
    checkpoint, signatures = _parsed(text)
    if checkpoint.origin != origin:
        raise BadCheckpoint("不是本账本的检查点 (a checkpoint of another ledger)")
    mark = key_hash(origin, key)
    for name, value in signatures:
        if name == origin and value[:KEY_HASH_BYTES] == mark:
            try:
                key.verify(value[KEY_HASH_BYTES:], checkpoint.body().encode())
            except InvalidSignature as exc:
                raise BadCheckpoint("检查点签名不符，内容已被改动 (its signature does not hold)") from exc
            return checkpoint
    raise BadCheckpoint("检查点不是以本系统密钥签名 (it is not signed with our key)")


def key_hash(origin: str, key: Ed25519PublicKey) -> bytes:
    """The four bytes by which a note names a key."""
    return hashlib.sha256(origin.encode() + b"\n" + ED25519 + key.public_bytes_raw()).digest()[:KEY_HASH_BYTES]


def verifier_key(origin: str, key: Ed25519PublicKey) -> str:
    """The public key as C2SP writes it: name, hash and key, joined by `+`."""
    public = base64.b64encode(ED25519 + key.public_bytes_raw()).decode()
    return f"{origin}+{key_hash(origin, key).hex()}+{public}"


def _parsed(text: str) -> tuple[Checkpoint, list[tuple[str, bytes]]]:
    """The checkpoint and its signatures, as they stand there. Raises BadCheckpoint."""
    wrong = BadCheckpoint("不是检查点文件 (not a checkpoint)")
    body, gap, notes = text.partition("\n\n")
    lines = body.split("\n")
    if len(text) > LONGEST or not gap or len(lines) != 5 or not text.endswith("\n"):
        raise wrong
    origin, size, sha256, sm3, time = lines
    if not _SIZE.fullmatch(size) or not sm3.startswith("sm3 ") or not time.startswith("time "):
        raise wrong
    found = [_SIGNATURE.fullmatch(line) for line in notes.splitlines()]
    try:
        checkpoint = Checkpoint(
            origin=origin,
            size=int(size),
            sha256=_root(sha256),
            sm3=_root(sm3.removeprefix("sm3 ")),
            at=to_micros(dt.datetime.fromisoformat(time.removeprefix("time "))),
        )
        signatures = [(one[1], _bytes(one[2])) for one in found if one]
    except (ValueError, TypeError, OverflowError, binascii.Error) as exc:
        raise wrong from exc
    if checkpoint.body() != body + "\n" or None in found:
        raise wrong
    return checkpoint, signatures


def _root(text: str) -> bytes:
    """A root of base64. Raises ValueError."""
    value = _bytes(text)
    if len(value) != WIDTH:
        raise ValueError("not a root")
    return value


def _bytes(text: str) -> bytes:
    """The bytes of base64 in its one canonical form (RFC 4648 section 3.5). Raises ValueError."""
    value = base64.b64decode(text, validate=True)
    if base64.b64encode(value).decode() != text:
        raise ValueError("not canonical")
    return value
