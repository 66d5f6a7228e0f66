"""What the unit of work says about the words of targets: steps, verdicts, papers. The rest of it is `store`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from bridge.errors import Refused
from bridge.model.counterpart import Counterpart
from bridge.model.step import KeptPaper, Standing, Step
from bridge.ports.events import Event
from bridge.ports.materials import StoredFile


class WordsUnit(Protocol):
    """One transaction, as far as words go. Instants are microseconds since the epoch."""

    # -- steps: what owners said
    def next_place(self, application: str) -> int:
        """The place of the next step."""
        ...

    def add_step(self, step: Step, event: Event | None) -> None:
        """Keep a step, with the event that tells of it."""
        ...

    def unsaid(self, *, after: str | None, limit: int) -> Sequence[Counterpart]:
        """What targets hold of applications that never stood so, by application and target.

        `after` is `application target` of the last one that is known already, with one space between.
        """
        ...

    def steps(self, application: str) -> Sequence[Step]:
        """All steps of one application, in the order in which we heard of them."""
        ...

    def stand(self, step: str, standing: Standing) -> None:
        """Say what became of a step."""
        ...

    # -- verdicts on lodged deliveries
    def keep_verdict(self, delivery: str, refusal: Refused | None, *, now: int) -> None:
        """Remember a verdict until its delivery is known as lodged; the first one counts."""
        ...

    def take_verdict(self, delivery: str) -> tuple[bool, Refused | None]:
        """Whether a verdict was kept for a delivery, and its refusal; it is forgotten."""
        ...

    # -- papers: documents and licence files
    def add_paper(self, paper: KeptPaper, *, wanted_at: int | None) -> None:
        """Keep what a target said of a paper; its file is asked for from `wanted_at` on."""
        ...

    def papers(self, application: str) -> Sequence[KeptPaper]:
        """All papers of one application, oldest first."""
        ...

    def wanted_papers(self, target: str, *, now: int, limit: int) -> Sequence[tuple[KeptPaper, int]]:
        """Papers of a target whose files are to be fetched now, each with how often that failed."""
        ...

    def next_paper(self, target: str) -> int | None:
        """When the next file of a target is to be fetched."""
        ...

    def keep_paper(self, paper: str, file: StoredFile, event: Event) -> None:
        """We have its file now."""
        ...

    def put_off_paper(self, paper: str, *, wanted_at: int | None, event: Event | None = None) -> None:
        """It could not be had: ask again then; None: never by ourselves."""
        ...
