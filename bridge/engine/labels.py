"""What everything in a source is called, for people: the form's boxes by the form, files and facts by the words here.

What does not belong here: values, and what is wrong with them (`words`).
"""

from __future__ import annotations

from bridge.catalogue.catalogue import Catalogue
from bridge.model.lifecycle import TITLES
from bridge.model.pointer import is_position, tokens

Label = tuple[str, str]
"""Chinese, English."""

NAMES: dict[str, Label] = {
    "facts": ("已知事实", "facts"),
    "materials": ("申请材料", "materials"),
    "id": ("标识", "id"),
    "number": ("编号", "number"),
    "revision": ("版次", "revision"),
    "matter": ("事项", "matter"),
    "type": ("申请类型", "type"),
    "channel": ("办理形式", "channel"),
    "submitted_at": ("提交时间", "submitted at"),
    "promise_at": ("承诺办结时间", "promised by"),
    "title": ("申请标题", "title"),
    "case_number": ("办件编号", "case number"),
    "licence_number": ("证照编号", "licence number"),
    "item": ("业务办理项", "item"),
    "catalog_code": ("基本编码", "catalogue code"),
    "task_code": ("实施编码", "task code"),
    "task_handle_item": ("业务办理项编码", "item code"),
    "task_name": ("事项名称", "task name"),
    "task_version": ("事项版本", "task version"),
    "org_name": ("实施机构", "body"),
    "org_code": ("实施机构代码", "body's code"),
    "project_type": ("办件类型", "kind of case"),
    "promise_days": ("承诺时限", "promised days"),
    "promise_unit": ("承诺时限单位", "unit of promised days"),
    "step": ("本环节", "this step"),
    "steps": ("各环节", "steps"),
    "states": ("已到状态", "states reached"),
    "state": ("状态", "state"),
    "name": ("名称", "name"),
    "result": ("结果", "result"),
    "target": ("来源系统", "target"),
    "at": ("时间", "at"),
    "officer": ("经办人", "officer"),
    "opinion": ("意见", "opinion"),
    "reason": ("原因", "reason"),
    "items": ("补正内容", "items"),
    "text": ("内容", "text"),
    "field": ("涉及字段", "field"),
    "to": ("至", "until"),
    "document_no": ("文书编号", "document number"),
    "document_title": ("文书名称", "document title"),
    "handover": ("送达", "handover"),
    "method": ("送达方式", "how it was handed over"),
    "tracking": ("快递单号", "tracking number"),
    "document_date": ("文书日期", "document date"),
    "licence": ("结果证照", "licence"),
    "issued_on": ("发证日期", "issued on"),
    "valid_from": ("有效期自", "valid from"),
    "valid_to": ("有效期至", "valid to"),
    "issuer": ("发证机关", "issuer"),
    "withdrawal": ("撤回", "withdrawal"),
    "code": ("材料编码", "code"),
    "digest": ("文件摘要", "digest"),
    "size": ("文件大小", "size"),
    "media_type": ("文件类型", "media type"),
}
"""Parts of `facts` and `materials`, by name."""

ALONE: dict[str, Label] = {
    "/facts/id": ("申请标识", "our id"),
    "/facts/number": ("收件编号", "our number"),
    "/materials/*/name": ("申请材料 · 文件名", "materials · file name"),
}
"""What a part's name alone would not tell."""


def label(catalogue: Catalogue, matter: str, form: int, pointer: str) -> Label:
    """What a pointer into a source means, with `*` or positions; a name that is not known is told as it is."""
    if pointer == "/data" or pointer.startswith("/data/"):
        return catalogue.label(matter, form, pointer) if pointer != "/data" else ("申请内容", "data")
    if pointer in ALONE:
        return ALONE[pointer]
    parts = [one for one in tokens(pointer) if one != "*" and not is_position(one)]
    told = [_name(one, parts[place - 1] if place else "") for place, one in enumerate(parts)]
    told = told[1:] if parts[0] == "facts" and len(told) > 1 else told
    return " · ".join(zh for zh, _ in told), " · ".join(en for _, en in told)


def _name(name: str, above: str) -> Label:
    """One part; below `states` it is the name of a state."""
    if above == "states":
        return next((words for state, words in TITLES.items() if state.value == name), (name, name))
    return NAMES.get(name, (name, name))


def both(text: str | None) -> tuple[str | None, str | None]:
    """`中文 (English)` parted; English is None where there is none."""
    if text is None or not text.endswith(")") or " (" not in text:
        return text, None
    zh, _, en = text.partition(" (")
    return zh, en.removesuffix(")")
