"""What the engine asks of a mapping. `kit.mapping` is one implementation: a table of rows.

A *source* is one tree: `/data/…` the form, `/materials/…` the attached files, `/facts/…` what is known of the
application (numbers, dates, the item's codes). Paths are RFC 6901 pointers on our side; on the target's side they are
the target's own field names, as in the left column of the mapping's documentation.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from bridge.contract.lineage import Coverage, Lineage

Source = Mapping[str, Any]
"""`{"data": …, "materials": [{"id","code","name","digest","size","media_type"}…], "facts": {…}}`.

A material's `id` stays the same through revisions (application, code, place among those of its code). Facts, each left
out while it is not known:

- `id`, `number`, `revision`, `matter`, `type`, `channel`, `submitted_at`, and what was fixed at entry: `title`, `item`;
- what targets gave, as texts: `case_number`, `licence_number`;
- `step`: what a `progress`, `decision` or `apply` that waited for a word tells of: `{"id","state","name","result",
  "target","at"}` and, as far as they were given, `officer`, `opinion`, `reason`, `items` (`{"text","field"}`),
  `document_no`, `document_title`, `document_date`. `name` is the 办理环节 in Chinese, `result` is `pass`, `return` or
  `other`, `at` RFC 3339;
- `steps`: all steps up to and with that one, in order; `states`: the last step of each state, by the state's name;
- `licence`: `{"number","name","issued_on","valid_from","valid_to","issuer"}`, once the decider gave it;
- `withdrawal`: `{"at","reason"}`, once the applicant withdrew.
"""

Payload = dict[str, Any]
"""What a target is told, as JSON values, without anything that changes from attempt to attempt."""


@dataclass(frozen=True, slots=True)
class Unfit:
    """One value that the target cannot take, found before anything is sent."""

    pointer: str
    """Pointer into the document, `/data/applicant/name`."""
    message: str
    message_en: str
    remedy: str
    remedy_en: str


@dataclass(frozen=True, slots=True)
class Unreadable:
    """One field of a payload that says nothing about the source."""

    path: str
    """The target's field, list positions as digits."""
    why: str
    """`中文 (English)`, without the value."""


@dataclass(frozen=True, slots=True)
class Disagreement:
    """One place of the source of which two fields of a payload say different things."""

    pointer: str
    paths: tuple[str, ...]
    """The target's fields, as far as they were read."""


@dataclass(frozen=True, slots=True)
class Readback:
    """What a payload tells of the source that it was made from; what it does not tell is not there."""

    source: dict[str, Any]
    """`{"data": …, "materials": […], "facts": {…}}`, each left out while nothing of it is known."""
    unreadable: tuple[Unreadable, ...] = ()
    disagreements: tuple[Disagreement, ...] = ()
    """These places are left out of `source`: nobody here can say which of the fields is right."""


class PayloadMapping(Protocol):
    """One matter and kind of one target, both ways."""

    @property
    def version(self) -> int:
        """A delivery keeps the version it was made with."""
        ...

    @property
    def target_schema(self) -> str:
        """Name and version of the target schema that the payload is valid under."""
        ...

    def missing(self, source: Source) -> Sequence[str]:
        """Names of facts that must exist before the payload can be made, and do not yet: then it is `waiting`."""
        ...

    def write(self, source: Source) -> Payload:
        """The payload for `source`. Raises Refused, by field, where a value is outside a row's domain."""
        ...

    def read(self, payload: Payload) -> Readback:
        """The way back: what a payload, or a record's part of one, tells of its source. Never raises for a value."""
        ...

    def preflight(self, source: Source) -> Sequence[Unfit]:
        """All values that this target cannot take, for the entry door."""
        ...

    def to_form(self, path: str) -> str | None:
        """The form pointer that feeds the target's field `path` (list positions as digits), or None."""
        ...

    def to_target(self, pointer: str) -> Sequence[str]:
        """The target's fields that the form pointer feeds."""
        ...

    def lineage(self) -> Lineage:
        """All that it does, for people: which box becomes which field, and what is left out."""
        ...

    def coverage(self, leaves: Sequence[str]) -> Coverage:
        """What becomes of the form's leaves (pointers with `*` for positions): mapped, left out, or lost."""
        ...
