"""JSON values as elements and back, by a schema."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.errors import Refused
from bridge.kit.soap.envelope import legal
from bridge.kit.soap.literal import element, expanded, local, value

SCHEMA = expanded(
    {
        "type": "object",
        "properties": {
            "name": {"$ref": "#/$defs/text"},
            "count": {"type": "integer"},
            "more": {"type": "boolean"},
            "rows": {
                "type": "array",
                "items": {
                    "type": "object",
                    "properties": {"site": {"$ref": "#/$defs/text"}, "tags": {"type": "array", "items": {}}},
                },
            },
        },
        "$defs": {"text": {"type": "string"}},
    }
)

texts = st.text().filter(legal)
rows = st.lists(st.fixed_dictionaries({"site": texts}, optional={"tags": st.lists(texts, min_size=1)}), min_size=1)
messages = st.fixed_dictionaries(
    {"name": texts, "count": st.integers(-(10**17), 10**17), "more": st.booleans()}, optional={"rows": rows}
)


@given(messages)
def test_what_is_written_is_read(message):
    """Texts, whole numbers, booleans, rows and lists in rows come back as they were."""
    assert value(element("ask", message, SCHEMA, namespace="urn:x"), SCHEMA) == message


def test_fields_stand_in_the_order_of_the_schema():
    """An xs:sequence wants its order, whatever the order of the value; strangers come last."""
    made = element("ask", {"other": "z", "count": 1, "name": "a"}, SCHEMA, namespace="urn:x")
    assert made.tag == "{urn:x}ask"
    assert [local(one.tag) for one in made] == ["name", "count", "other"]


def test_what_does_not_fit_stays_as_it_came():
    """So that a check by the same schema finds it: a text for a number, a list for what came twice, a stranger."""
    loose = {"properties": {"count": {}, "more": {}, "name": {}, "other": {}}, "type": "object"}
    made = element("ask", {"count": "1x", "more": "ja", "name": ["a", "b"], "other": "?"}, loose, namespace="urn:x")
    assert value(made, SCHEMA) == {"count": "1x", "more": "ja", "name": ["a", "b"], "other": "?"}


def test_an_illegal_text_is_refused_at_its_field():
    """Every place is named, and no value."""
    spoilt = {"name": "天津\x0b", "rows": [{"site": "好"}, {"site": "坏\r", "tags": ["好", "\ufffe"]}]}
    with pytest.raises(Refused) as caught:
        element("ask", spoilt, SCHEMA, namespace="urn:x")
    assert [one.path for one in caught.value.fields] == ["name", "rows[1].site", "rows[1].tags[1]"]
    assert "天津" not in str(caught.value)
