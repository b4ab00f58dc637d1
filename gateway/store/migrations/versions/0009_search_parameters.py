"""Search parameters that are defined here, and places.

Locations that are stored already get their position from the reindex that the worker runs.
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0010"
branch_labels = None
depends_on = None

LOCATION = 71
"""Its number (`gateway.fhir.definitions.TYPE_IDS`)."""
BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "search_param",
        sa.Column("number", BIG, autoincrement=False, nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("state", sa.SmallInteger(), nullable=False),
        sa.Column("definition", sa.Text(), nullable=False),
        sa.Column("base", BIG, nullable=False),
        sa.Column("after", BIG, nullable=False),
        sa.Column("done", BIG, nullable=False),
        sa.Column("total", BIG, nullable=False),
        sa.PrimaryKeyConstraint("number"),
    )
    op.create_table(
        "sp_position",
        sa.Column("param", BIG, autoincrement=False, nullable=False),
        sa.Column("z", sa.Double(), autoincrement=False, nullable=False),
        sa.Column("row", BIG, autoincrement=False, nullable=False),
        sa.Column("x", sa.Double(), autoincrement=False, nullable=False),
        sa.Column("y", sa.Double(), autoincrement=False, nullable=False),
        sa.Column("campus", BIG, nullable=False),
        sa.PrimaryKeyConstraint("param", "z", "row", "x", "y"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "sp_present",
        sa.Column("param", BIG, autoincrement=False, nullable=False),
        sa.Column("row", BIG, autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("param", "row"),
        sqlite_with_rowid=False,
    )
    places = f"SELECT row FROM res WHERE type = {LOCATION} AND dead IS NULL AND op <> 2"
    op.execute(f"DELETE FROM indexed WHERE row IN ({places})")
    op.execute(
        "INSERT INTO setting (name, value)"
        f" SELECT 'reindex', 'pending' WHERE EXISTS ({places})"
        " ON CONFLICT (name) DO UPDATE SET value = excluded.value"
    )
