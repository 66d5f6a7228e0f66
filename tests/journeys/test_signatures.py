"""A decider that works in stages: the form goes to the applicant, comes back signed, and everything else goes on."""

from __future__ import annotations

import json
import time
import zipfile
from pathlib import Path
from typing import Any

import pytest

from bridge.testing.driver import Installation, Simulators, kill


class Signed:
    """One application at a decider that wants its form signed."""

    def __init__(self, bridge: Installation, sims: Simulators, folder: Path, stages: dict[str, object]) -> None:
        self.bridge, self.sims, self.folder = bridge, sims, folder
        sims.ask("discharge", "/_control/stages", stages)
        self.document: dict[str, Any] = bridge.run("sample", "discharge-permit", "--seed", "3").json
        done = bridge.run("submit", "-", "--json", stdin=json.dumps(self.document, ensure_ascii=False))
        self.number: str = done.json["accepted"][0]["number"]
        self.drained = self.drain()

    def drain(self) -> dict[str, int]:
        """Deliver and hear until nothing changes."""
        done = self.bridge.run("drain", "--json", "--for", "20")
        assert done.code == 0, done.out + done.err
        told: dict[str, int] = done.json
        return told

    def status(self) -> dict[str, Any]:
        """What is shown."""
        shown: dict[str, Any] = self.bridge.run("status", self.number, "--json").json
        return shown

    def decider(self) -> dict[str, Any]:
        """What is shown of the decider."""
        line: dict[str, Any] = next(one for one in self.status()["targets"] if one["target"] == "discharge")
        return line

    def form(self, name: str) -> Path:
        """Take the form that is to be signed."""
        path = self.folder / name
        done = self.bridge.run("sign", self.number, "--get", "-o", str(path), "--json")
        assert done.code == 0, done.out + done.err
        assert done.json["to_sign"] == self.decider()["to_sign"]
        assert path.stat().st_mode & 0o077 == 0
        return path

    def scanned(self, name: str, of: str) -> Path:
        """What the applicant signed of a form, scanned."""
        path = self.folder / name
        path.write_bytes(b"%PDF-1.4 scan of the signed form " + of.encode())
        return path

    def sign(self, path: Path, *words: str) -> Any:
        """Hand a signed form in."""
        return self.bridge.run("sign", self.number, "--form", str(path), *words, "--json")

    def correct(self) -> None:
        """Hand a corrected revision in."""
        changed = json.loads(json.dumps(self.document))
        changed["data"]["applicant"]["registered_address"] = "天津市南开区更正路九十九号"
        done = self.bridge.run("amend", self.number, "-", "--reason", "更正", "--json", stdin=json.dumps(changed))
        assert done.code == 0, done.out + done.err

    def records(self) -> list[dict[str, Any]]:
        """What the decider holds."""
        return self.sims.records("discharge")

    def decide(self, act: str) -> None:
        """The decider acts, and everyone hears of it."""
        number = self.records()[0]["number"]
        self.sims.ask("discharge", "/_control/decide", {"number": number, "act": act})
        for _ in range(40):
            if not self.drain()["lodged"]:
                return
            time.sleep(0.25)  # noqa: TID251 - a verdict of another process takes real time


@pytest.fixture
def signed(bridge: Installation, sims: Simulators, tmp_path: Path) -> Signed:
    """One application that waits for the applicant's signature."""
    return Signed(bridge, sims, tmp_path, {"signature": True})


def test_the_whole_way_with_signatures(signed: Signed) -> None:
    """Submit, sign, 补正, corrected, signed anew, grant: asked twice, one record, and the permit comes to everyone."""
    assert signed.drained["waiting"] == 1
    line = signed.decider()
    assert (line["state"], line["who_acts"]) == ("waiting", "applicant")
    assert "bridge sign" in line["problem"]["remedy"]
    others = [one["state"] for one in signed.status()["targets"] if one["target"] == "municipal"]
    assert others == ["delivered"]  # nobody else waits
    first = signed.form("first.pdf")
    digest = line["to_sign"]["digest"]
    scan = signed.scanned("first-signed.pdf", digest)
    assert signed.sign(scan, "--of", digest).json["state"] == "due"
    signed.drain()
    assert signed.decider()["state"] == "delivered"
    assert signed.decider()["to_sign"] is None
    signed.decide("correct")
    assert signed.status()["state"] == "correction_requested"
    signed.correct()
    assert signed.drain()["waiting"] >= 1
    second = signed.form("second.pdf")
    assert second.read_bytes() != first.read_bytes()
    stale = signed.sign(scan)
    assert stale.code == 1
    assert stale.json["rejected"][0]["problems"][0]["code"] == "other_form"
    done = signed.sign(signed.scanned("second-signed.pdf", signed.decider()["to_sign"]["digest"]))
    assert done.json["state"] == "due"
    signed.drain()
    assert len(signed.records()) == 1
    signed.decide("accept")
    signed.decide("grant")
    pack = signed.folder / "pack.zip"
    assert signed.bridge.run("evidence", signed.number, "-o", str(pack)).code == 0
    with zipfile.ZipFile(pack) as opened:
        held = [name for name in opened.namelist() if "data/signatures/" in name]
    assert len(held) == 4  # two forms, and what was signed of each
    status = signed.status()
    assert status["state"] == "granted"
    assert status["licence"]["number"]
    assert all(one["state"] == "delivered" for one in status["targets"])


def test_what_is_not_the_signed_form_is_told_in_plain_words(signed: Signed) -> None:
    """The form unsigned, no PDF, an encrypted one, another digest: each is refused with a reason, and nothing moves."""
    form = signed.form("form.pdf")
    text = signed.folder / "text.pdf"
    text.write_bytes(b"no pdf at all")
    locked = signed.folder / "locked.pdf"
    locked.write_bytes(b"%PDF-1.4 trailer << /Encrypt 5 0 R >>")
    good = signed.scanned("good.pdf", "x")
    tried = [
        signed.sign(form),
        signed.sign(text),
        signed.sign(locked),
        signed.sign(good, "--of", "sha256:" + "0" * 64),
    ]
    codes = [one.json["rejected"][0]["problems"][0]["code"] for one in tried]
    assert codes == ["not_signed", "not_a_pdf", "file_encrypted", "other_form"]
    assert [one.code for one in tried] == [1, 1, 1, 1]
    assert signed.decider()["state"] == "waiting"
    assert signed.sign(good, "--target", "municipal").code == 4


def test_a_form_that_the_decider_refuses_is_a_to_do_and_asked_for_anew(signed: Signed) -> None:
    """Its draft was changed behind us: the refusal is told in words, and a retry asks for the new form."""
    number = signed.records()[0]["number"]
    signed.sims.ask("discharge", "/_control/tamper", {"number": number, "set": {"1.单位名称": "天津另一家有限公司"}})
    assert signed.sign(signed.scanned("a.pdf", "a")).code == 0
    assert signed.bridge.run("drain", "--json").code == 3
    line = signed.decider()
    assert line["state"] == "parked"
    assert "申请表" in line["problem"]["reason"]
    assert signed.bridge.run("retry", signed.number, "--json").code == 0
    assert signed.drain()["waiting"] == 1
    assert signed.decider()["to_sign"] is not None
    assert [one["status"] for one in signed.records()] == ["ZT_1"]


def test_killed_between_the_signed_form_and_the_submission(signed: Signed) -> None:
    """The worker dies while it submits: afterwards there is one application, handed in once, with no second draft."""
    signed.form("form.pdf")
    assert signed.sign(signed.scanned("a.pdf", "a")).code == 0
    signed.sims.faults("discharge", [{"fault": "drip", "share": 1, "on": "writes", "seconds": 30}])
    worker = signed.bridge.start("drain", "--for", "60")
    time.sleep(3)  # noqa: TID251 - another process takes real time
    kill(worker)
    signed.sims.faults("discharge", [])
    done = signed.bridge.run("drain", "--json", "--for", "30")
    assert done.code == 0, done.out + done.err
    assert signed.decider()["state"] == "delivered"
    assert [one["status"] for one in signed.records()] == ["ZT_2"]


def test_a_withdrawal_drops_the_draft(signed: Signed) -> None:
    """Withdrawn while it waits for the signature: the draft is closed at the decider, and nothing waits any more."""
    done = signed.bridge.run("withdraw", signed.number, "--reason", "计划有变", "--json")
    assert done.code == 0, done.out + done.err
    assert signed.drain()["waiting"] == 0
    assert signed.status()["state"] == "withdrawn"
    (record,) = signed.records()
    assert record["fields"]["撤回原因"] == "计划有变"
    assert signed.bridge.run("sign", signed.number, "--get", "-o", str(signed.folder / "x.pdf")).code == 4


def test_a_correction_while_waiting_asks_for_the_new_form_alone(signed: Signed) -> None:
    """Corrected before it was signed: the old form is not to be signed any more, and the draft is the same."""
    old = signed.decider()["to_sign"]["digest"]
    number = signed.records()[0]["number"]
    signed.correct()
    assert signed.drain()["waiting"] == 1
    new = signed.decider()["to_sign"]["digest"]
    assert new != old
    assert signed.sign(signed.scanned("old.pdf", old), "--of", old).code == 1
    assert signed.sign(signed.scanned("new.pdf", new), "--of", new).code == 0
    signed.drain()
    assert [(one["number"], one["status"]) for one in signed.records()] == [(number, "ZT_2")]


def test_an_account_is_asked_for_in_plain_words(bridge: Installation, sims: Simulators, tmp_path: Path) -> None:
    """The company has not bound its account: it is told so, and after that a retry, or the next run, goes on."""
    case = Signed(bridge, sims, tmp_path, {"accounts": "ask"})
    line = case.decider()
    assert (case.drained["waiting"], case.drained["due"], case.drained["parked"]) == (1, 0, 0)
    assert (line["state"], line["who_acts"]) == ("waiting", "applicant")
    assert "授权" in line["problem"]["remedy"]
    assert line["next_try"] is not None
    assert case.records() == []
    case.drain()
    assert case.decider()["state"] == "waiting"
    sims.ask("discharge", "/_control/stages", {"bind": case.document["data"]["applicant"]["id_no"]})
    assert bridge.run("retry", case.number, "--json").json["done"] >= 1
    case.drain()
    assert case.decider()["state"] == "delivered"
    assert len(case.records()) == 1
