"""Imaging: DICOM objects and their studies."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Create the tables of imaging."""
    op.create_table(
        "object",
        sa.Column("id", BIG, nullable=False),
        sa.Column("sop", sa.Text(), nullable=False),
        sa.Column("study", sa.Text(), nullable=False),
        sa.Column("series", sa.Text(), nullable=False),
        sa.Column("campus", BIG, nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("namespace", sa.Text(), nullable=False),
        sa.Column("received", BIG, nullable=False),
        sa.Column("state", sa.SmallInteger(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("size", BIG, nullable=False),
        sa.Column("header", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "object_sop",
        "object",
        ["sop"],
        unique=True,
        sqlite_where=sa.text("state = 0"),
        postgresql_where=sa.text("state = 0"),
    )
    op.create_index("object_study", "object", ["study", "id"])
    op.create_index("object_digest", "object", ["digest"])
    op.create_table(
        "study",
        sa.Column("uid", sa.Text(), nullable=False),
        sa.Column("last", BIG, nullable=False),
        sa.Column("told", BIG, nullable=False),
        sa.Column("settled", BIG, nullable=False),
        sa.PrimaryKeyConstraint("uid"),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "study_open",
        "study",
        ["last"],
        sqlite_where=sa.text("settled = 0"),
        postgresql_where=sa.text("settled = 0"),
    )
