"""The tables, as SQLAlchemy Core metadata. Data only: `migrations/` makes them, a test holds the two together.

Instants are integers of microseconds since 1970-01-01 UTC: `at` by the source, `recorded_at` ours. What is called
`sealed`, `memo`, `trouble` or `raw` is ciphertext of `sealing.Keyring`; `*_key` are keyed digests (blind indexes).
Small tables that are found by their key alone are stored by it (`sqlite_with_rowid=False`).
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    text,
)

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    }
)


def _where(condition: str) -> dict[str, Any]:
    """The condition of a partial index, for the two databases that know such indexes."""
    return {"sqlite_where": text(condition), "postgresql_where": text(condition)}


applications = Table(
    "applications",
    metadata,
    Column("id", Text, primary_key=True),
    Column("number", Text, nullable=False, unique=True),
    Column("case_number", Text),
    Column("reference", Text, unique=True),
    Column("content_key", LargeBinary, nullable=False, index=True),
    Column("matter", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("form_version", Integer, nullable=False),
    Column("body", Text, nullable=False),
    Column("district", Text, nullable=False),
    Column("hall", Text),
    Column("channel", Text, nullable=False),
    Column("origin", Text, nullable=False),
    Column("entered_by", Text, nullable=False),
    Column("applicant_key", LargeBinary, nullable=False, index=True),
    Column("open_key", LargeBinary),  # applicant, site, matter and type together; null once the application has ended
    Column("at", BigInteger, nullable=False),
    Column("recorded_at", BigInteger, nullable=False),
    Index("uq_applications_open_key", "open_key", unique=True, **_where("open_key IS NOT NULL")),
    Index("ix_applications_case_number", "case_number", **_where("case_number IS NOT NULL")),
)

revisions = Table(
    "revisions",
    metadata,
    Column("application", Text, ForeignKey("applications.id"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("form_version", Integer, nullable=False),
    Column("sealed_keys", LargeBinary, nullable=False),  # {applicant, site, materials}: what every claim needs of it
    Column("key_id", Text, nullable=False),
    Column("content_digest", Text, nullable=False),  # salted, as the ledger names it
    Column("at", BigInteger, nullable=False),
    Column("recorded_at", BigInteger, nullable=False),
    Column("entered_by", Text, nullable=False),
    Column("reason", LargeBinary),  # sealed: a person's own words
    # last, since it is long and most reads need only what stands before it
    Column("sealed", LargeBinary, nullable=False),  # {data, materials, facts}, behind the salt of its digest
    PrimaryKeyConstraint("application", "number"),
)

revision_materials = Table(
    "revision_materials",
    metadata,
    Column("application", Text, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("place", Integer, nullable=False),
    Column("code", Text, nullable=False),
    Column("digest", Text, nullable=False, index=True),
    Column("size", BigInteger, nullable=False),
    PrimaryKeyConstraint("application", "revision", "place"),
    ForeignKeyConstraint(["application", "revision"], ["revisions.application", "revisions.number"]),
    sqlite_with_rowid=False,
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("id", Text, primary_key=True),
    Column("application", Text, ForeignKey("applications.id"), nullable=False),
    Column("revision", Integer, nullable=False),
    Column("target", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("order", Integer, nullable=False),
    Column("event", Text),
    Column("state", Text, nullable=False),
    Column("reason", Text),
    Column("rank", BigInteger, nullable=False),  # order of claim: smallest first
    Column("next_at", BigInteger),
    Column("attempts", Integer, nullable=False),
    Column("failures", Integer, nullable=False),
    Column("tries", Integer, nullable=False),  # rows in `attempts`: sends and questions
    Column("worker", Text),
    Column("fence", Integer, nullable=False),
    Column("mapping_version", Integer),
    Column("target_schema", Text),
    Column("form_version", Integer, nullable=False),
    Column("made_at", BigInteger, nullable=False),
    Column("changed_at", BigInteger, nullable=False),
    Column("ended_at", BigInteger),
    Column("attempt_ended_at", BigInteger),
    Column("memo", LargeBinary),
    Column("trouble", LargeBinary),
    ForeignKeyConstraint(["application", "revision"], ["revisions.application", "revisions.number"]),
    UniqueConstraint("application", "target", "order"),
    Index("ix_deliveries_ready", "target", "rank", "id", **_where("state = 'due' AND next_at IS NULL")),
    Index("ix_deliveries_later", "target", "next_at", **_where("state = 'due' AND next_at IS NOT NULL")),
    Index("ix_deliveries_unknown", "target", "next_at", "id", **_where("state = 'unknown' AND worker IS NULL")),
    Index("ix_deliveries_worker", "worker", **_where("worker IS NOT NULL")),
    Index("ix_deliveries_open", "made_at", **_where("state NOT IN ('delivered', 'cancelled')")),
    Index("ix_deliveries_state", "state", "id"),
)

delivery_needs = Table(
    "delivery_needs",
    metadata,
    Column("delivery", Text, ForeignKey("deliveries.id"), nullable=False),
    Column("fact", Text, nullable=False),
    PrimaryKeyConstraint("delivery", "fact"),
    sqlite_with_rowid=False,
)

payloads = Table(
    "payloads",
    metadata,
    Column("delivery", Text, ForeignKey("deliveries.id"), primary_key=True),
    Column("sealed", LargeBinary, nullable=False),  # canonical JSON, behind the salt of its digest
    Column("digest", Text, nullable=False),  # salted, as the ledger names it
    Column("key_id", Text, nullable=False),
    Column("recorded_at", BigInteger, nullable=False),
)

attempts = Table(
    "attempts",
    metadata,
    Column("delivery", Text, ForeignKey("deliveries.id"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("started_at", BigInteger, nullable=False),
    Column("ended_at", BigInteger),
    Column("via", Text, nullable=False),
    Column("outcome", Text),
    Column("code", Text),
    Column("raw", LargeBinary),
    Column("worker", Text, nullable=False),
    Column("fence", Integer, nullable=False),
    Column("recorded_at", BigInteger, nullable=False),
    PrimaryKeyConstraint("delivery", "number"),
)

counterparts = Table(
    "counterparts",
    metadata,
    Column("application", Text, ForeignKey("applications.id"), nullable=False),
    Column("target", Text, nullable=False),
    Column("number", Text),
    Column("status", Text),
    Column("status_raw", Text),
    Column("last_contact", BigInteger),
    Column("said_at", BigInteger),
    PrimaryKeyConstraint("application", "target"),
    sqlite_with_rowid=False,
)

steps = Table(
    "steps",
    metadata,
    Column("id", Text, primary_key=True),
    Column("application", Text, ForeignKey("applications.id"), nullable=False),
    Column("place", Integer, nullable=False),
    Column("target", Text, nullable=False),  # empty: the applicant, through us
    Column("revision", Integer, nullable=False),
    Column("state", Text, nullable=False),
    Column("status_raw", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("recorded_at", BigInteger, nullable=False),
    Column("via", Text, nullable=False),
    Column("standing", Text, nullable=False),
    Column("word", LargeBinary),  # sealed: what was said with it; null where nothing was
    UniqueConstraint("application", "place"),
)

papers = Table(
    "papers",
    metadata,
    Column("id", Text, primary_key=True),
    Column("application", Text, ForeignKey("applications.id"), nullable=False, index=True),
    Column("target", Text, nullable=False),
    Column("sealed", LargeBinary, nullable=False),  # the paper as the target named it
    Column("at", BigInteger, nullable=False),
    Column("recorded_at", BigInteger, nullable=False),
    Column("digest", Text),  # of our copy, among the materials
    Column("size", BigInteger),
    Column("wanted_at", BigInteger),  # when its file is asked for next; null where we have it or there is none
    Column("failures", Integer, nullable=False),
    Index("ix_papers_wanted", "target", "wanted_at", **_where("wanted_at IS NOT NULL")),
)
"""Documents and licence files: only their issuers make them, we keep the file."""

verdicts = Table(
    "verdicts",
    metadata,
    Column("delivery", Text, ForeignKey("deliveries.id"), primary_key=True),
    Column("refusal", LargeBinary),  # sealed; null where it was taken
    Column("recorded_at", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)
"""Verdicts that came before our own record said that the delivery was lodged."""

heard = Table(
    "heard",
    metadata,
    Column("target", Text, nullable=False),
    Column("message", Text, nullable=False),
    Column("recorded_at", BigInteger, nullable=False),
    PrimaryKeyConstraint("target", "message"),
    sqlite_with_rowid=False,
)
"""Messages of targets by their own ids: the same id has its effect once."""

inbox = Table(
    "inbox",
    metadata,
    Column("id", Text, primary_key=True),
    Column("target", Text, nullable=False),
    Column("body_key", LargeBinary, nullable=False),
    Column("state", Text, nullable=False),
    Column("reason", Text),  # why it is, or was, pending
    Column("tries", Integer, nullable=False),
    Column("next_at", BigInteger),  # when it is tried again; null once it is done
    Column("sealed", LargeBinary, nullable=False),  # the call as it came
    Column("recorded_at", BigInteger, nullable=False),
    Column("done_at", BigInteger),
    UniqueConstraint("target", "body_key"),
    Index("ix_inbox_pending", "next_at", **_where("next_at IS NOT NULL")),
)
"""Calls that came to our door and were signed: applied, or to be tried again."""

facts = Table(
    "facts",
    metadata,
    Column("application", Text, ForeignKey("applications.id"), nullable=False),
    Column("name", Text, nullable=False),
    Column("value", Text, nullable=False),
    Column("target", Text, nullable=False),  # its owner: the one that gave it
    Column("at", BigInteger, nullable=False),
    Column("recorded_at", BigInteger, nullable=False),
    PrimaryKeyConstraint("application", "name"),
    sqlite_with_rowid=False,
)

numbers = Table(
    "numbers",
    metadata,
    Column("value", Text, nullable=False),
    Column("application", Text, ForeignKey("applications.id"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("target", Text, nullable=False),
    PrimaryKeyConstraint("value", "application", "kind", "target"),
    sqlite_with_rowid=False,
)

targets = Table(
    "targets",
    metadata,
    Column("target", Text, primary_key=True),
    Column("held", Boolean(create_constraint=False), nullable=False),
    Column("held_reason", Text),
    Column("held_by", Text),
    Column("held_at", BigInteger),
    Column("held_until", BigInteger),
    Column("silent", Integer, nullable=False),
    Column("open_until", BigInteger),
    Column("cursor", Text),
    Column("last_answer", BigInteger),
    Column("last_poll", BigInteger),
    sqlite_with_rowid=False,
)

workers = Table(
    "workers",
    metadata,
    Column("id", Text, primary_key=True),
    Column("host", Text, nullable=False),
    Column("pid", Integer, nullable=False),
    Column("lease_until", BigInteger, nullable=False),
    Column("started_at", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

counters = Table(
    "counters",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

ledger_events = Table(
    "ledger_events",
    metadata,
    Column("position", Integer().with_variant(BigInteger(), "postgresql"), primary_key=True, autoincrement=False),
    Column("application", Text, nullable=False),  # empty: the chain of events that are of no one application
    Column("sequence", Integer, nullable=False),
    Column("previous", Text, nullable=False),
    Column("digest", Text, nullable=False),
    Column("bytes", LargeBinary, nullable=False),  # canonical, exactly as hashed
    Column("at", BigInteger, nullable=False),
    Column("recorded_at", BigInteger, nullable=False),
    Column("act", Text, nullable=False),
    UniqueConstraint("application", "sequence"),
)

ledger_heads = Table(
    "ledger_heads",
    metadata,
    Column("application", Text, primary_key=True),
    Column("sequence", Integer, nullable=False),
    Column("digest", Text, nullable=False),
    sqlite_with_rowid=False,
)

ledger_tiles = Table(
    "ledger_tiles",
    metadata,
    Column("level", Integer, nullable=False),
    Column("place", BigInteger, nullable=False),
    Column("sha256", LargeBinary, nullable=False),  # up to 256 hashes, one behind the other
    Column("sm3", LargeBinary, nullable=False),
    PrimaryKeyConstraint("level", "place"),
)

ledger_checkpoints = Table(
    "ledger_checkpoints",
    metadata,
    Column("size", BigInteger, primary_key=True, autoincrement=False),
    Column("at", BigInteger, nullable=False),
    Column("note", Text, nullable=False),  # signed, as it may stand anywhere
    sqlite_with_rowid=False,
)

ledger_witnesses = Table(
    "ledger_witnesses",
    metadata,
    Column("at", BigInteger, nullable=False),
    Column("place", Text, nullable=False),  # where outside the data folder a checkpoint was written
    Column("size", BigInteger, nullable=False),
    PrimaryKeyConstraint("at", "place"),
    sqlite_with_rowid=False,
)

installation = Table(
    "installation",
    metadata,
    Column("key", Text, primary_key=True),
    Column("value", Text, nullable=False),
    sqlite_with_rowid=False,
)
