"""Search by numbers, quantities, composites, addresses and words.

What is stored already gets its rows from the reindex that the worker runs (`indexed` names what
has them); until it has ended, a search that needs them says so.
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "sp_quantity",
        sa.Column("param", BIG, autoincrement=False, nullable=False),
        sa.Column("value", BIG, autoincrement=False, nullable=False),
        sa.Column("unit", BIG, autoincrement=False, nullable=False),
        sa.Column("lo", sa.Double(), autoincrement=False, nullable=False),
        sa.Column("row", BIG, autoincrement=False, nullable=False),
        sa.Column("hi", sa.Double(), autoincrement=False, nullable=False),
        sa.Column("label", BIG, autoincrement=False, nullable=False),
        sa.Column("written", BIG, autoincrement=False, nullable=False),
        sa.Column("also", sa.Double(), autoincrement=False, nullable=False),
        sa.Column("campus", BIG, nullable=False),
        sa.PrimaryKeyConstraint(
            "param", "value", "unit", "lo", "row", "hi", "label", "written", "also"
        ),
        sqlite_with_rowid=False,
    )
    op.create_index("sp_quantity_row", "sp_quantity", ["row", "param"], unique=False)
    op.create_index("sp_reference_row", "sp_reference", ["row", "param"], unique=False)
    for name in ("sp_uri", "sp_text"):
        op.create_table(
            name,
            sa.Column("param", BIG, autoincrement=False, nullable=False),
            sa.Column("value", BIG, autoincrement=False, nullable=False),
            sa.Column("row", BIG, autoincrement=False, nullable=False),
            sa.Column("campus", BIG, nullable=False),
            sa.PrimaryKeyConstraint("param", "value", "row"),
            sqlite_with_rowid=False,
        )
    op.create_table(
        "passage",
        sa.Column("id", BIG, nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("folded", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("digest"),
    )
    op.create_table(
        "sound",
        sa.Column("sound", sa.Text(), nullable=False),
        sa.Column("word", BIG, autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("sound", "word"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "indexed",
        sa.Column("row", BIG, autoincrement=False, nullable=False),
        sa.Column("present", BIG, nullable=False),
        sa.PrimaryKeyConstraint("row"),
    )
    op.execute(
        "INSERT INTO setting (name, value)"
        " SELECT 'reindex', 'pending' WHERE EXISTS (SELECT 1 FROM res)"
    )
