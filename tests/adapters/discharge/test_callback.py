"""Callbacks are taken only from the platform, and only now."""

from __future__ import annotations

import orjson
import pytest

from adapters.discharge.client import callback
from bridge.contract.remote import CallbackRequest
from bridge.errors import AccessDenied, OutcomeUnknown

SECRET = "not-a-real-secret"
NOW = 1_790_000_000
BODY = orjson.dumps(
    {"id": "00000001", "dataid": "d", "externalNo": "N", "status": "ZT_3", "at": "2026-09-22T09:30:00.000+08:00"}
)


def request(body=BODY, *, secret=SECRET, at=NOW, **headers):
    """A call as the platform makes it, but for what is given."""
    signature = callback.sign(secret, "00000001", str(at), body)
    given = {"webhook-id": "00000001", "webhook-timestamp": str(at), "webhook-signature": signature}
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return CallbackRequest("POST", "/callbacks/discharge", {**given, **named}, body, NOW * 1_000_000)


def test_a_signed_message_is_read():
    """What the platform signed now is taken."""
    assert callback.read(request(), SECRET)["status"] == "ZT_3"


def test_one_of_several_signatures_is_enough():
    """While a secret is changed there are two signatures; one that fits is enough."""
    good = callback.sign(SECRET, "00000001", str(NOW), BODY)
    assert callback.read(request(webhook_signature=f"v1,AAAA {good}"), SECRET)


@pytest.mark.parametrize(
    "forged",
    [
        request(secret="another"),
        request(at=NOW - 301),
        request(at=NOW + 301),
        request(webhook_signature=""),
        request(webhook_signature="v1,签名"),
        request(webhook_id="00000002"),
        request(webhook_timestamp="１"),
        request(webhook_timestamp="9" * 40),
    ],
)
def test_anything_else_is_denied(forged):
    """A wrong secret, another id, an old or early time, or no signature: denied."""
    with pytest.raises(AccessDenied):
        callback.read(forged, SECRET)


def test_without_a_secret_nothing_is_taken():
    """An adapter without a secret takes nothing, not even what is signed with an empty one."""
    with pytest.raises(AccessDenied):
        callback.read(request(secret=""), "")


@pytest.mark.parametrize("body", [b"[]", b"7", b"<html>", b"{}", b'{"id":"1"}'])
def test_a_signed_nothing_is_not_understood(body):
    """Signed, but no message: not understood, and no crash."""
    with pytest.raises(OutcomeUnknown):
        callback.read(request(body), SECRET)
