"""What is told of a case after it was handed in: 受理, 环节, 特别程序, 办结, 撤回. One message per step, by its `sn`.

A payload has one part, and the part's name is the call that it goes to (TARGETS 4.3, 8.5; all INVENTED). What nobody
said is left out: no opinion, officer, number or date is filled in. The form is not told again.
"""

from __future__ import annotations

from adapters.municipal.codes import (
    ACCEPT_RESULTS,
    FINISH_RESULTS,
    HANDOVERS,
    NODE_DONE,
    NODE_RESULTS,
    SPECIAL_TYPES,
)
from adapters.municipal.mapping.shared import WALL
from bridge.kit.mapping.converters import codes, renamed
from bridge.kit.mapping.table import AnyRow, Row, Table, When
from bridge.model.delivery import Kind

STATE = "/facts/step/state"
WHOLE_SECONDS = "只到秒 (whole seconds)"
WITHOUT_FIELD = "只报文字，不报对方字段名 (the words alone, without the field's name at its system)"
SEVERAL = "几种状态同一代码 (several states have one code)"


def _in(table: dict[str, str]) -> When:
    """Only of the states that a table knows."""
    return When(STATE, tuple(table))


def _head(part: str, when: When) -> tuple[AnyRow, ...]:
    """Which case, and which step."""
    return (
        Row(f"{part}.projectNo", "/facts/case_number", required=True, max_length=50, when=when),
        Row(f"{part}.sn", "/facts/step/id", required=True, max_length=64, when=when),
    )


def _said(part: str, when: When, document: str = "docNo") -> tuple[AnyRow, ...]:
    """Who said it, and what: only as far as it was said. `document`: what the field of the 文书编号 is called."""
    return (
        Row(f"{part}.handleUser", "/facts/step/officer", max_length=100, when=when),
        Row(f"{part}.opinion", "/facts/step/opinion", max_length=2000, when=when),
        Row(f"{part}.reason", "/facts/step/reason", max_length=2000, when=when),
        Row(f"{part}.{document}", "/facts/step/document_no", max_length=100, when=when),
    )


def _accept(results: dict[str, str]) -> tuple[AnyRow, ...]:
    """受理 or 不予受理."""
    when = _in(results)
    return (
        *_head("accept", when),
        Row("accept.result", STATE, codes(results), required=True, when=when, loss=SEVERAL),
        Row("accept.gmtAccept", "/facts/step/at", WALL, required=True, when=when, loss=WHOLE_SECONDS),
        *_said("accept", when, "acceptDocNo"),
    )


_NODE = _in(NODE_RESULTS)
PROCESS: tuple[AnyRow, ...] = (
    *_head("process", _NODE),
    Row("process.nodeName", "/facts/step/name", required=True, max_length=100, when=_NODE),
    Row(
        "process.nodeState",
        STATE,
        codes(dict.fromkeys(NODE_RESULTS, NODE_DONE)),
        required=True,
        when=_NODE,
        loss="只报已办的环节 (only finished steps are told)",
    ),
    Row("process.nodeResult", STATE, codes(NODE_RESULTS), required=True, when=_NODE, loss=SEVERAL),
    Row("process.gmtEnd", "/facts/step/at", WALL, required=True, when=_NODE, loss=WHOLE_SECONDS),
    *_said("process", _NODE),
    Row("process.items", "/facts/step/items", renamed({"content": "text"}), when=_NODE, loss=WITHOUT_FIELD),
)
"""环节办理; 补正 with its items."""

_SPECIAL = _in(SPECIAL_TYPES)
SPECIAL: tuple[AnyRow, ...] = (
    *_head("special", _SPECIAL),
    Row("special.type", STATE, codes(SPECIAL_TYPES), required=True, when=_SPECIAL),
    Row("special.gmtStart", "/facts/step/at", WALL, required=True, when=_SPECIAL, loss=WHOLE_SECONDS),
    *_said("special", _SPECIAL),
)
"""特别程序, 延长."""

_FINISH = _in(FINISH_RESULTS)
_GRANTED = When(STATE, ("granted",))
FINISH: tuple[AnyRow, ...] = (
    *_head("finish", _FINISH),
    Row("finish.result", STATE, codes(FINISH_RESULTS), required=True, when=_FINISH),
    Row("finish.gmtFinish", "/facts/step/at", WALL, required=True, when=_FINISH, loss=WHOLE_SECONDS),
    Row("finish.resultCode", "/facts/licence_number", max_length=100, when=_GRANTED),
    Row("finish.resultName", "/facts/licence/name", max_length=200, when=_GRANTED),
    Row("finish.validFrom", "/facts/licence/valid_from", when=_GRANTED),
    Row("finish.validTo", "/facts/licence/valid_to", when=_GRANTED),
    Row("finish.handleUser", "/facts/step/officer", max_length=100, when=_FINISH),
    Row("finish.opinion", "/facts/step/opinion", max_length=2000, when=_FINISH),
    Row("finish.resultDesc", "/facts/step/reason", max_length=2000, when=_FINISH),
    Row("finish.docNo", "/facts/step/document_no", max_length=100, when=_FINISH),
)
"""办结: 准予 with its licence, 不予许可 with its reason."""

_SERVED = When(STATE, ("served",))
SERVE: tuple[AnyRow, ...] = (
    *_head("serve", _SERVED),
    Row("serve.method", "/facts/step/handover/method", codes(HANDOVERS), required=True, when=_SERVED),
    Row("serve.expressNo", "/facts/step/handover/tracking", max_length=64, when=_SERVED),
    Row("serve.gmtServe", "/facts/step/at", WALL, required=True, when=_SERVED, loss=WHOLE_SECONDS),
)
"""送达, as the clerk who handed the result over says it; that it is served is the gateway's word."""

WITHDRAW: tuple[AnyRow, ...] = (
    Row("withdraw.projectNo", "/facts/case_number", required=True, max_length=50),
    Row("withdraw.sn", "/facts/step/id", required=True, max_length=64),
    Row("withdraw.reason", "/facts/withdrawal/reason", required=True, max_length=1000),
    Row("withdraw.gmtWithdraw", "/facts/withdrawal/at", WALL, required=True, loss=WHOLE_SECONDS),
)
"""撤回, in the applicant's words."""

LEFT_OUT = {
    "/data": "申报时已送达 (told when the case was handed in)",
}


def message_tables(matter: str) -> tuple[Table, ...]:
    """The tables of a matter for what is told after the application."""
    accepted = {state: code for state, code in ACCEPT_RESULTS.items() if code == "1"}
    refused = {state: code for state, code in ACCEPT_RESULTS.items() if code != "1"}
    kinds: tuple[tuple[Kind, tuple[AnyRow, ...]], ...] = (
        (Kind.PROGRESS, (*_accept(accepted), *PROCESS, *SPECIAL, *SERVE)),
        (Kind.DECISION, (*_accept(refused), *FINISH)),
        (Kind.WITHDRAW, WITHDRAW),
    )
    return tuple(
        Table(
            matter=matter,
            kind=kind,
            version=1,
            target_schema="message-v1",
            length_unit="utf16",
            rows=rows,
            needs=frozenset({"case_number"}),
            needs_when={"licence_number": _GRANTED} if kind is Kind.DECISION else {},
            left_out=LEFT_OUT,
        )
        for kind, rows in kinds
    )
