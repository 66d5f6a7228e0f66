"""The simulated platform over HTTP: tokens, paths, bodies, and the side door's acts.

What happens behind the paths is `platform`; what the office does is `office`. Every path and figure is INVENTED
(README.md of this adapter).
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import parse_qs, unquote

import orjson

from adapters.discharge.client.callback import sign
from adapters.discharge.codes import APPLY_TYPES, REGISTER_TYPES
from adapters.discharge.mapping import schema
from adapters.discharge.simulator import made, office
from adapters.discharge.simulator.platform import Case, Platform, Upload
from adapters.discharge.simulator.refusal import Refusal
from bridge.clock import parse_rfc3339, to_micros
from bridge.kit.mapping.paths import flatten
from bridge.testing.simulator.calls import Answer, Call, Handler, Route, json_answer
from bridge.testing.simulator.faults import Fault
from bridge.testing.simulator.server import Ground, Illegal, NoSuchCase, Record, Simulator
from bridge.testing.simulator.stream import Post

TYPES = {"discharge-permit": APPLY_TYPES, "discharge-registration": REGISTER_TYPES}
"""What may be born here, or loaded."""

TOKEN_SECONDS = 7200
PAGE = 100
CLIENT_ID = "permit-bridge"

SAID = {
    Fault.LIMIT_429: "E3001",
    Fault.MAINTENANCE: "E3002",
    Fault.ERROR_503: "E3003",
    Fault.ERROR_500: "E9001",
    Fault.EXPIRED_TOKEN: "E1002",
}
"""What a struck call is answered, in the platform's own codes."""


class DischargeSimulator(Simulator):
    """全国排污许可证管理信息平台, simulated."""

    target = "discharge"
    supported = frozenset(Fault)

    def __init__(self, ground: Ground) -> None:
        super().__init__(ground)
        self._platform = Platform(
            ground.store,
            ground.stream,
            ground.clock,
            permit=schema("discharge-permit-v1"),
            registration=schema("discharge-registration-v1"),
            register=lambda platform, case: office.register(platform, ground.clock, case),
        )
        self._tokens: dict[str, float] = {}

    def routes(self) -> list[Route]:
        """The calls of the README."""
        return [
            Route("POST", "/oauth/token", "auth", self._token),
            Route("GET", "/api/accounts", "read", self._with_token(self._find_account)),
            Route("POST", "/api/accounts", "write", self._with_token(self._open_account)),
            Route("POST", "/api/applications", "write", self._with_token(self._put_draft)),
            Route("GET", "/api/applications", "read", self._with_token(self._read_many)),
            Route("GET", "/api/applications/{dataid}", "read", self._with_token(self._read_one)),
            Route("POST", "/api/applications/{dataid}/files", "write", self._with_token(self._upload)),
            Route("POST", "/api/applications/{dataid}/publicity", "write", self._with_token(self._publish)),
            Route("GET", "/api/applications/{dataid}/form", "read", self._with_token(self._form)),
            Route("POST", "/api/applications/{dataid}/signed-form", "write", self._with_token(self._sign)),
            Route("POST", "/api/applications/{dataid}/submit", "write", self._with_token(self._submit)),
            Route("POST", "/api/applications/{dataid}/withdraw", "write", self._with_token(self._withdraw)),
            Route("GET", "/api/applications/{dataid}/documents/{file}", "read", self._with_token(self._document)),
            Route("GET", "/api/changes", "read", self._with_token(self._changes)),
        ]

    def settings(self, url: str) -> Mapping[str, str]:
        """Its address, mode and credential."""
        return {
            self.setting("url"): url,
            self.setting("mode"): "write",
            self.setting("client_id"): CLIENT_ID,
            **dict([self.secret_setting("client_secret"), self.secret_setting("callback_secret")]),
        }

    def said(self, fault: Fault, call: Call, retry_after: int) -> Answer:
        """In the platform's own codes."""
        if fault is Fault.UNKNOWN_CODE:
            return json_answer({"code": "E7777", "message": "？"}, 400)
        if fault not in SAID:
            return super().said(fault, call, retry_after)
        answer = Refusal(SAID[fault]).answer
        headers = {"Retry-After": str(retry_after)} if answer.status in (429, 503) else {}
        return Answer(answer.status, answer.body, headers=headers)

    def no_route(self, call: Call) -> Answer:
        """In the platform's own form."""
        return json_answer({"code": "E0404", "message": "没有该接口", "fields": []}, 404)

    def callback(self, message: Mapping[str, Any]) -> Post:
        """A change as it is posted, signed now."""
        body = orjson.dumps(message)
        timestamp = str(int(self.clock.now().timestamp()))
        signature = sign(self.secret("callback_secret"), message["id"], timestamp, body)
        named = {"webhook-id": message["id"], "webhook-timestamp": timestamp, "webhook-signature": signature}
        return Post(body, {"Content-Type": "application/json", **named})

    def forget(self) -> None:
        """Every token has ended."""
        self._tokens.clear()

    # -- calls

    def _token(self, call: Call) -> Answer:
        form = {name: values[-1] for name, values in parse_qs(call.body.decode(errors="replace")).items()}
        credential = (form.get("client_id"), form.get("client_secret"))
        if form.get("grant_type") != "client_credentials" or credential != (CLIENT_ID, self.secret("client_secret")):
            raise Refusal("E1003")
        token = secrets.token_urlsafe(24)
        self._tokens[token] = self.clock.monotonic() + TOKEN_SECONDS
        return json_answer({"access_token": token, "token_type": "Bearer", "expires_in": TOKEN_SECONDS})

    def _with_token(self, handler: Handler) -> Handler:
        """A call that is done only under a token that is good now."""

        def guarded(call: Call) -> Answer:
            scheme, _, token = call.headers.get("authorization", "").partition(" ")
            if scheme != "Bearer" or token not in self._tokens:
                raise Refusal("E1001")
            if self.clock.monotonic() >= self._tokens[token]:
                raise Refusal("E1002")
            return handler(call)

        return guarded

    def _find_account(self, call: Call) -> Answer:
        account = self._platform.account(call.query.get("uscc", ""), call.query.get("siteSeq", ""))
        if account is None:
            raise Refusal("E2011")
        return json_answer({"accountId": account})

    def _open_account(self, call: Call) -> Answer:
        return json_answer({"accountId": self._platform.open_account(_object(call))}, 201)

    def _put_draft(self, call: Call) -> Answer:
        told = _object(call)
        case = self._platform.put_draft(told.get("accountId"), told.get("application"))
        return json_answer(self._summary(case), 201)

    def _upload(self, call: Call) -> Answer:
        upload = self._platform.upload(
            call.place["dataid"],
            name=unquote(call.headers.get("x-file-name", "")),
            digest="sha256:" + call.headers.get("x-content-sha256", ""),
            data=call.body,
        )
        return json_answer({"fileId": upload.file_id}, 201)

    def _publish(self, call: Call) -> Answer:
        revision = _object(call).get("revision")
        if not isinstance(revision, int):
            raise Refusal("E2001")
        return json_answer(self._summary(self._platform.publish(call.place["dataid"], revision)))

    def _form(self, call: Call) -> Answer:
        revision = call.query.get("revision", "")
        if not revision.isascii() or not revision.isdigit():
            raise Refusal("E2001")
        return Answer(200, self._platform.form(call.place["dataid"], int(revision)), "application/pdf")

    def _sign(self, call: Call) -> Answer:
        file_id = self._platform.sign(
            call.place["dataid"],
            of="sha256:" + call.headers.get("x-form-sha256", ""),
            name=unquote(call.headers.get("x-file-name", "")),
            digest="sha256:" + call.headers.get("x-content-sha256", ""),
            data=call.body,
        )
        return json_answer({"fileId": file_id}, 201)

    def _submit(self, call: Call) -> Answer:
        told = _object(call)
        files, revision, signed = told.get("files"), told.get("revision"), told.get("signedForm")
        if not isinstance(files, list) or not isinstance(revision, int) or not isinstance(signed, str | None):
            raise Refusal("E2001")
        case = self._platform.submit(call.place["dataid"], files, revision, signed)
        self.received(case.dataid)
        return json_answer(self._summary(case))

    def _withdraw(self, call: Call) -> Answer:
        told = _object(call)
        reason, at = told.get("reason"), told.get("at")
        if not isinstance(reason, str | None) or not isinstance(at, str):
            raise Refusal("E2001")
        case = self._platform.case(call.place["dataid"])
        return json_answer(self._summary(self._platform.withdraw(case, reason=reason, at=at)))

    def _document(self, call: Call) -> Answer:
        data = self._platform.document(self._platform.case(call.place["dataid"]), call.place["file"])
        if data is None:
            raise Refusal("E2013")
        return Answer(200, data, "application/pdf")

    def _read_one(self, call: Call) -> Answer:
        return json_answer(self._summary(self._platform.case(call.place["dataid"])))

    def _read_many(self, call: Call) -> Answer:
        if number := call.query.get("externalNo"):
            found = [self._summary(case) for case in self._platform.by_external(number)]
            return json_answer({"items": found, "cursor": "0", "more": False})
        since, until = (_instant(call.query.get(name)) for name in ("since", "until"))
        cases, place = self._platform.page(_place(call), PAGE)
        wanted = [
            case
            for case in cases
            if (since is None or case.updated_at >= since) and (until is None or case.updated_at < until)
        ]
        items = [{**self._summary(case), "fields": _fields(case)} for case in wanted]
        return json_answer({"items": items, "cursor": str(place), "more": len(cases) == PAGE})

    def _changes(self, call: Call) -> Answer:
        told, place = self._platform.changes(_place(call), PAGE)
        return json_answer({"items": told, "cursor": str(place), "more": len(told) == PAGE})

    def _summary(self, case: Case) -> dict[str, Any]:
        """A case as the interface tells it."""
        stages = self._platform.stages
        is_signed = stages.has_signed(case.dataid, case.newest, case.signed)
        return {
            "dataid": case.dataid,
            "accountId": case.account,
            "externalNo": case.external,
            "status": case.status,
            "stage": case.stage,
            "revision": case.revision,
            "submittedRevision": case.submitted,
            "withdrawn": case.withdrawn,
            "acceptNo": case.accept_no,
            "files": _listed(case.files()),
            "uploaded": _listed(case.uploads),
            "permit": case.permit or None,
            "registrationNo": case.permit.get("PWDJBH"),
            "reason": case.reason,
            "publicity": stages.is_to_be_public(case.newest, case.published),
            "signature": stages.asks_signature(case.newest),
            "signedForm": case.signed["fileId"] if case.signed and is_signed else None,
        }

    # -- the side door

    def records(self) -> Iterable[Record]:
        """One per application, drafts too."""
        for case in self._platform.cases():
            yield _record(case)

    def decide(self, number: str, act: str, words: Mapping[str, Any]) -> Mapping[str, Any]:
        """The office decides."""
        case = office.decide(self._platform, self.clock, self._case(number), act, words)
        return {
            "number": case.dataid,
            "status": case.status,
            "licence": case.permit.get("PWXKZBH", case.permit.get("PWDJBH")),
        }

    def stages(self, words: Mapping[str, Any]) -> None:
        """A signed form, and accounts that a company must bind to us first. Raises NotBuilt, Illegal."""
        self._platform.stages.switch(words)

    def born(self, words: Mapping[str, Any]) -> Mapping[str, Any]:
        """A case that the bridge never entered, like the sample of this `matter`, `type` and `seed`."""
        case = made.born(self._platform, **_sample(words))
        self.received(case.dataid)
        return {"number": case.dataid, "status": case.status}

    def load(self, words: Mapping[str, Any]) -> Mapping[str, Any]:
        """`count` cases at once, told to nobody."""
        count = words.get("count", 1)
        if not isinstance(count, int) or count < 0:
            raise Illegal("count 应为非负整数 (a whole number from 0)")
        return {"loaded": made.load(self._platform, **_sample(words), count=count)}

    def tamper(self, words: Mapping[str, Any]) -> Mapping[str, Any]:
        """Behind everybody's back."""
        number: str = next(words[name] for name in ("number", "remove", "copy", "swap_material") if name in words)
        case = self._case(number)
        if "remove" in words:
            self._platform.drop(case)
        elif "copy" in words:
            number = office.copy(self._platform, case).dataid
        elif "swap_material" in words:
            if file := words.get("document"):
                office.swap_document(self._platform, case, str(file))
            else:
                office.swap_material(self._platform, self.store, case)
        else:
            office.set_fields(self._platform, case, words["set"])
        return {"number": number}

    def _case(self, number: str) -> Case:
        try:
            return self._platform.case(number)
        except Refusal:
            raise NoSuchCase(number) from None


def _sample(words: Mapping[str, Any]) -> dict[str, Any]:
    """Which sample the side door wants. Raises Illegal where there is none."""
    matter, seed = words.get("matter", "discharge-permit"), words.get("seed", 1)
    types = TYPES.get(matter, {})
    type_ = words.get("type", next(iter(types), None))
    if type_ not in types or not isinstance(seed, int):
        raise Illegal("matter、type 或 seed 不正确 (wrong matter, type or seed)")
    return {"matter": matter, "type_": type_, "seed": seed}


def _object(call: Call) -> dict[str, Any]:
    """The JSON object of a call. Raises Refusal where it is none."""
    try:
        value = call.json()
    except ValueError:
        raise Refusal("E2001", message="请求不是 JSON") from None
    if not isinstance(value, dict):
        raise Refusal("E2001", message="请求不是 JSON 对象")
    return value


def _place(call: Call) -> int:
    """Where to read on. Raises Refusal."""
    cursor = call.query.get("cursor") or "0"
    if not cursor.isascii() or not cursor.isdigit():
        raise Refusal("E2001", message="cursor 不正确")
    return int(cursor)


def _instant(text: str | None) -> int | None:
    """Microseconds since the epoch. Raises Refusal where it is no instant."""
    try:
        return None if text is None else to_micros(parse_rfc3339(text))
    except ValueError:
        raise Refusal("E2001", message="时间格式不正确") from None


def _listed(uploads: Iterable[Upload]) -> list[dict[str, str]]:
    """Files as the interface tells them."""
    return [{"fileId": one.file_id, "name": one.name, "digest": one.digest} for one in uploads]


def _fields(case: Case) -> dict[str, Any]:
    """The cards as they were handed in, and the withdrawal, flat."""
    return {**flatten(case.content), **(case.withdrawal or {})}


def _record(case: Case) -> Record:
    """A case as the side door shows it."""
    return Record(
        key=case.external,
        number=case.dataid,
        status=case.status,
        fields=_fields(case),
        materials=[(one.name, one.digest) for one in case.files()],
    )
