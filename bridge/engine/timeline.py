"""The timeline of an application: each event of the ledger in plain words, Chinese and English."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bridge.clock import from_micros, rfc3339
from bridge.engine.words import PAPERS
from bridge.model.lifecycle import TITLES, ApplicationState
from bridge.model.word import PaperKind
from bridge.ports.events import StoredEvent

ACTS: dict[str, tuple[str, str]] = {
    "submitted": ("申请已提交并保存，收件编号 {number}", "submitted and stored, number {number}"),
    "delivery_made": ("生成向{title}的推送", "a delivery to {title_en} was made"),
    "delivery_waits": ("向{title}的推送等待其他系统给出编号或结果", "the delivery to {title_en} waits for a fact"),
    "delivery_prepared": ("已生成向{title}推送的内容", "what {title_en} will be told was made"),
    "delivery_delivered": ("{title}已收到", "{title_en} holds it"),
    "delivery_lodged": ("{title}已收，待其反馈", "{title_en} has it, its verdict is awaited"),
    "delivery_due": ("{title}暂未办理，将自动重试", "not done at {title_en}, will be tried again"),
    "delivery_unknown": (
        "已向{title}发出但没有得到答复，将先查询",
        "sent to {title_en}, no answer; it will be asked first",
    ),
    "delivery_parked": ("向{title}的推送需要人工处理", "the delivery to {title_en} needs a person"),
    "delivery_waiting": ("向{title}的推送转为等待", "the delivery to {title_en} waits"),
    "delivery_waiting/signature": (
        "{title}生成了表单，等待申请人签字",
        "{title_en} made a form and waits for the applicant's signature",
    ),
    "delivery_waiting/account": ("等待开通或授权{title}的账户", "waits for the company's account at {title_en}"),
    "handed_over": ("窗口登记：结果已送达申请人", "the clerk says that the result was handed over"),
    "form_signed": ("已收到{title}表单的签字件", "the signed form for {title_en} was handed in"),
    "account_asked": ("再次查询{title}的账户", "the account at {title_en} is asked for again"),
    "delivery_released": ("向{title}的推送可以继续", "the delivery to {title_en} may go on"),
    "worker_ended": ("推送进程中断，将先向{title}查询", "the worker died; {title_en} will be asked first"),
    "status_heard": ("{title}的状态：{status_raw}", "{title_en} says: {status_raw}"),
    "state_changed": ("申请状态：{label}", "state: {label_en}"),
    "retried": ("运维人员要求重试向{title}的推送", "an operator retried the delivery to {title_en}"),
    "parked": ("运维人员暂停了向{title}的推送", "an operator parked the delivery to {title_en}"),
    "cancelled": ("运维人员取消了向{title}的推送", "an operator cancelled the delivery to {title_en}"),
    "mode_allows": ("{title}已允许写入，推送继续", "{title_en} may be written to now"),
    "case_number_contradicted": (
        "{title}给出了另一个办件编号，未采用",
        "{title_en} gave another case number; it was not taken",
    ),
    "word_kept": ("{title}另有说法（{label}），已记录", "{title_en} said {label_en}; it is kept"),
    "evidence_made": ("制作了证据包，{files} 个文件", "an evidence pack of {files} files was made"),
    "amended": ("申请已更正，第 {revision} 版", "corrected, revision {revision}"),
    "delivery_cancelled": ("向{title}的推送已取消", "the delivery to {title_en} was cancelled"),
    "verdict_taken": ("{title}已采纳所报内容", "{title_en} took what it was told"),
    "verdict_refused": (
        "{title}退回了所报内容，需要人工处理",
        "{title_en} refused what it was told; a person is needed",
    ),
    "paper_kept": ("已取得{title}的{paper_label}", "the {paper_label_en} of {title_en} was fetched"),
    "paper_missing": ("{title}没有所说的{paper_label}文件", "{title_en} has no file of its {paper_label_en}"),
    "paper_differs": (
        "{title}的{paper_label}文件与其摘要不符，未采用",
        "the {paper_label_en} of {title_en} is not as announced",
    ),
    "licence_number_given": ("{title}给出证照编号", "{title_en} gave the licence number"),
    "licence_number_contradicted": (
        "{title}给出了另一个证照编号，未采用",
        "{title_en} gave another licence number; it was not taken",
    ),
    "registration_number_given": ("{title}给出登记编号", "{title_en} gave the registration number"),
    "registration_number_contradicted": (
        "{title}给出了另一个登记编号，未采用",
        "{title_en} gave another registration number; it was not taken",
    ),
    "case_number_given": ("{title}给出办件编号", "{title_en} gave the case number"),
}
"""Each act in plain words; braces are filled from the event."""


def entry(stored: StoredEvent, titles: Mapping[str, tuple[str, str]]) -> dict[str, Any]:
    """One line of the timeline."""
    event = stored.event
    title, title_en = titles.get(event.target or "", (event.target or "", event.target or ""))
    text, text_en = ACTS.get(f"{event.act}/{event.data.get('reason')}") or ACTS.get(event.act, (event.act, event.act))
    values = {"title": title, "title_en": title_en, "label": "", "label_en": "", "number": "", "status_raw": ""}
    values.update({name: str(value) for name, value in event.data.items()})
    if paper := event.data.get("paper"):
        values["paper_label"], values["paper_label_en"] = PAPERS[PaperKind(str(paper))]
    if event.act in {"state_changed", "word_kept"}:
        values["label"], values["label_en"] = TITLES[ApplicationState(str(event.data["to"]))]
    reason = event.private.get("reason")
    return {
        "at": rfc3339(from_micros(event.at)),
        "recorded_at": rfc3339(from_micros(stored.recorded_at)),
        "act": event.act,
        "actor": event.actor,
        "target": event.target,
        "text": text.format_map(values) + (f"（原因：{reason}）" if reason else ""),
        "text_en": text_en.format_map(values) + (f" (reason: {reason})" if reason else ""),
        "via": event.via,
    }
