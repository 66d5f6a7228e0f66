"""`bridge docs` (hidden): write docs/reference and docs/targets from the code, or check that they agree with it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bridge.cli.failure import FAILED, say

TARGETS = "targets"
"""The folder in which every page is made: one that is there and was not made is of a matter or target that is gone."""


def command(
    write: Annotated[Path | None, typer.Option("--write", file_okay=False, help="写入目录 (write them there)")] = None,
    check: Annotated[
        Path | None, typer.Option("--check", file_okay=False, help="检查目录 (check that they agree)")
    ] = None,
) -> None:
    """生成或检查参考文档 (write the reference pages and the targets' pages below a folder, or check them)."""
    if (write is None) == (check is None):
        raise typer.BadParameter("请给出 --write 或 --check (give --write or --check)")
    if write is not None:
        for path in _strangers(write):
            (write / path).unlink()
        for path, text in made().items():
            (write / path).parent.mkdir(parents=True, exist_ok=True)
            (write / path).write_text(text, encoding="utf-8")
    if check is not None and (old := outdated(check)):
        say(f"请执行 bridge docs --write {check} (run it); 已过时 (outdated): {'、'.join(old)}")
        raise typer.Exit(FAILED)


def made() -> dict[str, str]:
    """Every page that is made from the code, by its path below `docs`."""
    from bridge.cli import pages, target_pages

    reference = {f"reference/{name}": text for name, text in pages.pages().items()}
    return reference | {f"{TARGETS}/{name}": text for name, text in target_pages.pages().items()}


def outdated(folder: Path) -> list[str]:
    """The pages below `folder` that are missing, no longer what the code says, or of what is no more."""
    return [
        path
        for path, text in made().items()
        if not (folder / path).is_file() or (folder / path).read_text(encoding="utf-8") != text
    ] + _strangers(folder)


def _strangers(folder: Path) -> list[str]:
    """Pages of targets or matters that are no more."""
    there = sorted((folder / TARGETS).glob("**/*.md"))
    known = made() if there else {}
    return [path for page in there if (path := page.relative_to(folder).as_posix()) not in known]
