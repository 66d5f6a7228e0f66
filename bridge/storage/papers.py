"""Documents and licence files that targets named: what was said of each, sealed, and whether we have its bytes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

from sqlalchemy import bindparam, func, insert, literal_column, select, update

from bridge.model.step import KeptPaper
from bridge.ports.events import Event
from bridge.ports.materials import StoredFile
from bridge.storage import tables as t
from bridge.storage.part import AnyRow, Part
from bridge.storage.steps import read_paper

_p = t.papers.c
_ADD = insert(t.papers)
_OF = select(t.papers).where(_p.application == bindparam("application_")).order_by(_p.at, _p.id)
_WANTED = (
    select(t.papers)
    .where(_p.target == bindparam("target_"), _p.wanted_at.is_not(None), _p.wanted_at <= bindparam("now"))
    .order_by(_p.wanted_at)
    .limit(bindparam("limit_"))
)
_NEXT = select(func.min(_p.wanted_at)).where(_p.target == bindparam("target_"), _p.wanted_at.is_not(None))
_KEEP = (
    update(t.papers)
    .where(_p.id == bindparam("id_"))
    .values(digest=bindparam("digest_"), size=bindparam("size_"), wanted_at=literal_column("NULL"))
)
_PUT_OFF = (
    update(t.papers)
    .where(_p.id == bindparam("id_"))
    .values(wanted_at=bindparam("wanted_at_"), failures=_p.failures + 1)
)


class PapersPart(Part):
    """What the unit of work says about papers."""

    def add_paper(self, paper: KeptPaper, *, wanted_at: int | None) -> None:
        """Keep what a target said of a paper; its file is asked for from `wanted_at` on."""
        self._must_write()
        self._run(
            _ADD,
            {
                "id": paper.id,
                "application": paper.application,
                "target": paper.target,
                "sealed": self._keyring.seal_json(asdict(paper.paper), _place(paper.id)),
                "at": paper.at,
                "recorded_at": paper.recorded_at,
                "digest": paper.digest,
                "size": paper.size,
                "wanted_at": wanted_at,
                "failures": 0,
            },
        )

    def papers(self, application: str) -> Sequence[KeptPaper]:
        """All papers of one application, oldest first."""
        return [self._paper(row) for row in self._run(_OF, {"application_": application})]

    def wanted_papers(self, target: str, *, now: int, limit: int) -> Sequence[tuple[KeptPaper, int]]:
        """Papers of a target whose files are to be fetched now, each with how often that failed."""
        found = self._run(_WANTED, {"target_": target, "now": now, "limit_": limit})
        return [(self._paper(row), row.failures) for row in found]

    def next_paper(self, target: str) -> int | None:
        """When the next file of a target is to be fetched."""
        at: int | None = self._run(_NEXT, {"target_": target}).scalar_one()
        return at

    def keep_paper(self, paper: str, file: StoredFile, event: Event) -> None:
        """We have its file now."""
        self._record(event)
        self._run(_KEEP, {"id_": paper, "digest_": file.digest, "size_": file.size})

    def put_off_paper(self, paper: str, *, wanted_at: int | None, event: Event | None = None) -> None:
        """It could not be had: ask again then; None: never by ourselves."""
        self._must_write()
        self._run(_PUT_OFF, {"id_": paper, "wanted_at_": wanted_at})
        if event is not None:
            self._record(event)

    def _paper(self, row: AnyRow) -> KeptPaper:
        return KeptPaper(
            id=row.id,
            application=row.application,
            target=row.target,
            paper=read_paper(self._keyring.unseal_json(row.sealed, _place(row.id))),
            at=row.at,
            recorded_at=row.recorded_at,
            digest=row.digest,
            size=row.size,
        )


def _place(paper: str) -> str:
    return f"papers.sealed.{paper}"
