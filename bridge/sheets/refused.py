"""A file that is refused as a whole, before anything of it is read as an application; and the words for it.

What belongs here: the error and how a person is told of it. What does not: the limits (they stand with what they bound)
and what is wrong with one cell (`cells`).
"""

from __future__ import annotations

from bridge.catalogue.words import DOCUMENT, Words
from bridge.errors import BridgeError, Problem

Why = tuple[str, Words]
"""Code and words of a file that is refused."""


class RefusedFile(BridgeError):
    """这个文件不能录入 (the file cannot be taken): `problem` says why and what to do; nothing of it was stored."""

    def __init__(self, code: str, words: Words, cell: str | None = None) -> None:
        super().__init__(f"{words[0]} ({words[1]})")
        self.problem = Problem("", *DOCUMENT, *words, code=code, cell=cell)


def damaged(what: str) -> RefusedFile:
    """Not what an .xlsx file is; `what` is a part of it, never its content."""
    return RefusedFile(
        "damaged_workbook",
        (
            f"不是完好的 .xlsx 文件（{what}）",
            f"not a sound .xlsx file ({what})",
            "请用 Excel 或 WPS 打开，另存为 .xlsx 后重新提交。",
            "Open it in Excel or WPS, save it as .xlsx and submit it again.",
        ),
    )


def too_much(what: str, what_en: str, limit: int) -> RefusedFile:
    """More than is taken at once."""
    return RefusedFile(
        "too_large",
        (
            f"{what}超过 {limit}",
            f"more than {limit} {what_en}",
            "请分成几个文件提交。",
            "Split it into several files.",
        ),
    )
