"""Revisions: what was entered, sealed; read again in clear."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import orjson
from sqlalchemy import bindparam, insert, select

from bridge.errors import NotFound
from bridge.model.application import Revision
from bridge.ports.store import NewApplication
from bridge.storage import rows
from bridge.storage import tables as t
from bridge.storage.part import Part
from bridge.storage.sealing import plain

_r = t.revisions.c
_ADD = insert(t.revisions)
_ADD_MATERIAL = insert(t.revision_materials)
_ONE = select(t.revisions).where(_r.application == bindparam("application_"), _r.number == bindparam("number_"))
_SEALED = select(_r.sealed).where(_r.application == bindparam("application_"), _r.number == bindparam("number_"))

KEPT_OPEN = 8
"""Contents kept in clear inside one unit: the engine asks for data and facts of the same revision in turn."""


class RevisionsPart(Part):
    """What the unit of work says about revisions."""

    def revision(self, application: str, number: int) -> Revision:
        """One revision, unsealed. Raises NotFound."""
        row = self._run(_ONE, {"application_": application, "number_": number}).first()
        if row is None:
            raise NotFound("没有该版本的申请内容 (no such revision)")
        content = self._content(application, number, row.sealed)
        reason = row.reason and self._keyring.unseal(row.reason, place("reason", application, number)).decode()
        return Revision(
            application=application,
            number=number,
            form_version=row.form_version,
            data=content["data"],
            materials=tuple(rows.material(value) for value in content["materials"]),
            at=row.at,
            recorded_at=row.recorded_at,
            entered_by=row.entered_by,
            reason=reason,
        )

    def revision_facts(self, application: str, number: int) -> Mapping[str, Any]:
        """The facts that were fixed when the revision was taken in (the item's codes, the body's names)."""
        facts: Mapping[str, Any] = self._content(application, number, None)["facts"]
        return facts

    def _content(self, application: str, number: int, sealed: bytes | None) -> Mapping[str, Any]:
        """{data, materials, facts} in clear; the last few of this unit are kept."""
        kept = self._contents.get((application, number))
        if kept is not None:
            return kept
        if sealed is None:
            sealed = self._run(_SEALED, {"application_": application, "number_": number}).scalar_one_or_none()
        if sealed is None:
            raise NotFound("没有该版本的申请内容 (no such revision)")
        content: Mapping[str, Any] = orjson.loads(
            self._keyring.unseal_salted(sealed, place("sealed", application, number))
        )
        while len(self._contents) >= KEPT_OPEN:
            self._contents.pop(next(iter(self._contents)))
        self._contents[application, number] = content
        return content

    def _add_revision(self, new: NewApplication) -> str:
        """Seal and store a revision; the salted digest of what was entered."""
        revision = new.revision
        where = (revision.application, revision.number)
        materials = [asdict(material) for material in revision.materials]
        content = plain({"data": revision.data, "materials": materials, "facts": new.facts})
        sealed, content_digest = self._keyring.seal_salted(content, place("sealed", *where))
        keys = {"applicant": new.applicant, "site": new.site, "materials": materials}
        self._run(
            _ADD,
            {
                "application": revision.application,
                "number": revision.number,
                "form_version": revision.form_version,
                "sealed": sealed,
                "sealed_keys": self._keyring.seal_json(keys, place("sealed_keys", *where)),
                "key_id": self._keyring.current,
                "content_digest": content_digest,
                "at": revision.at,
                "recorded_at": revision.recorded_at,
                "entered_by": revision.entered_by,
                "reason": None
                if revision.reason is None
                else self._keyring.seal(revision.reason.encode(), place("reason", *where)),
            },
        )
        self._run_all(
            _ADD_MATERIAL,
            [
                {
                    "application": revision.application,
                    "revision": revision.number,
                    "place": number,
                    "code": material.code,
                    "digest": material.digest,
                    "size": material.size,
                }
                for number, material in enumerate(revision.materials)
            ],
        )
        return content_digest


def place(column: str, application: str, number: int) -> str:
    """The place that a value of a revision is sealed for."""
    return f"revisions.{column}.{application}/{number}"
