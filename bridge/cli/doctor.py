"""`bridge doctor`: what would go wrong, before it does."""

from __future__ import annotations

import asyncio
import os
import shutil
import sqlite3
import ssl
import stat
import sys
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import typer

from bridge.cli.failure import FAILED
from bridge.cli.opened import settings
from bridge.cli.output import AsJson, print_json, print_table
from bridge.errors import BridgeError

if TYPE_CHECKING:
    from bridge.settings import Settings

LEAST_FREE = 512 << 20
"""Bytes that should be free in the data folder."""


def command(as_json: AsJson = False) -> None:
    """检查会出什么问题 (what would go wrong: versions, keys, disk, clock, forms, targets)."""
    checks = list(_checks(settings()))
    if as_json:
        print_json(checks)
    else:
        print_table(
            ("检查", "结果", "说明"), iter([(c["check"], "正常" if c["ok"] else "有问题", c["detail"]) for c in checks])
        )
    if not all(one["ok"] for one in checks):
        raise typer.Exit(FAILED)


def _checks(found: Settings) -> Iterator[dict[str, Any]]:
    """Every check, each by itself: one that fails hides no other."""
    yield _check("python", _python)
    yield _check("sqlite", lambda: f"SQLite {sqlite3.sqlite_version}，journal_mode {_journal_mode()}")
    yield _check("data_dir", lambda: _data_dir(found))
    yield _check("key_file", lambda: _key_file(found))
    yield _check("database", lambda: _database(found))
    yield _check("disk", lambda: _disk(found))
    yield _check("clock", _clock)
    yield _check("catalogue", lambda: _catalogue(found))
    yield _check("calendar", lambda: _calendar(found))
    yield from _targets(found)


class _Wrong(BridgeError):
    """检查未通过 (a check that failed)."""


def _check(name: str, work: Callable[[], str]) -> dict[str, Any]:
    """One check; any error is its detail."""
    try:
        return {"check": name, "ok": True, "detail": work()}
    except BridgeError as error:
        return {"check": name, "ok": False, "detail": str(error)}
    except Exception as error:  # noqa: BLE001 - a doctor must not die of what it finds
        return {"check": name, "ok": False, "detail": f"检查失败 (the check failed): {type(error).__name__}"}


def _python() -> str:
    return f"Python {sys.version.split()[0]}，{ssl.OPENSSL_VERSION}"


def _journal_mode() -> str:
    from bridge.storage.sqlite import driver, journal_mode

    return journal_mode(driver().sqlite_version_info)


def _data_dir(found: Settings) -> str:
    if not found.data_dir.is_dir():
        raise _Wrong("数据目录不存在，请执行 bridge init (no data folder: run bridge init)")
    mode = stat.S_IMODE(found.data_dir.stat().st_mode)
    if mode & 0o077:
        raise _Wrong(f"数据目录权限过宽 ({mode:o})，请执行 chmod 700 (its mode must be 0700)")
    if not os.access(found.data_dir, os.W_OK):
        raise _Wrong("数据目录不可写 (the data folder cannot be written to)")
    return f"权限 {mode:o} (mode)"


def _key_file(found: Settings) -> str:
    from bridge.storage.sealing import Keyring

    Keyring.load(found.key_file)
    return "可读取，权限正确 (readable, its mode is right)"


def _database(found: Settings) -> str:
    from bridge.clock import SystemClock
    from bridge.storage.engine import SqlStore
    from bridge.storage.sealing import Keyring

    store = SqlStore(found.database_url, Keyring.load(found.key_file), SystemClock())
    try:
        counts = store.read(lambda unit: unit.counts())
        oldest = store.read(lambda unit: unit.oldest_open())
    finally:
        store.close()
    return f"{sum(counts.values())} 件推送，最早未完成 {_age(oldest)} (deliveries, the oldest open one)"


def _age(oldest: int | None) -> str:
    from bridge.clock import from_micros, rfc3339

    return rfc3339(from_micros(oldest)) if oldest is not None else "无 (none)"


def _disk(found: Settings) -> str:
    folder = found.data_dir if found.data_dir.is_dir() else found.data_dir.absolute().parent
    free = shutil.disk_usage(folder).free
    if free < LEAST_FREE:
        raise _Wrong(f"可用空间只有 {free >> 20} MB (little disk space is left)")
    return f"可用 {free >> 30} GB (free)"


def _clock() -> str:
    from bridge.clock import SystemClock, rfc3339

    now = SystemClock().now()
    if now.year < 2026:
        raise _Wrong("系统时间早于 2026 年，请校时 (the clock is wrong)")
    return rfc3339(now)


def _catalogue(found: Settings) -> str:
    from bridge.catalogue.catalogue import Catalogue

    matters = Catalogue(found.schemas_dir).matters()
    return "、".join(matter.title for matter in matters)


def _calendar(found: Settings) -> str:
    from bridge.catalogue.calendar import coverage
    from bridge.clock import CHINA, SystemClock

    last = coverage(found.schemas_dir)
    today = SystemClock().now().astimezone(CHINA).date()
    if (last - today).days < 0:
        raise _Wrong(f"工作日历只到 {last} (the calendar ends)")
    return f"工作日历到 {last} (the calendar reaches)"


def _targets(found: Settings) -> Iterator[dict[str, Any]]:
    """Each target: its mode, its settings, and whether it takes our credential."""
    from bridge.catalogue.catalogue import Catalogue
    from bridge.clock import SystemClock
    from bridge.engine.targets import Target
    from bridge.wiring import build_targets

    try:
        targets = build_targets(found, Catalogue(found.schemas_dir), SystemClock())
    except BridgeError as error:
        yield {"check": "targets", "ok": False, "detail": str(error)}
        return

    def reach(target: Target) -> str:
        own = found.targets.get(target.id)
        mode = own.mode if own else "observe"
        if target.unusable:
            raise target.unusable
        asyncio.run(_reach(target))
        return f"{target.adapter.manifest.title}，{mode}，可连接且凭证有效 (reached, the credential is taken)"

    for name, target in targets.items():
        yield _check(f"target:{name}", lambda target=target: reach(target))  # type: ignore[misc]  # a lambda's default


async def _reach(target: Any) -> None:
    try:
        await target.adapter.check()
    finally:
        await target.adapter.close()
