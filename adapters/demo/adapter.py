"""The demonstration target: works, refuses politely, crashes, forgets to confirm, or is slow, as the setting says."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from enum import StrEnum

from adapters.demo.mapping import Verbatim
from bridge.clock import to_micros
from bridge.contract.adapter import AdapterContext
from bridge.contract.mapping import PayloadMapping
from bridge.contract.outcome import Absent, Found, Held, Outcome, Receipt
from bridge.contract.outgoing import Outgoing
from bridge.contract.remote import CallbackRequest, Cursor, Page, RemoteChange, RemoteRecord, Window
from bridge.errors import AccessDenied, FieldRefusal, OutcomeUnknown, Refused, SettingsError
from bridge.model.delivery import Kind
from bridge.model.lifecycle import ApplicationState
from bridge.model.word import Paper


class Behaviour(StrEnum):
    """What the target does with a delivery."""

    WORKS = "works"
    REFUSES = "refuses"
    CRASHES = "crashes"
    FORGETS = "forgets"
    SLOW = "slow"


class DemoAdapter:
    """Holds what it was told in memory, one record per application."""

    def __init__(self, context: AdapterContext) -> None:
        self.manifest = context.manifest
        self._clock = context.clock
        self._seconds = float(context.settings.get("seconds", "1"))
        self._held: dict[str, RemoteRecord] = {}
        self._told: set[str] = set()
        self._changes: list[RemoteChange] = []
        behaviour = context.settings.get("behaviour", Behaviour.WORKS)
        if behaviour not in list(Behaviour):
            known = "、".join(Behaviour)
            raise SettingsError("behaviour", f"没有这种演示行为，可选 (no such behaviour, known): {known}")
        self.behaviour = Behaviour(behaviour)

    def mapping(self, matter: str, kind: Kind, version: int | None = None) -> PayloadMapping | None:
        """The same for every matter and kind."""
        return Verbatim() if version in (None, Verbatim.version) else None

    async def send(self, batch: Sequence[Outgoing]) -> Sequence[Outcome]:
        """Behave."""
        return [await self._send(outgoing) for outgoing in batch]

    async def find(self, outgoing: Outgoing) -> Found:
        """Held once it was told, whatever it answered then."""
        if outgoing.delivery not in self._told:
            return Absent()
        return Held(self._receipt(outgoing))

    async def changes(self, cursor: Cursor | None) -> Page[RemoteChange]:
        """One change for each record it took."""
        return Page(items=self._changes[int(cursor or 0) :], cursor=str(len(self._changes)), more=False)

    async def records(self, window: Window) -> AsyncIterator[RemoteRecord]:
        """What it holds."""
        for record in list(self._held.values()):
            yield record

    async def fetch(self, paper: Paper) -> bytes:
        """It names no files of its own."""
        raise Refused("对方没有这个文件 (the target has no such file)")

    def hear(self, request: CallbackRequest) -> Sequence[RemoteChange]:
        """It calls nobody. Raises AccessDenied."""
        raise AccessDenied("演示系统不发回调 (the demonstration target sends no callbacks)")

    async def check(self) -> None:
        """It is always there."""

    async def close(self) -> None:
        """It has no connections."""

    async def _send(self, outgoing: Outgoing) -> Outcome:
        """One delivery, as the behaviour says."""
        if self.behaviour is Behaviour.CRASHES:
            raise ValueError("on purpose")
        if self.behaviour is Behaviour.REFUSES:
            reason = "演示：名称与登记不一致 (demonstration: the name differs from the register)"
            return Refused(reason, fields=[FieldRefusal("applicant.name", reason)], code="DEMO-REFUSED")
        if self.behaviour is Behaviour.SLOW:
            await self._clock.sleep(self._seconds)
        self._take(outgoing)
        if self.behaviour is Behaviour.FORGETS:
            return OutcomeUnknown("演示：已收下但没有回执 (demonstration: taken, but not confirmed)")
        return self._receipt(outgoing)

    def _take(self, outgoing: Outgoing) -> None:
        """Keep it; the same delivery again is the same record."""
        self._told.add(outgoing.delivery)
        receipt = self._receipt(outgoing)
        number = outgoing.key.number
        if number not in self._held:
            now = to_micros(self._clock.now())
            self._changes.append(RemoteChange(receipt.number, number, receipt.status, "RECEIVED", at=now))
        self._held[number] = RemoteRecord(
            number=f"DEMO-{number}",
            key=number,
            status=receipt.status,
            status_raw="RECEIVED",
            fields=outgoing.payload,
            materials=[(file.name, file.digest) for file in outgoing.materials],
        )

    def _receipt(self, outgoing: Outgoing) -> Receipt:
        """What it answers."""
        return Receipt(f"DEMO-{outgoing.key.number}", ApplicationState.RECEIVED, "RECEIVED")
