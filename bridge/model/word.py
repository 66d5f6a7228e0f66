"""A word (答复): what a target said with a change of status, exactly as far as it said it.

Everything is optional: what was not given is None or empty, and stays so (promise 7). Dates are `YYYY-MM-DD`. What
does not belong here: which state follows from it (`lifecycle`), and what a target holds (`counterpart`).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class PaperKind(StrEnum):
    """What a paper of a body is."""

    ACCEPTANCE = "acceptance"
    """受理通知书."""
    CORRECTION = "correction"
    """补正告知书."""
    NOT_ACCEPTED = "not_accepted"
    """不予受理决定书."""
    DECISION = "decision"
    """准予许可决定书 or 不予许可决定书."""
    LICENCE = "licence"
    """结果证照, its file."""
    OTHER = "other"
    """Any other 文书."""


@dataclass(frozen=True, slots=True)
class CorrectionItem:
    """One thing to correct, of a 补正 notice."""

    text: str
    """As the body wrote it."""
    field: str | None = None
    """The target's own field that it names, in the form that the adapter's mapping traces; None where it names none."""


@dataclass(frozen=True, slots=True)
class Paper:
    """A document (文书) or a licence's file, as a target names it. Only its issuer makes it; we keep the file."""

    kind: PaperKind
    title: str
    number: str | None = None
    date: str | None = None
    name: str | None = None
    """File name, with its extension."""
    file: str | None = None
    """The target's own handle of the file, for `Adapter.fetch`; None where there is no file."""
    digest: str | None = None
    """`sha256:` and hex by the target's word, where it says so: what comes must fit it."""


@dataclass(frozen=True, slots=True)
class Licence:
    """结果证照: only its issuer gives these."""

    number: str
    name: str | None = None
    issued_on: str | None = None
    valid_from: str | None = None
    valid_to: str | None = None
    issuer: str | None = None


class HandedOver(StrEnum):
    """How a result was handed over (送达)."""

    EXPRESS = "express"
    """快递."""
    PICKUP = "pickup"
    """窗口领取."""
    DOWNLOAD = "download"
    """电子证照下载."""


@dataclass(frozen=True, slots=True)
class Handover:
    """That a result was handed over, as the clerk said it."""

    method: HandedOver
    tracking: str | None = None
    """快递单号."""


@dataclass(frozen=True, slots=True)
class Word:
    """What was said with a status."""

    officer: str | None = None
    """办理人员."""
    opinion: str | None = None
    """办理意见."""
    reason: str | None = None
    """Why not accepted, not granted, suspended …"""
    items: tuple[CorrectionItem, ...] = ()
    """What is to be corrected, all of it at once (行政许可法 Art 32)."""
    papers: tuple[Paper, ...] = ()
    licence: Licence | None = None
    handover: Handover | None = None


SILENT = Word()
"""A status that came alone."""
