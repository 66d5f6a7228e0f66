"""TARGETS 5.4, entry by entry: what people usually get wrong is told at its box, with what to type instead.

Each line is one way to be wrong, made in a valid sample. What only a store or a whole route can tell is in
`tests/unit/engine/test_bad_entries.py`. `ENTRIES` is the corpus as TARGETS has it; a law holds the lines to it.
"""

from __future__ import annotations

import copy
import re
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from bridge.catalogue.catalogue import Catalogue
from bridge.model.identity import id_card_check
from bridge.model.pointer import resolve, tokens
from bridge.testing.samples import generate

ERROR, WARNING = "error", "warning"
PERMIT, TRANSFER, OFFSITE = "discharge-permit", "isotope-transfer", "isotope-offsite-filing"
NAME, USCC, REP = "/data/applicant/name", "/data/applicant/id_no", "/data/applicant/legal_rep"
ID, PHONE, REGION = f"{REP}/id_no", f"{REP}/phone", "/data/applicant/region_code"
MOBILE, LON, LAT, DISTRICT = "/data/contacts/0/mobile", "/data/site/lon", "/data/site/lat", "/data/site/region_code"
INDUSTRY, OUTLET, FACILITY = "/data/applicant/industry_code", "/data/permit/air_outlets/0/no", "/data/permit/facilities"
AMOUNT, YEARLY = "/data/permit/raw_materials/0/max_use", "/data/permit/air_total/0/yearly/0"
START, ACTIVITY, NUCLIDE = "/data/permit/start_date", "/data/items/0/factory_activity_bq", "/data/items/0/nuclide"
CODE, LICENCE = "/data/items/0/source_code", "/data/licence/no"

ENTRIES = (
    *("USCC with I/O/S/V/Z", "lower-case", "full-width digits", "space inside", "letter O for 0", "wrong check"),
    *("USCC of head office for a branch", "id card 15 digits", "id with bad date 19900230", "lower-case x"),
    *("name with ·, space, full-width", "company name with half-width brackets", "有限责任公司 versus 有限公司"),
    *("phone with 86", "phone with spaces", "8-digit landline in the mobile box", "district code retired"),
    *("functional zone", "longitude and latitude swapped", "degrees in DMS versus decimal", "decimal comma"),
    *("t/a entered as kg", "Bq entered as Ci, MBq or GBq", "activity date before production year"),
    *("投产日期 after 申请日期", "有效期 end before start", "industry code 3 digits", "industry code, letter only"),
    *("排放口编号 DA1 / DA-001 / da001", "duplicate outlets", "two applications for one site"),
    *("category tier not in the 名录", "attachment PDF encrypted", "attachment >20 MB", "attachment, wrong extension"),
    *("attachment, name with /", "emoji", "rare ideographs (CJK Ext B)", "missing 法定代表人 for legal person"),
    *("contact = 法定代表人 with different ids", "representative without 授权委托书"),
    *("licence number with round brackets", "nuclide written 钴-60, Co60, 60Co", "source code with 11 characters"),
    "category mismatch against A/D",
)
"""TARGETS 5.4, all of it."""

OF_ENGINE = {
    "two applications for one site": "test_a_second_application_for_one_site_is_refused",
    "attachment PDF encrypted": "test_an_encrypted_pdf_is_refused",
    "attachment >20 MB": "test_a_file_over_its_limit_is_refused",
    "attachment, wrong extension": "test_a_wrong_extension_is_refused",
    "emoji": "test_characters_that_a_target_cannot_keep_are_told_at_entry",
    "rare ideographs (CJK Ext B)": "test_characters_that_a_target_cannot_keep_are_told_at_entry",
}
"""What the catalogue cannot tell: entry → its test in `tests/unit/engine/test_bad_entries.py`."""

OF_THEIR_OWN = {
    "有限责任公司 versus 有限公司": "test_the_box_says_how_a_name_is_written_since_no_document_can_prove_it",
    "有效期 end before start": "test_a_term_does_not_end_before_it_begins",
    "duplicate outlets": "test_an_outlet_twice_is_an_error",
    "contact = 法定代表人 with different ids": "test_the_same_name_with_another_number_is_asked_about",
    "representative without 授权委托书": "test_an_agent_needs_an_authorization",
}
"""What changes more than one box: entry → its test below."""


class Line(NamedTuple):
    """One mistake, and what is to be told of it."""

    matter: str
    entry: str
    """As in `ENTRIES`; "" for one that is not of TARGETS."""
    box: str
    typed: Any
    severity: str
    words: str
    """Part of the message or the cure."""
    place: str = ""
    """Where it is told, if not at the box."""


def id_card(body: str) -> str:
    """An identity number whose check character fits."""
    return body + id_card_check(body)


CORPUS: list[Line] = [
    *(
        Line(PERMIT, "USCC with I/O/S/V/Z", USCC, f"9112011{letter}MA05000011", ERROR, f"含有字母 {letter}")
        for letter in "IOSVZ"
    ),
    Line(PERMIT, "lower-case", USCC, "91120116ma05000011", ERROR, "请改用大写字母"),
    Line(PERMIT, "full-width digits", USCC, "９1120116MA05000011", ERROR, "半角"),
    Line(PERMIT, "full-width digits", ID, "１20101198001010012", ERROR, "半角"),
    Line(PERMIT, "full-width digits", AMOUNT, "１.5", ERROR, "半角"),
    Line(PERMIT, "space inside", USCC, "91120116 MA05000011", ERROR, "中间不留空格"),
    Line(PERMIT, "space inside", ID, "120101 19800101 0012", ERROR, "中间有空格"),
    Line(PERMIT, "letter O for 0", USCC, "91120116MA0500001O", ERROR, "把数字 0 写成了 O"),
    Line(PERMIT, "letter O for 0", OUTLET, "DAO01", ERROR, "写成了字母 O"),
    Line(PERMIT, "wrong check", USCC, "91120116MA05000012", ERROR, "校验位不符"),
    Line(PERMIT, "wrong check", ID, "120101198001010013", ERROR, "校验位不符"),
    Line(PERMIT, "USCC of head office for a branch", NAME, "天津测试化工有限公司塘沽分公司", WARNING, "总公司"),
    Line(PERMIT, "", USCC, "120116000012345", ERROR, "15 位注册号"),
    Line(PERMIT, "", USCC, "9112011600001234", ERROR, "应为 18 位"),
    Line(PERMIT, "id card 15 digits", ID, "120101800101001", ERROR, "填成了 15 位旧号码"),
    Line(PERMIT, "id with bad date 19900230", ID, id_card("12010119900230001"), WARNING, "不是可能的出生日期"),
    Line(PERMIT, "", ID, id_card("19010119900203001"), WARNING, "前 6 位"),
    Line(PERMIT, "", ID, "1201011980010I0012", ERROR, "把 1 写成了 I"),
    Line(PERMIT, "lower-case x", ID, "12010119800101001x", ERROR, "请改用大写字母"),
    Line(PERMIT, "name with ·, space, full-width", f"{REP}/name", "王 小明", WARNING, "汉字之间不加空格"),
    Line(PERMIT, "name with ·, space, full-width", f"{REP}/name", "ＷＡＮＧ", WARNING, "全角"),
    Line(PERMIT, "name with ·, space, full-width", f"{REP}/name", "阿迪力．买买提", WARNING, "间隔号用“·”"),
    Line(PERMIT, "name with ·, space, full-width", "/data/contacts/0/name", "王 小明", WARNING, "汉字之间不加空格"),
    Line(PERMIT, "company name with half-width brackets", NAME, "华北(天津)化工有限公司", WARNING, "全角（）"),
    Line(PERMIT, "", NAME, "天津ＡＢＣ化工有限公司", WARNING, "半角"),
    Line(PERMIT, "", NAME, "天津 化工有限公司", WARNING, "不加空格"),
    Line(PERMIT, "phone with 86", MOBILE, "8613800138000", ERROR, "号码前有 86"),
    Line(PERMIT, "phone with 86", MOBILE, "+86 138-0013-8000", ERROR, "号码前有 86"),
    Line(PERMIT, "phone with 86", PHONE, "86-022-23456789", ERROR, "号码前有 86"),
    Line(PERMIT, "phone with spaces", MOBILE, "138 0013 8000", ERROR, "不留空格"),
    Line(PERMIT, "phone with spaces", PHONE, "(022) 23456789", ERROR, "022-12345678"),
    Line(PERMIT, "8-digit landline in the mobile box", MOBILE, "23456789", ERROR, "这是固定电话"),
    Line(PERMIT, "8-digit landline in the mobile box", MOBILE, "022-23456789", ERROR, "这是固定电话"),
    Line(PERMIT, "", PHONE, "23456789", ERROR, "缺少区号"),
    Line(PERMIT, "", MOBILE, "1380013800", ERROR, "不是 11 位"),
    *(
        Line(PERMIT, "district code retired", DISTRICT, old, ERROR, f"请改填 {new}")
        for old, new in (("120107", "120116"), ("120108", "120116"), ("120109", "120116"))
    ),
    *(
        Line(PERMIT, "district code retired", DISTRICT, old, ERROR, f"请改填 {new}")
        for old, new in (("120221", "120117"), ("120223", "120118"), ("120225", "120119"))
    ),
    Line(PERMIT, "district code retired", REGION, "120107", ERROR, "请改填 120116"),
    Line(PERMIT, "functional zone", DISTRICT, "120166", ERROR, "各功能区填 120116"),
    Line(PERMIT, "functional zone", DISTRICT, "天津经济技术开发区", ERROR, "功能区填 120116"),
    Line(PERMIT, "longitude and latitude swapped", LON, "39.13", WARNING, "可能填反"),
    Line(PERMIT, "longitude and latitude swapped", LAT, "117.2", ERROR, "可能与经度填反"),
    Line(PERMIT, "longitude and latitude swapped", "/data/permit/air_outlets/0/lon", "39.1", WARNING, "可能填反"),
    Line(PERMIT, "longitude and latitude swapped", "/data/permit/water_outlets/0/lat", "117.2", ERROR, "填反"),
    Line(PERMIT, "degrees in DMS versus decimal", LON, "117°12′30″", ERROR, "度分秒"),
    Line(PERMIT, "degrees in DMS versus decimal", LAT, "39度8分5秒", ERROR, "分÷60"),
    Line(PERMIT, "degrees in DMS versus decimal", LON, "1171230", ERROR, "度分秒"),
    Line(PERMIT, "degrees in DMS versus decimal", LON, "117 12 30", ERROR, "度分秒"),
    Line(PERMIT, "", LON, "E117.2", ERROR, "方位"),
    Line(PERMIT, "", LON, "117.201234", ERROR, "小数超过 5 位"),
    Line(PERMIT, "decimal comma", LON, "117,2", ERROR, "小数点写成了逗号"),
    Line(PERMIT, "decimal comma", AMOUNT, "1,5", ERROR, "小数点请用半角"),
    Line(PERMIT, "", AMOUNT, "1,500", ERROR, "千位不加分隔符"),
    Line(PERMIT, "", AMOUNT, "12.5吨", ERROR, "有单位"),
    Line(PERMIT, "", AMOUNT, "10-20", ERROR, "范围"),
    Line(PERMIT, "", AMOUNT, "-3", ERROR, "负数"),
    Line(PERMIT, "", AMOUNT, "007", ERROR, "多余的 0"),
    Line(PERMIT, "", AMOUNT, ".5", ERROR, "小数点前后缺少数字"),
    Line(PERMIT, "t/a entered as kg", YEARLY, "2500000", WARNING, "千克填成了吨"),
    Line(TRANSFER, "Bq entered as Ci, MBq or GBq", ACTIVITY, "10", WARNING, "核对活度单位"),
    Line(TRANSFER, "Bq entered as Ci, MBq or GBq", ACTIVITY, "3.7GBq", ERROR, "1 Ci = 37000000000 Bq"),
    Line(TRANSFER, "Bq entered as Ci, MBq or GBq", ACTIVITY, "10Ci", ERROR, "有单位"),
    Line(TRANSFER, "", ACTIVITY, "3.7E10", ERROR, "科学记数法"),
    Line(TRANSFER, "activity date before production year", "/data/items/0/factory_date", "2001-05-01", WARNING, "年份"),
    Line(PERMIT, "投产日期 after 申请日期", START, "2031-01-01", ERROR, "投产日期晚于申请日期"),
    Line(PERMIT, "", START, "2026-02-30", ERROR, "日历上没有这一天"),
    Line(PERMIT, "", START, "2026/2/3", ERROR, "2026-11-23 的格式"),
    Line(PERMIT, "", START, "2026-02-03 10:00", ERROR, "不填时间"),
    Line(PERMIT, "industry code 3 digits", INDUSTRY, "C261", ERROR, "应为 5 位，现有 4 位"),
    Line(PERMIT, "industry code 3 digits", INDUSTRY, "261", ERROR, "门类字母加四位小类"),
    Line(PERMIT, "industry code, letter only", INDUSTRY, "C", ERROR, "应为 5 位，现有 1 位"),
    Line(PERMIT, "", INDUSTRY, "2614", ERROR, "缺少开头的字母"),
    Line(PERMIT, "", INDUSTRY, "c2614", ERROR, "大写"),
    Line(PERMIT, "排放口编号 DA1 / DA-001 / da001", OUTLET, "DA1", ERROR, "补 0，补足位数"),
    Line(PERMIT, "排放口编号 DA1 / DA-001 / da001", OUTLET, "DA-001", ERROR, "请删去连字符。DA 加三位数字，例如 DA001"),
    Line(
        PERMIT, "排放口编号 DA1 / DA-001 / da001", OUTLET, "da001", ERROR, "请改用大写字母。DA 加三位数字，例如 DA001"
    ),
    Line(PERMIT, "", OUTLET, "da-1", ERROR, "补 0，补足位数"),
    Line(PERMIT, "", f"{FACILITY}/0/mf_no", "MF1", ERROR, "补 0，补足位数"),
    Line(PERMIT, "category tier not in the 名录", "/data/permit/tier", "REGISTER", ERROR, "重点管理"),
    Line(PERMIT, "attachment, name with /", "/materials/0/name", "a/b.pdf", ERROR, "请去掉 /"),
    Line(PERMIT, "missing 法定代表人 for legal person", REP, ..., ERROR, "必须填写"),
    Line(OFFSITE, "licence number with round brackets", LICENCE, "津环辐证(00052)", ERROR, "半角方括号"),
    Line(OFFSITE, "licence number with round brackets", LICENCE, "津环辐证（00052）", ERROR, "半角方括号"),
    Line(OFFSITE, "", LICENCE, "津环辐证00052", ERROR, "半角方括号"),
    *(
        Line(TRANSFER, "nuclide written 钴-60, Co60, 60Co", NUCLIDE, name, ERROR, "元素符号-质量数")
        for name in ("钴-60", "Co60", "60Co", "CO-60", "镅-241/Be")
    ),
    Line(TRANSFER, "source code with 11 characters", CODE, "GB87AB09960", ERROR, "应为 12 位，现有 11 位"),
    Line(TRANSFER, "category mismatch against A/D", ACTIVITY, "7" * 17, WARNING, "类别", "/data/items/0/category"),
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


def found_at(catalogue: Catalogue, line: Line) -> list[tuple[str, str]]:
    """(severity, message and remedy) of what is told of a line at its place."""
    document = sample(line.matter, line.box)
    assert not catalogue.check(document).problems, "the sample is not valid"
    problems = catalogue.check(changed(document, line.box, line.typed)).problems
    here = [one for one in problems if one.pointer == (line.place or line.box)]
    assert all(all((one.label, one.label_en, one.message_en, one.remedy_en, one.code)) for one in here)
    return [(one.severity, f"{one.message}。{one.remedy}") for one in here]


@pytest.mark.parametrize("line", CORPUS, ids=[f"{one.box} {one.typed}" for one in CORPUS])
def test_what_people_get_wrong_is_told_at_its_box(real: Catalogue, line: Line) -> None:
    """Box, severity and cure are those that the corpus wants, and the value is not repeated."""
    found = found_at(real, line)
    assert [told for severity, told in found if severity == line.severity and line.words in told], found
    if isinstance(line.typed, str) and len(line.typed) > 6:
        assert not [told for _, told in found if line.typed in told]


def test_every_entry_of_the_corpus_is_there() -> None:
    """TARGETS 5.4 is covered whole: by a line, by a test below, or by one of the engine; and nothing is made up."""
    engine = Path(__file__).parents[1] / "engine" / "test_bad_entries.py"
    known = {__file__: OF_THEIR_OWN, str(engine): OF_ENGINE}
    for file, tests in known.items():
        there = set(re.findall(r"^def (test_\w+)", Path(file).read_text(encoding="utf-8"), re.MULTILINE))
        assert set(tests.values()) <= there
    assert {one.entry for one in CORPUS if one.entry} | set(OF_THEIR_OWN) | set(OF_ENGINE) == set(ENTRIES)


def test_exchanged_longitude_and_latitude_are_called_so(real: Catalogue) -> None:
    """TARGETS 5.4: where both are there and would fit the other way round, no "perhaps" is left."""
    document = changed(changed(sample(PERMIT, LON), LON, "39.13"), LAT, "88.5")
    assert ["可能填反" in one.message for one in real.check(document).problems] == [True]
    document = changed(changed(document, LON, "39.13"), LAT, "117.2")
    told = {one.pointer: one.message for one in real.check(document).problems}
    assert told[LON] == "经度和纬度填反了"
    assert "与经度填反" in told[LAT]


def test_the_box_says_how_a_name_is_written_since_no_document_can_prove_it(real: Catalogue) -> None:
    """TARGETS 5.4, 有限责任公司 versus 有限公司: both are names; without the licence only the box can say which."""
    name = real.form(PERMIT, 1).schema["properties"]["applicant"]["properties"]["name"]
    assert "与营业执照一致" in name["x-ui"]["hint"]
    for form in ("有限责任公司", "有限公司"):
        assert not real.check(changed(sample(PERMIT, NAME), NAME, f"天津测试化工{form}")).problems


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
