"""The decider's word goes round: from its side door, through the commands, to what every system then holds."""

from __future__ import annotations

import hashlib
import json
import time
from typing import Any

import pytest

from bridge.testing.driver import Installation, Simulators

INVENTED_NAMES = ("handle_user_name", "handle_explain", "remark")
UNTOLD = ("原系统未提供", "原系统未提供办理意见", "一次录自动")


class Case:
    """One application that two systems hold."""

    def __init__(self, bridge: Installation, sims: Simulators, *, seed: int = 3) -> None:
        self.bridge, self.sims = bridge, sims
        self.document: dict[str, Any] = bridge.run("sample", "discharge-permit", "--seed", str(seed)).json
        done = bridge.run("submit", "-", "--json", stdin=json.dumps(self.document, ensure_ascii=False))
        self.number: str = done.json["accepted"][0]["number"]
        self.drain()
        self.at_decider: str = next(one["number"] for one in sims.records("discharge") if one["key"] == self.number)

    def drain(self) -> dict[str, int]:
        """Deliver and hear until nothing changes, and again once verdicts have come."""
        done = self.bridge.run("drain", "--json", "--for", "20")
        assert done.code == 0, done.out + done.err
        for _ in range(40):
            if not done.json["lodged"]:
                break
            time.sleep(0.25)  # noqa: TID251 - a verdict of another process takes real time
            done = self.bridge.run("drain", "--json", "--for", "20")
        assert done.code == 0, done.out + done.err
        told: dict[str, int] = done.json
        return told

    def decide(self, act: str, **words: Any) -> None:
        """The decider acts, and everyone hears of it."""
        self.sims.ask("discharge", "/_control/decide", {"number": self.at_decider, "act": act, **words})
        self.drain()

    def status(self) -> dict[str, Any]:
        """What is shown."""
        shown: dict[str, Any] = self.bridge.run("status", self.number, "--json").json
        return shown

    def held(self, target: str) -> list[dict[str, Any]]:
        """Records of this application at a target."""
        status = self.status()
        keys = {self.number, status["case_number"], status["application"]}
        return [one for one in self.sims.records(target) if one["key"] in keys]

    def corrected(self) -> str:
        """The document with another address."""
        changed = json.loads(json.dumps(self.document))
        changed["data"]["applicant"]["registered_address"] = "天津市南开区更正路九十九号"
        return json.dumps(changed, ensure_ascii=False)


@pytest.fixture
def case(bridge: Installation, sims: Simulators) -> Case:
    """One application that two systems hold."""
    return Case(bridge, sims)


def rows(record: dict[str, Any], table: str) -> list[dict[str, Any]]:
    """The rows of a table in a record's flat fields."""
    found: dict[str, dict[str, Any]] = {}
    for path, value in record["fields"].items():
        head, _, name = path.partition(".")
        if head == table or head.startswith(f"{table}["):
            found.setdefault(head, {})[name] = value
    return list(found.values())


def test_acceptance_and_grant_reach_everyone(case: Case) -> None:
    """受理 then 准予: national holds each row once, municipal shows it, the licence comes with its file."""
    assert case.held("national") == []
    case.decide("accept")
    (national,) = case.held("national")
    assert len(rows(national, "accept")) == 1
    assert len(rows(national, "material")) == len(case.document["materials"])
    names = [row["process_name"] for row in rows(national, "process")]
    assert names == ["收件", "受理"]
    assert national["status"] == "2"
    (municipal,) = case.held("municipal")
    assert municipal["status"] == "02"
    assert case.status()["state"] == "accepted"
    case.decide("grant")
    (national,) = case.held("national")
    assert national["status"] == "3/0"
    (result,) = rows(national, "result")
    status = case.status()
    licence = status["licence"]
    assert result["result_cetr_no"] == licence["number"]
    assert None not in (licence["issued_on"], licence["valid_from"], licence["valid_to"], licence["issuer"])
    (file,) = licence["files"]
    assert file["digest"].startswith("sha256:")
    assert file["size"] > 0
    (municipal,) = case.held("municipal")
    assert municipal["status"] == "10"
    assert municipal["fields"]["finish.resultCode"] == licence["number"]
    assert case.bridge.run("status", licence["number"], "--json").json["number"] == case.number
    shown = {one["target"]: one for one in status["targets"]}
    assert shown["national"]["counterpart"] == national["number"]
    assert all(one["state"] == "delivered" for one in status["targets"])


def test_nothing_is_invented(case: Case) -> None:
    """A decider that names no officer and no opinion: no row anywhere holds one."""
    case.decide("accept")
    case.decide("grant")
    (national,) = case.held("national")
    for path, value in national["fields"].items():
        name = path.rpartition(".")[2]
        if name in INVENTED_NAMES:
            assert value is None or value in UNTOLD or value == "", path
    (municipal,) = case.held("municipal")
    said = {path for path in municipal["fields"] if path.split(".")[0].split("[")[0] in ("accept", "process", "finish")}
    assert not {path for path in said if any(word in path.lower() for word in ("opinion", "user", "officer", "man"))}


def test_given_words_travel_as_they_were_given(case: Case) -> None:
    """An officer and an opinion that the decider gave stand in national's rows, word for word."""
    case.decide("accept", officer="赵受理", opinion="材料齐全，予以受理")
    (national,) = case.held("national")
    row = next(row for row in rows(national, "process") if row["process_name"] == "受理")
    assert (row["handle_user_name"], row["handle_explain"]) == ("赵受理", "材料齐全，予以受理")


def test_a_refusal_reaches_everyone_with_its_reason(case: Case) -> None:
    """不予许可: the result row and municipal carry the reason; the applicant is told what can be done."""
    case.decide("accept")
    case.decide("refuse", reason="不符合产业政策")
    (national,) = case.held("national")
    assert national["status"] == "3/1"
    (result,) = rows(national, "result")
    assert "不符合产业政策" in result["result_explain"]
    (municipal,) = case.held("municipal")
    assert municipal["status"] == "12"
    assert "不符合产业政策" in municipal["fields"]["finish.resultDesc"]
    status = case.status()
    assert status["state"] == "refused"
    assert status["licence"] is None
    problem = next(one for one in status["targets"] if one["target"] == "discharge")["problem"]
    assert "不符合产业政策" in problem["reason"]


def test_not_accepted_is_shown_at_municipal_and_nowhere_at_national(case: Case) -> None:
    """不予受理: municipal shows it with the reason, national holds nothing."""
    case.decide("not_accept", reason="不属于本机关职权范围")
    (municipal,) = case.held("municipal")
    assert municipal["status"] == "07"
    assert "不属于本机关职权范围" in json.dumps(municipal["fields"], ensure_ascii=False)
    assert case.held("national") == []
    assert case.status()["state"] == "not_accepted"


def test_a_correction_is_amended_and_granted(case: Case) -> None:
    """补正 shows its items at boxes; the amended revision reaches both; then 受理 and 准予 go round as ever."""
    items = [{"content": "注册地址与营业执照不一致", "field": "1.注册地址"}, {"content": "请补充说明"}]
    case.decide("correct", items=items)
    status = case.status()
    assert status["state"] == "correction_requested"
    shown = status["correction"]["items"]
    assert [one["text"] for one in shown] == ["注册地址与营业执照不一致", "请补充说明"]
    assert shown[0]["pointer"] == "/data/applicant/registered_address"
    assert shown[0]["label"]
    decider = next(one for one in status["targets"] if one["target"] == "discharge")
    assert decider["who_acts"] == "applicant"
    (municipal,) = case.held("municipal")
    assert municipal["status"] == "03"
    amended = case.bridge.run("amend", case.number, "-", "--reason", "按补正要求更正", "--json", stdin=case.corrected())
    assert amended.code == 0, amended.out + amended.err
    assert amended.json["revision"] == 2
    case.drain()
    for target, path in (("discharge", "1.注册地址"), ("municipal", "receive.applicantVO.address")):
        (record,) = case.held(target)
        assert record["fields"][path] == "天津市南开区更正路九十九号", target
    assert case.held("national") == []
    case.decide("accept")
    case.decide("grant")
    (national,) = case.held("national")
    assert national["status"] == "3/0"
    assert national["fields"]["accept.address"] == "天津市南开区更正路九十九号"
    assert case.status()["state"] == "granted"
    (municipal,) = case.held("municipal")
    assert municipal["status"] == "10"


def test_a_withdrawal_reaches_whoever_holds_the_application(case: Case) -> None:
    """撤回 after 受理: the decider, municipal and national are each told, with the reason."""
    case.decide("accept")
    done = case.bridge.run("withdraw", case.number, "--reason", "项目取消", "--json")
    assert done.code == 0, done.out + done.err
    case.drain()
    (municipal,) = case.held("municipal")
    assert municipal["status"] == "13"
    (national,) = case.held("national")
    assert national["status"] == "3/5"
    assert case.status()["state"] == "withdrawn"
    assert all(one["state"] == "delivered" for one in case.status()["targets"])
    again = case.bridge.run("withdraw", case.number, "--reason", "项目取消", "--json")
    assert again.json["again"]


def test_files_that_came_are_those_that_the_decider_made(case: Case) -> None:
    """Each document's digest is that of bytes of the decider; the database knows them by digest alone."""
    case.decide("accept")
    documents = case.status()["documents"]
    assert documents
    for one in documents:
        assert len(one["digest"]) == len("sha256:") + len(hashlib.sha256().hexdigest())
