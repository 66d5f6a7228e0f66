"""The benchmarks run: each cell with tiny numbers, so that a change of the engine cannot break them unseen."""

import pytest

from benchmarks import report, samples
from benchmarks.__main__ import CELLS
from benchmarks.measures import Figure, Results, Row, percentile
from benchmarks.queueing import missing
from benchmarks.scale import TINY


@pytest.mark.parametrize("cell", CELLS)
def test_a_cell_gives_figures(cell, tmp_path):
    """Every row of every cell has positive figures, or says aloud why it was not measured."""
    rows = list(CELLS[cell](TINY, tmp_path))
    assert rows
    for row in rows:
        assert row.cell in {cell, "bare", "celery"}
        assert row.skipped == (row.cell == "celery" and missing() is not None)
        assert row.note or all(figure.value > 0 for figure in row.figures)
        assert str(row)
    assert report.text(Results({}, rows))
    assert report.markdown(Results({}, rows))


def test_the_samples_have_the_size_that_they_are_named_by():
    """The large ones have about 600 leaves, the others the median of the generator; no two are of one applicant."""
    for size in (samples.MEDIAN, samples.LARGE):
        made = samples.documents(10, size, seed=1)
        assert all(size[0] <= samples.leaves(one["data"]) <= size[1] for one in made)
        assert len({one["data"]["applicant"]["id_no"] for one in made}) == 10


def test_leaves_are_counted():
    """Values at the ends of the tree; what is empty has none."""
    assert samples.leaves({"a": [1, {"b": None, "c": "x"}], "d": [], "e": {}}) == 3


def test_percentiles_are_of_the_nearest_rank():
    """Of 1 to 100, the 99th percentile is 99."""
    assert [percentile(range(1, 101), share) for share in (0.5, 0.99, 1.0)] == [50, 99, 100]
    assert percentile([7.0], 0.5) == 7


def test_the_tables_of_a_page_are_replaced_and_its_words_stay(tmp_path):
    """What people wrote before and after the marks stays; what stood between them goes."""
    page = tmp_path / "page.md"
    page.write_text(f"before\n{report.BEGIN}\nold\n{report.END}\nafter\n", encoding="utf-8")
    report.write_markdown(Results({"disk": "fast"}), page)
    text = page.read_text(encoding="utf-8")
    assert text.startswith("before\n")
    assert text.endswith("\nafter\n")
    assert "| disk | fast |" in text
    assert "old" not in text


def test_goals_say_what_is_met():
    """A figure below what is wanted is told as not met, and one that nobody measured as not measured."""
    rows = [
        Row("pipeline", "large, one", [Figure("rate", 500, "/s")]),
        Row("pipeline", "large, two", [Figure("rate", 900, "/s")]),
        Row("bare", "large", [Figure("rate", 3000, "/s")]),
    ]
    met = {goal.text: goal.met for goal in report.goals(Results({}, rows))}
    assert met["deliveries/s, large sample"] is True
    assert met["pipeline / bare client, large sample"] is False
    assert met["pipeline / Celery, large sample"] is None
