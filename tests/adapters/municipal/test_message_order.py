"""In which order a case may be told of its life: any order of messages by a model, and every life that is legal."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bridge.catalogue.catalogue import Catalogue
from bridge.contract.outcome import Absent, Held, Receipt, Unclear
from bridge.errors import OutcomeUnknown, Refused
from bridge.model.lifecycle import MOVES, ApplicationState

BEFORE = ("00", "03")
REVIEW = ("02", "04", "05")
DECIDED = ("10", "12")
WITHDRAWN, AMENDED = "withdrawn", "amended"

LEGAL = {
    "accepted": (BEFORE, "02"),
    "not_accepted": (BEFORE, "07"),
    "correction_requested": (BEFORE, "03"),
    "reviewing": ((*REVIEW, *DECIDED), "04"),
    "returned": (REVIEW, "03"),
    "suspended": (REVIEW, "05"),
    "extended": (REVIEW, None),
    "terminated": ((*REVIEW, *DECIDED), "09"),
    "granted": (REVIEW, "10"),
    "refused": (REVIEW, "12"),
    WITHDRAWN: ((*BEFORE, *REVIEW), "13"),
    AMENDED: ((*BEFORE, *REVIEW), None),
}
"""The model: where each may come, and what it leads to (None: as it stands). After 受理 a 03 counts as 04."""


class Model:
    """What the gateway should hold."""

    def __init__(self) -> None:
        self.status, self.accepted, self.version, self.taken = "00", False, 1, 0

    def tell(self, what: str) -> bool:
        """Whether it is taken."""
        legal, after = LEGAL[what]
        status = "04" if self.accepted and self.status == "03" else self.status
        if status not in legal:
            return False
        if what == AMENDED:
            self.version += 1
            self.status = "00" if status == "03" else status
            return True
        self.taken += 1
        self.accepted |= what == "accepted"
        stays = after is None or (what == "reviewing" and status in DECIDED)
        self.status = status if stays else after
        return True


ACTS = st.tuples(st.sampled_from(sorted(LEGAL)), st.sampled_from(["", "", "lost", "again", "other"]))
"""What is told, and how: with its answer lost, twice, or then otherwise under the same number."""


class Telling:
    """A case, and the model of it."""

    def __init__(self, sim, adapter, case, make) -> None:
        self.sim, self.adapter, self.case, self.make = sim, adapter, case, make
        self.model = Model()

    async def tell(self, place: int, what: str, how: str) -> None:
        """Tell one thing, and hold what comes of it against the model."""
        before, one = self.model.status, self.make(self, place, what)
        outcome = await self.send(one, lost=how == "lost" and what != AMENDED)
        if not self.model.tell(what):
            assert isinstance(outcome, Refused | Absent), (before, what)
            return
        assert isinstance(outcome, Receipt), (before, what)
        assert outcome.status_raw == self.model.status, (before, what)
        if how == "again":
            assert (await self.send(one)).status_raw == self.model.status
            assert isinstance(await self.adapter.find(one), Held)
        if how == "other" and what != AMENDED:
            other = self.make(self, place, what, reason="另一说法")
            assert (await self.send(other)).code == "409"
            assert isinstance(await self.adapter.find(other), Unclear)

    async def send(self, one, *, lost: bool = False):
        """The outcome; where its answer was lost, what asking says."""
        if lost:
            self.sim.faults("commit_then_drop", count=1)
        outcome = await self.sim.send(self.adapter, one)
        self.sim.faults()
        if isinstance(outcome, OutcomeUnknown):
            found = await self.adapter.find(one)
            return found.receipt if isinstance(found, Held) else found
        return outcome


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts=st.lists(ACTS, min_size=1, max_size=8))
def test_any_order_is_as_the_model_says(*, sim, outgoing, told, withdrawal, corrected, acts):
    """Whatever is told in whatever order, with whatever answers lost, is taken once or refused, as the model says."""
    sim.ask("/_control/reset", {})

    def make(telling, place, what, **said):
        if what == AMENDED:
            return corrected(telling.model.version + 1)
        if what == WITHDRAWN:
            return withdrawal(telling.case, f"s{place}", **said)
        return told(what, telling.case, f"s{place}", **said)

    async def act(adapter):
        telling = Telling(sim, adapter, (await sim.send(adapter, outgoing)).number, make)
        for place, (what, how) in enumerate(acts):
            await telling.tell(place, what, how)
        return telling.model, (await adapter._client.by_our_number(outgoing.key.number)).affairs

    model, (affair,) = sim.play(act)
    (record,) = sim.records()
    assert (record["status"], affair.status, affair.version) == (model.status, model.status, model.version)
    assert len(affair.messages) == len({one.sn for one in affair.messages}) == model.taken


@pytest.fixture(scope="module")
def owners():
    """Who says what of 排污许可."""
    return Catalogue(Path("schemas")).matter("discharge-permit").owners


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_every_legal_life_can_be_told(*, sim, outgoing, told, withdrawal, corrected, owners, data):
    """Whatever moves an application makes by the table of legal moves, the gateway takes each, in that order."""
    sim.ask("/_control/reset", {})
    state = ApplicationState.RECEIVED
    lives = []
    while len(lives) < 9:
        steps = sorted(one for one in MOVES.get(state, ()) if one in owners or one is ApplicationState.WITHDRAWN)
        if not steps:
            break
        state = data.draw(st.sampled_from(steps))
        lives.append(state)

    async def act(adapter):
        case, revision = (await sim.send(adapter, outgoing)).number, 1
        for place, one in enumerate(lives):
            if one is ApplicationState.SERVED:  # its own word
                sim.ask("/_control/decide", {"number": case, "act": "serve"})
            elif one is ApplicationState.RECEIVED:  # the applicant's correction leads there
                revision += 1
                outcome = await sim.send(adapter, corrected(revision))
                assert isinstance(outcome, Receipt), (lives[: place + 1], outcome)
            else:
                made = withdrawal(case) if one is ApplicationState.WITHDRAWN else told(one.value, case, f"s{place}")
                outcome = await sim.send(adapter, made)
                assert isinstance(outcome, Receipt), (lives[: place + 1], outcome)

    sim.play(act)
    assert len(sim.records()) == 1
