"""Docs never lie: what is made from the code agrees with it, and what is promised by name is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bridge.catalogue.catalogue import Catalogue
from bridge.cli.app import COMMANDS
from bridge.cli.reference import made, outdated
from bridge.model.delivery import DeliveryState, Reason
from bridge.model.lifecycle import ApplicationState
from bridge.settings import Settings, described

PAGES = ("README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md")
LINK = re.compile(r"\]\((?!https?:|#|mailto:)([^)#]+)")


def test_the_made_pages_are_what_the_code_says(repository: Path) -> None:
    """Settings, commands, states, errors and the targets' pages are written from the code (`make docs`)."""
    assert outdated(repository / "docs") == []


def test_an_old_page_is_seen(tmp_path: Path) -> None:
    """The law can fail: a page that is missing, was edited by hand, or is of a target that is gone is named."""
    assert outdated(tmp_path) == list(made())
    for name, text in made().items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    assert outdated(tmp_path) == []
    edited = next(name for name in made() if name.startswith("targets/municipal/"))
    for name in ("reference/states.md", edited):
        with (tmp_path / name).open("a", encoding="utf-8") as page:
            page.write("\n")
    (tmp_path / "targets/gone.md").write_text("", encoding="utf-8")
    assert outdated(tmp_path) == ["reference/states.md", edited, "targets/gone.md"]


def test_every_matter_has_its_page_at_every_target(repository: Path) -> None:
    """The index leads to a page for each step of each route, and each page says what it rests on."""
    index = (repository / "docs/targets/README.md").read_text(encoding="utf-8")
    for matter in Catalogue(repository / "schemas").matters():
        for step in matter.route:
            path = f"{step.target}/{matter.name}.md"
            assert f"({path})" in index
            assert "**INVENTED**" in (repository / "docs/targets" / path).read_text(encoding="utf-8")


def test_everything_named_has_its_place(repository: Path) -> None:
    """Every setting, command and state is found on its page."""
    folder = repository / "docs/reference"
    settings, commands, states = (
        (folder / name).read_text(encoding="utf-8") for name in ("settings.md", "commands.md", "states.md")
    )
    for name, _, _, text in described():
        assert f"`{name}`" in settings
        assert text, name
    for name in COMMANDS:
        assert f"## `bridge {name}`" in commands
    for state in (*DeliveryState, *Reason, *ApplicationState):
        assert f"`{state}`" in states


def test_every_setting_has_help_in_both_languages() -> None:
    """A setting's help is Chinese, then English in brackets."""
    assert {name for name, info in Settings.model_fields.items() if not info.description} == set()
    for name, _, _, text in described():
        assert re.search("[一-鿿]", text), name
        assert "(" in text, name


def test_the_readme_shows_the_way(repository: Path) -> None:
    """The README names both commands that work on a fresh clone, and stays short."""
    text = (repository / "README.md").read_text(encoding="utf-8")
    assert "make demo" in text
    assert "make test" in text
    assert len(text.splitlines()) <= 120


def test_the_changelog_has_a_place_for_what_comes(repository: Path) -> None:
    """What is not released yet is told under Unreleased."""
    assert "## [Unreleased]" in (repository / "CHANGELOG.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("place", [*PAGES, "docs/**/*.md", "adapters/**/*.md", "schemas/**/*.md"])
def test_links_lead_somewhere(repository: Path, place: str) -> None:
    """Every link to a file of ours leads to one."""
    for page in repository.glob(place):
        for link in LINK.findall(page.read_text(encoding="utf-8")):
            assert (page.parent / link).exists(), f"{page.name}: {link}"
