"""`bridge doctor`: what would go wrong, before it does. Each check stands by itself: one that fails hides no other."""

from __future__ import annotations

import os
import shutil
import ssl
import stat
import sys
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import typer

from bridge.cli.failure import FAILED
from bridge.cli.options import AsJson
from bridge.cli.output import print_json, print_table
from bridge.errors import BridgeError, SettingsError

if TYPE_CHECKING:
    from bridge.settings import Settings

LEAST_FREE = 512 << 20
"""Bytes that should be free in the data folder."""

LEAST_DAYS = 30
"""Days ahead that the calendar of working days should cover: the next year's notice comes in November."""

Check = dict[str, Any]


class _Wrong(BridgeError):
    """检查未通过 (a check that failed)."""


def command(as_json: AsJson = False) -> None:
    """检查会出什么问题 (what would go wrong: settings, versions, keys, disk, clock, calendar, targets)."""
    checks = list(_checks())
    if as_json:
        print_json(checks)
    else:
        print_table(
            ("检查", "结果", "说明"),
            ((one["check"], "正常" if one["ok"] else "有问题", one["detail"]) for one in checks),
        )
    if not all(one["ok"] for one in checks):
        raise typer.Exit(FAILED)


def _checks() -> Iterator[Check]:
    """Every check, those that need settings only where there are any."""
    from bridge.cli.opened import settings

    yield _check("python", _python)
    yield _check("sqlite", _sqlite)
    yield _check("clock", _clock)
    try:
        found = settings()
    except BridgeError as error:
        yield {"check": "settings", "ok": False, "detail": str(error)}
        return
    yield _check("settings", _settings)
    for name, look in (
        ("data_dir", _data_dir),
        ("key_file", _key_file),
        ("database", _database),
        ("ledger", _ledger),
        ("disk", _disk),
        ("catalogue", _catalogue),
        ("calendar", _calendar),
    ):
        yield _check(name, lambda look=look: look(found))  # type: ignore[misc]
    yield from _targets(found)


def _check(name: str, look: Callable[[], str]) -> Check:
    """One check; any error is its detail."""
    try:
        return {"check": name, "ok": True, "detail": look()}
    except BridgeError as error:
        return {"check": name, "ok": False, "detail": str(error)}
    except Exception as error:  # noqa: BLE001 - a doctor must not die of what it finds
        return {"check": name, "ok": False, "detail": f"检查失败 (the check failed): {type(error).__name__}"}


def _python() -> str:
    """Which Python, which OpenSSL."""
    return f"Python {sys.version.split()[0]}，{ssl.OPENSSL_VERSION}"


def _sqlite() -> str:
    """Which SQLite, and the journal mode that is safe with it."""
    from bridge.storage.sqlite import driver, journal_mode

    module = driver()
    return f"SQLite {module.sqlite_version}，journal_mode {journal_mode(module.sqlite_version_info)}"


def _clock() -> str:
    """Whether the machine's time can be right: not before this release was made."""
    from bridge.clock import SystemClock, rfc3339

    now = SystemClock().now()
    if now.year < 2026:
        raise _Wrong("系统时间早于 2026 年，请校时 (the clock is wrong: set it)")
    return rfc3339(now)


def _settings() -> str:
    """Whether a variable of ours means nothing."""
    from bridge.settings import unknown_variables

    if unknown := unknown_variables():
        raise _Wrong(f"这些变量不是设置，请检查拼写 (no such settings, check the spelling): {'、'.join(unknown)}")
    return "有效 (valid)"


def _data_dir(found: Settings) -> str:
    """Whether the data folder is ours alone and can be written to."""
    if not found.data_dir.is_dir():
        raise _Wrong("数据目录不存在，请执行 bridge init (no data folder: run bridge init)")
    mode = stat.S_IMODE(found.data_dir.stat().st_mode)
    if mode & 0o077:
        raise _Wrong(f"数据目录权限过宽 {mode:o}，请执行 chmod 700 (others can look into the data folder: chmod 700)")
    if not os.access(found.data_dir, os.W_OK):
        raise _Wrong("数据目录不可写 (the data folder cannot be written to)")
    return f"权限 (mode) {mode:o}"


def _key_file(found: Settings) -> str:
    """Whether the key file can be read by us, and by nobody else."""
    from bridge.storage.sealing import Keyring

    Keyring.load(found.key_file)
    return "可读取，权限正确 (readable, its mode is right)"


def _database(found: Settings) -> str:
    """Whether the database opens at this release's schema under this key, and how old its oldest open delivery is."""
    from bridge.clock import SystemClock, from_micros, rfc3339
    from bridge.storage.engine import SqlStore
    from bridge.storage.schema import SCHEMA_VERSION
    from bridge.storage.sealing import Keyring

    store = SqlStore(found.database_url, Keyring.load(found.key_file), SystemClock())
    try:
        oldest = store.read(lambda unit: unit.oldest_open())
    finally:
        store.close()
    since = "无 (none)" if oldest is None else rfc3339(from_micros(oldest))
    return f"版本 (schema version) {SCHEMA_VERSION}，最早未完成的推送 (oldest open delivery): {since}"


def _ledger(found: Settings) -> str:
    """Whether checkpoints can be signed, and are written outside often enough."""
    from bridge.cli.audit import standing
    from bridge.storage.signing import load_signing_key
    from bridge.wiring import build

    load_signing_key(found.signing_key_file)
    bridge = build(found)
    try:
        now = standing(bridge)
    finally:
        bridge.close()
    outside = now["outside"]
    last = f"{outside['at']} {outside['place']}" if outside else "无 (never)"
    if now["warning"]:
        raise _Wrong(f"{now['warning']} ({now['warning_en']})；最近写到外部 (last outside): {last}")
    return f"记录 (events) {now['events']}，最近写到外部 (last checkpoint outside): {last}"


def _disk(found: Settings) -> str:
    """Whether there is room where the data folder is, or will be."""
    folder = next(one for one in (found.data_dir.absolute(), *found.data_dir.absolute().parents) if one.is_dir())
    free = shutil.disk_usage(folder).free
    if free < LEAST_FREE:
        raise _Wrong(f"磁盘可用空间只有 {free >> 20} MiB (little disk space is left)")
    return f"可用 (free) {free >> 30} GiB"


def _catalogue(found: Settings) -> str:
    """Whether matters, forms, items and registers load."""
    from bridge.catalogue.catalogue import Catalogue

    catalogue = Catalogue(found.schemas_dir)
    for matter in catalogue.matters():
        catalogue.leaves(matter.name, matter.form)
    return "、".join(matter.title for matter in catalogue.matters())


def _calendar(found: Settings) -> str:
    """Whether the calendar of working days reaches far enough."""
    from bridge.catalogue.calendar import coverage
    from bridge.clock import CHINA, SystemClock

    last = coverage(found.schemas_dir)
    if (last - SystemClock().now().astimezone(CHINA).date()).days < LEAST_DAYS:
        raise _Wrong(
            f"工作日历只到 {last}，请更新登记数据 (the calendar of working days ends then: update the registers)"
        )
    return f"到 (until) {last}"


def _targets(found: Settings) -> Iterator[Check]:
    """Each target: its mode, its settings, whether it is reached, and whether it takes our credential."""
    from bridge.catalogue.catalogue import Catalogue
    from bridge.clock import SystemClock
    from bridge.engine.targets import Target
    from bridge.wiring import build_targets

    try:
        targets = build_targets(found, Catalogue(found.schemas_dir), SystemClock())
    except BridgeError as error:
        yield {"check": "targets", "ok": False, "detail": str(error)}
        return

    def reached(target: Target) -> str:
        own = found.targets.get(target.id)
        mode = own.mode if own else "observe"
        if mode == "off":
            return "off，停用 (left alone)"
        if target.unusable:
            raise target.unusable
        if silence := _silence(found, target.id):
            raise SettingsError(f"target {target.id}", silence)
        _reach(target)
        return f"{mode}，可连接且凭证有效 (reached, our credential is taken)"

    for name, target in targets.items():
        yield _check(f"target {name}", lambda target=target: reached(target))  # type: ignore[misc]


def _silence(found: Settings, target: str) -> str | None:
    """What the store knows against a target: held, or without any answer of late; None where nothing."""
    from bridge.clock import SystemClock, from_micros, rfc3339, to_micros
    from bridge.engine.deliver import is_held
    from bridge.engine.retry import SILENCE_OPENS
    from bridge.storage.engine import SqlStore
    from bridge.storage.sealing import Keyring

    if not found.key_file.is_file():
        return None
    clock = SystemClock()
    store = SqlStore(found.database_url, Keyring.load(found.key_file), clock)
    try:
        row = store.read(lambda unit: unit.target(target))
    finally:
        store.close()
    if is_held(row, to_micros(clock.now())):
        return "已暂停推送，恢复请执行 bridge release (held: run bridge release)"
    if row.silent >= SILENCE_OPENS and row.open_until is not None:
        at = rfc3339(from_micros(row.open_until))
        return f"连续 {row.silent} 次没有任何答复，下次探测 {at} (silent; the next probe)"
    return None


def _reach(target: Any) -> None:
    """Ask the target itself, without changing anything there."""
    import asyncio

    async def ask() -> None:
        try:
            await target.adapter.check()
        finally:
            await target.adapter.close()

    asyncio.run(ask())
