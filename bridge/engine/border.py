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

from bridge.contract.outcome import Absent, Found, Held, Outcome, Partial, Receipt, Unclear
from bridge.contract.remote import Page, RemoteChange
from bridge.errors import AdapterBug, TargetError
from bridge.model.lifecycle import ApplicationState

MAX_NUMBER = 128
"""Characters of a target's number, key, cursor or id."""
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
    facts: object = one.facts
    if not isinstance(raw, bytes) or not isinstance(facts, Mapping):
        raise AdapterBug
    for name, value in facts.items():
        _optional_text(name)
        _text(value)
    return replace(one, status_raw=code(one.status_raw))


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


def _change(one: Any) -> RemoteChange | None:
    """One change, or None where it is not of the contract's shape."""
    try:
        for part in (one.number, one.key, one.id):
            _optional_text(part)
        _optional_state(one.status)
        if one.at is not None and not (isinstance(one.at, int) and 0 <= one.at < MAX_INSTANT):
            return None
        change: RemoteChange = replace(one, status_raw=code(one.status_raw) or UNREADABLE)
    except (AdapterBug, AttributeError, TypeError):
        return None
    return change


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
