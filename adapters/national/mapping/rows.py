"""The columns and where each comes from, for any matter: only what all forms have, and what was said of the case.

Paths are those of TARGETS 8.1 and 8.2 (`accept.applyer_name`); lengths and what is required come from the tables.
What changes from attempt to attempt (operation, time, batch) is not here but in `client`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from adapters.national import codes as c
from adapters.national.client.tables import Tables
from adapters.national.mapping.words import WALL, company_name, contact, guid, mobile, opinion, stem
from bridge.kit.mapping.converters import SAME, Converter, codes, upper
from bridge.kit.mapping.table import OMIT, AnyRow, Constant, Each, Row, Table, When
from bridge.model.delivery import Kind

SIZES = Tables(v3=True).parts

TO_THE_SECOND = "只到秒 (whole seconds)"
ONE_CONTACT = "只报代理人，否则联系人 (only the agent, else the contact, is told)"
DIGEST = "由编号算出，不能还原 (a digest of the id)"
FOLDED = "多个渠道同一代码 (several channels have one code)"
TOLD_BEFORE = "已随办件受理信息报送 (told with the accept row)"
ACCEPTED, FILED = "accepted", "filed"
"""The state that an accept row waits for: 受理, or 备案 of what is never accepted."""
DECIDERS = "由审批业务系统保存，国家平台没有这些栏 (stays with the decider; no column for it)"
NO_COLUMN = "国家平台没有这一栏 (no column for it)"


@dataclass(frozen=True, slots=True)
class Options:
    """What an installation has agreed on."""

    v3: bool = False
    """The v3 columns of accept are there."""
    uscc_type: str = "001"
    """证件类型 of a 统一社会信用代码."""


def filing_tables_of(matter: str, deciders_parts: Sequence[str], options: Options) -> Iterator[Table]:
    """The tables of a matter that is filed: told all at once when it is, and what comes later by the step."""
    steps = Each("process", "/facts/steps", tuple(_process("", ".")))
    result = _result("/facts/states/filed", licensed=False)
    contents: Mapping[Kind, tuple[AnyRow, ...]] = {
        Kind.APPLY: (*_accept(options, FILED), _material(), steps, *result),
        Kind.PROGRESS: (*_process("process.", "/facts/step"), *_special()),
    }
    for kind, rows in contents.items():
        yield Table(
            matter=matter,
            kind=kind,
            version=1,
            target_schema="filing-v1" if kind is Kind.APPLY else f"{kind}-v1",
            length_unit="characters",
            rows=rows,
            needs=frozenset({"case_number"}),
            left_out=filing_left_out(deciders_parts, options) if kind is Kind.APPLY else {"/data": TOLD_BEFORE},
        )


def filing_left_out(deciders_parts: Sequence[str], options: Options) -> Mapping[str, str]:
    """The same as `left_out`; nothing is handed over by express, so a filing's form does not ask for it."""
    return {box: why for box, why in left_out(deciders_parts, options).items() if box != "/data/delivery"}


def tables_of(matter: str, deciders_parts: Sequence[str], options: Options) -> Iterator[Table]:
    """The tables of one matter, by kind. `deciders_parts` are parts of its form that are not told here."""
    accept, material = _accept(options), _material()
    numbered = frozenset({"case_number"})
    contents: Mapping[Kind, tuple[AnyRow, ...]] = {
        Kind.APPLY: (*accept, material, Each("process", "/facts/steps", tuple(_process("", ".")))),
        Kind.AMEND: (*accept, material),
        Kind.PROGRESS: (*_process("process.", "/facts/step"), *_special()),
        Kind.DECISION: (*_process("process.", "/facts/step"), *_result()),
        Kind.WITHDRAW: _withdrawal(),
    }
    for kind, rows in contents.items():
        yield Table(
            matter=matter,
            kind=kind,
            version=1,
            target_schema=f"{kind}-v1",
            length_unit="characters",
            rows=rows,
            needs=numbered,
            needs_when={"licence_number": When("/facts/step/state", ("granted",))} if kind is Kind.DECISION else {},
            left_out=left_out(deciders_parts, options) if kind in (Kind.APPLY, Kind.AMEND) else {"/data": TOLD_BEFORE},
        )


def left_out(deciders_parts: Sequence[str], options: Options) -> Mapping[str, str]:
    """Boxes that are not told, each with the reason."""
    region = "/data/site/region_code"
    told = {region} if options.v3 else set()
    parts = [one for one in deciders_parts if one != "/data/site"]
    site = ("name", "address", "region_code", "zip", "lon", "lat", "seq", "park", "area_flags")
    return {
        **dict.fromkeys(parts, DECIDERS),
        **{f"/data/site/{one}": DECIDERS for one in site if f"/data/site/{one}" not in told},
        "/data/applicant/legal_rep/id_type": NO_COLUMN,
        "/data/applicant/legal_rep/id_no": "国家平台没有这一栏，不多传个人信息 (no column, so no personal data)",
        "/data/applicant/legal_rep/phone": "同上 (the same)",
        "/data/applicant/principal": NO_COLUMN,
        "/data/applicant/region_code": NO_COLUMN,
        "/data/applicant/industry_code": NO_COLUMN,
        "/data/applicant/industry_name": NO_COLUMN,
        **({} if options.v3 else {"/data/applicant/sso_id": "未商定 v3 列 (the v3 columns are not agreed)"}),
        "/data/contacts/*/phone": "只有手机一栏 (the only column is for a mobile)",
        "/data/contacts/*/email": NO_COLUMN,
        "/data/authorization": NO_COLUMN,
        "/data/delivery": "办结时才报是否快递 (whether by express is told with the result)",
        "/data/consent": NO_COLUMN,
    }


def _row(
    path: str,
    source: str,
    convert: Converter = SAME,
    *,
    part: str | None = None,
    absent: Any = OMIT,
    when: When | None = None,
    loss: str | None = None,
) -> Row:
    """One column; its length and whether it is required are the table's. `part` is for rows inside a list."""
    column = SIZES[part or path.split(".", maxsplit=1)[0]].by_name[path.rpartition(".")[2]]
    return Row(path, source, convert, column.required, column.size, absent, when, loss)


def _accept(options: Options, begun: str = ACCEPTED) -> tuple[AnyRow, ...]:
    """办件受理信息. Acceptance is told exactly as the decider told it; `begun` is the state that stands for it."""
    certificate = codes(_certificates(options))
    rows = (
        _row("accept.row_guid", "/facts/id", guid("accept"), loss=DIGEST),
        _row("accept.project_no", "/facts/case_number"),
        _row("accept.catalog_code", "/facts/item/catalog_code"),
        _row("accept.task_code", "/facts/item/task_code"),
        _row("accept.task_handle_item", "/facts/item/task_handle_item"),
        _row("accept.task_name", "/facts/item/task_name"),
        _row("accept.task_version", "/facts/item/task_version"),
        _row("accept.applyer_name", "/data/applicant/name", company_name(), loss="括号改为全角 (brackets made wide)"),
        _row("accept.applyer_type", "/data/applicant/kind", codes(c.APPLICANT_TYPES)),
        _row("accept.applyer_page_type", "/data/applicant/id_type", codes(_certificates(options))),
        _row("accept.applyer_page_code", "/data/applicant/id_no", upper(), loss="改为大写 (made upper case)"),
        _row("accept.apply_date", "/facts/submitted_at", WALL, loss=TO_THE_SECOND),
        _row("accept.apply_type", "/facts/channel", codes(c.CHANNELS), loss=FOLDED),
        _row("accept.legal", "/data/applicant/legal_rep/name", when=When("/data/applicant/kind", c.WITH_LEGAL)),
        _row("accept.contact_name", "/data/contacts", contact("name"), loss=ONE_CONTACT),
        _row(
            "accept.contact_type",
            "/data/contacts",
            contact("id_type", certificate.to, certificate.image),
            loss=ONE_CONTACT,
        ),
        _row("accept.contact_code", "/data/contacts", contact("id_no"), loss=ONE_CONTACT),
        _row(
            "accept.contact_mobile", "/data/contacts", contact("mobile", mobile, lambda shape: shape), loss=ONE_CONTACT
        ),
        _row("accept.zip_code", "/data/applicant/zip"),
        _row("accept.address", "/data/applicant/registered_address"),
        _row("accept.org_name", "/facts/item/org_name"),
        _row("accept.org_code", "/facts/item/org_code"),
        _row("accept.handle_user_name", f"/facts/states/{begun}/officer"),
        _row("accept.accept_date", f"/facts/states/{begun}/at", WALL, loss=TO_THE_SECOND),
        _row("accept.accept_doc_no", f"/facts/states/{begun}/document_no"),
        _row("accept.project_name", "/facts/title"),
        _row("accept.project_type", "/facts/item/project_type", codes(c.PROJECT_TYPES)),
        _row("accept.promise_date", "/facts/promise_at", WALL, loss=TO_THE_SECOND),
    )
    if not options.v3:
        return rows
    known = When("/facts/channel", tuple(c.APPLY_CHANNELS))
    return (
        *rows,
        _row("accept.apply_channel", "/facts/channel", codes(c.APPLY_CHANNELS), when=known, loss=FOLDED),
        _row("accept.apply_uer_id_code", "/data/applicant/sso_id"),
        _row("accept.region_code", "/data/site/region_code"),
        _row("accept.sblsh", "/facts/case_number"),
    )


def _certificates(options: Options) -> dict[str, str]:
    return {"USCC": options.uscc_type, **c.CERTIFICATES}


def _material() -> Each:
    """办件材料目录信息."""
    return Each(
        "material",
        "/materials",
        (
            _row("row_guid", "./id", guid("material"), part="material", loss=DIGEST),
            _row("project_no", "/facts/case_number", part="material"),
            _row("material_name", "./name", stem(), part="material", loss="扩展名见附件名称 (see the file's name)"),
            Constant("get_type", c.UPLOADED, "every material is handed in as a file"),
            Constant("get_num", "1", "one entry is one file"),
            _row("material_attach_name", "./name", part="material"),
        ),
    )


def _process(path: str, step: str) -> Iterator[AnyRow]:
    """办件过程信息 of one step. Its columns are required, so what nobody gave is said to be not given."""
    yield _row(f"{path}row_guid", f"{step}/id", guid("process"), part="process", loss=DIGEST)
    yield _row(f"{path}project_no", "/facts/case_number", part="process")
    yield _row(f"{path}event_name", f"{step}/result", codes(c.EVENTS), part="process")
    yield _row(f"{path}process_name", f"{step}/name", part="process")
    yield _row(f"{path}handle_user_name", f"{step}/officer", part="process", absent=c.NO_OFFICER)
    yield _row(f"{path}handle_explain", step, opinion(), part="process", loss="意见或原因 (opinion or reason)")
    yield _row(f"{path}event_start_time", f"{step}/at", WALL, part="process", loss=TO_THE_SECOND)
    yield _row(
        f"{path}event_end_time", f"{step}/at", WALL, part="process", loss="同开始时间 (GB/T 39046: as the start)"
    )


def _special() -> Iterator[AnyRow]:
    """特别程序信息: only with its end, which is required (TARGETS 8.2). No system gives `to` yet."""
    known = When("/facts/step/to")
    yield _row("special.row_guid", "/facts/step/id", guid("special"), when=known, loss=DIGEST)
    yield _row("special.project_no", "/facts/case_number", when=known)
    yield _row("special.special_type", "/facts/step/state", codes(c.SPECIALS), when=known)
    yield _row("special.special_name", "/facts/step/name", when=known)
    yield _row("special.special_time", "/facts/step/at", WALL, when=known, loss=TO_THE_SECOND)
    yield _row("special.special_reason", "/facts/step/reason", when=known)
    yield _row("special.end_time", "/facts/step/to", WALL, when=known, loss=TO_THE_SECOND)
    yield _row("special.handle_user", "/facts/step/officer", when=known)


def _result(step: str = "/facts/step", *, licensed: bool = True) -> tuple[AnyRow, ...]:
    """办件结果信息: the decider's word at `step`. A filing has no licence, and nothing to hand over."""
    granted = When(f"{step}/state", ("granted",))
    licence: tuple[AnyRow, ...] = (
        _row("result.result_cetr_name", "/facts/licence/name", when=granted),
        _row("result.result_cetr_no", "/facts/licence_number", when=granted),
    )
    delivery: AnyRow = _row(
        "result.is_delivery_results",
        "/data/delivery/method",
        codes(c.DELIVERY),
        absent="0",
        loss="只分是否快递 (only whether by express)",
    )
    return (
        _row("result.row_guid", "/facts/id", guid("result"), loss=DIGEST),
        _row("result.project_no", "/facts/case_number"),
        _row("result.handle_user_name", f"{step}/officer"),
        _row("result.result_date", f"{step}/at", WALL, loss=TO_THE_SECOND),
        _row(
            "result.result_type",
            f"{step}/state",
            codes(c.RESULTS),
            loss="多个状态同一代码 (several states, one code)",
        ),
        *(licence if licensed else ()),
        _row("result.result_explain", f"{step}/reason"),
        delivery if licensed else Constant("result.is_delivery_results", "0", "a filing has nothing to hand over"),
    )


def _withdrawal() -> tuple[AnyRow, ...]:
    """办件结果信息 of an application that the applicant took back."""
    return (
        _row("result.row_guid", "/facts/id", guid("result"), loss=DIGEST),
        _row("result.project_no", "/facts/case_number"),
        _row("result.result_date", "/facts/withdrawal/at", WALL, loss=TO_THE_SECOND),
        Constant("result.result_type", c.WITHDRAWN_RESULT, "the applicant's withdrawal is a 退件"),
        _row("result.result_explain", "/facts/withdrawal/reason"),
        Constant("result.is_delivery_results", "0", "a withdrawal has no result to hand over"),
    )
