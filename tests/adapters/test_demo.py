from __future__ import annotations

import asyncio
from contextlib import nullcontext
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest

from adapters import demo
from adapters.demo.adapter import Behaviour, DemoAdapter
from bridge.clock import SystemClock
from bridge.contract.adapter import AdapterContext
from bridge.contract.manifest import read_manifest
from bridge.contract.outcome import Absent, Held, Receipt
from bridge.contract.outgoing import BusinessKey, MaterialFile, Outgoing
from bridge.contract.remote import RemoteRecord, Window
from bridge.errors import OutcomeUnknown, Refused, SettingsError
from bridge.model.delivery import Kind

OUTGOING = Outgoing(
    delivery="d1",
    kind=Kind.APPLY,
    revision=1,
    event=None,
    payload={"number": "N1", "type": "new", "data": {}},
    key=BusinessKey("a1", "N1", None, None, "discharge-permit", "new", "91120116MA05000011", "001", 0),
    materials=(MaterialFile("PW-M02", "a.pdf", "sha256:00", 1, "application/pdf", lambda: nullcontext(BytesIO(b"x"))),),
    memo={},
)


class RecordingClock(SystemClock):
    """A clock that never waits and remembers for how long it should have."""

    def __init__(self):
        self.slept = []

    async def sleep(self, seconds):
        """Remember, do not wait."""
        self.slept.append(seconds)


def build(behaviour=None, clock=None):
    """The adapter, from its own manifest."""
    manifest = read_manifest(Path(demo.__file__).with_name("manifest.toml"))
    settings = {one.name: one.default for one in manifest.settings}
    settings |= {"behaviour": behaviour} if behaviour else {}
    return demo.create(AdapterContext(manifest, settings, {}, clock or SystemClock(), 1.0))


def send(adapter: DemoAdapter, outgoing=OUTGOING):
    """One delivery to its end."""
    (outcome,) = asyncio.run(adapter.send([outgoing]))
    return outcome


async def held(adapter) -> list[RemoteRecord]:
    """All that it holds."""
    return [record async for record in adapter.records(Window())]


def test_works_holds_one_record():
    """Told twice, it holds one record, and says so when asked."""
    adapter = build()
    assert asyncio.run(adapter.find(OUTGOING)) == Absent()
    assert isinstance(send(adapter), Receipt)
    assert isinstance(send(adapter), Receipt)
    (record,) = asyncio.run(held(adapter))
    assert (record.key, record.materials) == ("N1", [("a.pdf", "sha256:00")])
    assert isinstance(asyncio.run(adapter.find(OUTGOING)), Held)


def test_refuses_politely():
    """A refusal names the field in the target's words, which trace back to the form."""
    adapter = build(Behaviour.REFUSES)
    outcome = send(adapter)
    assert isinstance(outcome, Refused)
    assert adapter.mapping("any", Kind.APPLY).to_form(outcome.fields[0].path) == "/data/applicant/name"
    assert asyncio.run(held(adapter)) == []


def test_crashes_with_a_strange_error():
    """The crashing one raises what is in no error tree of ours."""
    with pytest.raises(ValueError, match="on purpose"):
        send(build(Behaviour.CRASHES))


def test_forgets_to_confirm():
    """The answer is lost, and asking shows that the target has it."""
    adapter = build(Behaviour.FORGETS)
    assert isinstance(send(adapter), OutcomeUnknown)
    assert isinstance(asyncio.run(adapter.find(OUTGOING)), Held)
    assert asyncio.run(adapter.find(replace(OUTGOING, delivery="d2"))) == Absent()


def test_slow_waits_through_the_clock():
    """The slow one takes its time by the clock, then works."""
    clock = RecordingClock()
    assert isinstance(send(build(Behaviour.SLOW, clock)), Receipt)
    assert clock.slept == [1.0]


def test_changes_are_read_once():
    """Read on from the cursor, nothing comes twice."""
    adapter = build()
    send(adapter)
    page = asyncio.run(adapter.changes(None))
    assert [change.key for change in page.items] == ["N1"]
    assert asyncio.run(adapter.changes(page.cursor)).items == []


def test_unknown_behaviour_is_named():
    """A behaviour that does not exist is an error of the settings, by name."""
    with pytest.raises(SettingsError, match="behaviour"):
        build("dances")
