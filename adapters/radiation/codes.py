"""The system's codes as tables, each with the system's meaning, and what it means for us.

Business types are the system's own (TARGETS 3.5); category and workplace codes are one variant (LOW, TARGETS 3.2);
states, paper types and fault codes are INVENTED with the rest of the wire.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from bridge.model.lifecycle import ApplicationState
from bridge.model.word import PaperKind


@dataclass(frozen=True, slots=True)
class State:
    """One value of `state`."""

    meaning: str
    state: ApplicationState


STATES: dict[str, State] = {
    "NOT_RESPONDED": State("未答复", ApplicationState.SUBMITTED),
    "CORRECTION": State("补正", ApplicationState.CORRECTION_REQUESTED),
    "ACCEPTED": State("已受理", ApplicationState.ACCEPTED),
    "NOT_ACCEPTED": State("不予受理", ApplicationState.NOT_ACCEPTED),
    "IN_WORKFLOW": State("审查中", ApplicationState.REVIEWING),
    "RETURNED": State("退回修改", ApplicationState.RETURNED),
    "APPROVED": State("批准", ApplicationState.GRANTED),
    "NOT_APPROVED": State("不批准", ApplicationState.REFUSED),
    "ISSUED": State("已制证", ApplicationState.ISSUED),
    "RECORDED": State("已备案", ApplicationState.FILED),
    "NOT_RECORDED": State("备案退回", ApplicationState.NOT_FILED),
    "WITHDRAWN": State("已撤回", ApplicationState.WITHDRAWN),
    "REVOKED": State("已撤销", ApplicationState.REVOKED),
    "CANCELLED": State("已注销", ApplicationState.CANCELLED),
}
"""They stand for the system's flags: not responded, beAccepted 1 or 0, in workflow, beApproved 1 or 0,
licenceInfo present (TARGETS 8.6); of filings the flags be…Backup (TARGETS 3.5)."""

NOT_RESPONDED = "NOT_RESPONDED"
CORRECTION = "CORRECTION"
ACCEPTED = "ACCEPTED"
NOT_ACCEPTED = "NOT_ACCEPTED"
IN_WORKFLOW = "IN_WORKFLOW"
RETURNED = "RETURNED"
APPROVED = "APPROVED"
NOT_APPROVED = "NOT_APPROVED"
ISSUED = "ISSUED"
RECORDED = "RECORDED"
NOT_RECORDED = "NOT_RECORDED"
WITHDRAWN = "WITHDRAWN"
REVOKED = "REVOKED"
CANCELLED = "CANCELLED"

BUSINESS_TYPES: dict[str, str] = {
    "new": "LICENSE_APPLY",
    "reapply": "LICENSE_REAPPLY",
    "change": "LICENSE_MODIFY",
    "renew": "LICENSE_CONTINUE",
    "part-end": "LICENSE_PARTTERMINATE",
    "cancel": "LICENSE_CANCEL",
}
"""Our type → businessType of 辐射安全许可."""

GROUNDS: dict[str, str] = {"SCOPE": "种类或者范围改变", "PLACE": "设施或者场所新建、改建、扩建"}
"""reapplyGrounds (INVENTED; the grounds are 449号 Art 12's)."""

SEXES: dict[str, str] = {"M": "男", "F": "女"}
"""sex (values INVENTED)."""

DEGREES: dict[str, str] = {
    "SECONDARY": "高中及以下",
    "COLLEGE": "大专",
    "BACHELOR": "本科",
    "MASTER": "硕士",
    "DOCTOR": "博士",
}
"""degree (values INVENTED)."""

EXAMS: dict[str, str] = {"ONLINE": "网上考核", "SELF": "自主考核"}
"""examKind (INVENTED; the two kinds: TARGETS 7.2)."""

DEVICE_STATES: dict[str, str] = {"PLANNED": "拟购", "IN_USE": "在用", "IDLE": "停用"}
"""state of a device (values INVENTED)."""

INSTRUMENT_STATES: dict[str, str] = {"GOOD": "正常", "CHECKED": "送检", "BROKEN": "故障"}
"""state of an instrument (values INVENTED)."""

TRANSFER = "NUCLIDE_TRANSFER"
"""转让审批."""
TRANSFER_RECORD, CAT_I_TRANSFER_RECORD = "NUCLIDE_TRANSFER_RECORD", "NUCLIDE_CAT_I_TRANSFER_RECORD"
"""转让备案; the second where a source of category Ⅰ is among them."""

OFFSITE_TYPES: dict[str, str] = {
    "move-in": "NUCLIDE_STRANGEUSE_IN_RECORD",
    "move-out": "NUCLIDE_STRANGEUSE_OUT_RECORD",
    "move-in-cancel": "NUCLIDE_STRANGEUSE_IN_RECORD_CANCEL",
    "move-out-cancel": "NUCLIDE_STRANGEUSE_OUT_RECORD_CANCEL",
}
"""异地使用备案."""

WASTE_TYPES: dict[str, str] = {
    "return-producer": "NUCLIDE_TAKEBACK_RECORD",
    "return-exporter": "NUCLIDE_TAKEBACK_RECORD",
    "store": "NUCLIDE_WASTE_SHIFT_RECORD",
}
"""废旧放射源备案 (names HIGH, which is for which: MEDIUM)."""

FILINGS = frozenset({TRANSFER_RECORD, CAT_I_TRANSFER_RECORD, *OFFSITE_TYPES.values(), *WASTE_TYPES.values()})
"""Business types that are filed and not decided upon."""

SIDES: dict[str, str] = {"out": "转出", "in": "转入"}
"""recordSide (INVENTED)."""

TRANSFER_REASONS: dict[str, str] = {
    "NEW_USE": "新增使用",
    "REPLACE": "更换旧源",
    "SELL": "销售",
    "RELOCATE": "单位间调拨",
    "OTHER": "其他",
}
"""transferReason (values INVENTED)."""

END_OF_LIFE: dict[str, str] = {"RETURN": "返回", "STORE": "送贮"}
"""endOfLifeWay (INVENTED)."""

WASTE_KINDS: dict[str, str] = {"return-producer": "交回生产单位", "return-exporter": "返回原出口方", "store": "送贮"}
"""takebackKind (INVENTED; the three ways are 449号 Art 23's)."""

SOURCE_LEVELS, DEVICE_LEVELS = 5, 3
"""放射源 Ⅰ to Ⅴ类 → 1 to 5; 射线装置 Ⅰ to Ⅲ类 → 1 to 3."""

ACTIVITIES: dict[str, str] = {"PRODUCE": "生产", "SELL": "销售", "USE": "使用"}
"""activeType, nonsealActiveType (TARGETS 3.2; that the words themselves are the codes: INVENTED)."""

SITE_LEVELS: dict[str, str] = {"A": "101", "B": "102", "C": "103"}
"""甲级, 乙级, 丙级."""

COMPANY_KINDS: dict[str, str] = {
    "ENTERPRISE": "企业",
    "INSTITUTION": "事业单位",
    "SOCIAL": "社会团体",
    "NONLEGAL": "非法人组织",
    "ORGAN": "机关",
    "OTHER": "其他",
}
"""companyKind (INVENTED)."""

ID_TYPES: dict[str, str] = {"ID_CARD": "111", "PASSPORT": "414"}
"""legalIdType (TARGETS 8.4: 111; 414 by GA/T 517, MEDIUM)."""

PAPERS: dict[str, tuple[PaperKind, str]] = {
    "ACCEPT_NOTICE": (PaperKind.ACCEPTANCE, "受理通知书"),
    "CORRECT_NOTICE": (PaperKind.CORRECTION, "补正告知书"),
    "NOT_ACCEPT_NOTICE": (PaperKind.NOT_ACCEPTED, "不予受理决定书"),
    "DECISION": (PaperKind.DECISION, "行政许可决定书"),
    "LICENSE": (PaperKind.LICENCE, "辐射安全许可证"),
    "TRANSFER_APPROVAL": (PaperKind.LICENCE, "放射性同位素转让批准文件"),
    "RECORD_RECEIPT": (PaperKind.DECISION, "备案回执"),
    "NOT_RECORD_NOTICE": (PaperKind.DECISION, "备案退回通知书"),
}
"""fileType of what the system issues → what it is, and its title where none is told."""


class Means(Enum):
    """What a fault code asks of us."""

    REFRESH = "refresh"
    """The session has ended: log in and ask once more."""
    DENIED = "denied"
    """Our credential is not accepted."""
    REFUSED = "refused"
    """The application as it stands is not taken, or what was asked for is not there."""
    LATER = "later"
    """Not done now; to be tried later."""
    UNKNOWN = "unknown"
    """It may have been done, or not."""


@dataclass(frozen=True, slots=True)
class FaultCode:
    """One code of a SOAP fault."""

    name: str
    """`Client` or `Server` (SOAP 1.1, 4.4.1)."""
    meaning: str
    means: Means


FAULTS: dict[str, FaultCode] = {
    "R1001": FaultCode("Client", "会话无效", Means.REFRESH),
    "R1002": FaultCode("Client", "会话已过期", Means.REFRESH),
    "R1003": FaultCode("Client", "账号或口令错误", Means.DENIED),
    "R2001": FaultCode("Client", "数据项校验不通过", Means.REFUSED),
    "R2002": FaultCode("Client", "业务校验不通过", Means.REFUSED),
    "R2003": FaultCode("Client", "该单位已有同类型的未办结业务", Means.REFUSED),
    "R2004": FaultCode("Client", "当前状态不允许修改", Means.REFUSED),
    "R2005": FaultCode("Client", "附件摘要与内容不一致", Means.UNKNOWN),
    "R2006": FaultCode("Client", "附件未上传", Means.UNKNOWN),
    "R2007": FaultCode("Client", "附件过大", Means.REFUSED),
    "R2010": FaultCode("Client", "业务不存在", Means.REFUSED),
    "R2011": FaultCode("Client", "文件不存在", Means.REFUSED),
    "R2012": FaultCode("Client", "没有该操作", Means.REFUSED),
    "R3001": FaultCode("Server", "访问过于频繁", Means.LATER),
    "R3002": FaultCode("Server", "系统维护中", Means.LATER),
    "R9001": FaultCode("Server", "系统异常", Means.UNKNOWN),
}
"""Fault codes (INVENTED). A code that is not here is an outcome that is not understood.

R2005 and R2006 say that a file was lost on the way: the system is looked at again and the file sent anew.
"""
