"""How commands print: one JSON document on standard output with --json, tables without; progress on standard error."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import orjson

from bridge.cli.failure import clean

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress
    from rich.table import Table

WIDE = 200
"""Columns where there is no terminal: nothing is cut."""


def print_json(value: Any) -> None:
    """One JSON document and a newline."""
    sys.stdout.write(orjson.dumps(value).decode() + "\n")
    sys.stdout.flush()


def print_list(values: Iterable[dict[str, Any]]) -> None:
    """A JSON array, written as it comes, so that a long list needs no memory."""
    sys.stdout.write("[")
    for place, one in enumerate(values):
        sys.stdout.write((",\n" if place else "\n") + orjson.dumps(one).decode())
    sys.stdout.write("\n]\n")
    sys.stdout.flush()


def print_line(text: str = "") -> None:
    """One line for people on standard output."""
    sys.stdout.write(clean(text) + "\n")


def console(*, stderr: bool = False) -> Console:
    """A console that knows whether it is a terminal, and NO_COLOR."""
    from rich.console import Console

    stream = sys.stderr if stderr else sys.stdout
    return Console(file=stream, highlight=False, markup=False, width=None if stream.isatty() else WIDE)


def table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> Table:
    """A table for people; an empty cell where there is nothing."""
    from rich import box
    from rich.table import Table

    made = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for column in columns:
        made.add_column(column, overflow="fold")
    for row in rows:
        made.add_row(*("" if one is None else clean(str(one)) for one in row))
    return made


def print_table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print a table; an empty one says so."""
    made = table(columns, rows)
    console().print(made if made.row_count else "没有记录 (none)")


@contextmanager
def progress(text: str) -> Iterator[Progress]:
    """A progress display on standard error; nothing where that is no terminal."""
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    shown = console(stderr=True)
    columns = (SpinnerColumn(), TextColumn(text), TextColumn("{task.completed:.0f}"), TimeElapsedColumn())
    with Progress(*columns, console=shown, disable=not shown.is_terminal, transient=True) as bar:
        yield bar
