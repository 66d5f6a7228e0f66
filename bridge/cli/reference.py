"""`bridge docs` (hidden): write the pages of docs/reference from the code, or check that they agree with it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bridge.cli.failure import FAILED, say


def command(
    write: Annotated[Path | None, typer.Option("--write", file_okay=False, help="写入目录 (write them there)")] = None,
    check: Annotated[
        Path | None, typer.Option("--check", file_okay=False, help="检查目录 (check that they agree)")
    ] = None,
) -> None:
    """生成或检查参考文档 (write the reference pages, or check them)."""
    from bridge.cli.pages import pages

    if (write is None) == (check is None):
        raise typer.BadParameter("请给出 --write 或 --check (give --write or --check)")
    for name, text in pages().items():
        if write is not None:
            write.mkdir(parents=True, exist_ok=True)
            (write / name).write_text(text, encoding="utf-8")
    if check is not None and (old := outdated(check)):
        say(f"请执行 bridge docs --write {check} (run it); 已过时 (outdated): {'、'.join(old)}")
        raise typer.Exit(FAILED)


def outdated(folder: Path) -> list[str]:
    """The pages in `folder` that are missing or no longer what the code says."""
    from bridge.cli.pages import pages

    return [
        name
        for name, text in pages().items()
        if not (folder / name).is_file() or (folder / name).read_text(encoding="utf-8") != text
    ]
