"""Transactions: all or nothing, one time limit, and what is not done told apart from what may be done."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from types import SimpleNamespace

import pytest
from sqlalchemy import event, exc

from bridge.contract.adapter import answer_came, still_ours
from bridge.errors import AccessDenied, LeaseLost, OutcomeUnknown, Refused, SettingsError, TryLater
from bridge.kit.exchange.database import ExchangeDatabase
from bridge.kit.exchange.failures import at_commit, not_done
from bridge.kit.exchange.rules import Rules, read_address

COLUMNS = (
    "row_guid TEXT UNIQUE",
    "org_name TEXT",
    "task_version INTEGER",
    "cd_time DATETIME",
    "detail_url TEXT NOT NULL",
)


@pytest.fixture
def made(front):
    """The table is there."""
    front.make(*COLUMNS)
    return front


def count(front):
    """Rows that another program sees."""
    return front.raw("SELECT COUNT(*) FROM up_thing")[0][0]


def test_all_or_nothing(made):
    """What is raised inside undoes all that was written before it."""

    def work(rows):
        rows.insert(made.table, [made.row])
        raise KeyError

    with pytest.raises(KeyError):
        made.play(lambda database: database.write(work))
    assert count(made) == 0


def test_a_constraint_is_a_refusal_by_column(made):
    """The database's own constraint names our column, and never the value."""

    async def act(database):
        await database.write(lambda rows: rows.insert(made.table, [made.row]))
        await database.write(lambda rows: rows.insert(made.table, [made.row], path="accept"))

    with pytest.raises(Refused) as refused:
        made.play(act)
    assert [one.path for one in refused.value.fields] == ["accept.row_guid"]
    assert "g-1" not in str(refused.value)
    with pytest.raises(Refused) as empty:
        made.play(lambda database: database.write(lambda rows: rows.insert(made.table, [{"row_guid": "g-2"}])))
    assert [one.path for one in empty.value.fields] == ["up_thing.detail_url"]


@pytest.mark.parametrize("how", ["EXCLUSIVE", "IMMEDIATE"])
def test_a_lock_is_try_later(made, how):
    """Somebody else's lock is waited for shortly; then nothing was done, and nobody has answered."""
    other = sqlite3.connect(made.path, isolation_level=None)
    other.execute(f"BEGIN {how}")

    async def act(database):
        with pytest.raises(TryLater) as later:
            await database.write(lambda rows: rows.insert(made.table, [made.row]))
        assert not later.value.answered
        if how == "EXCLUSIVE":
            with pytest.raises(TryLater):
                await database.read(lambda rows: rows.where(made.table, "row_guid", ["g-1"]))
        other.execute("ROLLBACK")
        await database.write(lambda rows: rows.insert(made.table, [made.row]))

    made.play(act, seconds=0.4)
    other.close()
    assert count(made) == 1


def test_a_reader_in_the_way_of_the_commit_is_try_later(made):
    """A COMMIT that the database says it has not done is undone and tried later, not unknown."""
    other = sqlite3.connect(made.path, isolation_level=None)
    other.execute("BEGIN")
    other.execute("SELECT * FROM up_thing").fetchall()

    async def act(database):
        with pytest.raises(TryLater):
            await database.write(lambda rows: rows.insert(made.table, [made.row]))

    made.play(act, seconds=0.6)
    other.execute("ROLLBACK")
    other.close()
    assert count(made) == 0


def test_a_full_disk_is_try_later(made):
    """No room: not done."""

    async def act(database):
        engine = database._open()
        event.listen(engine, "connect", lambda connection, _: connection.execute("PRAGMA max_page_count = 3"))
        with pytest.raises(TryLater):
            await database.write(
                lambda rows: rows.insert(made.table, [{**made.row, "row_guid": str(n)} for n in range(9999)])
            )

    made.play(act)
    assert count(made) == 0


def test_a_missing_file_is_not_made(front):
    """A wrong path makes no empty database."""

    async def act(database):
        await database.read(lambda rows: rows.where(front.table, "row_guid", ["x"]))

    with pytest.raises(TryLater):
        front.play(act)
    assert not front.path.exists()


def test_a_missing_table_is_said_to_the_operator(front):
    """No such table or column is a matter of set-up, not of one delivery."""
    front.make("row_guid TEXT", table="other")
    with pytest.raises(AccessDenied, match="naming"):
        front.play(lambda database: database.read(lambda rows: rows.where(front.table, "row_guid", ["x"])))


def test_out_of_time_before_commit_is_given_up(made):
    """What takes too long is given up and never committed later."""
    hold, ended = threading.Event(), threading.Event()

    def work(rows):
        rows.insert(made.table, [made.row])
        hold.wait(10)
        ended.set()

    async def act(database):
        with pytest.raises(TryLater) as later:
            await database.write(work)
        assert later.value.answered
        hold.set()
        await asyncio.to_thread(ended.wait, 10)

    made.play(act, seconds=0.3)
    assert ended.is_set()
    assert count(made) == 0


def test_waiting_in_the_queue_is_given_up_too(made):
    """What never began is not begun later."""
    hold = threading.Event()

    async def act(database):
        first = asyncio.create_task(database.read(lambda rows: hold.wait(10)))
        await asyncio.sleep(0.1)
        with pytest.raises(TryLater) as later:
            await database.write(lambda rows: rows.insert(made.table, [made.row]))
        assert not later.value.answered
        hold.set()
        await asyncio.gather(first, return_exceptions=True)

    made.play(act, seconds=0.3)
    assert count(made) == 0


def test_out_of_time_in_commit_is_unknown(made):
    """Once COMMIT is on its way the outcome is unknown, and here it was done."""
    hold = threading.Event()

    async def act(database):
        event.listen(database._open(), "commit", lambda _: hold.wait(10))
        with pytest.raises(OutcomeUnknown):
            await database.write(lambda rows: rows.insert(made.table, [made.row]))
        hold.set()

    made.play(act, seconds=0.3)
    assert count(made) == 1


def test_a_line_lost_at_commit_is_unknown(made):
    """A connection that is gone when COMMIT is sent leaves an unknown outcome; before that, nothing was done."""

    def lost(*_):
        raise exc.OperationalError("COMMIT", {}, Exception("gone"), connection_invalidated=True)

    async def act(database):
        event.listen(database._open(), "commit", lost)
        with pytest.raises(OutcomeUnknown):
            await database.write(lambda rows: rows.insert(made.table, [made.row]))

    made.play(act)


def test_the_lease_is_asked_before_the_first_row(made):
    """A worker that has lost its lease writes nothing; an answer of the database is told to the breaker."""
    heard = []

    def lost():
        raise LeaseLost

    async def act(database):
        answer_came.set(lambda: heard.append(1))
        await database.write(lambda rows: rows.insert(made.table, [made.row]))
        assert len(heard) == 2
        still_ours.set(lost)
        with pytest.raises(LeaseLost):
            await database.write(lambda rows: rows.insert(made.table, [{**made.row, "row_guid": "g-2"}]))

    made.play(act)
    assert count(made) == 1


def test_it_may_be_closed_and_used_again(made):
    """Closing lets go of connections; a further call opens them again."""

    async def act(database):
        await database.write(lambda rows: rows.insert(made.table, [made.row]))
        await database.close()
        return await database.read(lambda rows: rows.where(made.table, "row_guid", ["g-1"]))

    assert len(made.play(act)) == 1


def test_long_lists_are_asked_in_parts(made):
    """More values than one list takes are all found."""
    guids = [f"g-{n}" for n in range(1200)]

    async def act(database):
        await database.write(lambda rows: rows.insert(made.table, [{**made.row, "row_guid": one} for one in guids]))
        return await database.read(lambda rows: rows.where(made.table, "row_guid", guids))

    assert {row["row_guid"] for row in made.play(act)} == set(guids)


def test_without_an_address_or_a_driver():
    """No address: a mapping alone, and every call says so. No driver: said at the start, by the setting."""
    database = ExchangeDatabase(None, Rules(), total_seconds=1, concurrency=1)
    with pytest.raises(TryLater):
        asyncio.run(database.read(lambda rows: None))
    with pytest.raises(SettingsError) as missing:
        ExchangeDatabase(read_address("oracle+nosuchdriver://u@h/d"), Rules(), total_seconds=1, concurrency=1)
    assert missing.value.setting == "url"


def error(kind, *args, sqlstate=None):
    """An error as a driver raises it, through SQLAlchemy."""
    orig = Exception(*args)
    if sqlstate:
        orig.sqlstate = sqlstate
    return kind("INSERT", {}, orig)


ORA = SimpleNamespace


@pytest.mark.parametrize(
    ("raised", "ours"),
    [
        (error(exc.OperationalError, 2003, "Can't connect"), TryLater),
        (error(exc.OperationalError, 1205, "Lock wait timeout"), TryLater),
        (error(exc.OperationalError, 1045, "Access denied for user"), AccessDenied),
        (error(exc.ProgrammingError, 1146, "Table doesn't exist"), AccessDenied),
        (error(exc.DataError, 1406, "Data too long for column 'OrgName' at row 1"), Refused),
        (error(exc.OperationalError, 1366, "Incorrect string value: '...' for column 'OrgName'"), Refused),
        (error(exc.DatabaseError, ORA(code=12541, full_code="ORA-12541")), TryLater),
        (error(exc.DatabaseError, ORA(code=1017, full_code="ORA-01017")), AccessDenied),
        (error(exc.DatabaseError, ORA(code=12899, full_code="ORA-12899")), Refused),
        (error(exc.DatabaseError, ORA(code=1653, full_code="ORA-01653")), TryLater),
        (error(exc.OperationalError, "x", sqlstate="28P01"), AccessDenied),
        (error(exc.OperationalError, "x", sqlstate="55P03"), TryLater),
        (error(exc.OperationalError, "x", sqlstate="53100"), TryLater),
        (error(exc.IntegrityError, "x", sqlstate="23502"), Refused),
        (error(exc.ProgrammingError, "x", sqlstate="42P01"), AccessDenied),
        (error(exc.ProgrammingError, "x", sqlstate="42501"), AccessDenied),
        (error(exc.OperationalError, "who knows"), TryLater),
        (error(exc.IntegrityError, "who knows"), Refused),
    ],
)
def test_errors_of_other_databases(raised, ours):
    """MySQL, Oracle and PostgreSQL: what each number means before COMMIT; what is unknown goes by its class."""
    assert type(not_done(raised)) is ours


def test_a_refused_column_is_found_in_any_spelling():
    """The column that an error names is ours again; the error's text goes nowhere."""
    refusal = not_done(
        error(exc.DataError, 1406, "Data too long for column 'OrgName' at row 1"), {"OrgName": "org_name"}, "accept"
    )
    assert isinstance(refusal, Refused)
    assert [one.path for one in refusal.fields] == ["accept.org_name"]
    assert "Data too long" not in str(refusal)


@pytest.mark.parametrize(
    ("raised", "ours"),
    [
        (error(exc.OperationalError, 2013, "Lost connection during query"), OutcomeUnknown),
        (error(exc.DatabaseError, ORA(code=3113, full_code="ORA-03113")), OutcomeUnknown),
        (error(exc.OperationalError, "who knows"), OutcomeUnknown),
        (error(exc.OperationalError, 1213, "Deadlock found"), TryLater),
        (error(exc.OperationalError, "x", sqlstate="40001"), TryLater),
    ],
)
def test_errors_of_commit(raised, ours):
    """At COMMIT only what the database says is not done is not done."""
    assert type(at_commit(raised)) is ours
