"""The XML parts of a workbook, read as a stream: no document type, no entity, nothing fetched.

What belongs here: XML and the relations between parts. What does not: what sheets and cells are (`workbook`), and the
zip (`package`).
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Generator
from contextlib import closing
from pathlib import PurePosixPath
from typing import Any
from xml.parsers import expat

from bridge.sheets.package import Package
from bridge.sheets.refused import RefusedFile, damaged

MAX_ELEMENTS = 1 << 20
"""Elements of a part that is read as a whole: styles, relations, the list of sheets."""

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
STRICT = "http://purl.oclc.org/ooxml/spreadsheetml/main"

Start = Callable[[str, dict[str, str]], None]


def parse(package: Package, part: str, start: Start, end: Callable[[str], None], text: Any = None) -> Generator[None]:
    """Feed a part to handlers, giving way after each chunk; names come without the namespace of SpreadsheetML.

    Raises RefusedFile.
    """
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    names: dict[str, str] = {}

    def local(name: str) -> str:
        space, _, own = name.rpartition(" ")
        names[name] = own if space in {MAIN, STRICT, ""} else name
        return names[name]

    parser.StartElementHandler = lambda name, attributes: start(names.get(name) or local(name), attributes)
    parser.EndElementHandler = lambda name: end(names.get(name) or local(name))
    parser.CharacterDataHandler = text
    parser.StartDoctypeDeclHandler = parser.EntityDeclHandler = _refuse
    try:
        with closing(package.chunks(part)) as chunks:
            for chunk in chunks:
                parser.Parse(chunk, False)  # noqa: FBT003 - expat takes it by position only
                yield
        parser.Parse(b"", True)  # noqa: FBT003 - the same
    except (expat.ExpatError, UnicodeError, ValueError):
        raise damaged(part[:60]) from None


def _refuse(*_: Any) -> None:
    raise RefusedFile(
        "doctype",
        (
            "文件内含 DTD 或实体定义",
            "there is a document type or an entity in it",
            "请用 Excel 或 WPS 另存为 .xlsx。",
            "Save it as .xlsx with Excel or WPS.",
        ),
    )


def elements(package: Package, part: str) -> list[tuple[str, dict[str, str]]]:
    """All elements of a small part, in order."""
    found: list[tuple[str, dict[str, str]]] = []

    def start(name: str, attributes: dict[str, str]) -> None:
        if len(found) >= MAX_ELEMENTS:
            raise damaged(part[:60])
        found.append((name, attributes))

    for _ in parse(package, part, start, lambda _: None):
        pass
    return found


def related(package: Package, part: str) -> dict[str, tuple[str, str]]:
    """Relation id → (its kind, the part that it leads to), for those that lead into the package."""
    place = PurePosixPath(part)
    name = str(place.parent / "_rels" / f"{place.name}.rels") if part else "_rels/.rels"
    found = {}
    for _, attributes in elements(package, name):
        target = attributes.get("Target", "")
        if attributes.get("TargetMode") == "External" or not target:
            continue
        whole = target.lstrip("/") if target.startswith("/") else posixpath.normpath(str(place.parent / target))
        found[attributes.get("Id", "")] = (attributes.get("Type", "").rpartition("/")[2], whole)
    return found
