"""The simulated platform itself: accounts, drafts, files, submission, and what it tells. No paths, no tokens.

What it checks of the content is `rules`; what its office decides is `office`. Whatever it makes up is marked 模拟.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from adapters.discharge.codes import CORRECTION, DRAFT, NOT_BOUND, REGISTERED, REVIEWING, SUBMITTED
from adapters.discharge.simulator.refusal import Refusal
from adapters.discharge.simulator.rules import Schema, Wrong, check_business, is_registration, is_uscc
from adapters.discharge.simulator.stages import Stages
from bridge.clock import Clock, rfc3339, to_micros
from bridge.testing.samples.known import is_sample_permit_number
from bridge.testing.simulator.store import Store
from bridge.testing.simulator.stream import Stream

FILE_BYTES = 20 << 20
EDITABLE = (DRAFT, SUBMITTED, CORRECTION)
"""Statuses in which a later 版本 may be put and handed in (INVENTED: in ZT_2 as long as nobody has accepted it)."""
WITHDRAWABLE = (SUBMITTED, REVIEWING, CORRECTION)
OPEN = (DRAFT, SUBMITTED, REVIEWING, CORRECTION)
"""Statuses in which a second application of the same type for the same account is not taken."""


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
    """The cards as they were handed in, or, before that, as they were told."""
    draft: dict[str, Any] | None = None
    """A later 版本 that is not handed in yet."""
    submitted: int | None = None
    """版本 that was handed in last."""
    status: str = DRAFT
    stage: str | None = None
    """What was told last beside the status."""
    withdrawal: dict[str, str] | None = None
    """Reason and time of the applicant's 撤回."""
    uploads: list[Upload] = field(default_factory=list)
    handed_in: list[str] = field(default_factory=list)
    """File ids that the last submission named."""
    accept_no: str | None = None
    permit: dict[str, str] = field(default_factory=dict)
    reason: str | None = None
    published: list[str | None] | None = None
    """First and last day of 申请前信息公开, once it was asked for."""
    signed: dict[str, str] | None = None
    """The signed 申请表 that was uploaded last: `fileId`, `of` (digest of the form), `name`, `digest`."""
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
    def newest(self) -> dict[str, Any]:
        """The cards that would be handed in now."""
        return self.draft or self.content

    @property
    def revision(self) -> int:
        """版本 of the newest cards."""
        number: int = self.newest["版本"]
        return number

    @property
    def withdrawn(self) -> bool:
        """Whether it was taken back: an end."""
        return self.withdrawal is not None

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
        permit: Mapping[str, Any],
        registration: Mapping[str, Any],
        register: Callable[[Platform, Case], dict[str, Any]],
    ) -> None:
        """`permit` and `registration` are schemas; `register` gives a 排污登记 its number."""
        self._store, self._stream, self._clock = store, stream, clock
        self._schema, self._registration = Schema(permit), Schema(registration)
        self._register = register
        self.stages = Stages(store, clock)

    # -- accounts

    def account(self, uscc: str, seq: str) -> str | None:
        """The account of a company for its site, or None. Raises Refusal where it is not bound to us."""
        held = self._store.get("account", f"{uscc} {seq}")
        if held and not self.stages.may_act_for(uscc):
            raise Refusal("E1004")
        return held["account"] if held else None

    def open_account(self, asked: Any, *, by_company: bool = False) -> str:
        """Open an account; the same company and site get the same one. Raises Refusal, also until it is bound to us.

        `by_company`: its own people do, on the platform itself.
        """
        wrong = self._schema.check_account(asked)
        if not wrong and not is_uscc(asked["SocietyCode"]):
            wrong = [Wrong("account.SocietyCode", "校验码不正确")]
        if wrong:
            raise Refusal("E2001", wrong)
        if not by_company and not self.stages.may_act_for(asked["SocietyCode"]):
            raise Refusal(NOT_BOUND)
        site = f"{asked['SocietyCode']} {asked['SiteSeq']}"
        held = self._store.get("account", site) or {"account": "ZH" + hashlib.sha256(site.encode()).hexdigest()[:16]}
        self._store.put("account", site, held)
        return str(held["account"])

    # -- permits

    def issue(self, case: Case, number: str, permit: dict[str, str]) -> None:
        """Give a case its permit, or its registration."""
        case.permit = permit
        self._store.put("permit", number, permit)

    def knows_permit(self, number: str) -> bool:
        """Whether a permit was issued here, or lies in the range that samples name."""
        return self._store.get("permit", number) is not None or is_sample_permit_number(number)

    # -- applications

    def put_draft(self, account: Any, content: Any) -> Case:
        """Make the draft of an 外部编号, or replace its content. Raises Refusal."""
        self._check(account, content)
        if held := self.by_external(content["外部编号"]):
            return self._replace(held[0], account, content)
        if any(
            case.status in OPEN and not case.withdrawn
            for case in self._of("same", f"{account} {content['apply type']}")
        ):
            raise Refusal("E2003")
        return self.keep(self.new(account, content))

    def _replace(self, case: Case, account: str, content: dict[str, Any]) -> Case:
        """The draft anew; the same content again changes nothing, and an older 版本 never comes after a later one."""
        if case.newest == content:
            return case
        if case.withdrawn or case.status not in EDITABLE or content["版本"] < case.revision:
            raise Refusal("E2004")
        if (case.account, case.apply_type) != (account, content["apply type"]):
            raise Refusal("E2003")
        if case.submitted is None:
            case.content = content
        elif content["版本"] <= case.submitted:
            raise Refusal("E2004")
        else:
            case.draft = content
        return self.keep(case)

    def _check(self, account: Any, content: Any) -> None:
        """Schema first; what holds between cards only where the schema holds; then the account. Raises Refusal."""
        schema = self._registration if isinstance(content, dict) and is_registration(content) else self._schema
        if wrong := schema.check(content):
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
        if case.withdrawn or case.status not in EDITABLE:
            raise Refusal("E2004")
        if (name, digest) not in {(one["name"], one["摘要"]) for one in case.newest["18"]}:
            raise Refusal("E2002", [Wrong("18", "附件不在申请的附件清单中")])
        upload = self.attach(case, name, data)
        self.keep(case)
        return upload

    def publish(self, dataid: str, revision: int) -> Case:
        """Make the draft public for the days that it names; again changes nothing. Raises Refusal."""
        case = self._editable(dataid, revision)
        if self.stages.is_to_be_public(case.newest, case.published):
            case.published = self.stages.publish(case.newest)
            self.keep(case)
        return case

    def form(self, dataid: str, revision: int) -> bytes:
        """The 申请表 of the draft. Raises Refusal."""
        case = self._editable(dataid, revision)
        return self.stages.form(case.dataid, case.newest)

    def sign(self, dataid: str, *, of: str, name: str, digest: str, data: bytes) -> str:
        """Take the signed form of the draft; the same again is one file. Its id. Raises Refusal."""
        if len(data) > FILE_BYTES:
            raise Refusal("E2007")
        case = self._editable(dataid, None)
        if case.signed is None or (case.signed["of"], case.signed["digest"]) != (of, digest):
            case.signed = self.stages.take_signed(case.dataid, case.newest, of=of, name=name, digest=digest, data=data)
            self.keep(case)
        return case.signed["fileId"]

    def _editable(self, dataid: str, revision: int | None) -> Case:
        """A case with content that is not handed in yet, of this 版本 where one is said. Raises Refusal."""
        case = self.case(dataid)
        if case.withdrawn or case.status not in EDITABLE or case.revision == case.submitted:
            raise Refusal("E2004")
        if revision not in {None, case.revision}:
            raise Refusal("E2004")
        return case

    def submit(self, dataid: str, files: Sequence[str], revision: int, signed: str | None = None) -> Case:
        """Hand a draft in, or say again that it is handed in; `signed` names its signed form. Raises Refusal."""
        case = self.case(dataid)
        if case.submitted == revision and set(files) == set(case.handed_in):
            return case
        if case.withdrawn or case.status not in EDITABLE or revision == case.submitted or case.revision != revision:
            raise Refusal("E2004")
        self._check_files(case, files)
        self.stages.check(case.dataid, case.newest, published=case.published, signed=case.signed, told=signed)
        case.content, case.draft, case.submitted = case.newest, None, revision
        case.handed_in = list(dict.fromkeys(files))
        case.accept_no = case.accept_no or f"模拟-{case.dataid[:8]}"
        if case.stage == "return":  # 退回 keeps the acceptance: the review goes on
            return self.move(case, REVIEWING, stage="resume")
        return self.arrived(case)

    def arrived(self, case: Case, *, tell: bool = True) -> Case:
        """What was handed in waits for 受理; a 排污登记, on which nobody decides, has number and receipt at once."""
        said = self._register(self, case) if is_registration(case.content) else {}
        case.status = REGISTERED if said else SUBMITTED
        return self.move(case, case.status, **said) if tell else self.keep(case)

    def _check_files(self, case: Case, files: Sequence[str]) -> None:
        """Whether every file that card 18 names is among those handed in. Raises Refusal."""
        known = {upload.file_id: (upload.name, upload.digest) for upload in case.uploads}
        if not set(files) <= set(known):
            raise Refusal("E2006")
        given = {known[file] for file in files}
        missing = [
            Wrong(f"18[{place}].name", "附件未上传")
            for place, one in enumerate(case.newest["18"])
            if (one["name"], one["摘要"]) not in given
        ]
        if missing:
            raise Refusal("E2006", missing)

    def withdraw(self, case: Case, *, reason: str | None, at: str | None) -> Case:
        """Take it back before the decision, or say again that it is taken back. Raises Refusal."""
        if case.withdrawn:
            return case
        if case.status not in WITHDRAWABLE and case.submitted is not None:  # a draft is dropped at any time
            raise Refusal("E2004")
        told = {"撤回原因": reason, "撤回时间": at}
        case.withdrawal = {name: value for name, value in told.items() if value is not None}
        return self.move(case, DRAFT, stage="withdraw", **({} if reason is None else {"reason": reason}))

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

    def move(self, case: Case, status: str, *, stage: str | None = None, **said: Any) -> Case:
        """Change the status or the stage, and tell of it with what was said."""
        case.status, case.stage = status, stage
        message = {
            "id": uuid.uuid4().hex,
            "dataid": case.dataid,
            "externalNo": case.external,
            "status": status,
            "at": rfc3339(self._clock.now()),
            **({} if stage is None else {"stage": stage}),
            **said,
        }
        self._stream.tell(message)
        return self.keep(case)

    def keep_document(self, case: Case, data: bytes, name: str, *, file_id: str | None = None) -> dict[str, str]:
        """Keep the bytes of a 文书; how its file is told."""
        file_id = file_id or uuid.uuid4().hex
        digest = self._store.keep_file(data)
        self._store.put("document", f"{case.dataid}/{file_id}", {"digest": digest})
        return {"fileId": file_id, "fileName": name, "sha256": digest.removeprefix("sha256:")}

    def document(self, case: Case, file_id: str) -> bytes | None:
        """The bytes of a 文书, or None."""
        held = self._store.get("document", f"{case.dataid}/{file_id}")
        return self._store.file(held["digest"]) if held else None

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
