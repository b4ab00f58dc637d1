"""Mutual recognition: catalogue, evidence, decisions, and the clients of its hooks."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "catalogue",
        sa.Column("version", BIG, nullable=False),
        sa.Column("imported", BIG, nullable=False),
        sa.Column("effective_from", sa.Text(), nullable=False),
        sa.Column("effective_to", sa.Text(), nullable=True),
        sa.Column("approver", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("version"),
    )
    op.create_table(
        "cds_client",
        sa.Column("id", BIG, nullable=False),
        sa.Column("campus", BIG, nullable=False),
        sa.Column("issuer", sa.Text(), nullable=False),
        sa.Column("jwks", sa.Text(), nullable=False),
        sa.Column("ids", sa.Text(), nullable=False),
        sa.Column("created", BIG, nullable=False),
        sa.Column("revoked", BIG, nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("issuer"),
    )
    op.create_table(
        "cds_jti",
        sa.Column("issuer", sa.Text(), nullable=False),
        sa.Column("jti", sa.Text(), nullable=False),
        sa.Column("expires", BIG, nullable=False),
        sa.Column("call", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("issuer", "jti"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "decision",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("reminder", sa.Text(), nullable=False),
        sa.Column("at", BIG, nullable=False),
        sa.Column("campus", BIG, nullable=False),
        sa.Column("people", sa.Text(), nullable=False),
        sa.Column("patient", sa.Text(), nullable=False),
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("result", sa.Text(), nullable=True),
        sa.Column("result_version", BIG, nullable=True),
        sa.Column("source", BIG, nullable=True),
        sa.Column("placed", sa.Text(), nullable=False),
        sa.Column("department", sa.Text(), nullable=False),
        sa.Column("doctor", sa.Text(), nullable=False),
        sa.Column("valid_until", BIG, nullable=True),
        sa.Column("catalogue", BIG, nullable=False),
        sa.Column("price", BIG, nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sqlite_with_rowid=False,
    )
    op.create_index("decision_at", "decision", ["at"], unique=False)
    op.create_index("decision_people", "decision", ["patient", "at"], unique=False)
    op.create_index("decision_reminder", "decision", ["reminder"], unique=False)
    op.create_index("decision_result", "decision", ["result"], unique=False)
    op.create_table(
        "decision_event",
        sa.Column("id", BIG, nullable=False),
        sa.Column("decision", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("at", BIG, nullable=False),
        sa.Column("said", BIG, nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("token", BIG, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("ticket", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("ticket"),
    )
    op.create_index("event_decision", "decision_event", ["decision", "id"], unique=False)
    op.create_index("event_said", "decision_event", ["said"], unique=False)
    op.create_table(
        "evidence",
        sa.Column("id", BIG, nullable=False),
        sa.Column("campus", BIG, nullable=False),
        sa.Column("laboratory", sa.Text(), nullable=False),
        sa.Column("scheme", sa.Text(), nullable=False),
        sa.Column("organisation", sa.Text(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("instrument", sa.Text(), nullable=False),
        sa.Column("round", sa.Text(), nullable=False),
        sa.Column("starts", sa.Text(), nullable=False),
        sa.Column("ends", sa.Text(), nullable=False),
        sa.Column("passed", sa.SmallInteger(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("imported", BIG, nullable=False),
        sa.Column("cursor", sa.Text(), nullable=False),
        sa.Column("done", BIG, nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint(
            "campus",
            "laboratory",
            "scheme",
            "organisation",
            "scope",
            "item",
            "instrument",
            "round",
            name="evidence_name",
        ),
    )
    op.create_index(
        "evidence_waiting",
        "evidence",
        ["id"],
        unique=False,
        sqlite_where=sa.text("done IS NULL"),
        postgresql_where=sa.text("done IS NULL"),
    )
    op.create_table(
        "mark",
        sa.Column("result", sa.Text(), nullable=False),
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("evidence", BIG, nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("told", sa.Text(), nullable=False),
        sa.Column("claimed", sa.Text(), nullable=False),
        sa.Column("campus", BIG, nullable=False),
        sa.Column("laboratory", sa.Text(), nullable=False),
        sa.Column("instrument", sa.Text(), nullable=False),
        sa.Column("at", BIG, nullable=False),
        sa.Column("expires", BIG, nullable=True),
        sa.Column("recalled", BIG, nullable=True),
        sa.Column("failed", BIG, nullable=True),
        sa.Column("level", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("result", "item"),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "mark_failed",
        "mark",
        ["failed", "result"],
        unique=False,
        sqlite_where=sa.text("failed IS NOT NULL"),
        postgresql_where=sa.text("failed IS NOT NULL"),
    )
    op.create_index("mark_made", "mark", ["campus", "item", "at", "result"], unique=False)
    op.create_table(
        "suspension",
        sa.Column("patient", sa.Text(), nullable=False),
        sa.Column("other", sa.Text(), nullable=False),
        sa.Column("since", BIG, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("task", sa.Text(), nullable=False),
        sa.Column("ended", BIG, nullable=True),
        sa.PrimaryKeyConstraint("patient", "other"),
        sqlite_with_rowid=False,
    )
    op.create_index("suspension_task", "suspension", ["task"], unique=False)
