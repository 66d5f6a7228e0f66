"""The laws of forms to be signed: kept sealed with their delivery, the last one asked for counts, none is reused."""

from __future__ import annotations

from bridge.model.delivery import DeliveryState, Reason
from bridge.model.ids import digest
from bridge.model.signature import NamedFile
from bridge.ports.events import Event

FORM, OTHER = NamedFile("表.pdf", digest(b"form"), 4), NamedFile("表.pdf", digest(b"other"), 5)
SCAN = NamedFile("签字.pdf", digest(b"scan"), 4)


def ask(make, form):
    """Claim the one delivery and end its attempt with a form to be signed; what was claimed."""
    (claimed,) = make.claim("w1")
    end = make.end(claimed, DeliveryState.WAITING, reason=Reason.SIGNATURE, outcome="signature", to_sign=form)
    assert make.settle([end], "w1") == [True]
    return claimed


def sign(store, application, delivery):
    """Hand a signed form in, and let the delivery go on."""

    def act(unit):
        request = unit.signature_requests(application.id)[-1]
        unit.keep_signed(request, SCAN, Event(act="form_signed", at=0, application=application.id), at=7)
        unit.operate(
            delivery, DeliveryState.DUE, None, Event(act="delivery_released", at=0, application=application.id)
        )

    store.write(act)


def test_a_signed_form_goes_with_the_next_attempt_and_one_asked_anew_does_not(store, make):
    """What was signed is handed to the next claim; a form that is asked for after it has nothing signed."""
    make.worker()
    application, (delivery,) = make.application()
    assert ask(make, FORM).signed is None
    make.clock.move(1)
    sign(store, application, delivery.id)
    second = ask(make, OTHER)
    assert second.signed is not None
    assert (second.signed.form, second.signed.signed) == (FORM, SCAN)
    make.clock.move(1)
    requests = store.read(lambda unit: unit.signature_requests(application.id))
    assert [(one.form, one.signed) for one in requests] == [(FORM, SCAN), (OTHER, None)]
    released = Event(act="delivery_released", at=0, application=application.id)
    store.write(lambda unit: unit.operate(delivery.id, DeliveryState.DUE, None, released))
    assert ask(make, FORM).signed is None  # the first form again: what was signed of it was used
    assert store.read(lambda unit: unit.signature_requests(application.id))[-1].signed is None


def test_the_names_of_forms_are_sealed(make, tmp_path):
    """No name of a file stands in clear in the database."""
    make.worker()
    make.application()
    ask(make, FORM)
    assert FORM.name.encode() not in b"".join(one.read_bytes() for one in tmp_path.rglob("*.db*"))
