"""The reference pages, each made from the code that it describes: settings, commands, states, errors.

What belongs here: how they are laid out. What they say stands where the thing is defined.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any

import typer

from bridge import errors
from bridge.cli.app import COMMANDS, build
from bridge.cli.markdown import MADE, table
from bridge.model import delivery, lifecycle
from bridge.settings import CONFIG, DEFAULT_CONFIG, described


def pages() -> dict[str, str]:
    """Every page by its file name."""
    return {
        "settings.md": MADE + _settings(),
        "commands.md": MADE + _commands(),
        "states.md": MADE + _states(),
        "errors.md": MADE + _errors(),
    }


def _settings() -> str:
    """Every setting with its type, default and help, and what every adapter adds."""
    rows = [
        (f"`{name}`", kind, default if default == "–" else f"`{default}`", text)
        for name, kind, default, text in described()
    ]
    lines = [
        "# Settings",
        "",
        f"Read from variables and from one TOML file: the one that `{CONFIG}` names, else `{DEFAULT_CONFIG}` in the",
        "working folder. A variable wins. `__` goes one table deeper: `BRIDGE_RETRY__ATTEMPTS` is `attempts` under",
        "`[retry]`. A target's name is upper case in a variable and lower case in the file. A secret is never a",
        "setting's value: the setting names the file or the variable that holds it. `BRIDGE_DEBUG=1` shows",
        "the traceback of a failed command.",
        "",
        *table(("setting", "type", "default", "help"), rows),
        "",
        "## Settings of each target",
        "",
        "Beside those above, from each adapter's manifest.",
    ]
    for found in _adapters():
        lines += ["", f"### `{found.id}` {found.title}", ""]
        prefix = f"BRIDGE_TARGETS__{found.id.upper()}__"
        own = [(f"`{prefix}{one.name.upper()}`", one.default, one.help) for one in found.settings]
        own += [(f"`{prefix}SECRETS__{one.name.upper()}`", one.default, one.help) for one in found.secrets]
        lines += table(("setting", "default", "help"), [(name, _code(default), text) for name, default, text in own])
    return "\n".join(lines) + "\n"


def _adapters() -> list[Any]:
    """The manifests of our own adapters; what else is installed is not ours to describe."""
    from bridge.registry import FOLDER, available

    return [found.manifest for found in available().values() if found.folder.parent == FOLDER]


def _commands() -> str:
    """Each command with its words, from the same declarations that make its help."""
    group = typer.main.get_command(build())
    lines = [
        "# Commands",
        "",
        "Data go to standard output, talk to standard error. Exit: 0 done · 1 refused or failed · 2 usage · 3 partly",
        "done · 4 not found · 5 another holds the lock · 75 later · 130 interrupted.",
    ]
    known: Mapping[str, Any] = getattr(group, "commands", {})
    for name in [*COMMANDS, "adapters", "mapping", "audit"]:
        found = known[name]
        for path, command in _leaves(name, found):
            lines += ["", f"## `bridge {path}`", "", *_paragraphs(command.help), "", *_words_of(command)]
    return "\n".join(lines) + "\n"


def _leaves(name: str, command: Any) -> Iterable[tuple[str, Any]]:
    """A command, or each of a group."""
    inner = getattr(command, "commands", None)
    return [(name, command)] if inner is None else [(f"{name} {below}", one) for below, one in inner.items()]


def _words_of(command: Any) -> list[str]:
    """A table of the words of a command."""
    rows = [
        (
            "`" + (" ".join(one.opts) if one.opts[0].startswith("-") else one.metavar or one.name.upper()) + "`",
            (getattr(one, "help", None) or ""),
        )
        for one in command.params
        if not getattr(one, "hidden", False) and one.name != "help"
    ]
    return table(("word", "meaning"), rows) if rows else ["(no words)"]


def _states() -> str:
    """The states of deliveries and applications with the moves between them, drawn from the tables of moves."""
    lines = ["# States", "", "## Deliveries (推送)", ""]
    lines += _enum(delivery.DeliveryState)
    lines += ["", *_drawing(delivery.MOVES), "", "### Why it stands there", "", *_enum(delivery.Reason)]
    lines += ["", "### Kinds", "", *_enum(delivery.Kind)]
    lines += ["", "## Applications (申请)", "", *_enum(lifecycle.ApplicationState)]
    lines += ["", "Moves of this release:", "", *_drawing(lifecycle.MOVES)]
    return "\n".join(lines) + "\n"


def _drawing(moves: Mapping[Any, Iterable[Any]]) -> list[str]:
    """A table of moves as a drawing."""
    arrows = [f"    {old} --> {new}" for old, followers in moves.items() for new in sorted(followers)]
    return ["```mermaid", "stateDiagram-v2", *arrows, "```"]


def _enum(kind: type[StrEnum]) -> list[str]:
    """A table of an enum's members with the docstring that stands under each."""
    told = dict(re.findall(r'^    (\w+) = "[^"]*"\n    """(.*?)"""', inspect.getsource(kind), re.MULTILINE | re.DOTALL))
    return table(("name", "meaning"), [(f"`{one}`", " ".join(told[one.name].split())) for one in kind])


def _errors() -> str:
    """The error tree as drawn, and what each class asks of the caller."""
    tree = (errors.__doc__ or "").partition("\n\n")[2].partition("\n\n")[0]
    lines = ["# Errors", "", "```", tree, "```"]
    for name, kind in vars(errors).items():
        if inspect.isclass(kind) and issubclass(kind, errors.BridgeError):
            lines += ["", f"## `{name}`", "", *_paragraphs(kind.__doc__)]
    return "\n".join(lines) + "\n"


def _paragraphs(text: str | None) -> list[str]:
    """A docstring without its indentation."""
    return inspect.cleandoc(text or "").splitlines()


def _code(text: str | None) -> str:
    return f"`{text}`" if text else "–"
