"""Filings and the approval of a transfer at the simulated system, over its wire."""

from __future__ import annotations

import uuid

import pytest

from adapters.radiation.mapping import mappings
from bridge.contract.outcome import Receipt
from bridge.contract.outgoing import BusinessKey, Outgoing
from bridge.errors import SettingsError
from bridge.model.delivery import Kind
from bridge.model.lifecycle import ApplicationState
from bridge.model.word import PaperKind
from bridge.testing.samples import generate

TYPES = [
    ("isotope-transfer-filing", "in"),
    ("isotope-offsite-filing", "move-out"),
    ("isotope-offsite-filing", "move-in-cancel"),
    ("waste-source-filing", "return-exporter"),
]


def made(enter, matter, type_):
    """A sample as the engine would hand it over."""
    application = str(uuid.uuid4())
    source, files = enter(next(generate(matter, type=type_, seed=uuid.uuid4().int % 1000)), application)
    source["facts"]["matter"] = matter
    key = BusinessKey(application, "YCL1", None, None, matter, type_, "91120116MA05000011", "001", 0)
    return Outgoing("d1", Kind.APPLY, 1, None, mappings()[matter, Kind.APPLY, None].write(source), key, files, {})


def played(sim, outgoing, *acts):
    """Handed in, and what was told of each act of the office."""

    async def act(adapter):
        receipt = await sim.send(adapter, outgoing)
        assert isinstance(receipt, Receipt), receipt
        again = await sim.send(adapter, outgoing)
        assert again.number == receipt.number
        cursor = (await adapter.changes(None)).cursor
        for name in acts:
            sim.decide(receipt.number, name)
        return receipt, (await adapter.changes(cursor)).items

    return sim.play(act)


@pytest.mark.parametrize(("matter", "type_"), TYPES)
def test_what_is_filed_is_told_with_its_receipt(sim, enter, matter, type_):
    """备案: one word, a numbered receipt, no licence."""
    _, told = played(sim, made(enter, matter, type_), "file")
    (one,) = [change for change in told if change.status is ApplicationState.FILED]
    assert one.word.licence is None
    assert [(paper.kind, paper.title) for paper in one.word.papers] == [(PaperKind.DECISION, "备案回执（模拟）")]
    assert one.word.papers[0].number


def test_what_is_not_filed_has_its_reason(sim, enter):
    """备案退回, with the office's reason."""
    _, told = played(sim, made(enter, "waste-source-filing", "store"), "not_file")
    assert (told[-1].status, bool(told[-1].word.reason)) == (ApplicationState.NOT_FILED, True)


@pytest.mark.parametrize("act", ["accept", "grant", "refuse", "return"])
def test_nobody_decides_upon_a_filing(sim, enter, act):
    """The acts of a permit mean nothing for it."""
    with pytest.raises(SettingsError, match="means nothing here"):
        played(sim, made(enter, "isotope-offsite-filing", "move-in"), act)


def test_a_transfer_gets_an_approval_and_no_licence_number(sim, enter):
    """转让审批: the grant gives number and day of the approval, which a filing names later."""
    outgoing = made(enter, "isotope-transfer", "transfer")
    _, told = played(sim, outgoing, "accept", "grant")
    licence = told[-1].word.licence
    assert told[-1].status is ApplicationState.GRANTED
    assert (licence.name, licence.valid_to) == ("放射性同位素转让批准文件", None)
    assert "津环辐证" not in licence.number
    assert {paper.kind for paper in told[-1].word.papers} == {PaperKind.DECISION, PaperKind.LICENCE}
    with pytest.raises(SettingsError, match="means nothing here"):
        played(sim, made(enter, "isotope-transfer", "transfer"), "file")
