"""The first schema: everything that is fixed from the start."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def _where(condition: str) -> dict[str, Any]:
    """The condition of a partial index, for the two databases that know such indexes."""
    return {"sqlite_where": sa.text(condition), "postgresql_where": sa.text(condition)}


def upgrade() -> None:
    """Make the tables."""
    _make_applications()
    _make_deliveries()
    _make_what_targets_say()
    _make_machinery()
    _make_ledger()


def _make_applications() -> None:
    """Applications, their revisions and the files that these name."""
    op.create_table(
        "applications",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("number", sa.Text, nullable=False, unique=True),
        sa.Column("case_number", sa.Text),
        sa.Column("reference", sa.Text, unique=True),
        sa.Column("content_key", sa.LargeBinary, nullable=False, index=True),
        sa.Column("matter", sa.Text, nullable=False),
        sa.Column("type", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("form_version", sa.Integer, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("district", sa.Text, nullable=False),
        sa.Column("hall", sa.Text),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("origin", sa.Text, nullable=False),
        sa.Column("entered_by", sa.Text, nullable=False),
        sa.Column("applicant_key", sa.LargeBinary, nullable=False, index=True),
        sa.Column("open_key", sa.LargeBinary),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("recorded_at", sa.BigInteger, nullable=False),
    )
    op.create_index(
        "uq_applications_open_key", "applications", ["open_key"], unique=True, **_where("open_key IS NOT NULL")
    )
    op.create_index("ix_applications_case_number", "applications", ["case_number"], **_where("case_number IS NOT NULL"))
    op.create_table(
        "revisions",
        sa.Column("application", sa.Text, sa.ForeignKey("applications.id"), nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("form_version", sa.Integer, nullable=False),
        sa.Column("sealed_keys", sa.LargeBinary, nullable=False),
        sa.Column("key_id", sa.Text, nullable=False),
        sa.Column("content_digest", sa.Text, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("recorded_at", sa.BigInteger, nullable=False),
        sa.Column("entered_by", sa.Text, nullable=False),
        sa.Column("reason", sa.LargeBinary),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("application", "number"),
    )
    op.create_table(
        "revision_materials",
        sa.Column("application", sa.Text, nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("place", sa.Integer, nullable=False),
        sa.Column("code", sa.Text, nullable=False),
        sa.Column("digest", sa.Text, nullable=False, index=True),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("application", "revision", "place"),
        sa.ForeignKeyConstraint(["application", "revision"], ["revisions.application", "revisions.number"]),
        sqlite_with_rowid=False,
    )


def _make_deliveries() -> None:
    """Deliveries, what they wait for, their payloads and attempts."""
    op.create_table(
        "deliveries",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("application", sa.Text, sa.ForeignKey("applications.id"), nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("target", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("order", sa.Integer, nullable=False),
        sa.Column("event", sa.Text),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("reason", sa.Text),
        sa.Column("rank", sa.BigInteger, nullable=False),
        sa.Column("next_at", sa.BigInteger),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("worker", sa.Text),
        sa.Column("fence", sa.Integer, nullable=False),
        sa.Column("mapping_version", sa.Integer),
        sa.Column("target_schema", sa.Text),
        sa.Column("form_version", sa.Integer, nullable=False),
        sa.Column("made_at", sa.BigInteger, nullable=False),
        sa.Column("changed_at", sa.BigInteger, nullable=False),
        sa.Column("ended_at", sa.BigInteger),
        sa.Column("attempt_ended_at", sa.BigInteger),
        sa.Column("memo", sa.LargeBinary),
        sa.Column("trouble", sa.LargeBinary),
        sa.ForeignKeyConstraint(["application", "revision"], ["revisions.application", "revisions.number"]),
        sa.UniqueConstraint("application", "target", "order"),
    )
    op.create_index(
        "ix_deliveries_ready", "deliveries", ["target", "rank", "id"], **_where("state = 'due' AND next_at IS NULL")
    )
    op.create_index(
        "ix_deliveries_later", "deliveries", ["target", "next_at"], **_where("state = 'due' AND next_at IS NOT NULL")
    )
    op.create_index(
        "ix_deliveries_unknown",
        "deliveries",
        ["target", "next_at", "id"],
        **_where("state = 'unknown' AND worker IS NULL"),
    )
    op.create_index("ix_deliveries_worker", "deliveries", ["worker"], **_where("worker IS NOT NULL"))
    op.create_index(
        "ix_deliveries_open", "deliveries", ["made_at"], **_where("state NOT IN ('delivered', 'cancelled')")
    )
    op.create_index("ix_deliveries_state", "deliveries", ["state", "id"])
    op.create_table(
        "delivery_needs",
        sa.Column("delivery", sa.Text, sa.ForeignKey("deliveries.id"), nullable=False),
        sa.Column("fact", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("delivery", "fact"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "payloads",
        sa.Column("delivery", sa.Text, sa.ForeignKey("deliveries.id"), primary_key=True),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.Column("digest", sa.Text, nullable=False),
        sa.Column("key_id", sa.Text, nullable=False),
        sa.Column("recorded_at", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "attempts",
        sa.Column("delivery", sa.Text, sa.ForeignKey("deliveries.id"), nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("started_at", sa.BigInteger, nullable=False),
        sa.Column("ended_at", sa.BigInteger),
        sa.Column("via", sa.Text, nullable=False),
        sa.Column("outcome", sa.Text),
        sa.Column("code", sa.Text),
        sa.Column("raw", sa.LargeBinary),
        sa.Column("worker", sa.Text, nullable=False),
        sa.Column("fence", sa.Integer, nullable=False),
        sa.Column("recorded_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("delivery", "number"),
    )


def _make_what_targets_say() -> None:
    """What targets hold and gave, and what is kept about each."""
    op.create_table(
        "counterparts",
        sa.Column("application", sa.Text, sa.ForeignKey("applications.id"), nullable=False),
        sa.Column("target", sa.Text, nullable=False),
        sa.Column("number", sa.Text),
        sa.Column("status", sa.Text),
        sa.Column("status_raw", sa.Text),
        sa.Column("last_contact", sa.BigInteger),
        sa.Column("said_at", sa.BigInteger),
        sa.PrimaryKeyConstraint("application", "target"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "steps",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("application", sa.Text, sa.ForeignKey("applications.id"), nullable=False),
        sa.Column("place", sa.Integer, nullable=False),
        sa.Column("target", sa.Text, nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("status_raw", sa.Text, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("recorded_at", sa.BigInteger, nullable=False),
        sa.Column("via", sa.Text, nullable=False),
        sa.Column("standing", sa.Text, nullable=False),
        sa.Column("word", sa.LargeBinary),
        sa.UniqueConstraint("application", "place"),
    )
    op.create_table(
        "papers",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("application", sa.Text, sa.ForeignKey("applications.id"), nullable=False),
        sa.Column("target", sa.Text, nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("recorded_at", sa.BigInteger, nullable=False),
        sa.Column("digest", sa.Text),
        sa.Column("size", sa.BigInteger),
        sa.Column("wanted_at", sa.BigInteger),
        sa.Column("failures", sa.Integer, nullable=False),
    )
    op.create_index("ix_papers_application", "papers", ["application"])
    op.create_index("ix_papers_wanted", "papers", ["target", "wanted_at"], **_where("wanted_at IS NOT NULL"))
    op.create_table(
        "verdicts",
        sa.Column("delivery", sa.Text, sa.ForeignKey("deliveries.id"), primary_key=True),
        sa.Column("refusal", sa.LargeBinary),
        sa.Column("recorded_at", sa.BigInteger, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "heard",
        sa.Column("target", sa.Text, nullable=False),
        sa.Column("message", sa.Text, nullable=False),
        sa.Column("recorded_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("target", "message"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "inbox",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("target", sa.Text, nullable=False),
        sa.Column("body_key", sa.LargeBinary, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("reason", sa.Text),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("next_at", sa.BigInteger),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.Column("recorded_at", sa.BigInteger, nullable=False),
        sa.Column("done_at", sa.BigInteger),
        sa.UniqueConstraint("target", "body_key"),
    )
    op.create_index("ix_inbox_pending", "inbox", ["next_at"], **_where("next_at IS NOT NULL"))
    op.create_table(
        "facts",
        sa.Column("application", sa.Text, sa.ForeignKey("applications.id"), nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("value", sa.Text, nullable=False),
        sa.Column("target", sa.Text, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("recorded_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("application", "name"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "numbers",
        sa.Column("value", sa.Text, nullable=False),
        sa.Column("application", sa.Text, sa.ForeignKey("applications.id"), nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("target", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("value", "application", "kind", "target"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "targets",
        sa.Column("target", sa.Text, primary_key=True),
        sa.Column("held", sa.Boolean(create_constraint=False), nullable=False),
        sa.Column("held_reason", sa.Text),
        sa.Column("held_by", sa.Text),
        sa.Column("held_at", sa.BigInteger),
        sa.Column("held_until", sa.BigInteger),
        sa.Column("silent", sa.Integer, nullable=False),
        sa.Column("open_until", sa.BigInteger),
        sa.Column("cursor", sa.Text),
        sa.Column("last_answer", sa.BigInteger),
        sa.Column("last_poll", sa.BigInteger),
        sqlite_with_rowid=False,
    )


def _make_machinery() -> None:
    """Workers, counters, and the installation itself."""
    op.create_table(
        "workers",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("host", sa.Text, nullable=False),
        sa.Column("pid", sa.Integer, nullable=False),
        sa.Column("lease_until", sa.BigInteger, nullable=False),
        sa.Column("started_at", sa.BigInteger, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "counters",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("value", sa.BigInteger, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "installation",
        sa.Column("key", sa.Text, primary_key=True),
        sa.Column("value", sa.Text, nullable=False),
        sqlite_with_rowid=False,
    )


def _make_ledger() -> None:
    """The ledger and the ends of its chains."""
    op.create_table(
        "ledger_events",
        sa.Column(
            "position", sa.Integer().with_variant(sa.BigInteger(), "postgresql"), primary_key=True, autoincrement=False
        ),
        sa.Column("application", sa.Text, nullable=False),
        sa.Column("sequence", sa.Integer, nullable=False),
        sa.Column("previous", sa.Text, nullable=False),
        sa.Column("digest", sa.Text, nullable=False),
        sa.Column("bytes", sa.LargeBinary, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("recorded_at", sa.BigInteger, nullable=False),
        sa.Column("act", sa.Text, nullable=False),
        sa.UniqueConstraint("application", "sequence"),
    )
    op.create_table(
        "ledger_heads",
        sa.Column("application", sa.Text, primary_key=True),
        sa.Column("sequence", sa.Integer, nullable=False),
        sa.Column("digest", sa.Text, nullable=False),
        sqlite_with_rowid=False,
    )
