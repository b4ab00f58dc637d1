"""Subscriptions and the events that each is told of."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0009"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "subscription",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("campus", BIG, nullable=False),
        sa.Column("token", BIG, nullable=False),
        sa.Column("version", BIG, nullable=False),
        sa.Column("state", sa.SmallInteger(), nullable=False),
        sa.Column("start", BIG, nullable=False),
        sa.Column("number", BIG, nullable=False),
        sa.Column("delivered", BIG, nullable=False),
        sa.Column("failures", BIG, nullable=False),
        sa.Column("failing", BIG, nullable=True),
        sa.Column("due", BIG, nullable=True),
        sa.Column("sent", BIG, nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "subscription_event",
        sa.Column("subscription", sa.Text(), nullable=False),
        sa.Column("number", BIG, autoincrement=False, nullable=False),
        sa.Column("row", BIG, nullable=False),
        sa.PrimaryKeyConstraint("subscription", "number"),
        sqlite_with_rowid=False,
    )
    op.create_index("subscription_event_row", "subscription_event", ["row"], unique=False)
