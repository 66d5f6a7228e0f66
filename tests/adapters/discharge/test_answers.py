"""What an answer of the platform means for a delivery."""

from __future__ import annotations

import orjson
import pytest

from adapters.discharge.client import answers
from adapters.discharge.codes import ERRORS, STATUSES, Means
from bridge.errors import AccessDenied, OutcomeUnknown, Refused, TryLater

CLASSES = {
    Means.REFUSED: Refused,
    Means.DENIED: AccessDenied,
    Means.REFRESH: AccessDenied,
    Means.ABSENT: answers.Gone,
    Means.LATER: TryLater,
    Means.UNKNOWN: OutcomeUnknown,
}


@pytest.mark.parametrize("code", sorted(ERRORS))
def test_every_code_is_what_its_table_says(code):
    """A code of the table becomes the class that its meaning asks for, and keeps its code and its raw answer."""
    raw = orjson.dumps({"code": code, "message": ""})
    made = answers.error(ERRORS[code].status, raw)
    assert type(made) is CLASSES[ERRORS[code].means]
    assert (made.code, made.raw) == (code, raw)


def test_refusal_names_fields_in_the_platforms_words():
    """The fields of a refusal are the payload's own paths."""
    raw = orjson.dumps(
        {"code": "E2001", "message": "不行", "fields": [{"path": "6[0].排气筒高度(m)", "reason": "格式不正确"}, 7]}
    )
    made = answers.error(400, raw)
    assert isinstance(made, Refused)
    assert [(one.path, one.reason) for one in made.fields] == [("6[0].排气筒高度(m)", "格式不正确")]


@pytest.mark.parametrize(
    ("status", "raw"),
    [
        (500, b""),
        (502, b"<html>Bad Gateway</html>"),
        (400, b'{"code":"E9999"}'),
        (404, b"not found"),
        (409, b'{"code":"E2001"}'),
        (400, b"[]"),
        (200, b"<html>login</html>"),
    ],
)
def test_what_is_not_in_the_table_is_not_understood(status, raw):
    """An unknown code, a code with another HTTP status, or no JSON at all is an unknown outcome, never a refusal."""
    assert type(answers.error(status, raw)) is OutcomeUnknown


@pytest.mark.parametrize("status", [429, 503])
def test_not_done_in_http_is_try_later(status):
    """429 and 503 say 'not done' whatever stands in the body, and Retry-After is kept."""
    made = answers.error(status, b"<html>", after=7.0)
    assert isinstance(made, TryLater)
    assert made.after == 7.0


@pytest.mark.parametrize("raw", [b"", b"[]", b"<html>", b'{"dataid":1', "{}".encode("utf-16")])
def test_an_answer_that_is_no_application_is_not_understood(raw):
    """Whatever else comes instead of an application is an unknown outcome."""
    with pytest.raises(OutcomeUnknown):
        answers.application(answers.body(raw), raw)


def test_statuses_are_those_of_the_search_form():
    """Every status of TARGETS 2.5 has a meaning; ZT_0 is a filter and ZT_6 does not exist. DJ_1 is ours, INVENTED."""
    assert sorted(STATUSES) == ["DJ_1", "ZT_1", "ZT_2", "ZT_3", "ZT_4", "ZT_5", "ZT_7", "ZT_8"]
