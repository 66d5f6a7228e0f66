"""A published form, target schema or mapping is never edited: the next version is added beside it.

`published.json` pins the digest of each. Before the release that first holds a file it stands under `draft`, where it
may change with its digest (`make pins`); the release moves it to `published`, for ever.
"""

from __future__ import annotations

import dataclasses
import enum
import hashlib
import importlib
import json
import re
import subprocess
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from types import FunctionType
from typing import Any

import pytest

from bridge.kit.mapping.converters import codes
from bridge.kit.mapping.table import Row

ROOT = Path(__file__).parent.parent.parent
PINS = Path(__file__).parent / "published.json"
FILES = ("schemas/matters/*/*.json", "schemas/common/*.json", "adapters/[a-z]*/schemas/*")
"""What is pinned as a file. Guidance, items and registers are dated inside and may be added to."""

Pins = Mapping[str, Mapping[str, str]]


def told(value: Any) -> Any:  # noqa: PLR0911 - one line per kind of value
    """A mapping table as plain JSON data, with what its converters close over, so that no word of it goes unnoticed."""
    match value:
        case enum.Enum():
            return value.value
        case str() | int() | bool() | None:
            return value
        case Mapping():
            return [[told(name), told(one)] for name, one in value.items()]
        case set() | frozenset():
            return sorted(json.dumps(told(one), ensure_ascii=False) for one in value)
        case tuple() | list():
            return [told(one) for one in value]
        case re.Pattern():
            return value.pattern
        case partial():
            return [told(value.func), told(value.args), told(value.keywords)]
        case FunctionType():
            return [value.__qualname__, [told(cell.cell_contents) for cell in value.__closure__ or ()]]
        case _ if dataclasses.is_dataclass(value):
            fields = [[one.name, told(getattr(value, one.name))] for one in dataclasses.fields(value)]
            return [type(value).__name__, fields]
        case _:
            return getattr(value, "__qualname__", type(value).__name__)


def digest(data: bytes) -> str:
    """As every digest is written."""
    return "sha256:" + hashlib.sha256(data).hexdigest()


def found(root: Path = ROOT) -> Iterator[tuple[str, str]]:
    """Everything that is pinned, with its digest now."""
    for pattern in FILES:
        for path in sorted(root.glob(pattern)):
            yield path.relative_to(root).as_posix(), digest(path.read_bytes())
    for folder in sorted(root.glob("adapters/[a-z]*/")):
        if (folder / "manifest.toml").is_file():
            module = importlib.import_module(f"adapters.{folder.name}.mapping")
            for table in getattr(module, "TABLES", ()):
                text = json.dumps(told(table), ensure_ascii=False).encode()
                yield f"adapters/{folder.name}/{table.matter}/{table.kind.value}/{table.version}", digest(text)


def changed(pins: Pins, now: Mapping[str, str]) -> list[str]:
    """What is not as it was pinned, in words."""
    drafts, published = pins["draft"], pins["published"]
    return (
        [f"published, then edited: {name}" for name, one in published.items() if now.get(name) != one]
        + [f"changed, run `make pins`: {name}" for name, one in drafts.items() if now.get(name) != one]
        + [f"new, run `make pins`: {name}" for name in now if name not in {**drafts, **published}]
    )


def pins(text: str) -> Pins:
    """The file."""
    read: Pins = json.loads(text)
    return read


def test_everything_is_as_it_was_pinned() -> None:
    """Every form, schema and mapping has the digest that is pinned for it."""
    assert changed(pins(PINS.read_text(encoding="utf-8")), dict(found())) == []


@pytest.mark.parametrize("section", ["draft", "published"])
def test_a_planted_change_is_seen(section: str) -> None:
    """The law can fail: one byte in a pinned file, or one word in a mapping, is named."""
    now = dict(found())
    names = list(now)
    before: Pins = {"draft": {}, "published": {}, section: now}
    for name in (names[0], names[-1]):
        assert len(changed(before, {**now, name: digest(b"another")})) == 1
    assert len(changed(before, {**now, "schemas/matters/new/1.json": ""})) == 1
    assert len(changed(before, {name: one for name, one in now.items() if name != names[0]})) == 1


def test_a_word_in_a_mapping_counts() -> None:
    """A row's target, a code of a code table and a length each change what is told of a table."""
    rows = [
        Row("a", "/data/a"),
        Row("b", "/data/a"),
        Row("a", "/data/a", max_length=3),
        Row("a", "/data/a", convert=codes({"X": "1"})),
        Row("a", "/data/a", convert=codes({"X": "2"})),
    ]
    assert len({json.dumps(told(row)) for row in rows}) == len(rows)


def test_releases_are_not_edited() -> None:
    """What `published.json` of any release tag calls published still has the same digest there."""
    now = pins(PINS.read_text(encoding="utf-8"))["published"]
    for tag in git("tag", "--list", "v*").split():
        then = pins(git("show", f"{tag}:tests/laws/published.json") or '{"draft": {}, "published": {}}')
        assert {name: now.get(name) for name in then["published"]} == then["published"], tag


def git(*words: str) -> str:
    """What git says; nothing where it cannot."""
    try:
        done = subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=False)
    except OSError:
        return ""
    return done.stdout if done.returncode == 0 else ""


def write() -> None:
    """Pin the drafts anew. What is published stays as it is."""
    published = pins(PINS.read_text(encoding="utf-8"))["published"] if PINS.is_file() else {}
    drafts = {name: one for name, one in found() if name not in published}
    PINS.write_text(json.dumps({"draft": drafts, "published": published}, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    write()
