"""The error tree, grouped by what the caller must do. Every error that crosses a room's border is one of these.

BridgeError
├─ InvalidApplication
├─ SettingsError
├─ NotFound
├─ TargetError
│  ├─ TryLater
│  ├─ Refused
│  ├─ AccessDenied
│  └─ OutcomeUnknown
├─ AdapterBug
├─ LeaseLost
└─ StoreError

What belongs here: the classes, what each asks of the caller, and the two records that they carry to a person
(`Problem`, `FieldRefusal`). What does not: texts of single rules (they stand where the rule stands).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

Severity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that a person should mend, in the words of the entry form, and never with the value itself.

    `pointer` is an RFC 6901 pointer into the document (`/data/applicant/name`), `""` for the document as a whole;
    `label` the box as the form calls it; `message` what is wrong; `remedy` what to do.
    """

    pointer: str
    label: str
    label_en: str
    message: str
    message_en: str
    remedy: str
    remedy_en: str
    severity: Severity = "error"
    code: str = ""
    cell: str | None = None
    """Where it stands in a workbook or CSV, as people say it (`主表!C7`); None where the document came as text."""

    def under(self, prefix: str) -> Problem:
        """The same problem, seen from a document that holds ours at `prefix`."""
        return replace(self, pointer=prefix + self.pointer)


@dataclass(frozen=True, slots=True)
class FieldRefusal:
    """One field that a target did not accept: its path in the target's own words, and the target's reason."""

    path: str
    reason: str


class BridgeError(Exception):
    """Something that Permit Bridge knows how to name. The message is for people: Chinese first, then English."""

    def __init__(self, message: str = "") -> None:
        super().__init__(message or (type(self).__doc__ or "").split("\n", maxsplit=1)[0])


class InvalidApplication(BridgeError):
    """申请内容有误，请按提示修改 (fix the entry): all problems at once; nothing was stored as submitted."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__()
        self.problems = tuple(problems)


class SettingsError(BridgeError):
    """设置有误，请修改设置 (fix the settings): `setting` names the one that is wrong or missing."""

    def __init__(self, setting: str, message: str) -> None:
        super().__init__(f"{setting}: {message}")
        self.setting = setting


class NotFound(BridgeError):
    """没有找到 (no such thing): look at the number or name that was given."""


class TargetError(BridgeError):
    """对接系统没有照办 (a target did not do as asked): one of the four kinds below, never this class itself.

    `memo` is what the adapter wants to find again at the next attempt; `raw` the target's answer as it came;
    `code` the target's own code where it gave one.
    """

    def __init__(
        self,
        message: str = "",
        *,
        code: str | None = None,
        raw: bytes | None = None,
        memo: dict[str, object] | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.raw = raw
        self.memo = memo


class TryLater(TargetError):
    """对方暂时不能办理，稍后自动重试 (not sent, or a documented 'not done'): retry with delay.

    `after` is the delay in seconds that the target asked for. `answered` is False where the target gave no answer at
    all: only that opens the breaker.
    """

    def __init__(
        self,
        message: str = "",
        *,
        after: float | None = None,
        answered: bool = True,
        code: str | None = None,
        raw: bytes | None = None,
        memo: dict[str, object] | None = None,
    ) -> None:
        super().__init__(message, code=code, raw=raw, memo=memo)
        self.after = after
        self.answered = answered


class Refused(TargetError):
    """对方不予接收，需要人工处理 (the target said no): parked as a to-do for a person, in the form's words."""

    def __init__(
        self,
        message: str = "",
        *,
        fields: Sequence[FieldRefusal] = (),
        code: str | None = None,
        raw: bytes | None = None,
        memo: dict[str, object] | None = None,
    ) -> None:
        super().__init__(message, code=code, raw=raw, memo=memo)
        self.fields = tuple(fields)


class AccessDenied(TargetError):
    """对方不认可我方凭证，已暂停推送 (our credential is not accepted): the target is held, no attempt is burnt."""


class OutcomeUnknown(TargetError):
    """已发出但不知结果，先查询再决定 (sent; answer lost or not understood): find, then decide; never resend blindly.

    `answered` is False where the target gave no answer at all.
    """

    def __init__(
        self,
        message: str = "",
        *,
        answered: bool = True,
        code: str | None = None,
        raw: bytes | None = None,
        memo: dict[str, object] | None = None,
    ) -> None:
        super().__init__(message, code=code, raw=raw, memo=memo)
        self.answered = answered


class AdapterBug(BridgeError):
    """适配器程序出错，需要开发人员处理 (an adapter raised anything else): parked for a developer, others go on."""


class LeaseLost(BridgeError):
    """租约已失效，停止发送 (this worker's lease has ended): it must neither send nor settle; another worker may act."""


class StoreError(BridgeError):
    """本系统数据库暂不可用 (our own database): stop claiming, say so, recover by itself."""
