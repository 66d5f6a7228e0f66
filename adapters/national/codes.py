"""The platform's codes as tables, each with its confidence (TARGETS 1.4, 8.1, 8.2).

What does not belong here: which column carries which (`mapping`).
"""

from __future__ import annotations

from bridge.kit.codes import Code, CodeTable
from bridge.model.lifecycle import ApplicationState

STATUSES = CodeTable(
    {
        "2": Code("已受理", ApplicationState.ACCEPTED),
        "3/0": Code("已办结：出证办结", ApplicationState.GRANTED),
        "3/1": Code("已办结：不予许可", ApplicationState.REFUSED),
        "3/2": Code("已办结：作废"),
        "3/5": Code("已办结：退件", ApplicationState.WITHDRAWN),
        "3/6": Code("已办结：不予受理", ApplicationState.NOT_ACCEPTED),
    }
)
"""proStatus (HIGH) and, once there is a result row, `/` and its result_type (INVENTED table). 作废 says not whether it
was revoked, cancelled or ended, so it moves nothing."""

ACCEPTED = "2"
"""An accept row, no result row yet."""
UNPASSED = "0"
"""`passed` of a row that the quality check refuses (INVENTED)."""

APPLICANT_TYPES: dict[str, str] = {
    "PERSON": "1",
    "ENTERPRISE": "2",
    "INSTITUTION": "3",
    "SOCIAL": "4",
    "NONLEGAL": "5",
    "ORGAN": "6",
    "OTHER": "9",
}
"""ApplyerType by platform practice (HIGH; GB/T 39046 A.4 has other digits for the last two)."""

WITH_LEGAL = ("ENTERPRISE", "INSTITUTION", "SOCIAL", "NONLEGAL", "ORGAN")
"""Kinds 2 to 6: those that have a legal representative."""

CERTIFICATES: dict[str, str] = {"ID_CARD": "111", "PASSPORT": "414"}
"""证件类型 of persons (GA/T 2000.156: 111 HIGH, 414 MEDIUM). 统一社会信用代码 is 001 (MEDIUM) or 01, by setting."""

CHANNELS: dict[str, str] = {"window": "1", "web": "2", "mobile": "3", "mail": "4", "batch": "9", "other": "9"}
"""ApplyType: digits of GB/T 39046 A.5 (values HIGH, their use in this column INVENTED)."""

APPLY_CHANNELS: dict[str, str] = {"window": "2", "mail": "2", "web": "1", "mobile": "1"}
"""v3 ApplyChannel: 1 线上, 2 线下 (MEDIUM). A batch file and other ways are neither."""

PROJECT_TYPES: dict[str, str] = {"IMMEDIATE": "1", "PROMISE": "2"}
"""ProjectType 办件类型 (HIGH)."""

EVENTS: dict[str, str] = {"pass": "1", "return": "2", "other": "3"}
"""EventName 业务动作: 通过, 退回, 其他 (names HIGH, digits MEDIUM)."""

RESULTS: dict[str, str] = {
    "granted": "0",
    "filed": "0",
    "refused": "1",
    "revoked": "2",
    "cancelled": "2",
    "terminated": "2",
    "withdrawn": "5",
    "lapsed": "5",
    "not_accepted": "6",
}
"""ResultType 办结结果 (INVENTED for this table: the 电子监察 family)."""

WITHDRAWN_RESULT = RESULTS["withdrawn"]

DELIVERY: dict[str, str] = {"EXPRESS": "1", "PICKUP": "0", "DOWNLOAD": "0"}
"""IsDeliveryResults: by express or not (HIGH)."""

SPECIALS: dict[str, str] = {"extended": "1", "suspended": "2"}
"""特别程序种类 GB/T 39046 A.7: 延长审批, 除延长审批之外 (HIGH)."""

UPLOADED = "2"
"""GetType 附件上传 (INVENTED)."""

NO_OPINION = "原系统未提供办理意见"
"""What stands in handle_explain where the deciding system gave none (TARGETS 8.2): a statement, and true."""
NO_OFFICER = "原系统未提供"
"""The same of handle_user_name, where the column is required."""
