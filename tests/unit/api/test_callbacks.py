"""`POST /callbacks/<target>` over real sockets: what is applied, what is kept, and what leaves no trace."""

from __future__ import annotations

import signal
import sqlite3
from contextlib import closing

INBOX = "SELECT state, reason FROM inbox"
STEPS = "SELECT state, via FROM steps WHERE via = 'callback'"


def test_a_signed_call_is_applied_once(served, sign):
    """Answered 200 once applied; sent again, or anew signed, it has no second effect and is answered 200."""
    body = served.message()
    headers = sign(body)
    status, answered, told = served.call(body=body, headers=headers)
    assert (status, told) == (200, {"code": "200"})
    assert "server" not in answered
    assert served.rows(INBOX) == [("done", None)]
    assert served.rows(STEPS) == [("received", "callback")]
    shown = served.status()
    assert (shown["state"], shown["case_number"]) == ("received", "P-2026-1")
    events = served.rows("SELECT count(*) FROM ledger_events")
    assert served.call(body=body, headers=headers)[0] == 200
    again = served.message(msgType="other")  # another body, the same message id
    assert served.call(body=again, headers=sign(again))[0] == 200
    assert served.rows(STEPS) == [("received", "callback")]
    assert served.rows("SELECT count(*) FROM ledger_events") == events


def test_a_wrong_signature_leaves_no_trace(door, sign):
    """401, nothing in the database, and one log line for a flood of them, without what was sent."""
    log = door.installation.folder / "serve.log"
    before = door.rows("SELECT count(*) FROM inbox") + door.rows("SELECT count(*) FROM ledger_events")
    lines = log.read_text(encoding="utf-8").count("callback_denied")
    for number in range(20):
        body = door.message(f"forged-{number}")
        status, answered, told = door.call(body=body, headers=sign(body, secret="wrong"))
        assert (status, told["code"]) == (401, "401")
        assert answered["content-type"] == "application/problem+json"
    assert door.call(body=door.message())[0] == 401
    assert door.rows("SELECT count(*) FROM inbox") + door.rows("SELECT count(*) FROM ledger_events") == before
    text = log.read_text(encoding="utf-8")
    assert text.count("callback_denied") == max(lines, 1)
    assert "forged-" not in text


def test_who_does_not_call_has_no_address(door, sign):
    """404 for a target that there is not and for one that sends no callbacks; 405 for any other method."""
    body = door.message()
    for target in ("nobody", "national", "radiation"):
        path = f"/callbacks/{target}"
        assert door.call(path=path, body=body, headers=sign(body, path=path))[0] == 404
    assert door.call(path="/", body=body)[0] == 404
    assert door.call(path="/callbacks/municipal/", body=body)[0] == 404
    status, answered, _ = door.call("GET")
    assert (status, answered["allow"]) == (405, "POST")


def test_a_target_without_its_secret_is_not_listened_to(door, sign):
    """Without a secret nothing can be verified: a signature made with an empty one is not taken."""
    body = door.message()
    path = "/callbacks/discharge"
    status, _, _ = door.call(path=path, body=body, headers=sign(body, secret="", path=path))
    assert status in {401, 503}
    assert door.rows("SELECT count(*) FROM inbox WHERE target = 'discharge'") == [(0,)]


def test_a_signed_call_that_cannot_be_read_is_kept(served, sign):
    """What is signed and not understood waits for a better adapter: 200, pending, nothing else changed."""
    for body in (b"\xff\xfe", b'{"body": {"msgId": "x"}}', b"[]"):
        assert served.call(body=body, headers=sign(body))[0] == 200
    assert served.rows(INBOX) == [("pending", "unreadable")] * 3
    assert served.rows(STEPS) == []


def test_a_call_about_a_case_that_comes_later_is_applied_then(served, sign):
    """A call about an unknown case is pending; once the case is known it is applied without being sent again."""
    body = served.message(biz="not-ours-yet")
    assert served.call(body=body, headers=sign(body))[0] == 200
    assert served.rows(INBOX) == [("pending", "unknown_case")]
    with closing(sqlite3.connect(served.installation.folder / "bridge.db")) as sql, sql:
        # as if the target's number had become known meanwhile, by a receipt
        sql.execute(
            "INSERT INTO numbers (value, application, kind, target)"
            " SELECT 'P-2026-1', id, 'counterpart', 'municipal' FROM applications"
        )
        sql.execute(
            "INSERT INTO counterparts (application, target, number) SELECT id, 'municipal', 'P-2026-1'"
            " FROM applications"
        )
    served.wait_for("SELECT state FROM inbox", [("done",)])
    assert served.rows(STEPS) == [("received", "callback")]


def test_what_was_answered_survives_a_power_cut(served, sign):
    """Killed right after the 200, the change is there after a new start, and the replay harmless."""
    body = served.message()
    headers = sign(body)
    assert served.call(body=body, headers=headers)[0] == 200
    served.processes[-1].send_signal(signal.SIGKILL)
    served.processes[-1].wait()
    assert served.status()["state"] == "received"
    served.open()
    assert served.call(body=body, headers=headers)[0] == 200
    assert served.rows(STEPS) == [("received", "callback")]
