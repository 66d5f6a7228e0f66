"""The target's calls, one method each. INVENTED wire: README.md."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import orjson

from adapters._template.codes import REFUSALS
from bridge.contract.adapter import AdapterContext
from bridge.errors import AccessDenied, FieldRefusal, OutcomeUnknown, Refused
from bridge.kit.http import Answer, HttpClient


class Client:
    """Calls to the target."""

    def __init__(self, context: AdapterContext) -> None:
        limits = context.manifest.limits
        self._http = HttpClient(
            context.settings.get("url", ""),
            total_seconds=context.total_seconds,
            concurrency=limits.concurrency,
            calls_per_second=limits.calls_per_second,
            clock=context.clock,
        )
        self._headers = {"X-Key": context.secrets.get("key", ""), "Content-Type": "application/json"}

    async def close(self) -> None:
        """Let go of connections."""
        await self._http.close()

    async def put(self, number: str, payload: Mapping[str, Any]) -> dict[str, Any]:
        """Hold the application under our number. Never repeated without asking first."""
        path = f"/cases/{quote(number, safe='')}"
        return _taken(await self._http.request("PUT", path, headers=self._headers, content=orjson.dumps(payload)))

    async def get(self, number: str) -> dict[str, Any] | None:
        """What is held under our number, or None."""
        path = f"/cases/{quote(number, safe='')}"
        answer = await self._http.request("GET", path, headers=self._headers, repeatable=True)
        return None if answer.status == 404 else _taken(answer)

    async def since(self, cursor: str | None) -> dict[str, Any]:
        """What has changed since `cursor`."""
        params = {"cursor": cursor or "0"}
        return _taken(await self._http.request("GET", "/cases", params=params, headers=self._headers, repeatable=True))


def _taken(answer: Answer) -> dict[str, Any]:
    """The answer, where it is one of success. Raises what it means otherwise."""
    if answer.status in (401, 403):
        raise AccessDenied("对方不认可我方密钥 (our key is not accepted)", raw=answer.body)
    told = answer.json()
    if not isinstance(told, dict):
        raise OutcomeUnknown("对方答复无法识别 (the answer is not understood)", raw=answer.body)
    if 200 <= answer.status < 300:
        return told
    code = str(told.get("code"))
    if code not in REFUSALS:
        raise OutcomeUnknown("对方答复无法识别 (the answer is not understood)", code=code, raw=answer.body)
    reason = REFUSALS[code]
    raise Refused(reason, fields=[FieldRefusal(str(told.get("path", "")), reason)], code=code, raw=answer.body)
