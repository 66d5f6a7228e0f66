"""What only the whole entry finds wrong: files by their bytes, limits of targets, and what is stored already.

The installation is real, with all targets and a store; nothing is sent. What one document tells by itself is in
`tests/unit/catalogue/test_corpus.py`.
"""

from __future__ import annotations

import base64
import copy
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest

from bridge.settings import load
from bridge.storage.migrate import migrate
from bridge.storage.sealing import Keyring
from bridge.storage.signing import create_signing_key
from bridge.testing.samples import generate
from bridge.wiring import Bridge, build

Submit = Callable[..., dict[str, Any]]
"""Documents → the answer as the doors give it."""


@pytest.fixture
def bridge(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bridge]:
    """An installation with all targets; the front-end database, never opened, keeps no rare character (its default)."""
    monkeypatch.setenv("BRIDGE_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("BRIDGE_TARGETS__NATIONAL__URL", f"sqlite:///{tmp_path}/front.db")
    settings = load()
    Keyring.create(settings.key_file)
    create_signing_key(settings.signing_key_file)
    migrate(settings.database_url)
    made = build(settings)
    yield made
    made.close()


@pytest.fixture
def submit(bridge: Bridge) -> Submit:
    """Enter documents."""

    def enter(*documents: dict[str, Any]) -> dict[str, Any]:
        lines = b"".join(orjson.dumps(one) + b"\n" for one in documents)
        return bridge.acceptance.submit([("x.jsonl", lines, None)], actor="t", channel="batch")

    return enter


def plain() -> dict[str, Any]:
    """A valid application whose names every target can keep."""
    return next(
        one
        for one in generate("discharge-permit", seed=3, count=50)
        if all(ord(letter) < 0x10000 for letter in orjson.dumps(one).decode())
    )


def refused(answer: dict[str, Any]) -> list[dict[str, Any]]:
    """The problems of the one document that was entered."""
    [rejected] = answer["rejected"]
    assert not answer["accepted"]
    problems: list[dict[str, Any]] = rejected["problems"]
    return problems


def with_file(content: bytes, name: str = "营业执照.pdf") -> dict[str, Any]:
    """The application with another first file."""
    document = plain()
    document["materials"][0] |= {"name": name, "content": base64.b64encode(content).decode()}
    return document


def file_of(document: dict[str, Any]) -> bytes:
    """Its first file."""
    return base64.b64decode(document["materials"][0]["content"])


def test_the_application_is_taken_as_it_is(submit: Submit) -> None:
    """What the tests below spoil is valid before."""
    answer = submit(plain())
    assert not answer["rejected"]
    assert [one["warnings"] for one in answer["accepted"]] == [[]]


def test_a_second_application_for_one_site_is_refused(submit: Submit) -> None:
    """TARGETS 5.4; 8.7, 1: one open application per applicant, site, matter and type; another site may."""
    first, second = plain(), plain()
    second["reference"] += "-2"
    second["data"]["site"]["name"] += "（二）"
    answer = submit(first)
    number = answer["accepted"][0]["number"]
    [problem] = refused(submit(second))
    assert problem["code"] == "already_open"
    assert number in problem["message"] + problem["remedy"]
    elsewhere = copy.deepcopy(second)
    elsewhere["data"]["site"]["seq"] = "777"
    assert not submit(elsewhere)["rejected"]


@pytest.mark.parametrize("text", ["天津测试😀化工有限公司", "天津测试𠮷化工有限公司"])
def test_characters_that_a_target_cannot_keep_are_told_at_entry(submit: Submit, text: str) -> None:
    """TARGETS 5.4: an emoji or rare ideograph is found at its box, with its place, before anything is sent."""
    document = plain()
    document["data"]["applicant"]["name"] = text
    problems = [one for one in refused(submit(document)) if one["pointer"] == "/data/applicant/name"]
    assert problems
    assert "第 5 个字" in problems[0]["message"]
    assert text not in orjson.dumps(problems).decode()


def test_an_encrypted_pdf_is_refused(submit: Submit) -> None:
    """TARGETS 5.4: by the entry of its trailer, direct or by reference; a text about encryption is none."""
    pdf = file_of(plain())
    for entry in (b"/Encrypt 9 0 R", b"/Encrypt << /Filter /Standard >>", b"/Encrypt<</Filter/Standard>>"):
        document = with_file(pdf.replace(b"/Root 1 0 R", b"/Root 1 0 R " + entry))
        [problem] = refused(submit(document))
        assert (problem["code"], problem["pointer"]) == ("file_encrypted", "/materials/0")
    assert not submit(with_file(pdf.replace(b"PW-M02", b"/Encryption")))["rejected"]


def test_a_file_over_its_limit_is_refused(submit: Submit, bridge: Bridge) -> None:
    """TARGETS 5.4: one byte more than the matter takes; the cure says what to do."""
    document = plain()
    rules = {one.code: one for one in bridge.catalogue.matter("discharge-permit").materials}
    most = rules[document["materials"][0]["code"]].max_bytes
    pdf = file_of(document)
    problems = refused(submit(with_file(pdf + b"\n" * (most + 1 - len(pdf)))))
    assert all(one["pointer"].startswith("/materials/0") for one in problems)
    assert (problems[0]["pointer"], problems[0]["code"]) == ("/materials/0", "file_size")
    assert "压缩" in problems[0]["remedy"]


@pytest.mark.parametrize(
    ("content", "name", "pointer"),
    [
        (b"%PDF-1.4\n", "a.docx", "/materials/0/name"),
        (b"PK\x03\x04 a document of a word processor", "a.docx", "/materials/0"),
        (b"<html>", "a.pdf", "/materials/0"),
    ],
)
def test_a_wrong_extension_is_refused(submit: Submit, content: bytes, name: str, pointer: str) -> None:
    """TARGETS 5.4: neither a PDF by another name nor another file by the name of a PDF."""
    assert pointer in {one["pointer"] for one in refused(submit(with_file(content, name)))}
