"""What callers are waited for: each stage of a call has its time, and callers that are waited for give way to new ones.

uvicorn alone waits for ever for the rest of a call (HARDENING 1, finding 9), and for a caller that does not read its
answer. What does not belong here: what is answered (`app`), and the server around it (`server`).
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from enum import Enum
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

READ: frozenset[Any] = frozenset({h11.DONE, h11.MUST_CLOSE, h11.CLOSED, h11.ERROR})
"""States of a caller from whom nothing more is waited for."""

FULL = b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 5\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
"""What one caller too many is told: it has asked nothing yet, so there is no body."""


class Stage(Enum):
    """Where a connection stands."""

    HEADERS = "headers"
    """The caller has to send, and has not ended its headers."""
    BODY = "body"
    """Its headers have come, its body not wholly."""
    ANSWER = "answer"
    """All has come; it is ours to answer, and the caller's to read."""
    IDLE = "idle"
    """Answered; another call may follow."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How much is put up with. Seconds run for a whole stage, so that dripping bytes do not prolong it."""

    header_seconds: float = 10.0
    body_seconds: float = 30.0
    answer_seconds: float = 60.0
    """Longer than the store may be waited for (30 s); what is under way then ends without its caller."""
    idle_seconds: float = 20.0
    """Longer than uvicorn's own time between two calls, whose polite end waits for a caller to have read all."""
    connections: int = 200
    """Connections at most. Far below the usual limit of 1024 files, which the database needs too."""

    def seconds(self, stage: Stage) -> float:
        """How long a stage may last."""
        return {
            Stage.HEADERS: self.header_seconds,
            Stage.BODY: self.body_seconds,
            Stage.ANSWER: self.answer_seconds,
            Stage.IDLE: self.idle_seconds,
        }[stage]


class Patient(H11Protocol):
    """HTTP/1.1 with an end to patience."""

    patience = Patience()
    _timer: asyncio.TimerHandle | None = None
    _stage: Stage | None = None
    since = 0.0
    """When the stage began, by the loop's clock."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for headers, in the place of another caller where there are too many."""
        super().connection_made(transport)
        self._enter(Stage.HEADERS)
        if len(self.connections) > self.patience.connections:
            self._make_room()

    def data_received(self, data: bytes) -> None:
        """Take some bytes."""
        super().data_received(data)
        self._enter(self._reached())

    def on_response_complete(self) -> None:
        """Wait for the next call, which may have come already."""
        super().on_response_complete()
        self._stage = None
        reached = self._reached()
        self._enter(Stage.IDLE if reached is Stage.HEADERS else reached)

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no more."""
        super().connection_lost(exc)
        self._forget()

    def _reached(self) -> Stage:
        """The stage that the caller's bytes have brought it to."""
        state = self.conn.their_state
        if state in READ:
            return Stage.ANSWER
        return Stage.HEADERS if state is h11.IDLE else Stage.BODY

    def _enter(self, stage: Stage) -> None:
        """Give the connection the time of its stage, unless it runs already."""
        if stage is self._stage:
            return
        self._forget()
        self._stage, self.since = stage, self.loop.time()
        self._timer = self.loop.call_later(self.patience.seconds(stage), self.give_up)

    def _forget(self) -> None:
        """No time runs any more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def give_up(self) -> None:
        """End the connection now, whatever has not been sent or read."""
        self._forget()
        self.connections.discard(self)  # at once: the loop tells `connection_lost` only later
        self.transport.abort()

    def is_waited_for(self) -> bool:
        """Whether it is the caller's turn: to send, to call again, or to read what it was answered."""
        return self._stage is not Stage.ANSWER or self.transport.get_write_buffer_size() > 0

    def _make_room(self) -> None:
        """End the connection whose caller has been waited for longest; where all are being answered, this one.

        So a crowd of idle callers cannot shut the door: who sends a whole call at once is past before its turn comes.
        """
        others = (one for one in self.connections if isinstance(one, Patient) and one is not self)
        longest = min((one for one in others if one.is_waited_for()), key=lambda one: one.since, default=None)
        if longest is not None:
            longest.give_up()
            return
        self.transport.write(FULL)
        self.transport.close()


def patient_for(patience: Patience) -> type[Patient]:
    """The protocol with its times."""
    return type("PatientFor", (Patient,), {"patience": patience})
