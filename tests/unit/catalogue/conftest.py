"""A small schemas folder of the tests' own, and the real one."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bridge.catalogue.catalogue import Catalogue
from bridge.testing.samples import generate

ROOT = Path(__file__).parents[3] / "schemas"
NOW = dt.datetime(2026, 11, 23, 1, tzinfo=dt.UTC)

MATTER = """
title = "养蜂备案"
title_en = "bee filing"
form = 1
decider = "office"
[[type]]
id = "new"
title = "首次"
title_en = "first"
[[route]]
target = "office"
[owners]
received = "office"
[identity]
applicant = "/data/name"
site = ["/data/seq"]
district = "/data/district"
park = "/data/park"
[[material]]
code = "M1"
title = "证明"
title_en = "proof"
"""


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


def text(title: str, **more: Any) -> dict[str, Any]:
    """A string box."""
    return {"title": title, "type": "string", "x-ui": {"title_en": title.upper()}, **more}


def group(title: str, properties: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A closed object."""
    return {
        "title": title,
        "type": "object",
        "properties": properties,
        "additionalProperties": False,
        "x-ui": {"title_en": title.upper()},
        **more,
    }


def rows(title: str, item: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A bounded list."""
    return {"title": title, "type": "array", "items": item, "maxItems": 5, "x-ui": {"title_en": title.upper()}, **more}


FORM = group(
    "bees",
    {
        "name": text("name", minLength=1, maxLength=8),
        "seq": text("seq", pattern="^[0-9]{3}$", maxLength=3),
        "district": text("district", format="district"),
        "park": text("park", maxLength=20),
        "day": text("day", format="date"),
        "colour": text("colour", enum=["RED", "BLUE"]),
        "count": {"title": "count", "type": "integer", "minimum": 0, "maximum": 9, "x-ui": {"title_en": "COUNT"}},
        "sworn": {"title": "sworn", "type": "boolean", "const": True, "x-ui": {"title_en": "SWORN"}},
        "flags": rows("flags", text("flag", maxLength=3), uniqueItems=True, minItems=1),
        "hives": rows("hives", group("hive", {"no": text("no", pattern="^H[0-9]{2}$", maxLength=3)}, required=["no"])),
    },
    required=["name", "seq", "district"],
)


@pytest.fixture(scope="session")
def real() -> Catalogue:
    """The catalogue of the product."""
    return Catalogue(ROOT, FrozenClock())


@pytest.fixture(scope="session")
def sample() -> dict[str, Any]:
    """A valid document of the product; never to be changed."""
    return next(generate("discharge-permit", type="new", seed=7))


@pytest.fixture
def folder(tmp_path: Path) -> Callable[..., Path]:
    """Makes a schemas folder with one matter, `bees`."""

    def make(form: dict[str, Any] = FORM, matter: str = MATTER, more: str = "") -> Path:
        for name in ("matters/bees", "registers/districts", "registers/bodies", "items"):
            (tmp_path / name).mkdir(parents=True, exist_ok=True)
        (tmp_path / "matters/bees/1.json").write_text(json.dumps(form), encoding="utf-8")
        (tmp_path / "matters/bees/matter.toml").write_text(matter + more, encoding="utf-8")
        (tmp_path / "registers/districts/x.toml").write_text(
            '[[district]]\ncode = "120101"\n[[district]]\ncode = "120107"\nsuccessor = "120101"\n', encoding="utf-8"
        )
        return tmp_path

    return make


@pytest.fixture
def bees(folder: Callable[..., Path]) -> Catalogue:
    """The catalogue of `bees`."""
    return Catalogue(folder(), FrozenClock())


@pytest.fixture
def bee() -> dict[str, Any]:
    """A valid document of `bees`."""
    return {
        "matter": "bees",
        "type": "new",
        "form": 1,
        "data": {
            "name": "蜂场",
            "seq": "001",
            "district": "120101",
            "day": "2026-01-31",
            "colour": "RED",
            "count": 3,
            "sworn": True,
            "flags": ["a", "b"],
            "hives": [{"no": "H01"}, {"no": "H02"}],
        },
        "materials": [{"code": "M1", "name": "proof.pdf", "content": "JVBERi0="}],
    }
