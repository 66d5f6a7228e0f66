"""The house in order: names of modules, docstrings, sizes, reasons, and nothing of a machine in what is tracked."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path

LONGEST, LONGEST_TESTS = 400, 600
"""Lines of a file past which one asks why; tests of one room may be many."""

BAGS = frozenset({"utils", "util", "helpers", "helper", "common", "core", "misc"})

MACHINE = re.compile(r"/(?:home|Users|root|work)/\w|registry\.npmmirror|mirrors?\.[a-z0-9-]+\.[a-z]+|pypi\.org/simple")
"""Paths of a machine and hosts of package registries."""

BINARY = frozenset({".pdf", ".png", ".jpg", ".zip", ".xlsx", ".docx"})


def undocumented(path: Path) -> Iterator[str]:
    """Tests of a file without a docstring."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if (
            isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
            and node.name.startswith("test_")
            and not ast.get_docstring(node)
        ):
            yield f"{path.name}: {node.name}"


def unreasoned(toml: str) -> list[str]:
    """Ignored rules of ruff that stand without a reason."""
    lines = [line.strip() for line in toml.splitlines()]
    return [line for line in lines if re.match(r'"[A-Z]+[0-9]*",', line) and not re.search(r"# \S+ \S+", line)]


def test_every_module_says_what_belongs_there(modules: Sequence[Path]) -> None:
    """Every module has a docstring."""
    assert [str(path) for path in modules if not ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))] == []


def test_no_bags(modules: Sequence[Path]) -> None:
    """No module is called by a word that any code would fit into."""
    assert [str(path) for path in modules if path.stem in BAGS] == []


def test_files_stay_small(modules: Sequence[Path], tests: Sequence[Path]) -> None:
    """A file does one thing: none has more than 400 lines."""
    for paths, longest in ((modules, LONGEST), (tests, LONGEST_TESTS)):
        sizes = {str(path): len(path.read_text(encoding="utf-8").splitlines()) for path in paths}
        assert {path: size for path, size in sizes.items() if size > longest} == {}


def test_every_test_states_its_law(tests: Sequence[Path]) -> None:
    """Each test says in one sentence what holds."""
    assert [name for path in tests for name in undocumented(path)] == []


def test_a_silent_test_is_seen(tmp_path: Path) -> None:
    """The law can fail: a test without a docstring is named."""
    (tmp_path / "test_x.py").write_text("async def test_y():\n    pass\n", encoding="utf-8")
    assert list(undocumented(tmp_path / "test_x.py")) == ["test_x.py: test_y"]


def test_every_ignored_rule_has_its_reason(repository: Path) -> None:
    """Linting is all on; what is off says why, beside it."""
    text = (repository / "pyproject.toml").read_text(encoding="utf-8")
    assert tomllib.loads(text)["tool"]["ruff"]["lint"]["select"] == ["ALL"]
    assert unreasoned(text) == []
    assert unreasoned('    "D100",\n    "E501", # long\n') == ['"D100",', '"E501", # long']


def test_every_exception_in_code_has_its_reason(modules: Sequence[Path], tests: Sequence[Path]) -> None:
    """A `noqa` names its rule and says why."""
    bare = re.compile(r"# noqa(?!: [A-Z]+[0-9]+(?:, ?[A-Z]+[0-9]+)* - \S)")
    assert [
        f"{path.name}:{number}"
        for path in [*modules, *tests]
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if bare.search(line) and path != Path(__file__)
    ] == []


def test_nothing_of_a_machine(tracked: Sequence[Path]) -> None:
    """No tracked file names a path of somebody's machine or a host of a package registry."""
    found = [
        f"{path.name}: {match[0]}"
        for path in tracked
        if path.suffix not in BINARY and path != Path(__file__)
        for match in MACHINE.finditer(path.read_text(encoding="utf-8", errors="replace"))
    ]
    assert found == []


def test_a_machine_is_seen() -> None:
    """The law can fail."""
    for text in ("/home/ann/x", "/Users/ann", "mirrors.example.com", "https://pypi.org/simple"):
        assert MACHINE.search(text), text
