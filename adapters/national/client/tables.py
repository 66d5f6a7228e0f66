"""The tables of the exchange as data: TARGETS 1.2 column by column, and two of ours (INVENTED, README.md).

What does not belong here: which of our fields goes where (`mapping`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from bridge.kit.exchange.columns import ExchangeTable, instant, serial, text, whole

HEAD = (
    text("row_guid", 50, "记录唯一标识", required=True),
    text("project_no", 50, "办件编号", required=True),
)

TAIL = (
    text("cd_operation", 2, "同步类型: I, U, D", required=True),
    instant("cd_time", "同步时间", required=True),
    text("cd_batch", 32, "批次号", required=True),
    text("data_source", 3, "数据来源", required=True),
)

ACCEPT = (
    *HEAD,
    text("catalog_code", 12, "基本编码", required=True),
    text("local_catalog_code", 50, "地方基本编码"),
    text("task_code", 36, "实施编码", required=True),
    text("local_task_code", 50, "地方实施编码"),
    text("task_handle_item", 50, "业务办理项编码"),
    text("task_name", 1000, "事项名称", required=True),
    whole("task_version", "事项版本号", required=True),
    text("applyer_name", 100, "申请人名称", required=True),
    text("applyer_type", 2, "申请人类型", required=True),
    text("applyer_page_type", 70, "申请人证件类型", required=True),
    text("applyer_page_code", 500, "申请人证件号码", required=True),
    instant("apply_date", "申请时间", required=True),
    text("apply_type", 2, "申请方式", required=True),
    text("legal", 100, "法定代表人"),
    text("contact_name", 100, "联系人/代理人姓名"),
    text("contact_type", 6, "联系人/代理人证件类型"),
    text("contact_code", 50, "联系人/代理人证件号码"),
    text("contact_mobile", 11, "联系人手机"),
    text("zip_code", 6, "邮编"),
    text("address", 1000, "通讯地址"),
    text("org_name", 100, "受理部门名称", required=True),
    text("org_code", 18, "受理部门编码", required=True),
    text("handle_user_name", 100, "受理人员"),
    instant("accept_date", "受理时间", required=True),
    text("accept_doc_no", 50, "受理文书编号"),
    text("project_name", 1000, "办件摘要"),
    text("project_type", 2, "办件类型", required=True),
    instant("promise_date", "承诺办结时间"),
)

ACCEPT_V3 = (
    text("apply_channel", 2, "办件渠道"),
    text("apply_uer_id_code", 2000, "申请人统一身份认证账号"),
    text("region_code", 12, "行政区划代码"),
    text("sblsh", 50, "申办流水号", camel="SBLSH"),
)
"""Of the v3 columns those that we have something for (MEDIUM; lengths but the second's are INVENTED)."""

PROCESS = (
    *HEAD,
    text("event_name", 2, "业务动作", required=True),
    text("process_name", 1000, "办理环节名称", required=True),
    text("handle_user_name", 100, "办理人员", required=True),
    text("handle_explain", 2000, "办理意见", required=True),
    instant("event_start_time", "环节开始", required=True),
    instant("event_end_time", "环节结束", required=True),
    text("remark", 256, "备注"),
)

RESULT = (
    *HEAD,
    text("handle_user_name", 100, "办结人员"),
    instant("result_date", "办结时间", required=True),
    text("result_type", 2, "办结结果", required=True),
    text("result_cetr_name", 256, "结果证照名称"),
    text("result_cetr_no", 2000, "结果证照编号"),
    text("result_explain", 2000, "结果描述"),
    text("is_delivery_results", 2, "是否快递递送结果", required=True),
    text("satisfaction", 2, "满意度"),
    text("remark", 256, "备注"),
)

MATERIAL = (
    *HEAD,
    text("material_name", 200, "材料名称", required=True),
    text("get_type", 2, "收取方式", required=True),
    text("get_num", 5, "收取数量"),
    text("material_attach_name", 200, "附件名称"),
    text("remark", 1000, "备注"),
)

SPECIAL = (
    *HEAD,
    text("special_type", 2, "特别程序种类", required=True),
    text("special_name", 1000, "特别程序名称", required=True),
    instant("special_time", "开始时间", required=True),
    text("special_reason", 2000, "启动理由或依据", required=True),
    text("applyer_user_name", 100, "申请人员"),
    instant("end_time", "结束时间", required=True),
    text("result", 2000, "特别程序结果"),
    text("special_explain", 2000, "说明"),
    text("handle_user", 100, "办理人员"),
    text("remark", 256, "备注"),
)

JOURNAL = (
    serial("id", "写入顺序"),
    text("delivery", 64, "推送编号", required=True),
    text("number", 50, "受理记录的 row_guid", required=True),
    text("project_no", 50, "办件编号", required=True),
    text("table_name", 64, "所写的表", required=True),
    text("row_guid", 50, "所写的记录", required=True),
    text("place", 64, "在推送内容中的位置", required=True),
    text("cd_operation", 2, "同步类型", required=True),
    text("cd_batch", 32, "批次号", required=True),
    text("status", 8, "此推送的办件状态", required=True),
    instant("written_at", "写入时间", required=True),
)
"""One row for each row that we wrote, made in the same transaction: what is collected is known here (INVENTED)."""

FEEDBACK = (
    serial("id", "顺序号"),
    text("table_name", 64, "表名", required=True),
    text("row_guid", 50, "记录", required=True),
    text("cd_batch", 32, "批次号", required=True),
    whole("passed", "1 通过, 0 不通过", required=True),
    text("reason", 2000, "原因"),
    text("column_name", 64, "列名"),
    instant("check_time", "质检时间", required=True),
)
"""What the quality check says of each row (INVENTED)."""


@dataclass(frozen=True)
class Tables:
    """The tables of one installation."""

    v3: bool = False
    special_table: str = "up_pro_specialprocedure"
    journal_table: str = "pb_journal"
    feedback_table: str = "up_quality_feedback"

    @cached_property
    def parts(self) -> Mapping[str, ExchangeTable]:
        """The tables of a case, by the name of their part in a payload."""
        accept = (*ACCEPT, *ACCEPT_V3) if self.v3 else ACCEPT
        return {
            "accept": ExchangeTable("up_pro_accept", (*accept, *TAIL)),
            "material": ExchangeTable("up_pro_material", (*MATERIAL, *TAIL)),
            "process": ExchangeTable("up_pro_process", (*PROCESS, *TAIL)),
            "result": ExchangeTable("up_pro_result", (*RESULT, *TAIL)),
            "special": ExchangeTable(self.special_table, (*SPECIAL, *TAIL)),
        }

    @cached_property
    def journal(self) -> ExchangeTable:
        """Ours."""
        return ExchangeTable(self.journal_table, JOURNAL)

    @cached_property
    def feedback(self) -> ExchangeTable:
        """The quality check's."""
        return ExchangeTable(self.feedback_table, FEEDBACK)
