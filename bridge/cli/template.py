"""`bridge template`: an empty table for a matter."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bridge.cli.opened import settings
from bridge.cli.output import print_line


def command(
    matter: Annotated[str, typer.Argument(help="事项，见 bridge matters (a matter)")],
    out: Annotated[
        Path, typer.Option("-o", "--output", help="写入的文件 .xlsx 或 .csv，不覆盖已有文件 (never overwritten)")
    ],
    type_: Annotated[
        str | None,
        typer.Option("--type", help="申请类型；给出后各行可不填类型 (a type; rows then need not name it)"),
    ] = None,
) -> None:
    """生成批量录入模板：填写后用 bridge submit 提交 (a table to fill in and submit)."""
    from bridge.catalogue.catalogue import Catalogue
    from bridge.sheets.layout import layout
    from bridge.sheets.writing import write_csv_template, write_template

    suffix = out.suffix.lower()
    if suffix not in {".xlsx", ".csv"}:
        raise typer.BadParameter(f"{out}: 应为 .xlsx 或 .csv (.xlsx or .csv is wanted)")
    catalogue = Catalogue(settings().schemas_dir)
    found = catalogue.matter(matter)
    known = [one.id for one in found.types]
    if type_ is not None and type_ not in known:
        raise typer.BadParameter(f"--type: 可选 (choose one of): {'、'.join(known)}")
    if type_ is not None and suffix == ".csv":
        raise typer.BadParameter("CSV 文件不记录类型，请在提交时给出 --type (give --type to submit instead)")
    with out.open("xb") as file:
        made = layout(catalogue, matter, found.form)
        if suffix == ".csv":
            write_csv_template(file, made)
        else:
            write_template(file, made, type_=type_)
    print_line(f"已生成 (made): {out}")
