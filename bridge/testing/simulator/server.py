"""`Simulator`: what an author of a simulated target subclasses. The wire, the faults and the side door come with it.

A subclass says which routes there are and does each call as a whole (`calls.Handler`): the base decides whether it is
done, when, and what becomes of the answer. Nothing here knows a target or an HTTP library.
"""

from __future__ import annotations

import asyncio
import uuid
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, TypeVar

from bridge.clock import Clock
from bridge.testing.simulator.calls import Answer, Call, Denied, Handler, Route, json_answer
from bridge.testing.simulator.faults import EVERY_HTTP_TARGET, Fault, Faults
from bridge.testing.simulator.store import Store
from bridge.testing.simulator.stream import Post, Stream

T = TypeVar("T")

ACTS = frozenset(
    (
        *("accept", "correct", "not_accept", "return", "review", "suspend", "resume", "extend", "grant", "refuse"),
        *("issue", "close", "serve", "file", "not_file", "register", "withdraw", "revoke", "cancel"),
    )
)
"""What the side door's `decide` may be asked for."""

AUTO_SECONDS = 0.05
"""Between two acts that a target does by itself."""

PAGE = "<!DOCTYPE html><html><head><title>{0}</title></head><body><h1>{0}</h1></body></html>"


class NotBuilt(Exception):
    """The side door is asked for what this simulator does not do yet (501)."""


class NoSuchCase(Exception):
    """The side door names a case that there is not (404)."""


class Illegal(Exception):
    """The side door asks for what is not legal now, or means nothing at this target (409)."""


@dataclass(frozen=True, slots=True)
class Ground:
    """What a simulator stands on."""

    folder: Path
    """Its own folder, for secrets and whatever else it hands out."""
    store: Store
    faults: Faults
    stream: Stream
    clock: Clock


@dataclass(frozen=True, slots=True)
class Record:
    """One case that the target holds, as the side door shows it."""

    key: str | None
    """What the target knows the application by."""
    number: str
    """The target's own number."""
    status: str
    """The target's own code."""
    fields: Mapping[str, Any] = field(default_factory=dict)
    """Flat, by the target's own field names, values as on the wire."""
    materials: Sequence[tuple[str, str]] = ()
    """Name and digest (`sha256:…`) of each file."""

    def document(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "key": self.key,
            "number": self.number,
            "status": self.status,
            "fields": dict(self.fields),
            "materials": [{"name": name, "digest": digest} for name, digest in self.materials],
        }


class Simulator(ABC):
    """One simulated target. Lives in one event loop; every call and act is done as a whole, so nothing needs a lock."""

    target: ClassVar[str]
    """The adapter's folder."""
    supported: ClassVar[frozenset[Fault]] = EVERY_HTTP_TARGET
    """Faults that have a meaning here."""

    def __init__(self, ground: Ground) -> None:
        self.ground = ground
        self.store, self.faults, self.stream, self.clock = ground.store, ground.faults, ground.stream, ground.clock
        self.auto: tuple[str, ...] = ()
        """Acts that follow by themselves on each case handed in."""
        self._received: list[str] = []
        self._tasks: set[asyncio.Task[None]] = set()

    # -- what a target must say

    @abstractmethod
    def routes(self) -> list[Route]:
        """All calls that the target takes."""

    @abstractmethod
    def settings(self, url: str) -> Mapping[str, str]:
        """Settings (`BRIDGE_…`) with which the bridge speaks to this simulator at `url`."""

    @abstractmethod
    def records(self) -> Iterable[Record]:
        """What it holds, one entry per case."""

    # -- what a target may say in its own way

    def said(self, fault: Fault, call: Call, retry_after: int) -> Answer:
        """The answer of a struck call. A target with codes of its own says it in these."""
        if fault is Fault.HTML_200:
            return Answer(200, PAGE.format("统一身份认证 登录").encode(), "text/html; charset=utf-8")
        if fault is Fault.LIMIT_429:
            return json_answer({"error": "too many calls"}, 429, {"Retry-After": str(retry_after)})
        if fault in (Fault.ERROR_503, Fault.MAINTENANCE):
            return Answer(
                503, PAGE.format("系统维护").encode(), "text/html; charset=utf-8", {"Retry-After": str(retry_after)}
            )
        if fault is Fault.ERROR_500:
            return json_answer({"error": "internal error"}, 500)
        raise NotImplementedError(fault)

    def no_route(self, call: Call) -> Answer:
        """The answer to a call that the target does not know."""
        return json_answer({"error": "no such path"}, 404)

    def callback(self, message: Mapping[str, Any]) -> Post | None:
        """A message as this target posts it, signed now; None where it posts none. Called anew for each try."""
        return None

    # -- what the side door may ask for

    def decide(self, number: str, act: str, words: Mapping[str, Any]) -> Mapping[str, Any]:
        """Act as the office behind the target. Raises NotBuilt, NoSuchCase, Illegal."""
        raise NotBuilt

    def stages(self, words: Mapping[str, Any]) -> None:
        """Switch stages on or off: `signature`, a signed form; `accounts`, `ask` or `open`; `bind`, a company's code.

        Raises NotBuilt, Illegal.
        """
        raise NotBuilt

    def born(self, words: Mapping[str, Any]) -> Mapping[str, Any]:
        """Make a case that the bridge never entered; returns at least its `number`."""
        raise NotBuilt

    def tamper(self, words: Mapping[str, Any]) -> Mapping[str, Any]:
        """Change what is held and tell nobody: `number` and `set`, `remove`, `copy` or `swap_material`."""
        raise NotBuilt

    def load(self, words: Mapping[str, Any]) -> Mapping[str, Any]:
        """Hold many records at once; returns how many as `loaded`."""
        raise NotBuilt

    def forget(self) -> None:  # noqa: B027 - most have nothing in memory
        """The store has been emptied: forget what is kept in memory, too."""

    # -- what the base does with it

    def perform(self, handler: Handler, call: Call) -> Answer:
        """Do a call as a whole, or not at all. Messages that it tells become visible with its effect."""
        try:
            return self.whole(lambda: handler(call))
        except Denied as denied:
            return denied.answer

    def whole(self, act: Callable[[], T]) -> T:
        """Do something as a whole: in one transaction, its messages with it, then what follows by itself."""
        self._received.clear()
        try:
            with self.store.transaction():
                result = act()
                self.stream.flush()
        except BaseException:
            self.stream.discard()
            raise
        for number in self._received if self.auto else ():
            task = asyncio.create_task(self._follow(number, self.auto))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        return result

    def received(self, number: str) -> None:
        """To be called by a handler when a case has been handed in: what the office does by itself follows."""
        self._received.append(number)

    def reset(self) -> None:
        """Forget everything."""
        self.stop()
        self.auto = ()
        self.faults.plan({"faults": []})
        self.store.forget()
        self.forget()

    def stop(self) -> None:
        """End what the office does by itself, and what is still to be told."""
        for task in self._tasks:
            task.cancel()
        self.stream.forget()

    def setting(self, name: str) -> str:
        """The variable of one setting of this target, for `settings`."""
        return f"BRIDGE_TARGETS__{self.target.upper()}__{name.upper()}"

    def secret(self, name: str) -> str:
        """The value of a secret of this target: made once, kept in a file of mode 0600 in its folder."""
        path = self.ground.folder / name
        if not path.exists():
            path.touch(mode=0o600)
            path.write_text(uuid.uuid4().hex, encoding="ascii")
        return path.read_text(encoding="ascii")

    def secret_setting(self, name: str) -> tuple[str, str]:
        """The variable of a secret, and where the bridge finds it."""
        self.secret(name)
        return self.setting(f"secrets__{name}"), f"file:{self.ground.folder / name}"

    async def _follow(self, number: str, acts: Sequence[str]) -> None:
        """What the office does by itself, until something is not legal any more."""
        for act in acts:
            await self.clock.sleep(AUTO_SECONDS)
            try:
                self.whole(lambda act=act: self.decide(number, act, {}))  # type: ignore[misc]
            except (Illegal, NoSuchCase, NotBuilt):
                return
