"""`python -m benchmarks`: run the cells, print their rows as they come, and the table at the end."""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import orjson

from benchmarks import report
from benchmarks.cells import acceptance, claim, document, latency, ledger, memory, pipeline, tables
from benchmarks.machine import describe
from benchmarks.measures import Results, Row
from benchmarks.scale import FULL, QUICK, TINY, Scale
from bridge import telemetry

CELLS: dict[str, Callable[[Scale, Path | None], Iterator[Row]]] = {
    "pipeline": pipeline.run,
    "latency": latency.run,
    "accept": acceptance.run,
    "claim": claim.run,
    "memory": memory.run,
    "document": document.run,
    "ledger": ledger.run,
    "tables": tables.run,
}


def main(arguments: list[str] | None = None) -> None:
    """Read the command line and run."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "--only", choices=CELLS, action="append", help="只运行这一项，可重复 (this cell only; may be repeated)"
    )
    parser.add_argument("--quick", action="store_true", help="少量数据，一分钟左右 (small numbers, about a minute)")
    parser.add_argument("--tiny", action="store_true", help="只看能否运行 (only to see that all runs)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="结果写入 JSON 文件 (write the results as JSON)")
    parser.add_argument(
        "--markdown",
        type=Path,
        metavar="FILE",
        help="结果写入该 Markdown 文件的标记之间 (write the tables between the marks of a page)",
    )
    parser.add_argument(
        "--folder", type=Path, help="数据库所在目录，须在真实磁盘上 (where databases are made: a real disk)"
    )
    given = parser.parse_args(arguments)
    scale = TINY if given.tiny else QUICK if given.quick else FULL
    results = measure(given.only or list(CELLS), scale, given.folder)
    print("\n" + report.text(results))
    if given.json:
        kept = {"machine": results.machine, "rows": [row.json() for row in results.rows]}
        given.json.write_bytes(orjson.dumps(kept, option=orjson.OPT_INDENT_2))
    if given.markdown:
        report.write_markdown(results, given.markdown)


def measure(names: list[str], scale: Scale, folder: Path | None) -> Results:
    """Run cells, and print each row as it comes."""
    telemetry.configure("ERROR")
    results = Results(describe(folder))
    for name, value in results.machine.items():
        print(f"{name:12} {value}")
    print()
    for name in names:
        began = time.perf_counter()
        for row in CELLS[name](scale, folder):
            results.rows.append(row)
            print(row, flush=True)
        print(f"{name:10} ({time.perf_counter() - began:.0f} s)\n", flush=True)
    return results


if __name__ == "__main__":
    main()
