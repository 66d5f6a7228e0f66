"""What a person is told of a failure: message and remedy, Chinese and English, and the Problem made of them."""

from __future__ import annotations

from collections.abc import Sequence

from bridge.errors import Problem, Severity

Words = tuple[str, str, str, str]
"""message, message_en, remedy, remedy_en."""

LABELS: dict[str, tuple[str, str]] = {
    "matter": ("事项", "Matter"),
    "type": ("申请类型", "Type"),
    "form": ("表单版本", "Form version"),
    "reference": ("业务流水号", "Reference"),
    "data": ("申请内容", "Data"),
    "materials": ("申请材料", "Materials"),
}
"""The parts of a document."""

FILE_LABELS: dict[str, tuple[str, str]] = {
    "code": ("材料编码", "code"),
    "name": ("文件名", "file name"),
    "content": ("文件内容", "content"),
    "path": ("文件路径", "path"),
}
"""The parts of an attached file."""

DOCUMENT = ("申请文件", "Document")
REQUIRED: Words = ("必须填写", "it must be filled in", "请填写此项。", "Fill it in.")


def problem(pointer: str, label: tuple[str, str], words: Words, code: str, *, severity: Severity = "error") -> Problem:
    """A Problem at a box, in its words."""
    return Problem(pointer, *label, *words, severity=severity, code=code)


def envelope_label(pointer: str) -> tuple[str, str]:
    """The label of a pointer outside `/data`: a part of the document, or one attached file and its part."""
    first, _, rest = pointer.removeprefix("/").partition("/")
    label, label_en = LABELS.get(first, DOCUMENT)
    place, _, part = rest.partition("/")
    if first != "materials" or not place.isdigit():
        return label, label_en
    label, label_en = f"{label} 第 {int(place) + 1} 项", f"{label_en} {int(place) + 1}"
    if part not in FILE_LABELS:
        return label, label_en
    return f"{label} · {FILE_LABELS[part][0]}", f"{label_en} · {FILE_LABELS[part][1]}"


def choose(message: str, message_en: str, known: Sequence[str], known_en: Sequence[str] = ()) -> Words:
    """Something that is not one of those known."""
    return message, message_en, f"可选：{'、'.join(known)}。", f"Choose one of: {', '.join(known_en or known)}."
