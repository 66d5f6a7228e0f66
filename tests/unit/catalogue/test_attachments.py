from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.catalogue.attachments import MAX_FILE_NAME, MAX_MATERIALS, check_file, check_materials
from bridge.catalogue.catalogue import Catalogue
from bridge.catalogue.matters import MaterialRule

RULE = MaterialRule(
    code="M1",
    title="证明",
    title_en="proof",
    when=(),
    optional=False,
    max_bytes=1 << 20,
    types=("application/pdf", "image/png"),
    hint="",
    hint_en="",
)
PDF, PNG, JPEG = b"%PDF-1.7 ", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe0"


def found(bees: Catalogue, bee: dict[str, Any], *, paths: bool = False, **entry: Any) -> list[tuple[str, str]]:
    """Pointer and code of what is wrong with one entry of the list."""
    document = copy.deepcopy(bee)
    document["materials"] = [{**document["materials"][0], **entry}]
    document["materials"][0] = {name: part for name, part in document["materials"][0].items() if part is not ...}
    return [
        (one.pointer.removeprefix("/materials/0"), one.code)
        for one in bees.check(document, paths_allowed=paths).problems
    ]


def test_a_good_entry_passes(bees: Catalogue, bee: dict[str, Any]) -> None:
    """Code, name and content are all that is needed."""
    assert found(bees, bee) == []


@pytest.mark.parametrize(
    ("entry", "wrong"),
    [
        ({"code": "M9"}, [("/code", "code"), ("/materials", "material_missing")]),
        ({"code": ...}, [("/code", "code"), ("/materials", "material_missing")]),
        ({"code": ["M1"]}, [("/code", "code"), ("/materials", "material_missing")]),
        ({"name": ...}, [("/name", "file_name")]),
        ({"name": None}, [("/name", "file_name")]),
        ({"name": " "}, [("/name", "file_name")]),
        ({"name": "x" * (MAX_FILE_NAME + 1)}, [("/name", "file_name")]),
        ({"content": ...}, [("", "material_bytes")]),
        ({"content": "JVBERi0"}, [("/content", "base64")]),
        ({"content": "JVBE Ri0="}, [("/content", "base64")]),
        ({"content": "JVBERi0=\n"}, [("/content", "base64")]),
        ({"content": "证"}, [("/content", "base64")]),
        ({"content": 7}, [("/content", "base64")]),
        ({"path": "a.pdf"}, [("/path", "unknown_field")]),
        ({"size": 7}, [("/size", "unknown_field")]),
    ],
)
def test_what_is_wrong_with_an_entry(
    bees: Catalogue, bee: dict[str, Any], entry: dict[str, Any], wrong: list[Any]
) -> None:
    """Each slip is told at its own place."""
    assert found(bees, bee, **entry) == wrong


@pytest.mark.parametrize(
    "name",
    [
        "a/b.pdf",
        "..\\..\\x.pdf",
        "a:b.pdf",
        "a\x00.pdf",
        "a\n.pdf",
        "a\u202efdp.exe",
        "a\u200b.pdf",
        "CON",
        "con.pdf",
        "..",
        ".pdf",
        "x.",
        " x.pdf",
        "a|b",
        'a"b',
    ],
)
def test_names_that_no_file_may_have(bees: Catalogue, bee: dict[str, Any], name: str) -> None:
    """HARDENING A19: ways, device names, direction marks and control characters are refused."""
    assert found(bees, bee, name=name) == [("/name", "file_name")]


@pytest.mark.parametrize("name", ["营业执照（副本）.pdf", "a b.pdf", "𠮷.pdf", "a.b.pdf"])
def test_usual_names_are_taken(bees: Catalogue, bee: dict[str, Any], name: str) -> None:
    """Chinese, spaces inside and rare ideographs are all right."""
    assert found(bees, bee, name=name) == []


@pytest.mark.parametrize(
    "path", ["../x.pdf", "/etc/passwd", "a/../../x", "a//b", "", "C:\\x", "\\\\host\\x", "./x", "a\x00b", 7, None]
)
def test_paths_lead_down_from_the_document(bees: Catalogue, bee: dict[str, Any], path: Any) -> None:
    """No other file of the machine can be read through a document."""
    assert found(bees, bee, paths=True, content=..., path=path) == [("/path", "path")]


def test_paths_are_for_the_command_line_only(bees: Catalogue, bee: dict[str, Any]) -> None:
    """DESIGN 10: `path` is an unknown field at every other door; beside `content` it is one way too many."""
    assert found(bees, bee, paths=True, content=..., path="files/a.pdf") == []
    assert found(bees, bee, paths=True, path="files/a.pdf") == [("", "material_bytes")]
    assert ("/path", "unknown_field") in found(bees, bee, content=..., path="files/a.pdf")


@pytest.mark.parametrize(
    "materials", [None, {}, "x", [1], [None], [{"code": "M1", "name": "a", "content": ""}] * (MAX_MATERIALS + 1)]
)
def test_what_is_no_list_of_files(bees: Catalogue, bee: dict[str, Any], materials: Any) -> None:
    """Neither rubbish nor too many raise anything but problems."""
    assert not bees.check({**bee, "materials": materials}).ok


def test_the_same_name_twice_for_one_material(bees: Catalogue, bee: dict[str, Any]) -> None:
    """Two files that a target could not tell apart are refused."""
    twice = bees.check({**bee, "materials": bee["materials"] * 2}).problems
    assert [(one.pointer, one.code) for one in twice] == [("/materials/1/name", "file_name_twice")]


def test_needed_materials_depend_on_the_document(real: Catalogue, sample: dict[str, Any]) -> None:
    """A material is missed exactly where all its conditions hold."""
    document = copy.deepcopy(sample)
    document["materials"] = []
    document["data"]["permit"]["tier"] = "SIMPLE"
    missing = {one.message for one in real.check(document).problems if one.code == "material_missing"}
    assert any("PW-M02" in one for one in missing)
    assert not any("PW-M11" in one for one in missing)
    document["data"]["permit"]["tier"] = "KEY"
    assert any("PW-M11" in one.message for one in real.check(document).problems)


@pytest.mark.parametrize(
    ("head", "size", "name", "codes", "media_type"),
    [
        (PDF, 100, "a.pdf", [], "application/pdf"),
        (PNG, 100, "a.PNG", [], "image/png"),
        (PDF, 100, "", [], "application/pdf"),
        (JPEG, 100, "a.jpg", ["file_type"], "image/jpeg"),
        (b"<html>", 100, "a.pdf", ["file_type"], "application/octet-stream"),
        (b"MZ", 100, "a.pdf", ["file_type"], "application/octet-stream"),
        (PDF, 100, "a.exe", ["file_extension"], "application/pdf"),
        (PDF, 100, "a.pdf.png", ["file_extension"], "application/pdf"),
        (PDF, 100, "pdf", [], "application/pdf"),
        (b"", 0, "a.pdf", ["empty_file"], "application/octet-stream"),
        (PDF, (1 << 20) + 1, "a.pdf", ["file_size"], "application/pdf"),
        (b"x", (1 << 20) + 1, "a.pdf", ["file_type", "file_size"], "application/octet-stream"),
    ],
)
def test_the_bytes_of_a_file(head: bytes, size: int, name: str, codes: list[str], media_type: str) -> None:
    """HARDENING A19: first bytes tell the type, the name may not contradict them, and the size is bounded."""
    problems, kind = check_file(RULE, head, size, name)
    assert [one.code for one in problems] == codes
    assert kind == media_type


@given(
    st.recursive(
        st.none() | st.integers() | st.text(max_size=3),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["code", "name", "content", "path"]) | st.text(max_size=2), inner, max_size=4
            )
        ),
    )
)
def test_no_list_of_files_raises(materials: Any) -> None:
    """Whatever stands there, there are problems or none."""
    for paths in (False, True):
        check_materials({"materials": materials}, MATTER, [RULE], paths_allowed=paths)


class _Matter:
    """As much of a matter as the list of files needs."""

    materials = (RULE,)


MATTER: Any = _Matter()
