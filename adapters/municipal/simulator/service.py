"""The simulated gateway as a server: its routes, its answers, its callbacks, and what the side door may do with it."""

from __future__ import annotations

import base64
import binascii
import secrets
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any, ClassVar

import orjson

from adapters.municipal.codes import MESSAGES
from adapters.municipal.simulator import office
from adapters.municipal.simulator.desk import Case, Desk, wall
from adapters.municipal.simulator.gate import SIGN_TYPE, Gate, denied, said
from adapters.municipal.simulator.rules import check_message, rules_of, signed_content
from bridge.clock import to_micros
from bridge.kit.mapping.paths import flatten
from bridge.kit.signing import hmac_sm3_hex, sm3_hex
from bridge.testing.simulator.calls import Answer, Call, CallKind, Route
from bridge.testing.simulator.faults import Fault
from bridge.testing.simulator.server import Ground, Record, Simulator
from bridge.testing.simulator.stream import Post

SEVERAL = frozenset({"process", "special"})
"""Messages of which a case may have several."""

APP_KEY = "permit-bridge"
PAGE = 500
CALLBACKS = frozenset({"BZGZ", "SLJG", "BJJG", "TBCX", "ZZSC"})
"""Kinds of message that are posted; the others are only in the stream."""

CALLBACK_PATH = "/callbacks/municipal"


class MunicipalSimulator(Simulator):
    """政务一网通, simulated."""

    target: ClassVar[str] = "municipal"
    supported: ClassVar[frozenset[Fault]] = frozenset(Fault)

    def __init__(self, ground: Ground) -> None:
        super().__init__(ground)
        self._secret = self.secret("app_secret")
        self._gate = Gate(APP_KEY, self._secret, ground.clock)
        self.desk = Desk(ground.store, ground.stream, ground.clock)

    def settings(self, url: str) -> Mapping[str, str]:
        """Settings with which the bridge speaks to it."""
        name, place = self.secret_setting("app_secret")
        return {self.setting("url"): url, self.setting("mode"): "write", self.setting("app_key"): APP_KEY, name: place}

    def routes(self) -> list[Route]:
        """All calls (README.md)."""
        return [
            Route("POST", "/auth/token", "auth", self._gate.token),
            self._behind_gate("POST", "/api/v1/projid/apply", "write", self._number),
            self._behind_gate("POST", "/api/v1/affair/file", "write", self._upload),
            self._behind_gate("POST", "/api/v1/affair/receive", "write", self._receive),
            self._behind_gate("POST", "/api/v1/affair/supplement", "write", self._supplement),
            *(
                self._behind_gate("POST", f"/api/v1/affair/{call}", "write", partial(self._message, call))
                for call in MESSAGES
            ),
            self._behind_gate("GET", "/api/v1/affair/status", "read", self._status),
            self._behind_gate("GET", "/api/v1/affair/changes", "read", self._changes),
            self._behind_gate("GET", "/api/v1/affair/records", "read", self._records),
        ]

    def records(self) -> Iterator[Record]:
        """What it holds."""
        for _, case in self.desk.cases():
            yield Record(
                key=case.biz_no,
                number=case.project_no,
                status=case.status,
                fields=flatten({"projid/apply": case.apply, "receive": case.receive, **_told(case)}),
                materials=[(file.name, file.digest) for file in case.files],
            )

    def said(self, fault: Fault, call: Call, retry_after: int) -> Answer:
        """Faults in the gateway's own codes; a log-in page comes as everywhere."""
        own = {
            Fault.ERROR_500: said("500", status=500),
            Fault.ERROR_503: said("503", status=503, retry_after=retry_after),
            Fault.MAINTENANCE: said("503", message="系统维护，请稍后再试", retry_after=retry_after),
            Fault.LIMIT_429: said("429", retry_after=retry_after),
            Fault.UNKNOWN_CODE: said("999"),
            Fault.EXPIRED_TOKEN: said("401", {"reason": "TOKEN_EXPIRED"}, message="token 无效或已过期"),
        }
        return own[fault] if fault in own else super().said(fault, call, retry_after)

    def no_route(self, call: Call) -> Answer:
        """A path that there is not."""
        return said("403", message="接口不存在或未开通", status=404)

    def callback(self, message: Mapping[str, Any]) -> Post | None:
        """A message as a signed call, where its kind is posted."""
        if message["msgType"] not in CALLBACKS:
            return None
        timestamp, nonce = str(to_micros(self.clock.now()) // 1000), secrets.token_hex(16)
        head = {"appKey": APP_KEY, "requestNo": secrets.token_hex(16), "apiVersion": "1.0", "timestamp": timestamp}
        body = orjson.dumps({"head": head, "body": dict(message)})
        covered = f"POST{CALLBACK_PATH}{sm3_hex(body)}{timestamp}{nonce}"
        headers = {
            "Content-Type": "application/json",
            "appKey": APP_KEY,
            "timestamp": timestamp,
            "nonce": nonce,
            "signType": SIGN_TYPE,
            "sign": hmac_sm3_hex(self._secret.encode(), covered.encode()),
        }
        return Post(body, headers)

    def forget(self) -> None:
        """Start anew."""
        self._gate.forget()
        self.desk.load()

    # -- the side door

    def decide(self, number: str, act: str, words: Mapping[str, Any]) -> Mapping[str, Any]:
        """Play the office."""
        case = office.decide(self.desk, number, act, words)
        return {"number": case.project_no, "status": case.status}

    def born(self, words: Mapping[str, Any]) -> Mapping[str, Any]:
        """A case from a counter or an app of the city."""
        case = office.born(self.desk, wall(self.clock.now()), words)
        return {"number": case.project_no, "key": case.biz_no}

    def tamper(self, words: Mapping[str, Any]) -> Mapping[str, Any]:
        """Change what is held."""
        return {"number": office.tamper(self.desk, self.store, words)}

    def load(self, words: Mapping[str, Any]) -> Mapping[str, Any]:
        """Hold many."""
        return {"loaded": office.load(self.desk, wall(self.clock.now()), words)}

    # -- calls behind the gate

    def _behind_gate(self, method: str, path: str, kind: CallKind, handler: Callable[[Call], Answer]) -> Route:
        def checked(call: Call) -> Answer:
            self._gate.enter(call)
            return handler(call)

        return Route(method, path, kind, checked)

    def _number(self, call: Call) -> Answer:
        """办件统一赋码."""
        asked = self._gate.body(call)
        rules_of(asked.get("taskCode")).check("projid/apply", asked)
        return said("200", {"projectNo": self.desk.number(asked)})

    def _upload(self, call: Call) -> Answer:
        """Take a file."""
        body = self._gate.body(call)
        for name in ("projectNo", "attachName", "content", "sm3"):
            if not isinstance(body.get(name), str) or not body[name]:
                raise denied("422", {"fields": [{"field": f"file.{name}", "reason": "必填"}]})
        if len(body["attachName"].encode("utf-16-le")) // 2 > 200:
            raise denied("422", {"fields": [{"field": "file.attachName", "reason": "超过 200 个字符"}]})
        try:
            data = base64.b64decode(body["content"], validate=True)
        except binascii.Error:
            raise denied("400", message="content 不是 base64") from None
        if len(data) != body.get("size"):
            raise denied("422", {"fields": [{"field": "file.size", "reason": "与内容不一致"}]})
        file = self.desk.upload(body["projectNo"], body["attachName"], body["sm3"], data)
        return said("200", {"fileId": file.file_id})

    def _receive(self, call: Call) -> Answer:
        """申报."""
        body = self._gate.body(call)
        content, paths = _whole_case(body)
        case = self.desk.receive(body.get("projectNo"), content, body["dataSign"], paths)
        self.received(case.project_no)
        return _taken(case)

    def _supplement(self, call: Call) -> Answer:
        """补正后重新提交."""
        body = self._gate.body(call)
        content, paths = _whole_case(body)
        return _taken(self.desk.supplement(body.get("projectNo"), content, body["dataSign"], paths))

    def _message(self, name: str, call: Call) -> Answer:
        """What is told of a case after it was handed in."""
        content = self._gate.body(call)
        check_message(name, content)
        return _taken(self.desk.message(name, content))

    def _status(self, call: Call) -> Answer:
        """What is held under a bizNo or a 办件编号."""
        if biz_no := call.query.get("bizNo"):
            numbered = self.desk.numbered(biz_no)
            project_no = numbered["project_no"] if numbered else None
            cases = self.desk.by_biz_no(biz_no)
        elif project_no := call.query.get("projectNo"):
            found = self.desk.case(project_no)
            cases = [found] if found else []
        else:
            raise denied("400", message="应有 bizNo 或 projectNo")
        files = [
            {"fileId": file.file_id, "attachName": file.name, "digest": file.digest, "sm3": file.sm3}
            for file in (self.desk.files(project_no) if project_no else ())
        ]
        affairs = [
            {
                "projectNo": case.project_no,
                "receiptNo": case.receipt_no,
                "status": case.status,
                "version": case.version,
                "dataSign": case.data_sign,
                "messages": [_named(one) for one in case.messages],
            }
            for case in cases
        ]
        return said("200", {"projectNo": project_no, "files": files, "affairs": affairs})

    def _changes(self, call: Call) -> Answer:
        """Messages since a place."""
        since, limit = _whole(call, "since", 0), min(_whole(call, "limit", 100), PAGE)
        found = list(self.stream.since(since, limit + 1))
        page = found[:limit]
        after = str(page[-1][0] if page else since)
        return said("200", {"items": [one for _, one in page], "next": after, "more": len(found) > limit})

    def _records(self, call: Call) -> Answer:
        """Cases with their content, by the time of their last change."""
        after, limit = _whole(call, "after", 0), min(_whole(call, "limit", 100), PAGE)
        since, until = _whole(call, "since", 0), _whole(call, "until", 1 << 62)
        found = list(self.desk.cases(after, limit + 1))
        page = found[:limit]
        items = [_shown(case) for _, case in page if since <= case.changed_ms < until]
        return said("200", {"items": items, "next": str(page[-1][0] if page else after), "more": len(found) > limit})


def _whole_case(body: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """The content of a case and the paths of its files, checked. Raises Denied."""
    rules = rules_of(body.get("matterCode"))
    content, paths = signed_content(body)
    rules.check("receive", content)
    return content, paths


def _taken(case: Case) -> Answer:
    """The answer to what was taken."""
    return said("200", {"projectNo": case.project_no, "receiptNo": case.receipt_no, "status": case.status})


def _told(case: Case) -> dict[str, Any]:
    """What was told of a case later: the last of each, but every 环节 and 特别程序."""
    told: dict[str, Any] = {}
    for call in MESSAGES:
        if contents := case.told(call):
            told[call] = contents if call in SEVERAL else contents[-1]
    return told


def _named(message: Mapping[str, Any]) -> dict[str, str]:
    """By what a message is known: its type, its number, and the digest of its content."""
    content = message["content"]
    sign = sm3_hex(orjson.dumps(content, option=orjson.OPT_SORT_KEYS))
    return {"msgType": message["call"], "sn": content["sn"], "dataSign": sign}


def _shown(case: Case) -> dict[str, Any]:
    """A case with its content and what was told of it."""
    return {
        "projectNo": case.project_no,
        "bizNo": case.biz_no,
        "status": case.status,
        "apply": case.apply,
        "receive": case.receive,
        "messages": _told(case),
        "files": [{"attachName": file.name, "digest": file.digest, "sm3": file.sm3} for file in case.files],
    }


def _whole(call: Call, name: str, default: int) -> int:
    """A whole number of the query. Raises Denied."""
    given = call.query.get(name)
    if given is None:
        return default
    if not given.isascii() or not given.isdigit():
        raise denied("400", message=f"{name} 应为非负整数")
    return int(given)
