"""What a message of the platform says, and what it does not: golden words, and words that nobody understands."""

from __future__ import annotations

import pytest

from adapters.discharge.client import word
from adapters.discharge.codes import STAGES, STATUSES
from bridge.contract.remote import Page, RemoteChange
from bridge.engine import border
from bridge.model.lifecycle import ApplicationState
from bridge.model.word import SILENT, CorrectionItem, Licence, Paper, PaperKind, Word

DATAID = "00000000-0000-4000-8000-000000000001"
SHA = "ab" * 32


def message(status="ZT_3", **said):
    """A message of the stream."""
    at = "2026-09-22T09:30:00.000+08:00"
    return {"id": "m1", "dataid": DATAID, "externalNo": "N1", "status": status, "at": at, **said}


FULL = message(
    "ZT_4",
    officer="测试审批员",
    opinion="同意。\n请按证排污。",
    reason="符合条件",
    documents=[
        {
            "type": "准予许可决定书",
            "title": "准予行政许可决定书",
            "number": "津环许〔2026〕7号",
            "date": "20260922",
            "fileId": "f1",
            "fileName": "决定书.pdf",
            "sha256": SHA.upper(),
        },
        {"type": "现场核查记录", "date": "20260231"},
    ],
    permit={
        "PWXKZBH": "91120116MA05000011001P",
        "XKYXQXQ": "20260922",
        "XKYXQXZ": "20310921",
        "HFRQ": "20260922",
        "HFHBJGMC": "天津市试验区审批局",
        "file": {"fileId": "f2", "fileName": "排污许可证.pdf", "sha256": SHA},
    },
)


def test_a_decision_is_told_whole():
    """Officer, opinion, reason, 文书, permit and its file, dates in our form; the number is a fact of the case too."""
    change = word.change(FULL)
    assert change == RemoteChange(
        number=DATAID,
        key="N1",
        status=ApplicationState.GRANTED,
        status_raw="ZT_4",
        at=1_790_040_600_000_000,
        id="m1",
        facts={"licence_number": "91120116MA05000011001P"},
        word=Word(
            officer="测试审批员",
            opinion="同意。\n请按证排污。",
            reason="符合条件",
            papers=(
                Paper(
                    PaperKind.DECISION,
                    "准予行政许可决定书",
                    number="津环许〔2026〕7号",
                    date="2026-09-22",
                    name="决定书.pdf",
                    file=f"{DATAID}/f1",
                    digest=f"sha256:{SHA}",
                ),
                Paper(PaperKind.OTHER, "现场核查记录"),
                Paper(
                    PaperKind.LICENCE,
                    "排污许可证",
                    number="91120116MA05000011001P",
                    date="2026-09-22",
                    name="排污许可证.pdf",
                    file=f"{DATAID}/f2",
                    digest=f"sha256:{SHA}",
                ),
            ),
            licence=Licence(
                "91120116MA05000011001P",
                name="排污许可证",
                issued_on="2026-09-22",
                valid_from="2026-09-22",
                valid_to="2031-09-21",
                issuer="天津市试验区审批局",
            ),
        ),
        raw=change.raw,
    )
    assert "现场核查记录".encode() in change.raw


def test_items_to_correct_keep_the_platforms_own_field():
    """Each item is told in the office's words, with the field that it names, where it names one."""
    told = [
        {"content": "请核对", "field": "6[0].排放口编号"},
        {"content": "请补签章"},
        {"field": "1.单位名称"},
        "?",
        {},
    ]
    change = word.change(message("ZT_7", items=told))
    assert change.word.items == (CorrectionItem("请核对", "6[0].排放口编号"), CorrectionItem("请补签章"))
    assert change.status is ApplicationState.CORRECTION_REQUESTED


@pytest.mark.parametrize("status", sorted(STATUSES))
def test_a_status_that_came_alone_says_nothing_else(status):
    """A bare status has an empty word, no fact, and the meaning of its table."""
    change = word.change(message(status))
    assert (change.word, change.facts, change.status) == (SILENT, {}, STATUSES[status].state)


@pytest.mark.parametrize(
    ("status", "stage", "state"),
    [(status, stage, one.state) for stage, one in STAGES.items() for status in one.statuses],
)
def test_a_stage_says_what_the_status_cannot(status, stage, state):
    """Status and stage together are one state and one code."""
    change = word.change(message(status, stage=stage))
    assert (change.status, change.status_raw) == (state, f"{status}/{stage}")


@pytest.mark.parametrize(
    ("status", "stage", "raw"),
    [
        ("ZT_3", "hearing", "ZT_3/hearing"),
        ("ZT_5", "suspend", "ZT_5/suspend"),
        ("ZT_3", 7, "ZT_3/?"),
        ("ZT_3", "", "ZT_3/?"),
        ("ZT_6", None, "ZT_6"),
    ],
)
def test_what_is_not_known_moves_nothing_and_is_kept(status, stage, raw):
    """An unknown status, an unknown stage, or one that does not fit its status: no state, and the code as it came."""
    change = word.change(message(status, stage=stage))
    assert (change.status, change.status_raw) == (None, raw)


@pytest.mark.parametrize(
    "said",
    [
        {"officer": "", "opinion": " ", "reason": None},
        {"officer": 7, "opinion": ["x"], "items": "补正", "documents": {"type": "x"}, "permit": "P1"},
        {"items": [1, None, []], "documents": [None, {"number": "1"}], "permit": {"XKYXQXQ": "20260922"}},
        {"permit": {"PWXKZBH": "9" * 200}},
        {"permit": {"PWXKZBH": 9, "file": "f"}},
    ],
)
def test_nothing_is_made_of_what_cannot_be_read(said):
    """A part of another form than the known one is no word and no fact, and holds nothing up."""
    change = word.change(message(**said))
    assert (change.word, change.facts, change.status) == (SILENT, {}, ApplicationState.ACCEPTED)


@pytest.mark.parametrize("day", ["20260229", "2026-9-22", "2026", "", None, 20260922, "00000000"])
def test_a_date_that_is_none_is_left_out(day):
    """Only days of the calendar are dates."""
    change = word.change(message("ZT_4", permit={"PWXKZBH": "P1", "HFRQ": day}))
    assert change.word.licence == Licence("P1", name="排污许可证")


@pytest.mark.parametrize("file", ["../../oauth/token", "a/b", "", "f" * 100, "文", "f%2F"])
def test_a_file_id_that_could_lead_elsewhere_is_no_handle(file):
    """A handle stands in a path of ours: only plain ids are taken."""
    (paper,) = word.change(message(documents=[{"type": "受理通知书", "fileId": file}])).word.papers
    assert paper.file is None


@pytest.mark.parametrize("at", ["", "yesterday", "1900-01-01T00:00:00Z"])
def test_a_time_that_is_none_is_left_out(at):
    """A message whose time cannot be read is still heard."""
    assert word.change(message() | {"at": at}).at is None


def test_the_border_takes_what_is_emitted():
    """Whatever is read here has the shape of the contract, so that no word is lost behind it."""
    strange = [message("ZT_3", stage=stage) for stage in ("hearing", "suspend", 7)]
    changes = [word.change(one) for one in (FULL, message("ZT_7", items=[{"content": "请核对"}]), *strange)]
    page = border.page(Page(items=changes, cursor="7", more=False))
    assert [one.word for one in page.items] == [one.word for one in changes]
    assert [one.status_raw for one in page.items] == ["ZT_4", "ZT_7", "ZT_3/hearing", "ZT_3/suspend", "?"]
