"""The store: units of work over one database, each one transaction; its errors are ours.

Writers of one process queue on a lock, writers of several on the database's own. Where readers and the writer's commit
exclude each other (a rollback journal), readers queue on the same lock: waiting there costs microseconds, the
database's own busy waiting milliseconds. What does not belong here: what a unit can do (`unit`).
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any, TypeVar

from sqlalchemy import Engine, insert, make_url, select
from sqlalchemy.exc import SQLAlchemyError

from bridge.clock import Clock
from bridge.errors import SettingsError, StoreError
from bridge.ports.store import UnitOfWork
from bridge.storage import schema
from bridge.storage import tables as t
from bridge.storage.sealing import SETTING as KEY_SETTING
from bridge.storage.sealing import Keyring
from bridge.storage.sqlite import Watch, driver, journal_mode, open_engine
from bridge.storage.unit import Unit

T = TypeVar("T")

BUSY_SECONDS = 30.0
"""How long a writer waits for writers of other processes."""

KEY_CHECK = "key_check"


class SqlStore:
    """Our own database, as `bridge.ports.store.Store` promises."""

    def __init__(self, url: str, keyring: Keyring, clock: Clock, *, busy_seconds: float = BUSY_SECONDS) -> None:
        """Open an initialised database.

        Raises SettingsError where it has not been initialised, where its schema is not this release's, or where the
        key file is another database's; StoreError.
        """
        parsed = make_url(url)
        schema.require_current(parsed)
        self._keyring, self._clock = keyring, clock
        self._lock = threading.RLock()
        self._readers_queue = journal_mode(driver().sqlite_version_info) != "WAL"
        self._writer = open_engine(parsed, writes=True, busy_seconds=busy_seconds)
        self._reader = open_engine(parsed, writes=False, busy_seconds=busy_seconds)
        self._watch = Watch(parsed)
        self._commits = self._foreign = 0
        self._version = self._watch.version()
        self._writing = False
        try:
            self._check_key()
        except BaseException:
            self.close()
            raise

    def write(self, work: Callable[[Unit], T]) -> T:
        """Run `work` in one write transaction and commit it. Safe from any thread; writers wait for each other."""
        with self._lock:
            if self._writing:
                raise StoreError("写入单元不能嵌套 (a write unit inside a write unit)")
            self._writing = True
            try:
                with self._transaction(self._writer, writes=True) as unit:
                    self._look(own=False)  # nobody else can commit from here to our own commit
                    result = work(unit)
                    unit.flush()
                self._commits += 1
                self._look(own=True)
            finally:
                self._writing = False
        return result

    def read(self, work: Callable[[Unit], T]) -> T:
        """Run `work` in one short read transaction."""
        with self._queue():
            if self._readers_queue and self._writing:
                raise StoreError("写入单元内不能另开读取单元 (a read unit inside a write unit)")
            with self._transaction(self._reader, writes=False) as unit:
                return work(unit)

    def pages(self, work: Callable[[UnitOfWork, str | None], Sequence[T]], key: Callable[[T], str]) -> Iterator[T]:
        """A long list, page by page, each page its own read transaction: `work(unit, after)` until it gives nothing."""
        after: str | None = None
        while page := self.read(lambda unit, after=after: work(unit, after)):  # type: ignore[misc]
            yield from page
            after = key(page[-1])

    def changed(self) -> int:
        """A number that changes when any process has committed; it neither waits nor blocks."""
        return self._commits + self._watch.version()

    def changed_elsewhere(self) -> int:
        """A number that changes when another process has committed. One that commits with us may go unnoticed."""
        self._look(own=False)
        return self._foreign

    def _look(self, *, own: bool) -> None:
        """Look at the database's own mark, and count a change as another's unless we have just committed."""
        version = self._watch.version()
        if version != self._version:
            self._version = version
            self._foreign += not own

    def close(self) -> None:
        """Let go of connections."""
        self._writer.dispose()
        self._reader.dispose()
        self._watch.close()

    def _queue(self) -> AbstractContextManager[Any]:
        """What a reader waits on."""
        return self._lock if self._readers_queue else nullcontext()

    @contextmanager
    def _transaction(self, engine: Engine, *, writes: bool) -> Iterator[Unit]:
        """A transaction and its unit; the database's errors come out as StoreError, without any value."""
        try:
            with engine.begin() as connection:
                yield Unit(connection, self._keyring, self._clock, writes=writes)
        except SQLAlchemyError as exc:
            raise _store_error(exc) from exc

    def _check_key(self) -> None:
        """Refuse a key file that is not this database's: what we would write under it nobody could join to the rest."""
        ours = self._keyring.blind(KEY_CHECK).hex()
        find = select(t.installation.c.value).where(t.installation.c.key == KEY_CHECK)
        try:
            with self._reader.begin() as connection:
                kept = connection.execute(find).scalar_one_or_none()
            if kept is None:
                with self._writer.begin() as connection:
                    kept = connection.execute(find).scalar_one_or_none()
                    if kept is None:
                        connection.execute(insert(t.installation), {"key": KEY_CHECK, "value": ours})
                        kept = ours
        except SQLAlchemyError as exc:
            raise _store_error(exc) from exc
        if kept != ours:
            message = (
                "密钥文件与数据库不匹配，请换回原来的密钥文件 (this key file is not this database's: restore its own)"
            )
            raise SettingsError(KEY_SETTING, message)


def _store_error(exc: SQLAlchemyError) -> StoreError:
    """Our error for the database's: the kind of it and the database's own words, never a value."""
    original = getattr(exc, "orig", None) or exc
    name = type(original).__name__
    code = getattr(original, "sqlite_errorname", "")
    return StoreError(f"本系统数据库暂不可用 (our own database failed): {name} {code}".rstrip())
