"""The error tree that is drawn is the error tree that is there."""

from __future__ import annotations

import inspect
from collections.abc import Iterator

from bridge import errors
from bridge.errors import BridgeError


def drawn(docstring: str) -> Iterator[tuple[str, str | None]]:
    """Each class of the drawing with its parent."""
    path: list[str] = []
    tree = docstring.partition("\n\n")[2].partition("\n\n")[0]
    for line in tree.splitlines():
        name = line.lstrip("│├└─ ")
        depth = (len(line) - len(name)) // 3
        path[depth:] = [name]
        yield name, path[depth - 1] if depth else None


def declared() -> list[tuple[str, str | None]]:
    """Each error class in the order of the file, with its parent."""
    return [
        (name, None if kind is BridgeError else kind.__base__.__name__)
        for name, kind in vars(errors).items()
        if inspect.isclass(kind) and issubclass(kind, BridgeError)
    ]


def test_drawn_is_declared() -> None:
    """Same classes, same parents, same order."""
    assert list(drawn(errors.__doc__ or "")) == declared()


def test_a_wrong_drawing_is_seen() -> None:
    """The law can fail: a class left out or hung elsewhere changes what is read."""
    text = (errors.__doc__ or "").replace("│  ├─ Refused\n", "")
    assert list(drawn(text)) != declared()


def test_every_error_says_what_to_do() -> None:
    """An error's default message is its docstring, Chinese first, then English."""
    for _, kind in inspect.getmembers(errors, inspect.isclass):
        if issubclass(kind, BridgeError) and kind is not BridgeError:
            first = (kind.__doc__ or "").splitlines()[0]
            assert any("一" <= one <= "鿿" for one in first.partition("(")[0]), kind
            assert "(" in first, kind
