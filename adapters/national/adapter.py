"""The adapter promise for the platform: rows written once, told from the journal, judged by the quality check.

Tables and rows are `client`, codes are `codes`, columns are `mapping`; here is what the engine asks for.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace

from adapters.national.client.front import Front
from adapters.national.client.held import records
from adapters.national.client.tables import Tables
from adapters.national.client.verdicts import changes
from adapters.national.mapping import mappings
from adapters.national.mapping.rows import Options
from bridge.contract.adapter import AdapterContext
from bridge.contract.mapping import PayloadMapping
from bridge.contract.outcome import Found, Outcome
from bridge.contract.outgoing import Outgoing
from bridge.contract.remote import CallbackRequest, Cursor, Page, RemoteChange, RemoteRecord, Window
from bridge.errors import AccessDenied, Refused, SettingsError, TargetError
from bridge.kit.exchange.database import ExchangeDatabase
from bridge.kit.exchange.rules import read_address, read_rules
from bridge.kit.mapping.versions import chosen
from bridge.model.delivery import Kind
from bridge.model.word import Paper


class NationalAdapter:
    """Our code for 国家政务服务平台."""

    def __init__(self, context: AdapterContext) -> None:
        """Opens nothing. Raises SettingsError naming the setting that does not suit."""
        self.manifest = context.manifest
        told = {**{one.name: one.default or "" for one in context.manifest.settings}, **context.settings}
        self._rules = read_rules(told)
        if not told["url"]:  # a mapping alone: of a database that is not set up no limits are known
            self._rules = replace(self._rules, charset="utf8mb4", length_unit="characters")
        self._options = Options(v3=_yes(told, "v3"), uscc_type=told["uscc_type"])
        tables = Tables(
            v3=self._options.v3,
            special_table=told["special_table"],
            journal_table=told["journal_table"],
            feedback_table=told["feedback_table"],
        )
        database = ExchangeDatabase(
            read_address(told["url"], context.secrets.get("password", "")),
            self._rules,
            total_seconds=context.total_seconds,
            concurrency=context.manifest.limits.concurrency,
        )
        self._front = Front(database, tables, self._rules, context.clock, data_source=told["data_source"])

    def mapping(self, matter: str, kind: Kind, version: int | None = None) -> PayloadMapping | None:
        """The mapping of one matter and kind, the one in force where `version` is None."""
        return chosen(mappings(self._options, self._rules), self.manifest, matter, kind, version)

    async def send(self, batch: Sequence[Outgoing]) -> Sequence[Outcome]:
        """One at a time (`manifest.abilities.batch`), each in a transaction of its own."""
        return [await self._send(outgoing) for outgoing in batch]

    async def _send(self, outgoing: Outgoing) -> Outcome:
        try:
            return await self._front.deliver(outgoing)
        except TargetError as error:
            return error

    async def find(self, outgoing: Outgoing) -> Found:
        """Whether the journal has this delivery; it was written with the rows or not at all."""
        return await self._front.find(outgoing)

    async def changes(self, cursor: Cursor | None) -> Page[RemoteChange]:
        """The verdicts of the quality check."""
        return await changes(self._front, cursor)

    async def records(self, window: Window) -> AsyncIterator[RemoteRecord]:
        """What we wrote, with the columns as far as they are still there."""
        async for one in records(self._front, window):
            yield one

    async def fetch(self, paper: Paper) -> bytes:
        """It names no files."""
        raise Refused("国家平台不提供文件 (the platform has no files)")

    def hear(self, request: CallbackRequest) -> Sequence[RemoteChange]:
        """No callback crosses the 网闸 (TARGETS 1.1): whoever calls is somebody else."""
        raise AccessDenied("国家平台不会回调 (the platform never calls)")

    async def check(self) -> None:
        """The database lets us in, and every table and column is there."""
        await self._front.check()

    async def close(self) -> None:
        """Let go of connections."""
        await self._front.database.close()


def _yes(settings: Mapping[str, str], name: str) -> bool:
    """A setting that is `yes` or `no`. Raises SettingsError."""
    value = settings[name] or "no"
    if value not in ("yes", "no"):
        raise SettingsError(name, "可选 (one of): yes、no")
    return value == "yes"
