"""Rows: how names are spelt, what is empty, which characters and lengths are kept, and what a misfit is called."""

from __future__ import annotations

import pytest

from bridge.errors import AdapterBug, Refused, SettingsError
from bridge.kit.exchange.fitting import is_wall, measure, misfits
from bridge.kit.exchange.rules import Rules, read_address, read_rules

SNAKE = ("row_guid", "org_name", "task_version", "cd_time", "detail_url")
CAMEL = ("RowGuid", "OrgName", "TaskVersion", "CdTime", "DetailURL")
UPPER = ("ROW_GUID", "ORG_NAME", "TASK_VERSION", "CD_TIME", "DETAIL_URL")


@pytest.mark.parametrize(("naming", "columns"), [("snake", SNAKE), ("camel", CAMEL), ("upper", UPPER)])
def test_names_are_spelt_as_the_database_has_them(front, naming, columns):
    """Rows are written and read under our names, whatever the database calls its columns."""
    front.make(*(f'"{one}" TEXT' for one in columns))
    rules = read_rules({"naming": naming})
    assert tuple(rules.column(one) for one in front.table.columns)[1:] == columns

    async def act(database):
        await database.write(lambda rows: rows.insert(front.table, [front.row]))
        return await database.read(lambda rows: rows.where(front.table, "row_guid", ["g-1", "g-2"]))

    (read,) = front.play(act, rules)
    assert {**read, "task_version": 3} == {"id": 1, **front.row}


def test_dates_are_real_dates_of_whole_seconds(front):
    """An instant is a date with time for the database, wall time of China without parts of a second."""
    front.make("row_guid TEXT", "org_name TEXT", "task_version INTEGER", "cd_time DATETIME", "detail_url TEXT")
    front.play(lambda database: database.write(lambda rows: rows.insert(front.table, [front.row])))
    assert front.raw("SELECT cd_time, task_version FROM up_thing") == [("2026-11-24 10:00:00", 3)]


@pytest.mark.parametrize(("empty", "kept"), [("null", None), ("text", "")])
def test_empty_is_null_or_a_text_and_reads_the_same(front, empty, kept):
    """An empty text is written as the installation wants it; read, NULL and '' are one; other types are NULL."""
    front.make("row_guid TEXT", "org_name TEXT", "task_version INTEGER", "cd_time DATETIME", "detail_url TEXT")
    row = {"row_guid": "g-1", "org_name": "", "cd_time": "", "detail_url": None}

    async def act(database):
        await database.write(lambda rows: rows.insert(front.table, [row]))
        return await database.read(lambda rows: rows.after(front.table, "id", 0, 10))

    (read,) = front.play(act, Rules(empty=empty))
    assert front.raw("SELECT org_name, cd_time FROM up_thing") == [(kept, None)]
    assert (read["org_name"], read["cd_time"]) == (None, None)


def words(table, row, **rules):
    """Columns and messages of what does not fit."""
    return [(one.column, one.message) for one in misfits(table, row, Rules(**rules))]


def test_what_does_not_fit_is_named_without_its_value(front):
    """Required, length, type and form of a date: by column, in two languages, never with the value."""
    bad = {"row_guid": "", "org_name": "七个字的机关名", "task_version": "3", "cd_time": "2026-11-24"}
    found = list(misfits(front.table, bad, Rules()))
    assert [one.column for one in found] == ["row_guid", "org_name", "task_version", "cd_time"]
    for one in found:
        assert all((one.message, one.message_en, one.remedy, one.remedy_en))
        assert "七个字" not in str(one)
    assert found[1].refusal("accept").path == "accept.org_name"
    assert found[1].refusal("accept").reason.startswith("up_thing.org_name：最长 6")
    assert words(front.table, {"row_guid": "g", "task_version": 2**31}) == [("task_version", "应为整数")]
    assert words(front.table, {"row_guid": 5}) == [("row_guid", "应为文字")]
    with pytest.raises(AdapterBug):
        list(misfits(front.table, {"row_guid": "g", "nothing": 1}, Rules()))


@pytest.mark.parametrize(
    ("unit", "text", "size"),
    [
        ("characters", "津津津津津津", 6),
        ("utf8", "津津", 6),
        ("utf8", "𠮷ab", 6),
        ("gb18030", "津津津", 6),
        ("gb18030", "𠮷津", 6),
    ],
)
def test_lengths_are_counted_as_the_database_counts(front, unit, text, size):
    """Characters, or bytes of UTF-8 or GB 18030: what just fits fits, one more does not."""
    assert measure(text, unit) == size
    assert words(front.table, {"row_guid": "g", "org_name": text}, length_unit=unit) == []
    assert [one for one, _ in words(front.table, {"row_guid": "g", "org_name": text + "a"}, length_unit=unit)] == [
        "org_name"
    ]


def test_a_rare_ideograph_needs_utf8mb4(front):
    """Where the database keeps three bytes a character, one outside of the basic plane is found by its place."""
    row = {"row_guid": "g", "org_name": "甲𠮷"}
    assert words(front.table, row, charset="utf8mb4") == []
    ((column, message),) = words(front.table, row, charset="utf8")
    assert column == "org_name"
    assert "第 2 个字" in message


def test_a_misfit_is_refused_before_anything_is_written(front):
    """One bad row of many writes none; its place among them is named."""
    front.make("row_guid TEXT", "org_name TEXT", "task_version INTEGER", "cd_time DATETIME", "detail_url TEXT")
    rows = [front.row, {**front.row, "row_guid": "g" * 11}]
    with pytest.raises(Refused) as refused:
        front.play(lambda database: database.write(lambda to: to.insert(front.table, rows, path="thing")))
    assert [one.path for one in refused.value.fields] == ["thing[1].row_guid"]
    assert front.raw("SELECT COUNT(*) FROM up_thing") == [(0,)]


def test_dates_of_rows():
    """Only whole seconds of wall time count, and only days that there are."""
    assert is_wall("2026-11-24 10:00:00")
    for text in ("2026-11-24T10:00:00", "2026-11-24", "2026-02-30 10:00:00", "2026-11-24 10:00:00.5", "", None, 5):
        assert not is_wall(text)


@pytest.mark.parametrize(
    ("settings", "named"), [({"naming": "x"}, "naming"), ({"empty": "x"}, "empty"), ({"charset": "gbk"}, "charset")]
)
def test_a_bad_rule_is_named(settings, named):
    """A setting outside its choices names itself and the choices."""
    with pytest.raises(SettingsError) as bad:
        read_rules(settings)
    assert bad.value.setting == named
    assert read_rules({}) == Rules()


def test_a_password_is_no_part_of_an_address():
    """The password comes from the secrets, and an address that carries one is refused."""
    assert read_address("") is None
    address = read_address("mysql+pymysql://u@h/d", "p@ss")
    assert address is not None
    assert address.password == "p@ss"
    assert "p@ss" not in str(address)
    with pytest.raises(SettingsError) as bad:
        read_address("mysql+pymysql://u:hidden@h/d")
    assert "hidden" not in str(bad.value)
