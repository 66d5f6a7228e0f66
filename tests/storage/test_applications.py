"""The laws of stored applications, over every kind of store."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bridge.errors import NotFound, StoreError
from bridge.model.counterpart import Counterpart
from bridge.model.delivery import DeliveryState
from bridge.model.lifecycle import ApplicationState
from bridge.ports.events import Event
from bridge.ports.store import NewApplication


def test_comes_back_as_it_was_stored(store, make):
    """An application, its revision and its facts come back exactly as they were entered."""
    data = {"applicant": {"name": "示例公司", "id_no": "91120116MA00000001"}, "rows": [{"n": "1.50"}] * 200}
    application, deliveries = make.application(("municipal", "discharge"), data=data)

    def look(unit):
        return (
            unit.application(application.id),
            unit.revision(application.id, 1),
            unit.revision_facts(application.id, 1),
            unit.deliveries(application.id),
        )

    kept, revision, facts, held = store.read(look)
    assert kept == application
    assert revision.data == data
    assert revision.materials[0].name == "营业执照.pdf"
    assert facts["item"] == {"task_code": "T1", "promise_days": 20}
    assert sorted(held, key=lambda one: one.id) == sorted(deliveries, key=lambda one: one.id)


def test_serials_are_never_given_twice(store):
    """The serial numbers of a day begin at 1, go on without a gap, and start anew on the next day."""
    taken = [store.write(lambda unit: unit.next_serial("20261123", 3)) for _ in range(2)]
    assert taken == [1, 4]
    assert store.write(lambda unit: unit.next_serial("20261124")) == 1


def test_found_by_every_number(store, make, clock):
    """An application is found by our id, our number, its reference, its case number and a target's number."""
    application, _ = make.application(reference="erp-7")
    worker = make.worker()
    (claimed,) = make.claim(worker)
    held = Counterpart(application.id, "municipal", "TJ-0001", ApplicationState.RECEIVED, "1", clock.micros)
    make.settle([make.end(claimed, counterpart=held, facts={"case_number": "12011620261123000001"})], worker)
    for number in (application.id, application.number, "erp-7", "TJ-0001", "12011620261123000001"):
        found = store.read(lambda unit, number=number: unit.find_application(number))
        assert found == replace(application, case_number="12011620261123000001")
    assert store.read(lambda unit: unit.application_at("municipal", number="TJ-0001", key=None)).id == application.id
    assert store.read(lambda unit: unit.application_at("discharge", number="TJ-0001", key=None)) is None
    assert store.read(lambda unit: unit.application_at("discharge", number=None, key=application.number)) is not None
    with pytest.raises(NotFound):
        store.read(lambda unit: unit.find_application("nothing"))


def test_a_number_of_two_applications_means_none(store, make, clock):
    """Where targets gave one number to two applications, it leads to neither: the wrong one would be worse."""
    for _ in range(2):
        application, _ = make.application()
        held = Counterpart(application.id, "municipal", "DOUBLE", None, None, clock.micros)
        store.write(lambda unit, held=held: unit.put_counterpart(held, None))
    with pytest.raises(NotFound):
        store.read(lambda unit: unit.find_application("DOUBLE"))
    assert store.read(lambda unit: unit.application_at("municipal", number="DOUBLE", key=None)) is None


def test_twice_is_found(store, make):
    """The same reference, the same content, and an open application of the same company are each found."""
    application, _ = make.application(reference="r", content="sha256:1", applicant="A")

    def look(unit):
        return (
            unit.by_reference("r"),
            unit.by_content("sha256:1"),
            unit.same_content(application.id, "sha256:1"),
            unit.same_content(application.id, "sha256:2"),
            unit.open_application("A", "津南区示例路1号", "discharge-permit", "new"),
            unit.open_application("A", "津南区示例路2号", "discharge-permit", "new"),
        )

    assert store.read(look) == (application, application, True, False, application, None)


def test_an_ended_application_is_not_open(store, make, clock):
    """Once an application has ended, the same company may apply again for the same site."""
    application, _ = make.application(applicant="A")
    event = Event("state_changed", clock.micros, application=application.id)
    store.write(lambda unit: unit.move_application(application.id, ApplicationState.WITHDRAWN, event))
    look = ("A", "津南区示例路1号", "discharge-permit", "new")
    assert store.read(lambda unit: unit.open_application(*look)) is None
    again, _ = make.application(applicant="A")
    assert store.read(lambda unit: unit.open_application(*look)) == again


def test_two_open_ones_of_a_company_cannot_be(store, make):
    """The store itself refuses a second open application of the same company, site, matter and type."""
    make.application(applicant="A")
    with pytest.raises(StoreError):
        make.application(applicant="A")
    assert len(store.read(lambda unit: unit.applications())) == 1


def test_nothing_happened_where_a_unit_fails(store, make):
    """A unit that raises leaves nothing behind, neither rows nor events."""
    application, _ = make.application()

    def fail(unit):
        unit.next_serial("20261123")
        unit.append([Event("noted", 1, application=application.id)])
        raise LookupError

    with pytest.raises(LookupError):
        store.write(fail)
    assert store.write(lambda unit: unit.next_serial("20261123")) == 1
    assert make.acts(application.id) == ["submitted", "delivery_made"]


def test_pages_give_everything_once(store, make):
    """A long list read page by page gives every application once, in order."""
    made = [make.application()[0].id for _ in range(7)]
    pages = store.pages(lambda unit, after: unit.applications(after=after, limit=3), lambda one: one.id)
    assert [one.id for one in pages] == sorted(made)


@pytest.mark.parametrize(
    "act",
    [
        lambda unit: unit.next_serial("20261123"),
        lambda unit: unit.append([Event("noted", 1)]),
        lambda unit: unit.promote("municipal", now=1),
        lambda unit: unit.note_target("municipal", silent=1),
        lambda unit: unit.register_worker("w", host="h", pid=1, lease_until=1),
    ],
)
def test_a_read_unit_does_not_write(store, act):
    """Every writing act is refused in a unit made by `read`."""
    with pytest.raises(StoreError):
        store.read(act)


def test_a_fact_belongs_to_who_gave_it_first(store, make, clock):
    """Another target's contradicting word changes nothing and is told in the history; the owner's own word counts."""
    application, _ = make.application(("discharge", "municipal"), each=2)
    worker = make.worker()

    def tell(target, value):
        (claimed,) = make.claim(worker, target)
        return make.settle([make.end(claimed, facts={"case_number": value})], worker)

    assert tell("municipal", "C1") == [True]
    assert tell("discharge", "C2") == [True]
    assert store.read(lambda unit: unit.facts(application.id)) == {"case_number": "C1"}
    assert "case_number_contradicted" in make.acts(application.id)
    assert tell("municipal", "C3") == [True]
    assert store.read(lambda unit: unit.application(application.id)).case_number == "C3"
    assert make.states(application.id).count((DeliveryState.DELIVERED.value, None)) == 3
    assert clock.micros


def test_silence_erases_nothing(store, make, clock):
    """What a target does not say again stays as it said it before."""
    application, _ = make.application()
    put = (
        Counterpart(application.id, "municipal", "N1", ApplicationState.RECEIVED, "1", clock.micros),
        Counterpart(application.id, "municipal", None, None, None, clock.micros + 1),
        Counterpart(application.id, "municipal", None, None, "99", clock.micros + 2),
    )
    for one in put:
        store.write(lambda unit, one=one: unit.put_counterpart(one, None))
    (held,) = store.read(lambda unit: unit.counterparts(application.id))
    assert held == Counterpart(application.id, "municipal", "N1", None, "99", clock.micros + 2)


def test_a_target_is_remembered(store, clock):
    """Holding, silence and the read cursor of a target are kept apart from each other."""
    event = Event("target_held", clock.micros, "boss", target="municipal")
    store.write(lambda unit: unit.hold_target("municipal", held=True, reason="维护", until=None, event=event))
    store.write(lambda unit: unit.note_target("municipal", silent=6, open_until=99))
    store.write(lambda unit: unit.note_poll("municipal", cursor="c1", now=5))
    row = store.read(lambda unit: unit.target("municipal"))
    assert (row.held, row.held_by, row.silent, row.open_until, row.cursor) == (True, "boss", 6, 99, "c1")
    store.write(lambda unit: unit.note_target("municipal", silent=0, last_answer=7))
    row = store.read(lambda unit: unit.target("municipal"))
    assert (row.held, row.silent, row.open_until, row.last_answer, row.last_poll) == (True, 0, None, 7, 5)
    assert store.read(lambda unit: unit.target("discharge")).held is False


def test_what_one_applicant_told_is_found_newest_first(store, make):
    """By the certificate number: the latest first, no one else's, at most as many as asked for."""
    mine = []
    for _ in range(3):
        mine.append(make.application(applicant="A")[0].id)
        ended = Event("state_changed", 1, application=mine[-1])
        store.write(lambda unit, ended=ended: unit.move_application(mine[-1], ApplicationState.WITHDRAWN, ended))
    make.application(applicant="B")
    for limit in (1, 2, 10):
        found = store.read(lambda unit, limit=limit: unit.applications_of("A", limit=limit))
        assert [one.id for one in found] == mine[::-1][:limit]
    assert store.read(lambda unit: unit.applications_of("C")) == []


def test_an_application_goes_by_the_form_of_its_correction(store, make):
    """A correction on a newer form: its boxes are named, and what is told later is kept, by that form."""
    application, _ = make.application(applicant="A")
    revision = store.read(lambda unit: unit.revision(application.id, 1))
    later = replace(revision, number=2, form_version=2, reason="更正")
    new = NewApplication(replace(application, revision=2, form_version=2), later, {}, "sha256:2", "A", "S")
    store.write(lambda unit: unit.amend_application(new, [], [Event("amended", 1, application=application.id)]))
    found = store.read(lambda unit: (unit.application(application.id), unit.revision(application.id, 1)))
    assert (found[0].revision, found[0].form_version) == (2, 2)
    assert found[1].form_version == 1
