"""Jobs: what is done beside requests, the files made and what could not be done."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0011"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "job",
        sa.Column("id", BIG, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("campus", BIG, nullable=False),
        sa.Column("token", BIG, nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("request", sa.Text(), nullable=False),
        sa.Column("state", sa.SmallInteger(), nullable=False),
        sa.Column("cursor", sa.Text(), nullable=False),
        sa.Column("done", BIG, nullable=False),
        sa.Column("total", BIG, nullable=False),
        sa.Column("result", sa.Text(), nullable=False),
        sa.Column("created", BIG, nullable=False),
        sa.Column("finished", BIG, nullable=True),
        sa.Column("attempts", BIG, nullable=False),
        sa.Column("term", BIG, nullable=False),
        sa.Column("until", BIG, nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("name"),
    )
    op.create_index(
        "job_open",
        "job",
        ["id"],
        unique=False,
        sqlite_where=sa.text("state < 2"),
        postgresql_where=sa.text("state < 2"),
    )
    op.create_table(
        "job_file",
        sa.Column("id", BIG, nullable=False),
        sa.Column("job", BIG, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("part", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("count", BIG, nullable=False),
        sa.Column("size", BIG, nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("name"),
    )
    op.create_index("job_file_digest", "job_file", ["digest"], unique=False)
    op.create_index("job_file_job", "job_file", ["job"], unique=False)
    op.create_table(
        "job_issue",
        sa.Column("id", BIG, nullable=False),
        sa.Column("job", BIG, nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("count", BIG, nullable=False),
        sa.Column("lines", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("job_issue_job", "job_issue", ["job"], unique=False)
