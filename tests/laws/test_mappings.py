"""No box of a form is lost in silence at any target, and no table contradicts itself."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import pytest

from bridge.catalogue.catalogue import Catalogue
from bridge.kit.mapping.lineage import coverage
from bridge.kit.mapping.table import Table


def tables() -> dict[str, Table]:
    """Every table of every adapter that maps a matter of ours, the template's too, by target and name."""
    folders = sorted(path.parent.name for path in Path("adapters").glob("*/manifest.toml"))
    found: dict[str, Table] = {}
    for folder in folders:
        try:
            module = import_module(f"adapters.{folder}.mapping")
        except ModuleNotFoundError:
            continue
        here = [value for value in vars(module).values() if isinstance(value, Table)]
        for table in [*here, *getattr(module, "TABLES", ())]:
            found[f"{folder} {table.matter} {table.kind} {table.version}"] = table
    return found


@pytest.mark.parametrize("name", sorted(tables()))
def test_no_box_is_lost_in_silence(name: str) -> None:
    """Each leaf of the form is mapped or left out with its reason; no reason is given for one that is mapped."""
    table = tables()[name]
    catalogue = Catalogue(Path("schemas"))
    if table.matter not in {matter.name for matter in catalogue.matters()}:
        pytest.skip(f"{table.matter} is no matter of ours: the demo maps anything")
    matter = catalogue.matter(table.matter)
    found = coverage(table, catalogue.leaves(matter.name, matter.form))
    assert (found.lost, found.stale) == ((), ())


def test_the_law_can_fail() -> None:
    """A box that a table forgets is named."""
    table = next(iter(tables().values()))
    assert coverage(table, ["/data/forgotten"]).lost == ("/data/forgotten",)
