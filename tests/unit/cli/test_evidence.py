"""The laws of the evidence pack: it verifies with nothing but Python; whatever is done to it is found and named."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from bridge.ledger import verify
from bridge.ledger.verify import ed25519_holds, plain_sm3

Run = Callable[..., Any]
"""Runs a command by its words; gives `code`, `out`, `err` and `json`."""

KINDS = ("真实性", "完整性", "可用性", "安全性")


@pytest.fixture
def pack(run: Run, entered: list[dict[str, Any]], tmp_path: Path) -> Path:
    """The evidence pack of the first application."""
    assert run("evidence", entered[0]["number"], "-o", "pack.zip", "--json").code == 0
    return tmp_path / "pack.zip"


def unpacked(pack: Path) -> dict[str, bytes]:
    """Its files."""
    with zipfile.ZipFile(pack) as opened:
        return {name: opened.read(name) for name in opened.namelist()}


def packed(place: Path, files: dict[str, bytes], *, bagged: bool = False) -> Path:
    """A pack of files; `bagged` by somebody who wrote the manifests anew."""
    if bagged:
        data = {name: one for name, one in files.items() if name.startswith("data/")}
        for name, make in verify.HASHES.items():
            listed = "".join(f"{make(one).hex()}  {path}\n" for path, one in data.items())
            files = {**files, f"manifest-{name}.txt": listed.encode()}
        rest = {name: one for name, one in files.items() if name not in data and not name.startswith("tagmanifest")}
        listed = "".join(f"{hashlib.sha256(one).hexdigest()}  {name}\n" for name, one in rest.items())
        files = {**files, "tagmanifest-sha256.txt": listed.encode()}
    with zipfile.ZipFile(place, "w") as made:
        for name, one in files.items():
            made.writestr(name, one)
    return place


def judged(place: Path) -> tuple[bool, list[str]]:
    """Whether it holds, and what was said."""
    said: list[str] = []
    return verify.verify(place, said.append), said


def flaw(place: Path) -> str:
    """The kind and reason of what does not hold."""
    holds, said = judged(place)
    assert not holds
    (found,) = [line for line in said if "FAIL" in line]
    return found


def test_it_verifies_with_python_alone(pack: Path, tmp_path: Path) -> None:
    """The program out of the pack, with no package of ours, says the four lines and leaves with 0; unpacked, too."""
    folder = tmp_path / "elsewhere" / "pack"
    with zipfile.ZipFile(pack) as opened:
        opened.extractall(folder)
    for place in (pack, folder):
        words = [sys.executable, "-I", "-S", str(folder / "verify.py"), str(place)]
        said = subprocess.run(words, capture_output=True, check=False, cwd=folder.parent)
        assert (said.returncode, said.stderr) == (0, b"")
        assert [line.split()[0] for line in said.stdout.decode().splitlines()[-4:]] == [
            f"{kind}：通过" for kind in KINDS
        ]


def test_what_is_in_it(pack: Path, run: Run, entered: list[dict[str, Any]]) -> None:
    """Everything entered, each event, the proof and a report; and its making is an event of the application."""
    files = unpacked(pack)
    assert set(verify.NEEDED) <= set(files)
    (salted,) = json.loads(files["data/proof/digests.json"])
    assert salted["file"] == "data/revisions/1.json"
    assert json.loads(files["data/revisions/1.json"])["data"]["applicant"]
    assert entered[0]["number"] in files["data/report.html"].decode()
    timeline = run("status", entered[0]["number"], "--json").json["timeline"]
    assert len(timeline) == len(files["data/timeline.jsonl"].splitlines())
    assert timeline[-1]["act"] == "evidence_made"
    assert run("audit", "verify").code == 0


def test_any_byte_of_any_file(pack: Path, tmp_path: Path) -> None:
    """A byte changed in any file is found, and the file named; with its manifests written anew it is found, too."""
    files = unpacked(pack)
    for name, content in files.items():
        for at in {0, len(content) // 2, len(content) - 1} if "proof" in name else {len(content) // 2}:
            changed = {**files, name: content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :]}
            assert not judged(packed(tmp_path / "changed.zip", changed))[0], name
            if name.startswith("data/") and not name.endswith("inclusion.json"):
                assert not judged(packed(tmp_path / "forged.zip", changed, bagged=True))[0], name
        if name.startswith("data/"):
            assert name in flaw(packed(tmp_path / "changed.zip", {**files, name: content + b" "}))


def test_any_byte_of_the_zip(pack: Path, tmp_path: Path) -> None:
    """A damaged archive never ends in a traceback, and what is read out of it is the pack or is refused."""
    whole, raw = unpacked(pack), pack.read_bytes()
    place = tmp_path / "damaged.zip"
    for at in range(0, len(raw), max(1, len(raw) // 60)):
        place.write_bytes(raw[:at] + bytes([raw[at] ^ 0x41]) + raw[at + 1 :])
        if judged(place)[0]:
            assert verify.read(place) == whole


def test_files_and_events(pack: Path, tmp_path: Path) -> None:
    """A file added or dropped, an event dropped or swapped, is found, also with its manifests written anew."""
    files, place = unpacked(pack), tmp_path / "other.zip"
    added = {**files, "data/extra.json": b"{}"}
    assert "data/extra.json" in flaw(packed(place, added))
    assert "安全性" in flaw(packed(place, added))
    assert "真实性" in flaw(packed(place, added, bagged=True))
    assert "安全性" in flaw(packed(place, {**files, "extra.exe": b"x"}))
    for name in files:
        assert not judged(packed(place, {one: files[one] for one in files if one != name}))[0]
    events = files["data/timeline.jsonl"].splitlines(keepends=True)
    proofs = json.loads(files["data/proof/inclusion.json"])
    for at in range(len(events)):
        rest = json.dumps([*proofs[:at], *proofs[at + 1 :]]).encode()
        dropped = {
            "data/timeline.jsonl": b"".join([*events[:at], *events[at + 1 :]]),
            "data/proof/inclusion.json": rest,
        }
        assert "完整性" in flaw(packed(place, {**files, **dropped}, bagged=True))
    swapped = b"".join([events[1], events[0], *events[2:]])
    assert "完整性" in flaw(packed(place, {**files, "data/timeline.jsonl": swapped}, bagged=True))


def test_proofs_of_another(run: Run, pack: Path, entered: list[dict[str, Any]], tmp_path: Path) -> None:
    """The proof of another pack, or a checkpoint that another key signed, proves nothing."""
    run("evidence", entered[1]["number"], "-o", "second.zip")
    files, other = unpacked(pack), unpacked(tmp_path / "second.zip")
    for names in (("inclusion.json",), ("checkpoint.txt",), ("inclusion.json", "checkpoint.txt")):
        strange = {f"data/proof/{name}": other[f"data/proof/{name}"] for name in names}
        assert "真实性" in flaw(packed(tmp_path / "mixed.zip", {**files, **strange}, bagged=True))
    key = files["data/proof/public-key.txt"]
    assert verify.verify(pack, key=key)
    assert not verify.verify(pack, key=key.replace(key[-9:-5], b"AAAA"))


@pytest.mark.parametrize("name", ["../out.txt", "/tmp/out.txt", "data/../../out.txt", "data\\..\\out.txt", "C:out.txt"])
def test_names_that_leave_the_folder(pack: Path, tmp_path: Path, name: str) -> None:
    """A name that would leave the folder is refused as unsafe, and nothing is written anywhere."""
    before = set(tmp_path.rglob("*"))
    place = packed(tmp_path / "slip.zip", {**unpacked(pack), name: b"x"})
    assert "安全性" in flaw(place)
    assert set(tmp_path.rglob("*")) == {*before, place}


def test_a_pack_is_not_written_over(run: Run, pack: Path, entered: list[dict[str, Any]]) -> None:
    """A file that is there stays as it is, nothing is told; a number that nobody has is not found."""
    before = pack.read_bytes()
    acts = len(run("status", entered[0]["number"], "--json").json["timeline"])
    assert run("evidence", entered[0]["number"], "-o", "pack.zip").code == 1
    assert pack.read_bytes() == before
    assert len(run("status", entered[0]["number"], "--json").json["timeline"]) == acts
    assert run("evidence", "nobody", "-o", "x.zip").code == 4


def test_the_own_ed25519_and_sm3() -> None:
    """The verifier in the pack agrees with the library on keys, messages and what is changed, and with the standard."""
    public = bytes.fromhex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")  # RFC 8032 7.1, test 1
    signature = bytes.fromhex(
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"
    )
    assert ed25519_holds(public, b"", signature)
    other = int.from_bytes(signature[32:], "little") + 2**252 + 27742317777372353535851937790883648493
    assert not ed25519_holds(public, b"", signature[:32] + other.to_bytes(32, "little"))  # a second form of the same
    for length in (0, 1, 63, 64, 200):
        key, message = Ed25519PrivateKey.generate(), bytes(range(length % 256)) * 1
        signed, raw = key.sign(message), key.public_key().public_bytes_raw()
        assert ed25519_holds(raw, message, signed)
        assert not ed25519_holds(raw, message + b"x", signed)
        assert not ed25519_holds(public, message, signed)
        for at in (0, 31, 32, 63):
            assert not ed25519_holds(raw, message, signed[:at] + bytes([signed[at] ^ 1]) + signed[at + 1 :])
    assert plain_sm3(b"abc").hex() == "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"
    for length in (0, 55, 56, 63, 64, 65, 200):
        assert plain_sm3(b"x" * length) == hashlib.new("sm3", b"x" * length).digest()
