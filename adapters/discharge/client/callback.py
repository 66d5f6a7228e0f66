"""The platform's callbacks: verified as Standard Webhooks, symmetric form `v1`. INVENTED with the rest of the wire.

The signature covers `webhook-id.webhook-timestamp.body`; a call more than five minutes old or early is not taken.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping
from typing import Any

from adapters.discharge.client import answers
from bridge.contract.remote import CallbackRequest
from bridge.errors import AccessDenied
from bridge.kit.signing import same

TOLERANCE_SECONDS = 300


def sign(secret: str, message_id: str, timestamp: str, body: bytes) -> str:
    """The value of `webhook-signature`: `v1,` and the base64 of HMAC-SHA256."""
    signed = f"{message_id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(secret.encode(), signed, hashlib.sha256).digest()).decode()


def read(request: CallbackRequest, secret: str) -> Mapping[str, Any]:
    """The message that `request` carries.

    Raises AccessDenied where it is not signed by the platform or not of now, OutcomeUnknown where it is no message.
    """
    if not secret or not _is_signed(request, secret):
        raise AccessDenied("回调签名不正确，已拒收 (the callback is not signed by the platform)")
    return answers.change(answers.body(request.body), request.body)


def _is_signed(request: CallbackRequest, secret: str) -> bool:
    """Whether one of the signatures fits and the time is now."""
    message_id = request.headers.get("webhook-id", "")
    timestamp = request.headers.get("webhook-timestamp", "")
    if not message_id or not timestamp.isascii() or not timestamp.isdigit() or len(timestamp) > 12:
        return False
    if abs(request.received_at // 1_000_000 - int(timestamp)) > TOLERANCE_SECONDS:
        return False
    expected = sign(secret, message_id, timestamp, request.body)
    return any(same(given, expected) for given in request.headers.get("webhook-signature", "").split(" "))
