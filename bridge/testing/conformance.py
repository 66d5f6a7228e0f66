"""The conformance suite: what every adapter promises, run against its simulator. An adapter opts in with one line.

What belongs here: laws that hold for every target. What does not: laws of one wire (the adapter's own tests).

    for check in CHECKS:
        await check(Case(adapter, outgoing, side_door))
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from bridge.contract.adapter import Adapter
from bridge.contract.outcome import Absent, Held, Outcome, Receipt
from bridge.contract.outgoing import Outgoing
from bridge.errors import OutcomeUnknown, TargetError, TryLater

SideDoor = Callable[[str, object | None], Any]
"""Calls the simulator's side door: path and body (None: GET) → JSON."""


@dataclass(frozen=True, slots=True)
class Case:
    """One adapter, one delivery that its simulator would take, and the simulator's side door."""

    adapter: Adapter
    outgoing: Outgoing
    side_door: SideDoor

    def held(self) -> list[dict[str, Any]]:
        """What the simulator holds of this delivery's application."""
        records = self.side_door("/_control/records", None)["records"]
        key = self.outgoing.key
        return [one for one in records if one["key"] in {key.number, key.application, key.case_number}]

    async def send(self, memo: dict[str, object] | None = None) -> Outcome:
        """Send it once."""
        outgoing = self.outgoing if memo is None else replace(self.outgoing, memo=memo)
        try:
            (outcome,) = await self.adapter.send([outgoing])
        except TargetError as error:
            return error
        return outcome


Check = Callable[[Case], Awaitable[None]]


def require(law: str, *, holds: bool) -> None:
    """Raise AssertionError with the law that does not hold."""
    if not holds:
        raise AssertionError(law)


async def unsent_is_absent(case: Case) -> None:
    """What was never sent is absent."""
    require("find before send says Absent", holds=isinstance(await case.adapter.find(case.outgoing), Absent))


async def sent_is_held(case: Case) -> None:
    """What was sent is held under the number of the receipt, once, with every file, and `find` says so."""
    outcome = await case.send()
    require("a valid delivery gets a receipt", holds=isinstance(outcome, Receipt))
    held = case.held()
    require("the target holds it once", holds=len(held) == 1)
    require("under the receipt's number", holds=isinstance(outcome, Receipt) and held[0]["number"] == outcome.number)
    digests = {one["digest"] for one in held[0]["materials"]}
    require("with every file by digest", holds={file.digest for file in case.outgoing.materials} <= digests)
    found = await case.adapter.find(case.outgoing)
    require("find says Held with the same number", holds=isinstance(found, Held))
    require("…", holds=isinstance(found, Held) and found.receipt.number == held[0]["number"])
    given = set(case.adapter.manifest.gives)
    require("it gives no fact beyond its manifest", holds=isinstance(outcome, Receipt) and set(outcome.facts) <= given)


async def sent_twice_is_held_once(case: Case) -> None:
    """Where the manifest says that creating is idempotent, sending twice makes one record."""
    await case.send()
    await case.send()
    if case.adapter.manifest.abilities.idempotent_create:
        require("sent twice, held once", holds=len(case.held()) == 1)


async def lost_answer_is_unknown_then_held(case: Case) -> None:
    """A target that commits and drops the line leaves an unknown outcome, never a refusal; asking shows one record."""
    case.side_door("/_control/faults", {"seed": 3, "faults": [{"fault": "commit_then_drop", "share": 1}]})
    memo: dict[str, object] = {}
    outcome: Outcome = TryLater()
    for _ in range(40):  # each attempt goes on where the last one stopped, through every step that loses its answer
        outcome = await case.send(memo)
        if not isinstance(outcome, TryLater):
            break
        memo = {**memo, **(outcome.memo or {})}
    require("a lost answer of the last step is OutcomeUnknown", holds=isinstance(outcome, OutcomeUnknown))
    case.side_door("/_control/faults", {"faults": []})
    require("asking shows that it is held", holds=isinstance(await case.adapter.find(case.outgoing), Held))
    require("the lost answer made one record", holds=len(case.held()) == 1)


async def dead_target_is_try_later(case: Case) -> None:
    """A target on whose port nothing listens leads to TryLater without an answer: nothing was sent."""
    case.side_door("/_control/faults", {"faults": [{"fault": "refuse", "share": 1, "on": "all"}]})
    outcome = await case.send()
    case.side_door("/_control/faults", {"faults": []})
    require("a dead target is TryLater", holds=isinstance(outcome, TryLater) and not outcome.answered)
    require("and nothing was sent", holds=not case.held())


async def changes_tell_of_it(case: Case) -> None:
    """The stream of changes tells of the case, and reading on from its cursor tells nothing twice."""
    await case.send()
    seen: list[Any] = []
    cursor = None
    while True:
        page = await case.adapter.changes(cursor)
        seen += page.items
        if not page.more or page.cursor == cursor:
            cursor = page.cursor
            break
        cursor = page.cursor
    (held,) = case.held()
    require("changes tell of the case", holds=held["number"] in {one.number for one in seen})
    require("each status is known or kept raw", holds=all(one.status_raw for one in seen))
    again = await case.adapter.changes(cursor)
    require("reading on tells no status anew", holds=len(again.items) <= len(seen))


CHECKS: Sequence[Check] = (
    unsent_is_absent,
    sent_is_held,
    sent_twice_is_held_once,
    lost_answer_is_unknown_then_held,
    dead_target_is_try_later,
    changes_tell_of_it,
)
"""Every law, each on a simulator that has been reset."""
