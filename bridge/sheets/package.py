"""The zip that an .xlsx file is: opened only if it can be read to its end in bounded memory and time.

What belongs here: what is refused by looking at the zip's own directory and the names of its parts. What does not: the
XML inside (`workbook`).
"""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path

from bridge.sheets.refused import RefusedFile, damaged, too_much

MAX_FILE_BYTES = 128 << 20
"""The file as it lies on the disk."""
MAX_UNPACKED_BYTES = 1 << 30
"""All parts together, unpacked. A workbook of 50,000 applications has about 0.3 GiB."""
MAX_RATIO = 250
"""Unpacked to packed bytes of one part that is larger than `RATIO_FROM`; sheets of equal rows reach about 60."""
RATIO_FROM = 4 << 20
MAX_PARTS = 500
CHUNK = 1 << 16

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""How an old .xls begins, and a workbook with a password."""
ZIP = b"PK\x03\x04"
ENCRYPTED = 0x1
"""Bit of a zip entry's flags."""

_UNWANTED = {
    "xl/vbaproject.bin": (
        "macro",
        ("文件带有宏", "there are macros in it", "请另存为不带宏的 .xlsx。", "Save it as .xlsx without macros."),
    ),
    "xl/externallinks/": (
        "external_link",
        (
            "文件引用了其他文件或程序的数据",
            "it refers to data of other files or programs",
            "请在“数据 - 编辑链接”中断开链接，将单元格粘贴为数值。",
            "Break the links (Data, Edit Links) and paste the cells as values.",
        ),
    ),
}
"""Parts by which a workbook does more than hold values."""


class Package:
    """The parts of a sound zip."""

    def __init__(self, file: zipfile.ZipFile) -> None:
        self._file = file
        self._names = {one.filename.lower().lstrip("/"): one for one in file.infolist()}

    def has(self, name: str) -> bool:
        """Whether there is a part of the name; upper and lower case are the same (OPC, ECMA-376 part 2)."""
        return name.lower() in self._names

    def chunks(self, name: str) -> Generator[bytes]:
        """The bytes of a part. Raises RefusedFile where it is missing or broken."""
        try:
            with self._file.open(self._names[name.lower()]) as part:
                while data := part.read(CHUNK):
                    yield data
        except (KeyError, zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError):
            raise damaged(name[:60]) from None


@contextmanager
def opened(path: Path) -> Iterator[Package]:
    """The zip at `path`, looked over. Raises RefusedFile, OSError."""
    _look_at_head(path)
    try:
        file = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        raise damaged("ZIP") from None
    with file:
        _look_over(file.infolist())
        yield Package(file)


def _look_at_head(path: Path) -> None:
    """What the first bytes and the size tell."""
    with path.open("rb") as file:
        head = file.read(8)
    if head == OLE:
        raise RefusedFile(
            "old_workbook",
            (
                "是旧版 .xls 文件，或设有打开密码",
                "an old .xls file, or one that needs a password",
                "请去掉密码，另存为 .xlsx。",
                "Take the password away and save it as .xlsx.",
            ),
        )
    if not head.startswith(ZIP):
        raise damaged("ZIP")
    if path.stat().st_size > MAX_FILE_BYTES:
        raise too_much("文件字节数", "bytes", MAX_FILE_BYTES)


def _look_over(entries: list[zipfile.ZipInfo]) -> None:
    """What the directory tells. `zipfile` never unpacks more of a part than is said there."""
    if len(entries) > MAX_PARTS:
        raise too_much("文件内的部件数", "parts", MAX_PARTS)
    if not all(_is_plain(one) for one in entries):
        raise damaged("ZIP")
    names = {one.filename.lower().lstrip("/") for one in entries}
    if len(names) < len(entries):
        raise damaged("ZIP")
    for start, (code, words) in _UNWANTED.items():
        if any(name.startswith(start) for name in names):
            raise RefusedFile(code, words)
    if sum(one.file_size for one in entries) > MAX_UNPACKED_BYTES:
        raise too_much("解压后字节数", "bytes unpacked", MAX_UNPACKED_BYTES)
    for one in entries:
        if one.file_size > RATIO_FROM and one.file_size > MAX_RATIO * max(one.compress_size, 1):
            raise RefusedFile(
                "zip_bomb",
                (
                    "压缩比异常",
                    "it is packed far too tightly",
                    "请在新的模板中重新填写，只保留有内容的行。",
                    "Fill in a new template, and keep only the rows that hold something.",
                ),
            )


def _is_plain(entry: zipfile.ZipInfo) -> bool:
    """Whether a part is packed as workbooks are."""
    return not entry.flag_bits & ENCRYPTED and entry.compress_type in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
