"""The plain words for what a person must know and do: Chinese first, then English, never a value that was entered.

Only words belong here, and which box of the form they mean; when they are said is decided elsewhere in the engine.
"""

from __future__ import annotations

from bridge.catalogue.catalogue import Catalogue
from bridge.contract.mapping import PayloadMapping
from bridge.contract.outcome import NeedsAccount
from bridge.errors import Problem, Refused
from bridge.model.application import Application
from bridge.model.delivery import DeliveryState, Reason
from bridge.model.word import PaperKind
from bridge.ports.store import Trouble

STATES: dict[DeliveryState, tuple[str, str]] = {
    DeliveryState.WAITING: ("等待", "waiting"),
    DeliveryState.DUE: ("待推送", "to be sent"),
    DeliveryState.SENDING: ("推送中", "being sent"),
    DeliveryState.UNKNOWN: ("结果待查询", "outcome being asked"),
    DeliveryState.LODGED: ("对方已收，待其反馈", "lodged, verdict awaited"),
    DeliveryState.DELIVERED: ("已送达对方", "delivered"),
    DeliveryState.PARKED: ("待人工处理", "needs a person"),
    DeliveryState.CANCELLED: ("已取消", "cancelled"),
}
"""Each delivery state in plain words."""

WAITS: dict[Reason, tuple[str, str]] = {
    Reason.BEHIND: ("等待前一项推送完成", "waits for the delivery before it"),
    Reason.FACT: ("等待其他系统给出的编号或结果", "waits for a number or word of another system"),
    Reason.MODE: ("该系统设为只读（observe），不写入", "the target is in observe mode, nothing is written"),
    Reason.SIGNATURE: ("等待申请人签字", "waits for the applicant's signature"),
    Reason.ACCOUNT: ("等待开通或授权该系统的账户", "waits for the company's account at the target"),
}
"""Why a delivery waits."""


PAPERS: dict[PaperKind, tuple[str, str]] = {
    PaperKind.ACCEPTANCE: ("受理通知书", "notice of acceptance"),
    PaperKind.CORRECTION: ("补正告知书", "notice to correct"),
    PaperKind.NOT_ACCEPTED: ("不予受理决定书", "notice of non-acceptance"),
    PaperKind.DECISION: ("决定书", "decision"),
    PaperKind.LICENCE: ("证照", "licence"),
    PaperKind.OTHER: ("文书", "document"),
}
"""What each kind of paper is called."""


def correction(title: str, text: str, more: int, box: Problem | None) -> Trouble:
    """The decider asks for a correction; the first of its items, and how many more there are."""
    rest, rest_en = (f"（另有 {more} 项）", f" (and {more} more)") if more else ("", "")
    return Trouble(
        reason=f"{title}要求补正：{text}{rest}",
        reason_en=f"the decider asks for a correction: {text}{rest_en}",
        remedy="请按补正内容更正申请，用 bridge amend 提交。",
        remedy_en="Correct the application as asked and hand it in with bridge amend.",
        where="受理窗口或原填报渠道 (the counter, or where it was entered)",
        pointer=box.pointer if box else None,
        label=box.label if box else None,
        label_en=box.label_en if box else None,
        who="applicant",
    )


def ended_without(title: str, what: str, what_en: str, reason: str | None) -> Trouble:
    """The decider said no: why, what can be done, and where."""
    why, why_en = (f"：{reason}", f": {reason}") if reason else ("，未说明原因", ", without a reason")
    return Trouble(
        reason=f"{title}{what}{why}",
        reason_en=f"{what_en}{why_en}",
        remedy="可按原因更正后重新申请；不服的，可依法申请行政复议或者提起行政诉讼（行政许可法第三十八条）。",
        remedy_en="Apply anew with the cause removed, or seek administrative review or go to court (Art 38).",
        where="作出决定的审批机关 (the body that decided)",
        who="applicant",
    )


def needs_signature(title: str, form: str) -> Trouble:
    """The target goes on only with a form that the applicant has signed."""
    return Trouble(
        reason=f"{title}要求申请人在“{form}”上签字盖章",
        reason_en="the target asks for its form, signed by the applicant",
        remedy="用 bridge sign 编号 --get -o 文件 取出，签字盖章后扫描为 PDF，用 bridge sign 编号 --form 文件 交回。",
        remedy_en="Take it with bridge sign ID --get -o FILE, sign it, hand it in with bridge sign ID --form FILE.",
        where="申请人（法定代表人或其委托人）(the applicant)",
        who="applicant",
    )


def needs_account(title: str, needed: NeedsAccount) -> Trouble:
    """The target keeps an account per company and site, and this one is not open to us."""
    return Trouble(
        reason=f"{title}：{needed.what}",
        reason_en=needed.what_en,
        remedy=f"{needed.remedy}办妥后本系统会自动继续，也可执行 bridge retry 立即继续。",
        remedy_en=f"{needed.remedy_en} Then the bridge goes on by itself; bridge retry makes it go on at once.",
        where=title,
        who=needed.who,
    )


def refused(title: str, error: Refused, box: Problem | None) -> Trouble:
    """The target said no. `box`, where it is known, is the box of the form that the refusal means."""
    reason = error.fields[0].reason if error.fields else str(error)
    return Trouble(
        reason=f"{title}不予接收：{reason}",
        reason_en=f"refused by the target: {reason}",
        remedy="请按原因更正申请内容后重新提交；如认为系统有误，请联系运维人员。",
        remedy_en="Correct the application as the reason says and submit it again, or call the operators.",
        where="受理窗口或原填报渠道 (the counter, or where it was entered)",
        pointer=box.pointer if box else None,
        label=box.label if box else None,
        label_en=box.label_en if box else None,
        code=error.code,
        who="applicant" if box else "operator",
    )


ENTERED = ("/data", "/materials")
"""Where in a source the boxes of the form are; the rest is facts, which nobody entered."""


def box(
    catalogue: Catalogue, application: Application, mapping: PayloadMapping | None, refusal: Refused
) -> Problem | None:
    """The first box of the form that a refusal means; None where its fields lead to none."""
    for one in refusal.fields if mapping else ():
        pointer = mapping.to_form(one.path) if mapping else None
        if pointer is not None and pointer.startswith(ENTERED):
            label, label_en = catalogue.label(application.matter, application.form_version, pointer)
            return Problem(pointer, label, label_en, message="", message_en="", remedy="", remedy_en="")
    return None


def by_hand(title: str, what: str, what_en: str) -> Trouble:
    """The target cannot be told this by wire."""
    return Trouble(
        reason=f"{title}没有接收“{what}”的接口",
        reason_en=f"the target cannot be told by wire: {what_en}",
        remedy=f"请在{title}中人工办理，办妥后执行 bridge cancel。",
        remedy_en="Do it in the target by hand, then run bridge cancel on this delivery.",
        where=title,
        who="clerk",
    )


def untellable(title: str, error: Refused, box: Problem | None) -> Trouble:
    """What was said lacks what the target must be told, or does not fit it."""
    fields = "、".join(one.path for one in error.fields) or str(error)
    return Trouble(
        reason=f"审批机关所说的内容缺少{title}必填的项，或与其要求不符：{fields}",
        reason_en=f"what was said lacks a field that the target must have, or does not fit it: {fields}",
        remedy="请与审批机关核对并请其补齐（如不予许可的理由）；补齐后执行 bridge retry。",
        remedy_en="Ask the deciding body to complete it (the reason of a refusal), then run bridge retry.",
        where="作出决定的审批机关 (the body that decided)",
        pointer=box.pointer if box else None,
        label=box.label if box else None,
        label_en=box.label_en if box else None,
        who="operator",
    )


def unclear(title: str, why: str) -> Trouble:
    """The target cannot tell whether it has it."""
    return Trouble(
        reason=f"无法确认{title}是否已收到：{why}",
        reason_en=f"cannot tell whether the target holds it: {why}",
        remedy="请在对方系统中按收件编号核对；已有记录则取消本推送，没有则重试。",
        remedy_en="Look in the target by our number: cancel this delivery if it is there, retry it if it is not.",
        where=title,
    )


def too_many(title: str, failures: int) -> Trouble:
    """Too many attempts in a row led nowhere."""
    return Trouble(
        reason=f"向{title}连续 {failures} 次推送没有进展",
        reason_en=f"{failures} attempts in a row led nowhere",
        remedy="请与对方系统运维联系，恢复后执行 bridge retry。",
        remedy_en="Call the target's operators, then run bridge retry.",
        where=title,
    )


def bug(title: str) -> Trouble:
    """Our own adapter or mapping failed."""
    return Trouble(
        reason=f"{title}的适配器程序出错",
        reason_en="our adapter for this target failed",
        remedy="请把推送编号告知开发人员；修复后执行 bridge retry。",
        remedy_en="Tell the developers the delivery's id; run bridge retry after the fix.",
        where="开发人员 (developers)",
    )


def no_file() -> Trouble:
    """A material file of ours cannot be read."""
    return Trouble(
        reason="本系统保存的申请材料缺失或损坏，无法推送",
        reason_en="a material file of ours is missing or damaged",
        remedy="请从备份恢复数据目录中的 materials，然后执行 bridge retry。",
        remedy_en="Restore `materials` in the data folder from the backup, then run bridge retry.",
        where="运维人员 (operators)",
    )


def no_mapping(title: str) -> Trouble:
    """The adapter has no mapping for this matter and kind."""
    return Trouble(
        reason=f"{title}的适配器没有此事项的字段映射",
        reason_en="the adapter has no mapping for this matter and kind",
        remedy="请安装支持此事项的适配器版本，然后执行 bridge retry。",
        remedy_en="Install an adapter that supports the matter, then run bridge retry.",
        where="开发人员 (developers)",
    )


def by_operator(reason: str) -> Trouble:
    """A person parked it."""
    return Trouble(
        reason=f"由运维人员暂停：{reason}",
        reason_en=f"parked by an operator: {reason}",
        remedy="处理完成后执行 bridge retry，或 bridge cancel。",
        remedy_en="Run bridge retry or bridge cancel when it is dealt with.",
        where="运维人员 (operators)",
    )
