"""Workbooks made in every way that people and programs make them."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from bridge.catalogue.catalogue import Catalogue
from bridge.catalogue.text import Sourced
from bridge.sheets.layout import Layout, layout
from bridge.sheets.tables import tables
from bridge.sheets.writing import write_documents
from bridge.testing.samples import generate

SCHEMAS = Path(__file__).parents[3] / "schemas"
NOW = dt.datetime(2026, 11, 23, 1, tzinfo=dt.UTC)


class FrozenClock:
    """A clock that stands still."""

    def now(self) -> dt.datetime:
        """The fixed instant."""
        return NOW

    def monotonic(self) -> float:
        """Zero."""
        return 0.0

    async def sleep(self, seconds: float) -> None:
        """Nothing."""


@pytest.fixture(scope="session")
def real() -> Catalogue:
    """The catalogue of the product."""
    return Catalogue(SCHEMAS, FrozenClock())


def by_path(document: Mapping[str, Any]) -> dict[str, Any]:
    """A document whose files are given by their path, as a table gives them."""
    files = [
        {"code": one["code"], "name": one["name"], "path": f"files/{one['name']}"} for one in document["materials"]
    ]
    return {**document, "materials": files}


def documents(matter: str, type_: str | None = None, seed: int = 1, count: int = 1) -> list[dict[str, Any]]:
    """Valid documents."""
    return [by_path(one) for one in generate(matter, type=type_, seed=seed, count=count)]


def workbook(path: Path, made: Layout, found: Sequence[Mapping[str, Any]]) -> Path:
    """A template with documents in it."""
    out = io.BytesIO()
    write_documents(out, made, found)
    path.write_bytes(out.getvalue())
    return path


def read(path: Path, catalogue: Catalogue, **more: Any) -> list[Sourced]:
    """What a file says."""
    with tables(path, path.name, catalogue, **more) as opened:
        return list(opened.documents())


class Typed:
    """A workbook of one application, as a person changes it in another program and saves it."""

    def __init__(self, path: Path, catalogue: Catalogue, document: dict[str, Any]) -> None:
        self.path, self.catalogue, self.document = path, catalogue, document
        self.layout = layout(catalogue, document["matter"], document["form"])
        workbook(path, self.layout, [document])
        self.book = openpyxl.load_workbook(path)

    def cell(self, pattern: str, sheet: str = "主表", row: int = 3) -> Any:
        """The cell of a box."""
        found = self.book[sheet]
        column = next(one.column for one in found[2] if one.value == pattern)
        return found.cell(row, column)

    def saved(self) -> Sourced:
        """What is read after saving."""
        self.book.save(self.path)
        return read(self.path, self.catalogue)[0]


@pytest.fixture
def typed(tmp_path: Path, real: Catalogue) -> Typed:
    """One application in a workbook that another program saves."""
    return Typed(tmp_path / "typed.xlsx", real, documents("isotope-transfer")[0])
