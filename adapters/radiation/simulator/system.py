"""The simulated system itself: attachments, businesses, issued files, and what it tells. No SOAP, no sessions.

What it checks of the content is `rules`; what its office decides is `office`. Whatever it makes up is marked 模拟.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from adapters.radiation.codes import (
    ACCEPTED,
    CORRECTION,
    FAULTS,
    IN_WORKFLOW,
    NOT_RESPONDED,
    RETURNED,
    WITHDRAWN,
)
from adapters.radiation.simulator.rules import REASONS, Schema, Wrong, check_business, given
from bridge.clock import Clock, rfc3339, to_micros
from bridge.model.ids import digest as digest_of
from bridge.testing.simulator.calls import Answer, Denied
from bridge.testing.simulator.store import Store
from bridge.testing.simulator.stream import Stream

FILE_BYTES = 20 << 20
EDITABLE = (NOT_RESPONDED, CORRECTION, RETURNED)
"""States in which a later dataVersion takes the place of what is held (INVENTED: as long as nobody has accepted it)."""
WITHDRAWABLE = (NOT_RESPONDED, CORRECTION, ACCEPTED, IN_WORKFLOW, RETURNED)
"""Before the decision."""
OPEN = (NOT_RESPONDED, CORRECTION, ACCEPTED, IN_WORKFLOW, RETURNED)
"""States in which a second business of the same type for the same unit and site is not taken."""


SEVERAL = ("passNo", "takebackDate")
"""What tells several open filings of one site apart: the transfer that was approved, the day of the return."""


class Refusal(Denied):
    """The system says no, with a code of its table and the fields that it means."""

    def __init__(self, code: str, wrong: Sequence[Wrong] = (), *, message: str = "") -> None:
        super().__init__(Answer(500, b""))  # the server writes it as a fault
        self.code, self.wrong = code, tuple(wrong)
        self.message = message or FAULTS[code].meaning


@dataclass(frozen=True, slots=True)
class Upload:
    """One file of an instance."""

    attachment_id: str
    name: str
    digest: str


@dataclass(slots=True)
class Case:
    """One business as the system holds it."""

    company_id: str
    content: dict[str, Any]
    """The fields as they were told."""
    state: str = NOT_RESPONDED
    files: list[Upload] = field(default_factory=list)
    """What was handed in last."""
    licence: dict[str, str] = field(default_factory=dict)
    updated_at: int = 0
    """Microseconds since the epoch."""

    @property
    def instance(self) -> str | None:
        """instanceId; None where the case was born here."""
        found: str | None = self.content.get("instanceId")
        return found

    @property
    def version(self) -> int:
        """How often it was entered: dataVersion."""
        found: int = self.content["dataVersion"]
        return found

    @property
    def same(self) -> str:
        """What only one open business may be of: unit, site, business type."""
        content = self.content
        more = " ".join(content.get(name, "") for name in SEVERAL)
        return f"{content['organizationCode']} {content['siteSeq']} {content['businessType']} {more}".rstrip()


class System:
    """What the system holds, and how it may change. Everything lies in the store; nothing is kept in memory."""

    def __init__(self, store: Store, stream: Stream, clock: Clock, *, schemas: Iterable[Mapping[str, Any]]) -> None:
        self._store, self._stream, self._clock = store, stream, clock
        self._schemas = {name: made for one in schemas for made in (Schema(one),) for name in made.types}

    # -- writing

    def upload(self, instance: str, *, name: str, digest: str, data: bytes) -> Upload:
        """Take a file; the same bytes under the same name are one file. Raises Refusal."""
        if len(data) > FILE_BYTES:
            raise Refusal("R2007")
        if digest_of(data) != digest:
            raise Refusal("R2005")
        held = self.uploads(instance)
        for upload in held:
            if (upload.name, upload.digest) == (name, digest):
                return upload
        if any(case.state not in EDITABLE for case in self.by_instance(instance)):
            raise Refusal("R2004")
        upload = Upload(uuid.uuid4().hex, name, self._store.keep_file(data))
        self._store.put("uploads", instance, {"files": [asdict(one) for one in (*held, upload)]})
        return upload

    def submit(self, content: Any, attachments: Sequence[str]) -> Case:
        """Take a business, a corrected one in place of the old, or say again that it is held. Raises Refusal."""
        schema = self._schemas.get(content.get("businessType"))
        if schema is None:
            raise Refusal("R2001", [Wrong("businessType", REASONS["enum"])])
        if wrong := schema.check(content):
            raise Refusal("R2001", wrong)
        if wrong := check_business(content):
            raise Refusal("R2002", wrong)
        held = self.by_instance(content["instanceId"])
        files = self._files(content, attachments)
        if held:
            return self._again(held[0], content, files)
        case = Case(company_id=str(uuid.uuid4()), content=content, files=files)
        if any(one.state in OPEN for one in self._of("same", case.same)):
            raise Refusal("R2003")
        return self.move(case, NOT_RESPONDED)

    def _again(self, case: Case, content: dict[str, Any], files: list[Upload]) -> Case:
        """The same again changes nothing; another content only where it was asked for."""
        if (case.content, case.files) == (content, files):
            return case
        if case.state not in EDITABLE or content["dataVersion"] <= case.version:
            raise Refusal("R2004")
        if case.same != Case(case.company_id, content).same:
            raise Refusal("R2004", [Wrong("organizationCode", "补正不得变更单位、场所或业务类型")])
        case.content, case.files = content, files
        return self.move(case, IN_WORKFLOW if case.state == RETURNED else NOT_RESPONDED)  # 退回 keeps the acceptance

    def withdraw(self, instance: str, reason: str | None) -> Case:
        """Take it back before the decision, or say again that it is taken back. Raises Refusal."""
        held = self.by_instance(instance)
        if not held:
            raise Refusal("R2010")
        case = held[0]
        if case.state == WITHDRAWN:
            return case
        if case.state not in WITHDRAWABLE:
            raise Refusal("R2004")
        return self.move(case, WITHDRAWN, reason=reason)

    def _files(self, content: Mapping[str, Any], attachments: Sequence[str]) -> list[Upload]:
        """The uploads that the ids mean: all that the content names, no other. Raises Refusal."""
        known = {one.attachment_id: one for one in self.uploads(content["instanceId"])}
        if not set(attachments) <= set(known):
            raise Refusal("R2006")
        files = [known[one] for one in dict.fromkeys(attachments)]
        there = {(one.name, one.digest) for one in files}
        missing = [
            Wrong(f"attachments[{place}].fileName", "附件未上传")
            for place, one in enumerate(content["attachments"])
            if (one["fileName"], one["digest"]) not in there
        ]
        if missing:
            raise Refusal("R2006", missing)
        if there - given(content["attachments"]):
            raise Refusal("R2002", [Wrong("attachments", "附件不在申请的附件清单中")])
        return files

    # -- finding

    def uploads(self, instance: str) -> list[Upload]:
        """Every file that was sent for an instance."""
        return [Upload(**one) for one in (self._store.get("uploads", instance) or {"files": []})["files"]]

    def case(self, company_id: str) -> Case:
        """One by its key. Raises Refusal."""
        held = self._store.get("case", company_id)
        if held is None:
            raise Refusal("R2010")
        return _case(held)

    def by_instance(self, instance: str) -> list[Case]:
        """All with this instanceId."""
        return self._of("instance", instance)

    def cases(self) -> Iterator[Case]:
        """All, oldest first."""
        return (_case(held) for held in self._store.all("case"))

    def page(self, place: int, limit: int) -> tuple[list[Case], int]:
        """Some of them behind `place`, and where they end."""
        held = list(self._store.since("case", place, limit))
        return [_case(one) for _, one in held], held[-1][0] if held else place

    def changes(self, place: int, limit: int) -> tuple[list[dict[str, Any]], int]:
        """What was told behind `place`, and where it ends."""
        told = list(self._stream.since(place, limit))
        return [one for _, one in told], told[-1][0] if told else place

    def issued(self, file_id: str) -> tuple[str, str, bytes]:
        """Name, digest and bytes of a file that the system issued. Raises Refusal."""
        held = self._store.get("issued", file_id)
        if held is None:
            raise Refusal("R2011")
        return held["name"], held["digest"], self._store.file(held["digest"])

    # -- changing

    def issue(self, name: str, data: bytes) -> tuple[str, str]:
        """Keep a file of the office; its id and digest."""
        file_id, digest = uuid.uuid4().hex, self._store.keep_file(data)
        self._store.put("issued", file_id, {"name": name, "digest": digest})
        return file_id, digest

    def serial(self, name: str) -> int:
        """The next number of a series, from 1."""
        after = (self._store.get("serial", name) or {"last": 0})["last"] + 1
        self._store.put("serial", name, {"last": after})
        return int(after)

    def keep_file(self, data: bytes) -> str:
        """Keep the bytes of an attachment; their digest."""
        return self._store.keep_file(data)

    def move(self, case: Case, state: str, **said: Any) -> Case:
        """Change the state, and tell of it with what was said."""
        case.state = state
        told = {
            "id": uuid.uuid4().hex,
            "companyId": case.company_id,
            "instanceId": case.instance,
            "state": state,
            "at": rfc3339(self._clock.now()),
            **said,
        }
        self._stream.tell({name: value for name, value in told.items() if value is not None})
        return self.keep(case)

    def keep(self, case: Case) -> Case:
        """Put a case into the store as it now is, findable by instanceId, and by what it must be alone of."""
        case.updated_at = to_micros(self._clock.now())
        document = {name: getattr(case, name) for name in Case.__slots__}
        self._store.put("case", case.company_id, document | {"files": [asdict(one) for one in case.files]})
        keys = {"same": case.same}
        if case.instance is not None:
            keys["instance"] = case.instance
        for index, key in keys.items():
            held = self._store.get(index, key) or {"cases": []}
            if case.company_id not in held["cases"]:
                self._store.put(index, key, {"cases": [*held["cases"], case.company_id]})
        return case

    def drop(self, case: Case) -> None:
        """Forget a case, as if it had never been."""
        self._store.drop("case", case.company_id)

    def _of(self, index: str, key: str) -> list[Case]:
        """The cases that an index names and that are still there."""
        named = (self._store.get(index, key) or {"cases": []})["cases"]
        return [_case(held) for held in (self._store.get("case", one) for one in named) if held]


def _case(held: Mapping[str, Any]) -> Case:
    """A case as it was put into the store."""
    return Case(**{**held, "files": [Upload(**one) for one in held["files"]]})
