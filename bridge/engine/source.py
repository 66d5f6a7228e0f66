"""The source of a mapping: the form, the files and the facts of one application as one tree of JSON values."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from bridge.clock import from_micros, rfc3339
from bridge.contract.mapping import Source
from bridge.model.application import Application, MaterialRef, Revision
from bridge.model.lifecycle import STAGES, ApplicationState
from bridge.model.step import NAMES, Standing, Step, result
from bridge.model.word import Word


def source(
    application: Application,
    revision: Revision,
    fixed: Mapping[str, Any],
    given: Mapping[str, str],
    *,
    steps: Sequence[Step] = (),
    event: str | None = None,
) -> Source:
    """The tree for one revision: `fixed` was settled when it was taken in, `given` came from targets since.

    `steps` are all steps of the application; told of are those up to the one that `event` names.
    """
    return {
        "data": revision.data,
        "materials": list(_materials(application.id, revision.materials)),
        "facts": {
            "id": application.id,
            "number": application.number,
            "revision": revision.number,
            "matter": application.matter,
            "type": application.type,
            "channel": application.channel,
            "submitted_at": rfc3339(from_micros(application.at)),
            **fixed,
            **given,
            **(_told(steps, event) if steps else {}),
        },
    }


def _materials(application: str, materials: Sequence[MaterialRef]) -> Iterator[dict[str, Any]]:
    """The files, each under an id that stays through revisions."""
    seen: Counter[str] = Counter()
    for one in materials:
        seen[one.code] += 1
        yield {
            "id": f"{application}/{one.code}/{seen[one.code]}",
            "code": one.code,
            "name": one.name,
            "digest": one.digest,
            "size": one.size,
            "media_type": one.media_type,
        }


def _told(steps: Sequence[Step], event: str | None) -> dict[str, Any]:
    """What the steps say: `step`, `steps`, `states`, `licence`, `withdrawal`, each left out while unknown.

    A state that was said again adds what is said of it, such as a licence, and is no second step.
    """
    everything = counted = [one for one in steps if one.standing is not Standing.PENDING]
    own = next((one for one in counted if one.id == event), None)
    if own is not None:
        counted = [one for one in counted if one.place <= own.place or STAGES[one.state] < STAGES[own.state]]
    counted = sorted(counted, key=lambda one: (one.at, one.place))
    moved = {one.state for one in counted if one.standing is Standing.APPLIED}
    steps = [
        one for one in counted if one.state in NAMES and not (one.standing is Standing.NOTED and one.state in moved)
    ]
    told: dict[str, Any] = {
        "steps": [_step(one) for one in steps],
        "states": {one.state.value: _step(one) for one in steps},
    }
    if own is not None:
        told["step"] = _step(replace(own, word=_whole_word(own, everything)))
    for one in counted:
        if one.word.licence is not None:
            told["licence"] = _given(
                one.word.licence, ("number", "name", "issued_on", "valid_from", "valid_to", "issuer")
            )
        if one.state is ApplicationState.WITHDRAWN:
            told["withdrawal"] = {"at": _time(one.at), **_given(one.word, ("reason",))}
    return told


def _whole_word(own: Step, steps: Sequence[Step]) -> Word:
    """What was said with a step, and of it later: a reason that comes after the decision fills what was left open."""
    word = own.word
    for later in steps:
        if later.state is own.state and later.target == own.target and later.standing is Standing.NOTED:
            said = later.word
            word = replace(
                word,
                officer=word.officer or said.officer,
                opinion=word.opinion or said.opinion,
                reason=word.reason or said.reason,
                items=word.items or said.items,
                papers=word.papers or said.papers,
            )
    return word


def _step(one: Step) -> dict[str, Any]:
    """One step as mappings read it."""
    told = {
        "id": one.id,
        "state": one.state.value,
        "name": NAMES[one.state],
        "result": result(one.state),
        "target": one.target,
        "at": _time(one.at),
        **_given(one.word, ("officer", "opinion", "reason")),
    }
    if one.word.items:
        told["items"] = [_given(item, ("text", "field")) for item in one.word.items]
    if one.word.handover is not None:
        told["handover"] = _given(one.word.handover, ("method", "tracking"))
    paper = next((paper for paper in one.word.papers if paper.number is not None), None)
    if paper is not None:
        named = {"document_no": paper.number, "document_title": paper.title, "document_date": paper.date}
        told.update({name: value for name, value in named.items() if value is not None})
    return told


def _given(holder: object, names: Sequence[str]) -> dict[str, Any]:
    """The values that are there."""
    values = {name: getattr(holder, name) for name in names}
    return {name: value for name, value in values.items() if value is not None}


def _time(micros: int) -> str:
    return rfc3339(from_micros(micros))
