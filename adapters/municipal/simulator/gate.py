"""The gate of the simulated gateway: who calls, with which signature, when, and whether for the first time.

What is asked for behind the gate does not belong here.
"""

from __future__ import annotations

import secrets
from collections import deque
from typing import Any

import orjson

from bridge.clock import Clock, to_micros
from bridge.kit.signing import hmac_sm3_hex, same, sm3_hex
from bridge.testing.simulator.calls import Answer, Call, Denied, json_answer

WINDOW_MS = 300_000
NONCE_SECONDS = 600
TOKEN_SECONDS = 7200
SIGN_TYPE = "HMAC-SM3"
HEAD = ("appKey", "requestNo", "apiVersion", "timestamp")

MEANINGS = {
    "200": "成功",
    "400": "参数错误",
    "401": "签名错误",
    "402": "时间戳过期",
    "403": "无接口权限",
    "404": "事项不存在",
    "405": "重放(nonce 已用)",
    "409": "办件编号重复且内容不一致",
    "410": "状态不允许",
    "413": "附件过大",
    "422": "校验失败",
    "429": "超限",
    "500": "系统异常",
    "502": "下级系统超时",
    "503": "前置机维护",
    "504": "处理中",
}


def said(code: str, data: object = None, *, message: str = "", status: int = 200, retry_after: int = 0) -> Answer:
    """The envelope of an answer. Business refusals come with HTTP 200, as gateways of this style do."""
    headers = {"Retry-After": str(retry_after)} if retry_after else {}
    return json_answer({"code": code, "msg": message or MEANINGS.get(code, "未知"), "data": data}, status, headers)


def denied(code: str, data: object = None, message: str = "") -> Denied:
    """A refusal, to be raised."""
    return Denied(said(code, data, message=message))


class Gate:
    """Checks each call. Nonces and tokens live in memory: a restart forgets them, as a gateway's does."""

    def __init__(self, app_key: str, secret: str, clock: Clock) -> None:
        self._app_key, self._secret, self._clock = app_key, secret, clock
        self._nonces: set[str] = set()
        self._used: deque[tuple[float, str]] = deque()
        self._tokens: dict[str, float] = {}

    def token(self, call: Call) -> Answer:
        """POST /auth/token."""
        try:
            asked = call.json()
        except orjson.JSONDecodeError:
            raise denied("400") from None
        if not isinstance(asked, dict) or asked.get("appKey") != self._app_key:
            raise denied("403", message="appKey 未登记")
        if not same(str(asked.get("appSecret")), self._secret):
            raise denied("401", message="appKey 或 appSecret 不正确")
        token = secrets.token_hex(24)
        self._tokens[token] = self._clock.monotonic() + TOKEN_SECONDS
        return said("200", {"accessToken": token, "expiresIn": TOKEN_SECONDS})

    def enter(self, call: Call) -> None:
        """Raise Denied unless key, time, signature, nonce and token are all in order."""
        headers = call.headers
        if headers.get("appkey") != self._app_key:
            raise denied("403", message="appKey 未登记")
        if headers.get("signtype") != SIGN_TYPE:
            raise denied("401", message="signType 应为 HMAC-SM3")
        timestamp, nonce = headers.get("timestamp", ""), headers.get("nonce", "")
        if not timestamp.isascii() or not timestamp.isdigit() or len(nonce) != 32:
            raise denied("400", message="timestamp 应为毫秒，nonce 应为 32 位")
        if abs(to_micros(self._clock.now()) // 1000 - int(timestamp)) > WINDOW_MS:
            raise denied("402")
        query = "&".join(f"{name}={call.query[name]}" for name in sorted(call.query))
        covered = f"{call.method}{call.path}{query}{sm3_hex(call.body)}{timestamp}{nonce}"
        if not same(headers.get("sign", ""), hmac_sm3_hex(self._secret.encode(), covered.encode())):
            raise denied("401", {"reason": "SIGN"})
        self._use(nonce)
        if self._tokens.get(headers.get("token", ""), 0.0) < self._clock.monotonic():
            raise denied("401", {"reason": "TOKEN_EXPIRED"}, "token 无效或已过期")

    def body(self, call: Call) -> dict[str, Any]:
        """The body of a call's envelope. Raises Denied."""
        try:
            envelope = call.json()
        except orjson.JSONDecodeError:
            raise denied("400", message="不是 JSON") from None
        head = envelope.get("head") if isinstance(envelope, dict) else None
        if not isinstance(head, dict) or any(not isinstance(head.get(name), str) for name in HEAD):
            raise denied("400", message="head 不完整")
        if head["appKey"] != self._app_key:
            raise denied("403", message="head.appKey 与请求头不一致")
        body = envelope.get("body")
        if not isinstance(body, dict):
            raise denied("400", message="缺少 body")
        return body

    def forget(self) -> None:
        """Forget nonces. Tokens stay good: a reset is of the cases, not of the gateway."""
        self._nonces.clear()
        self._used.clear()

    def _use(self, nonce: str) -> None:
        """A nonce is good once in ten minutes."""
        now = self._clock.monotonic()
        while self._used and self._used[0][0] < now:
            self._nonces.discard(self._used.popleft()[1])
        if nonce in self._nonces:
            raise denied("405")
        self._nonces.add(nonce)
        self._used.append((now + NONCE_SECONDS, nonce))
