"""The types of 排污许可 beside the first application: what each tells the platform, what it must say, what it gets."""

from __future__ import annotations

from dataclasses import replace

import pytest

from adapters.discharge.codes import APPLY_TYPES
from adapters.discharge.mapping import mappings
from bridge.contract.outcome import Receipt
from bridge.errors import Refused
from bridge.kit.mapping.paths import flatten
from bridge.model.delivery import Kind
from bridge.testing.samples import generate

MATTER = "discharge-permit"
MAPPING = mappings()[MATTER, Kind.APPLY, None]

GOLDEN = {
    "reapply": {
        "apply type": "XZXKTYPE_A,TYPEI",
        "变更.重新申请情形": "场所、排放口位置或排放方式、去向变化；排放口数量或排放种类、量、浓度增加",
        "变更.重新申请理由": "扩建一条生产线，排放口增加",
    },
    "renew": {"apply type": "XZXKTYPE_D,TYPED"},
    "reissue": {
        "apply type": "补办",
        "变更.补领原因": "遗失",
        "变更.遗失或损毁日期": "2026-10-01",
        "变更.补领说明": "搬迁时遗失",
    },
    "cancel": {
        "apply type": "注销",
        "变更.注销原因": "停止排放污染物",
        "变更.停止排污日期": "2026-09-30",
        "变更.注销理由": "关停",
    },
}
"""What the block 变更 holds beside the permit of before (TARGETS 8.3 for the types; field names INVENTED)."""

SAYS = {
    "reapply": {"reapply": {"grounds": ["PLACE", "INCREASE"], "reason": "扩建一条生产线，排放口增加"}},
    "renew": {},
    "reissue": {"reissue": {"cause": "LOST", "happened_on": "2026-10-01", "reason": "搬迁时遗失"}},
    "cancel": {"cancellation": {"cause": "STOPPED", "stopped_on": "2026-09-30", "reason": "关停"}},
}


def document(type_: str, seed: int = 21):
    """One sample of a type."""
    return next(generate(MATTER, type=type_, seed=seed))


def handed(enter, outgoing, one, number="YCL2026112300000033"):
    """A document as the engine would send it."""
    source, files = enter(one, number)
    key = replace(outgoing.key, number=number, matter=one["matter"], type=one["type"])
    mapping = mappings()[one["matter"], Kind.APPLY, None]
    return replace(outgoing, payload=mapping.write(source), key=key, materials=files)


@pytest.mark.parametrize("type_", sorted(GOLDEN))
def test_each_type_tells_why_in_the_platforms_words(enter, type_):
    """The golden pair of each type: the permit of before, and what only this type says."""
    one = document(type_)
    one["data"].update(SAYS[type_])
    one["data"]["current_licence"] = {
        "no": "91120116MA05000011001P",
        "issuer": "天津市滨海新区行政审批局",
        "from": "2023-03-01",
        "to": "2028-02-29",
    }
    written = flatten(MAPPING.write(enter(one, "N1")[0]))
    told = {path: value for path, value in written.items() if path.startswith("变更.") or path == "apply type"}
    assert told == {
        "变更.原排污许可证编号": "91120116MA05000011001P",
        "变更.原发证机关": "天津市滨海新区行政审批局",
        "变更.原有效期限起": "2023-03-01",
        "变更.原有效期限止": "2028-02-29",
        **GOLDEN[type_],
    }


@pytest.mark.parametrize(
    ("type_", "cards"), [("renew", True), ("reapply", True), ("reissue", False), ("cancel", False)]
)
def test_a_replacement_or_cancellation_hands_in_no_cards(enter, type_, cards):
    """Cards 2 to 15, and what card 1 says of the permit, are there exactly where the type asks for them."""
    written = MAPPING.write(enter(document(type_), "N1")[0])
    assert ("2" in written, "管理类别" in written["1"], "是否有环评审批文件" in written["1"]) == (cards, cards, cards)
    assert written["1"]["单位名称"]


@pytest.mark.parametrize("type_", [one for one in APPLY_TYPES if one != "new"])
def test_the_platform_takes_each_type_and_its_permit_keeps_its_number(sim, enter, outgoing, type_):
    """Handed in, accepted and granted; a permit that there was before keeps its number, and a change keeps its term."""
    one = document(type_)
    before = one["data"]["current_licence"]

    async def act(adapter):
        receipt = await sim.send(adapter, handed(enter, outgoing, one))
        for what in ("accept", "grant"):
            sim.ask("/_control/decide", {"number": receipt.number, "act": what})
        return receipt, (await adapter.changes(None)).items[-1].word

    receipt, word = sim.play(act)
    assert isinstance(receipt, Receipt)
    assert word.licence.number == before["no"]
    kept = (before["from"], before["to"])
    assert ((word.licence.valid_from, word.licence.valid_to) == kept) is (
        type_.startswith("change") or type_ == "reissue"
    )
    if type_ == "cancel":
        assert (word.licence.valid_to, [paper.title for paper in word.papers]) == (None, ["准予许可决定书（模拟）"])


@pytest.mark.parametrize(
    "case",
    [
        ("renew", lambda content: content.pop("变更"), "变更.原排污许可证编号"),
        (
            "renew",
            lambda content: content["变更"].update({"原排污许可证编号": "91120116MA05000011001P"}),
            "变更.原排污许可证编号",
        ),
        ("renew", lambda content: content["变更"].update({"注销理由": "x"}), "变更.注销理由"),
        ("reapply", lambda content: content["变更"].pop("重新申请情形"), "变更.重新申请情形"),
        ("reissue", lambda content: content["变更"].pop("遗失或损毁日期"), "变更.遗失或损毁日期"),
        ("cancel", lambda content: content["变更"].pop("注销原因"), "变更.注销原因"),
        ("change-basic", lambda content: content["变更"].pop("变更日期"), "变更.变更日期"),
        ("renew", lambda content: content["1"].pop("管理类别"), "1.管理类别"),
        (
            "cancel",
            lambda content: content.update(
                {"13": [{"产噪单元": "a", "厂界方位": "东", "昼间限值": "1", "夜间限值": "1"}]}
            ),
            "13",
        ),
    ],
)
def test_the_platform_asks_of_each_type_what_is_its_own(sim, enter, outgoing, case):
    """What a type must say, and what belongs to another, is refused at its field; an unknown permit is none."""
    type_, spoil, path = case
    sent = handed(enter, outgoing, document(type_))
    spoil(sent.payload)
    outcome = sim.play(lambda adapter: sim.send(adapter, sent))
    assert isinstance(outcome, Refused)
    assert path in {one.path for one in outcome.fields}
