"""The side door: how tests look behind a simulated target, spoil it, and play its office. JSON over HTTP.

The calls and their fields are a contract (docs/reference). What an act does is the simulator's.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import orjson
from aiohttp import web

from bridge.testing.simulator.faults import ImpossibleFault
from bridge.testing.simulator.server import ACTS, Illegal, NoSuchCase, NotBuilt, Simulator

Words = Mapping[str, Any]

TAMPERS = ("set", "remove", "copy", "swap_material")


class SideDoor:
    """Serves `/_control/…` of one simulator."""

    def __init__(
        self, simulator: Simulator, *, faults_changed: Callable[[], Awaitable[None]], forget: Callable[[], None]
    ) -> None:
        self._simulator, self._faults_changed, self._forget = simulator, faults_changed, forget
        self._acts: dict[str, Callable[[Words], Awaitable[Mapping[str, Any]]]] = {
            "faults": self._faults,
            "decide": self._decide,
            "stages": self._stages,
            "born": self._born,
            "tamper": self._tamper,
            "load": self._load,
            "reset": self._reset,
        }

    async def serve(self, request: web.BaseRequest) -> web.StreamResponse:
        """One call."""
        name = request.rel_url.path.removeprefix("/_control/")
        try:
            return await self._answer(request, name)
        except orjson.JSONDecodeError:
            return _error(400, "不是 JSON (not JSON)")
        except (ImpossibleFault, _Bad) as exc:
            return _error(400, str(exc))
        except NoSuchCase as exc:
            return _error(404, f"没有这个办件 (no such case) {exc}".strip())
        except Illegal as exc:
            return _error(409, str(exc) or "现在不能这样做 (not legal now)")
        except NotBuilt:
            return _error(501, f"此模拟系统尚不支持 {name} (not built yet at this simulator)")

    async def _answer(self, request: web.BaseRequest, name: str) -> web.Response:
        """What is asked for. Raises what `serve` turns into answers."""
        if request.method == "GET" and name == "records":
            records = [record.document() for record in self._simulator.records()]
            return _json({"records": records})
        act = self._acts.get(name)
        if act is None or request.method != "POST":
            return _error(404, "没有这个入口 (no such call)")
        words = orjson.loads(await request.read() or b"{}")
        if not isinstance(words, dict):
            raise _Bad("应为 JSON 对象 (a JSON object is wanted)")
        return _json(await act(words))

    async def _faults(self, words: Words) -> Mapping[str, Any]:
        self._simulator.faults.plan(words)
        await self._faults_changed()
        return {"faults": self._simulator.faults.shown()}

    async def _decide(self, words: Words) -> Mapping[str, Any]:
        if "auto" in words:
            acts = words["auto"]
            if not isinstance(acts, list) or any(act not in ACTS for act in acts):
                raise _Bad(f"auto 应为操作列表 (a list of): {', '.join(sorted(ACTS))}")
            self._simulator.auto = tuple(acts)
            return {"auto": acts}
        act = words.get("act")
        if act not in ACTS:
            raise _Bad(f"没有这种操作 (no such act); 可选 (known): {', '.join(sorted(ACTS))}")
        number = _number(words, "number")
        return self._simulator.whole(lambda: self._simulator.decide(number, act, words))

    async def _stages(self, words: Words) -> Mapping[str, Any]:
        if any(not isinstance(value, bool | str) for value in words.values()):
            raise _Bad("各项应为是、否或文字 (each is true, false or a text)")
        self._simulator.whole(lambda: self._simulator.stages(words))
        return dict(words)

    async def _born(self, words: Words) -> Mapping[str, Any]:
        return self._simulator.whole(lambda: self._simulator.born(words))

    async def _tamper(self, words: Words) -> Mapping[str, Any]:
        asked = [name for name in TAMPERS if name in words]
        if len(asked) != 1:
            raise _Bad(f"应有且只有其一 (exactly one of): {', '.join(TAMPERS)}")
        if asked == ["set"]:
            _number(words, "number")
            if not isinstance(words["set"], dict) or not words["set"]:
                raise _Bad("set 应为 {字段: 值} (an object of field and value)")
        else:
            _number(words, asked[0])
        return self._simulator.whole(lambda: self._simulator.tamper(words))

    async def _load(self, words: Words) -> Mapping[str, Any]:
        return self._simulator.whole(lambda: self._simulator.load(words))

    async def _reset(self, words: Words) -> Mapping[str, Any]:
        self._forget()
        self._simulator.reset()
        await self._faults_changed()
        return {"reset": True}


class _Bad(ValueError):
    """What was asked is said wrongly."""


def _number(words: Words, name: str) -> str:
    number = words.get(name)
    if not isinstance(number, str) or not number:
        raise _Bad(f"{name} 应为办件的编号 (the number of a case)")
    return number


def _json(document: object, status: int = 200) -> web.Response:
    return web.Response(status=status, body=orjson.dumps(document), content_type="application/json")


def _error(status: int, message: str) -> web.Response:
    return _json({"error": message}, status)
