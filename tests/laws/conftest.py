"""What the laws look at."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

PRODUCT = ("bridge", "adapters")


@pytest.fixture(scope="session")
def modules(repository: Path) -> Sequence[Path]:
    """Every module of the product."""
    return sorted(path for folder in PRODUCT for path in (repository / folder).rglob("*.py"))


@pytest.fixture(scope="session")
def tests(repository: Path) -> Sequence[Path]:
    """Every file of tests."""
    return sorted((repository / "tests").rglob("*.py"))


@pytest.fixture(scope="session")
def tracked(repository: Path) -> Sequence[Path]:
    """Every file that is, or would be, under version control; those of the product where there is no git."""
    done = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=repository,
        capture_output=True,
        check=False,
    )
    if done.returncode:
        return sorted(path for path in repository.rglob("*.py") if ".venv" not in path.parts)
    names = [name for name in done.stdout.decode().split("\0") if name]
    return sorted(repository / name for name in names if (repository / name).is_file())
