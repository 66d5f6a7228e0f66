"""固定污染源排污登记: card 16, number and receipt at once, and nothing to decide."""

from __future__ import annotations

from dataclasses import replace

import pytest

from adapters.discharge.codes import REGISTER_TYPES
from adapters.discharge.mapping import mappings, schema
from bridge.contract.outcome import Held, Receipt
from bridge.contract.remote import Window
from bridge.errors import Refused, SettingsError
from bridge.kit.mapping.paths import flatten
from bridge.model.delivery import Kind
from bridge.model.lifecycle import ApplicationState
from bridge.model.word import PaperKind
from bridge.testing.samples import generate

MATTER = "discharge-registration"
MAPPING = mappings()[MATTER, Kind.APPLY, None]
NUMBER = "YCL2026112300000044"


def sent(enter, outgoing, type_, seed=21):
    """A sample as the engine would send it, and its data."""
    one = next(generate(MATTER, type=type_, seed=seed))
    source, files = enter(one, NUMBER)
    key = replace(outgoing.key, number=NUMBER, matter=MATTER, type=type_)
    return replace(outgoing, payload=MAPPING.write(source), key=key, materials=files), one["data"]


TABLE = {
    "products": [{"process": "喷粉", "name": "护栏", "capacity": "12.5", "unit": "t/a"}],
    "fuels": [{"kind": "GAS", "name": "天然气", "amount": "3", "unit": "万m3/a"}],
    "voc_materials": [{"kind": "涂料", "name": "水性漆", "amount": "2", "unit": "t/a"}],
    "air_forms": ["ORGANISED", "FUGITIVE"],
    "air_measures": [{"name": "除尘器", "process": "袋式除尘", "count": "2"}],
    "air_outlets": [{"no": "DA001", "name": "1号排气筒", "standard": "GB 16297-1996"}],
    "water_measures": [{"name": "化粪池", "process": "沉淀", "count": "1"}],
    "water_outlets": [{"no": "DW001", "name": "总排口", "standard": "DB12/356-2018", "to": "城市污水处理厂"}],
    "solid_waste": [{"name": "废活性炭", "hazardous": True, "to": "委托处置"}],
    "noise_measures": ["厂房隔声", "基础减振"],
    "noise_standard": "GB 12348-2008",
    "remark": "夜间不生产",
}

CARD_16 = {
    "16.主要产品及产能[0].生产工艺名称": "喷粉",
    "16.主要产品及产能[0].主要产品名称": "护栏",
    "16.主要产品及产能[0].主要产品产能": "12.5",
    "16.主要产品及产能[0].计量单位": "t/a",
    "16.燃料使用信息[0].类别": "气体燃料",
    "16.燃料使用信息[0].名称": "天然气",
    "16.燃料使用信息[0].使用量": "3",
    "16.燃料使用信息[0].计量单位": "万m3/a",
    "16.涉VOCs辅料使用信息[0].类别": "涂料",
    "16.涉VOCs辅料使用信息[0].名称": "水性漆",
    "16.涉VOCs辅料使用信息[0].使用量": "2",
    "16.涉VOCs辅料使用信息[0].计量单位": "t/a",
    "16.废气排放形式": "有组织；无组织",
    "16.废气污染治理设施[0].污染治理设施名称": "除尘器",
    "16.废气污染治理设施[0].治理工艺": "袋式除尘",
    "16.废气污染治理设施[0].数量": "2",
    "16.废气排放口[0].排放口编号": "DA001",
    "16.废气排放口[0].排放口名称": "1号排气筒",
    "16.废气排放口[0].执行标准名称": "GB 16297-1996",
    "16.废水污染治理设施[0].污染治理设施名称": "化粪池",
    "16.废水污染治理设施[0].治理工艺": "沉淀",
    "16.废水污染治理设施[0].数量": "1",
    "16.废水排放口[0].排放口编号": "DW001",
    "16.废水排放口[0].排放口名称": "总排口",
    "16.废水排放口[0].执行标准名称": "DB12/356-2018",
    "16.废水排放口[0].排放去向": "城市污水处理厂",
    "16.工业固体废物[0].工业固体废物名称": "废活性炭",
    "16.工业固体废物[0].是否属于危险废物": "是",
    "16.工业固体废物[0].去向": "委托处置",
    "16.工业噪声防治措施": "厂房隔声；基础减振",
    "16.厂界噪声执行标准名称": "GB 12348-2008",
    "16.其他需要说明的信息": "夜间不生产",
}


def test_the_table_stands_on_card_16(enter):
    """The golden pair: every box of the registration in the platform's words, and traced back."""
    one = next(generate(MATTER, seed=21))
    one["data"]["registration"] = TABLE
    written = MAPPING.write(enter(one, NUMBER)[0])
    assert {path: value for path, value in flatten(written).items() if path.startswith("16.")} == CARD_16
    assert MAPPING.to_form("16.废水排放口[1].排放去向") == "/data/registration/water_outlets/1/to"


@pytest.mark.parametrize("type_", REGISTER_TYPES)
def test_every_sample_fits_and_has_the_platforms_word_for_its_type(enter, type_):
    """No pre-flight problem, a payload valid under the schema (writing checks it), the type's own code."""
    for one in generate(MATTER, type=type_, seed=9, count=60):
        source, _ = enter(one, NUMBER)
        assert list(MAPPING.preflight(source)) == []
        written = MAPPING.write(source)
        assert written["apply type"] == REGISTER_TYPES[type_]
        assert ("16" in written, "变更" in written) == (type_ != "cancel", type_ != "register")


@pytest.mark.parametrize("type_", REGISTER_TYPES)
def test_number_and_receipt_come_at_once(sim, enter, outgoing, type_):
    """The answer to handing it in is 已登记 with the number; the stream says the same, with the receipt's file."""
    handed, data = sent(enter, outgoing, type_)
    before = data.get("current_registration")

    async def act(adapter):
        receipt = await sim.send(adapter, handed)
        (change,) = (await adapter.changes(None)).items
        (paper,) = change.word.papers
        return receipt, change, paper, await adapter.fetch(paper), await adapter.find(handed)

    receipt, change, paper, data_of_paper, found = sim.play(act)
    number = before["no"] if before else f"{data['applicant']['id_no']}{data['site']['seq']}W"
    assert isinstance(receipt, Receipt)
    assert (receipt.status, receipt.status_raw) == (ApplicationState.REGISTERED, "DJ_1")
    assert receipt.facts == change.facts == {"registration_number": number}
    assert (change.status, change.word.licence.number, change.word.licence.issuer) == (receipt.status, number, None)
    assert (paper.kind, paper.number, data_of_paper[:5]) == (PaperKind.LICENCE, number, b"%PDF-")
    assert (change.word.licence.valid_to is None) is (type_ == "cancel")
    if type_ == "change":
        assert change.word.licence.valid_to == before["to"]
    assert isinstance(found, Held)
    assert found.receipt.facts == receipt.facts


def test_nobody_decides_on_a_registration(sim, enter, outgoing):
    """No act of deciding is legal, it cannot be taken back or put again; only 注销 can follow."""
    handed, _ = sent(enter, outgoing, "register")
    withdrawal = replace(handed, kind=Kind.WITHDRAW, payload={"外部编号": NUMBER, "撤回时间": "2026-11-23 10:00:00"})

    async def act(adapter):
        receipt = await sim.send(adapter, handed)
        for what in ("accept", "grant", "correct", "withdraw"):
            with pytest.raises(SettingsError, match="409"):
                sim.ask("/_control/decide", {"number": receipt.number, "act": what})
        again = await sim.send(adapter, handed)
        taken_back = await sim.send(adapter, withdrawal)
        later = await sim.send(adapter, replace(handed, payload={**handed.payload, "版本": 2}, revision=2))
        sim.ask("/_control/decide", {"number": receipt.number, "act": "cancel"})
        return receipt, again, taken_back, later, (await adapter.changes(None)).items[-1]

    receipt, again, taken_back, later, last = sim.play(act)
    assert (again.number, again.facts) == (receipt.number, receipt.facts)
    assert isinstance(taken_back, Refused)
    assert isinstance(later, Refused)
    assert (last.status, last.status_raw) == (ApplicationState.CANCELLED, "DJ_1/cancel")


def test_what_was_registered_can_be_changed_under_its_number(sim, enter, outgoing):
    """A number that the platform gave is known to it; one that nobody gave is refused at its field."""
    handed, data = sent(enter, outgoing, "register")
    change, _ = sent(enter, outgoing, "change")
    given = f"{data['applicant']['id_no']}{data['site']['seq']}W"
    payload = {**handed.payload, "apply type": "bcbg", "外部编号": "YCL2", "变更": {**change.payload["变更"]}}
    payload["变更"]["原登记编号"] = given
    second = replace(handed, payload=payload, key=replace(handed.key, number="YCL2"))

    async def act(adapter):
        unknown = await sim.send(adapter, second)
        await sim.send(adapter, handed)
        return unknown, await sim.send(adapter, second)

    unknown, known = sim.play(act)
    assert [one.path for one in unknown.fields] == ["变更.原登记编号"]
    assert known.facts == {"registration_number": given}


@pytest.mark.parametrize(
    "case",
    [
        ("register", lambda content: content.pop("16"), "16"),
        ("register", lambda content: content["16"].pop("主要产品及产能"), "16.主要产品及产能"),
        (
            "register",
            lambda content: content["1"].update({"统一社会信用代码": "91120116MA05000012"}),
            "1.统一社会信用代码",
        ),
        ("change", lambda content: content["变更"].pop("变更原因"), "变更.变更原因"),
        ("renew", lambda content: content.pop("变更"), "变更.原登记编号"),
        ("cancel", lambda content: content["变更"].pop("注销理由"), "变更.注销理由"),
    ],
)
def test_the_platform_is_strict(sim, enter, outgoing, case):
    """What a registration must say is refused at its own field."""
    type_, spoil, path = case
    handed, _ = sent(enter, outgoing, type_)
    spoil(handed.payload)
    outcome = sim.play(lambda adapter: sim.send(adapter, handed))
    assert isinstance(outcome, Refused)
    assert path in {one.path for one in outcome.fields}


def test_cases_are_born_and_loaded_there_too(sim):
    """The side door knows the matter: such a case is registered, without a key of ours."""
    sim.ask("/_control/born", {"matter": MATTER, "type": "renew", "seed": 4})
    sim.ask("/_control/load", {"matter": MATTER, "count": 3})

    async def act(adapter):
        return [record async for record in adapter.records(Window())]

    records = sim.play(act)
    assert {record.status for record in records} == {ApplicationState.REGISTERED}
    assert len(records) == 4


def test_card_16_is_only_of_registrations():
    """The two forms have a schema each; neither takes the other's cards."""
    permit, registration = schema("discharge-permit-v1"), schema("discharge-registration-v1")
    assert "16" not in permit["properties"]
    assert set(registration["properties"]) & {str(card) for card in range(2, 16)} == set()
