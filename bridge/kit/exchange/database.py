"""One front-end database: transactions in threads of our own, each within one time limit, every error ours.

A transaction that is out of time is given up before its COMMIT, or its outcome is unknown: a thread cannot be stopped,
but it asks before it commits. What does not belong here: which rows are written (an adapter's).
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import Any, TypeVar, cast
from urllib.parse import quote

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.exc import NoSuchModuleError, SQLAlchemyError

from bridge.contract.adapter import answer_came, still_ours
from bridge.errors import OutcomeUnknown, SettingsError, TryLater
from bridge.kit.exchange.failures import at_commit, not_done
from bridge.kit.exchange.rules import Rules
from bridge.kit.exchange.statements import Statements, Transaction

T = TypeVar("T")
Work = Callable[[Transaction], T]

BUSY_SECONDS = 2.0
"""The longest wait for somebody else's lock; the long schedule is the engine's."""

CONNECT_ARGUMENTS: dict[str, Callable[[int], dict[str, Any]]] = {
    "pymysql": lambda seconds: {"connect_timeout": seconds, "read_timeout": seconds, "write_timeout": seconds},
    "mysqldb": lambda seconds: {"connect_timeout": seconds, "read_timeout": seconds, "write_timeout": seconds},
    "oracledb": lambda seconds: {"tcp_connect_timeout": float(seconds)},
    "psycopg": lambda seconds: {"connect_timeout": seconds},
}
"""What a driver calls its own time limits, so that no thread waits for ever."""


class ExchangeDatabase:
    """The database at `address`. Opens nothing before it is asked for something."""

    def __init__(self, address: URL | None, rules: Rules, *, total_seconds: float, concurrency: int) -> None:
        """`concurrency` transactions at once; SQLite has one writer, so one. Without an address every call raises.

        Raises SettingsError naming `url` where the driver is not installed.
        """
        self._address, self._total_seconds = address, total_seconds
        self._statements = Statements(rules)
        self._is_sqlite = address is not None and address.get_backend_name() == "sqlite"
        self._concurrency = 1 if self._is_sqlite else concurrency
        self._lock = threading.Lock()
        self._engine: Engine | None = None
        self._threads: ThreadPoolExecutor | None = None
        if address is not None:
            self._open().dispose()

    async def write(self, work: Work[T]) -> T:
        """Run `work` in one transaction that writes, and commit it.

        Raises TryLater where nothing was done, OutcomeUnknown where a COMMIT was on its way, AccessDenied, Refused,
        LeaseLost; whatever `work` raises undoes all.
        """
        job = _Job(still_ours.get(), answer_came.get())
        return await self._run(partial(self._write, work, job), job)

    async def read(self, work: Work[T]) -> T:
        """Run `work` in one transaction that reads. Raises TryLater, AccessDenied."""
        job = _Job(lambda: None, answer_came.get())
        return await self._run(partial(self._read, work, job), job)

    async def close(self) -> None:
        """Let go of threads and connections; what is under way ends first."""
        with self._lock:
            threads, self._threads = self._threads, None
            engine, self._engine = self._engine, None
        if threads is not None:
            await asyncio.to_thread(threads.shutdown, cancel_futures=True)
        if engine is not None:
            engine.dispose()

    async def _run(self, act: Callable[[], T], job: _Job) -> T:
        """One transaction in a thread, within the time limit."""
        self._open()
        with self._lock:
            if self._threads is None:
                self._threads = ThreadPoolExecutor(self._concurrency, thread_name_prefix="exchange")
            running: Future[T] = self._threads.submit(act)
        waiting = asyncio.wrap_future(running)
        waiting.add_done_callback(_seen)
        try:
            async with asyncio.timeout(self._total_seconds):
                return await asyncio.shield(waiting)
        except TimeoutError:
            if job.give_up():
                message = "前置库在时限内没有办完，未提交 (not done in time, and given up)"
                raise TryLater(message, answered=job.answered) from None
            message = "前置库在时限内没有答复提交 (no answer to COMMIT in time)"
            raise OutcomeUnknown(message, answered=job.answered) from None
        except asyncio.CancelledError:
            job.give_up()
            raise

    def _write(self, work: Work[T], job: _Job) -> T:
        """A transaction that writes, in a thread."""
        with self._connected(writes=True) as connection:
            self._begin(connection, job)
            job.ours()
            result = work(Transaction(connection, self._statements))
            job.commits()
            try:
                connection.commit()
            except SQLAlchemyError as exc:
                raise at_commit(exc) from None
            job.came()
        return result

    def _read(self, work: Work[T], job: _Job) -> T:
        """A transaction that reads, in a thread. It is never committed."""
        with self._connected(writes=False) as connection:
            self._begin(connection, job)
            result = work(Transaction(connection, self._statements))
            job.came()
        return result

    def _connected(self, *, writes: bool) -> Connection:
        """A connection. What is not committed on it is rolled back when it goes back. Raises a TargetError."""
        try:
            return self._open().connect().execution_options(exchange_writes=writes)
        except SQLAlchemyError as exc:
            raise not_done(exc) from None

    def _begin(self, connection: Connection, job: _Job) -> None:
        """Begin. SQLite says at the start whether it writes, and waits for others there."""
        job.goes_on()
        try:
            connection.begin()
        except SQLAlchemyError as exc:
            raise not_done(exc) from None
        job.answered = True
        job.came()

    def _open(self) -> Engine:
        """The engine. Raises TryLater without an address, SettingsError without a driver."""
        if self._address is None:
            raise TryLater("前置库地址未设置 (no address of the front-end database)", answered=False)
        with self._lock:
            if self._engine is None:
                self._engine = _sqlite(self._address, self._busy_seconds) if self._is_sqlite else self._server()
            return self._engine

    def _server(self) -> Engine:
        """An engine for a database with a server."""
        address = self._address
        assert address is not None  # noqa: S101 - asked before
        try:
            driver: str = cast("Any", address).get_driver_name()
            arguments = CONNECT_ARGUMENTS.get(driver)
            return create_engine(
                address,
                pool_size=self._concurrency,
                max_overflow=0,
                pool_pre_ping=True,
                hide_parameters=True,
                connect_args=arguments(max(1, int(self._total_seconds))) if arguments else {},
            )
        except (NoSuchModuleError, ModuleNotFoundError) as exc:
            message = f"没有安装 {address.drivername} 的驱动，请用 pip 安装 (its driver is not installed)"
            raise SettingsError("url", message) from exc

    @property
    def _busy_seconds(self) -> float:
        return min(BUSY_SECONDS, self._total_seconds / 2)


class _Job:
    """One transaction between the loop that waits for it and the thread that makes it."""

    def __init__(self, ours: Callable[[], None], came: Callable[[], None]) -> None:
        self.ours, self.came = ours, came
        self.answered = False
        self._lock = threading.Lock()
        self._given_up = self._commits = False

    def give_up(self) -> bool:
        """Whether it will not commit any more."""
        with self._lock:
            self._given_up = not self._commits
            return self._given_up

    def goes_on(self) -> None:
        """Raises TryLater where nobody waits any more."""
        if self._given_up:
            raise TryLater("已放弃 (given up)", answered=False)

    def commits(self) -> None:
        """From here on it cannot be given up. Raises TryLater where it has been."""
        with self._lock:
            self.goes_on()
            self._commits = True


def _seen(waiting: asyncio.Future[Any]) -> None:
    """An error that comes after everybody has gone is nobody's."""
    if not waiting.cancelled():
        waiting.exception()


def _sqlite(address: URL, busy_seconds: float) -> Engine:
    """An engine for a file that is there: a wrong path must not make an empty database."""
    path = address.database or ""
    there = address.set(database=f"file:{quote(path)}", query={"mode": "rw", "uri": "true"})
    engine = create_engine(
        there,
        pool_size=1,
        max_overflow=0,
        hide_parameters=True,
        connect_args={"isolation_level": None, "check_same_thread": False, "timeout": busy_seconds},
    )

    def begun(connection: Connection) -> None:
        writes = connection.get_execution_options().get("exchange_writes")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    event.listen(engine, "begin", begun)
    return engine
