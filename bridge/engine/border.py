"""The border to adapters: what they hand back is looked at before it is believed, so that a bug there stays there.

A target may lie through a sound adapter (a number that is an object, an endless code). What has not the shape of the
contract is an AdapterBug of that one item; no value of it reaches the store.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import orjson

from bridge.contract.outcome import (
    Absent,
    Found,
    Held,
    NeedsAccount,
    NeedsSignature,
    Outcome,
    Partial,
    Receipt,
    Unclear,
)
from bridge.contract.remote import Page, RemoteChange, Verdict
from bridge.errors import AdapterBug, Refused, TargetError
from bridge.model.lifecycle import ApplicationState
from bridge.model.word import Licence, PaperKind, Word

MAX_NUMBER = 128
"""Characters of a target's number, key, cursor or id."""
MAX_SAID = 20_000
"""Characters of an opinion, a reason, an item."""
MAX_INSTANT = 1 << 62
CODE = re.compile(r"[0-9A-Za-z_.,:/ -]{1,64}")
UNREADABLE = "?"
"""Stands for a code that is no code: a text of the target might hold what a person entered."""


def one_outcome(outcomes: object) -> Outcome:
    """The outcome of a batch of one. Raises AdapterBug."""
    if not isinstance(outcomes, Sequence) or len(outcomes) != 1:
        raise AdapterBug
    outcome = outcomes[0]
    if isinstance(outcome, Receipt):
        return receipt(outcome)
    if isinstance(outcome, TargetError):
        return target_error(outcome)
    if isinstance(outcome, NeedsSignature):
        return _needs_signature(outcome)
    if isinstance(outcome, NeedsAccount):
        return _needs_account(outcome)
    raise AdapterBug


def found(answer: object) -> Found:
    """The answer to 'do you have it?'. Raises AdapterBug."""
    if isinstance(answer, Held):
        return Held(receipt(answer.receipt))
    if isinstance(answer, Partial):
        return Partial(_memo(answer.memo))
    if isinstance(answer, Absent):
        return answer
    if isinstance(answer, Unclear) and isinstance(answer.why, str):
        return answer
    raise AdapterBug


def receipt(one: Receipt) -> Receipt:
    """A receipt of the contract's shape. Raises AdapterBug."""
    _optional_text(one.number)
    _optional_state(one.status)
    _memo(one.memo)
    raw: object = one.raw
    if not isinstance(raw, bytes):
        raise AdapterBug
    _facts(one.facts)
    return replace(one, status_raw=code(one.status_raw))


def _needs_signature(needed: NeedsSignature) -> NeedsSignature:
    """A form that is a PDF, with a name that a file may have. Raises AdapterBug."""
    _memo(needed.memo)
    _text(needed.name)
    form: object = needed.form
    if not isinstance(form, bytes) or not form.startswith(b"%PDF-"):
        raise AdapterBug
    return needed


def _needs_account(needed: NeedsAccount) -> NeedsAccount:
    """What a person must do, said in words. Raises AdapterBug."""
    _memo(needed.memo)
    said: tuple[object, ...] = (needed.what, needed.what_en, needed.remedy, needed.remedy_en)
    if any(not isinstance(text, str) or not 0 < len(text) <= MAX_SAID for text in said):
        raise AdapterBug
    if needed.who not in {"applicant", "operator"}:
        raise AdapterBug
    return needed


def target_error(error: TargetError) -> TargetError:
    """An error whose memo and code may be stored. Raises AdapterBug."""
    if error.memo is not None:
        _memo(error.memo)
    if error.raw is not None and not isinstance(error.raw, bytes):
        raise AdapterBug
    error.code = code(error.code)
    return error


def page(answer: object) -> Page[RemoteChange]:
    """A page of changes of the contract's shape; one that cannot be read is left out, the others count.

    Raises AdapterBug where the page itself is none.
    """
    if not isinstance(answer, Page) or not isinstance(answer.items, Sequence):
        raise AdapterBug
    _optional_text(answer.cursor)
    return replace(answer, items=[one for one in map(_change, answer.items) if one is not None])


def changes(answer: object) -> Sequence[RemoteChange]:
    """The changes of one callback. Raises AdapterBug where one is not of the contract's shape: a call counts whole."""
    if not isinstance(answer, Sequence):
        raise AdapterBug
    read = [_change(one) for one in answer]
    if None in read:
        raise AdapterBug
    return [one for one in read if one is not None]


def _change(one: Any) -> RemoteChange | None:
    """One change, or None where it is not of the contract's shape."""
    try:
        _word(one.word)
        _facts(one.facts)
        _verdict(one.verdict)
        for part in (one.number, one.key, one.id):
            _optional_text(part)
        _optional_state(one.status)
        if one.at is not None and not (isinstance(one.at, int) and 0 <= one.at < MAX_INSTANT):
            return None
        change: RemoteChange = replace(one, status_raw=code(one.status_raw) or UNREADABLE)
    except (AdapterBug, AttributeError, TypeError):
        return None
    return change


def _facts(facts: object) -> None:
    """Facts by name, each a number or a word of one line."""
    if not isinstance(facts, Mapping):
        raise AdapterBug
    for name, value in facts.items():
        _optional_text(name)
        _text(value)


def _verdict(verdict: object) -> None:
    """A verdict on one of our deliveries."""
    if verdict is None:
        return
    if not isinstance(verdict, Verdict) or not isinstance(verdict.refusal, Refused | None):
        raise AdapterBug
    _text(verdict.delivery)
    if verdict.refusal is not None:
        target_error(verdict.refusal)


def _word(word: object) -> None:
    """What was said with a status: texts of any length that a page may have, numbers and handles of one line."""
    if not isinstance(word, Word) or not isinstance(word.licence, Licence | None):
        raise AdapterBug
    said: list[object] = [word.officer, word.opinion, word.reason]
    numbers: list[object] = []
    for item in word.items:
        said += [item.text, item.field]
    for paper in word.papers:
        if not isinstance(paper.kind, PaperKind):
            raise AdapterBug
        said += [paper.title, paper.name, paper.number, paper.date]
        numbers += [paper.file, paper.digest]
    if word.licence is not None:
        said += [word.licence.name, word.licence.issuer]
        numbers += [word.licence.issued_on, word.licence.valid_from, word.licence.valid_to]
        _text(word.licence.number)
    for number in numbers:
        _optional_text(number)
    if any(not isinstance(text, str) or len(text) > MAX_SAID for text in said if text is not None):
        raise AdapterBug


def code(value: object) -> str | None:
    """A target's code as it may stand in clear: short and plain, else `?`."""
    if value is None:
        return None
    return value if isinstance(value, str) and CODE.fullmatch(value) else UNREADABLE


def _memo(memo: object) -> Mapping[str, object]:
    """A memo that can be kept."""
    if not isinstance(memo, Mapping):
        raise AdapterBug
    try:
        orjson.dumps(dict(memo))
    except (TypeError, ValueError) as exc:
        raise AdapterBug from exc
    return memo


def _text(value: object) -> None:
    if not isinstance(value, str) or not 0 < len(value) <= MAX_NUMBER or not value.isprintable():
        raise AdapterBug


def _optional_text(value: object) -> None:
    if value is not None:
        _text(value)


def _optional_state(value: object) -> None:
    if value is not None and not isinstance(value, ApplicationState):
        raise AdapterBug
