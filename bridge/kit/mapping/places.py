"""What may stand at a pointer of a source's shape, and what must be there for it to be there.

What does not belong here: conditions of rows (`scenes`).
"""

from __future__ import annotations

from dataclasses import dataclass

from bridge.kit.mapping.shapes import Anything, Group, Items, Shape
from bridge.model.pointer import is_position, tokens


@dataclass(frozen=True, slots=True)
class Place:
    """One place of a source."""

    shape: Shape
    optional: frozenset[str]
    """Pointers on the way (itself, too) that may be missing though all above them is there."""


def place_at(shape: Shape, pointer: str) -> Place | None:
    """What may stand at a pointer; None where nothing can."""
    optional: set[str] = set()
    at = pointer.partition("/")[0]
    for name in tokens(pointer):
        at = f"{at}/{name}"
        if isinstance(shape, Group):
            if name not in shape.parts:
                return None
            if name not in shape.always:
                optional.add(at)
            shape = shape.parts[name]
        elif isinstance(shape, Items) and is_position(name):
            if shape.most is not None and int(name) >= shape.most:
                return None
            if int(name) >= shape.least:
                optional.add(at)
            shape = shape.of
        elif not isinstance(shape, Anything):
            return None
    return Place(shape, frozenset(optional))
