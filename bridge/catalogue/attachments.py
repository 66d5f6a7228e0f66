"""The attached files (申请材料) of a document: their list, which are missing, and the bytes of one.

What belongs here: what the matter's data say of files. What does not: reading and storing them (the engine's), and what
a target takes (pre-flight).
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from bridge.catalogue.characters import is_clean, shown
from bridge.catalogue.matters import MaterialRule, Matter
from bridge.catalogue.messages import unknown_name
from bridge.catalogue.words import LABELS, REQUIRED, Words, choose, envelope_label, problem
from bridge.errors import Problem
from bridge.model.pointer import escape

MAX_MATERIALS = 100
MAX_FILE_NAME = 200
"""Characters; a target may take fewer."""

BAD_IN_FILE_NAMES = re.compile(r'[/\\:*?"<>|]')
BAD_IN_PATHS = re.compile(r'[\\:*?"<>|\n\t]')
RESERVED = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?", re.IGNORECASE)
"""Names that Windows keeps for devices."""

MAGIC: tuple[tuple[bytes, str, tuple[str, ...]], ...] = (
    (b"%PDF-", "application/pdf", ("pdf",)),
    (b"\xff\xd8\xff", "image/jpeg", ("jpg", "jpeg")),
    (b"\x89PNG\r\n\x1a\n", "image/png", ("png",)),
)
"""First bytes by which a file's type is told, and the extensions that its name may have."""

UNKNOWN_TYPE = "application/octet-stream"


def check_materials(
    document: Mapping[str, Any], matter: Matter, needed: Iterable[MaterialRule], *, paths_allowed: bool
) -> list[Problem]:
    """What is wrong with the list of files, and which of those needed are missing."""
    materials = document.get("materials", [])
    if not isinstance(materials, list) or len(materials) > MAX_MATERIALS:
        return [problem("/materials", LABELS["materials"], _NOT_A_LIST, "materials")]
    ways = ("content", "path") if paths_allowed else ("content",)
    rules = {rule.code: rule for rule in matter.materials}
    found = [one for place, entry in enumerate(materials) for one in _entry(entry, f"/materials/{place}", rules, ways)]
    return [*found, *_doubled(materials), *_missing(materials, needed)]


def check_file(rule: MaterialRule, head: bytes, size: int, name: str = "") -> tuple[list[Problem], str]:
    """What is wrong with the bytes of a file, with pointers below its own; and its media type, told by its first bytes.

    `size` is in bytes. Where `name` is given, its extension must be one of that type.
    """
    label = (f"申请材料 · {rule.title}", f"Materials · {rule.title_en}")
    media_type, extensions = next(
        ((kind, endings) for magic, kind, endings in MAGIC if head.startswith(magic)), (UNKNOWN_TYPE, ())
    )
    found = []
    if size == 0:
        found.append(problem("", label, _EMPTY, "empty_file"))
    elif media_type not in rule.types:
        found.append(problem("", label, _wrong_type(rule), "file_type"))
    elif name and name.rpartition(".")[2].lower() not in extensions:
        words: Words = (
            "文件名的扩展名与内容不符",
            "the extension of the name is not that of the content",
            f"请将扩展名改为 .{extensions[0]}，并确认文件没有拿错。",
            f"Make it .{extensions[0]}, and look whether it is the right file.",
        )
        found.append(problem("/name", label, words, "file_extension"))
    if size > rule.max_bytes:
        mib = rule.max_bytes >> 20
        large: Words = (
            f"文件超过 {mib} MB",
            f"the file is larger than {mib} MB",
            "请压缩或拆分。",
            "Compress or split it.",
        )
        found.append(problem("", label, large, "file_size"))
    return found, media_type


def _entry(entry: Any, where: str, rules: Mapping[str, MaterialRule], ways: tuple[str, ...]) -> Iterator[Problem]:
    """What is wrong with one entry of the list."""
    if not isinstance(entry, dict):
        yield problem(where, envelope_label(where), _NOT_A_GROUP, "type")
        return
    names = ("code", "name", *ways)
    for name in entry:
        if name not in names:
            words = unknown_name(str(name), names)
            yield problem(f"{where}/{escape(shown(str(name)))}", envelope_label(where), words, "unknown_field")
    code = entry.get("code")
    if not isinstance(code, str) or code not in rules:
        known = [f"{rule.code}（{rule.title}）" for rule in rules.values()]
        wrong = choose("没有这种材料", "no such material", known, list(rules))
        yield _part(where, "code", wrong if "code" in entry else REQUIRED, "code")
    if words_of_name := _name(entry.get("name")):
        yield _part(where, "name", words_of_name, "file_name")
    if sum(way in entry for way in ways) != 1:
        many = " 或 ".join(ways)
        both: Words = (
            f"必须且只能填写 {many}",
            f"exactly one of {', '.join(ways)} is wanted",
            "请附上文件内容，只用一种方式。",
            "Attach the file in one way.",
        )
        yield problem(where, envelope_label(where), both, "material_bytes")
    elif "content" in entry and not _is_base64(entry["content"]):
        yield _part(where, "content", _NOT_BASE64, "base64")
    elif "path" in entry and not _is_relative(entry["path"]):
        yield _part(where, "path", _NOT_RELATIVE, "path")


def _doubled(materials: list[Any]) -> Iterator[Problem]:
    """The same name twice for one kind of material: a target could not tell them apart."""
    seen: set[tuple[str, str]] = set()
    for place, entry in enumerate(materials):
        code, name = (entry.get("code"), entry.get("name")) if isinstance(entry, dict) else (None, None)
        if isinstance(code, str) and isinstance(name, str):
            if (code, name) in seen:
                yield _part(f"/materials/{place}", "name", _DOUBLED, "file_name_twice")
            seen.add((code, name))


def _missing(materials: list[Any], needed: Iterable[MaterialRule]) -> Iterator[Problem]:
    """Materials that are needed and not there."""
    given = {entry["code"] for entry in materials if isinstance(entry, dict) and isinstance(entry.get("code"), str)}
    for rule in needed:
        if rule.code not in given:
            words: Words = (
                f"缺少材料：{rule.title}（{rule.code}）",
                f"missing: {rule.title_en} ({rule.code})",
                "请附上该材料。",
                "Attach it.",
            )
            label = (f"申请材料 · {rule.title}", f"Materials · {rule.title_en}")
            yield problem("/materials", label, words, "material_missing")


def _name(name: Any) -> Words | None:
    """What is wrong with the name of a file."""
    if not isinstance(name, str) or not name.strip():
        return REQUIRED
    if len(name) > MAX_FILE_NAME:
        return f"文件名最长 {MAX_FILE_NAME} 个字符", f"at most {MAX_FILE_NAME} characters", "请缩短。", "Shorten it."
    if BAD_IN_FILE_NAMES.search(name) or not is_clean(name) or "\n" in name or "\t" in name:
        return _BAD_NAME
    if RESERVED.fullmatch(name) or name != name.strip() or name.startswith(".") or name.endswith("."):
        return _ODD_NAME
    return None


def _is_base64(content: Any) -> bool:
    """Standard base64 with padding, nothing else in between (RFC 4648, section 4)."""
    try:
        return isinstance(content, str) and binascii.a2b_base64(content, strict_mode=True) is not None
    except (binascii.Error, ValueError):
        return False


def _is_relative(path: Any) -> bool:
    """A way down from the document's own folder; no other file of the machine can be named."""
    if not isinstance(path, str) or not path or not is_clean(path) or BAD_IN_PATHS.search(path):
        return False
    return {"", ".", ".."}.isdisjoint(path.split("/"))


def _part(where: str, name: str, words: Words, code: str) -> Problem:
    pointer = f"{where}/{name}"
    return problem(pointer, envelope_label(pointer), words, code)


def _wrong_type(rule: MaterialRule) -> Words:
    known = "、".join(kind.rpartition("/")[2].upper() for kind in rule.types)
    return "文件类型不符（按内容判断）", "not a file of a type that is taken", f"请用 {known}。", f"Use {known}."


_NOT_A_LIST: Words = (
    f"应为不超过 {MAX_MATERIALS} 项的列表",
    f"a list of at most {MAX_MATERIALS} is wanted",
    "请按 bridge sample 的样例填写。",
    "Write it as `bridge sample` shows.",
)
_NOT_A_GROUP: Words = (
    "应为一组内容（JSON 对象）",
    "a group (JSON object) is wanted",
    "请按 bridge sample 的样例填写。",
    "Write it as `bridge sample` shows.",
)
_NOT_BASE64: Words = (
    "不是 Base64 编码",
    "not base64",
    "请按标准 Base64（含 = 补位，不换行）编码文件内容。",
    "Encode the file as standard base64, with padding and without line ends.",
)
_NOT_RELATIVE: Words = (
    "不是相对路径",
    "not a relative path",
    "请填写相对于申请文件所在目录的路径，用 / 分隔，不用 .. 。",
    "Write a path below the folder of the document, with / and without .. .",
)
_DOUBLED: Words = (
    "同一种材料中文件名重复",
    "two files of one kind have the same name",
    "请改名，或删去重复的文件。",
    "Rename one, or take it away.",
)
_BAD_NAME: Words = (
    "文件名中有不允许的字符",
    "a character that no file name may have",
    '请去掉 / \\ : * ? " < > | 和不可见字符。',
    'Take away / \\ : * ? " < > | and characters that cannot be seen.',
)
_ODD_NAME: Words = (
    "文件名不可用（系统保留名，或首尾为点、空格）",
    "not usable: a reserved name, or a dot or space at an end",
    "请改名。",
    "Rename it.",
)
_EMPTY: Words = ("文件是空的", "the file is empty", "请重新附上。", "Attach it again.")
