"""The desk behind the simulated gateway: numbers, files, cases and messages as it keeps them. No HTTP, no signatures.

Documents of its store: `number` by bizNo, `file` by file id, `case` by 办件编号 (with place of its last change).
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from adapters.municipal.simulator.gate import denied
from bridge.clock import CHINA, Clock, to_micros
from bridge.kit.signing import sm3_hex
from bridge.testing.simulator.store import Store
from bridge.testing.simulator.stream import Stream

FILE_BYTES = 20 << 20

APPLIED, ACCEPTED, CORRECTING, UNDER_REVIEW, SPECIAL = "00", "02", "03", "04", "05"
OPEN = frozenset({APPLIED, ACCEPTED, CORRECTING, UNDER_REVIEW, SPECIAL})
BEFORE = frozenset({APPLIED, CORRECTING})
IN_REVIEW = frozenset({ACCEPTED, UNDER_REVIEW, SPECIAL})
DECIDED = frozenset({"10", "11", "12", "14", "15"})
AFTER_ACCEPTANCE = IN_REVIEW | DECIDED

CODED = {"accept": "result", "process": "nodeResult", "special": "type", "finish": "result"}
"""Which field of a message says what it leads to."""

ORDER: dict[tuple[str, str], tuple[frozenset[str], str | None]] = {
    ("accept", "1"): (BEFORE, ACCEPTED),
    ("accept", "2"): (BEFORE, "07"),
    ("process", "1"): (IN_REVIEW | DECIDED, None),
    ("process", "0"): (IN_REVIEW | DECIDED, "09"),
    ("process", "5"): (BEFORE, CORRECTING),
    ("process", "7"): (IN_REVIEW, CORRECTING),
    ("special", "A"): (IN_REVIEW, None),
    ("special", "B"): (IN_REVIEW, SPECIAL),
    ("finish", "10"): (IN_REVIEW, "10"),
    ("finish", "12"): (IN_REVIEW, "12"),
    ("finish", "14"): (BEFORE, "14"),
    ("finish", "15"): (BEFORE, "15"),
    ("serve", ""): (frozenset({"10", "12"}), "11"),
    ("withdraw", ""): (OPEN, "13"),
}
"""Message and its code → the statuses in which it is legal, and the status that it leads to (None: as it is)."""

ENDED = frozenset({"07", "09", "10", "11", "12", "13", "14", "15"})
"""Statuses after 办结 or 退件: nothing may be handed in any more."""


@dataclass(slots=True)
class File:
    """One file that has been uploaded."""

    file_id: str
    project_no: str
    name: str
    digest: str
    """`sha256:…`."""
    sm3: str
    size: int


@dataclass(slots=True)
class Case:
    """One case that has been handed in."""

    project_no: str
    biz_no: str | None
    """The caller's own number; None where the case was born here."""
    apply: dict[str, Any]
    receive: dict[str, Any]
    """Content, without what a call adds."""
    data_sign: str
    version: int
    receipt_no: str
    status: str = APPLIED
    files: list[File] = field(default_factory=list)
    changed_ms: int = 0
    accepted: bool = False
    """It has been accepted at some time: a 补正 after that is a 退回修改, and the review goes on."""
    messages: list[dict[str, Any]] = field(default_factory=list)
    """What was told of it later, `{"call", "content"}`, in the order in which it came."""

    def told(self, call: str) -> list[dict[str, Any]]:
        """The contents of one kind of message."""
        return [one["content"] for one in self.messages if one["call"] == call]

    def document(self) -> dict[str, Any]:
        """As it is kept."""
        return asdict(self)


def case_of(document: Mapping[str, Any]) -> Case:
    """As it was kept."""
    return Case(**{**document, "files": [File(**file) for file in document["files"]]})


def _status_after(call: str, content: Mapping[str, Any], case: Case) -> str | None:
    """The status that a message leads to; None where it is not legal now."""
    status = UNDER_REVIEW if case.status == CORRECTING and case.accepted else case.status
    legal, after = ORDER[call, content.get(CODED.get(call, ""), "")]
    if status not in legal:
        return None
    if (call, status) in {("process", ACCEPTED), ("process", SPECIAL)} and after is None:
        return UNDER_REVIEW
    return after or status


class Desk:
    """What it holds, and how that may change."""

    def __init__(self, store: Store, stream: Stream, clock: Clock) -> None:
        self._store, self._stream, self._clock = store, stream, clock
        self.load()

    def load(self) -> None:
        """Read the indexes anew from the store."""
        self._cases: dict[str, list[str]] = {}
        for document in self._store.all("case"):
            self._index(document["biz_no"], document["project_no"])
        self._files: dict[str, dict[str, None]] = {}
        for document in self._store.all("file"):
            self._files.setdefault(document["project_no"], {})[document["file_id"]] = None

    # -- numbers and files

    def number(self, asked: Mapping[str, Any]) -> str:
        """办件统一赋码. The same bizNo has the same number; with another item it is refused."""
        known = self._store.get("number", asked["bizNo"])
        if known and known["apply"]["taskCode"] != asked["taskCode"]:
            raise denied("409")
        project_no: str = known["project_no"] if known else self.new_number(asked["taskCode"])
        self._store.put("number", asked["bizNo"], {"project_no": project_no, "apply": dict(asked)})
        self._store.put("given", project_no, {"biz_no": asked["bizNo"]})
        return project_no

    def new_number(self, task_code: str) -> str:
        """实施编码, day, serial of the day (at least four digits; TARGETS 1.5)."""
        prefix = f"{task_code}{self._clock.now().astimezone(CHINA):%Y%m%d}"
        last = self._store.get("serial", prefix) or {"last": 0}
        serial = last["last"] + 1
        self._store.put("serial", prefix, {"last": serial})
        return f"{prefix}{serial:04d}"

    def numbered(self, biz_no: str) -> Mapping[str, Any] | None:
        """`{"project_no", "apply"}` of a bizNo, or None."""
        return self._store.get("number", biz_no)

    def upload(self, project_no: str, name: str, sm3: str, data: bytes) -> File:
        """Take a file; the same bytes under the same name are one file. Raises Denied."""
        if self._store.get("given", project_no) is None:
            raise denied("400", message="办件编号未赋码")
        if len(data) > FILE_BYTES:
            raise denied("413")
        if sm3_hex(data) != sm3:
            raise denied("422", {"fields": [{"field": "file.sm3", "reason": "与内容不一致"}]})
        for file in self.files(project_no):
            if (file.name, file.sm3) == (name, sm3):
                return file
        file = File(uuid.uuid4().hex, project_no, name, self._store.keep_file(data), sm3, len(data))
        self.keep_file(file)
        return file

    def keep_file(self, file: File) -> None:
        """Hold a file under its number."""
        self._store.put("file", file.file_id, asdict(file))
        self._files.setdefault(file.project_no, {})[file.file_id] = None

    def files(self, project_no: str) -> Iterator[File]:
        """All files of a number."""
        for file_id in list(self._files.get(project_no, ())):
            if document := self._store.get("file", file_id):
                yield File(**document)

    # -- cases

    def receive(self, project_no: Any, content: dict[str, Any], data_sign: str, paths: Sequence[str]) -> Case:
        """申报. The same version with the same content is one; a higher version replaces content and files.

        Raises Denied: unknown number, another's number, file not there, other content under the version, case ended.
        """
        numbered = self.numbered(content["bizNo"])
        if numbered is None or numbered["project_no"] != project_no:
            raise denied("400", message="办件编号未赋码，或不是此 bizNo 的编号")
        if numbered["apply"]["taskCode"] != content["matterCode"]:
            raise denied("409", message="事项与赋码时不一致")
        files = self._handed_in(project_no, content["suffInfoList"], paths)
        held = self.case(project_no)
        if held and (held.version, held.data_sign) == (content["version"], data_sign):
            return held
        if held and held.version >= content["version"]:
            raise denied("409")
        if held and held.status in ENDED:
            raise denied("410")
        case = Case(
            project_no=project_no,
            biz_no=content["bizNo"],
            apply=numbered["apply"],
            receive=content,
            data_sign=data_sign,
            version=content["version"],
            receipt_no=held.receipt_no if held else f"SJ{project_no[-12:]}",
            status=held.status if held else APPLIED,
            files=files,
            accepted=held is not None and held.accepted,
            messages=held.messages if held else [],
        )
        self.keep(case)
        if held is None:
            self.tell(case, "SBSL")
        return case

    def supplement(self, project_no: Any, content: dict[str, Any], data_sign: str, paths: Sequence[str]) -> Case:
        """补正后重新提交: only while a correction is asked for. Raises Denied, as `receive` does, and 410."""
        held = self.case(project_no) if isinstance(project_no, str) else None
        again = held is not None and (held.version, held.data_sign) == (content["version"], data_sign)
        if not again and (held is None or held.status != CORRECTING):
            raise denied("410")
        case = self.receive(project_no, content, data_sign, paths)
        if not again:
            case.status = UNDER_REVIEW if case.accepted else APPLIED
            self.keep(case)
            self.tell(case, "BZTJ")
        return case

    def message(self, call: str, content: dict[str, Any]) -> Case:
        """What is told of a case later. The same `sn` with the same content counts once.

        Raises Denied: unknown case, other content under the `sn`, not legal now.
        """
        case = self.case(content["projectNo"])
        if case is None:
            raise denied("400", message="办件不存在")
        for one in case.messages:
            if one["content"]["sn"] == content["sn"]:
                if one == {"call": call, "content": content}:
                    return case
                raise denied("409")
        status = _status_after(call, content, case)
        if status is None:
            raise denied("410")
        case.messages.append({"call": call, "content": content})
        case.status = status
        self.keep(case)
        self.tell(case, "JGTB")
        return case

    def _handed_in(self, project_no: str, told: Sequence[Mapping[str, Any]], paths: Sequence[str]) -> list[File]:
        """The files that a content names. Raises Denied where one is not there, of another case, or other bytes."""
        there = {file.file_id: file for file in self.files(project_no)}
        wrong = []
        for place, (one, path) in enumerate(zip(told, paths, strict=True)):
            file = there.get(path)
            where = f"receive.suffInfoList[{place}]"
            if file is None:
                wrong.append({"field": f"{where}.attachPath", "reason": "附件不存在，或不属于此办件"})
            elif (file.name, file.digest, file.size) != (one["attachName"], one["attachDigest"], one["attachSize"]):
                wrong.append({"field": f"{where}.attachDigest", "reason": "与已上传的附件不一致"})
        if wrong:
            raise denied("422", {"fields": wrong})
        return [there[path] for path in paths]

    def keep(self, case: Case) -> None:
        """Hold a case as it now is."""
        case.changed_ms = to_micros(self._clock.now()) // 1000
        case.accepted = case.accepted or case.status in AFTER_ACCEPTANCE
        self._store.put("case", case.project_no, case.document())
        self._index(case.biz_no, case.project_no)

    def drop(self, case: Case) -> None:
        """Hold a case no more. Its number stays given: it may be handed in again."""
        self._store.drop("case", case.project_no)
        if case.biz_no is not None:
            self._cases[case.biz_no].remove(case.project_no)

    def case(self, project_no: str) -> Case | None:
        """One by its number, or None."""
        document = self._store.get("case", project_no)
        return case_of(document) if document else None

    def by_biz_no(self, biz_no: str) -> list[Case]:
        """All with this bizNo."""
        cases = (self.case(project_no) for project_no in self._cases.get(biz_no, ()))
        return [case for case in cases if case is not None]

    def cases(self, after: int = 0, limit: int = -1) -> Iterator[tuple[int, Case]]:
        """All cases, each with its place."""
        for place, document in self._store.since("case", after, limit):
            yield place, case_of(document)

    # -- messages

    def tell(self, case: Case, kind: str, **data: Any) -> None:
        """A message about a case: in the stream, and as a callback where its kind has one."""
        self._stream.tell(
            {
                "msgId": uuid.uuid4().hex,
                "msgType": kind,
                "projectNo": case.project_no,
                "bizNo": case.biz_no,
                "status": case.status,
                "gmtOccur": wall(self._clock.now()),
                "data": data,
            }
        )

    def _index(self, biz_no: str | None, project_no: str) -> None:
        if biz_no is not None and project_no not in self._cases.setdefault(biz_no, []):
            self._cases[biz_no].append(project_no)


def wall(instant: dt.datetime) -> str:
    """`yyyy-MM-dd HH:mm:ss` in China."""
    return instant.astimezone(CHINA).strftime("%Y-%m-%d %H:%M:%S")
