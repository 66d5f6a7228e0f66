"""Reading a workbook of very many applications, in a process of its own: time, and memory at its highest."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import xlsxwriter

from benchmarks.measures import Figure, Row
from benchmarks.place import data_folder
from benchmarks.scale import Scale
from bridge.catalogue.catalogue import Catalogue
from bridge.sheets.laying import lay
from bridge.sheets.layout import META, layout
from bridge.sheets.tables import HEADER_ROWS, MARK, VERSION
from bridge.sheets.writing import columns_of
from bridge.testing.samples import generate

MATTER = "isotope-transfer"
SCHEMAS = Path(__file__).parents[2] / "schemas"

READER = """
import json, sys, time
from pathlib import Path
from bridge.catalogue.catalogue import Catalogue
from bridge.sheets.tables import tables

path, root, checked = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3] == "checked"
catalogue = Catalogue(root)
began, seen, good, rows = time.perf_counter(), 0, 0, 0

def told(count):
    global rows
    rows += count

with tables(path, path.name, catalogue, progress=told) as opened:
    for one in opened.documents():
        seen += 1
        good += not one.problems and (not checked or catalogue.check(one.document, paths_allowed=True).ok)
seconds = time.perf_counter() - began
# The highest resident memory of this program, in KiB (proc(5)); getrusage would count that of the one which began it.
status = Path("/proc/self/status").read_text()
peak = int(status.partition("VmHWM:")[2].split()[0]) / 1024
print(json.dumps({"seconds": seconds, "peak": peak, "seen": seen, "good": good, "rows": rows}))
"""


def run(scale: Scale, under: Path | None) -> Iterator[Row]:
    """Read to documents, then with every check of the catalogue."""
    with data_folder(under) as folder:
        path = folder / "many.xlsx"
        _write(path, scale.in_table)
        for case, words in (("read", "plain"), ("read and checked", "checked")):
            result = _read(path, words)
            if result["seen"] != scale.in_table or result["good"] != scale.in_table:
                raise RuntimeError(f"{result['good']} of {scale.in_table} applications came back")
            rate = result["seen"] / result["seconds"]
            figures = [Figure("peak", result["peak"], "MB"), Figure("time", result["seconds"], "s")]
            figures.append(Figure("rate", rate, "/s"))
            note = f"{result['rows']:,} rows of all sheets, {path.stat().st_size / 1e6:.0f} MB, shared texts"
            yield Row("tables", f"{scale.in_table:,} applications, {case}", figures, note)


def _read(path: Path, words: str) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-c", READER, str(path), str(SCHEMAS), words], capture_output=True, text=True, check=True
    )
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def _write(path: Path, count: int) -> None:
    """A filled template as Excel saves it: each text once, in a table that all sheets share."""
    catalogue = Catalogue(SCHEMAS)
    made = layout(catalogue, MATTER, catalogue.matter(MATTER).form)
    book = xlsxwriter.Workbook(str(path), {"strings_to_formulas": False, "strings_to_urls": False})
    sheets, places, rows = {}, {}, {}
    for table in made.tables:
        sheets[table.pattern] = book.add_worksheet(table.sheet)
        places[table.pattern] = {column.name: place for place, column in enumerate(columns_of(table))}
        rows[table.pattern] = HEADER_ROWS
        for name, place in places[table.pattern].items():
            sheets[table.pattern].write_string(1, place, name)
    for number, document in enumerate(generate(MATTER, seed=1, count=count), 1):
        files = [{**one, "path": f"files/{number}/{one['code']}.pdf"} for one in document["materials"]]
        for table, texts in lay({**document, "materials": files}, made, str(number)):
            at = table.pattern
            for name, text in texts.items():
                sheets[at].write_string(rows[at], places[at][name], text)
            rows[at] += 1
    meta = book.add_worksheet(META)
    told = {"format": MARK, "version": VERSION, "matter": MATTER, "form": str(made.form)}
    for row, pair in enumerate(told.items()):
        meta.write_row(row, 0, pair)
    book.close()
