"""Forms that applicants sign so that a target goes on."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table; nothing was asked for before it."""
    op.create_table(
        "signatures",
        sa.Column("delivery", sa.Text, sa.ForeignKey("deliveries.id"), nullable=False),
        sa.Column("form_digest", sa.Text, nullable=False),
        sa.Column("application", sa.Text, sa.ForeignKey("applications.id"), nullable=False),
        sa.Column("target", sa.Text, nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("form", sa.LargeBinary, nullable=False),
        sa.Column("asked_at", sa.BigInteger, nullable=False),
        sa.Column("signed", sa.LargeBinary),
        sa.Column("signed_at", sa.BigInteger),
        sa.PrimaryKeyConstraint("delivery", "form_digest"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_signatures_application", "signatures", ["application"])
