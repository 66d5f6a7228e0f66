"""Benchmarks: `python -m benchmarks` measures what `docs/explanation/performance.md` tells, and prints it.

What belongs here: cells, and the trivial server, target and samples that they need. What does not: laws (they are
tests, and fail), and figures of other products that do not run here.
"""
