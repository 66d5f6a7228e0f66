"""The mapping to the platform: what each row says, in which words, and that nothing is said that nobody gave."""

from __future__ import annotations

import copy
from pathlib import Path

import jsonschema
import pytest

from adapters.national import mapping as national_mapping
from adapters.national.mapping import FILINGS, MATTERS, TABLES, mappings, schema
from adapters.national.mapping.rows import Options
from adapters.national.mapping.words import row_guid
from adapters.national.simulator.rules import flaws
from bridge.catalogue.catalogue import Catalogue
from bridge.errors import Refused
from bridge.kit.exchange.rules import Rules
from bridge.kit.mapping.lineage import coverage
from bridge.kit.mapping.paths import flatten
from bridge.kit.mapping.table import Constant, Each
from bridge.model.delivery import Kind
from bridge.testing.samples import generate

ROOT = Path(national_mapping.__file__).parents[3]
TAIL = {"cd_operation": "I", "cd_time": "2026-11-24 10:00:00", "cd_batch": "b", "data_source": "112"}
NOT_GIVEN = {"原系统未提供", "原系统未提供办理意见"}
OURS = {"2", "1", "0", "5", "", "001"}
"""Codes and constants of the tables themselves."""


def leaves(value):
    """All values in a tree."""
    if isinstance(value, dict):
        for part in value.values():
            yield from leaves(part)
    elif isinstance(value, list):
        for part in value:
            yield from leaves(part)
    else:
        yield value


def rows(payload):
    """Each row with its part."""
    for part, content in payload.items():
        for row in content if isinstance(content, list) else [content]:
            yield part, row


def test_accept_material_and_process_rows(story):
    """受理: the accept row, one row per file and one per step, in the platform's codes and words."""
    told = flatten(story.payload(Kind.APPLY))
    assert {
        "accept.row_guid": row_guid("accept", story.source["facts"]["id"]),
        "accept.project_no": story.source["facts"]["case_number"],
        "accept.applyer_name": "天津海晏（试验）化工有限公司",
        "accept.applyer_type": "2",
        "accept.applyer_page_type": "001",
        "accept.apply_type": "2",
        "accept.apply_date": "2026-11-23 09:30:00",
        "accept.accept_date": "2026-11-24 10:00:00",
        "accept.accept_doc_no": "津审受〔2026〕1号",
        "accept.handle_user_name": "受理员甲",
        "accept.project_type": "2",
        "accept.legal": "测试甲",
        "accept.contact_name": "测试乙",
        "accept.contact_mobile": "",
        "material[0].material_name": "营业执照",
        "material[0].material_attach_name": "营业执照.pdf",
        "material[0].get_type": "2",
        "material[1].material_name": "自行监测方案.v2",
        "process[0].process_name": "收件",
        "process[0].handle_user_name": "原系统未提供",
        "process[0].handle_explain": "原系统未提供办理意见",
        "process[1].process_name": "受理",
        "process[1].handle_user_name": "受理员甲",
        "process[1].handle_explain": "材料齐全",
        "process[1].event_name": "1",
        "process[1].event_start_time": "2026-11-24 10:00:00",
        "process[1].event_end_time": "2026-11-24 10:00:00",
    }.items() <= told.items()
    assert "accept.promise_date" not in told


def test_progress_is_one_process_row(story):
    """A later step is one row; an opinion that is missing is said by its reason, and else to be missing."""
    later = story.then(story.step("s-9", "correction_requested", "补正", "2026-11-25T08:00:00+08:00", reason="缺图"))
    told = later.payload(Kind.PROGRESS)
    assert set(told) == {"process"}
    assert told["process"]["event_name"] == "2"
    assert told["process"]["handle_explain"] == "缺图"
    assert told["process"]["row_guid"] == row_guid("process", "s-9")


def test_a_special_procedure_waits_for_its_end(story):
    """特别程序 is told only with the end that its column requires."""
    begun = story.step("s-8", "suspended", "现场勘查", "2026-11-25T08:00:00+08:00", reason="需要现场核查")
    assert "special" not in story.then(begun).payload(Kind.PROGRESS)
    told = story.then({**begun, "to": "2026-11-28T08:00:00+08:00"}).payload(Kind.PROGRESS)["special"]
    assert (told["special_type"], told["end_time"]) == ("2", "2026-11-28 08:00:00")


def test_a_grant_is_told_with_its_licence(story):
    """准予: result 0 with the licence that its issuer gave; before that it waits."""
    told = story.then(story.GRANTED, **story.LICENCE).payload(Kind.DECISION)
    assert told["result"] == {
        "row_guid": row_guid("result", story.source["facts"]["id"]),
        "project_no": story.source["facts"]["case_number"],
        "handle_user_name": "审批员乙",
        "result_date": "2026-12-01 10:00:00",
        "result_type": "0",
        "result_cetr_name": "排污许可证",
        "result_cetr_no": "91120116MA05000011001P",
        "is_delivery_results": "1",
    }
    made = mappings(Options(), Rules())["discharge-permit", Kind.DECISION, None]
    assert made.missing(story.then(story.GRANTED).source) == ["licence_number"]
    assert made.missing(story.then(story.REFUSED).source) == []


def test_a_refusal_is_told_with_its_reason(story):
    """不予许可: result 1 with the reason; without one the row is refused here, by its column, and none is made up."""
    told = story.then(story.REFUSED).payload(Kind.DECISION)["result"]
    assert (told["result_type"], told["result_explain"]) == ("1", "不符合许可条件")
    assert "result_cetr_no" not in told
    silent = {name: value for name, value in story.REFUSED.items() if name != "reason"}
    with pytest.raises(Refused) as refused:
        story.then(silent).payload(Kind.DECISION)
    assert [one.path for one in refused.value.fields] == ["result.result_explain"]


def test_a_withdrawal_is_a_result(story):
    """撤回: result 5 with the applicant's reason."""
    gone = story.then(withdrawal={"at": "2026-11-30T09:00:00+08:00", "reason": "企业自行撤回"})
    told = gone.payload(Kind.WITHDRAW)["result"]
    assert (told["result_type"], told["result_explain"], told["result_date"]) == (
        "5",
        "企业自行撤回",
        "2026-11-30 09:00:00",
    )


def test_a_correction_has_the_same_guids(story):
    """更正: the same rows under the same guids, whatever the revision."""
    first, later = story.payload(Kind.APPLY), story.then(revision=3).payload(Kind.AMEND)
    assert set(later) == {"accept", "material"}
    assert later["accept"] == first["accept"]
    assert [one["row_guid"] for one in later["material"]] == [one["row_guid"] for one in first["material"]]


def test_nothing_is_told_before_acceptance(story):
    """An accept row waits for the 办件编号 and for the decider's 受理."""
    made = mappings(Options(), Rules())["discharge-permit", Kind.APPLY, None]
    assert made.missing(story.source) == []
    early = copy.deepcopy(story.source)
    del early["facts"]["case_number"]
    del early["facts"]["states"]["accepted"]
    assert made.missing(early) == ["accepted", "case_number"]


def test_nothing_is_invented(story):
    """Every value of every row stands in the source, is a code of it, or says that nothing was given."""
    bare = {name: value for name, value in story.ACCEPTED.items() if name not in ("officer", "opinion", "document_no")}
    story.source["facts"]["states"]["accepted"] = story.source["facts"]["steps"][1] = bare
    withdrawn = {"at": "2026-11-30T09:00:00+08:00", "reason": "企业自行撤回"}
    later = story.then(
        {name: value for name, value in story.GRANTED.items() if name not in ("officer", "opinion")},
        licence_number="L-1",
        licence={"number": "L-1"},
        withdrawal=withdrawn,
    )
    given = {str(one) for one in leaves(later.source)}
    given |= {one[:19].replace("T", " ") for one in given}
    checked = 0
    for kind in (Kind.APPLY, Kind.AMEND, Kind.PROGRESS, Kind.DECISION, Kind.WITHDRAW):
        for _, row in rows(later.payload(kind)):
            for column, value in row.items():
                if column == "row_guid" or value in NOT_GIVEN:
                    continue
                known = str(value) in given | OURS or str(value) == "天津海晏（试验）化工有限公司"
                assert known or (column == "material_name" and f"{value}.pdf" in given), (kind, column)
                checked += 1
    assert checked > 60
    told = later.payload(Kind.APPLY)
    assert "handle_user_name" not in told["accept"]
    assert "accept_doc_no" not in told["accept"]
    assert "handle_user_name" not in later.payload(Kind.DECISION)["result"]
    assert "result_cetr_name" not in later.payload(Kind.DECISION)["result"]


def test_every_row_passes_the_quality_check(story):
    """What the mapping writes the simulated platform would take, row by row: check digits, codes, lengths, dates."""
    granted = story.then(story.GRANTED, **story.LICENCE, withdrawal={"at": "2026-11-30T09:00:00+08:00", "reason": "撤"})
    for kind in (Kind.APPLY, Kind.AMEND, Kind.PROGRESS, Kind.DECISION, Kind.WITHDRAW):
        for part, row in rows(granted.payload(kind)):
            assert flaws(part, {**row, **TAIL}) == [], (kind, part)


@pytest.mark.parametrize("type_", ["new", "change-basic", "change-other"])
def test_every_valid_form_makes_valid_rows(story, type_):
    """Samples that pass validation and pre-flight give rows that the schema and the quality check take."""
    made = mappings(Options(), Rules())["discharge-permit", Kind.APPLY, None]
    validator = jsonschema.Draft202012Validator(schema("apply-v1"))
    for document in generate("discharge-permit", type=type_, seed=13, count=15):
        source = {**story.source, "data": document["data"]}
        assert list(made.preflight(source)) == []
        told = made.write(source)
        assert list(validator.iter_errors(told)) == []
        assert [flaw for part, row in rows(told) for flaw in flaws(part, {**row, **TAIL})] == []


def test_the_agent_speaks_for_the_applicant():
    """Of the contacts the agent is told, else the contact, with the certificate's code."""
    contact = mappings(Options(), Rules())["discharge-permit", Kind.APPLY, None].table.rows
    by_target = {row.target: row.convert for row in contact if not isinstance(row, Constant | Each)}
    people = [
        {"role": "CONTACT", "name": "甲", "mobile": "13900000001"},
        {"role": "AGENT", "name": "乙", "id_type": "ID_CARD", "mobile": "13900000002"},
    ]
    assert by_target["accept.contact_name"].to(people) == "乙"
    assert by_target["accept.contact_type"].to(people) == "111"
    assert by_target["accept.contact_mobile"].to(people) == "13900000002"
    assert by_target["accept.contact_name"].to(people[:1]) == "甲"
    assert by_target["accept.contact_name"].to([{"role": "TECH", "name": "丙"}]) == ""


@pytest.mark.parametrize(
    ("rules", "name", "fits"),
    [
        (Rules(charset="utf8"), "𠮷化工", False),
        (Rules(charset="utf8mb4"), "𠮷化工", True),
        (Rules(length_unit="characters"), "津" * 100, True),
        (Rules(length_unit="characters"), "津" * 101, False),
        (Rules(length_unit="gb18030"), "津" * 51, False),
        (Rules(length_unit="utf8"), "津" * 34, False),
        (Rules(length_unit="utf8"), "津" * 33, True),
    ],
)
def test_what_the_database_cannot_keep_is_found_at_entry(story, rules, name, fits):
    """Characters and lengths are those of the installation's own database, told at the box and without the value."""
    story.source["data"]["applicant"]["name"] = name
    for later in ("states", "steps", "step", "case_number"):
        del story.source["facts"][later]
    for one in story.source["materials"]:
        del one["id"]
    found = mappings(Options(), rules)["discharge-permit", Kind.APPLY, None].preflight(story.source)
    assert [one.pointer for one in found] == ([] if fits else ["/data/applicant/name"])
    assert all(name not in one.message + one.remedy for one in found)


def test_v3_columns_only_where_they_are_agreed(story):
    """The v3 columns and the document type of a credit code are the installation's."""
    story.source["data"]["applicant"]["sso_id"] = "tj-1"
    plain = story.payload(Kind.APPLY)["accept"]
    agreed = story.payload(Kind.APPLY, Options(v3=True, uscc_type="01"))["accept"]
    assert {name: agreed[name] for name in set(agreed) - set(plain)} == {
        "apply_channel": "1",
        "apply_uer_id_code": "tj-1",
        "region_code": "120116",
        "sblsh": story.source["facts"]["case_number"],
    }
    assert (plain["applyer_page_type"], agreed["applyer_page_type"]) == ("001", "01")


@pytest.mark.parametrize("options", [Options(), Options(v3=True)])
def test_no_box_is_lost_with_any_options(options):
    """With and without the v3 columns each box is told or left out with its reason."""
    catalogue = Catalogue(ROOT / "schemas")
    for table in national_mapping.all_tables(options):
        covered = coverage(table, catalogue.leaves(table.matter, 1))
        assert (covered.lost, covered.stale) == ((), ()), table.kind


def test_a_further_matter_is_one_line():
    """The rows use only what all forms have: no table reads a part that is one matter's own."""
    for table in TABLES:
        for row in table.rows:
            if not isinstance(row, Constant):
                parts = {**MATTERS, **FILINGS}[table.matter]
                assert not any(row.source.startswith(part) for part in parts), row.target


def test_a_refused_column_leads_back_to_the_form():
    """The platform's column names the box of the entry form."""
    made = mappings(Options(), Rules())["discharge-permit", Kind.APPLY, None]
    assert made.to_form("accept.applyer_page_code") == "/data/applicant/id_no"
    assert made.to_form("accept.contact_mobile") == "/data/contacts"
    assert made.to_form("material[1].material_attach_name") == "/materials/1/name"


def test_every_lossy_row_says_why():
    """A row that cannot be read back exactly names its loss."""
    silent = [
        f"{table.kind} {row.target}"
        for table in TABLES
        for one in table.rows
        for row in (one.rows if isinstance(one, Each) else (one,))
        if not isinstance(row, Constant) and not row.convert.lossless and not row.loss
    ]
    assert silent == []
