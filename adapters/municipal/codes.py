"""The gateway's codes as tables, each with the gateway's meaning and what it means for us.

All are INVENTED (TARGETS 4.3, 8.5, 8.6 (d)) unless a table says otherwise.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from bridge.kit.codes import Code, CodeTable
from bridge.model.lifecycle import ApplicationState

APPLIED = "00"

STATUSES = CodeTable(
    {
        APPLIED: Code("已申报（已收件）", ApplicationState.RECEIVED),
        "02": Code("受理", ApplicationState.ACCEPTED),
        "03": Code("补正", ApplicationState.CORRECTION_REQUESTED),
        "04": Code("审批", ApplicationState.REVIEWING),
        "05": Code("特别程序", ApplicationState.SUSPENDED),
        "07": Code("不予受理", ApplicationState.NOT_ACCEPTED),
        "09": Code("作废办结", ApplicationState.TERMINATED),
        "10": Code("办结（准予许可）", ApplicationState.GRANTED),
        "11": Code("送达", ApplicationState.SERVED),
        "12": Code("办结（不予许可）", ApplicationState.REFUSED),
        "13": Code("退件（撤回）", ApplicationState.WITHDRAWN),
        "14": Code("办结（已备案）", ApplicationState.FILED),
        "15": Code("办结（备案退回）", ApplicationState.NOT_FILED),
    }
)
"""Status of a case. A code that is not here is kept and shown, and moves nothing."""

CORRECTING = "03"
"""补正: a correction is handed in by `supplement`."""

PENDING = "PENDING"
"""`data.status` of an answer whose case the gateway is still working on."""


class Means(Enum):
    """What a result code asks of us."""

    DONE = "done"
    """It has been done."""
    REFUSED = "refused"
    """The application as it stands is not taken."""
    DENIED = "denied"
    """Our credential is not accepted."""
    AGAIN = "again"
    """The nonce was used before: sign anew and ask again."""
    CONFLICT = "conflict"
    """The number is held with other content: look at what is held."""
    LATER = "later"
    """Not done now."""
    UNKNOWN = "unknown"
    """It may have been done, or not."""


@dataclass(frozen=True, slots=True)
class Result:
    """One result code of the envelope."""

    meaning: str
    means: Means
    hint: str = ""
    """What to look at, where the code alone does not say it."""


TOKEN_ENDED = "TOKEN_EXPIRED"  # noqa: S105 - a code, no credential
"""`data.reason` of a 401 that means the token, not the signature."""

RESULTS: dict[str, Result] = {
    "200": Result("成功", Means.DONE),
    "400": Result("参数错误", Means.REFUSED),
    "401": Result("签名错误", Means.DENIED, "请核对 appKey 与 appSecret (check key and secret)"),
    "402": Result(
        "时间戳过期",
        Means.DENIED,
        "本机时钟与对方相差超过 300 秒，请校准时钟 (our clock differs by more than 300 s: set it right)",
    ),
    "403": Result("无接口权限", Means.DENIED, "请向网关申请该接口权限 (ask the gateway for the permission)"),
    "404": Result("事项不存在", Means.REFUSED, "请核对实施编码 (check the item's 实施编码)"),
    "405": Result("重放（nonce 已用）", Means.AGAIN),
    "409": Result("办件编号重复且内容不一致", Means.CONFLICT),
    "410": Result(
        "状态不允许",
        Means.REFUSED,
        "请核对办件在对方的状态：未到这一步，或已办结、退件 (check the case there: not so far yet, or ended)",
    ),
    "413": Result("附件过大", Means.REFUSED, "请压缩或拆分附件 (compress or split the file)"),
    "422": Result("校验失败", Means.REFUSED),
    "429": Result("访问超限", Means.LATER),
    "500": Result("系统异常", Means.UNKNOWN),
    "502": Result("下级系统超时", Means.UNKNOWN),
    "503": Result("前置机维护", Means.LATER),
    "504": Result("处理中", Means.LATER),
}
"""Result codes. One that is not here is an outcome that is not understood."""

APPLICANT_TYPES: dict[str, str] = {
    "PERSON": "1",
    "ENTERPRISE": "2",
    "INSTITUTION": "3",
    "SOCIAL": "4",
    "NONLEGAL": "5",
    "ORGAN": "6",
    "OTHER": "9",
}
"""ApplyerType by national practice (HIGH; GB/T 39046 A.4 has other digits for the last two)."""

CERTIFICATES: dict[str, str] = {"USCC": "001", "ID_CARD": "111", "PASSPORT": "414"}
"""证件类型: organisations national (MEDIUM), persons GA/T 2000.156 (HIGH, MEDIUM)."""

CONTACT_ROLES: dict[str, str] = {"CONTACT": "1", "AGENT": "2", "TECH": "3", "ENV": "4"}
"""身份 of a contact."""

BUSINESS_TYPES: dict[str, str] = {
    "new": "1",
    "reapply": "1",
    "change-basic": "2",
    "change-other": "2",
    "renew": "3",
    "reissue": "4",
    "cancel": "5",
}
"""bizType: 1 新办, 2 变更, 3 延续, 4 补办, 5 注销, 6 备案. Which change it is stands in affFormInfo.changeType."""

FILING_TYPES: dict[str, str] = {
    "out": "转出",
    "in": "转入",
    "move-in": "移入",
    "move-out": "移出",
    "move-in-cancel": "移入注销",
    "move-out-cancel": "移出注销",
    "return-producer": "交回生产单位",
    "return-exporter": "返回原出口方",
    "store": "送贮",
}
"""affFormInfo.filingType: which kind of 备案, as it is called."""

FILING = "6"
"""bizType 备案."""

TRANSFER = "1"
"""bizType 新办, of 转让审批."""

TRANSFER_REASONS: dict[str, str] = {
    "NEW_USE": "新增使用",
    "REPLACE": "更换旧源",
    "SELL": "销售",
    "RELOCATE": "单位间调拨",
    "OTHER": "其他",
}
"""affFormInfo.transferReason, as it is called."""

CHANGE_TYPES: dict[str, str] = {
    "new": "0",
    "change-basic": "1",
    "change-other": "2",
    "reapply": "3",
    "renew": "4",
    "reissue": "5",
    "cancel": "6",
}
"""affFormInfo.changeType: 0 首次, 1 基本信息变更, 2 其他情况变更, 3 重新申请, 4 延续, 5 补领, 6 注销."""

RADIATION_TYPES: dict[str, str] = {
    "new": "1",
    "reapply": "1",
    "change": "2",
    "part-end": "2",
    "renew": "3",
    "cancel": "5",
}
"""bizType of 辐射安全许可; 部分终止 changes what the licence states. Which it is stands in affFormInfo.changeType."""

RADIATION_CHANGES: dict[str, str] = {
    "new": "0",
    "reapply": "3",
    "renew": "4",
    "cancel": "6",
    "change": "7",
    "part-end": "8",
}
"""affFormInfo.changeType of 辐射安全许可: 0 首次, 3 重新申领, 4 延续, 6 注销, 7 变更, 8 部分终止."""

ORIGINS: dict[str, str] = {"window": "1", "web": "2", "mobile": "3", "mail": "4", "batch": "2", "other": "2"}
"""applyOrigin: 1 窗口, 2 网上, 3 APP, 4 邮件. It has no code for a batch file or another way: these came by wire."""

PROJECT_TYPES: dict[str, str] = {"IMMEDIATE": "1", "PROMISE": "2"}
"""办件类型 (HIGH)."""

LIMIT_UNITS: dict[str, str] = {"days": "0", "workdays": "1", "months": "2", "years": "3"}
"""时限单位 (MEDIUM)."""

DELIVERY_METHODS: dict[str, str] = {"PICKUP": "0", "EXPRESS": "1", "DOWNLOAD": "2"}
"""结果送达方式: 0 窗口领取, 1 快递, 2 电子证照."""

UPLOADED = "2"
"""fetchMode 附件上传 (1 纸质收取, 3 电子证照库, 4 免提交)."""

TIERS: dict[str, str] = {"KEY": "重点管理", "SIMPLE": "简化管理"}
"""管理类别, as it is called."""

CATEGORIES: dict[str, str] = {"AIR": "废气", "WATER": "废水"}
"""主要污染物类别, as they are called."""

ACCEPT_RESULTS: dict[str, str] = {"accepted": "1", "deemed_accepted": "1", "not_accepted": "2", "not_required": "2"}
"""accept.result: 1 受理, 2 不予受理; the reason says which kind of no it is."""

NODE_DONE = "02"
"""nodeState 已办 (01 待办); after the EA_JC_STEP family (TARGETS 4.2)."""

NODE_RESULTS: dict[str, str] = {
    "reviewing": "1",
    "issued": "1",
    "closed": "1",
    "correction_requested": "5",
    "returned": "7",
    "terminated": "0",
    "revoked": "0",
    "cancelled": "0",
}
"""nodeResult: 0 不同意, 1 同意, 5 补齐补正, 7 退回; after the EA_JC_STEP family (TARGETS 4.2)."""

SPECIAL_TYPES: dict[str, str] = {"extended": "A", "suspended": "B"}
"""特别程序种类: A 延长审批, B 其他; after the pinyin family (TARGETS 4.2)."""

FINISH_RESULTS: dict[str, str] = {"granted": "10", "refused": "12", "filed": "14", "not_filed": "15"}
"""finish.result: 10 办结, 12 不予许可 (digit INVENTED, TARGETS 8.5), 14 已备案, 15 备案退回 (both INVENTED)."""

HANDOVERS: dict[str, str] = {"pickup": "0", "express": "1", "download": "2"}
"""serve.method: how the result was handed over, in the codes of 结果送达方式 above."""

MESSAGES: tuple[str, ...] = ("accept", "process", "special", "finish", "serve", "withdraw")
"""What may be told of a case after it was handed in, by the name of the call."""
