"""TARGETS 5.4, entry by entry: what people usually get wrong is told at its box, with what to type instead.

Each line is one way to be wrong, made in a valid sample. What only a store or a whole route can tell is in
`tests/unit/engine` (an open application of the same site, characters that a target cannot keep, encrypted files).
"""

from __future__ import annotations

import copy
from typing import Any

import pytest

from bridge.catalogue.catalogue import Catalogue
from bridge.model.pointer import resolve, tokens
from bridge.testing.samples import generate

ERROR, WARNING = "error", "warning"
PERMIT, TRANSFER, OFFSITE = "discharge-permit", "isotope-transfer", "isotope-offsite-filing"
NAME, USCC, REP = "/data/applicant/name", "/data/applicant/id_no", "/data/applicant/legal_rep"
MOBILE, LON = "/data/contacts/0/mobile", "/data/site/lon"

CORPUS: list[tuple[str, str, str, Any, str, str, str]] = [
    # matter, what TARGETS 5.4 calls it, box, what is typed, severity, part of the message or cure, where it is told
    *(
        (PERMIT, "USCC with I/O/S/V/Z", USCC, f"9112011{letter}MA05000011", ERROR, "不含 I O S V Z", "")
        for letter in "IOSVZ"
    ),
    (PERMIT, "USCC in lower case", USCC, "91120116ma05000011", ERROR, "大写", ""),
    (PERMIT, "USCC with full-width digits", USCC, "９1120116MA05000011", ERROR, "半角", ""),
    (PERMIT, "USCC with a space inside", USCC, "91120116 MA05000011", ERROR, "中间不留空格", ""),
    (PERMIT, "USCC with letter O for 0", USCC, "91120116MA0500001O", ERROR, "把 0 写成了 O", ""),
    (PERMIT, "USCC with a wrong check", USCC, "91120116MA05000012", ERROR, "校验位不符", ""),
    (PERMIT, "15-digit registration number", USCC, "120116000012345", ERROR, "不填 15 位注册号", ""),
    (PERMIT, "id card of 15 digits", f"{REP}/id_no", "120101800101001", ERROR, "身份证号码不正确", ""),
    (PERMIT, "id card with a bad date", f"{REP}/id_no", "120101199002300016", WARNING, "出生日期可能有误", ""),
    (PERMIT, "id card with lower-case x", f"{REP}/id_no", "12010119800101001x", ERROR, "大写", ""),
    (PERMIT, "person's name with a space", f"{REP}/name", "王 小明", WARNING, "汉字之间不加空格", ""),
    (PERMIT, "person's name, full-width", f"{REP}/name", "ＷＡＮＧ", WARNING, "全角", ""),
    (PERMIT, "contact's name with a space", "/data/contacts/0/name", "王 小明", WARNING, "汉字之间不加空格", ""),
    (PERMIT, "half-width brackets", NAME, "华北(天津)化工有限公司", WARNING, "全角（）", ""),
    (PERMIT, "company name, full-width", NAME, "天津ＡＢＣ化工有限公司", WARNING, "半角", ""),
    (PERMIT, "company name with a space", NAME, "天津 化工有限公司", WARNING, "不加空格", ""),
    (PERMIT, "phone with 86", MOBILE, "8613800138000", ERROR, "不加 86", ""),
    (PERMIT, "phone with spaces", MOBILE, "138 0013 8000", ERROR, "空格", ""),
    (PERMIT, "landline in the mobile box", MOBILE, "23456789", ERROR, "11 位", ""),
    (PERMIT, "retired district 塘沽", "/data/site/region_code", "120107", ERROR, "120116", ""),
    (PERMIT, "retired district 静海县", "/data/site/region_code", "120223", ERROR, "120118", ""),
    (PERMIT, "functional zone as district", "/data/site/region_code", "120166", ERROR, "各功能区填 120116", ""),
    (PERMIT, "longitude and latitude swapped", LON, "39.13", WARNING, "可能填反", ""),
    (PERMIT, "degrees as DMS", LON, "117°12′30″", ERROR, "度分秒", ""),
    (PERMIT, "decimal comma", LON, "117,2", ERROR, "例如 117.20123", ""),
    (PERMIT, "decimal comma in a quantity", "/data/permit/raw_materials/0/max_use", "1,5", ERROR, "例如 12.5", ""),
    (PERMIT, "t/a entered as kg", "/data/permit/air_total/0/yearly/0", "2500000", WARNING, "千克填成了吨", ""),
    (PERMIT, "start after the application", "/data/permit/start_date", "2031-01-01", ERROR, "", ""),
    (PERMIT, "industry code of 3 digits", "/data/applicant/industry_code", "C261", ERROR, "格式不正确", ""),
    (PERMIT, "industry code, letter only", "/data/applicant/industry_code", "C", ERROR, "格式不正确", ""),
    *(
        (PERMIT, f"outlet written {no}", "/data/permit/air_outlets/0/no", no, ERROR, "DA001", "")
        for no in ("DA1", "DA-001", "da001")
    ),
    (PERMIT, "no legal representative", REP, ..., ERROR, "", ""),
    (PERMIT, "attachment name with /", "/materials/0/name", "a/b.pdf", ERROR, "请去掉 /", ""),
    *(
        (TRANSFER, f"nuclide written {name}", "/data/items/0/nuclide", name, ERROR, "例如 Co-60", "")
        for name in ("钴-60", "Co60", "60Co")
    ),
    (TRANSFER, "source code of 11 characters", "/data/items/0/source_code", "GB87AB09960", ERROR, "12 位", ""),
    (
        TRANSFER,
        "category against A/D",
        "/data/items/0/factory_activity_bq",
        "7" * 17,
        WARNING,
        "",
        "/data/items/0/category",
    ),
    (TRANSFER, "Bq entered as Ci", "/data/items/0/factory_activity_bq", "10", WARNING, "", ""),
    (TRANSFER, "Bq with its unit", "/data/items/0/factory_activity_bq", "3.7GBq", ERROR, "1 Ci = 37000000000 Bq", ""),
    (OFFSITE, "licence number in round brackets", "/data/licence/no", "津环辐证(00052)", ERROR, "格式不正确", ""),
]


def changed(document: dict[str, Any], pointer: str, value: Any) -> dict[str, Any]:
    """A copy with another value at a pointer; `...` takes it away."""
    made = copy.deepcopy(document)
    *way, last = tokens(pointer)
    holder = resolve(made, "".join(f"/{one}" for one in way))
    step: Any = int(last) if isinstance(holder, list) else last
    if value is ...:
        del holder[step]
    else:
        holder[step] = value
    return made


def sample(matter: str, box: str) -> dict[str, Any]:
    """A valid sample that has a box."""
    for document in generate(matter, seed=5, count=60):
        try:
            resolve(document, box)
        except LookupError:
            continue
        return document
    raise LookupError(box)


@pytest.mark.parametrize("line", CORPUS, ids=[f"{one[0]}: {one[1]}" for one in CORPUS])
def test_what_people_get_wrong_is_told_at_its_box(
    real: Catalogue, line: tuple[str, str, str, Any, str, str, str]
) -> None:
    """Box, severity and cure are those that the corpus wants, and the value is not repeated."""
    matter, _, box, typed, severity, words, place = line
    document = sample(matter, box)
    assert not real.check(document).problems
    found = [one for one in real.check(changed(document, box, typed)).problems if one.pointer == (place or box)]
    told = [one for one in found if one.severity == severity and words in f"{one.message} {one.remedy}"]
    assert told, found
    assert all(one.label and one.message and one.remedy and one.message_en and one.remedy_en for one in told)
    if isinstance(typed, str) and len(typed) > 6:
        assert typed not in f"{told[0].message} {told[0].remedy}"


def test_the_same_name_with_another_number_is_asked_about(real: Catalogue) -> None:
    """TARGETS 5.4: a contact with the legal representative's name and another certificate number."""
    document = sample(PERMIT, "/data/contacts/0/id_no")
    rep, contact = document["data"]["applicant"]["legal_rep"], document["data"]["contacts"][0]
    contact["name"], contact["id_type"], contact["id_no"] = rep["name"], rep["id_type"], rep["id_no"]
    assert not real.check(document).problems
    contact["id_no"] = "120101198001010012"
    assert [(one.pointer, one.severity) for one in real.check(document).problems] == [
        ("/data/contacts/0/id_no", WARNING)
    ]


def test_an_outlet_twice_is_an_error(real: Catalogue) -> None:
    """TARGETS 5.4: duplicate outlets."""
    document = sample(PERMIT, "/data/permit/air_outlets/1/no")
    outlets = document["data"]["permit"]["air_outlets"]
    outlets[1]["no"] = outlets[0]["no"]
    assert "/data/permit/air_outlets/1/no" in {one.pointer for one in real.check(document).problems}


def test_an_agent_needs_an_authorization(real: Catalogue) -> None:
    """TARGETS 5.4: a representative without 授权委托书."""
    document = sample(PERMIT, "/data/contacts/0/role")
    document["data"].pop("authorization", None)
    document["data"]["contacts"][0]["role"] = "AGENT"
    assert "/data/authorization" in {one.pointer for one in real.check(document).problems if one.severity == ERROR}


@pytest.mark.parametrize(("start", "end"), [("2026-01-01", "2025-12-31")])
def test_a_term_does_not_end_before_it_begins(real: Catalogue, start: str, end: str) -> None:
    """TARGETS 5.4: 有效期 end before start."""
    document = sample(OFFSITE, "/data/licence/to")
    document["data"]["licence"]["from"], document["data"]["licence"]["to"] = start, end
    assert [one for one in real.check(document).problems if one.pointer.startswith("/data/licence")]


def test_a_name_with_a_middle_dot_is_a_name(real: Catalogue) -> None:
    """TARGETS 5.4: `·` belongs to transcribed names and is taken as it is."""
    document = sample(PERMIT, f"{REP}/name")
    assert not real.check(changed(document, f"{REP}/name", "阿迪力·买买提")).problems
