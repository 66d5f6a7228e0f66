"""The evidence pack of an application: everything entered, sent and received, with proofs that need no server of ours.

A zip in BagIt's form (RFC 8493): see `bridge.ledger.verify`, which goes into it and checks it anywhere. The making is
itself an event of the application: it names all files by one digest, and is the last event of the pack; so a pack has
neither a file too many nor an event too few. What does not belong here: how a pack is checked.
"""

from __future__ import annotations

import base64
import html
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path, PurePosixPath
from typing import Any

import orjson

from bridge.clock import Clock, from_micros, rfc3339, to_micros
from bridge.ledger import verify
from bridge.ledger.verify import HASHES, MADE, PROOF, TIMELINE, bound_digest, is_bound
from bridge.model.application import Application
from bridge.ports.events import Event
from bridge.ports.materials import Materials
from bridge.storage.contents import Salted
from bridge.storage.engine import SqlStore
from bridge.storage.keeper import Keeper
from bridge.storage.unit import Unit

EPOCH = (1980, 1, 1, 0, 0, 0)
"""The time of every file in the zip: the pack's own times stand in its files."""


class EvidencePacks:
    """Makes evidence packs."""

    def __init__(self, store: SqlStore, materials: Materials, keeper: Keeper, clock: Clock) -> None:
        self._store, self._materials, self._keeper, self._clock = store, materials, keeper, clock

    def make(self, number: str, place: Path, *, actor: str) -> dict[str, Any]:
        """Write the pack of the application with any of our or a target's numbers to a file that is not there yet.

        Raises NotFound, FileExistsError, OSError, SettingsError (the signing key), StoreError.
        """
        application = self._store.read(lambda unit: unit.find_application(number))
        files, digests = self._store.read(lambda unit: self._contents(unit, application))
        for name, digest in self._files(application):
            with self._materials.open(digest) as stream:
                files[name] = stream.read()
        told = self._store.read(lambda unit: unit.event_contents(application.id))
        files["data/report.html"] = _report(application, [orjson.loads(content) for _, content in told])
        with place.open("xb") as opened:  # before the event: what cannot be written is not told
            data = {"files_digest": bound_digest({n: c for n, c in files.items() if is_bound(n)}), "files": len(files)}
            event = Event(MADE, to_micros(self._clock.now()), actor, application.id, via="cli", data=data)
            self._store.write(lambda unit: unit.append([event]))
            self._add_proofs(files, application.id, digests)
            _close(files, application, self._clock)
            with zipfile.ZipFile(opened, "w", zipfile.ZIP_DEFLATED) as pack:
                for name in sorted(files):
                    pack.writestr(zipfile.ZipInfo(name, EPOCH), files[name], zipfile.ZIP_DEFLATED)
        return {"application": application.id, "number": application.number, "file": str(place), "files": len(files)}

    def _contents(self, unit: Unit, application: Application) -> tuple[dict[str, bytes], list[dict[str, str]]]:
        """What was entered, sent and answered; and the salts of what the ledger names by digest."""
        named = b"".join(content for _, content in unit.event_contents(application.id))
        files: dict[str, bytes] = {}
        digests: list[dict[str, str]] = []

        def add(name: str, salted: Salted) -> None:
            files[name] = salted.content
            if salted.digest.encode() in named:
                digests.append({"file": name, "salt": salted.salt.hex(), "digest": salted.digest})

        revisions = list(unit.salted_revisions(application.id))
        for number, salted in revisions:
            add(f"data/revisions/{number}.json", salted)
        about = {**asdict(application), "application": application.id, "revisions": [number for number, _ in revisions]}
        files["data/application.json"] = _json(about)
        for delivery in unit.deliveries(application.id):
            folder = f"data/targets/{delivery.target}/{delivery.order:03}-{delivery.kind.value}"
            files[f"{folder}/delivery.json"] = _json(asdict(delivery))
            if payload := unit.salted_payload(delivery.id):
                add(f"{folder}/sent.json", payload)
            for number, answer in unit.salted_answers(delivery.id):
                add(f"{folder}/response-{number:03}.bin", answer)
        for counterpart in unit.counterparts(application.id):
            files[f"data/targets/{counterpart.target}/receipt.json"] = _json(asdict(counterpart))
        files["data/steps.json"] = _json([asdict(step) for step in unit.steps(application.id)])
        requests = [asdict(one) for one in unit.signature_requests(application.id)]
        if requests:
            files["data/signatures.json"] = _json(requests)
        files["data/papers.json"] = _json([asdict(paper) for paper in unit.papers(application.id)])
        return files, digests

    def _files(self, application: Application) -> Iterator[tuple[str, str]]:
        """Names in the pack, and digests, of the files that were handed in and of those that bodies issued."""

        def look(unit: Unit) -> list[tuple[str, str]]:
            found: list[tuple[str, str, str]] = []
            for number, _ in unit.salted_revisions(application.id):
                materials = unit.revision(application.id, number).materials
                found += [("materials", one.digest, one.name) for one in materials]
            for one in unit.signature_requests(application.id):
                both = (one.form, one.signed)
                found += [("signatures", file.digest, file.name) for file in both if file is not None]
            found += [("papers", one.digest, "") for one in unit.papers(application.id) if one.digest]
            return [
                (f"data/{kind}/{digest.removeprefix('sha256:')}{_suffix(name)}", digest) for kind, digest, name in found
            ]

        yield from dict(self._store.read(look)).items()

    def _add_proofs(self, files: dict[str, bytes], application: str, digests: list[dict[str, str]]) -> None:
        """The events, and that each is in the signed tree."""
        checkpoint, note = self._keeper.checkpoint()
        told = self._store.read(lambda unit: unit.event_contents(application))
        told = [(position, content) for position, content in told if position <= checkpoint.size]
        while orjson.loads(told[-1][1])["act"] != MADE:  # something was told meanwhile: the next pack's matter
            told.pop()
        files[TIMELINE] = b"".join(content + b"\n" for _, content in told)
        proofs = [
            {
                name: [base64.b64encode(step).decode() for step in path]
                for name, path in self._keeper.prove(at).paths.items()
            }
            for at, _ in told
        ]
        files[f"{PROOF}inclusion.json"] = _json(proofs)
        files[f"{PROOF}digests.json"] = _json(digests)
        files[f"{PROOF}checkpoint.txt"] = note.encode()
        files[f"{PROOF}public-key.txt"] = f"{self._keeper.public_key()}\n".encode()


def _close(files: dict[str, bytes], application: Application, clock: Clock) -> None:
    """Add what makes a bag of the files: BagIt's own, and the program that checks it."""
    size, count = sum(len(one) for one in files.values()), len(files)
    for name in HASHES:
        files[f"manifest-{name}.txt"] = _manifest(files, HASHES[name], lambda one: one.startswith("data/"))
    files["bagit.txt"] = b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
    info = {
        "Bagging-Date": rfc3339(clock.now())[:10],
        "External-Identifier": application.number,
        "Payload-Oxum": f"{size}.{count}",
        "Bag-Software-Agent": "Permit Bridge",
    }
    files["bag-info.txt"] = "".join(f"{name}: {value}\n" for name, value in info.items()).encode()
    files["verify.py"] = Path(verify.__file__).read_bytes()
    files["tagmanifest-sha256.txt"] = _manifest(files, HASHES["sha256"], lambda one: not one.startswith("data/"))


def _manifest(files: dict[str, bytes], make: Callable[[bytes], bytes], listed: Callable[[str], bool]) -> bytes:
    return "".join(f"{make(files[name]).hex()}  {name}\n" for name in sorted(files) if listed(name)).encode()


def _json(value: Any) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS | orjson.OPT_INDENT_2)


def _suffix(name: str) -> str:
    """The ending of a file's name, where it is a plain one."""
    suffix = PurePosixPath(name).suffix.lower()
    return suffix if suffix[1:].isalnum() and suffix.isascii() and len(suffix) <= 6 else ""


def _report(application: Application, events: list[dict[str, Any]]) -> bytes:
    """A page for people: what the application is, and its history up to the making of the pack."""
    about = {
        "收件编号 (number)": application.number,
        "办件编号 (case number)": application.case_number or "尚未给出 (not given yet)",
        "事项 (matter)": f"{application.matter} / {application.type}",
        "状态 (state)": application.state.value,
        "提交时间 (entered)": rfc3339(from_micros(application.at)),
        "录入人 (entered by)": application.entered_by,
    }
    head = "".join(
        f"<tr><th>{html.escape(name)}</th><td>{html.escape(str(value))}</td></tr>" for name, value in about.items()
    )
    columns = ("序号", "发生时间", "记录时间", "行为", "操作人", "系统", "途径")
    rows = "".join(
        "<tr>" + "".join(f"<td>{html.escape(str(one or ''))}</td>" for one in _cells(event)) + "</tr>"
        for event in events
    )
    names = "".join(f"<th>{name}</th>" for name in columns)
    return (
        '<!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><title>证据包报告</title></head><body>'
        f"<h1>证据包报告 (evidence report)</h1><table>{head}</table><h2>经过 (history)</h2>"
        f"<table><thead><tr>{names}</tr></thead><tbody>{rows}</tbody></table>"
        "<p>核验 (check)：python verify.py 证据包.zip</p></body></html>\n"
    ).encode()


def _cells(event: dict[str, Any]) -> tuple[object, ...]:
    at, recorded = (rfc3339(from_micros(event[name])) for name in ("at", "recorded_at"))
    return event["sequence"], at, recorded, event["act"], event["actor"], event["target"], event["via"]
