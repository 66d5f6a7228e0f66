from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.catalogue.patterns import BadPattern, check_pattern
from bridge.catalogue.subset import leaves, load
from bridge.errors import SettingsError

from .conftest import FORM, ROOT, group, rows, text

FORMATS = frozenset({"date", "district"})


def write(root: Path, name: str, schema: Any) -> Path:
    """A schema file."""
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(schema), encoding="utf-8")
    return path


def test_a_form_of_the_subset_is_taken(tmp_path: Path) -> None:
    """What keeps the rules is loaded as it stands, and its leaves are known."""
    schema = load(tmp_path, write(tmp_path, "1.json", FORM), FORMATS)
    assert schema == FORM
    assert list(leaves(schema))[-3:] == ["/sworn", "/flags/*", "/hives/*/no"]


BAD: dict[str, Any] = {
    "no type": {"title": "a", "maxLength": 3},
    "null": text("a") | {"type": "null"},
    "number": text("a") | {"type": "number"},
    "several types": text("a", maxLength=3) | {"type": ["string", "null"]},
    "no title": {"type": "string", "maxLength": 3, "x-ui": {"title_en": "A"}},
    "no English title": {"title": "a", "type": "string", "maxLength": 3},
    "unbounded text": text("a"),
    "unknown format": text("a", format="hostname"),
    "unbounded list": {k: v for k, v in rows("a", text("b", maxLength=3)).items() if k != "maxItems"},
    "list of anything": {k: v for k, v in rows("a", text("b")).items() if k != "items"},
    "unique groups": rows("a", group("b", {"c": text("c", maxLength=1)}), uniqueItems=True),
    "bounds exchanged": text("a", minLength=5, maxLength=3),
    "items exchanged": rows("a", text("b", maxLength=1), minItems=9),
    "open group": group("a", {"b": text("b", maxLength=1)}) | {"additionalProperties": True},
    "group without parts": group("a", {}),
    "required but unknown": group("a", {"b": text("b", maxLength=1)}, required=["c"]),
    "fractional bound": {"title": "a", "type": "integer", "minimum": 0.5, "x-ui": {"title_en": "A"}},
    "enum of another type": text("a", enum=["x", 1]),
    "empty enum": text("a", enum=[]),
    "const of another type": {"title": "a", "type": "boolean", "const": 1, "x-ui": {"title_en": "A"}},
    "pattern": text("a", maxLength=3, pattern="[0-9]"),
    **{
        keyword: text("a", maxLength=3, **{keyword: value})
        for keyword, value in {
            "anyOf": [],
            "allOf": [],
            "oneOf": [],
            "not": {},
            "if": {},
            "then": {},
            "else": {},
            "default": "x",
            "nullable": True,
            "multipleOf": 1,
            "minimum": 1,
            "contentEncoding": "base64",
            "$anchor": "x",
            "$dynamicRef": "#x",
            "properties": {},
            "items": {},
        }.items()
    },
    **{
        keyword: group("a", {"b": text("b", maxLength=1)}, **{keyword: value})
        for keyword, value in {
            "patternProperties": {},
            "propertyNames": {},
            "dependentRequired": {},
            "dependentSchemas": {},
            "minProperties": 1,
            "unevaluatedProperties": False,
        }.items()
    },
    **{
        keyword: rows("a", text("b", maxLength=1), **{keyword: value})
        for keyword, value in {"prefixItems": [], "contains": {}, "minContains": 1, "unevaluatedItems": False}.items()
    },
    "exclusiveMinimum": {"title": "a", "type": "integer", "exclusiveMinimum": 1, "x-ui": {"title_en": "A"}},
}


@pytest.mark.parametrize("name", BAD)
def test_what_is_outside_the_subset_is_refused_with_its_place(name: str, tmp_path: Path) -> None:
    """Every keyword that validators read differently, and every missing bound, is refused when the form is loaded."""
    path = write(tmp_path, "1.json", group("form", {"ok": text("ok", maxLength=1), "bad": BAD[name]}))
    with pytest.raises(SettingsError, match=r"1\.json: /bad"):
        load(tmp_path, path, FORMATS)


@pytest.mark.parametrize(
    "schema", [[], "x", True, text("a", maxLength=1), {"$schema": "http://json-schema.org/draft-07/schema#", **FORM}]
)
def test_what_is_no_form_is_refused(schema: Any, tmp_path: Path) -> None:
    """A form is one object of draft 2020-12."""
    with pytest.raises(SettingsError):
        load(tmp_path, write(tmp_path, "1.json", schema), FORMATS)


def test_parts_are_put_in_place(tmp_path: Path) -> None:
    """A reference leads to a file, or to a place in one; what stands beside it overrides."""
    write(tmp_path, "common/parts.json", {"$defs": {"name": text("name", maxLength=9), "it": {"$ref": "#/$defs/name"}}})
    form = group("form", {"a": {"$ref": "../common/parts.json#/$defs/it", "title": "own"}})
    schema = load(tmp_path, write(tmp_path, "m/1.json", form), FORMATS)
    assert schema["properties"]["a"] == text("own", maxLength=9) | {"x-ui": {"title_en": "NAME"}}


@pytest.mark.parametrize(
    "reference",
    ["https://example.com/x.json", "/etc/passwd", "../../outside.json", "missing.json", "1.json", "#/nowhere", "#"],
)
def test_references_stay_below_the_root_and_end(reference: str, tmp_path: Path) -> None:
    """No network, no file outside, no circle, nothing that is not there."""
    write(tmp_path, "outside.json", text("x", maxLength=1))
    root = tmp_path / "root"
    path = write(root, "m/1.json", group("form", {"a": {"$ref": reference}}))
    with pytest.raises(SettingsError):
        load(root, path, FORMATS)


GOOD_PATTERNS = [
    "^$",
    "^a$",
    "^[0-9]{5,20}$",
    "^[0-9A-HJ-NPQRTUWXY]{18}[0-9]{3}[A-Z]$",
    "^(/|(0|[1-9][0-9]{0,11})(\\.[0-9]{1,6})?)$",
    "^津环辐证\\[[0-9]{5}\\]$",
    "^(?:ab|c)?[a-z]+$",
]
BAD_PATTERNS = [
    "",
    "a",
    "^a",
    "a$",
    "^a\\$",
    "^a|b$",
    "^\\d$",
    "^\\w+$",
    "^\\s$",
    "^a\\b$",
    "^.$",
    "^[^a]$",
    "^[0--]$",
    "^[a&&b]$",
    "^[a||b]$",
    "^[a~~b]$",
    "^(a+)+$",
    "^(a|a)*$",
    "^(a?){30}$",
    "^(a{1,9}){9}$",
    "^[a-z]*[a-z]*$",
    "^a++$",
    "^a*?$",
    "^(?=a)$",
    "^(?i)a$",
    "^(a)\\1$",
    "^(a$",
    "^a)$",
    "^[z-a]$",
    "^[a$",
    "^a{,3}$",
    "^\\u0041$",
]


@pytest.mark.parametrize("pattern", GOOD_PATTERNS)
def test_plain_patterns_are_taken(pattern: str) -> None:
    """What every engine reads alike is allowed."""
    check_pattern(pattern)


@pytest.mark.parametrize("pattern", BAD_PATTERNS)
def test_other_patterns_are_refused(pattern: str) -> None:
    """Classes by letter, look-arounds, loose anchors and nested repetition are not."""
    with pytest.raises(BadPattern):
        check_pattern(pattern)


@given(st.text("ab01^$()[]{}|?*+\\.-,", max_size=12).map(lambda body: f"^{body}$"))
def test_a_pattern_that_is_taken_is_one_for_every_engine(pattern: str) -> None:
    """Whatever is allowed compiles in Python and in Rust."""
    try:
        check_pattern(pattern)
    except BadPattern:
        return
    re.compile(pattern)
    jsonschema_rs.validator_for({"type": "string", "pattern": pattern})


def patterns(node: Any) -> Iterator[str]:
    """Every pattern of a schema."""
    if isinstance(node, dict):
        for name, part in node.items():
            if name == "pattern" and isinstance(part, str):
                yield part
            else:
                yield from patterns(part)
    elif isinstance(node, list):
        for part in node:
            yield from patterns(part)


def test_no_pattern_of_a_form_can_be_made_slow() -> None:
    """HARDENING A14: 50 kB of every likely character against each pattern in use takes less than 100 ms."""
    used = {one for path in ROOT.rglob("*.json") for one in patterns(json.loads(path.read_text(encoding="utf-8")))}
    assert used
    for pattern in sorted(used | set(GOOD_PATTERNS)):
        compiled = re.compile(pattern, re.ASCII)
        for body in ("0", "A", "a", "1.", "DA", "/", "０"):
            begun = time.perf_counter()
            compiled.fullmatch((body * 50_000)[:50_000] + "\x00")
            assert time.perf_counter() - begun < 0.1


def test_every_form_of_the_product_is_of_the_subset(real) -> None:
    """The forms that are shipped load, and so do all matters with their rules and materials."""
    for matter in real.matters():
        assert real.leaves(matter.name, matter.form)
        assert matter.fields == len(real.leaves(matter.name, matter.form))
