"""The front of the room: a file of applications opened, read to its end, and given as documents.

What belongs here: which file is which matter and form, and the order of the work. All of a file is read before its
first application is given: a file that is broken at its end has stored nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from itertools import chain, islice
from pathlib import Path

from bridge.catalogue.catalogue import Catalogue
from bridge.catalogue.text import Sourced
from bridge.errors import NotFound, SettingsError
from bridge.sheets import csvtext
from bridge.sheets.assembly import Assembler
from bridge.sheets.cell import Row
from bridge.sheets.cells import Bad, Reader
from bridge.sheets.header import Columns, is_header, read_header, require_known
from bridge.sheets.layout import META, Layout, layout
from bridge.sheets.refused import RefusedFile, Why, too_much
from bridge.sheets.spool import Spool
from bridge.sheets.workbook import Workbook, reading

MARK, VERSION = "permit-bridge", "1"
"""What the hidden sheet of a template says first."""

HEADER_ROWS = 2
MAX_ALL_ROWS = 2_000_000
"""Rows of all sheets together."""
TELL_EVERY = 200
"""Rows between two words of progress."""

Progress = Callable[[int], None]


class Tables:
    """The applications of one file."""

    def __init__(self, name: str, assembler: Assembler, type_: str | None) -> None:
        self.name, self.type = name, type_
        self.layout, self.columns, self.spool = assembler.layout, assembler.columns, assembler.spool
        self._assembler = assembler

    def documents(self) -> Iterator[Sourced]:
        """Each application in the order of the main sheet, then each row that belongs to none."""
        nothing = True
        for key, row in self.spool.applications():
            nothing = False
            yield self._assembler.sourced(self.name, key, row, self.type)
        for table, _, row in self.spool.orphans():
            nothing = False
            yield self._assembler.orphan(self.name, table, row)
        if nothing:
            yield refused(self.name, RefusedFile(*_EMPTY))


def refused(name: str, why: RefusedFile) -> Sourced:
    """A file that cannot be taken, as the entry door is told of it."""
    return Sourced(name, None, (why.problem,))


@contextmanager
def tables(
    path: Path,
    name: str,
    catalogue: Catalogue,
    *,
    matter: str | None = None,
    type_: str | None = None,
    progress: Progress = lambda _: None,
) -> Iterator[Tables]:
    """The applications of the .xlsx or .csv file at `path`, called `name` in what is told of them.

    A workbook says itself which matter and form it is for; of a CSV file `matter` says it, and the form is the current
    one. `type_` holds where a row names none. Raises RefusedFile, NotFound (matter), OSError.
    """
    with closing(Spool()) as spool:
        opening = _Opening(catalogue, spool, matter, progress)
        if path.suffix.lower() == ".csv":
            yield Tables(name, opening.csv(path), type_)
            return
        with reading(path) as book:
            told = _meta(book) if META in book.sheets else {}
            assembler = opening.workbook(book, told)
        yield Tables(name, assembler, type_ or told.get("type"))


class _Opening:
    """Reads one file to its end."""

    def __init__(self, catalogue: Catalogue, spool: Spool, matter: str | None, progress: Progress) -> None:
        self._catalogue, self._spool, self._matter, self._progress = catalogue, spool, matter, progress

    def csv(self, path: Path) -> Assembler:
        """One sheet, in which lists are columns with positions."""
        if self._matter is None:
            raise RefusedFile(*_NO_MATTER)
        found = layout(self._catalogue, self._matter, self._catalogue.matter(self._matter).form)
        reader = self._reader(found, from_text=True)
        with closing(csvtext.rows(path, csvtext.encoding_of(path))) as rows:
            columns = self._sheet(found, path.stem, rows, reader)
        if columns is None or columns.table.pattern:
            raise RefusedFile(*_NO_HEADER)
        return Assembler(self._catalogue, found, {"": columns}, reader, self._spool)

    def workbook(self, book: Workbook, told: Mapping[str, str]) -> Assembler:
        """All sheets of ours; `told` is what the hidden one says."""
        if self._matter is not None and told.get("matter", self._matter) != self._matter:
            raise RefusedFile(*_OTHER_MATTER)
        matter = told.get("matter", self._matter)
        if matter is None:
            raise RefusedFile(*_NO_MATTER)
        try:
            form = int(told["form"]) if "form" in told else self._catalogue.matter(matter).form
            found = layout(self._catalogue, matter, form)
        except (NotFound, SettingsError, ValueError):
            raise RefusedFile(*_UNKNOWN) from None
        reader = self._reader(found, from_1904=book.from_1904)
        columns: dict[str, Columns] = {}
        for sheet in book.sheets:
            with closing(book.rows(sheet)) as rows:
                made = self._sheet(found, sheet, rows, reader)
            if made is not None and made.table.pattern in columns:
                raise _sheet_twice(sheet)
            if made is not None:
                columns[made.table.pattern] = made
        if "" not in columns:
            raise RefusedFile(*_NO_HEADER)
        return Assembler(self._catalogue, found, columns, reader, self._spool)

    def _reader(self, found: Layout, *, from_1904: bool = False, from_text: bool = False) -> Reader:
        """What reads cells for the form."""
        form = self._catalogue.form(found.matter.name, found.form)

        def takes(pattern: str, value: object) -> bool:
            return pattern.startswith("/data/") and form.takes(pattern.removeprefix("/data"), value)

        return Reader(takes, from_1904=from_1904, from_text=from_text)

    def _sheet(self, found: Layout, sheet: str, rows: Iterator[Row], reader: Reader) -> Columns | None:
        """Keep the rows of one sheet; None where it is none of ours."""
        first = list(islice(rows, HEADER_ROWS))
        header = first[:1] if first and is_header(first[0]) else first
        columns = read_header(found, sheet, header)
        if columns is None:
            return None
        count = 0
        for row in chain(first[len(header) :], rows):
            require_known(columns, row)
            self._keep(columns, row, reader)
            count += 1
            if count % TELL_EVERY == 0:
                self._progress(TELL_EVERY)
        self._progress(count % TELL_EVERY)
        return columns

    def _keep(self, columns: Columns, row: Row, reader: Reader) -> None:
        """Keep one row, if there is something in its boxes."""
        if not any(one.column in columns.boxes for one in row.cells):
            return
        key = None
        cell = next((one for one in row.cells if one.column == columns.key), None)
        if cell is not None:
            with suppress(Bad):
                key = reader.plain(cell)
        if not columns.table.pattern:
            self._spool.add_application(key, row)
        else:
            self._spool.add_below(columns.table.pattern, key or "", row)
        if len(self._spool) > MAX_ALL_ROWS:
            raise too_much("各表的总行数", "rows in all sheets", MAX_ALL_ROWS)


def _meta(book: Workbook) -> dict[str, str]:
    """What the hidden sheet says."""
    told = {}
    with closing(book.rows(META)) as rows:
        for row in islice(rows, 20):
            texts = [cell.value for cell in row.cells]
            if len(texts) == 2:
                told[texts[0]] = texts[1]
    if told.get("format") != MARK or told.get("version") != VERSION:
        raise RefusedFile(*_UNKNOWN)
    return told


_EMPTY: Why = (
    "empty",
    ("没有内容", "there is nothing in it", "请在主表第 3 行起填写。", "Fill in the main sheet from row 3 on."),
)
_NO_MATTER: Why = (
    "no_matter",
    (
        "文件没有说明是哪个事项",
        "it does not say which matter it is for",
        "请用 --matter 指定事项，或使用 bridge template 生成的 .xlsx 模板。",
        "Name it with --matter, or use the .xlsx template that `bridge template` makes.",
    ),
)
_OTHER_MATTER: Why = (
    "other_matter",
    (
        "文件是另一事项的模板",
        "it is the template of another matter",
        "请去掉 --matter，或换用该事项的模板。",
        "Leave out --matter, or use the template of that matter.",
    ),
)
_UNKNOWN: Why = (
    "unknown_template",
    (
        "不认识这个模板的事项、表单或版本",
        "matter, form or version of this template are not known",
        "请用 bridge template 重新生成模板。",
        "Make a new one with `bridge template`.",
    ),
)
_NO_HEADER: Why = (
    "no_main_sheet",
    (
        "没有主表，或前两行中没有字段标识",
        "there is no main sheet, or no machine names in its first two rows",
        "请使用 bridge template 生成的模板。",
        "Use the template that `bridge template` makes.",
    ),
)


def _sheet_twice(sheet: str) -> RefusedFile:
    return RefusedFile(
        "sheet_twice",
        (
            f"同一种表出现两次：{sheet[:31]}",
            f"two sheets are for the same rows: {sheet[:31]}",
            "请合并为一张表。",
            "Put them into one.",
        ),
        cell=sheet[:31],
    )
