"""Prefill (promise 10): what a company told before is offered for its next application, each box with source and date.

Offered are the parts that forms share and that stay true of a company: who it is, its site, its contacts, its licences.
Never files, consent, authorisation, a counterpart, or what one application was about. It is an offer: a person looks
through it and submits, and nothing is stored here but that it was shown.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bridge.catalogue.catalogue import Catalogue
from bridge.clock import Clock, from_micros, rfc3339, to_micros
from bridge.errors import NotFound
from bridge.model.application import Application
from bridge.model.lifecycle import ApplicationState
from bridge.model.pointer import Unresolved, join, resolve, tokens
from bridge.model.step import Standing, Step
from bridge.ports.events import Event
from bridge.ports.store import Store, UnitOfWork

OFFERED = frozenset({"applicant", "site", "contact", "licence", "radiation-permit"})
"""The shared parts (`schemas/common`) that are offered. Each is taken whole, so that it holds together."""

BY_BOX = frozenset({"applicant"})
"""Parts whose boxes stand each for itself: what the newest application leaves open, an older one may fill."""

AT_SITE = frozenset({"site", "licence"})
"""Parts that belong to one site: with a site named, only what was told of that one."""

LICENCES = frozenset({"licence", "radiation-permit"})

BOXES = {"no": "number", "issuer": "issuer", "from": "valid_from", "to": "valid_to"}
"""Boxes of a licence part, by what a decider says of a licence."""

ENDED = frozenset({ApplicationState.REVOKED, ApplicationState.CANCELLED})
"""A licence that was given and taken away is not offered."""

LATEST = 50
"""Applications of the company that are looked through."""


@dataclass(frozen=True, slots=True)
class _Known:
    """A value that was told before."""

    pointer: str
    part: str
    value: Any
    application: Application
    at: int
    by: str
    """`applicant`, or the target that said it."""


class Prefill:
    """Offers what is known."""

    def __init__(self, store: Store, catalogue: Catalogue, clock: Clock) -> None:
        self._store, self._catalogue, self._clock = store, catalogue, clock

    def offer(self, matter: str, applicant: str, *, site: str | None = None, actor: str) -> dict[str, Any]:
        """`{"matter","form","data","from":[…],"others":[…]}` for a new application of `matter`.

        `from` names for each box `{"pointer","label","label_en","number","matter","at","by"}`; `others` what else was
        told, with its `value`, for a whole part or box; newest first. `applicant` is the certificate number (统一社会
        信用代码), `site` the 场所顺序码. What the new form would not take is not offered. One event says that it was
        shown. Raises NotFound where there is no such matter, or no application of the applicant.
        """
        form = self._catalogue.matter(matter).form
        parts = {at: name for at, name in self._catalogue.shared(matter, form).items() if name in OFFERED}
        known = self._store.read(lambda unit: list(self._known(unit, parts, applicant, site)))
        known.sort(key=lambda one: -one.at)
        data, taken = self._taken(matter, form, known)
        numbers = sorted({one.application.number for one in known})
        event = Event(
            act="prefill_shown",
            at=to_micros(self._clock.now()),
            actor=actor,
            via="operator",
            data={"matter": matter, "form": form, "numbers": numbers},
        )
        self._store.write(lambda unit: unit.append([event]))
        return {
            "matter": matter,
            "form": form,
            "data": data,
            "from": [self._named(matter, form, pointer, one) for pointer, one in taken],
            "others": [
                {**self._named(matter, form, one.pointer, one), "value": one.value} for one in _others(known, data)
            ],
        }

    def _known(self, unit: UnitOfWork, parts: Mapping[str, str], applicant: str, site: str | None) -> Iterator[_Known]:
        """Everything that was told before of the places wanted. Raises NotFound."""
        found = unit.applications_of(applicant, limit=LATEST)
        if not found:
            raise NotFound("没有该单位的申请，无可预填 (no application of this applicant: nothing to offer)")
        for one in found:
            revision = unit.revision(one.id, one.revision)
            if _at({"data": revision.data}, self._catalogue.matter(one.matter).identity.applicant) != applicant:
                continue
            at_site = site is None or _at(revision.data, "/site/seq") == site
            told = self._catalogue.shared(one.matter, revision.form_version)
            wanted = {at: name for at, name in parts.items() if at_site or name not in AT_SITE}
            for pointer, name in wanted.items():
                for theirs in (place for place, theirs in told.items() if theirs == name):
                    value = _at({"data": revision.data}, theirs)
                    yield from _pieces(pointer, name, value, one, revision.at)
            yield from _licences(one, unit.steps(one.id), wanted)

    def _taken(
        self, matter: str, form: int, known: Sequence[_Known]
    ) -> tuple[dict[str, Any], list[tuple[str, _Known]]]:
        """The newest of each place that the form takes, and where each box of it is from."""
        data: dict[str, Any] = {}
        taken: list[tuple[str, _Known]] = []
        for one in known:
            if _at({"data": data}, one.pointer) is None and self._fits(matter, form, one):
                _put(data, tokens(one.pointer)[1:], one.value)
                taken += [(pointer, one) for pointer in _leaves(one.value, one.pointer)]
        return data, sorted(taken, key=lambda pair: pair[0])

    def _fits(self, matter: str, form: int, one: _Known) -> bool:
        """Whether the form takes the value there: an older form may have had other boxes, a licence be of another kind.

        What is missing beside it does not count.
        """
        data: dict[str, Any] = {}
        _put(data, tokens(one.pointer)[1:], one.value)
        problems = self._catalogue.form(matter, form).problems(data)
        within = [p for p in problems if p.pointer == one.pointer or p.pointer.startswith(f"{one.pointer}/")]
        return not [p for p in within if p.code != "required"]

    def _named(self, matter: str, form: int, pointer: str, one: _Known) -> dict[str, Any]:
        """Where a box's value is from."""
        label, label_en = self._catalogue.label(matter, form, pointer)
        return {
            "pointer": pointer,
            "label": label,
            "label_en": label_en,
            "number": one.application.number,
            "matter": one.application.matter,
            "at": rfc3339(from_micros(one.at)),
            "by": one.by,
        }


def _pieces(pointer: str, part: str, value: Any, application: Application, at: int) -> Iterator[_Known]:
    """A part as one piece, or its boxes one by one."""
    if part in BY_BOX and isinstance(value, Mapping):
        for name, inner in value.items():
            yield _Known(pointer + join(name), part, inner, application, at, "applicant")
    elif value is not None:
        yield _Known(pointer, part, value, application, at, "applicant")


def _licences(application: Application, steps: Sequence[Step], parts: Mapping[str, str]) -> Iterator[_Known]:
    """The licence that the decider gave, for each licence part; which kind it is, its number's form tells."""
    given = [one for one in steps if one.standing is not Standing.PENDING and one.word.licence is not None]
    if not given or application.state in ENDED:
        return
    last = given[-1]
    told = {box: getattr(last.word.licence, name) for box, name in BOXES.items()}
    value = {box: text for box, text in told.items() if text is not None}
    for pointer, name in parts.items():
        if name in LICENCES:
            yield _Known(pointer, name, value, application, last.at, last.target)


def _others(known: Sequence[_Known], data: Mapping[str, Any]) -> Iterator[_Known]:
    """What else was told of a place that is offered, each value once, by who told it last."""
    seen: list[tuple[str, Any]] = []
    for one in known:
        offered = _at({"data": data}, one.pointer)
        piece = (one.pointer, one.value)
        if offered is not None and offered != one.value and piece not in seen:
            seen.append(piece)
            yield one


def _at(value: Any, pointer: str) -> Any:
    """The value there; None where there is none."""
    try:
        return resolve(value, pointer)
    except Unresolved:
        return None


def _put(data: dict[str, Any], names: Sequence[str], value: Any) -> None:
    """Set a value at a place of objects."""
    *above, last = names
    for name in above:
        data = data.setdefault(name, {})
    data[last] = value


def _leaves(value: Any, pointer: str) -> Iterator[str]:
    """The pointers of all boxes of a value."""
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _leaves(inner, pointer + join(name))
    elif isinstance(value, list):
        for place, inner in enumerate(value):
            yield from _leaves(inner, f"{pointer}/{place}")
    else:
        yield pointer
