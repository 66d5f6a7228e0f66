"""A form: its schema, a fast validator for yes or no, and a slow one that says why not, in the form's words.

Both read the subset alike; a test shows it. What is told of each failure is in `messages`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

import jsonschema_rs
from jsonschema.exceptions import ValidationError

from bridge.catalogue import messages
from bridge.catalogue.characters import shown
from bridge.catalogue.explaining import explainer
from bridge.catalogue.formats import Format
from bridge.catalogue.tidy import UNTIDY, is_tidy, untidy
from bridge.catalogue.words import LABELS, REQUIRED, Words, problem
from bridge.errors import Problem
from bridge.model.pointer import is_position, join, tokens

MOST = 500
"""Problems told of one document; nobody mends more at a time."""


class Form:
    """One version of one matter's entry form."""

    def __init__(self, schema: Mapping[str, Any], formats: Mapping[str, Format]) -> None:
        self.schema = schema
        self._formats = formats
        checks = {name: one.check for name, one in formats.items()}
        self._fast = jsonschema_rs.validator_for(dict(schema), validate_formats=True, formats=checks)
        self._slow = explainer(schema, formats)

    def is_valid(self, data: Any) -> bool:
        """Yes or no, in microseconds."""
        try:
            return bool(self._fast.is_valid(data)) and is_tidy(data)
        except (ValueError, UnicodeError, TypeError):  # a lone surrogate, or a value that JSON does not have
            return False

    def problems(self, data: Any) -> list[Problem]:
        """Everything that is wrong, each at its box, at most `MOST`; empty where `is_valid`."""
        if self.is_valid(data):
            return []
        found: dict[str, Problem] = {}
        for one in islice(self._failures(data), MOST):
            found.setdefault(one.pointer, one)
        return list(found.values())

    def has(self, pattern: str) -> bool:
        """Whether the form has a place that a pointer or pattern (below `/data`) may lead to."""
        return self._node(pattern) is not None

    def takes(self, pattern: str, value: Any) -> bool:
        """Whether the box at a pattern (below `/data`) takes a value, seen by itself; False where there is no box."""
        node = self._node(pattern)
        return node is not None and is_tidy(value) and bool(self._slow.evolve(schema=node).is_valid(value))

    def _node(self, pattern: str) -> Mapping[str, Any] | None:
        """The schema of a place; None where the form does not have it."""
        node: Mapping[str, Any] = self.schema
        for token in tokens(pattern):
            if node["type"] == "array" and (token == "*" or is_position(token)):  # noqa: S105 - a part of a pointer
                node = node["items"]
            elif token in node.get("properties", {}):
                node = node["properties"][token]
            else:
                return None
        return node

    def label(self, pointer: str) -> tuple[str, str]:
        """The box at `pointer` (below `/data`) as the form calls it: card, row in each list, box.

        A part that the form does not have is passed over.
        """
        node: Mapping[str, Any] = self.schema
        words: list[str] = []
        words_en: list[str] = []
        for token in tokens(pointer):
            if node["type"] == "array" and (token == "*" or is_position(token)):  # noqa: S105 - a part of a pointer
                if words and token != "*":  # noqa: S105 - the same
                    words[-1] += f" 第 {int(token) + 1} 行"
                    words_en[-1] += f" row {int(token) + 1}"
                node = node["items"]
                continue
            if token not in node.get("properties", {}):
                break
            node = node["properties"][token]
            words.append(node["title"])
            words_en.append(node["x-ui"]["title_en"])
        return " · ".join(words) or LABELS["data"][0], " · ".join(words_en) or LABELS["data"][1]

    def _failures(self, data: Any) -> Iterator[Problem]:
        """Untidy values first, since a box is told of once, then what the schema refuses."""
        for pointer, what in untidy(data):
            yield self._problem(pointer, UNTIDY[what], what)
        for error in self._slow.iter_errors(data):
            yield self._say(error)

    def _say(self, error: ValidationError) -> Problem:
        """One failure of the explaining validator."""
        where = join(*error.absolute_path)
        keyword = str(error.validator)
        value: Any = error.instance
        schema: Any = error.schema
        match keyword:
            case "required":
                return self._problem(where + join(error.message), REQUIRED, keyword)
            case "additionalProperties":
                words = messages.unknown_name(error.message, list(schema["properties"]))
                return self._problem(where + join(shown(error.message)), words, "unknown_field")
            case "type":
                return self._problem(where, messages.wrong_type(schema["type"], value), keyword)
            case "format":
                return self._problem(where, self._formats[schema["format"]].explain(value), keyword)
        return self._problem(where, messages.bound(keyword, schema, value), keyword)

    def _problem(self, pointer: str, words: Words, code: str) -> Problem:
        return problem(f"/data{pointer}", self.label(pointer), words, code)
