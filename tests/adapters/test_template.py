"""What a new adapter starts from keeps every promise before the first line is changed."""

from __future__ import annotations

import asyncio
from contextlib import nullcontext
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest

import adapters._template as template
from adapters._template.mapping import compiled
from bridge.clock import SystemClock
from bridge.contract.adapter import AdapterContext
from bridge.contract.manifest import read_manifest
from bridge.contract.outgoing import BusinessKey, MaterialFile, Outgoing
from bridge.contract.remote import Window
from bridge.errors import AccessDenied, Refused
from bridge.model.delivery import Kind
from bridge.model.ids import digest
from bridge.testing.conformance import CHECKS, Case
from bridge.testing.simulator.launch import launch

TARGET = "_template"
FILE = b"%PDF-1.4"
SOURCE = {
    "data": {"applicant": {"name": "天津海晏试验化工有限公司", "registered_address": "试验路1号"}},
    "materials": [{"name": "a.pdf", "digest": digest(FILE)}],
    "facts": {"number": "N1"},
}
OUTGOING = Outgoing(
    delivery="d1",
    kind=Kind.APPLY,
    revision=1,
    event=None,
    payload=compiled().write(SOURCE),
    key=BusinessKey("a1", "N1", None, None, "discharge-permit", "new", "91120116MA05000011", "001", 0),
    materials=(
        MaterialFile("M", "a.pdf", digest(FILE), len(FILE), "application/pdf", lambda: nullcontext(BytesIO(FILE))),
    ),
    memo={},
)


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    """The simulator, for all tests of this module."""
    with launch([TARGET], folder=tmp_path_factory.mktemp("simulators")) as started:
        yield started


def play(running, act, key=None):
    """Run `act(adapter, side_door)` against an empty simulator."""

    def side_door(path, body):
        return running.ask(TARGET, path, body)

    manifest = read_manifest(Path(template.__file__).with_name("manifest.toml"))
    place = next(value for name, value in running.settings.items() if name.endswith("SECRETS__KEY"))
    secrets = {"key": key or Path(place.removeprefix("file:")).read_text()}
    url = running.targets[TARGET]["url"]

    async def played():
        adapter = template.create(AdapterContext(manifest, {"url": url}, secrets, SystemClock(), 5.0))
        try:
            return await act(adapter, side_door)
        finally:
            await adapter.close()

    side_door("/_control/reset", {})
    return asyncio.run(played())


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_conformance(running, check):
    """Every law that holds for every adapter."""
    play(running, lambda adapter, side_door: check(Case(adapter, OUTGOING, side_door)))


def test_a_refusal_is_traced_to_its_box(running):
    """What the target does not take comes back as its own path, which leads to the form."""

    async def act(adapter, _):
        (outcome,) = await adapter.send([replace(OUTGOING, payload={**OUTGOING.payload, "name": ""})])
        return outcome

    outcome = play(running, act)
    assert isinstance(outcome, Refused)
    assert compiled().to_form(outcome.fields[0].path) == "/data/applicant/name"


def test_a_wrong_key_is_access_denied(running):
    """A key that is not accepted is no refusal of the application."""

    async def act(adapter, _):
        with pytest.raises(AccessDenied):
            await adapter.check()

    play(running, act, key="wrong")


def test_records_are_read_to_the_end(running):
    """Everything that it holds is read once."""

    async def act(adapter, _):
        await adapter.send([OUTGOING])
        return [record async for record in adapter.records(Window())]

    (record,) = play(running, act)
    assert (record.key, record.materials) == ("N1", [("a.pdf", digest(FILE))])
