from __future__ import annotations

import json
import time
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.catalogue import flaws
from bridge.catalogue.text import MAX_PLAIN_BYTES, Sourced, documents

MARK = "张三丰机密"
"""Stands for a personal value; no message may hold it."""


def read(data: bytes | str, name: str = "f.json") -> list[Sourced]:
    """All documents of a text."""
    return list(documents(data.encode() if isinstance(data, str) else data, name))


def only(data: bytes | str, name: str = "f.json") -> Sourced:
    """The one document of a text."""
    [one] = read(data, name)
    return one


def codes(one: Sourced) -> list[str]:
    """What is wrong."""
    return [problem.code for problem in one.problems]


plain = st.recursive(
    st.booleans()
    | st.none()
    | st.integers(-(1 << 63), (1 << 63) - 1)
    | st.text(st.characters(min_codepoint=32, max_codepoint=126)),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text('ab:"\\ ', max_size=4), inner, max_size=4),
    max_leaves=12,
)
objects = st.dictionaries(st.text("abc", max_size=3), plain, max_size=4)


@given(
    objects, st.sampled_from([None, 0, 2]), st.sampled_from([(",", ":"), (", ", ": "), (" , ", " : ")]), st.booleans()
)
def test_what_is_right_comes_back_as_it_is(
    document: Any, indent: int | None, separators: Any, ascii_only: bool
) -> None:
    """Any good JSON object is read as the standard library reads it, however it is laid out."""
    text = json.dumps(document, indent=indent, separators=separators, ensure_ascii=ascii_only)
    found = only(text)
    assert found.problems == ()
    assert found.document == json.loads(text)


@given(objects, objects)
def test_the_slow_reader_clears_what_the_fast_one_takes(first: Any, second: Any) -> None:
    """Both readers agree on a clean text; the slow one never invents a flaw."""
    for document in (first, second, [first, second]):
        value, found = flaws.explain(orjson.dumps(document))
        assert (value, found) == (document, [])


def test_the_three_shapes_of_a_text_have_their_sources() -> None:
    """DESIGN 10: `source` is `file`, `file#index` or `file:line`; empty lines count."""
    assert [one.source for one in read('{"a":1}')] == ["f.json"]
    assert [one.source for one in read('[{"a":1},{"b":2}]')] == ["f.json#0", "f.json#1"]
    assert [one.source for one in read('{"a":1}\n\n{"b":2}\n', "x.jsonl")] == ["x.jsonl:1", "x.jsonl:3"]
    assert [one.source for one in read('{"a":1}', "x.JSONL")] == ["x.JSONL:1"]
    assert [one.source for one in read('{"a":1}\r\n{"b":2}\r\n', "-")] == ["-:1", "-:2"]


@pytest.mark.parametrize(
    "text",
    ['{"a":\n{"b":1}\n}', '[\n{"a":1},\n{"a":2}\n]', '{"a":[{"b":1}\n,{"b":2}]}', '\n\n{"a":1}\n\n', '{"a":{"b":1}\n}'],
)
def test_a_text_of_several_lines_that_is_one_value_is_not_taken_apart(text: str) -> None:
    """JSON Lines are told by their look, and one laid-out value never is."""
    assert all(one.document is not None for one in read(text))
    assert ":" not in read(text)[0].source


@pytest.mark.parametrize(
    "lines",
    [
        ['{"a":1}', '{"b":}', '{"c":3}'],
        ['{"a":}', '{"b":2}', '{"c":3}'],
        ["oops", '{"b":2}', '{"c":3}'],
        ['{"a":1}', '{"b":1,"b":2}', '{"c":NaN}'],
        ['{"a":1}', "[1]", '{"c":3}'],
        ['{"a":1}', '"\ud83d"'.encode("utf-16", "surrogatepass").hex(), '{"c":3}'],
    ],
)
@pytest.mark.parametrize("name", ["-", "f.jsonl"])
def test_one_bad_line_does_not_spoil_the_others(lines: list[str], name: str) -> None:
    """Each line of JSON Lines stands for itself, with its number in the file."""
    found = read("\n".join(lines), name)
    assert [one.source for one in found] == [f"{name}:{number}" for number in (1, 2, 3)]
    good = [one for one in found if one.document is not None]
    assert good
    assert len(good) < 3
    for one in found:
        for problem in one.problems:
            if problem.code != "not_a_document":
                assert problem.message.startswith(f"第 {one.source.rpartition(':')[2]} 行")


def test_lines_are_read_as_they_are_asked_for() -> None:
    """A long file of JSON Lines begins to give before its end is looked at."""
    lines = documents(b'{"a":1}\n' + b"{" * 100 + b'\n{"b":2}', "x.jsonl")
    assert next(lines).document == {"a": 1}
    assert next(lines).document is None
    assert next(lines).document == {"b": 2}


def test_one_bad_element_does_not_spoil_the_others() -> None:
    """An array whose syntax is right is judged element by element; what is good in it keeps its types."""
    text = '[{"a":1.5},{"a":NaN},{"a":1,"a":2},7,{"a":"\\ud800"},{"b":"好"}]'
    found = read(text)
    assert [one.document for one in found] == [{"a": 1.5}, None, None, None, None, {"b": "好"}]
    assert [codes(one) for one in found] == [
        [],
        ["not_a_number"],
        ["duplicate_name"],
        ["not_a_document"],
        ["character"],
        [],
    ]


def test_many_flaws_in_one_element_do_not_hide_those_of_the_next() -> None:
    """The limit of flaws told counts for each document alone."""
    found = read(f'[{{"a":[{",".join(["NaN"] * 200)}]}},{{"b":NaN}}]')
    assert [one.document for one in found] == [None, None]
    assert len(found[0].problems) == flaws.MAX_FLAWS


@pytest.mark.parametrize(
    ("text", "code", "line", "column"),
    [
        ('{"a": NaN}', "not_a_number", 1, 7),
        ('{"a":\n -Infinity}', "not_a_number", 2, 2),
        ('{"a": 1e400}', "number", 1, 7),
        ('{"a": 9223372036854775808}', "number", 1, 7),
        ('{"a": ' + "1" * 5000 + "}", "number", 1, 7),
        ('{"b":{"a":1},\n "a": 1,\n "a": 2}', "duplicate_name", 3, 2),
        ('{"a":1,"\\u0061":2}', "duplicate_name", 1, 8),
        ('{"a": "\\ud800"}', "character", 1, 8),
        ('{"a": "x\\udc00"}', "character", 1, 9),
        ('{"a": "\\ud800\\ud800\\udc00"}', "character", 1, 8),
        ('{"a": "\\u0000"}', "character", 1, 8),
        ('{"a": "\x07"}', "character", 1, 8),
        ('{"a": "x\u200by"}', "character", 1, 9),
        ('{"a": "\u202eabc"}', "character", 1, 8),
        ('{"\u200ba": 1}', "character", 1, 3),
        ('{"a": "x\\r\\ny"}', "character", 1, 9),
        ('{"a": 1,}', "syntax", 1, 8),
        ('{"a": 1', "syntax", 1, 8),
        ("{'a': 1}", "syntax", 1, 2),
        ('{"a": "x', "syntax", 1, 7),
        ('{"a" 1}', "syntax", 1, 6),
        ('{"a": "\\x"}', "syntax", 1, 8),
        ('{"a": 1} 2', "syntax", 1, 10),
        ("nothing", "syntax", 1, 1),
        ("[" * 100_000, "depth", 1, 65),
        ('{"a":' * 100_000, "depth", 1, 64 * 5 + 1),
        ("[" * 100_000 + "]" * 100_000, "depth", 1, 65),
    ],
)
def test_each_flaw_is_named_with_its_place(text: str, code: str, line: int, column: int) -> None:
    """HARDENING A12: nothing that is wrong with a text passes, and line and column are told; nothing raises."""
    one = only(text)
    assert one.document is None
    assert codes(one) == [code]
    assert one.problems[0].message.startswith(f"第 {line} 行第 {column} 列：")
    assert one.problems[0].message_en.startswith(f"line {line}, column {column}: ")


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty"),
        (b" \n ", "empty"),
        (b"\xef\xbb\xbf", "empty"),
        (b"[]", "empty"),
        (b"7", "not_a_document"),
        (b'"x"', "not_a_document"),
        (b"null", "not_a_document"),
        (b'{"a":"\xff"}', "encoding"),
        ('{"名":"值"}'.encode("gbk"), "encoding"),
        ('{"a":1}'.encode("utf-16"), "encoding"),
        (b'{"a":"\xed\xa0\x80"}', "encoding"),
    ],
)
def test_what_is_no_text_or_no_document_is_named(data: bytes, code: str) -> None:
    """Empty, of another encoding, or no object: each has its name and its cure."""
    one = only(data)
    assert one.document is None
    assert codes(one) == [code]


def test_a_byte_order_mark_is_passed_over() -> None:
    """What Windows puts before UTF-8 is no flaw."""
    assert only(b'\xef\xbb\xbf{"a":1}').document == {"a": 1}


@pytest.mark.parametrize(
    "text", ['{"a":"\\ud83d\\ude00"}', '{"a":"\\\\u0000 \\\\ud800"}', '{"a":"𠮷\\n\\t3\u3000"}', '{"a":"\\":"}']
)
def test_what_only_looks_wrong_is_taken(text: str) -> None:
    """Pairs of surrogates, escaped backslashes, rare ideographs, line feeds and quotes in a text are all right."""
    assert only(text).document == json.loads(text)


def test_every_flaw_of_a_text_is_told_at_once() -> None:
    """All problems at once, in the order of the text."""
    one = only('{"a":NaN,"b":1e400,"a":"\\u0000","c":{"d":1,"d":2}}')
    assert codes(one) == ["not_a_number", "number", "duplicate_name", "character", "duplicate_name"]


def test_a_long_text_is_refused_and_the_content_of_a_file_is_not() -> None:
    """5 MB strings are named with their place; the base64 of a file may be as long as it is."""
    long = "x" * 5_000_000
    assert codes(only(json.dumps({"data": {"name": long}}))) == ["long_text"]
    assert codes(only(json.dumps({long: 1}))) == ["long_text"]
    assert codes(only(json.dumps({"data": {"materials": [{"content": long}]}}))) == ["long_text"]
    file = {"materials": [{"content": long, "name": "x"}]}
    assert only(json.dumps(file)).document == file
    assert [one.document for one in read(json.dumps([file, {"a": 1}]))] == [file, {"a": 1}]
    assert codes(only(json.dumps({**file, "data": long}))) == ["long_text"]


def test_a_document_of_too_many_bytes_without_its_files_is_refused() -> None:
    """The limit of a form is apart from that of its files."""
    many = {"data": ["x" * 90_000] * (MAX_PLAIN_BYTES // 90_000 + 1)}
    assert codes(only(json.dumps(many))) == ["too_large"]


def test_a_text_past_all_bounds_is_refused_unread(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is larger than any submission is not even parsed."""
    monkeypatch.setattr("bridge.catalogue.text.MAX_BYTES", 10)
    assert codes(only(b'{"a":"0123456789"}')) == ["too_large"]


@pytest.mark.parametrize(
    "text",
    [
        f'{{"a":"{MARK}","a":"{MARK}"}}',
        f'{{"a":"{MARK}\\u0000"}}',
        f'{{"a":"{MARK}}}',
        f'{{"a":"{MARK}" "{MARK}"}}',
        f'{{"a":"{MARK * 30000}"}}',
        f'["{MARK}"]',
        f'{{"a":"{MARK}\\x"}}',
        MARK,
    ],
)
def test_no_message_about_a_text_holds_a_value(text: str) -> None:
    """Neither Chinese nor English repeats what somebody entered; both are there, with a remedy."""
    for one in read(text):
        assert one.problems
        for problem in one.problems:
            assert MARK[:3] not in repr(problem)
            assert all((problem.message, problem.message_en, problem.remedy, problem.remedy_en, problem.label_en))


@given(st.binary(max_size=60) | st.text(max_size=60).map(lambda one: one.encode("utf-8", "surrogatepass")))
def test_no_bytes_raise(data: bytes) -> None:
    """Whatever is sent, there is a document or a problem with words."""
    for name in ("-", "f.jsonl"):
        for one in documents(data, name):
            assert (one.document is None) == bool(one.problems)


@given(st.text('{}[]",:\\u0dn1 \n', max_size=40))
def test_nearly_json_never_raises(text: str) -> None:
    """The same, with texts that are nearly JSON."""
    for one in documents(text.encode(), "-"):
        assert (one.document is None) == bool(one.problems)


@pytest.mark.parametrize(
    "text",
    ["[" * 1_000_000, '{"a":"' + "\\" * 1_000_000, '"' * 200_000, '{"a' + '":"' * 100_000, " " * 1_000_000 + "x"],
)
def test_no_text_takes_long(text: str) -> None:
    """HARDENING A14: a megabyte of nonsense is refused within seconds, mostly far less."""
    begun = time.perf_counter()
    assert all(one.document is None for one in documents(text.encode(), "-"))
    assert time.perf_counter() - begun < 5
