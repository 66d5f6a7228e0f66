"""What owners said, as the doors show it."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

from bridge.catalogue.catalogue import Catalogue
from bridge.engine.plan import delivery
from bridge.engine.targets import Mode, Target, Targets
from bridge.engine.told import Told
from bridge.model.delivery import Kind
from bridge.model.lifecycle import ApplicationState
from bridge.model.step import Standing, Step
from bridge.model.word import CorrectionItem, Word

BOXES = {None: "/data/newest", 1: "/data/one", 2: "/data/two"}
"""The box behind the target's field `f`, by the version of the mapping."""


def asked(versions: list[tuple[Kind, int, int | None]], revision: int) -> Any:
    """The box that a decider's word about `f` of a revision is shown at, after deliveries (kind, revision, version)."""
    deliveries = [
        replace(
            delivery("t", application="a", revision=of, kind=kind, order=place, now=place, mode=Mode.WRITE),
            mapping_version=version,
        )
        for place, (kind, of, version) in enumerate(versions, 1)
    ]
    word = Word(items=(CorrectionItem("改", "f"),))
    state = ApplicationState.CORRECTION_REQUESTED
    step = Step("s", "a", 1, "t", revision, state, "raw", 1, 1, "poll", Standing.APPLIED, word)
    unit = SimpleNamespace(steps=lambda _: [step], papers=lambda _: (), deliveries=lambda _: deliveries)
    adapter = SimpleNamespace(
        manifest=SimpleNamespace(title="系统"),
        mapping=lambda matter, kind, version: SimpleNamespace(to_form=lambda path: BOXES[version]),
    )
    catalogue = SimpleNamespace(label=lambda matter, form, pointer: (pointer, pointer))
    application = SimpleNamespace(id="a", matter="m", form_version=1, state=state)
    targets = Targets({"t": Target(cast("Any", adapter), lambda _: Mode.WRITE)})
    told = Told(cast("Any", unit), cast("Catalogue", catalogue), targets, cast("Any", application)).correction()
    assert told is not None
    return told["items"][0]["pointer"]


def test_a_correction_is_traced_by_the_version_that_told_it() -> None:
    """A field is named as the target was told it: by the mapping version of that revision, whatever is in force."""
    first, later = (Kind.APPLY, 1, 1), (Kind.AMEND, 2, 2)
    assert asked([first], 1) == "/data/one"
    assert asked([first, later], 1) == "/data/one"
    assert asked([first, later], 2) == "/data/two"
    assert asked([first, (Kind.PROGRESS, 1, 2)], 1) == "/data/one"
    assert asked([first, (Kind.AMEND, 2, None)], 2) == "/data/one"
    assert asked([], 1) == "/data/newest"
