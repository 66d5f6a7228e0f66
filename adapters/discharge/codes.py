"""The platform's codes as tables, each with the platform's meaning, and what it means for us.

Statuses and apply types are the platform's own (TARGETS 2.5, 8.6); stages, kinds of 文书 over the wire and error codes
are INVENTED with the rest of the wire.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from bridge.model.lifecycle import ApplicationState
from bridge.model.word import PaperKind


@dataclass(frozen=True, slots=True)
class Status:
    """One value of 审核状态."""

    meaning: str
    state: ApplicationState


STATUSES: dict[str, Status] = {
    "ZT_1": Status("未提交", ApplicationState.DRAFT),
    "ZT_2": Status("已提交等待受理", ApplicationState.SUBMITTED),
    "ZT_3": Status("审批中", ApplicationState.ACCEPTED),
    "ZT_4": Status("审批通过", ApplicationState.GRANTED),
    "ZT_5": Status("审批不通过", ApplicationState.REFUSED),
    "ZT_7": Status("补正", ApplicationState.CORRECTION_REQUESTED),
    "ZT_8": Status("不予受理", ApplicationState.NOT_ACCEPTED),
    "DJ_1": Status("已登记", ApplicationState.REGISTERED),
}
"""审核状态 (SearchType). ZT_0 全部 is a filter of the search form and no status; no ZT_6 has been seen.

审批中 alone says that the office took the application in hand, which is 受理 (TARGETS 8.6); that it is under review is
said by a stage. DJ_1 is INVENTED: a 排污登记 is not decided on, and what the platform calls its status is not known.
"""

DRAFT = "ZT_1"
SUBMITTED = "ZT_2"
REVIEWING = "ZT_3"
GRANTED = "ZT_4"
REFUSED = "ZT_5"
CORRECTION = "ZT_7"
NOT_ACCEPTED = "ZT_8"
REGISTERED = "DJ_1"


@dataclass(frozen=True, slots=True)
class Stage:
    """One value of `stage`: what the office did where 审核状态 has no code for it."""

    meaning: str
    state: ApplicationState
    statuses: tuple[str, ...]
    """审核状态 beside which it may stand; beside another it means nothing."""


STAGES: dict[str, Stage] = {
    "review": Stage("审查", ApplicationState.REVIEWING, (REVIEWING,)),
    "suspend": Stage("特别程序", ApplicationState.SUSPENDED, (REVIEWING,)),
    "resume": Stage("恢复审查", ApplicationState.REVIEWING, (REVIEWING,)),
    "extend": Stage("延长", ApplicationState.EXTENDED, (REVIEWING,)),
    "return": Stage("退回修改", ApplicationState.RETURNED, (CORRECTION,)),
    "issue": Stage("制证", ApplicationState.ISSUED, (GRANTED,)),
    "close": Stage("办结", ApplicationState.CLOSED, (GRANTED, REFUSED)),
    "serve": Stage("送达", ApplicationState.SERVED, (GRANTED, REFUSED)),
    "revoke": Stage("撤销", ApplicationState.REVOKED, (GRANTED,)),
    "cancel": Stage("注销", ApplicationState.CANCELLED, (GRANTED, REGISTERED)),
    "withdraw": Stage("撤回", ApplicationState.WITHDRAWN, (DRAFT,)),
}
"""Stages beside the status (INVENTED: the platform has no code for them, TARGETS 8.6)."""


def state_of(status: str, stage: str | None) -> ApplicationState | None:
    """The canonical state; None for a status or a stage that we do not know, which is kept and moves nothing."""
    if stage is not None:
        named = STAGES.get(stage)
        return named.state if named is not None and status in named.statuses else None
    known = STATUSES.get(status)
    return known.state if known else None


def raw_of(status: str, stage: str | None) -> str:
    """Status and stage as one code, `ZT_3` or `ZT_3/suspend`."""
    return status if stage is None else f"{status}/{stage}"


PAPERS: dict[str, PaperKind] = {
    "受理通知书": PaperKind.ACCEPTANCE,
    "补正告知书": PaperKind.CORRECTION,
    "不予受理决定书": PaperKind.NOT_ACCEPTED,
    "准予许可决定书": PaperKind.DECISION,
    "不予许可决定书": PaperKind.DECISION,
    "排污许可证": PaperKind.LICENCE,
    "固定污染源排污登记回执": PaperKind.LICENCE,
}
"""Kinds of 文书, by the names that the law gives them (行政许可法 Art 32, 38, 39). Any other is kept as OTHER."""

LICENCE = "排污许可证"
"""Name of the licence, and the type of its file."""
RECEIPT = "固定污染源排污登记回执"
"""Name of what a 排污登记 gives, and the type of its file."""

APPLY_TYPES: dict[str, str] = {
    "new": "首次申请",
    "reapply": "XZXKTYPE_A,TYPEI",
    "change-basic": "XZXKTYPE_C,TYPEC,TYPEC_2",
    "change-other": "XZXKTYPE_A,TYPEC,TYPEC_1",
    "renew": "XZXKTYPE_D,TYPED",
    "reissue": "补办",
    "cancel": "注销",
}
"""排污许可: our type → the platform's ApplyType (and ChangeType): its own (TARGETS 2.5, 8.3), 注销 INVENTED."""

REGISTER_TYPES: dict[str, str] = {"register": "register", "change": "bcbg", "renew": "djyx", "cancel": "cancel"}
"""排污登记: our type → the platform's own word for it (TARGETS 2.5): 登记, 变更, 延续, 注销."""

CHANGES = (APPLY_TYPES["change-basic"], APPLY_TYPES["change-other"], REGISTER_TYPES["change"])
"""Types that say what changes."""
WITHOUT_CARDS = (APPLY_TYPES["reissue"], APPLY_TYPES["cancel"], REGISTER_TYPES["cancel"])
"""Types that hand in no cards 2 to 16: what is held stands as it is, or ends."""
CANCELLATIONS = (APPLY_TYPES["cancel"], REGISTER_TYPES["cancel"])

FILE_TYPE = "PWXKZFILE"
"""wysbtype of an application's attachments (card 18)."""


NO_RIGHT = "E1004"
FORM_DIFFERS = "E2014"
NOT_SIGNED = "E2015"
NOT_BOUND = "E2016"
NOT_PUBLIC = "E2017"


class Means(Enum):
    """What an error code asks of us."""

    REFRESH = "refresh"
    """The token has ended: get another one and ask once more."""
    DENIED = "denied"
    """Our credential is not accepted."""
    REFUSED = "refused"
    """The application as it stands is not taken."""
    ABSENT = "absent"
    """What was named is not there."""
    LATER = "later"
    """Not done now; to be tried later."""
    UNKNOWN = "unknown"
    """It may have been done, or not."""


@dataclass(frozen=True, slots=True)
class ErrorCode:
    """One error code of the interface."""

    status: int
    """HTTP status that it comes with."""
    meaning: str
    means: Means


ERRORS: dict[str, ErrorCode] = {
    "E1001": ErrorCode(401, "令牌无效", Means.DENIED),
    "E1002": ErrorCode(401, "令牌已过期", Means.REFRESH),
    "E1003": ErrorCode(401, "客户端编号或密钥错误", Means.DENIED),
    "E1004": ErrorCode(403, "无权操作该账户", Means.REFUSED),
    "E2001": ErrorCode(400, "数据项校验不通过", Means.REFUSED),
    "E2002": ErrorCode(422, "业务校验不通过", Means.REFUSED),
    "E2003": ErrorCode(409, "该账户已有同类型的未办结申请", Means.REFUSED),
    "E2004": ErrorCode(409, "当前状态不允许修改", Means.REFUSED),
    "E2005": ErrorCode(422, "文件摘要与内容不一致", Means.UNKNOWN),
    "E2006": ErrorCode(422, "附件未上传", Means.UNKNOWN),
    "E2007": ErrorCode(413, "附件过大", Means.REFUSED),
    "E2008": ErrorCode(422, "账户与单位不一致", Means.REFUSED),
    "E2009": ErrorCode(415, "附件类型不支持", Means.REFUSED),
    "E2010": ErrorCode(404, "申请不存在", Means.ABSENT),
    "E2011": ErrorCode(404, "账户不存在", Means.ABSENT),
    "E2012": ErrorCode(501, "本环境未提供该功能", Means.REFUSED),
    "E2013": ErrorCode(404, "文书不存在", Means.REFUSED),
    "E2014": ErrorCode(422, "签字表单与当前草稿的申请表不符", Means.REFUSED),
    "E2015": ErrorCode(409, "未上传签字的申请表", Means.REFUSED),
    "E2016": ErrorCode(403, "账户待企业授权", Means.REFUSED),
    "E2017": ErrorCode(409, "申请前信息公开尚未完成", Means.REFUSED),
    "E3001": ErrorCode(429, "访问过于频繁", Means.LATER),
    "E3002": ErrorCode(503, "系统维护中", Means.LATER),
    "E3003": ErrorCode(503, "系统繁忙", Means.LATER),
    "E9001": ErrorCode(500, "系统异常", Means.UNKNOWN),
}
"""Error codes (INVENTED). A code that is not here is an outcome that is not understood.

E1004 and E2016 say that the company's account is not, or not yet, ours to act under; E2014 and E2015 that the 申请表
must be signed (anew); E2017 that what was to be made public is not public, or not long enough.

E2005 and E2006 say that a file was lost on the way: the draft is looked at again and the file sent anew.
"""
