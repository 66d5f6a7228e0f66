"""Applications: stored whole when they are taken in, found again by any number, moved by their owners' words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from sqlalchemy import ColumnElement, Select, bindparam, insert, select, update

from bridge.errors import NotFound
from bridge.model.application import Application
from bridge.model.delivery import Delivery
from bridge.model.lifecycle import ENDED, ApplicationState
from bridge.ports.events import Event
from bridge.ports.store import NewApplication
from bridge.storage import rows
from bridge.storage import tables as t
from bridge.storage.numbers import NumbersPart
from bridge.storage.part import Part
from bridge.storage.revisions import RevisionsPart

ENTERED = frozenset({"submitted", "amended"})
"""The events that are given the salted digest of what was entered."""

_a = t.applications.c


def _by(condition: ColumnElement[bool]) -> Select[tuple[object, ...]]:
    """The first application for which the condition holds."""
    return select(*rows.APPLICATION).where(condition).order_by(_a.recorded_at, _a.id).limit(1)


_ADD = insert(t.applications)
_ADD_DELIVERY = insert(t.deliveries)
_BY_ID = _by(_a.id == bindparam("value"))
_BY_NUMBER = _by(_a.number == bindparam("value"))
_BY_CASE_NUMBER = _by(_a.case_number == bindparam("value"))
_BY_REFERENCE = _by(_a.reference == bindparam("value"))
_BY_CONTENT = _by(_a.content_key == bindparam("value"))
_BY_OPEN_KEY = _by(_a.open_key == bindparam("value"))
_OPEN_KEY = select(_a.open_key, _a.matter, _a.type).where(_a.id == bindparam("value"))
_CONTENT_KEY = select(_a.content_key).where(_a.id == bindparam("value"))
_MOVE = update(t.applications).where(_a.id == bindparam("id_")).values(state=bindparam("state_"))
_AMEND = (
    update(t.applications)
    .where(_a.id == bindparam("id_"))
    .values(revision=bindparam("revision_"), form_version=bindparam("form_version_"))
)
_END = update(t.applications).where(_a.id == bindparam("id_")).values(state=bindparam("state_"), open_key=None)


class ApplicationsPart(RevisionsPart, NumbersPart, Part):
    """What the unit of work says about applications."""

    def add_application(self, new: NewApplication, deliveries: Sequence[Delivery], events: Sequence[Event]) -> None:
        """Store an application with its first revision, its deliveries and its events."""
        self._must_write()
        application = new.application
        self._run(
            _ADD,
            {
                **{column.name: getattr(application, column.name) for column in rows.APPLICATION},
                "state": application.state.value,
                "content_key": self._content_key(new.content_digest),
                "applicant_key": self._keyring.blind("applicant", new.applicant),
                "open_key": None
                if application.state in ENDED
                else self._open_key(new.applicant, new.site, application.matter, application.type),
            },
        )
        content_digest = self._add_revision(new)
        self._run_all(_ADD_DELIVERY, [_new_delivery(one, application.form_version) for one in deliveries])
        self._record(*(_with_digest(event, content_digest) for event in events))

    def amend_application(self, new: NewApplication, deliveries: Sequence[Delivery], events: Sequence[Event]) -> None:
        """Store a further revision, its deliveries and events; the application goes by its form from now on."""
        self._must_write()
        content_digest = self._add_revision(new)
        revision = new.revision
        values = {"id_": new.application.id, "revision_": revision.number, "form_version_": revision.form_version}
        self._run(_AMEND, values)
        self.add_deliveries(deliveries, new.revision.form_version)
        self._record(*(_with_digest(event, content_digest) for event in events))

    def add_deliveries(self, deliveries: Sequence[Delivery], form_version: int) -> None:
        """Store further deliveries of an application."""
        self._must_write()
        self._run_all(_ADD_DELIVERY, [_new_delivery(one, form_version) for one in deliveries])

    def application(self, id_: str) -> Application:
        """One by its id. Raises NotFound."""
        found = self._first(_BY_ID, id_)
        if found is None:
            raise NotFound("没有这个申请 (no such application)")
        return found

    def find_application(self, number: str) -> Application:
        """One by our id, our number, the 办件编号, the sender's reference, or any number that a target gave.

        Raises NotFound, also where targets gave the same number to several.
        """
        for statement in (_BY_ID, _BY_NUMBER, _BY_CASE_NUMBER, _BY_REFERENCE):
            if found := self._first(statement, number):
                return found
        carriers = self._carriers(number)
        if len(carriers) > 1:
            raise NotFound("该编号对应多个申请，请使用收件编号查询 (several applications carry this number: use ours)")
        if not carriers:
            raise NotFound("没有找到该编号的申请 (no application has this number)")
        return self.application(carriers[0])

    def by_reference(self, reference: str) -> Application | None:
        """The application with this reference of the sender."""
        return self._first(_BY_REFERENCE, reference)

    def by_content(self, content_digest: str) -> Application | None:
        """The earliest application with this content."""
        return self._first(_BY_CONTENT, self._content_key(content_digest))

    def same_content(self, application: str, content_digest: str) -> bool:
        """Whether the application's first revision had this content."""
        kept: bytes | None = self._run(_CONTENT_KEY, {"value": application}).scalar_one_or_none()
        return kept == self._content_key(content_digest)

    def is_case_of(self, application: str, applicant: str, site: str) -> bool:
        """Whether the open application was entered for this applicant and site."""
        row = self._run(_OPEN_KEY, {"value": application}).one()
        kept: bytes | None = row.open_key
        return kept == self._open_key(applicant, site, row.matter, row.type)

    def open_application(self, applicant: str, site: str, matter: str, type_: str) -> Application | None:
        """An application of the same applicant, site, matter and type that has not ended."""
        return self._first(_BY_OPEN_KEY, self._open_key(applicant, site, matter, type_))

    def applications(
        self,
        *,
        matter: str | None = None,
        state: ApplicationState | None = None,
        after: str | None = None,
        limit: int = 200,
    ) -> Sequence[Application]:
        """Some applications by id, read on behind `after`."""
        wanted = select(*rows.APPLICATION).order_by(_a.id).limit(limit)
        if matter is not None:
            wanted = wanted.where(_a.matter == matter)
        if state is not None:
            wanted = wanted.where(_a.state == state.value)
        if after is not None:
            wanted = wanted.where(_a.id > after)
        return [rows.application(row) for row in self._run(wanted)]

    def applications_of(self, applicant: str, *, limit: int = 50) -> Sequence[Application]:
        """The latest applications of one applicant, by the certificate number, newest first."""
        mine = _a.applicant_key == self._keyring.blind("applicant", applicant)
        wanted = select(*rows.APPLICATION).where(mine).order_by(_a.recorded_at.desc(), _a.id.desc()).limit(limit)
        return [rows.application(row) for row in self._run(wanted)]

    def latest_applications(self, matter: str, *, before: str | None = None, limit: int) -> Sequence[Application]:
        """Applications of a matter, newest first, read on behind the id `before`."""
        wanted = select(*rows.APPLICATION).where(_a.matter == matter).order_by(_a.id.desc()).limit(limit)
        if before is not None:
            wanted = wanted.where(_a.id < before)
        return [rows.application(row) for row in self._run(wanted)]

    def application_at(self, target: str, *, number: str | None, key: str | None) -> Application | None:
        """The application that a target means by its number, or by the key that we gave it."""
        if number is not None and (carrier := self._carrier_at(target, number)):
            return self.application(carrier)
        if key is None:
            return None
        return self._first(_BY_NUMBER, key) or self._first(_BY_ID, key) or self._first(_BY_CASE_NUMBER, key)

    def move_application(self, id_: str, state: ApplicationState, event: Event) -> None:
        """Change its state; the move has been found legal by the engine."""
        self._record(event)
        self._run(_END if state in ENDED else _MOVE, {"id_": id_, "state_": state.value})

    def _first(self, statement: Select[tuple[object, ...]], value: str | bytes) -> Application | None:
        """What a statement finds, if anything."""
        row = self._run(statement, {"value": value}).first()
        return None if row is None else rows.application(row)

    def _content_key(self, content_digest: str) -> bytes:
        return self._keyring.blind("content", content_digest)

    def _open_key(self, applicant: str, site: str, matter: str, type_: str) -> bytes:
        return self._keyring.blind("open", applicant, site, matter, type_)


def _new_delivery(one: Delivery, form_version: int) -> Mapping[str, object]:
    """A delivery as columns."""
    return {
        **{column.name: getattr(one, column.name) for column in rows.DELIVERY},
        "kind": one.kind.value,
        "state": one.state.value,
        "reason": one.reason.value if one.reason else None,
        "rank": one.made_at,
        "tries": 0,
        "fence": 0,
        "form_version": form_version,
    }


def _with_digest(event: Event, content_digest: str) -> Event:
    """The event that says that it was entered also names what was entered, by a digest that tells nothing."""
    if event.act not in ENTERED:
        return event
    return replace(event, data={**event.data, "content_digest": content_digest})
