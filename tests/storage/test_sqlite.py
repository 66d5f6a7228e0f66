"""What the store owes to SQLite: nothing lost by a kill, queues of writers, private files, safe journal modes."""

from __future__ import annotations

import random
import signal
import sqlite3
import stat
import subprocess
import sys
import threading
import traceback
from pathlib import Path

import pytest
from sqlalchemy import make_url
from sqlalchemy.dialects import sqlite

from bridge.errors import SettingsError, StoreError
from bridge.model.counterpart import Counterpart
from bridge.model.delivery import DeliveryState, Reason
from bridge.ports.events import Event
from bridge.ports.store import Trouble
from bridge.storage import pump, schema
from bridge.storage.engine import SqlStore
from bridge.storage.keeper import Keeper
from bridge.storage.sealing import Keyring
from bridge.storage.sqlite import driver, journal_mode

WRITER = """
import runpy, sys
from pathlib import Path
from bridge.clock import SystemClock
from bridge.storage.engine import SqlStore
from bridge.storage.keeper import Keeper
from bridge.storage.sealing import Keyring
conftest, url, keys = sys.argv[1:]
made = runpy.run_path(conftest)
store = SqlStore(url, Keyring.load(Path(keys)), made["HandClock"]())
make = made["Maker"](store, store._clock)
make.made = len(store.read(lambda unit: unit.applications(limit=100000)))
while True:
    application, _ = make.application(("municipal", "discharge"))
    print(application.id, flush=True)
"""


def outside(url: str) -> sqlite3.Connection:
    """Another process's connection, as it were."""
    return sqlite3.connect(make_url(url).database, isolation_level=None)


def test_a_kill_loses_nothing_that_was_told(url, clock, tmp_path):
    """Whenever a writing process is killed, every application that it had told of is there, whole, and its history."""
    keys = tmp_path / "keys.json"
    Keyring.create(keys)
    dice = random.Random(7)
    told: list[str] = []
    for _ in range(6):
        words = [sys.executable, "-c", WRITER, str(Path(__file__).with_name("conftest.py")), url, str(keys)]
        with subprocess.Popen(words, stdout=subprocess.PIPE) as process:
            told += [process.stdout.readline().decode().strip() for _ in range(dice.randint(1, 40))]
            process.send_signal(signal.SIGKILL)
            told += process.stdout.read().decode().split()
    store = SqlStore(url, Keyring.load(keys), clock)
    kept = store.read(lambda unit: unit.applications(limit=100_000))
    assert {one.id for one in kept} >= set(told)
    assert len(kept) <= len(told) + 6
    for one in kept:
        assert store.read(lambda unit, one=one: len(unit.deliveries(one.id))) == 2
        assert store.read(lambda unit, one=one: unit.revision(one.id, 1)).data
    assert Keeper(store, tmp_path / "none", clock).verify().ok
    store.close()


def test_a_writer_waits_for_others(store, url):
    """While another process writes, a unit waits; when that ends, it is done."""
    other = outside(url)
    other.execute("BEGIN IMMEDIATE")
    taken: list[int] = []
    thread = threading.Thread(target=lambda: taken.append(store.write(lambda unit: unit.next_serial("20261123"))))
    thread.start()
    thread.join(0.2)
    assert taken == []
    other.execute("ROLLBACK")
    thread.join(30)
    assert taken == [1]
    other.close()


def test_a_writer_gives_up_at_last(url, keyring, clock):
    """A database that stays locked is a StoreError; once it is free the same store goes on."""
    store = SqlStore(url, keyring, clock, busy_seconds=0.05)
    other = outside(url)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreError):
        store.write(lambda unit: unit.next_serial("20261123"))
    other.execute("ROLLBACK")
    other.close()
    assert store.write(lambda unit: unit.next_serial("20261123")) == 1
    store.close()


def test_many_threads_queue(store):
    """Threads that write and read at once all succeed, and no serial is given twice."""
    taken: list[int] = []

    def work():
        for _ in range(20):
            taken.append(store.write(lambda unit: unit.next_serial("20261123")))
            store.read(lambda unit: unit.counts())

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(taken) == list(range(1, 161))


def test_units_do_not_nest(store):
    """A unit inside a write unit is refused instead of waiting for itself."""
    with pytest.raises(StoreError):
        store.write(lambda _: store.write(lambda unit: unit.next_serial("20261123")))
    assert store.write(lambda unit: unit.next_serial("20261123")) == 1


def test_changes_are_noticed(store, url, keyring, clock):
    """`changed` moves when we or another process commit, and only then; a lock does not make it wait."""
    seen = store.changed()
    assert store.changed() == seen
    store.write(lambda unit: unit.next_serial("20261123"))
    after_own = store.changed()
    assert after_own != seen
    other = SqlStore(url, keyring, clock)
    other.write(lambda unit: unit.next_serial("20261123"))
    after_other = store.changed()
    assert after_other != after_own
    other.close()
    locker = outside(url)
    locker.execute("BEGIN EXCLUSIVE")
    assert store.changed() == after_other
    locker.close()


def test_files_are_private(url, make):
    """The database and its journal can be read by their owner alone."""
    make.application()
    folder = Path(make_url(url).database).parent
    files = [path for path in folder.iterdir() if path.is_file()]
    assert len(files) >= 1
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}


MARK = "标记Zq7MARK"


def test_the_files_hold_no_personal_value(store, url, make, clock):
    """Whatever was entered, sent, answered or gone wrong, no personal value lies in clear in any file."""
    data = {"applicant": {"name": f"{MARK}公司", "legal_rep": {"name": MARK, "id_no": f"{MARK}110105"}}}
    application, _ = make.application(("municipal", "discharge"), data=data, applicant=f"{MARK}91120116")
    worker = make.worker()
    (one,) = make.claim(worker)
    make.prepare([one], f'{{"name":"{MARK}"}}'.encode())
    trouble = Trouble(MARK, MARK, MARK, MARK, MARK)
    refused = make.end(
        one,
        DeliveryState.PARKED,
        reason=Reason.REFUSED,
        memo={"draft": MARK},
        raw=MARK.encode(),
        trouble=trouble,
        counterpart=Counterpart(application.id, "municipal", "N1", None, "1", clock.micros),
    )
    make.settle([refused], worker)
    assert store.read(lambda unit: unit.trouble(one.delivery.id)) == trouble
    store.close()
    folder = Path(make_url(url).database).parent
    marks = [MARK.encode(), MARK.encode("utf-16-le"), b"Zq7MARK"]
    for path in folder.iterdir():
        content = path.read_bytes()
        assert not any(mark in content for mark in marks), path.name


def test_errors_hold_no_value(make):
    """An error of the database names its kind, and no value, also in the error below it."""
    make.application(applicant=MARK, reference=MARK)
    with pytest.raises(StoreError) as caught:
        make.application(applicant="other", reference=MARK)
    assert "Zq7MARK" not in "".join(traceback.format_exception(caught.value))


@pytest.mark.parametrize(
    ("version", "mode"),
    [
        ((3, 40, 1), "TRUNCATE"),
        ((3, 44, 5), "TRUNCATE"),
        ((3, 44, 6), "WAL"),
        ((3, 45, 0), "TRUNCATE"),
        ((3, 50, 6), "TRUNCATE"),
        ((3, 50, 7), "WAL"),
        ((3, 51, 2), "TRUNCATE"),
        ((3, 51, 3), "WAL"),
        ((4, 0, 0), "WAL"),
    ],
)
def test_wal_only_where_it_is_safe(version, mode):
    """WAL is used only with versions of SQLite in which two connections and a checkpoint cannot lose commits."""
    assert journal_mode(version) == mode


def test_the_pragmas_hold(store):
    """Every connection syncs fully and keeps foreign keys; those that read cannot write."""
    for engine, query_only in ((store._writer, 0), (store._reader, 1)):
        with engine.connect() as connection:
            found = [
                connection.exec_driver_sql(f"PRAGMA {name}").scalar()
                for name in ("synchronous", "foreign_keys", "query_only", "journal_mode")
            ]
        assert found == [2, 1, query_only, journal_mode(driver().sqlite_version_info).lower()]


@pytest.mark.parametrize(
    ("statement", "index"),
    [
        (pump.CLAIM, "ix_deliveries_ready"),
        (pump.CLAIM_UNKNOWN, "ix_deliveries_unknown"),
        (pump._PROMOTE, "ix_deliveries_later"),
        (pump._NEXT_DUE, "ix_deliveries_later"),
        (pump._NEXT_UNKNOWN, "ix_deliveries_unknown"),
    ],
)
def test_the_pump_reads_its_index_in_order(url, make, statement, index):
    """Each question of the pump is answered from its partial index, without a scan or a sort."""
    for _ in range(3):
        make.application(("municipal", "discharge"))
    compiled = statement.compile(dialect=sqlite.dialect(), compile_kwargs={"render_postcompile": True})
    values = {"target_": "municipal", "limit_": 5, "now": 1}
    connection = outside(url)
    plan = connection.execute(
        f"EXPLAIN QUERY PLAN {compiled}", [values.get(name, compiled.params[name]) for name in compiled.positiontup]
    ).fetchall()
    connection.close()
    details = [row[3] for row in plan]
    assert index in details[0], details
    assert not any("SCAN" in detail or "TEMP B-TREE" in detail for detail in details), details


def test_a_database_that_was_not_initialised_is_named(tmp_path, keyring, clock):
    """Opening without `bridge init` is a SettingsError with the cure, and makes no file."""
    path = tmp_path / "none.db"
    with pytest.raises(SettingsError, match="bridge init"):
        SqlStore(f"sqlite:///{path}", keyring, clock)
    assert not path.exists()
    sqlite3.connect(path).close()
    with pytest.raises(SettingsError, match="bridge init"):
        SqlStore(f"sqlite:///{path}", keyring, clock)


@pytest.mark.parametrize(("version", "cure"), [("0000", "bridge init"), ("0099", "release")])
def test_another_schema_is_refused(url, keyring, clock, version, cure):
    """A database with an older or a newer schema is refused, with the cure."""
    other = outside(url)
    other.execute(f"UPDATE {schema.VERSION_TABLE} SET version_num = '{version}'")
    other.close()
    with pytest.raises(SettingsError, match=cure):
        SqlStore(url, keyring, clock)


def test_a_damaged_file_is_a_store_error(tmp_path, keyring, clock):
    """A file that is no database is a StoreError, not a traceback of the driver."""
    (tmp_path / "bad.db").write_bytes(b"not a database" * 1000)
    with pytest.raises(StoreError):
        SqlStore(f"sqlite:///{tmp_path / 'bad.db'}", keyring, clock)


def test_another_key_file_is_refused(store, url, clock):
    """A key file that is not this database's is refused at the start, before anything is sealed with it."""
    with pytest.raises(SettingsError):
        SqlStore(url, Keyring.generate(), clock)
    assert store.write(lambda unit: unit.next_serial("20261123")) == 1


@pytest.mark.parametrize("address", ["postgresql://x/y", "sqlite://", "sqlite:///:memory:"])
def test_other_addresses_are_refused(address, keyring, clock):
    """An address that this release cannot use is a SettingsError."""
    with pytest.raises(SettingsError):
        SqlStore(address, keyring, clock)


def test_a_full_disk_loses_nothing(store, keeper, make):
    """When the disk is full a unit is a StoreError that leaves nothing half-written, and the store goes on later."""
    application, _ = make.application()
    with store._writer.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages + 2}")
    pad = random.Random(1).randbytes(100_000).hex()
    with pytest.raises(StoreError):
        make.application(data={"pad": pad})
    assert [one.id for one in store.read(lambda unit: unit.applications())] == [application.id]
    with store._writer.connect() as connection:
        connection.exec_driver_sql("PRAGMA max_page_count = 1000000")
    event = Event("noted", 1, application=application.id)
    store.write(lambda unit: unit.append([event]))
    assert keeper.verify().ok
