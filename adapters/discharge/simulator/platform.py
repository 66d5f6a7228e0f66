"""The simulated platform itself: accounts, drafts, files, submission, and what it tells. No paths, no tokens.

What it checks of the content is `rules`; what its office decides is `office`. Whatever it makes up is marked 模拟.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from adapters.discharge.codes import CORRECTION, DRAFT, ERRORS, REVIEWING, SUBMITTED
from adapters.discharge.simulator.rules import Schema, Wrong, check_business, is_uscc
from bridge.clock import Clock, rfc3339, to_micros
from bridge.testing.samples.known import is_sample_permit_number
from bridge.testing.simulator.calls import Denied, json_answer
from bridge.testing.simulator.store import Store
from bridge.testing.simulator.stream import Stream

FILE_BYTES = 20 << 20
EDITABLE = (DRAFT, CORRECTION)
OPEN = (DRAFT, SUBMITTED, REVIEWING, CORRECTION)
"""Statuses in which a second application of the same type for the same account is not taken."""


class Refusal(Denied):
    """The platform says no, with a code of its table and the fields that it means."""

    def __init__(self, code: str, wrong: Sequence[Wrong] = (), *, message: str = "") -> None:
        fields = [{"path": one.path, "reason": one.reason} for one in wrong]
        known = ERRORS[code]
        super().__init__(
            json_answer({"code": code, "message": message or known.meaning, "fields": fields}, known.status)
        )


@dataclass(frozen=True, slots=True)
class Upload:
    """One file of an application."""

    file_id: str
    name: str
    digest: str


@dataclass(slots=True)
class Case:
    """One application as the platform holds it."""

    dataid: str
    account: str
    content: dict[str, Any]
    """The cards as they were told."""
    status: str = DRAFT
    uploads: list[Upload] = field(default_factory=list)
    handed_in: list[str] = field(default_factory=list)
    """File ids that the last submission named."""
    accept_no: str | None = None
    permit: dict[str, str] = field(default_factory=dict)
    reason: str | None = None
    updated_at: int = 0
    """Microseconds since the epoch."""

    @property
    def external(self) -> str | None:
        """外部编号; None where the case was born here."""
        number: str | None = self.content.get("外部编号")
        return number

    @property
    def apply_type(self) -> str:
        """ApplyType, and ChangeType where there is one."""
        kind: str = self.content["apply type"]
        return kind

    @property
    def revision(self) -> int:
        """版本 of the content."""
        number: int = self.content["版本"]
        return number

    def files(self) -> list[Upload]:
        """What belongs to it: what was handed in, or, where nothing was yet, what has been uploaded."""
        if not self.handed_in:
            return self.uploads
        return [upload for upload in self.uploads if upload.file_id in self.handed_in]


class Platform:
    """What the platform holds, and how it may change. Everything lies in the store; nothing is kept in memory."""

    def __init__(
        self,
        store: Store,
        stream: Stream,
        clock: Clock,
        *,
        schema: Mapping[str, Any],
    ) -> None:
        self._store, self._stream, self._clock = store, stream, clock
        self._schema = Schema(schema)

    # -- accounts

    def account(self, uscc: str, seq: str) -> str | None:
        """The account of a company for its site, or None."""
        held = self._store.get("account", f"{uscc} {seq}")
        return held["account"] if held else None

    def open_account(self, asked: Any) -> str:
        """Open an account, at once; the same company and site get the same one. Raises Refusal."""
        wrong = self._schema.check_account(asked)
        if not wrong and not is_uscc(asked["SocietyCode"]):
            wrong = [Wrong("account.SocietyCode", "校验码不正确")]
        if wrong:
            raise Refusal("E2001", wrong)
        site = f"{asked['SocietyCode']} {asked['SiteSeq']}"
        held = self._store.get("account", site) or {"account": "ZH" + hashlib.sha256(site.encode()).hexdigest()[:16]}
        self._store.put("account", site, held)
        return str(held["account"])

    # -- permits

    def issue(self, case: Case, permit: dict[str, str]) -> None:
        """Give a case its permit."""
        case.permit = permit
        self._store.put("permit", permit["PWXKZBH"], permit)

    def knows_permit(self, number: str) -> bool:
        """Whether a permit was issued here, or lies in the range that samples name."""
        return self._store.get("permit", number) is not None or is_sample_permit_number(number)

    # -- applications

    def put_draft(self, account: Any, content: Any) -> Case:
        """Make the draft of an 外部编号, or replace its content. Raises Refusal."""
        self._check(account, content)
        if held := self.by_external(content["外部编号"]):
            return self._replace(held[0], account, content)
        if any(case.status in OPEN for case in self._of("same", f"{account} {content['apply type']}")):
            raise Refusal("E2003")
        return self.keep(self.new(account, content))

    def _replace(self, case: Case, account: str, content: dict[str, Any]) -> Case:
        """The content of a draft anew; the same content again changes nothing."""
        if case.content == content:
            return case
        if case.status not in EDITABLE:
            raise Refusal("E2004")
        if (case.account, case.apply_type) != (account, content["apply type"]):
            raise Refusal("E2003")
        case.content = content
        return self.keep(case)

    def _check(self, account: Any, content: Any) -> None:
        """Schema first; what holds between cards only where the schema holds; then the account. Raises Refusal."""
        if wrong := self._schema.check(content):
            raise Refusal("E2001", wrong)
        if wrong := check_business(content, knows_permit=self.knows_permit):
            raise Refusal("E2002", wrong)
        if self.account(content["account"]["SocietyCode"], content["account"]["SiteSeq"]) != account:
            raise Refusal("E2008", [Wrong("account.SocietyCode", "账户与单位或场所不一致")])

    def upload(self, dataid: str, *, name: str, digest: str, data: bytes) -> Upload:
        """Take a file; the same bytes under the same name are one file. Raises Refusal."""
        case = self.case(dataid)
        if len(data) > FILE_BYTES:
            raise Refusal("E2007")
        if "sha256:" + hashlib.sha256(data).hexdigest() != digest:
            raise Refusal("E2005")
        for upload in case.uploads:
            if (upload.name, upload.digest) == (name, digest):
                return upload
        if case.status not in EDITABLE:
            raise Refusal("E2004")
        if (name, digest) not in {(one["name"], one["摘要"]) for one in case.content["18"]}:
            raise Refusal("E2002", [Wrong("18", "附件不在申请的附件清单中")])
        upload = self.attach(case, name, data)
        self.keep(case)
        return upload

    def submit(self, dataid: str, files: Sequence[str], revision: int) -> Case:
        """Hand a draft in, or say again that it is handed in. Raises Refusal."""
        case = self.case(dataid)
        if case.revision != revision:
            raise Refusal("E2004")
        if case.status not in EDITABLE:
            if set(files) != set(case.handed_in):
                raise Refusal("E2004")
            return case
        known = {upload.file_id: (upload.name, upload.digest) for upload in case.uploads}
        if not set(files) <= set(known):
            raise Refusal("E2006")
        given = {known[file] for file in files}
        missing = [
            Wrong(f"18[{place}].name", "附件未上传")
            for place, one in enumerate(case.content["18"])
            if (one["name"], one["摘要"]) not in given
        ]
        if missing:
            raise Refusal("E2006", missing)
        case.handed_in = list(dict.fromkeys(files))
        case.accept_no = case.accept_no or f"模拟-{case.dataid[:8]}"
        return self.move(case, SUBMITTED)

    # -- finding

    def case(self, dataid: str) -> Case:
        """One by its key. Raises Refusal."""
        held = self._store.get("case", dataid)
        if held is None:
            raise Refusal("E2010")
        return _case(held)

    def by_external(self, number: str) -> list[Case]:
        """All with this 外部编号."""
        return self._of("external", number)

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

    # -- changing

    def new(self, account: str, content: dict[str, Any]) -> Case:
        """A case under a key of its own, not yet kept."""
        return Case(dataid=str(uuid.uuid4()), account=account, content=content)

    def attach(self, case: Case, name: str, data: bytes) -> Upload:
        """Keep the bytes of a file and give it to a case that is yet to be kept."""
        upload = Upload(uuid.uuid4().hex, name, self._store.keep_file(data))
        case.uploads.append(upload)
        return upload

    def move(self, case: Case, status: str, **detail: Any) -> Case:
        """Change the status, and tell of it."""
        case.status = status
        self._stream.tell(
            {
                "id": uuid.uuid4().hex,
                "dataid": case.dataid,
                "externalNo": case.external,
                "status": status,
                "at": rfc3339(self._clock.now()),
                "detail": detail,
            }
        )
        return self.keep(case)

    def keep(self, case: Case) -> Case:
        """Put a case into the store as it now is, findable by 外部编号, and by account and type."""
        case.updated_at = to_micros(self._clock.now())
        document = {name: getattr(case, name) for name in Case.__slots__}
        self._store.put("case", case.dataid, document | {"uploads": [asdict(upload) for upload in case.uploads]})
        keys = {"same": f"{case.account} {case.apply_type}"}
        if case.external is not None:
            keys["external"] = case.external
        for index, key in keys.items():
            held = self._store.get(index, key) or {"dataids": []}
            if case.dataid not in held["dataids"]:
                self._store.put(index, key, {"dataids": [*held["dataids"], case.dataid]})
        return case

    def drop(self, case: Case) -> None:
        """Forget a case, as if it had never been."""
        self._store.drop("case", case.dataid)

    def _of(self, index: str, key: str) -> list[Case]:
        """The cases that an index names and that are still there."""
        dataids = (self._store.get(index, key) or {"dataids": []})["dataids"]
        return [_case(held) for held in (self._store.get("case", dataid) for dataid in dataids) if held]


def _case(held: Mapping[str, Any]) -> Case:
    """A case as it was put into the store."""
    return Case(**{**held, "uploads": [Upload(**upload) for upload in held["uploads"]]})
