"""The envelope of a document: matter, type, form, reference and the list of files, before the form is looked at."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from bridge.catalogue.forms import Words, problem
from bridge.catalogue.matters import MaterialRule, Matter
from bridge.catalogue.rules import holds
from bridge.errors import Problem

NAMES = ("matter", "type", "form", "reference", "data", "materials")
REFERENCE = re.compile(r"[!-~]{1,64}")
BAD_IN_FILE_NAMES = re.compile(r'[\x00-\x1f\x7f/\\:*?"<>|]')
MAX_MATERIALS = 100
MAX_FILE_NAME = 200

MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"%PDF-", "application/pdf"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
)
"""First bytes by which a file's type is told; its name has no say."""

LABELS: dict[str, tuple[str, str]] = {
    "matter": ("事项", "Matter"),
    "type": ("申请类型", "Type"),
    "form": ("表单版本", "Form version"),
    "reference": ("业务流水号", "Reference"),
    "data": ("申请内容", "Data"),
    "materials": ("申请材料", "Materials"),
}


def check_envelope(document: Mapping[str, Any], matters: Mapping[str, Matter]) -> list[Problem]:
    """What is wrong with names, matter, type, form version and reference."""
    found = [
        problem(
            f"/{str(name)[:100].replace('~', '~0').replace('/', '~1')}",
            "申请文件",
            "Document",
            (
                "申请文件中没有这个字段",
                "a document has no such field",
                f"可用：{'、'.join(NAMES)}。",
                f"Use: {', '.join(NAMES)}.",
            ),
            "unknown_field",
        )
        for name in document
        if name not in NAMES
    ]
    missing = [name for name in ("matter", "type", "form", "data") if name not in document]
    found += [
        _at(name, ("必须填写", "it must be filled in", "请填写此项。", "Fill it in."), "required") for name in missing
    ]
    matter = document.get("matter")
    if "matter" in document and (not isinstance(matter, str) or matter not in matters):
        found.append(_at("matter", _choose("没有这个事项", "no such matter", list(matters)), "unknown_matter"))
    elif isinstance(matter, str) and matter in matters:
        found += _check_type_and_form(document, matters[matter])
    reference = document.get("reference")
    if "reference" in document and not (isinstance(reference, str) and REFERENCE.fullmatch(reference)):
        cure = ("请用 1 至 64 个英文字母、数字或符号。", "Use 1 to 64 ASCII characters without spaces.")
        found.append(_at("reference", ("格式不正确", "not of the wanted form", *cure), "reference"))
    return found


def check_materials(document: Mapping[str, Any], matter: Matter, *, paths_allowed: bool) -> list[Problem]:
    """What is wrong with the list of files, and which are missing."""
    materials = document.get("materials", [])
    if not isinstance(materials, list) or len(materials) > MAX_MATERIALS:
        words = (f"应为不超过 {MAX_MATERIALS} 项的列表", f"a list of at most {MAX_MATERIALS} is wanted")
        return [_at("materials", (*words, "请按样例填写。", "See `bridge sample`."), "materials")]
    rules = {rule.code: rule for rule in matter.materials}
    found: list[Problem] = []
    for place, one in enumerate(materials):
        found += _check_material(one, place, rules, paths_allowed=paths_allowed)
    given = {one.get("code") for one in materials if isinstance(one, dict)}
    for rule in matter.materials:
        if not rule.optional and rule.code not in given and holds(document, rule.when):
            found.append(
                problem(
                    "/materials",
                    f"申请材料 · {rule.title}",
                    f"Materials · {rule.title_en}",
                    (
                        f"缺少材料：{rule.title}（{rule.code}）",
                        f"missing: {rule.title_en} ({rule.code})",
                        "请附上该材料。",
                        "Attach it.",
                    ),
                    "material_missing",
                )
            )
    return found


def check_file(rule: MaterialRule, head: bytes, size: int) -> tuple[list[Problem], str]:
    """What is wrong with the bytes of a file, below its own pointer; and its media type, told by its first bytes."""
    found: list[Problem] = []
    media_type = next((kind for magic, kind in MAGIC if head.startswith(magic)), "application/octet-stream")
    label = (f"申请材料 · {rule.title}", f"Materials · {rule.title_en}")
    if size == 0:
        found.append(
            problem("", *label, ("文件是空的", "the file is empty", "请重新附上。", "Attach it again."), "empty_file")
        )
    elif media_type not in rule.types:
        known = "、".join(kind.rpartition("/")[2].upper() for kind in rule.types)
        words = ("文件类型不符（按内容判断）", "not a file of a type that is taken", f"请用 {known}。", f"Use {known}.")
        found.append(problem("", *label, words, "file_type"))
    if size > rule.max_bytes:
        mib = rule.max_bytes >> 20
        words = (f"文件超过 {mib} MB", f"the file is larger than {mib} MB", "请压缩或拆分。", "Compress or split it.")
        found.append(problem("", *label, words, "file_size"))
    return found, media_type


def _check_type_and_form(document: Mapping[str, Any], matter: Matter) -> Iterator[Problem]:
    types = [one.id for one in matter.types]
    if "type" in document and document["type"] not in types:
        yield _at("type", _choose("没有这个申请类型", "no such type", types), "unknown_type")
    form = document.get("form")
    if "form" in document and (not isinstance(form, int) or isinstance(form, bool) or not 1 <= form <= matter.form):
        words = (
            "没有这个表单版本",
            "no such version of the form",
            f"当前版本为 {matter.form}。",
            f"It is {matter.form} now.",
        )
        yield _at("form", words, "unknown_form")


def _check_material(
    one: Any, place: int, rules: Mapping[str, MaterialRule], *, paths_allowed: bool
) -> Iterator[Problem]:
    """One entry of the list."""
    where = f"/materials/{place}"
    label = (f"申请材料 第 {place + 1} 项", f"Material {place + 1}")

    def say(tail: str, code: str, *words: str) -> Problem:
        message, message_en, remedy, remedy_en = words
        return problem(where + tail, *label, (message, message_en, remedy, remedy_en), code)

    if not isinstance(one, dict):
        yield say(
            "",
            "type",
            "应为一组内容（JSON 对象）",
            "a group (JSON object) is wanted",
            "请按样例填写。",
            "See `bridge sample`.",
        )
        return
    ways = ("content", "path") if paths_allowed else ("content",)
    for name in one:
        if name not in ("code", "name", *ways):
            cure = (f"可用：code、name、{'、'.join(ways)}。", f"Use: code, name, {', '.join(ways)}.")
            yield say(f"/{str(name)[:100]}", "unknown_field", "没有这个字段", "no such field", *cure)
    if not isinstance(one.get("code"), str) or one["code"] not in rules:
        known = list(rules)
        yield say("/code", "unknown_material", *_choose("没有这种材料", "no such material", known))
    yield from _check_name(one.get("name"), say)
    if sum(way in one for way in ways) != 1:
        many = "、".join(ways)
        yield say(
            "",
            "material_bytes",
            f"必须且只能有 {many} 之一",
            f"exactly one of {many}",
            "请附上文件内容。",
            "Attach the file.",
        )
    elif "content" in one and not _is_base64(one["content"]):
        yield say(
            "/content",
            "base64",
            "不是 Base64 编码",
            "not base64",
            "请按标准 Base64 编码文件内容。",
            "Encode the file as standard base64.",
        )
    elif "path" in one and not (isinstance(one["path"], str) and one["path"]):
        yield say("/path", "type", "应为文字", "a text is wanted", "请填写文件路径。", "Fill in the path.")


def _check_name(name: Any, say: Any) -> Iterator[Problem]:
    """The name of a file."""
    if not isinstance(name, str) or not name.strip() or name in (".", ".."):
        yield say(
            "/name",
            "required",
            "必须填写文件名",
            "a file name is wanted",
            "请填写带扩展名的文件名。",
            "Fill in a name with its extension.",
        )
    elif len(name) > MAX_FILE_NAME:
        yield say(
            "/name",
            "maxLength",
            f"文件名最长 {MAX_FILE_NAME} 个字符",
            f"at most {MAX_FILE_NAME} characters",
            "请缩短。",
            "Shorten it.",
        )
    elif BAD_IN_FILE_NAMES.search(name):
        cure = ('请去掉 / \\ : * ? " < > | 和控制字符。', 'Take away / \\ : * ? " < > | and control characters.')
        yield say("/name", "file_name", "文件名中有不允许的字符", "a character that no file name may have", *cure)


def _is_base64(content: Any) -> bool:
    if not isinstance(content, str):
        return False
    try:
        base64.b64decode(content, validate=True)
    except (binascii.Error, ValueError):
        return False
    return True


def _choose(message: str, message_en: str, known: Sequence[str]) -> Words:
    return message, message_en, f"可选：{'、'.join(known)}。", f"Choose one of: {', '.join(known)}."


def _at(name: str, words: Words, code: str) -> Problem:
    return problem(f"/{name}", *LABELS[name], words, code)
