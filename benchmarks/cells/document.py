"""One application of about 600 leaves: read strictly, checked by form and rules, mapped for all targets of its route.

No file, no database and no wire: what is measured is the mapping's own cost at entry and at the first attempt.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import orjson

from benchmarks import samples
from benchmarks.measures import Figure, Row
from benchmarks.scale import Scale
from benchmarks.target import real_mapping
from bridge.catalogue.catalogue import Catalogue
from bridge.catalogue.text import documents
from bridge.clock import CHINA, SystemClock
from bridge.settings import Settings

ACCEPTED = {"id": "0" * 36, "state": "accepted", "name": "受理", "result": "pass", "target": "discharge"}
"""The decider's word that the national platform waits for; without it there is nothing to map for it."""


def run(scale: Scale, _under: Path | None) -> Iterator[Row]:
    """Each step, and all of them; the best of several rounds, so that other work on the machine does not count."""
    catalogue = Catalogue(Settings().schemas_dir, SystemClock())
    document = next(iter(samples.documents(1, samples.LARGE, seed=1, files=False)))
    for material in document["materials"]:
        material["path"] = "file.pdf"
        del material["content"]
    text = orjson.dumps(document)
    source = _source(catalogue, document)
    mappings = [(name, real_mapping(name)) for name in catalogue_route(catalogue)]

    def read() -> None:
        for one in documents(text, "file.json"):
            if one.document is None:
                raise RuntimeError(one.problems)

    def check() -> None:
        if not catalogue.check(document, paths_allowed=True).ok:
            raise RuntimeError("a sample was refused")

    steps: dict[str, Callable[[], object]] = {"parse": read, "validate": check}
    for name, mapping in mappings:
        steps[name] = lambda mapping=mapping: mapping.write(source)  # type: ignore[misc]
    figures = [Figure(name, _best(step, scale.mapped), "us") for name, step in steps.items()]
    total = Figure("total", sum(one.value for one in figures), "us")
    leaves = samples.leaves(document["data"])
    yield Row("document", f"{leaves} leaves, {len(mappings)} targets", [total, *figures])
    preflight = [
        Figure(name, _best(lambda mapping=mapping: mapping.preflight(source), scale.mapped), "us")  # type: ignore[misc]
        for name, mapping in mappings
    ]
    yield Row("document", "pre-flight of the same, per target", preflight, "at entry, beside the above")


def catalogue_route(catalogue: Catalogue) -> list[str]:
    """The targets of the bench's matter."""
    return [step.target for step in catalogue.matter(samples.MATTER).route]


def _source(catalogue: Catalogue, document: samples.Document) -> dict[str, Any]:
    """The source tree as the engine makes it for a delivery after 受理."""
    body = catalogue.body(samples.MATTER, document["data"])
    now = SystemClock().now().astimezone(CHINA)
    step = {**ACCEPTED, "at": now.isoformat(timespec="milliseconds")}
    facts = {
        "id": "0" * 36,
        "number": "YCL2026112300000022",
        "case_number": "1" * 43,
        "revision": 1,
        "matter": document["matter"],
        "type": document["type"],
        "channel": "batch",
        "submitted_at": now.isoformat(timespec="milliseconds"),
        "title": "排污许可",
        "item": dict(catalogue.item(body.code, samples.MATTER, document["type"], now.date())),
        "step": step,
        "steps": [step],
        "states": {"accepted": step},
    }
    materials = [
        {
            "id": "0" * 36,
            "code": one["code"],
            "name": one["name"],
            "digest": "sha256:" + "0" * 64,
            "size": 15,
            "media_type": "application/pdf",
        }
        for one in document["materials"]
    ]
    return {"data": document["data"], "materials": materials, "facts": facts}


def _best(step: Callable[[], object], times: int) -> float:
    """Microseconds of one call: the least of the means of ten rounds."""
    best = float("inf")
    for _ in range(10):
        began = time.perf_counter()
        for _ in range(times):
            step()
        best = min(best, (time.perf_counter() - began) / times * 1e6)
    return best
