"""The end of a run: ratios, and what the project wants against what was measured."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from benchmarks.cells.pipeline import SIZES
from benchmarks.measures import Goal, Results


def ratios(results: Results) -> Iterator[tuple[str, str]]:
    """What the pipeline costs against doing without it, and against a task queue."""
    for size in SIZES:
        ours, bare, queue = (results.best(cell, size, "rate") for cell in ("pipeline", "bare", "celery"))
        if ours and bare:
            yield f"pipeline / bare client, {size}", f"{ours / bare:.2f}"
        if ours and queue:
            yield f"pipeline / Celery, {size}", f"{ours / queue:.2f}"
    for order in ("insertion order", "any order"):
        for group in (50, 200):
            if ratio := claim_ratio(results, order, group):
                yield f"claim of {group}, {order}, many due / few due", f"{ratio:.2f}"


def claim_ratio(results: Results, order: str, group: int) -> float | None:
    """How much longer a claim takes where very many are due."""
    rows = [row for row in results.rows if row.cell == "claim" and row.case.endswith(f"{order}, {group} at once")]
    values = [value for row in rows if (value := row.value("p50")) is not None]
    return values[-1] / values[0] if len(values) == 2 else None


def goals(results: Results) -> list[Goal]:
    """What the project wants of a machine with two cores."""
    ours = results.best("pipeline", "large", "rate")
    bare, queue = results.best("bare", "large", "rate"), results.best("celery", "large", "rate")

    def worst_claim(*orders: str) -> float | None:
        found = [ratio for order in orders for group in (50, 200) if (ratio := claim_ratio(results, order, group))]
        return max(found, default=None)

    return [
        Goal("deliveries/s, large sample", 800, ours, "/s"),
        Goal("pipeline / Celery, large sample", 5, ours / queue if ours and queue else None, "×"),
        Goal("pipeline / bare client, large sample", 0.5, ours / bare if ours and bare else None, "×"),
        Goal("claim, many due / few due, insertion order", 1.5, worst_claim("insertion order"), "×", at_most=True),
        Goal("claim, many due / few due, any order", 4, worst_claim("any order"), "×", at_most=True),
        Goal("memory", 150, results.best("memory", "", "peak"), "MB", at_most=True),
        Goal("memory, reading a workbook", 150, results.best("tables", "", "peak"), "MB", at_most=True),
        Goal("read, check and map 600 leaves", 600, results.best("document", "", "total"), "us", at_most=True),
        Goal("p50 at 25 applications/s", 20, results.find("latency", "25 ", "p50"), "ms", at_most=True),
        Goal("events verified/s", 50_000, results.find("ledger", "verify", "rate"), "/s"),
        Goal("proof of one event, longest", 50, results.find("ledger", "prove", "longest"), "ms", at_most=True),
    ]


def text(results: Results) -> str:
    """Ratios and goals as a table for a terminal."""
    lines = [f"{name:52} {value:>8}" for name, value in ratios(results)]
    lines.append("")
    for goal in goals(results):
        sign = "≤" if goal.at_most else "≥"
        measured = "-" if goal.measured is None else f"{goal.measured:,.2f}"
        lines.append(f"{goal.text:46} {sign} {goal.wanted:>6,g} {goal.unit:3} {measured:>10}  {_verdict(goal)}")
    return "\n".join(lines)


def markdown(results: Results) -> str:
    """Machine, rows, ratios and goals as tables for the documentation."""
    parts = ["| | |", "|---|---|", *(f"| {name} | {value} |" for name, value in results.machine.items()), ""]
    parts += ["| cell | case | figures | note |", "|---|---|---|---|"]
    for row in results.rows:
        told = "skipped" if row.skipped else " · ".join(f"{one.name} {one}" for one in row.figures)
        parts.append(f"| {row.cell} | {row.case} | {told} | {row.note.replace('|', ' ')} |")
    parts += ["", "| ratio | |", "|---|---|", *(f"| {name} | {value} |" for name, value in ratios(results)), ""]
    parts += ["| wanted | | measured | |", "|---|---|---|---|"]
    for goal in goals(results):
        measured = "-" if goal.measured is None else f"{goal.measured:,.2f} {goal.unit}"
        sign = "≤" if goal.at_most else "≥"
        parts.append(f"| {goal.text} | {sign} {goal.wanted:,g} {goal.unit} | {measured} | {_verdict(goal)} |")
    return "\n".join(parts) + "\n"


BEGIN, END = "<!-- figures: python -m benchmarks --markdown -->", "<!-- end of figures -->"
"""Between these marks of a page the tables stand."""


def write_markdown(results: Results, page: Path) -> None:
    """Put the tables between the marks of a page; the whole page where there is none yet or it has no marks."""
    kept = page.read_text(encoding="utf-8") if page.exists() else ""
    before, found, rest = kept.partition(BEGIN)
    _, ended, after = rest.partition(END)
    if not found or not ended:
        before, after = "", "\n"
    page.write_text(f"{before}{BEGIN}\n\n{markdown(results)}\n{END}{after}", encoding="utf-8")


def _verdict(goal: Goal) -> str:
    return {True: "met", False: "NOT MET", None: "not measured"}[goal.met]
