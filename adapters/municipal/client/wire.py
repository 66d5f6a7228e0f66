"""The gateway's envelope and signature (INVENTED, TARGETS 4.3): how bytes are written, signed and checked.

No connection and no meaning of codes here: calls are in `calls`, codes in `codes`.
"""

from __future__ import annotations

import base64
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from cryptography.hazmat.primitives import hashes

from bridge.clock import Clock, to_micros
from bridge.contract.outgoing import MaterialFile
from bridge.contract.remote import CallbackRequest
from bridge.errors import AccessDenied
from bridge.kit.signing import hmac_sm3_hex, same, sm3_hex

SIGN_TYPE = "HMAC-SM3"
API_VERSION = "1.0"
WINDOW_MS = 300_000
"""Milliseconds by which clocks may differ."""

CHUNK = 192 * 1024
"""Bytes of a file that are read at once; a multiple of 3, so that base64 has no padding in the middle."""


@dataclass(frozen=True, slots=True)
class Signer:
    """Signs with one application's key."""

    app_key: str
    secret: bytes
    clock: Clock

    def head(self) -> dict[str, str]:
        """The head of an envelope."""
        return {
            "appKey": self.app_key,
            "requestNo": secrets.token_hex(16),
            "apiVersion": API_VERSION,
            "timestamp": str(self.now_ms()),
        }

    def headers(self, method: str, path: str, query: Mapping[str, str], body_sm3: str) -> dict[str, str]:
        """Headers of one try: time and nonce are good for one."""
        signed = Signed(method, path, query, body_sm3, str(self.now_ms()), secrets.token_hex(16))
        return {
            "appKey": self.app_key,
            "timestamp": signed.timestamp,
            "nonce": signed.nonce,
            "signType": SIGN_TYPE,
            "sign": signed.sign(self.secret),
        }

    def verify(self, request: CallbackRequest) -> None:
        """Raise AccessDenied where a callback is not signed by the gateway, or is older than the window."""
        headers = request.headers
        timestamp, nonce = headers.get("timestamp", ""), headers.get("nonce", "")
        signed = Signed(request.method, request.path, {}, sm3_hex(request.body), timestamp, nonce)
        if not same(headers.get("sign", ""), signed.sign(self.secret)):
            raise AccessDenied("回调签名不正确 (the callback's signature is wrong)", code="401")
        if (
            not timestamp.isascii()
            or not timestamp.isdigit()
            or abs(request.received_at // 1000 - int(timestamp)) > WINDOW_MS
        ):
            raise AccessDenied("回调时间戳超出范围 (the callback's timestamp is out of the window)", code="402")

    def now_ms(self) -> int:
        """Milliseconds since the epoch."""
        return to_micros(self.clock.now()) // 1000


@dataclass(frozen=True, slots=True)
class Signed:
    """What a signature covers."""

    method: str
    path: str
    query: Mapping[str, str]
    """Decoded."""
    body_sm3: str
    timestamp: str
    """Milliseconds since the epoch."""
    nonce: str

    def sign(self, secret: bytes) -> str:
        """hex(HMAC-SM3(method + path + sorted query + sm3(body) + timestamp + nonce; appSecret))."""
        query = "&".join(f"{name}={self.query[name]}" for name in sorted(self.query))
        covered = f"{self.method}{self.path}{query}{self.body_sm3}{self.timestamp}{self.nonce}"
        return hmac_sm3_hex(secret, covered.encode())


def data_sign(content: Mapping[str, Any]) -> str:
    """SM3 of the content of a case as it is meant, without what each attempt adds: names sorted, no blanks, UTF-8."""
    return sm3_hex(orjson.dumps(content, option=orjson.OPT_SORT_KEYS))


class FileBody:
    """The body that carries one file, in pieces: read once for the digests, and once for each try."""

    def __init__(self, head: Mapping[str, str], project_no: str, file: MaterialFile) -> None:
        """Reads the file to its end."""
        self._file = file
        prefix = {"projectNo": project_no, "attachName": file.name, "size": file.size}
        start = b'{"head":' + orjson.dumps(head) + b',"body":' + orjson.dumps(prefix)
        self._start = start[:-1] + b',"content":"'
        content, whole = hashes.Hash(hashes.SM3()), hashes.Hash(hashes.SM3())
        whole.update(self._start)
        for raw in self._raw():
            content.update(raw)
            whole.update(base64.b64encode(raw))
        self.file_sm3 = content.finalize().hex()
        self._end = b'","sm3":"' + self.file_sm3.encode() + b'"}}'
        whole.update(self._end)
        self.sm3 = whole.finalize().hex()

    def pieces(self) -> Iterator[bytes]:
        """The body."""
        yield self._start
        for raw in self._raw():
            yield base64.b64encode(raw)
        yield self._end

    def _raw(self) -> Iterator[bytes]:
        with self._file.open() as stream:
            while raw := stream.read(CHUNK):
                yield raw
