"""Problems of an entry that only the store, the registers or a whole file can show, as Problems in plain words."""

from __future__ import annotations

from bridge.errors import Problem


def reference_taken(number: str) -> Problem:
    """The sender's key stands for something else already."""
    return Problem(
        pointer="/reference",
        label="业务流水号",
        label_en="Reference",
        message=f"该业务流水号已用于另一份内容不同的申请（收件编号 {number}）",
        message_en=f"this reference already stands for an application with other content (number {number})",
        remedy="如为更正，请用 bridge amend 提交；如为新申请，请换一个业务流水号。",
        remedy_en="Correct that application with bridge amend, or use another reference for a new one.",
        code="reference_taken",
    )


def already_open(number: str) -> Problem:
    """Rule 1 of the cross-field checks: one open application per applicant, site, matter and type."""
    return Problem(
        pointer="",
        label="申请",
        label_en="Application",
        message=f"同一申请人、同一场所、同一事项和类型已有未办结的申请（收件编号 {number}）",
        message_en=f"an application of this applicant, site, matter and type is still open (number {number})",
        remedy="请在该申请上更正或撤回，不要重复申请。",
        remedy_en="Amend or withdraw that application instead of entering it again.",
        code="already_open",
    )


def no_competent_body() -> Problem:
    """No body is known that decides this matter for this site."""
    return Problem(
        pointer="/data/site/region_code",
        label="生产经营场所 · 行政区划代码",
        label_en="Site · district code",
        message="该行政区划没有登记办理此事项的审批机关",
        message_en="no competent body is registered for this matter in this district",
        remedy="请核对场所所在区（功能区按其所在行政区填写）；确认无误请联系运维人员补充机关登记表。",
        remedy_en="Check the district of the site; if it is right, ask the operators to add the body to the register.",
        code="no_competent_body",
    )


def file_encrypted() -> Problem:
    """A PDF that nobody can read without its password; the pointer is below the material's own."""
    return Problem(
        pointer="",
        label="申请材料",
        label_en="Material",
        message="PDF 文件设有密码或权限保护，受理人员无法打开",
        message_en="the PDF is encrypted: those who review it cannot open it",
        remedy="请取消保护后另存，再重新附上。",
        remedy_en="Save it without protection, and attach it again.",
        code="file_encrypted",
    )


def file_changed(place: int) -> Problem:
    """A material was changed, or taken away, while it was being taken in."""
    return Problem(
        pointer=f"/materials/{place}",
        label=f"申请材料 第 {place + 1} 项",
        label_en=f"Material {place + 1}",
        message="文件在录入过程中被改动或移走",
        message_en="the file was changed or taken away while it was read",
        remedy="请确认文件不再变动后重新提交。",
        remedy_en="Submit again once the file no longer changes.",
        code="file_changed",
    )


def file_not_found(place: int) -> Problem:
    """The path of a material leads nowhere."""
    return Problem(
        pointer=f"/materials/{place}/path",
        label=f"申请材料 第 {place + 1} 项 · 文件路径",
        label_en=f"Material {place + 1} · path",
        message="找不到或无法读取该文件",
        message_en="the file is not there or cannot be read",
        remedy="请核对路径（相对于申请文件所在目录）和读取权限。",
        remedy_en="Check the path (relative to the folder of the document) and its permissions.",
        code="file_not_found",
    )


def one_document(found: int) -> Problem:
    """A correction is one document."""
    return Problem(
        pointer="",
        label="申请",
        label_en="Application",
        message=f"更正应为一份申请，文件中有 {found} 份",
        message_en=f"a correction is one document; the file holds {found}",
        remedy="请只提交这一件申请的完整内容。",
        remedy_en="Hand in the whole content of this one application.",
        code="one_document",
    )


def not_amendable(title: str, title_en: str) -> Problem:
    """The application stands where it can no longer be corrected."""
    return Problem(
        pointer="",
        label="申请",
        label_en="Application",
        message=f"申请目前为“{title}”，不能更正",
        message_en=f"the application is “{title_en}” and cannot be amended now",
        remedy="受理后内容有变的，请联系审批机关，或在办结后提出变更申请。",
        remedy_en="Call the deciding body, or apply for a change once it is closed.",
        code="not_amendable",
    )


def not_withdrawable(title: str, title_en: str) -> Problem:
    """The application stands where it can no longer be withdrawn."""
    return Problem(
        pointer="",
        label="申请",
        label_en="Application",
        message=f"申请目前为“{title}”，不能撤回",
        message_en=f"the application is “{title_en}” and cannot be withdrawn",
        remedy="撤回只能在作出决定之前；如需注销，请另行申请。",
        remedy_en="An application is withdrawn before the decision; apply for cancellation instead.",
        code="not_withdrawable",
    )


def other_kind(name: str) -> Problem:
    """A correction may not be of another matter or type."""
    label, label_en = {"matter": ("事项", "Matter"), "type": ("申请类型", "Type")}[name]
    return Problem(
        pointer=f"/{name}",
        label=label,
        label_en=label_en,
        message=f"更正不能改变{label}",
        message_en=f"a correction may not change the {name}",
        remedy="请先撤回，再另行申请。",
        remedy_en="Withdraw the application and enter a new one.",
        code="other_kind",
    )


def other_case() -> Problem:
    """A correction may not be for another applicant or site."""
    return Problem(
        pointer="",
        label="申请人与场所",
        label_en="Applicant and site",
        message="更正不能换成另一个申请人或另一个场所",
        message_en="a correction may not be for another applicant or site",
        remedy="证件号码或场所确有错误的，请先撤回，再另行申请。",
        remedy_en="If the certificate number or the site was wrong, withdraw it and enter a new one.",
        code="other_case",
    )
