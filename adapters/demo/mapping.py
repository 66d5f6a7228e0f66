"""The demonstration target takes any matter: our number, the type and the form as it stands."""

from __future__ import annotations

from collections.abc import Sequence

from bridge.contract.lineage import Coverage, Line, Lineage
from bridge.contract.mapping import Payload, Readback, Source, Unfit


class Verbatim:
    """A mapping without a table: `/data/applicant/name` is the target's `applicant.name`."""

    version = 1
    target_schema = "demo-v1"

    def missing(self, source: Source) -> Sequence[str]:
        """It waits for nothing."""
        return ()

    def write(self, source: Source) -> Payload:
        """The form's data, our number and the type."""
        facts = source["facts"]
        return {"number": facts["number"], "type": facts["type"], "data": source["data"]}

    def read(self, payload: Payload) -> Readback:
        """What `write` took: the form's data, our number and the type."""
        facts = {name: payload[name] for name in ("number", "type") if name in payload}
        return Readback(
            {**({"data": payload["data"]} if "data" in payload else {}), **({"facts": facts} if facts else {})}
        )

    def preflight(self, source: Source) -> Sequence[Unfit]:
        """Everything fits."""
        return ()

    def to_form(self, path: str) -> str | None:
        """The pointer that has the same steps."""
        return "/data/" + path.replace(".", "/") if path else None

    def to_target(self, pointer: str) -> Sequence[str]:
        """The path that has the same steps; nothing outside `/data`."""
        return (pointer.removeprefix("/data/").replace("/", "."),) if pointer.startswith("/data/") else ()

    def lineage(self) -> Lineage:
        """Three lines; it has no schema."""
        lines = (
            Line("/facts/number", "number", "原样"),
            Line("/facts/type", "type", "原样"),
            Line("/data", "data", "原样"),
        )
        return Lineage(lines, left_out={}, length_unit="characters", charset="utf-8")

    def coverage(self, leaves: Sequence[str]) -> Coverage:
        """Everything is told."""
        return Coverage(mapped=tuple(leaves), left_out={}, lost=())
