"""What `bridge submit` does with tables: opens them before anything is stored, and writes the error file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from bridge.cli.output import progress

if TYPE_CHECKING:
    from bridge.catalogue.catalogue import Catalogue
    from bridge.sheets.refused import RefusedFile
    from bridge.sheets.tables import Tables

TABLES = frozenset({".xlsx", ".csv", ".xls", ".xlsm"})
"""Files that are read as tables; an old or macro one is told how to become a new one."""

Opened = Mapping[str, "Tables | RefusedFile"]


def is_table(name: str) -> bool:
    """Whether a file is a table, by its name."""
    return Path(name).suffix.lower() in TABLES


def require_place(errors: Path | None, files: Sequence[str]) -> None:
    """Refuse the command where its error file could not be what was meant."""
    if errors is None:
        return
    found = [name for name in files if is_table(name)]
    if len(found) != 1:
        raise typer.BadParameter("--errors 用于一个 .xlsx 或 .csv 文件 (it is for one .xlsx or .csv file)")
    if errors.suffix.lower() != ".xlsx":
        raise typer.BadParameter(f"--errors {errors}: 应为 .xlsx (an .xlsx is wanted)")
    if errors.resolve().parent != Path(found[0]).resolve().parent:
        raise typer.BadParameter(f"--errors {errors}: 应与原文件在同一目录，材料路径才有效 (use the same folder)")
    if errors.exists():
        raise typer.BadParameter(f"--errors {errors}: 文件已存在，不覆盖 (it is there already)")


def open_tables(
    stack: ExitStack, files: Sequence[str], catalogue: Catalogue, matter: str | None, type_: str | None
) -> dict[str, Tables | RefusedFile]:
    """Every table of the files, read to its end. Raises NotFound (matter), OSError."""
    from bridge.sheets.refused import RefusedFile
    from bridge.sheets.tables import tables

    found: dict[str, Tables | RefusedFile] = {}
    names = [name for name in files if is_table(name)]
    if not names:
        return found
    if matter is not None:
        catalogue.matter(matter)
    with progress("读取 (reading)") as bar:
        for name in names:
            task = bar.add_task("", total=None)

            def tell(done: int, task: Any = task) -> None:
                bar.advance(task, done)

            try:
                made = tables(Path(name), name, catalogue, matter=matter, type_=type_, progress=tell)
                found[name] = stack.enter_context(made)
            except RefusedFile as why:
                found[name] = why
    return found


def save_errors(errors: Path, opened: Opened, rejected: Sequence[Mapping[str, Any]]) -> int:
    """Write the error file; how many rows it is for, 0 where there is none. Raises OSError."""
    from bridge.errors import Problem
    from bridge.sheets.errorfile import write_errors
    from bridge.sheets.tables import Tables

    (made,) = opened.values()
    if not isinstance(made, Tables):
        return 0
    found = {one["source"]: [Problem(**problem) for problem in one["problems"]] for one in rejected}
    return write_errors(errors, made, found)
