"""The simulated system over SOAP: sessions, operations, faults, its WSDL, and the side door's acts.

What happens behind the operations is `system`; what the office does is `office`. Every operation and figure is INVENTED
(README.md of this adapter).
"""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import secrets
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from adapters.radiation.client.credential import digest_of
from adapters.radiation.client.messages import (
    FAULT,
    FAULT_DETAIL,
    FORMS,
    HEADER,
    NAMESPACE,
    OPERATIONS,
    PORTS,
    SERVICE,
    SESSION,
    path,
)
from adapters.radiation.codes import FAULTS
from adapters.radiation.mapping import schema
from adapters.radiation.simulator import made, office
from adapters.radiation.simulator.rules import Wrong
from adapters.radiation.simulator.system import Case, Refusal, System
from adapters.radiation.simulator.wsdl import wsdl
from bridge.clock import parse_rfc3339, to_micros
from bridge.kit.mapping.paths import flatten
from bridge.kit.signing import same
from bridge.kit.soap import envelope
from bridge.kit.soap.literal import element, local, value
from bridge.testing.simulator.calls import Answer, Call, CallKind, Route, json_answer
from bridge.testing.simulator.faults import Fault
from bridge.testing.simulator.server import Ground, Illegal, NoSuchCase, NotBuilt, Record, Simulator

SESSION_SECONDS = 7200
CREATED_WITHIN = dt.timedelta(minutes=5)
PAGE = 100
ACCOUNT = "permit-bridge"

KINDS: dict[str, CallKind] = {"auth": "auth", "business": "write", "query": "read"}
"""Port → what its calls do."""

SAID = {
    Fault.LIMIT_429: "R3001",
    Fault.MAINTENANCE: "R3002",
    Fault.ERROR_500: "R9001",
    Fault.EXPIRED_TOKEN: "R1002",
}
"""What a struck call is answered, in the system's own codes."""

Told = Mapping[str, Any]


class RadiationSimulator(Simulator):
    """全国核技术利用辐射安全申报系统, simulated."""

    target = "radiation"
    supported = frozenset(Fault)

    def __init__(self, ground: Ground) -> None:
        super().__init__(ground)
        self._system = System(ground.store, ground.stream, ground.clock, schemas=map(schema, FORMS))
        self._sessions: dict[str, float] = {}
        self._nonces: set[str] = set()
        self._operations: dict[str, Callable[[Told], Told]] = {
            "login": self._login,
            "uploadAttachment": self._upload,
            "submitBusiness": self._submit,
            "withdrawBusiness": self._withdraw,
            "queryBusiness": self._query,
            "listBusiness": self._list,
            "listChanges": self._changes,
            "downloadFile": self._download,
        }

    def routes(self) -> list[Route]:
        """The ports of the README, and the WSDL."""
        return [
            Route("GET", SERVICE, "read", self._describe),
            *(Route("POST", path(port), KINDS[port], self._port(port)) for port in PORTS),
        ]

    def settings(self, url: str) -> Mapping[str, str]:
        """Its address, mode and credential."""
        return {
            self.setting("url"): url,
            self.setting("mode"): "write",
            self.setting("account"): ACCOUNT,
            **dict([self.secret_setting("password")]),
        }

    def said(self, fault: Fault, call: Call, retry_after: int) -> Answer:
        """In the system's own codes, as SOAP faults."""
        if fault is Fault.UNKNOWN_CODE:
            return _fault("Server", {"code": "R7777", "message": "？"})
        if fault not in SAID:
            return super().said(fault, call, retry_after)
        later = {"retryAfter": retry_after} if fault in (Fault.LIMIT_429, Fault.MAINTENANCE) else {}
        return _refused(Refusal(SAID[fault]), **later)

    def no_route(self, call: Call) -> Answer:
        """As a fault."""
        return _refused(Refusal("R2012"))

    def forget(self) -> None:
        """Every session has ended."""
        self._sessions.clear()
        self._nonces.clear()

    # -- SOAP

    def _describe(self, call: Call) -> Answer:
        """`GET /service?wsdl`."""
        if call.raw_query.lower() != "wsdl":
            return json_answer({"error": "?wsdl"}, 404)
        return Answer(200, wsdl(f"http://{call.headers.get('host', '')}"), envelope.CONTENT_TYPE)

    def _port(self, port: str) -> Callable[[Call], Answer]:
        """All operations of a port."""

        def handler(call: Call) -> Answer:
            try:
                return self._called(port, call)
            except Refusal as refusal:
                refusal.answer = _refused(refusal)  # raised on, so that what was put is undone
                raise

        return handler

    def _called(self, port: str, call: Call) -> Answer:
        """One operation: read, let in, done, answered. Raises Refusal."""
        try:
            headers, body = envelope.read(call.body, call.headers.get("content-type", ""))
        except (envelope.NotAnEnvelope, envelope.SoapFault) as exc:
            raise Refusal("R2001", message=f"报文无法识别：{exc}") from None
        name = local(body.tag)
        operation = OPERATIONS.get(name)
        action = call.headers.get("soapaction", "").strip('"')
        if operation is None or operation.port != port or body.tag != f"{{{NAMESPACE}}}{name}":
            raise Refusal("R2012")
        if action != f"{NAMESPACE}/{name}":
            raise Refusal("R2012", message="SOAPAction 与操作不一致")
        if port != "auth":
            self._let_in(headers)
        told = value(body, operation.request)
        if not isinstance(told, Mapping):
            raise Refusal("R2001")
        wrong = [Wrong(one, "必填项未填") for one in operation.request["required"] if one not in told]
        wrong += [Wrong(one, "没有该数据项") for one in told if one not in operation.request["properties"]]
        if wrong:
            raise Refusal("R2001", wrong)
        answered = element(f"{name}Response", self._operations[name](told), operation.answer, namespace=NAMESPACE)
        return Answer(200, envelope.write(answered), envelope.CONTENT_TYPE)

    def _let_in(self, headers: Iterable[Any]) -> None:
        """Raise Refusal where the session is not good now."""
        for one in headers:
            if one.tag == f"{{{NAMESPACE}}}{SESSION}":
                told = value(one, HEADER)
                token = told.get("token") if isinstance(told, Mapping) else None
                if not isinstance(token, str) or token not in self._sessions:
                    raise Refusal("R1001")
                if self.clock.monotonic() >= self._sessions[token]:
                    raise Refusal("R1002")
                return
        raise Refusal("R1001")

    # -- operations

    def _login(self, told: Told) -> Told:
        nonce, created = str(told["nonce"]), str(told["created"])
        try:
            fresh = abs(self.clock.now() - parse_rfc3339(created)) <= CREATED_WITHIN
        except ValueError:
            fresh = False
        good = same(str(told["digest"]), digest_of(self.secret("password"), nonce, created))
        if not (fresh and good) or told["account"] != ACCOUNT or nonce in self._nonces:
            raise Refusal("R1003")
        self._nonces.add(nonce)
        token = secrets.token_urlsafe(24)
        self._sessions[token] = self.clock.monotonic() + SESSION_SECONDS
        return {"token": token, "expiresIn": SESSION_SECONDS}

    def _upload(self, told: Told) -> Told:
        try:
            data = base64.b64decode(told["content"], validate=True)
        except (TypeError, binascii.Error, ValueError):
            raise Refusal("R2001", [Wrong("content", "不是 base64")]) from None
        upload = self._system.upload(
            str(told["instanceId"]), name=str(told["fileName"]), digest=str(told["digest"]), data=data
        )
        return {"attachmentId": upload.attachment_id}

    def _submit(self, told: Told) -> Told:
        case = self._system.submit(told["business"], told.get("attachmentId", ()))
        self.received(case.company_id)
        return _summary(case)

    def _withdraw(self, told: Told) -> Told:
        return _summary(self._system.withdraw(str(told["instanceId"]), told.get("withdrawReason")))

    def _query(self, told: Told) -> Told:
        instance = str(told["instanceId"])
        return {
            "business": [_summary(case) for case in self._system.by_instance(instance)],
            "attachment": [
                {"attachmentId": one.attachment_id, "fileName": one.name, "digest": one.digest}
                for one in self._system.uploads(instance)
            ],
        }

    def _list(self, told: Told) -> Told:
        since, until = (_instant(told.get(name)) for name in ("since", "until"))
        cases, place = self._system.page(_place(told), PAGE)
        wanted = [
            {**_summary(case), "business": case.content}
            for case in cases
            if (since is None or case.updated_at >= since) and (until is None or case.updated_at < until)
        ]
        return {"cursor": str(place), "more": len(cases) == PAGE, "business": wanted}

    def _changes(self, told: Told) -> Told:
        changes, place = self._system.changes(_place(told), PAGE)
        return {"cursor": str(place), "more": len(changes) == PAGE, "change": changes}

    def _download(self, told: Told) -> Told:
        name, digest, data = self._system.issued(str(told["fileId"]))
        return {"fileName": name, "digest": digest, "content": base64.b64encode(data).decode("ascii")}

    # -- the side door

    def records(self) -> Iterable[Record]:
        """One per business."""
        for case in self._system.cases():
            yield Record(
                key=case.instance,
                number=case.company_id,
                status=case.state,
                fields=flatten(case.content),
                materials=[(one.name, one.digest) for one in case.files],
            )

    def decide(self, number: str, act: str, words: Mapping[str, Any]) -> Mapping[str, Any]:
        """The office decides."""
        case = office.decide(self._system, self.clock, self._case(number), act, words)
        return {
            "number": case.company_id,
            "status": case.state,
            "licence": case.licence.get("licenseNo") or case.licence.get("passNo"),
        }

    def stages(self, words: Mapping[str, Any]) -> None:
        """No signed form is asked for yet. Raises NotBuilt where one is wanted."""
        if any(words.values()):
            raise NotBuilt

    def born(self, words: Mapping[str, Any]) -> Mapping[str, Any]:
        """A case that the bridge never entered; `matter`, `type` and `seed` choose the sample that it looks like."""
        case = made.born(self._system, **_sample(words))
        self.received(case.company_id)
        return {"number": case.company_id, "status": case.state}

    def load(self, words: Mapping[str, Any]) -> Mapping[str, Any]:
        """`count` cases at once, told to nobody."""
        count = words.get("count", 1)
        if not isinstance(count, int) or count < 0:
            raise Illegal("count 应为非负整数 (a whole number from 0)")
        return {"loaded": made.load(self._system, **_sample(words), count=count)}

    def tamper(self, words: Mapping[str, Any]) -> Mapping[str, Any]:
        """Behind everybody's back."""
        number: str = next(words[name] for name in ("number", "remove", "copy", "swap_material") if name in words)
        case = self._case(number)
        if "remove" in words:
            self._system.drop(case)
        elif "copy" in words:
            number = office.copy(self._system, case).company_id
        elif "swap_material" in words:
            office.swap_material(self._system, case)
        else:
            office.set_fields(self._system, case, words["set"])
        return {"number": number}

    def _case(self, number: str) -> Case:
        try:
            return self._system.case(number)
        except Refusal:
            raise NoSuchCase(number) from None


def _fault(name: str, told: Mapping[str, Any]) -> Answer:
    """A SOAP fault; it comes with 500 (SOAP 1.1, 6.2)."""
    detail = element(FAULT_DETAIL, told, FAULT, namespace=NAMESPACE)
    return Answer(500, envelope.write(envelope.fault(name, told["message"], detail)), envelope.CONTENT_TYPE)


def _refused(refusal: Refusal, **more: int) -> Answer:
    """A refusal as a fault."""
    fields = [{"path": one.path, "reason": one.reason} for one in refusal.wrong]
    told = {"code": refusal.code, "message": refusal.message, **more, "fields": fields}
    return _fault(FAULTS[refusal.code].name, told)


def _sample(words: Mapping[str, Any]) -> dict[str, Any]:
    """Which sample the side door wants. Raises Illegal where there is none."""
    matter, seed = words.get("matter", made.MATTER), words.get("seed", 1)
    if matter not in made.TYPES or not isinstance(seed, int):
        raise Illegal("matter 或 seed 不正确 (wrong matter or seed)")
    type_ = words.get("type", made.TYPES[matter][0])
    if type_ not in made.TYPES[matter]:
        raise Illegal("type 不正确 (wrong type)")
    return {"matter": matter, "type_": type_, "seed": seed}


def _place(told: Told) -> int:
    """Where to read on. Raises Refusal."""
    cursor = told.get("cursor") or "0"
    if not isinstance(cursor, str) or not cursor.isascii() or not cursor.isdigit():
        raise Refusal("R2001", [Wrong("cursor", "格式不正确")])
    return int(cursor)


def _instant(text: str | None) -> int | None:
    """Microseconds since the epoch. Raises Refusal where it is no instant."""
    try:
        return None if text is None else to_micros(parse_rfc3339(text))
    except (TypeError, ValueError):
        raise Refusal("R2001", message="时间格式不正确") from None


def _summary(case: Case) -> dict[str, Any]:
    """A case as the interface tells it."""
    told = {
        "companyId": case.company_id,
        "businessType": case.content["businessType"],
        "dataVersion": case.version,
        "state": case.state,
        "instanceId": case.instance,
        "attachments": [
            {"attachmentId": one.attachment_id, "fileName": one.name, "digest": one.digest} for one in case.files
        ],
    }
    return {name: one for name, one in told.items() if one is not None}
