"""Critical values that somebody must answer."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "critical",
        sa.Column("task", sa.Text(), nullable=False),
        sa.Column("patient", sa.Text(), nullable=False),
        sa.Column("analyte", sa.Text(), nullable=False),
        sa.Column("campus", BIG, nullable=False),
        sa.Column("performer", BIG, nullable=False),
        sa.Column("opened", BIG, nullable=False),
        sa.Column("deadline", BIG, nullable=False),
        sa.Column("step", BIG, nullable=False),
        sa.Column("due", BIG, nullable=True),
        sa.Column("acknowledged", BIG, nullable=True),
        sa.Column("closed", BIG, nullable=True),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("ward", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("task"),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "critical_due",
        "critical",
        ["due"],
        unique=False,
        sqlite_where=sa.text("due IS NOT NULL"),
        postgresql_where=sa.text("due IS NOT NULL"),
    )
    op.create_index("critical_of", "critical", ["patient", "analyte"], unique=False)
    op.create_index("critical_opened", "critical", ["opened"], unique=False)
    op.create_table(
        "critical_held",
        sa.Column("message", BIG, autoincrement=False, nullable=False),
        sa.Column("campus", BIG, nullable=False),
        sa.Column("opened", BIG, nullable=False),
        sa.Column("step", BIG, nullable=False),
        sa.Column("due", BIG, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("message"),
    )
    op.create_index("critical_held_due", "critical_held", ["due"], unique=False)
    op.create_table(
        "critical_shown",
        sa.Column("result", sa.Text(), nullable=False),
        sa.Column("version", BIG, autoincrement=False, nullable=False),
        sa.Column("campus", BIG, autoincrement=False, nullable=False),
        sa.Column("task", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("result", "version", "campus"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "critical_table",
        sa.Column("id", BIG, nullable=False),
        sa.Column("campus", BIG, nullable=False),
        sa.Column("effective_from", sa.Text(), nullable=False),
        sa.Column("effective_to", sa.Text(), nullable=True),
        sa.Column("approver", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("imported", BIG, nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "critical_unjudged",
        sa.Column("result", sa.Text(), nullable=False),
        sa.Column("version", BIG, nullable=False),
        sa.Column("patient", sa.Text(), nullable=False),
        sa.Column("campus", BIG, nullable=False),
        sa.Column("analyte", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", BIG, nullable=False),
        sa.PrimaryKeyConstraint("result"),
        sqlite_with_rowid=False,
    )
    op.create_index("critical_unjudged_at", "critical_unjudged", ["at"], unique=False)
    op.create_table(
        "critical_value",
        sa.Column("result", sa.Text(), nullable=False),
        sa.Column("version", BIG, autoincrement=False, nullable=False),
        sa.Column("task", sa.Text(), nullable=False),
        sa.Column("patient", sa.Text(), nullable=False),
        sa.Column("performer", BIG, nullable=False),
        sa.Column("campus", BIG, nullable=False),
        sa.Column("validated", BIG, nullable=False),
        sa.Column("shown", BIG, nullable=False),
        sa.Column("told", BIG, nullable=True),
        sa.Column("acknowledged", BIG, nullable=True),
        sa.Column("late", BIG, nullable=False),
        sa.PrimaryKeyConstraint("result", "version", "task"),
        sqlite_with_rowid=False,
    )
    op.create_index("critical_value_patient", "critical_value", ["patient"], unique=False)
    op.create_index("critical_value_shown", "critical_value", ["shown"], unique=False)
    op.create_index("critical_value_task", "critical_value", ["task"], unique=False)
