"""The adapter promise: six small things that our code for one target does. The engine does everything else.

Timing, recording, retries, breaking, ordering and storing are the engine's; wire, signature and codes the adapter's.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Protocol

from bridge.clock import Clock
from bridge.contract.manifest import Manifest
from bridge.contract.mapping import PayloadMapping
from bridge.contract.outcome import Found, Outcome
from bridge.contract.outgoing import Outgoing
from bridge.contract.remote import CallbackRequest, Cursor, Page, RemoteChange, RemoteRecord, Window
from bridge.model.delivery import Kind
from bridge.model.word import Paper


def _always() -> None:
    """Outside the engine nobody asks, and nobody listens."""


still_ours: ContextVar[Callable[[], None]] = ContextVar("still_ours", default=_always)
"""Called by `kit.http` before each request leaves; raises LeaseLost where this worker may no longer send."""


answer_came: ContextVar[Callable[[], None]] = ContextVar("answer_came", default=_always)
"""Called by `kit.http` whenever anything comes back from the target: an attempt of many calls is not silence then."""


class Adapter(Protocol):
    """Our code for one target. Every method may raise any TargetError; anything else raised is an AdapterBug."""

    @property
    def manifest(self) -> Manifest:
        """What the target can and allows, as data."""
        ...

    def mapping(self, matter: str, kind: Kind, version: int | None = None) -> PayloadMapping | None:
        """The mapping of one matter and kind, where `version` is None the one in force; None where there is none.

        In force is what `manifest.versions` names, else the newest that is no draft; every older one stays.
        """
        ...

    async def send(self, batch: Sequence[Outgoing]) -> Sequence[Outcome]:
        """Tell the target 1..`manifest.abilities.batch` things: one outcome each, in the same order.

        An error that is raised, not returned, means every item without a recorded outcome.
        """
        ...

    async def find(self, outgoing: Outgoing) -> Found:
        """Whether this very delivery (kind, revision, event) has taken effect at the target."""
        ...

    async def changes(self, cursor: Cursor | None) -> Page[RemoteChange]:
        """What has changed there since `cursor`, oldest first, also of cases we never entered. None: from the start.

        Overlap is allowed: the engine applies each change once.
        """
        ...

    def records(self, window: Window) -> AsyncIterator[RemoteRecord]:
        """What the target holds, one record per case."""
        ...

    async def fetch(self, paper: Paper) -> bytes:
        """The file of a document or licence that the target named (`Paper.file`), at most `limits.file_bytes`.

        Raises Refused where the target has no such file.
        """
        ...

    def hear(self, request: CallbackRequest) -> Sequence[RemoteChange]:
        """Verify and read a callback. Raises AccessDenied where it is not from the target."""
        ...

    async def check(self) -> None:
        """Reach the target and have our credential accepted, without changing anything there."""
        ...

    async def close(self) -> None:
        """Let go of connections."""
        ...


@dataclass(frozen=True, slots=True)
class AdapterContext:
    """What an adapter is built from: `create(context)` in its folder's `__init__` makes the Adapter."""

    manifest: Manifest
    settings: Mapping[str, str]
    """The values of `manifest.settings`, defaults filled in."""
    secrets: Mapping[str, str]
    """The values of `manifest.secrets`; never logged."""
    clock: Clock
    total_seconds: float
    """The longest that one call may take (`BRIDGE_HTTP__TOTAL_SECONDS`)."""
