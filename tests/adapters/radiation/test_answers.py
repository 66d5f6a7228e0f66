"""What the system answers, read: faults by their code, states, words as far as they were said, strangers refused."""

from __future__ import annotations

import pytest

from adapters.radiation.client import answers
from adapters.radiation.client.messages import FAULT, FAULT_DETAIL, NAMESPACE
from adapters.radiation.codes import FAULTS, STATES, Means
from bridge.errors import AccessDenied, OutcomeUnknown, Refused, TryLater
from bridge.kit.soap import envelope
from bridge.kit.soap.client import Reply, SoapClient
from bridge.kit.soap.envelope import SoapFault
from bridge.kit.soap.literal import element
from bridge.model.lifecycle import ApplicationState
from bridge.model.word import SILENT, Paper, PaperKind

CHANGE = {"id": "1", "companyId": "c", "state": "ACCEPTED", "at": "2026-11-25T09:00:00.000+08:00"}

KINDS = {
    Means.REFUSED: Refused,
    Means.DENIED: AccessDenied,
    Means.REFRESH: answers.SessionEnded,
    Means.LATER: TryLater,
    Means.UNKNOWN: OutcomeUnknown,
}


def fault(name: str, **told) -> SoapFault:
    """A fault as it comes."""
    detail = element(FAULT_DETAIL, told, FAULT, namespace=NAMESPACE) if told else None
    raw = envelope.write(envelope.fault(name, "?", detail))
    with pytest.raises(SoapFault) as caught:
        envelope.read(raw)
    return caught.value


@pytest.mark.parametrize("code", FAULTS)
def test_each_code_means_what_the_table_says(code):
    """And no other kind of error."""
    error = answers.error(fault(FAULTS[code].name, code=code, message="说明"))
    assert type(error) is KINDS[FAULTS[code].means]
    assert error.code == code
    assert error.raw


def test_what_a_fault_adds_is_kept():
    """The fields that it names, its message, the seconds that it asks for."""
    refused = answers.error(
        fault("Client", code="R2002", message="不一致", fields=[{"path": "companyName", "reason": "不符"}])
    )
    assert (str(refused), [(one.path, one.reason) for one in refused.fields]) == ("不一致", [("companyName", "不符")])
    assert answers.error(fault("Server", code="R3001", message="忙", retryAfter=7)).after == 7


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("Server", {}),
        ("Server", {"code": "R7777", "message": "？"}),
        ("Server", {"code": "R2001", "message": "a Client's code"}),
        ("VersionMismatch", {"code": "R9001", "message": "？"}),
    ],
)
def test_a_fault_of_no_table_is_unknown(name, told):
    """No detail, a code in no table, a code under the wrong name: perhaps done."""
    assert type(answers.error(fault(name, **told))) is OutcomeUnknown


@pytest.mark.parametrize("state", STATES)
def test_each_state_has_its_canonical_one(state):
    """And a code of no table is kept raw and moves nothing."""
    change = answers.change({**CHANGE, "state": state}, b"")
    assert (change.status, change.status_raw) == (STATES[state].state, state)
    stranger = answers.change({**CHANGE, "state": "X9"}, b"")
    assert (stranger.status, stranger.status_raw) == (None, "X9")


def test_a_state_that_came_alone_is_silent():
    """Nothing is filled in: no officer, no opinion, no licence, no date, no paper."""
    change = answers.change(CHANGE, b"")
    assert change.word == SILENT
    assert (change.facts, change.key, change.status) == ({}, None, ApplicationState.ACCEPTED)


def test_a_licence_says_only_what_was_said():
    """A licence of which only the number was told has no dates and no issuer."""
    change = answers.change({**CHANGE, "state": "APPROVED", "licenseInfo": {"licenseNo": "津环辐证[00052]"}}, b"")
    assert change.facts == {"licence_number": "津环辐证[00052]"}
    licence = change.word.licence
    assert (licence.issued_on, licence.valid_from, licence.valid_to, licence.issuer) == (None,) * 4


def test_a_paper_of_an_unknown_type_is_kept():
    """As another paper, under its own type."""
    (paper,) = answers.change({**CHANGE, "papers": [{"fileType": "X"}]}, b"").word.papers
    assert paper == Paper(PaperKind.OTHER, "X")


@pytest.mark.parametrize(
    "spoilt",
    [
        {"id": None},
        {"state": None},
        {"at": "yesterday"},
        {"licenseInfo": {}},
        {"licenseInfo": "?"},
        {"items": [{}]},
        {"papers": ["?"]},
    ],
)
def test_a_change_of_another_form_is_not_understood(spoilt):
    """A field that is missing or of another kind: not guessed at."""
    item = {name: value for name, value in {**CHANGE, **spoilt}.items() if value is not None}
    with pytest.raises(OutcomeUnknown):
        answers.change(item, b"raw")


@pytest.mark.parametrize("item", ["?", {}, {"companyId": "c", "state": "ACCEPTED", "dataVersion": "one"}])
def test_a_business_of_another_form_is_not_understood(item):
    """The same for what is held."""
    with pytest.raises(OutcomeUnknown):
        answers.business(item, b"raw")


def answering(monkeypatch, operation, **told):
    """Every call is answered so; a login as it should be."""

    async def call(_self, _path, action, _body, **_more):
        name = action.rpartition("/")[2]
        fields = {"token": "t", "expiresIn": 60} if name == "login" else told
        return Reply(element(f"{operation if name != 'login' else name}Response", fields, {}, namespace=NAMESPACE), b"")

    monkeypatch.setattr(SoapClient, "call", call)


def test_bytes_that_are_not_what_was_said_are_not_taken(sim, monkeypatch):
    """A file whose digest does not fit, or that is no base64, is to be asked for again."""
    paper = Paper(PaperKind.LICENCE, "证", file="f")
    for told in ({"digest": "sha256:" + "0" * 64, "content": "AAAA"}, {"digest": "", "content": "%%"}, {}):
        answering(monkeypatch, "downloadFile", **told)
        with pytest.raises(TryLater):
            sim.play(lambda adapter: adapter.fetch(paper))


def test_another_operations_answer_is_not_understood(sim, outgoing, monkeypatch):
    """An answer under another name says nothing of what was asked: files to be looked at, the last step unknown."""
    answering(monkeypatch, "queryBusiness")
    assert isinstance(sim.play(lambda adapter: sim.send(adapter, outgoing)), TryLater)
    assert isinstance(sim.play(lambda adapter: sim.send(adapter, outgoing, materials=())), OutcomeUnknown)
