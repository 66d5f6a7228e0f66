"""JSON values as elements and back, led by the JSON Schema of the message (document/literal).

An object's fields become child elements in the order of the schema, as an `xs:sequence` wants them; a list becomes the
element again and again; booleans and whole numbers are written as XML Schema writes them. Whether a value fits its
schema is not judged here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

# only builds and holds elements; parsing is `envelope`'s
from xml.etree import ElementTree as ET

from bridge.errors import FieldRefusal, Refused
from bridge.kit.soap.envelope import legal

WHOLE = re.compile(r"-?(0|[1-9][0-9]{0,17})", re.ASCII)
BOOLEANS = {"true": True, "1": True, "false": False, "0": False}
"""The lexical space of `xs:boolean`."""

Schema = Mapping[str, Any]


def element(name: str, value: Any, schema: Schema, *, namespace: str) -> ET.Element:
    """A value under `{namespace}name`. Raises Refused, by field, where XML cannot carry a text.

    Fields that the schema does not know follow in their own order: what becomes of them is the receiver's to say.
    """
    illegal: list[str] = []
    made = _Writer(namespace, illegal).element(name, value, schema, "")
    if illegal:
        reason = "含有无法用 XML 传送的字符 (has a character that XML cannot carry)"
        raise Refused(reason, fields=[FieldRefusal(path, reason) for path in illegal])
    return made


def value(read: ET.Element, schema: Schema) -> Any:
    """What an element holds, by the schema; what does not fit it stays text, or a list where it came twice.

    So a check of the result against the same schema finds it.
    """
    if schema.get("type") == "object" or (len(read) and "type" not in schema):
        return _object(read, schema.get("properties", {}))
    if len(read):
        return {local(one.tag): value(one, {}) for one in read}
    text = read.text or ""
    if schema.get("type") == "integer" and WHOLE.fullmatch(text.strip()):
        return int(text)
    if schema.get("type") == "boolean":
        return BOOLEANS.get(text.strip(), text)
    return text


def local(tag: str) -> str:
    """A tag without its namespace."""
    return tag.rpartition("}")[2]


def expanded(schema: Schema) -> Schema:
    """The same schema with every `$ref` into its own `$defs` replaced by what it means, fit to stand inside another."""
    definitions = schema.get("$defs", {})

    def walked(part: Any) -> Any:
        if isinstance(part, Mapping):
            if "$ref" in part:
                return walked(definitions[part["$ref"].removeprefix("#/$defs/")])
            return {name: walked(inner) for name, inner in part.items() if name != "$defs"}
        return [walked(one) for one in part] if isinstance(part, list) else part

    made: Schema = walked(schema)
    return made


class _Writer:
    """Writes one message."""

    def __init__(self, namespace: str, illegal: list[str]) -> None:
        self._namespace, self._illegal = namespace, illegal

    def element(self, name: str, given: Any, schema: Schema, path: str) -> ET.Element:
        """One element with all below it."""
        made = ET.Element(f"{{{self._namespace}}}{name}")
        if isinstance(given, Mapping):
            known = schema.get("properties", {})
            for field in [*(one for one in known if one in given), *(one for one in given if one not in known)]:
                self._field(made, field, given[field], known.get(field, {}), f"{path}.{field}" if path else field)
        else:
            made.text = self._text(given, path)
        return made

    def _field(self, parent: ET.Element, name: str, given: Any, schema: Schema, path: str) -> None:
        """One field, which may be a list."""
        if not isinstance(given, list):
            parent.append(self.element(name, given, schema, path))
            return
        items = schema.get("items", {})
        for place, one in enumerate(given):
            parent.append(self.element(name, one, items, f"{path}[{place}]"))

    def _text(self, given: Any, path: str) -> str:
        """A scalar as XML Schema writes it."""
        text = ("true" if given else "false") if isinstance(given, bool) else str(given)
        if not legal(text):
            self._illegal.append(path)
        return text


def _object(read: ET.Element, known: Mapping[str, Schema]) -> dict[str, Any]:
    """Children by name."""
    found: dict[str, list[Any]] = {}
    lists = set()
    for child in read:
        name = local(child.tag)
        schema = known.get(name, {})
        if schema.get("type") == "array":
            lists.add(name)
            schema = schema.get("items", {})
        found.setdefault(name, []).append(value(child, schema))
    return {name: held if name in lists or len(held) > 1 else held[0] for name, held in found.items()}
